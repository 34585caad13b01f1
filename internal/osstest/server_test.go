package osstest_test

import (
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"go/build"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/alioss/terraform-provider-alioss/internal/osstest"
)

// The verifier shares nothing with the signer, and needs nothing but the standard library.
func TestImportsStandardLibraryOnly(t *testing.T) {
	p, err := build.ImportDir(".", 0)
	if err != nil {
		t.Fatal(err)
	}
	if len(p.Imports) == 0 {
		t.Fatal("no imports were found")
	}
	for _, path := range p.Imports {
		if first, _, _ := strings.Cut(path, "/"); strings.Contains(first, ".") {
			t.Errorf("imports %s", path)
		}
	}
}

func TestStore(t *testing.T) {
	s := osstest.New(osstest.Config{Region: "eu-central-1"})
	bucket := func(b osstest.Bucket) error { return s.SetBucket(b) }
	put := func(name string, o osstest.Object) error { _, err := s.PutObject(name, o); return err }
	tests := []struct {
		name string
		err  error
		want string // "" for none
	}{
		{"short name", bucket(osstest.Bucket{Name: "ab"}), "3 to 63"},
		{"hyphen at the end", bucket(osstest.Bucket{Name: "abc-"}), "3 to 63"},
		{"upper case", bucket(osstest.Bucket{Name: "Abc"}), "3 to 63"},
		{"64 characters", bucket(osstest.Bucket{Name: strings.Repeat("a", 64)}), "3 to 63"},
		{"63 characters", bucket(osstest.Bucket{Name: strings.Repeat("a", 63)}), ""},
		{"one", bucket(osstest.Bucket{Name: "one", Domains: []string{"D.example.com"}}), ""},
		{"two with one's domain", bucket(osstest.Bucket{Name: "two", Domains: []string{"d.example.com"}}), "bound to bucket"},
		{"one again", bucket(osstest.Bucket{Name: "one", Versioning: osstest.VersioningEnabled}), ""},
		{"two with the domain set free", bucket(osstest.Bucket{Name: "two", Domains: []string{"d.example.com"}}), ""},
		{"versioning taken back", bucket(osstest.Bucket{Name: "one"}), "only suspended"},
		{"object without bucket", put("three", osstest.Object{Key: "k"}), "no such bucket"},
		{"object without key", put("one", osstest.Object{}), "InvalidObjectName"},
		{"version in a bucket without", put("two", osstest.Object{Key: "k", VersionID: "v"}), "no versions"},
		{"marker in a bucket without", put("two", osstest.Object{Key: "k", DeleteMarker: true}), "no versions"},
		{"version", put("one", osstest.Object{Key: "k", VersionID: "v"}), ""},
		{"version again", put("one", osstest.Object{Key: "k", VersionID: "v"}), "exists"},
		{"key of 1023 bytes", put("one", osstest.Object{Key: strings.Repeat("k", 1023)}), ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if (tt.err == nil) != (tt.want == "") || tt.err != nil && !strings.Contains(tt.err.Error(), tt.want) {
				t.Errorf("%s: %v", tt.name, tt.err)
			}
		})
	}
	if _, ok := s.Object("three", "k", ""); ok {
		t.Error("an object of no bucket")
	}
	if _, ok := s.Object("one", "k", "w"); ok {
		t.Error("a version that is not there")
	}
	if o, ok := s.Object("one", "k", "v"); !ok || time.Since(o.LastModified) > time.Hour {
		t.Errorf("%+v", o)
	}
}

