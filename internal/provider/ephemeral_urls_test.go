package provider

import (
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"

	"github.com/alioss/terraform-provider-alioss/internal/osstest"
)

// openAnswer opens an ephemeral resource and returns the whole answer.
func (s *session) openAnswer(name string, config args) *tfprotov6.OpenEphemeralResourceResponse {
	s.t.Helper()
	resp, err := s.server.OpenEphemeralResource(s.context(), &tfprotov6.OpenEphemeralResourceRequest{
		TypeName: name, Config: s.dynamic(schemaOf("ephemeral", name), config),
	})
	if err != nil {
		s.t.Fatal(err)
	}
	return resp
}

// close closes an ephemeral resource with its private data.
func (s *session) close(name string, private []byte) []*tfprotov6.Diagnostic {
	s.t.Helper()
	resp, err := s.server.CloseEphemeralResource(s.t.Context(), &tfprotov6.CloseEphemeralResourceRequest{
		TypeName: name,
		Private:  private,
	})
	if err != nil {
		s.t.Fatal(err)
	}
	return resp.Diagnostics
}

// The ephemeral form of many URLs signs as the data source does, by keys and by prefix.
func TestEphemeralURLs(t *testing.T) {
	w := newWorld(t).connect(t)
	for _, key := range []string{"p/a b", "p/中"} {
		w.put(t, objectNamed(key))
	}
	s := w.configured(t, nil)
	version := w.put(t, osstest.Object{Key: "p/a b", Body: []byte("2")})
	for name, config := range map[string]args{
		"keys": {
			"bucket": "examplebucket", "keys": tupleOf("p/a b", "p/中", "p/a b"),
			"versions": mapOf(values{"p/a b": str(version)}), "expiry": "2h",
		},
		"prefix": byPrefix("p/", args{"expiry": "2h", "headers": map[string]string{"X-A": "1"}}),
	} {
		if d := s.validate("ephemeral", bulkURLs, config); len(d) > 0 {
			t.Errorf("%s: %s", name, describe(d))
		}
		opened, d := s.open(bulkURLs, config)
		if len(d) > 0 {
			t.Errorf("%s: %s", name, describe(d))
		}
		read, _ := s.read(bulkURLs, config)
		for _, attribute := range []string{
			"urls", "objects", "expires_at", "signing_time", "signed_headers", "expiry", "method", "region", "keys", "versions",
			"prefix",
		} {
			if !opened[attribute].Equal(read[attribute]) {
				t.Errorf("%s: %s is %s, and that of the data source %s", name, attribute, opened[attribute], read[attribute])
			}
		}
		if len(opened.urls(t)) != 2 {
			t.Errorf("%s: %d URLs", name, len(opened.urls(t)))
		}
	}
	for _, a := range schemaOf("ephemeral", bulkURLs).Block.Attributes {
		if a.Name == "rotate_every" || a.Name == "signing_time" && a.Optional ||
			(a.Name == "urls" || a.Name == "signed_headers") && !a.Sensitive {
			t.Errorf("%s: optional %t, sensitive %t", a.Name, a.Optional, a.Sensitive)
		}
	}
}

func TestEphemeralURLsRefuse(t *testing.T) {
	w := newWorld(t)
	s := w.configured(t, nil)
	for name, config := range map[string]args{
		"keys": {"keys": tupleOf("/a")}, "prefix": {"prefix": "/a"}, "expiry": {"keys": tupleOf("a"), "expiry": "8d"},
		"versions":  {"keys": tupleOf("a"), "versions": mapOf(values{"b": str("v")})},
		"not_after": {"keys": tupleOf("a"), "not_after": "soon"},
	} {
		config["bucket"] = "examplebucket"
		if d := s.validate("ephemeral", bulkURLs, config); len(d) != 1 ||
			!strings.Contains(describe(d), `AttributeName("`+name+`")`) {
			t.Errorf("%s at validate: %s", name, describe(d))
		}
		answer := s.openAnswer(bulkURLs, config)
		if !hasError(answer.Diagnostics) || len(answer.Private) > 0 {
			t.Errorf("%s at open: %s", name, describe(answer.Diagnostics))
		}
		if r := s.result(schemaOf("ephemeral", bulkURLs), answer.Result); !r["urls"].IsNull() {
			t.Errorf("%s: URLs in spite of an error", name)
		}
	}
	if d := w.session(t).openAnswer(bulkURLs,
		args{"bucket": "examplebucket", "keys": tupleOf("a")}).Diagnostics; !strings.Contains(describe(d),
		"Provider Not Configured") {
		t.Error(describe(d))
	}
}

