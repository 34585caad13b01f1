package provider

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"

	"github.com/alioss/terraform-provider-alioss/internal/osstest"
)

// received returns what the recipient of a URL gets now: the status and the body.
func (w *world) received(t testing.TB, method, link string) (int, string) {
	t.Helper()
	client, err := w.oss.Client()
	must(t, err)
	resp, body, err := send(client, method, link, nil, "")
	must(t, err)
	return resp.StatusCode, body
}

// signingForms are the forms that sign one URL, each with what signs in it.
var signingForms = map[string]func(t *testing.T, w *world, block, config args) (result, []*tfprotov6.Diagnostic){
	"data": func(t *testing.T, w *world, block, config args) (result, []*tfprotov6.Diagnostic) {
		return w.configured(t, block).read(managedURL, config)
	},
	"ephemeral": func(t *testing.T, w *world, block, config args) (result, []*tfprotov6.Diagnostic) {
		return w.configured(t, block).open(managedURL, config)
	},
	"resource": func(t *testing.T, w *world, block, config args) (result, []*tfprotov6.Diagnostic) {
		c := w.managed(t, block)
		d := c.decide(block, config)
		if d.action == "refused" {
			return nil, d.diagnostics
		}
		_, diags := c.carryOut(d, block, config)
		return c.state, diags
	},
}

// A pinned URL returns the bytes that were current when it was signed, whatever is uploaded later
// or deleted. Two requests are made: the first finds the version, the second verifies the URL
// itself.
func TestPinVersion(t *testing.T) {
	t.Parallel()
	for name, sign := range signingForms {
		for _, method := range []string{"GET", "HEAD"} {
			for _, domain := range []any{nil, "downloads.example.com"} {
				t.Run(fmt.Sprint(name, " ", method, " ", domain), func(t *testing.T) {
					w := newWorld(t).connect(t)
					w.put(t, osstest.Object{Key: "a b", Body: []byte("older")})
					version := w.put(t, osstest.Object{Key: "a b", Body: []byte("current"), ContentType: "text/plain"})
					config := args{
						"bucket": "examplebucket", "key": "a b", "pin_version": true, "method": method, "domain": domain,
						"process": "image/info",
					}
					r, d := sign(t, w, nil, config)
					if len(d) > 0 {
						t.Fatal(describe(d))
					}
					requests := w.oss.Requests()
					if len(requests) != 2 || requests[0].Method != method || requests[1].Method != method ||
						queryOf(t, requests[0]).Has("versionId") ||
						queryOf(t, requests[1]).Get("versionId") != version || queryOf(t, requests[1]).Has("x-oss-process") {
						t.Errorf("%d requests", len(requests))
					}
					u, err := url.Parse(r.text("url"))
					must(t, err)
					if u.Query().Get("versionId") != version || !r["version"].IsNull() {
						t.Errorf("pinned to %q, version is %s", u.Query().Get("versionId"), r["version"])
					}
					if facts := factsOf(t, r["object"]); facts["version_id"] != version || facts["size"] != "7" ||
						facts["content_type"] != "text/plain" {
						t.Errorf("the object is %v", facts)
					}
					w.put(t, osstest.Object{Key: "a b", Body: []byte("newer")})
					w.put(t, osstest.Object{Key: "a b", DeleteMarker: true})
					status, body := w.received(t, method, r.text("url"))
					if status != http.StatusOK || method == "GET" && body != "current" {
						t.Errorf("%d %q", status, body)
					}
				})
			}
		}
	}
}