func TestLog(t *testing.T) {
	var seen []osstest.Request
	s := osstest.New(osstest.Config{
		Now: func() time.Time { return signedAt }, Log: func(r osstest.Request) { seen = append(seen, r) },
	})
	s.SetCredential(osstest.Credential{AccessKeyID: keyID, AccessKeySecret: secret})
	if err := s.SetBucket(osstest.Bucket{Name: "examplebucket"}); err != nil {
		t.Fatal(err)
	}
	l := newLink(func(l *link) { l.key = "none" })
	r := httptest.NewRequest("GET", l.url(), nil)
	r.Header.Set("X-Test", "1")
	s.ServeHTTP(httptest.NewRecorder(), r)
	log := s.Requests()
	if len(log) != 1 || len(seen) != 1 {
		t.Fatalf("%d entries, %d reported", len(log), len(seen))
	}
	e := log[0]
	if e.Method != "GET" || e.Host != l.host || !strings.Contains(e.Target, "x-oss-signature=") ||
		e.Header.Get("X-Test") != "1" ||
		e.Bucket != "examplebucket" || e.Key != "none" || e.Status != 404 || e.Code != "NoSuchKey" ||
		e.EC != "0026-00000001" || !e.Time.Equal(signedAt) {
		t.Errorf("%+v", e)
	}
	for range 10_001 {
		s.ServeHTTP(httptest.NewRecorder(), r)
	}
	if n := len(s.Requests()); n > 10_000 || n < 5_000 {
		t.Errorf("the log holds %d entries", n)
	}
	s.Reset()
	if len(s.Requests()) != 0 {
		t.Error("the log is not empty after Reset")
	}
}

func TestFaults(t *testing.T) {
	f := newFixture(t)
	l := newLink(nil)
	get := func() (int, error) {
		resp, err := f.client.Get(l.url())
		if err != nil {
			return 0, err
		}
		defer resp.Body.Close()
		_, err = io.ReadAll(resp.Body)
		return resp.StatusCode, err
	}
	f.Inject(osstest.Fault{Count: 2, Status: 503, After: 3 * time.Second})
	f.Inject(osstest.Fault{Count: 1, Status: 500})
	f.Inject(osstest.Fault{Count: 1, Status: 429})
	for _, want := range []string{"ServiceUnavailable", "ServiceUnavailable", "InternalError", "TooManyRequests", ""} {
		a := f.send(l, "")
		if a.err.Code != want || (a.Header.Get("Retry-After") == "3") != (want == "ServiceUnavailable") {
			t.Errorf("got %d %q %v, want %q", a.StatusCode, a.err.Code, a.Header, want)
		}
	}
	f.Inject(osstest.Fault{Status: 500, Match: func(r *http.Request) bool { return r.Method == "HEAD" }})
	for range 3 {
		if status, err := get(); status != 200 || err != nil {
			t.Errorf("%d %v", status, err)
		}
		head := newLink(func(l *link) { l.method = "HEAD" })
		if a := f.send(head, ""); a.StatusCode != 500 {
			t.Errorf("HEAD: %d", a.StatusCode)
		}
	}
	f.Reset()
	f.Inject(osstest.Fault{Count: 1}) // sets nothing: the request continues
	if status, err := get(); status != 200 || err != nil {
		t.Errorf("%d %v", status, err)
	}
	f.Inject(osstest.Fault{Count: 1, Short: 5})
	if status, err := get(); status != 200 || !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Errorf("short: %d %v", status, err)
	}
	// A client of its own: net/http repeats a GET on a connection that was closed before.
	f.client.CloseIdleConnections()
	f.Inject(osstest.Fault{Count: 1, Cut: true})
	if status, err := get(); err == nil {
		t.Errorf("cut: %d", status)
	}
}

// A request that hangs ends with the client's patience, or with the server.
func TestHang(t *testing.T) {
	f := newFixture(t)
	f.Inject(osstest.Fault{Hang: true})
	done := make(chan error, 1)
	go func() {
		_, err := f.client.Get(newLink(nil).url())
		done <- err
	}()
	for len(f.Requests()) == 0 { // logged before it hangs
		select {
		case err := <-done:
			t.Fatalf("answered: %v", err)
		default:
		}
	}
	if err := f.Close(); err != nil {
		t.Error(err)
	}
	if err := <-done; err == nil {
		t.Error("answered")
	}
}