// With a provider block that is known at apply only, all results are unknown. Configured values
// stay.
func TestEphemeralURLsOfUnknownProvider(t *testing.T) {
	s := newWorld(t).configured(t, args{"region": unknown})
	r, d := s.open(bulkURLs, args{"bucket": "examplebucket", "prefix": "p/", "expiry": "2h"})
	var names []string
	for name, value := range r {
		if !value.IsFullyKnown() {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	want := []string{"expires_at", "method", "objects", "region", "signed_headers", "signing_time", "urls"}
	if hasError(d) || len(d) != 1 || !slices.Equal(names, want) || r.text("prefix") != "p/" {
		t.Errorf("%v unknown, want %v\n%s", names, want, describe(d))
	}
}

// There is a warning about a URL that expired during the run when it is closed, and only then.
func TestCloseWarns(t *testing.T) {
	for name, config := range map[string]args{
		managedURL: {"bucket": "examplebucket", "key": "a", "expiry": "30m"},
		bulkURLs:   {"bucket": "examplebucket", "keys": tupleOf("a"), "expiry": "30m"},
	} {
		w := newWorld(t)
		s := w.configured(t, nil)
		answer := s.openAnswer(name, config)
		if len(answer.Diagnostics) > 0 || strings.Contains(string(answer.Private), "x-oss") || !answer.RenewAt.IsZero() {
			t.Fatalf("%s: private data %s", describe(answer.Diagnostics), answer.Private)
		}
		for at, warns := range map[time.Duration]bool{
			0: false, 30*time.Minute - time.Second: false, 30 * time.Minute: true, 5 * time.Hour: true, -time.Hour: false,
		} {
			w.clock.Set(start.Add(at))
			d := s.close(name, answer.Private)
			text := describe(d)
			if !warns && len(d) == 0 {
				continue
			}
			if !warns || len(d) != 1 || !strings.HasPrefix(text, "warning Presigned URL Expired: ") {
				t.Errorf("%s after %v: %s", name, at, text)
			}
			for _, word := range []string{"2026-03-01T12:30:00Z", "expiry", "depends_on", name} {
				if !strings.Contains(text, word) {
					t.Errorf("%s after %v lacks %q: %s", name, at, word, text)
				}
			}
		}
		w.clock.Set(start.Add(5 * time.Hour))
		for _, junk := range []string{
			"", "null", "junk", "{}", "1", "2026-03-01", `"2026-03-01T12:30:00Z"`,
		} {
			if d := s.close(name, []byte(junk)); len(d) > 0 {
				t.Errorf("%s with private data %q: %s", name, junk, describe(d))
			}
		}
		// A provider process of its own, which was not configured, closes as well.
		if d := w.session(t).close(name, answer.Private); len(d) != 1 || hasError(d) {
			t.Error(describe(d))
		}
	}
}

// With temporary credentials the URL expires with them.
func TestCloseWarnsOfSession(t *testing.T) {
	w := newWorld(t)
	w.lend(10 * time.Minute)
	s := w.configured(t, lent)
	answer := s.openAnswer(managedURL, args{"bucket": "examplebucket", "key": "a"})
	if hasError(answer.Diagnostics) {
		t.Fatal(describe(answer.Diagnostics))
	}
	w.clock.Advance(10*time.Minute - time.Second)
	if d := s.close(managedURL, answer.Private); len(d) > 0 {
		t.Error(describe(d))
	}
	w.clock.Advance(time.Second)
	if d := s.close(managedURL, answer.Private); len(d) != 1 || !strings.Contains(describe(d), "2026-03-01T12:10:00Z") {
		t.Error(describe(d))
	}
}

// Many ephemeral URLs flow into write-only arguments, in both CLIs, and into nothing that is
// stored.
func TestCLIEphemeralURLs(t *testing.T) {
	w := newWorld(t).connect(t)
	w.put(t, objectNamed("p/a"))
	w.put(t, objectNamed("p/b"))
	c := w.cli(t)
	c.write(`
ephemeral "alioss_presigned_urls" "keys" {
  bucket = "examplebucket"
  keys   = ["x", "y"]
}
ephemeral "alioss_presigned_urls" "prefix" {
  bucket = "examplebucket"
  prefix = "p/"
}
resource "sink_secret" "keys" {
  value_wo         = ephemeral.alioss_presigned_urls.keys.urls["x"]
  value_wo_version = 1
}
resource "sink_secret" "prefix" {
  value_wo = join(" ", [
    for key, url in ephemeral.alioss_presigned_urls.prefix.urls : url
    if ephemeral.alioss_presigned_urls.prefix.objects[key].size > 0
  ])
  value_wo_version = 1
}
`)
	c.plan(changes)
	c.apply()
	var got []string
	for _, written := range c.sink.written {
		got = append(got, strings.Fields(written)...)
	}
	if len(got) != 3 {
		t.Fatalf("%d URLs were written", len(got))
	}
	opened := map[string]bool{}
	for _, link := range got {
		v, err := w.oss.Verify("GET", link, nil)
		must(t, err)
		opened[v.Key] = true
	}
	if !maps.Equal(opened, map[string]bool{"x": true, "p/a": true, "p/b": true}) {
		t.Errorf("URLs of %v", opened)
	}
	if found := c.holding("x-oss-signature="); len(found) > 0 {
		t.Errorf("URLs are in %v", found)
	}
	c.plan(same)
}

// slow is a network in which a request takes its time.
type slow struct {
	http.RoundTripper

	w *world
	d time.Duration
}

func (s slow) RoundTrip(r *http.Request) (*http.Response, error) {
	resp, err := s.RoundTripper.RoundTrip(r)
	s.w.clock.Advance(s.d)
	return resp, err
}

// A run that takes longer than the URLs are valid ends with the warning, in both CLIs.
func TestCLICloseWarns(t *testing.T) {
	w := newWorld(t).connect(t)
	w.put(t, objectNamed("b"))
	w.transport = slow{w.transport, w, 2 * time.Hour}
	c := w.cli(t)
	c.write(`
ephemeral "alioss_presigned_url" "test" {
  bucket = "examplebucket"
  key    = "a"
}
resource "alioss_presigned_url" "late" {
  bucket     = "examplebucket"
  key        = "b"
  verify     = true
  expiry     = "1d"
  depends_on = [ephemeral.alioss_presigned_url.test]
}
resource "sink_secret" "test" {
  value_wo         = ephemeral.alioss_presigned_url.test.url
  value_wo_version = 1
  depends_on       = [alioss_presigned_url.late]
}
`)
	output := c.both()
	if n := strings.Count(output, "Warning: Presigned URL Expired"); n != 1 ||
		!strings.Contains(output, "2026-03-01T13:00:00Z") {
		t.Errorf("%d warnings in %s", n, output)
	}
}
