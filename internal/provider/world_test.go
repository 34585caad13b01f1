package provider

import (
	"context"
	"maps"
	"net/http"
	"runtime/debug"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-testing/echoprovider"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"

	"github.com/alioss/terraform-provider-alioss/internal/acctest"
	"github.com/alioss/terraform-provider-alioss/internal/credentials"
	"github.com/alioss/terraform-provider-alioss/internal/osstest"
	"github.com/alioss/terraform-provider-alioss/internal/testworld"
)

// TestMain sets what main sets: without it a third of the time goes into collections of garbage.
func TestMain(m *testing.M) {
	debug.SetGCPercent(400)
	debug.SetMemoryLimit(512 << 20)
	acctest.Main(m)
}

const (
	testKey    = testworld.Key
	testSecret = testworld.Secret
	testToken  = testworld.Token
)

// start is the instant at which every test world begins.
var start = testworld.Start

// world is what a provider under test sees: a clock, an environment, and a stand-in for OSS that
// runs by the same clock.
type world struct {
	clock     *testworld.Clock
	variables map[string]string
	files     map[string]string
	transport http.RoundTripper
	// metadata is the network in which the metadata service is.
	metadata http.RoundTripper
	oss      *osstest.Server
}

// newWorld returns a world with a long-lived key in the environment, the region cn-hangzhou, and in
// OSS the bucket "examplebucket" with versioning, the custom domain downloads.example.com and no
// objects.
func newWorld(t testing.TB) *world {
	t.Helper()
	w := &world{
		clock: testworld.NewClock(start),
		variables: map[string]string{
			"OSS_ACCESS_KEY_ID": testKey, "OSS_ACCESS_KEY_SECRET": testSecret, "OSS_REGION": "cn-hangzhou",
		},
		transport: testworld.Refuse,
		metadata:  testworld.Refuse,
	}
	w.oss = testworld.NewOSS(t, w.clock.Now)
	return w
}

func (w *world) environment() credentials.Environment {
	m := &testworld.Machine{Variables: w.variables, Files: w.files, Home: "/home/user"}
	return credentials.Environment{
		Getenv:            m.Getenv,
		HomeDir:           m.HomeDir,
		ReadFile:          m.ReadFile,
		Now:               w.clock.Now,
		Sleep:             func(ctx context.Context, _ time.Duration) error { return ctx.Err() },
		Transport:         w.transport,
		MetadataTransport: w.metadata,
	}
}

// factories serve the provider, and the echo provider of the test framework, which shows ephemeral
// values.
func (w *world) factories(t testing.TB) map[string]func() (tfprotov6.ProviderServer, error) {
	return map[string]func() (tfprotov6.ProviderServer, error){
		"alioss": func() (tfprotov6.ProviderServer, error) { return w.server(t), nil },
		"echo":   echoprovider.NewProviderServer(),
	}
}

// test runs steps with the real CLI, or skips the test if it does not support what a step's
// configuration uses.
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
	return testworld.Put(t, w.oss, o)
}

// server returns the provider as the CLI sees it. Every URL that it hands out in a test is verified
// from the wire.
func (w *world) server(t testing.TB) tfprotov6.ProviderServer {
	t.Helper()
	s := newServer("test", w.environment())
	if _, measured := t.(*testing.B); measured {
		return s
	}
	return witness{s, t}
}