func TestLoopbackOnly(t *testing.T) {
	s := osstest.New(osstest.Config{})
	for _, addr := range []string{"0.0.0.0:0", ":0", "192.0.2.1:0", "example.com:0", "127.0.0.1", "[::]:0"} {
		if url, err := s.Start(addr); err == nil {
			t.Errorf("serves %s on %s", addr, url)
		}
		if url, err := s.StartTLS(addr); err == nil {
			t.Errorf("serves %s on %s", addr, url)
		}
	}
	c, err := s.Client()
	if err != nil {
		t.Fatal(err)
	}
	for _, url := range []string{"http://localhost/", "https://localhost/"} {
		if _, err := c.Get(url); err == nil || !strings.Contains(err.Error(), "not started") {
			t.Errorf("%s: %v", url, err)
		}
	}
	for _, start := range []func(string) (string, error){s.Start, s.StartTLS} {
		url, err := start("localhost:0")
		if err != nil {
			t.Fatal(err)
		}
		resp, err := c.Get(url + "/x") // under the loopback address itself
		if err != nil {
			t.Fatal(err)
		}
		resp.Body.Close()
	}
	if err := s.Close(); err != nil {
		t.Error(err)
	}
}

// The authority issues a certificate for every name that the service has one for, and for no other.
func TestCertificates(t *testing.T) {
	f := newFixture(t)
	base, err := f.StartTLS("127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ca, err := f.CAPEM()
	if err != nil {
		t.Fatal(err)
	}
	roots := x509.NewCertPool()
	if !roots.AppendCertsFromPEM(ca) {
		t.Fatalf("no certificate in %q", ca)
	}
	block, rest := pem.Decode(ca)
	if block.Type != "CERTIFICATE" || len(rest) > 0 {
		t.Errorf("PEM block %q, %d bytes after it", block.Type, len(rest))
	}
	tests := map[string]bool{
		"127.0.0.1": true, "::1": true, "localhost": true, "downloads.example.com": true,
		"oss-cn-hangzhou.aliyuncs.com": true, "examplebucket.oss-cn-hangzhou.aliyuncs.com": true,
		"other.cn-beijing.oss.aliyuncs.com": true, "oss.private.example": true,
		"b.oss.private.example": true, "unbound.example.com": false, "a.b.oss-cn-hangzhou.aliyuncs.com": false,
		"127.0.0.2": false,
	}
	for name, ok := range tests {
		t.Run(name, func(t *testing.T) {
			for range 2 {
				c, err := tls.Dial("tcp", strings.TrimPrefix(base, "https://"), &tls.Config{RootCAs: roots, ServerName: name})
				if (err == nil) != ok {
					t.Errorf("%s: %v", name, err)
				}
				if err == nil {
					c.Close()
				}
			}
		})
	}
}

// Requests, settings and uploads at the same time, for the race detector.
func TestParallelUse(t *testing.T) {
	f := newFixture(t)
	var wg sync.WaitGroup
	for i := range 8 {
		wg.Add(1)
		go func() {
			defer wg.Done()
			for j := range 20 {
				key := fmt.Sprintf("k%d", j)
				r := httptest.NewRequest("PUT", putLink(func(l *link) { l.key = key }).url(), strings.NewReader("x"))
				r.Header.Set("Content-Length", "1")
				w := httptest.NewRecorder()
				f.ServeHTTP(w, r)
				if w.Code != 200 {
					t.Errorf("PUT: %d %s", w.Code, w.Body)
				}
				f.SetCredential(osstest.Credential{AccessKeyID: fmt.Sprint(i), AccessKeySecret: "s"})
				if err := f.SetBucket(osstest.Bucket{Name: "examplebucket"}); err != nil {
					t.Error(err)
				}
				if _, err := f.Verify("GET", newLink(nil).url(), nil); err != nil {
					t.Error(err)
				}
				f.Object("examplebucket", key, "")
				f.Requests()
			}
		}()
	}
	wg.Wait()
	if n := len(f.Requests()); n != 160 {
		t.Errorf("%d requests", n)
	}
}
