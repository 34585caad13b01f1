package provider

import (
	"fmt"
	"maps"
	"strings"
	"testing"
	"time"

	"github.com/alioss/terraform-provider-alioss/internal/osstest"
)

// With verify, every form returns what the object is, from the one request that verify makes.
func TestObjectFacts(t *testing.T) {
	t.Parallel()
	null := map[string]any{
		"size": nil, "etag": nil, "crc64": nil, "last_modified": nil, "content_type": nil, "version_id": nil,
		"storage_class": nil,
	}
	with := func(facts map[string]any) map[string]any {
		all := maps.Clone(null)
		maps.Copy(all, facts)
		return all
	}
	const version = "CAEQEhiBgIDmgPf8mxgiIDA1YjZlNDIxY2ZmMzQ1MmU5MTM1Y2M4Yzk4NjIx"
	full := with(map[string]any{
		"size": "9", "etag": "25F9E794323B453885F5181F1B624D0B", "crc64": "11051210869376104954",
		"last_modified": "2026-02-01T00:00:00Z",
		"content_type":  "application/zip", "version_id": version, "storage_class": "IA",
	})
	for name, row := range map[string]struct {
		object osstest.Object
		config args
		drops  []string
		want   map[string]any
	}{
		"GET":     {osstest.Object{}, nil, nil, full},
		"HEAD":    {osstest.Object{}, args{"method": "HEAD"}, nil, full},
		"range":   {osstest.Object{}, args{"headers": map[string]string{"Range": "bytes=2-4"}}, nil, full},
		"version": {osstest.Object{}, args{"version": version}, nil, full},
		"CDN": {osstest.Object{}, args{"domain": "downloads.example.com"}, []string{
			"x-oss-hash-crc64ecma", "x-oss-version-id", "x-oss-storage-class", "ETag", "Last-Modified", "Content-Type",
		}, with(map[string]any{"size": "9"})},
		"empty": {osstest.Object{Body: []byte{}}, nil, nil, with(map[string]any{
			"size": "0", "etag": "D41D8CD98F00B204E9800998ECF8427E", "crc64": "0", "last_modified": "2026-02-01T00:00:00Z",
			"version_id": version, "storage_class": "IA", "content_type": "application/zip",
		})},
		"no verify":    {osstest.Object{}, args{"verify": nil}, nil, nil},
		"verify false": {osstest.Object{}, args{"verify": false}, nil, nil},
	} {
		for form, sign := range signingForms {
			t.Run(name+" "+form, func(t *testing.T) {
				w := newWorld(t).connect(t)
				o := row.object
				o.Key, o.LastModified, o.ContentType, o.VersionID, o.StorageClass = "a b",
					time.Date(2026, 2, 1, 0, 0, 0, 0, time.UTC), "application/zip", version, "IA"
				if o.Body == nil {
					o.Body = []byte("123456789")
				}
				w.put(t, o)
				if row.drops != nil {
					w.transport = stripped{w.transport, row.drops}
				}
				config := args{"bucket": "examplebucket", "key": "a b", "verify": true}.with(row.config)
				r, d := sign(t, w, nil, config)
				if len(d) > 0 || r.text("url") == "" {
					t.Fatal(describe(d))
				}
				if row.want == nil {
					if !r["object"].IsNull() || len(w.oss.Requests()) != 0 {
						t.Errorf("%s, %d requests", r["object"], len(w.oss.Requests()))
					}
					return
				}
				got := factsOf(t, r["object"])
				if len(w.oss.Requests()) != 1 || fmt.Sprint(got) != fmt.Sprint(row.want) {
					t.Errorf("%d requests\n got %v\nwant %v", len(w.oss.Requests()), got, row.want)
				}
			})
		}
	}
}

// In the resource it is the object at signing time: a plan sends no request, and an upload in
// between changes nothing.
func TestResourceObject(t *testing.T) {
	w := newWorld(t).connect(t)
	w.put(t, osstest.Object{Key: "a", Body: []byte("first")})
	c, config := w.managed(t, nil), args{"bucket": "examplebucket", "key": "a", "verify": true, "expiry": "2h"}
	if done, d := c.carryOut(c.decide(nil, config), nil, config); done != "create" || len(d) > 0 ||
		len(w.oss.Requests()) != 1 {
		t.Fatal(done, len(w.oss.Requests()), describe(d))
	}
	w.put(t, osstest.Object{Key: "a", Body: []byte("second, and longer")})
	w.oss.Reset()
	w.clock.Advance(time.Hour)
	if d := c.decide(nil, config); d.action != "none" || len(w.oss.Requests()) != 0 ||
		factsOf(t, c.state["object"])["size"] != "5" {
		t.Fatal(d)
	}
	w.clock.Advance(time.Hour)
	d := c.decide(nil, config)
	if len(w.oss.Requests()) != 0 {
		t.Error("a plan asks")
	}
	if done, diags := c.carryOut(d, nil, config); done != "update" || len(diags) > 0 ||
		factsOf(t, c.state["object"])["size"] != "18" {
		t.Fatal(done, describe(diags))
	}
	delete(config, "verify")
	if done, diags := c.carryOut(c.decide(nil, config), nil, config); done != "update" || len(diags) > 0 ||
		!c.state["object"].IsNull() {
		t.Fatal(done, describe(diags))
	}
}

// The hint to verify at apply appears in the ephemeral form, and in no other, if the object or its
// bucket does not exist yet.
func TestHintOfEphemeralForm(t *testing.T) {
	for form, sign := range signingForms {
		for name, row := range map[string]struct {
			config args
			hint   bool
		}{
			"object": {args{"key": "nothing"}, true}, "bucket": {args{"bucket": "other-bucket"}, true},
			"denied": {args{"key": "denied"}, false}, "version": {args{
				"version": "CAEQEhiBgIDmgPf8mxgiIDA1YjZlNDIxY2ZmMzQ1MmU5MTM1Y2M4Yzk4NjIx",
			}, false},
		} {
			w := newWorld(t).connect(t)
			w.put(t, objectNamed("a"))
			w.put(t, osstest.Object{Key: "denied", Denied: true})
			_, d := sign(t, w, nil, args{"bucket": "examplebucket", "key": "a", "verify": true}.with(row.config))
			text := describe(d)
			if got := strings.Contains(text, "verify = terraform.applying") &&
				strings.Contains(text, "not known at plan"); !hasError(d) || got != (row.hint && form == "ephemeral") {
				t.Errorf("%s %s: %s", form, name, text)
			}
			if strings.Contains(text, "pin_version") {
				t.Errorf("%s %s names what was not asked for: %s", form, name, text)
			}
		}
	}
}
