package testworld

import (
	"net/http"
	"testing"
	"time"

	"github.com/alioss/terraform-provider-alioss/internal/osstest"
)

// The access keys of the tests: a long-lived one, and a temporary one that has the same secret.
const (
	Key        = "LTAI5tExampleKeyId000001"
	Secret     = "example-secret-of-the-tests-0001"
	SessionKey = "STS.ExampleKeyId0000001"
	Token      = "CAIS-example+token/of=the&tests"
)

// NewOSS returns a stand-in that runs by a clock, nil for the real one, and that accepts the
// long-lived key. Its bucket "examplebucket" in cn-hangzhou has versions, the custom domain
// downloads.example.com and no objects.
func NewOSS(t testing.TB, now func() time.Time) *osstest.Server {
	t.Helper()
	s := osstest.New(osstest.Config{Now: now})
	t.Cleanup(func() { _ = s.Close() })
	s.SetCredential(osstest.Credential{AccessKeyID: Key, AccessKeySecret: Secret})
	SetBucket(t, s, func(*osstest.Bucket) {})
	return s
}

// SetBucket gives "examplebucket" the settings of NewOSS with a change.
func SetBucket(t testing.TB, s *osstest.Server, change func(*osstest.Bucket)) {
	t.Helper()
	b := osstest.Bucket{
		Name: "examplebucket", Versioning: osstest.VersioningEnabled, Domains: []string{"downloads.example.com"},
	}
	change(&b)
	if err := s.SetBucket(b); err != nil {
		t.Fatal(err)
	}
}

// Put stores an object in "examplebucket" and returns its version.
func Put(t testing.TB, s *osstest.Server, o osstest.Object) string {
	t.Helper()
	version, err := s.PutObject("examplebucket", o)
	if err != nil {
		t.Fatal(err)
	}
	return version
}

// Serve serves a stand-in over HTTP and HTTPS on loopback until the test ends, and returns a client
// for which every host is the stand-in.
func Serve(t testing.TB, s *osstest.Server) *http.Client {
	t.Helper()
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	for _, start := range []func(string) (string, error){s.Start, s.StartTLS} {
		if _, err := start(""); err != nil {
			t.Fatal(err)
		}
	}
	client, err := s.Client()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(client.CloseIdleConnections)
	return client
}