// The resource has no change when the object changes, and pins what is current when it signs again.
func TestPinnedResource(t *testing.T) {
	w := newWorld(t).connect(t)
	first := w.put(t, osstest.Object{Key: "a", Body: []byte("first")})
	c := w.managed(t, nil)
	config := args{"bucket": "examplebucket", "key": "a", "pin_version": true, "keepers": map[string]string{"v": "1"}}
	d := c.decide(nil, config)
	if !slices.Contains(d.unknowns(), "object") || d.after["pin_version"].IsNull() {
		t.Fatal(d)
	}
	if done, diags := c.carryOut(d, nil, config); done != "create" || len(diags) > 0 {
		t.Fatal(done, describe(diags))
	}
	pinned := func() string {
		t.Helper()
		u, err := url.Parse(c.state.text("url"))
		must(t, err)
		version := u.Query().Get("versionId")
		if factsOf(t, c.state["object"])["version_id"] != version {
			t.Errorf("pinned to %s, and the object is %v", version, factsOf(t, c.state["object"]))
		}
		return version
	}
	if pinned() != first {
		t.Errorf("pinned to %s", pinned())
	}
	second := w.put(t, osstest.Object{Key: "a", Body: []byte("second")})
	w.clock.Advance(time.Minute)
	w.oss.Reset()
	if d := c.decide(nil, config); d.action != "none" || len(d.diagnostics) > 0 || len(w.oss.Requests()) > 0 {
		t.Fatal(d)
	}
	if _, body := w.received(t, "GET", c.state.text("url")); body != "first" {
		t.Errorf("opens %q", body)
	}
	config["keepers"] = map[string]string{"v": "2"}
	if done, diags := c.carryOut(c.decide(nil, config), nil, config); done != "update" || len(diags) > 0 ||
		pinned() != second {
		t.Fatal(done, pinned(), describe(diags))
	}
	third := w.put(t, osstest.Object{Key: "a", Body: []byte("third")})
	w.clock.Advance(time.Hour)
	if done, diags := c.carryOut(c.decide(nil, config), nil, config); done != "update" || len(diags) > 0 ||
		pinned() != third {
		t.Fatal(done, pinned(), describe(diags))
	}
	config["pin_version"] = false // and back to the current one
	if done, diags := c.carryOut(c.decide(nil, config), nil, config); done != "update" || len(diags) > 0 ||
		!c.state["object"].IsNull() ||
		strings.Contains(c.state.text("url"), "versionId") {
		t.Fatal(done, describe(diags))
	}
}

// stripped is a network in which a CDN drops headers of answers.
type stripped struct {
	http.RoundTripper

	names []string
}

func (s stripped) RoundTrip(r *http.Request) (*http.Response, error) {
	resp, err := s.RoundTripper.RoundTrip(r)
	for _, name := range s.names {
		if err == nil {
			resp.Header.Del(name)
		}
	}
	return resp, err
}

// What cannot be pinned is an error at plan, in every form, and gives no URL.
func TestPinVersionFindings(t *testing.T) {
	t.Parallel()
	denied := func(action string) func(*testing.T, *world) {
		return func(_ *testing.T, w *world) {
			w.oss.SetCredential(osstest.Credential{
				AccessKeyID: testKey, AccessKeySecret: testSecret, DeniedActions: []string{action},
			})
		}
	}
	drops := func(t *testing.T, w *world) {
		t.Helper()
		w.transport = stripped{w.transport, []string{"x-oss-version-id"}}
	}
	for name, row := range map[string]struct {
		setup     func(*testing.T, *world)
		config    args
		title, at string
		words     []string
		requests  int
	}{
		"oss:GetObjectVersion missing": {
			denied("oss:GetObjectVersion"), nil, "Access Denied", "pin_version", []string{"oss:GetObjectVersion"}, 2,
		},
		"oss:GetObject missing": {
			denied("oss:GetObject"), nil, "Access Denied", "pin_version", []string{"oss:GetObject"}, 1,
		},
		"both are asked, one is named": {
			denied("oss:GetObjectVersion"), args{"verify": true}, "Access Denied", "verify", []string{"oss:GetObjectVersion"}, 2,
		},
		"no versioning": {
			nil,
			args{"bucket": "plain-bucket"},
			"Invalid Pin Version", "pin_version",
			[]string{"pin_version", "versioning", `"plain-bucket"`},
			1,
		},
		"suspended": {
			nil, args{"bucket": "suspended-bucket"}, "Invalid Pin Version", "pin_version", []string{`"null"`}, 1,
		},
		"from before versioning": {
			nil, args{"bucket": "late-bucket"}, "Invalid Pin Version", "pin_version", []string{`"null"`}, 1,
		},
		"CDN drops the version": {
			drops,
			args{"domain": "downloads.example.com"},
			"Invalid Pin Version", "pin_version",
			[]string{"CDN", "x-oss-version-id", "version"},
			1,
		},
		"version dropped without a domain": {drops, nil, "Invalid Pin Version", "pin_version", []string{"versioning"}, 1},
		"missing":                          {nil, args{"key": "nothing"}, titleNoObject, "key", []string{`"nothing"`}, 1},
		"deleted": {
			func(t *testing.T, w *world) {
				w.put(t, osstest.Object{Key: "a", DeleteMarker: true})
			}, nil, "Object Deleted", "key", []string{"or set version to an older version instead of pin_version."}, 1,
		},
		"archived": {
			func(t *testing.T, w *world) {
				w.put(t, osstest.Object{Key: "a", StorageClass: "ColdArchive"})
			}, nil, "Object Archived", "key", nil, 1,
		},
	} {
		for form, sign := range signingForms {
			t.Run(name+" "+form, func(t *testing.T) {
				w := newWorld(t).connect(t)
				w.put(t, objectNamed("a"))
				for bucket, versioning := range map[string]osstest.Versioning{
					"plain-bucket": "", "late-bucket": "", "suspended-bucket": osstest.VersioningEnabled,
				} {
					must(t, w.oss.SetBucket(osstest.Bucket{Name: bucket, Versioning: versioning}))
				}
				must(t, w.oss.SetBucket(osstest.Bucket{Name: "suspended-bucket", Versioning: osstest.VersioningSuspended}))
				for _, bucket := range []string{"plain-bucket", "late-bucket", "suspended-bucket"} {
					if _, err := w.oss.PutObject(bucket, objectNamed("a")); err != nil {
						t.Fatal(err)
					}
				}
				must(t, w.oss.SetBucket(osstest.Bucket{Name: "late-bucket", Versioning: osstest.VersioningEnabled}))
				if row.setup != nil {
					row.setup(t, w)
				}
				r, d := sign(t, w, nil, anObject(args{"pin_version": true}).with(row.config))
				expectOnly(t, d, row.title, row.at, row.words)
				if r.text("url") != "" || len(w.oss.Requests()) != row.requests {
					t.Errorf("a URL: %t, %d requests", r.text("url") != "", len(w.oss.Requests()))
				}
				w.checkNothingShown(t, d)
				hint := form == "ephemeral" && (row.title == titleNoObject || row.title == titleNoBucket)
				if strings.Contains(describe(d), "pin_version = terraform.applying") != hint {
					t.Errorf("the hint of the ephemeral form: %s", describe(d))
				}
			})
		}
	}
}

