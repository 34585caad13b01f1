package provider

import (
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"

	"github.com/alioss/terraform-provider-alioss/internal/endpoint"
	"github.com/alioss/terraform-provider-alioss/internal/osstest"
)

// nasty are values that have broken something somewhere.
var nasty = sync.OnceValue(func() []string {
	values := []string{
		"", " ", "\t", "\n", "\r\n", "\x00", "\x7f", "a\x00b", "a b", " a", "a ", "+", "%", "%2", "%zz", "%2F", "%00",
		"%E4%B8", "a%20b", "&", "=", "a=b&c=d", "?", "#", "/", "//", "a/", "a//b", "\\", ".", "..", "a/../b", "...", "~",
		"*!'()", `"`, "'", "`", "$(a)", "${a}", "%{a}", "{{a}}", "<a>", "|", "^", ";", ":", "@", ",",
		"中文", "🚀", "\u200b", "\ufeff", "\u202e", "\u2028", "é", "\xff", "\xc0\xaf", "\xed\xa0\x80", "a\xffb", "null", "true",
		"0", "-1", "1e3", "NaN", "x-oss-signature", "x-oss-expires", "versionId", "host", "content-type", "http://a",
		"oss://a/b",
	}
	for _, n := range []int{100, 255, 256, 1023, 1024, 4096, 4097} {
		values = append(values, strings.Repeat("a", n), strings.Repeat("+", n), strings.Repeat("中", n/3))
	}
	return values
})

// Whatever is not refused gives a link that opens: what was written is verified from the wire, for
// every argument.
func TestAcceptedInputOpens(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	client := w.recipient(t)
	w.put(t, osstest.Object{Key: "a", Body: []byte(bodyOf("a"))})
	s := w.configured(t, nil)
	places := map[string]func(v string) args{
		"key":          func(v string) args { return args{"key": v} },
		"version":      func(v string) args { return args{"version": v} },
		"filename":     func(v string) args { return args{"filename": v} },
		"process":      func(v string) args { return args{"process": v} },
		"header value": func(v string) args { return args{"headers": map[string]string{"x-custom": v}} },
		"header name":  func(v string) args { return args{"headers": map[string]string{v: "a"}} },
		"upload header": func(v string) args {
			return args{"method": "PUT", "headers": map[string]string{"x-oss-meta-a": v}}
		},
		"query value":     func(v string) args { return args{"query": map[string]string{"a": v}} },
		"query name":      func(v string) args { return args{"query": map[string]string{v: "a"}} },
		"bare query name": func(v string) args { return args{"query": map[string]string{v: ""}} },
		"response header": func(v string) args { return args{"response_headers": map[string]string{"cache-control": v}} },
		"expiry":          func(v string) args { return args{"expiry": v} },
		"method":          func(v string) args { return args{"method": v} },
		"signing_time":    func(v string) args { return args{"signing_time": v} },
		"domain":          func(v string) args { return args{"domain": v} },
		"bound domain":    func(v string) args { return args{"domain": v, "bind_host": true} },
	}
	signed, refused, ran := 0, 0, 0
	for place, config := range places {
		t.Run(place, func(t *testing.T) {
			ran++
			for _, v := range nasty() {
				where := fmt.Sprintf("%s %.60q (%d bytes)", place, v, len(v))
				link := anObject(config(v))
				bad := hasError(s.validate("data", "alioss_presigned_url", link))
				r, d := s.read("alioss_presigned_url", link)
				if bad != hasError(d) {
					t.Errorf("%s: refused at validate: %v, refused when read: %v", where, bad, hasError(d))
				}
				if hasError(d) {
					refused++
					continue
				}
				signed++
				method := r.text("method")
				headers := http.Header{}
				for name, value := range r.texts("signed_headers") {
					headers.Set(name, value)
				}
				if strings.Contains(place, "domain") && v != "" {
					if err := w.bind(v); err != nil {
						t.Errorf("%s: %v", where, err)
					}
				}
				found, err := w.oss.Verify(method, r.text("url"), headers)
				if err != nil || found.Key != link["key"] {
					t.Errorf("%s: signed, but %v", where, err)
					continue
				}
				if place == "domain" || place == "bound domain" || place == "expiry" || place == "signing_time" {
					continue
				}
				resp, body, err := send(client, method, r.text("url"), headers, "")
				if err != nil || resp.StatusCode >= http.StatusBadRequest && !opensNothing(resp.StatusCode, body) {
					t.Errorf("%s: %v %.300s", where, err, body)
				}
			}
		})
	}
	t.Logf("%d values signed and verified, %d refused", signed, refused)
	if ran == len(places) && (signed < 300 || refused < 300) {
		t.Errorf("%d values signed, %d refused", signed, refused)
	}
}

