package provider

import (
	"context"
	"errors"
	"maps"
	"net/http"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-testing/echoprovider"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"

	"github.com/alioss/terraform-provider-alioss/internal/acctest"
	"github.com/alioss/terraform-provider-alioss/internal/credentials"
	"github.com/alioss/terraform-provider-alioss/internal/osstest"
)

func TestMain(m *testing.M) { acctest.Main(m) }

const (
	testKey    = "LTAI5tExampleKeyId000001"
	testSecret = "example-secret-of-the-tests-0001"
	testToken  = "CAIS-example+token/of=the&tests"
)

// start is the instant at which every test world begins.
var start = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

// clock is a clock that only tests move.
type clock struct {
	mu  sync.Mutex
	now time.Time
}

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

// Set moves the clock, also backwards.
func (c *clock) Set(t time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = t
}

func (c *clock) Advance(d time.Duration) { c.Set(c.Now().Add(d)) }

// world is what a provider under test sees: a clock, an environment, and a stand-in for OSS that runs by the same clock.
type world struct {
	clock     *clock
	variables map[string]string
	files     map[string]string
	transport http.RoundTripper
	// metadata is the network in which the metadata service is.
	metadata http.RoundTripper
	oss      *osstest.Server
}

// newWorld returns a world with a long-lived key in the environment, the region cn-hangzhou, and in OSS the bucket
// "examplebucket" with versioning, the custom domain downloads.example.com and no objects.
func newWorld(t testing.TB) *world {
	t.Helper()
	w := &world{
		clock: &clock{now: start},
		variables: map[string]string{
			"OSS_ACCESS_KEY_ID": testKey, "OSS_ACCESS_KEY_SECRET": testSecret, "OSS_REGION": "cn-hangzhou",
		},
		transport: refuse{},
		metadata:  refuse{},
	}
	w.oss = osstest.New(osstest.Config{Now: w.clock.Now})
	w.oss.SetCredential(osstest.Credential{AccessKeyID: testKey, AccessKeySecret: testSecret})
	err := w.oss.SetBucket(osstest.Bucket{
		Name: "examplebucket", Versioning: osstest.VersioningEnabled, Domains: []string{"downloads.example.com"},
	})
	if err != nil {
		t.Fatal(err)
	}
	return w
}

// refuse is a network that is not there.
type refuse struct{}

func (refuse) RoundTrip(r *http.Request) (*http.Response, error) {
	return nil, errors.New("no network in this test: " + r.URL.Host)
}

func (w *world) environment() credentials.Environment {
	return credentials.Environment{
		Getenv:  func(name string) string { return w.variables[name] },
		HomeDir: func() (string, error) { return filepath.FromSlash("/home/user"), nil },
		ReadFile: func(path string) ([]byte, error) {
			if text, ok := w.files[filepath.ToSlash(path)]; ok {
				return []byte(text), nil
			}
			return nil, os.ErrNotExist
		},
		Now:               w.clock.Now,
		Sleep:             func(ctx context.Context, _ time.Duration) error { return ctx.Err() },
		Transport:         w.transport,
		MetadataTransport: w.metadata,
	}
}

// factories serve the provider, and the echo provider of the test framework, which shows ephemeral values.
func (w *world) factories(t testing.TB) map[string]func() (tfprotov6.ProviderServer, error) {
	return map[string]func() (tfprotov6.ProviderServer, error){
		"alioss": func() (tfprotov6.ProviderServer, error) { return w.server(t), nil },
		"echo":   echoprovider.NewProviderServer(),
	}
}

// test runs steps with the real CLI, or skips the test where it does not know what a step's configuration uses.
func (w *world) test(t *testing.T, steps ...resource.TestStep) {
	t.Helper()
	for _, step := range steps {
		acctest.Require(t, acctest.Needs(step.Config)...)
	}
	resource.UnitTest(t, resource.TestCase{ProtoV6ProviderFactories: w.factories(t), Steps: steps})
}

// with returns the variables together with others.
func (w *world) with(more map[string]string) *world {
	w.variables = maps.Clone(w.variables)
	maps.Copy(w.variables, more)
	return w
}

// put stores an object and returns its version.
func (w *world) put(t testing.TB, o osstest.Object) string {
	t.Helper()
	version, err := w.oss.PutObject("examplebucket", o)
	if err != nil {
		t.Fatal(err)
	}
	return version
}

// server returns the provider as the CLI sees it. Every URL that it hands out in a test is verified from the wire.
func (w *world) server(t testing.TB) tfprotov6.ProviderServer {
	t.Helper()
	s := newServer("test", w.environment())()
	if _, measured := t.(*testing.B); measured {
		return s
	}
	return witness{s, t}
}