// A warning about the object is shown once, although there are two requests about it.
func TestPinVersionWarnsOnce(t *testing.T) {
	w := newWorld(t).connect(t)
	w.put(t, osstest.Object{
		Key: "a", StorageClass: "ColdArchive", Restored: true, RestoredTill: start.Add(time.Minute), Body: []byte("x"),
	})
	for name, sign := range signingForms {
		_, d := sign(t, w, nil, args{"bucket": "examplebucket", "key": "a", "pin_version": true})
		if len(d) != 1 || !strings.HasPrefix(describe(d), `warning Restored Copy Expires First at AttributeName("key")`) {
			t.Errorf("%s: %s", name, describe(d))
		}
	}
}

func TestPinVersionArguments(t *testing.T) {
	s := newWorld(t).configured(t, nil)
	for _, f := range forms[:3] {
		for _, row := range []struct {
			config args
			title  string // "" for none
		}{
			{args{"pin_version": true, "version": "v"}, titleConflict},
			{args{"pin_version": true, "method": "PUT"}, "Invalid Pin Version"},
			{args{"pin_version": true, "method": "DELETE"}, "Invalid Pin Version"},
			{args{"pin_version": false, "version": "v"}, ""},
			{args{"pin_version": false, "method": "PUT"}, ""},
			{args{"pin_version": true, "verify": false}, ""},
			{args{"pin_version": unknown, "version": "v"}, ""},
			{args{"pin_version": unknown, "method": "PUT"}, ""},
			{args{"pin_version": true, "method": unknown, "version": unknown}, ""},
		} {
			d := f.validate(s, f.with(row.config))
			want := "error " + row.title + ` at AttributeName("pin_version")`
			if text := describe(d); (row.title == "") != (len(d) == 0) ||
				row.title != "" && (len(d) != 1 || !strings.HasPrefix(text, want)) {
				t.Errorf("%s %v: %s", f.name, row.config, text)
			}
		}
	}
	if f := forms[3]; f.has(args{"pin_version": true}) || f.has(args{"verify": true}) {
		t.Error("many URLs can be pinned or verified")
	}
}