// opensNothing reports whether an accepted request found no object or version, or requested a part
// of it that is not modelled.
func opensNothing(status int, body string) bool {
	return status == http.StatusNotFound || status == http.StatusNotImplemented || strings.Contains(body, "versionId")
}

// bind binds a domain to the bucket.
func (w *world) bind(domain string) error {
	e, err := endpoint.ParseDomain(domain)
	if err != nil {
		return err
	}
	return w.oss.SetBucket(osstest.Bucket{
		Name: "examplebucket", Versioning: osstest.VersioningEnabled, Domains: []string{e.Name},
	})
}

func TestUnusualKeys(t *testing.T) {
	t.Parallel()
	s := newWorld(t).configured(t, nil)
	for key, words := range map[string]string{
		"oss://examplebucket/a":    "without scheme, host and bucket",
		"https://example.com/a":    "without scheme, host and bucket",
		"a.txt\n":                  "chomp()",
		" a.txt":                   "trimspace()",
		"agent%20v1/%E4%B8%AD.txt": "percent-encoded|urlencode()",
		"a%2Fb":                    "percent-encoded",
	} {
		t.Run(key, func(t *testing.T) {
			for _, f := range forms[:3] {
				if d := f.validate(s, f.with(args{"key": key})); len(d) > 0 {
					t.Errorf("%s, %q: at validation %s, and again when it is signed", f.name, key, describe(d))
				}
				config, w := f.with(args{"key": key}), newWorld(t)
				var d []*tfprotov6.Diagnostic
				if f.name == "resource" {
					d = w.managed(t, nil).plan(config).diagnostics
				} else {
					d = f.act(w.configured(t, nil), config)
				}
				if len(d) != 1 || d[0].Severity != tfprotov6.DiagnosticSeverityWarning || d[0].Summary != "Unusual Key" ||
					pathOf(d[0]) != "key" {
					t.Errorf("%s, %q: %s", f.name, key, describe(d))
					continue
				}
				for word := range strings.SplitSeq(words, "|") {
					if !strings.Contains(d[0].Detail, word) {
						t.Errorf("%s, %q: %q is not in %s", f.name, key, word, d[0].Detail)
					}
				}
			}
		})
	}
	for _, key := range []string{"100%", "a%zz", "50%25 off", "a b", "a/https://b", "中%20"} {
		if d := s.validate("data", "alioss_presigned_url", anObject(args{"key": key})); len(d) > 0 {
			t.Errorf("%q: %s", key, describe(d))
		}
	}
}

func TestLongURL(t *testing.T) {
	t.Parallel()
	s := newWorld(t).configured(t, nil)
	long := args{"query": map[string]string{"a": strings.Repeat("a", 4000), "b": strings.Repeat("b", 4000)}}
	_, d := s.read("alioss_presigned_url", anObject(long))
	if len(d) != 1 || d[0].Summary != "Long URL" || !strings.Contains(d[0].Detail, "8,000") {
		t.Errorf("%s", describe(d))
	}
	if _, d = s.read("alioss_presigned_url", anObject(long)); len(d) > 0 {
		t.Errorf("said twice: %s", describe(d))
	}
}
