package provider

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
	"github.com/hashicorp/terraform-plugin-log/tflogtest"

	"github.com/alioss/terraform-provider-alioss/internal/osstest"
	"github.com/alioss/terraform-provider-alioss/internal/testworld"
)

// byPrefix is a configuration of many URLs by prefix, with more arguments.
func byPrefix(prefix string, more args) args {
	return args{"bucket": "examplebucket", "prefix": prefix}.with(more)
}

// facts returns the elements of objects: their attributes in Go values, by key.
func (r result) facts(t testing.TB, name string) map[string]map[string]any {
	t.Helper()
	var elements map[string]tftypes.Value
	must(t, r[name].As(&elements))
	all := map[string]map[string]any{}
	for key, element := range elements {
		all[key] = factsOf(t, element)
	}
	return all
}

// factsOf returns the attributes of an object: strings, numbers as strings, nil for null.
func factsOf(t testing.TB, object tftypes.Value) map[string]any {
	t.Helper()
	var attributes map[string]tftypes.Value
	must(t, object.As(&attributes))
	facts := map[string]any{}
	for name, v := range attributes {
		switch {
		case v.IsNull():
			facts[name] = nil
		case v.Type().Is(tftypes.Number):
			facts[name] = values{"n": v}.number("n").String()
		default:
			facts[name] = textOf(v)
		}
	}
	return facts
}

// logged returns the session with a DEBUG log that goes to a buffer.
func (s *session) logged() (*session, *bytes.Buffer) {
	var log bytes.Buffer
	return s.within(tflogtest.RootLogger(s.t.Context(), &log)), &log
}

// readMany reads many URLs, with a DEBUG log.
func (s *session) readMany(config args) (result, []*tfprotov6.Diagnostic, string) {
	s.t.Helper()
	s, log := s.logged()
	r, d := s.read(bulkURLs, config)
	return r, d, log.String()
}

// checkSilent fails if a log or diagnostics contain a part of a signature, of any request that came
// or any URL.
func (w *world) checkSilent(t *testing.T, log string, d []*tfprotov6.Diagnostic, r result) {
	t.Helper()
	w.checkNothingShown(t, d)
	secrets := []string{testSecret, testToken, "x-oss-signature", "x-oss-credential", "x-oss-date"}
	for _, one := range r.texts("urls") {
		secrets = append(secrets, one)
	}
	for _, request := range w.oss.Requests() {
		secrets = append(secrets, request.Target)
	}
	for _, s := range secrets {
		if strings.Contains(log, s) || strings.Contains(describe(d), s) {
			t.Errorf("%.60q is shown", s)
		}
	}
}

// The objects of a listing are signed: current ones, in one instant, without placeholders, and with
// no request but the listing.
func TestPrefix(t *testing.T) {
	w := newWorld(t).connect(t)
	changed := start.Add(-48 * time.Hour)
	for _, o := range []osstest.Object{
		{Key: "release/"},
		{Key: "release/sub/"},
		{Key: "release/b", Body: []byte("old")},
		{Key: "release/b", Body: []byte("newer")},
		{Key: "release/a b+c", Body: []byte("1"), StorageClass: "IA"},
		{Key: "release/gone", Body: []byte("x")},
		{Key: "release/gone", DeleteMarker: true},
		{Key: "release/slash/", Body: []byte("content")},
		{Key: "release/empty"},
		{Key: "release2", Body: []byte("no")},
		{Key: "other", Body: []byte("no")},
	} {
		o.LastModified = changed
		w.put(t, o)
	}
	s := w.configured(t, nil)
	config := byPrefix("release/", args{"headers": map[string]string{"X-A": "1"}, "expiry": "2h"})
	if d := s.validate("data", bulkURLs, config); len(d) > 0 {
		t.Fatal(describe(d))
	}
	r, d, log := s.readMany(config)
	if len(d) > 0 {
		t.Fatal(describe(d))
	}
	w.checkSilent(t, log, d, r)
	if counts := w.oss.Counts(); !maps.Equal(counts, osstest.Counts{osstest.KindList: 1}) {
		t.Errorf("asked %v, want one listing", counts)
	}
	objects := r.facts(t, "objects")
	want := map[string]map[string]any{
		"release/a b+c": {
			"size": "1", "etag": "C4CA4238A0B923820DCC509A6F75849B", "last_modified": "2026-02-27T12:00:00Z",
			"storage_class": "IA",
		},
		"release/b": {
			"size": "5", "etag": "B2A2E1F2D6B4B6CA9B4C3F4BBDA4B8D5", "last_modified": "2026-02-27T12:00:00Z",
			"storage_class": "Standard",
		},
		"release/empty": {
			"size": "0", "etag": "D41D8CD98F00B204E9800998ECF8427E", "last_modified": "2026-02-27T12:00:00Z",
			"storage_class": "Standard",
		},
		"release/slash/": {
			"size": "7", "etag": "9A0364B9E99BB480DD25E1F0284C8555", "last_modified": "2026-02-27T12:00:00Z",
			"storage_class": "Standard",
		},
	}
	for key, facts := range want {
		got := objects[key]
		if key == "release/b" {
			facts["etag"] = got["etag"]
		}
		if !maps.Equal(got, facts) {
			t.Errorf("%s is %v, want %v", key, got, facts)
		}
	}
	urls := r.urls(t)
	if !slices.Equal(slices.Sorted(maps.Keys(urls)), slices.Sorted(maps.Keys(want))) || len(objects) != len(want) {
		t.Errorf("URLs for %v, objects %v", slices.Sorted(maps.Keys(urls)), slices.Sorted(maps.Keys(objects)))
	}
	client, err := w.oss.Client()
	must(t, err)
	for key, link := range urls {
		resp, body, err := send(client, http.MethodGet, link, http.Header{"X-A": {"1"}}, "")
		if err != nil || resp.StatusCode != http.StatusOK || fmt.Sprint(len(body)) != objects[key]["size"] {
			t.Errorf("%s: %v, %q", key, err, body)
		}
		if u, err := url.Parse(link); err != nil || u.Query().Get("x-oss-date") != "20260301T120000Z" ||
			u.Query().Get("x-oss-expires") != "7200" {
			t.Errorf("%s is signed otherwise", key)
		}
	}
	if !r["keys"].IsNull() || !r["versions"].IsNull() || r.text("prefix") != "release/" ||
		r.text("expires_at") != "2026-03-01T14:00:00Z" ||
		!maps.Equal(r.texts("signed_headers"), map[string]string{"x-a": "1"}) {
		t.Errorf("%v", r)
	}
	if r, d, _ := s.readMany(args{"bucket": "examplebucket", "keys": tupleOf("a")}); len(d) > 0 || !r["objects"].IsNull() {
		t.Errorf("objects of keys are %v", r["objects"])
	}
}

// The empty prefix is the whole bucket, and keys of every kind arrive whole: the URL returns the
// object of that name.
func TestPrefixOfHardKeys(t *testing.T) {
	t.Parallel()
	w := newWorld(t).connect(t)
	for _, key := range hardKeys {
		w.put(t, osstest.Object{Key: key, Body: []byte(bodyOf(key))})
	}
	const decomposed = "nfd/cafe\u0301.txt" // which Terraform writes composed
	w.put(t, osstest.Object{Key: decomposed, Body: []byte("decomposed")})
	r, d, log := w.configured(t, nil).readMany(byPrefix("", nil))
	if len(d) > 0 {
		t.Fatal(describe(d))
	}
	w.checkSilent(t, log, d, r)
	client, err := w.oss.Client()
	must(t, err)
	urls := r.urls(t)
	for name, key := range hardKeys {
		_, body, err := send(client, http.MethodGet, urls[key], nil, "")
		if err != nil || body != bodyOf(key) {
			t.Errorf("%s: %v %q", name, err, body)
		}
	}
	if _, body, err := send(client, http.MethodGet, urls[decomposed], nil, ""); err != nil || body != "decomposed" {
		t.Errorf("decomposed: %v %q", err, body)
	}
	if len(urls) != len(hardKeys)+1 {
		t.Errorf("%d URLs", len(urls))
	}
	// The prefix is one of them, byte for byte.
	for name, key := range hardKeys {
		if name == "address" {
			continue // refused: more likely a mistake
		}
		r, d, _ := w.configured(t, nil).readMany(byPrefix(key, nil))
		if hasError(d) || r.urls(t)[key] == "" {
			t.Errorf("prefix %s: %s", name, describe(d))
		}
	}
}

// Keys that no client can request are left out, with one warning that counts and names them.
func TestPrefixLeavesOut(t *testing.T) {
	w := newWorld(t).connect(t)
	bad := []string{"/leading", "\\back", "a/../b", "a/./b", "..", "a/\xff", strings.Repeat("l", 1024)}
	for _, key := range append(slices.Clone(bad), "good", "also good") {
		if _, err := w.oss.PutObject("examplebucket", osstest.Object{Key: key, AnyKey: true, Body: []byte("x")}); err != nil {
			t.Fatal(err)
		}
	}
	s := w.configured(t, nil)
	r, d, log := s.readMany(byPrefix("", nil))
	if text := describe(d); len(d) != 1 ||
		!strings.HasPrefix(text, `warning Objects Left Out at AttributeName("prefix")`) ||
		!strings.Contains(text, "7 of ") || strings.Count(text, "\n  - ") != len(bad) {
		t.Errorf("%s", text)
	}
	w.checkSilent(t, log, nil, r)
	if keys := slices.Sorted(maps.Keys(r.urls(t))); !slices.Equal(keys, []string{"also good", "good"}) {
		t.Errorf("URLs for %q", keys)
	}
	for i := range 30 {
		if _, err := w.oss.PutObject("examplebucket", osstest.Object{
			Key:    fmt.Sprintf("many/%d/../x", i),
			AnyKey: true,
		}); err != nil {
			t.Fatal(err)
		}
	}
	_, d, _ = s.readMany(byPrefix("many/", args{"allow_empty": true}))
	if text := describe(d); len(d) != 1 || strings.Count(text, "\n  - ") != 11 || !strings.Contains(text, "20 more") {
		t.Errorf("%s", text)
	}
	if _, d, _ = s.readMany(byPrefix("many/", nil)); len(d) != 2 ||
		!strings.Contains(describe(d), `error No Objects Found at AttributeName("prefix")`) {
		t.Errorf("%s", describe(d))
	}
}

// Two keys that Terraform makes one cannot both be in a map: an error, unless no client could
// request one of them anyway.
func TestPrefixOfTwins(t *testing.T) {
	w := newWorld(t).connect(t)
	for _, key := range []string{"twins/caf\u00e9", "twins/cafe\u0301", "single/cafe\u0301", "single/../caf\u00e9"} {
		if _, err := w.oss.PutObject("examplebucket", osstest.Object{Key: key, AnyKey: true, Body: []byte(key)}); err != nil {
			t.Fatal(err)
		}
	}
	s := w.configured(t, nil)
	r, d, _ := s.readMany(byPrefix("twins/", nil))
	if text := describe(d); len(d) != 1 || !strings.HasPrefix(text, `error Invalid Prefix at AttributeName("prefix")`) ||
		!strings.Contains(text, `"twins/caf\u00e9"`) || !strings.Contains(text, `"twins/cafe\u0301"`) {
		t.Errorf("%s", text)
	}
	if r["urls"].IsKnown() && !r["urls"].IsNull() {
		t.Error("URLs are given")
	}
	if _, d, _ := s.readMany(byPrefix("twins/caf\u00e9", nil)); len(d) > 0 {
		t.Errorf("a longer prefix: %s", describe(d))
	}
	if _, d, _ := s.readMany(byPrefix("single/", nil)); hasError(d) || len(d) != 1 {
		t.Errorf("%s", describe(d))
	}
}

func TestPrefixWithoutObjects(t *testing.T) {
	w := newWorld(t).connect(t)
	w.put(t, osstest.Object{Key: "folder/"})
	w.put(t, osstest.Object{Key: "gone", Body: []byte("x")})
	w.put(t, osstest.Object{Key: "gone", DeleteMarker: true})
	s := w.configured(t, nil)
	for _, prefix := range []string{"", "folder/", "gone", "none"} {
		r, d, _ := s.readMany(byPrefix(prefix, nil))
		if text := describe(d); len(d) != 1 ||
			!strings.HasPrefix(text, `error No Objects Found at AttributeName("prefix")`) ||
			!strings.Contains(text, "allow_empty") || !r["urls"].IsNull() {
			t.Errorf("%q: %s", prefix, text)
		}
		r, d, _ = s.readMany(byPrefix(prefix, args{"allow_empty": true, "headers": map[string]string{"X-A": "1"}}))
		if len(d) > 0 || r["urls"].IsNull() || len(r.urls(t)) != 0 || r["objects"].IsNull() || r.text("expires_at") == "" ||
			!maps.Equal(r.texts("signed_headers"), map[string]string{"x-a": "1"}) {
			t.Errorf("%q, allowed: %v\n%s", prefix, r, describe(d))
		}
		if _, d, _ = s.readMany(byPrefix(prefix, args{"allow_empty": false})); !hasError(d) {
			t.Errorf("%q, not allowed: %s", prefix, describe(d))
		}
	}
}

// A prefix that finds nothing since it is no beginning of keys is told so.
func TestPrefixUnusual(t *testing.T) {
	w := newWorld(t).connect(t)
	w.put(t, objectNamed("release/a b"))
	s := w.configured(t, nil)
	for prefix, hint := range map[string]string{
		"release/*": "Wildcards have no meaning", "rel?ase/": "Wildcards",
		"./release/": "leave out the dots", "../release": "leave out the dots",
		"release/\n": "white space", " release": "white space",
		"release%2Fa%20b": "percent-encoded", "release/b": "", "100%": "",
	} {
		_, d, _ := s.readMany(byPrefix(prefix, nil))
		text := describe(d)
		if !strings.Contains(text, `in bucket "examplebucket". `) || !strings.Contains(text, hint) ||
			!strings.Contains(text, "Correct prefix, or set") ||
			hint == "" && !strings.Contains(text, `". Correct prefix`) {
			t.Errorf("%q: %s", prefix, text)
		}
	}
}

// Errors about list_endpoint_type name it, and not the argument with the same values.
func TestListEndpointTypeNamed(t *testing.T) {
	s := newWorld(t).configured(t, nil)
	for _, config := range []args{
		{"list_endpoint_type": "outer"},
		{"list_endpoint_type": "dual-stack", "region": "us-west-1"},
	} {
		_, d, _ := s.readMany(byPrefix("a", config))
		const want = `error Invalid List Endpoint Type at AttributeName("list_endpoint_type")`
		if text := describe(d); !strings.HasPrefix(text, want) || !strings.Contains(text, "list_endpoint_type ") ||
			strings.Contains(strings.ReplaceAll(text, "list_endpoint_type", ""), "endpoint_type") {
			t.Errorf("%v: %s", config, text)
		}
	}
}

func TestPrefixArguments(t *testing.T) {
	s := newWorld(t).configured(t, nil)
	keys := tupleOf("a")
	for _, row := range []struct {
		config    args
		title, at string
	}{
		{args{}, "Missing Argument", "keys"},
		{args{"keys": keys, "prefix": "a"}, titleConflict, "prefix"},
		{args{"versions": mapOf(map[string]tftypes.Value{"a": str("v")}), "prefix": "a"}, titleConflict, "prefix"},
		{args{"keys": keys, "allow_empty": true}, titleConflict, "allow_empty"},
		{args{"keys": keys, "allow_empty": false}, titleConflict, "allow_empty"},
		{args{"keys": keys, "list_endpoint_type": "internal"}, titleConflict, "list_endpoint_type"},
		{args{"prefix": "a", "list_endpoint_type": "outer"}, "Invalid List Endpoint Type", "list_endpoint_type"},
		{args{"prefix": "a", "list_endpoint_type": ""}, "Invalid List Endpoint Type", "list_endpoint_type"},
		{args{"prefix": "/a"}, "Invalid Prefix", "prefix"},
		{args{"prefix": `\a`}, "Invalid Prefix", "prefix"},
		{args{"prefix": "oss://examplebucket/a"}, "Invalid Prefix", "prefix"},
		{
			args{"prefix": "https://examplebucket.oss-cn-hangzhou.aliyuncs.com/a?x-oss-signature=b"}, "Invalid Prefix", "prefix",
		},
		{args{"prefix": "HTTP://x"}, "Invalid Prefix", "prefix"},
		{args{"prefix": strings.Repeat("a", 1024)}, "Invalid Prefix", "prefix"},
	} {
		t.Run(fmt.Sprintf("%.60v", row.config), func(t *testing.T) {
			config := args{"bucket": "examplebucket"}.with(row.config)
			for name, d := range map[string][]*tfprotov6.Diagnostic{
				"data": s.validate("data", bulkURLs, config), "ephemeral": s.validate("ephemeral", bulkURLs, config),
			} {
				text := describe(d)
				if want := fmt.Sprintf(`error %s at AttributeName(%q)`, row.title, row.at); len(d) != 1 ||
					!strings.HasPrefix(text, want) {
					t.Errorf("%s %v: %s", name, row.config, text)
				}
				if strings.Contains(text, "x-oss-signature") {
					t.Errorf("%s shows %s", name, text)
				}
			}
			if _, d, _ := s.readMany(config); !hasError(d) {
				t.Errorf("%v is read", row.config)
			}
		})
	}
	for _, config := range []args{
		{"prefix": unknown},
		{"keys": unknown},
		{"prefix": unknown, "keys": unknown},
		{"prefix": "a", "allow_empty": unknown},
		{"prefix": "a", "list_endpoint_type": unknown},
	} {
		config["bucket"] = unknown
		if d := s.validate("data", bulkURLs, config); len(d) > 0 {
			t.Errorf("%v: %s", config, describe(d))
		}
		if _, d, _ := s.readMany(config); !hasError(d) {
			t.Errorf("%v is read", config)
		}
	}
}

// The listing goes to the configured endpoint or, if there is none, to the public one of the
// region, whatever host the URLs have.
func TestPrefixEndpoint(t *testing.T) {
	t.Parallel()
	const (
		public   = "examplebucket.oss-cn-hangzhou.aliyuncs.com"
		internal = "examplebucket.oss-cn-hangzhou-internal.aliyuncs.com"
	)
	for name, row := range map[string]struct {
		block, config args
		variable      string
		asked, host   string
		path          bool // the bucket is in the path
	}{
		"nothing":                    {nil, nil, "", public, public, false},
		"endpoint type":              {nil, args{"endpoint_type": "internal"}, "", public, internal, false},
		"endpoint type of the block": {args{"endpoint_type": "internal"}, nil, "", public, internal, false},
		"acceleration": {
			nil, args{"endpoint_type": "accelerate"}, "", public, "examplebucket.oss-accelerate.aliyuncs.com", false,
		},
		"domain": {
			nil, args{"domain": "downloads.example.com"}, "", public, "downloads.example.com", false,
		},
		"domain over an endpoint of the block": {
			args{"endpoint": "oss-cn-hangzhou-internal.aliyuncs.com"},
			args{"domain": "downloads.example.com"},
			"", internal,
			"downloads.example.com", false,
		},
		"endpoint": {
			nil, args{"endpoint": "https://oss-cn-hangzhou-internal.aliyuncs.com"}, "", internal, internal, false,
		},
		"endpoint of the block": {
			args{"endpoint": "oss-cn-hangzhou-internal.aliyuncs.com"}, nil, "", internal, internal, false,
		},
		"endpoint of a variable": {nil, nil, "oss-cn-hangzhou-internal.aliyuncs.com", internal, internal, false},
		"type over an endpoint of the block": {
			args{"endpoint": "oss-cn-hangzhou-internal.aliyuncs.com"},
			args{"endpoint_type": "accelerate"},
			"", public,
			"examplebucket.oss-accelerate.aliyuncs.com", false,
		},
		"list type": {nil, args{"list_endpoint_type": "internal"}, "", internal, public, false},
		"list type, domain": {
			nil,
			args{"list_endpoint_type": "accelerate", "domain": "downloads.example.com"},
			"",
			"examplebucket.oss-accelerate.aliyuncs.com", "downloads.example.com", false,
		},
		"list type, endpoint": {
			nil, args{
				"list_endpoint_type": "public", "endpoint": "oss-cn-hangzhou-internal.aliyuncs.com",
			}, "", public, internal, false,
		},
		"list type, endpoint of the block": {
			args{"endpoint": "oss-cn-hangzhou-internal.aliyuncs.com"},
			args{"list_endpoint_type": "dual-stack"},
			"",
			"examplebucket.cn-hangzhou.oss.aliyuncs.com", internal, false,
		},
		"IP address": {
			args{"endpoint": "http://127.0.0.1:8080"}, nil, "", "127.0.0.1:8080", "127.0.0.1:8080", true,
		},
		"path style": {private, nil, "", "localhost:8443", "localhost:8443", true},
		"path style, domain": {
			private, args{"domain": "downloads.example.com"}, "", "localhost:8443", "downloads.example.com", true,
		},
		"path style, list type": {private, args{"list_endpoint_type": "public"}, "", public, "localhost:8443", false},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t).connect(t)
			w.variables["OSS_ENDPOINT"] = row.variable
			w.put(t, objectNamed("a b"))
			r, d, log := w.configured(t, row.block).readMany(byPrefix("a", row.config))
			if len(d) > 0 {
				t.Fatal(describe(d))
			}
			w.checkSilent(t, log, d, r)
			u, err := url.Parse(r.urls(t)["a b"])
			if err != nil || u.Host != row.host {
				t.Errorf("the URL is at %v, %v", u.Host, err)
			}
			requests := w.oss.Requests()
			if len(requests) != 1 || requests[0].Kind != osstest.KindList || requests[0].Host != row.asked ||
				requests[0].Status != http.StatusOK ||
				strings.HasPrefix(requests[0].Target, "/examplebucket") != row.path {
				t.Errorf("asked %d times, at %s, answered %d", len(requests), requests[0].Host, requests[0].Status)
			}
			if q := queryOf(t, requests[0]); q.Get("max-keys") != "1000" || q.Get("encoding-type") != "url" ||
				q.Get("list-type") != "2" || q.Get("prefix") != "a" ||
				q.Get("x-oss-expires") != "900" {
				t.Errorf("asked with %v", slices.Sorted(maps.Keys(q)))
			}
		})
	}
	// The error about an endpoint that cannot list contains the way out.
	w := newWorld(t)
	_, d, _ := w.configured(t, args{"endpoint": "https://oss-cn-hangzhou.aliyuncs.com"}).readMany(
		byPrefix("a", args{"region": "cn-beijing", "domain": "downloads.example.com"}))
	if text := describe(d); len(d) != 1 ||
		!strings.HasPrefix(text, `error Invalid List Endpoint Type at AttributeName("list_endpoint_type")`) ||
		!strings.Contains(text, "list_endpoint_type") || !strings.Contains(text, "cn-beijing") {
		t.Error(text)
	}
}

// queryOf returns the query of a request, which is secret.
func queryOf(t testing.TB, r osstest.Request) url.Values {
	t.Helper()
	u, err := url.Parse(r.Target)
	must(t, err)
	return u.Query()
}

// The arguments of the URLs do not shape the listing, but for who pays.
func TestPrefixRequest(t *testing.T) {
	w := newWorld(t).connect(t)
	w.bucket(t, func(b *osstest.Bucket) { b.RequesterPays = true })
	w.put(t, objectNamed("a"))
	s := w.configured(t, nil)
	config := byPrefix("a", args{
		"request_payer": true, "query": map[string]string{"q": "1"}, "headers": map[string]string{"X-A": "1"},
		"process":          "image/info",
		"response_headers": map[string]string{"cache-control": "no-store"}, "traffic_limit": 819_200, "bind_host": true,
		"signing_time": "2026-02-28T12:00:00Z", "expiry": "7d",
	})
	if _, d, _ := s.readMany(config); len(d) > 0 {
		t.Fatal(describe(d))
	}
	requests := w.oss.Requests()
	want := []string{
		"encoding-type", "list-type", "max-keys", "prefix", "x-oss-credential", "x-oss-date", "x-oss-expires",
		"x-oss-request-payer", "x-oss-signature", "x-oss-signature-version",
	}
	q := queryOf(t, requests[0])
	if got := slices.Sorted(maps.Keys(q)); !slices.Equal(got, want) || len(requests) != 1 ||
		requests[0].Header.Get("X-A") != "" || requests[0].Method != http.MethodGet {
		t.Errorf("asked with %v", got)
	}
	if q.Get("x-oss-date") != "20260301T120000Z" {
		t.Errorf("signed for %s, want the present", q.Get("x-oss-date"))
	}
	for _, method := range []string{"HEAD", "PUT", "DELETE"} {
		r, d, _ := s.readMany(byPrefix("a", args{"request_payer": true, "method": method}))
		if len(d) > 0 || r.text("method") != method || len(r.urls(t)) != 1 {
			t.Errorf("%s: %s", method, describe(d))
		}
	}
	delete(config, "request_payer")
	if _, d, _ := s.readMany(config); len(d) != 1 ||
		!strings.HasPrefix(describe(d), `error Requester Pays at AttributeName("request_payer")`) {
		t.Error(describe(d))
	}
}

// Each refusal and each failure of the network gives one error, without the listing's URL, and no
// URL is given.
func TestPrefixFindings(t *testing.T) {
	t.Parallel()
	fails := func(err error) func(*testing.T, *world) {
		return func(_ *testing.T, w *world) {
			w.transport = &http.Transport{
				DialTLSContext: func(context.Context, string, string) (net.Conn, error) { return nil, err },
			}
		}
	}
	refused := func(r osstest.Refusal) func(*testing.T, *world) {
		return func(t *testing.T, w *world) { w.bucket(t, func(b *osstest.Bucket) { b.Refusal = r }) }
	}
	inject := func(f osstest.Fault) func(*testing.T, *world) {
		return func(_ *testing.T, w *world) { w.oss.Inject(f) }
	}
	answers := func(status int, header http.Header, body string) func(*testing.T, *world) {
		return func(_ *testing.T, w *world) { w.transport = always{status, header, body} }
	}
	oss := http.Header{"X-Oss-Request-Id": {"65F1A2B30000000000000001"}, "Content-Type": {"application/xml"}}
	token := func(change func(*osstest.Credential)) func(*testing.T, *world) {
		return func(_ *testing.T, w *world) {
			w.variables["OSS_SESSION_TOKEN"] = testToken
			c := osstest.Credential{AccessKeyID: testKey, AccessKeySecret: testSecret, SecurityToken: testToken}
			change(&c)
			w.oss.SetCredential(c)
		}
	}
	clockOff := func(d time.Duration) func(*testing.T, *world) {
		return func(_ *testing.T, w *world) { w.clock = testworld.NewClock(start.Add(d)) }
	}
	for name, row := range map[string]struct {
		setup     func(*testing.T, *world)
		config    args
		title, at string
		words     []string
	}{
		"oss:ListObjects missing": {func(_ *testing.T, w *world) {
			w.oss.SetCredential(osstest.Credential{
				AccessKeyID: testKey, AccessKeySecret: testSecret, DeniedActions: []string{"oss:ListObjects"},
			})
		}, nil, "Access Denied", "prefix", []string{"oss:ListObjects", "OSS_ACCESS_KEY_ID"}},
		"everything denied": {func(_ *testing.T, w *world) {
			w.oss.SetCredential(osstest.Credential{AccessKeyID: testKey, AccessKeySecret: testSecret, Denied: true})
		}, nil, "Access Denied", "prefix", []string{"oss:ListObjects"}},
		"policy":   {refused(osstest.RefusedByPolicy), nil, "Access Denied", "prefix", []string{"examplebucket"}},
		"ACL":      {refused(osstest.RefusedByACL), nil, "Access Denied", "prefix", []string{"oss:ListObjects"}},
		"referer":  {refused(osstest.RefusedByReferer), nil, "Access Denied", "prefix", nil},
		"debt":     {refused(osstest.RefusedInDebt), nil, "Account Refused", "prefix", nil},
		"disabled": {refused(osstest.RefusedDisabled), nil, "Account Refused", "prefix", nil},
		"requester pays": {
			func(t *testing.T, w *world) {
				w.bucket(t, func(b *osstest.Bucket) { b.RequesterPays = true })
			}, nil, "Requester Pays", "request_payer", []string{"request_payer"},
		},
		"no bucket": {nil, args{"bucket": "other-bucket"}, "Bucket Not Found", "bucket", []string{`"other-bucket"`}},
		"another region": {
			func(t *testing.T, w *world) {
				w.bucket(t, func(b *osstest.Bucket) { b.Region = "cn-beijing" })
			}, nil, "Wrong Region", "region", []string{`"cn-beijing"`},
		},
		"public endpoint": {func(t *testing.T, w *world) {
			w.bucket(t, func(b *osstest.Bucket) { b.PublicEndpointForbidden = true })
		}, nil, "Public Endpoint Forbidden", "prefix", []string{`list_endpoint_type "internal"`, "set keys"}},
		"key unknown": {
			func(_ *testing.T, w *world) {
				w.oss.DeleteCredential(testKey)
			}, nil, "AccessKey Refused", "prefix", []string{"OSS_ACCESS_KEY_ID"},
		},
		"secret wrong": {
			token(func(c *osstest.Credential) { c.AccessKeySecret = "another" }), nil, "Signature Refused", "prefix", nil,
		},
		"token expired": {
			token(func(c *osstest.Credential) { c.Expiration = start }), nil, "Security Token Expired", "prefix", nil,
		},
		"token wrong": {
			token(func(c *osstest.Credential) { c.SecurityToken = "other" }), nil, "Security Token Refused", "prefix", nil,
		},
		"clock behind": {clockOff(-20 * time.Minute), nil, "Request Expired", "prefix", []string{"2026-03-01T11:40:00Z"}},
		"clock ahead":  {clockOff(16 * time.Minute), nil, "Request Too Early", "prefix", []string{"2026-03-01T12:16:00Z"}},
		"unavailable":  {inject(osstest.Fault{Status: 503}), nil, "Service Unavailable", "prefix", []string{"503"}},
		"cut": {
			inject(osstest.Fault{Cut: true}), nil, "Host Not Reachable", "prefix", []string{"list_endpoint_type"},
		},
		"short": {inject(osstest.Fault{Short: 100}), nil, "Host Not Reachable", "prefix", nil},
		"redirect": {
			inject(osstest.Fault{
				Status: 302, Header: http.Header{"Location": {"https://login.example.com"}},
			}), nil, "Request Redirected", "prefix", nil,
		},
		"foreign":        {answers(200, nil, "<html>login</html>"), nil, "Unexpected Server", "prefix", nil},
		"no listing":     {answers(200, oss, "<Junk/>"), nil, "Listing Not Readable", "prefix", nil},
		"another prefix": {answers(200, oss, page("", "", "other/a")), nil, "Listing Not Readable", "prefix", nil},
		"endless":        {answers(200, oss, page("again", "", "a1")), nil, "Listing Not Readable", "prefix", nil},
		"DNS": {
			fails(&net.OpError{
				Op: "dial", Err: &net.DNSError{Err: "no such host", IsNotFound: true},
			}), nil, "Host Not Reachable", "prefix",
			[]string{"examplebucket.oss-cn-hangzhou.aliyuncs.com", "list_endpoint_type"},
		},
		"DNS of an internal host": {
			fails(&net.OpError{Op: "dial", Err: &net.DNSError{Err: "no such host", IsNotFound: true}}),
			args{"list_endpoint_type": "internal"},
			"Host Not Reachable", "list_endpoint_type",
			[]string{"-internal.aliyuncs.com"},
		},
		"DNS, with an endpoint type that is for the URLs": {
			fails(&net.OpError{Op: "dial", Err: &net.DNSError{Err: "no such host", IsNotFound: true}}),
			args{"endpoint_type": "internal"},
			"Host Not Reachable", "prefix", nil,
		},
		"DNS, with a domain": {
			fails(&net.OpError{Op: "dial", Err: &net.DNSError{Err: "no such host", IsNotFound: true}}),
			args{"domain": "downloads.example.com"},
			"Host Not Reachable", "prefix", nil,
		},
		"DNS of a misspelled region": {
			fails(&net.OpError{Op: "dial", Err: &net.DNSError{Err: "no such host", IsNotFound: true}}),
			args{"region": "cn-hangzou"},
			"Host Not Reachable", "prefix",
			[]string{`"cn-hangzhou"`},
		},
		"no DNS": {
			fails(&net.OpError{Op: "dial", Err: &net.DNSError{Err: "timeout", IsTimeout: true}}), nil, "Host Not Reachable",
			"prefix", nil,
		},
		"no route": {
			fails(&net.OpError{Op: "dial", Err: errors.New("no route to host")}), nil, "Host Not Reachable", "prefix", nil,
		},
		"proxy": {
			fails(&net.OpError{
				Op: "proxyconnect", Err: errors.New("https://user:password@proxy?x-oss-signature=1"),
			}), nil, "Proxy Not Reachable", "prefix", nil,
		},
		"slow":         {fails(timeout{}), nil, "Host Not Reachable", "prefix", []string{"30s"}},
		"its own text": {fails(errors.New("https://a?x-oss-signature=0123")), nil, "Host Not Reachable", "prefix", nil},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t).connect(t)
			w.put(t, objectNamed("a1"))
			if row.setup != nil {
				row.setup(t, w)
			}
			r, d, log := w.configured(t, nil).readMany(byPrefix("a", row.config))
			expectOnly(t, d, row.title, row.at, row.words)
			if !r["urls"].IsNull() || strings.Contains(log, "Signed with") {
				t.Error("URLs are signed")
			}
			w.checkSilent(t, log, d, r)
		})
	}
}

// timeout is an error of a network that did not answer in time.
type timeout struct{}

func (timeout) Error() string   { return "i/o timeout" }
func (timeout) Timeout() bool   { return true }
func (timeout) Temporary() bool { return true }

// always is a network in which every request has one answer.
type always struct {
	status int
	header http.Header
	body   string
}

func (a always) RoundTrip(r *http.Request) (*http.Response, error) {
	header := a.header.Clone()
	if header == nil {
		header = http.Header{}
	}
	return &http.Response{
		StatusCode: a.status, Header: header, Body: io.NopCloser(strings.NewReader(a.body)), Request: r,
	}, nil
}

// page is a page of a listing with a token for the next one, "" for the last.
func page(token, class string, keys ...string) string {
	var b strings.Builder
	b.WriteString("<ListBucketResult><EncodingType>url</EncodingType><IsTruncated>" + strconv.FormatBool(token != "") +
		"</IsTruncated>")
	if token != "" {
		b.WriteString("<NextContinuationToken>" + token + "</NextContinuationToken>")
	}
	for _, key := range keys {
		b.WriteString("<Contents><Key>" + url.PathEscape(key) + "</Key><Size>1</Size><StorageClass>" + class +
			"</StorageClass></Contents>")
	}
	return b.String() + "</ListBucketResult>"
}

// A page that fails is requested again, and the rest of the listing is not.
func TestPrefixTriesAgain(t *testing.T) {
	t.Parallel()
	for name, fault := range map[string]osstest.Fault{
		"503": {Status: 503}, "500": {Status: 500}, "429": {Status: 429}, "cut": {Cut: true}, "short": {Short: 10},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t).connect(t)
			for i := range 1500 {
				w.put(t, osstest.Object{Key: fmt.Sprintf("a%04d", i)})
			}
			fault.Count = 2
			fault.Match = func(r *http.Request) bool { return strings.Contains(r.URL.RawQuery, "continuation-token=") }
			w.oss.Inject(fault)
			r, d, _ := w.configured(t, nil).readMany(byPrefix("a", nil))
			least, most := 4, 4
			if fault.Cut {
				most = 6 // net/http sends a request again by itself if a connection that it used before is closed
			}
			if n := w.oss.Counts()[osstest.KindList]; len(d) > 0 || len(r.urls(t)) != 1500 || n < least || n > most {
				t.Errorf("%d requests\n%s", w.oss.Counts()[osstest.KindList], describe(d))
			}
			w.oss.Reset()
			fault.Count = 0
			w.oss.Inject(fault)
			_, d, _ = w.configured(t, nil).readMany(byPrefix("a", nil))
			if n := w.oss.Counts()[osstest.KindList]; !hasError(d) || n < least || n > most {
				t.Errorf("%d requests\n%s", w.oss.Counts()[osstest.KindList], describe(d))
			}
		})
	}
}

// listed answers a listing of n objects of some keys' length, page by page, and counts the pages.
type listed struct {
	n, long int
	pages   int
}

func (l *listed) RoundTrip(r *http.Request) (*http.Response, error) {
	from, _ := strconv.Atoi(r.URL.Query().Get("continuation-token"))
	l.pages++
	keys := make([]string, 0, 1000)
	for i := from; i < min(from+1000, l.n); i++ {
		keys = append(keys, fmt.Sprintf("p/%0*d", l.long, i))
	}
	token := ""
	if from+1000 < l.n {
		token = strconv.Itoa(from + 1000)
	}
	return testworld.Answer(r, http.StatusOK, page(token, "Standard", keys...), "X-Oss-Request-Id",
		"65F1A2B30000000000000001"), nil
}

// More objects than one data source signs are an error that names the pages that were read and the
// way out, and nothing is signed.
func TestPrefixOfTooMany(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	l := &listed{n: maxKeys + 1, long: 6}
	w.transport = l
	r, d, log := w.configured(t, nil).readMany(byPrefix("p/", nil))
	text := describe(d)
	if len(d) != 1 || !strings.HasPrefix(text, `error Invalid Prefix at AttributeName("prefix")`) || !r["urls"].IsNull() {
		t.Errorf("%s", text)
	}
	for _, word := range []string{"100,000", "101 pages", "longer prefix", `"p/"`} {
		if !strings.Contains(text, word) {
			t.Errorf("%q is not in %s", word, text)
		}
	}
	if l.pages != 101 || strings.Contains(log, "Signed with") {
		t.Errorf("%d pages, and the log is %s", l.pages, log)
	}
}

// URLs that do not fit into one answer are an error about prefix, with a way out that fits.
func TestPrefixTooLarge(t *testing.T) {
	found := tooLarge(values{"prefix": str("p/")}, 40_000, 38_000, maxMessageBytes)
	if len(found) != 1 || !slices.Equal(found[0].path, []string{"prefix"}) || found[0].title != "Invalid Prefix" ||
		strings.Contains(found[0].detail, "chunklist") ||
		!strings.Contains(found[0].detail, "longer prefix") {
		t.Errorf("%v", found)
	}
}

// 25,000 objects are 25 requests, and every one has its URL.
func TestPrefixOfMany(t *testing.T) {
	t.Parallel()
	const n = 25_000
	w := newWorld(t).connect(t)
	for i := range n {
		w.put(t, osstest.Object{Key: fmt.Sprintf("release/文 %05d&<x>.bin", i)})
	}
	w.put(t, osstest.Object{Key: "release/"})
	r, d, log := w.unwitnessed(t).readMany(byPrefix("release/", nil))
	if len(d) > 0 || !maps.Equal(w.oss.Counts(), osstest.Counts{osstest.KindList: 26}) {
		t.Fatalf("%v\n%s", w.oss.Counts(), describe(d))
	}
	urls := r.urls(t)
	if len(urls) != n || len(r.facts(t, "objects")) != n || len(log) > 4000 {
		t.Errorf("%d URLs, %d bytes of log", len(urls), len(log))
	}
	for i := 0; i < n; i += 1000 {
		w.checkOpens(t, result{
			"method": str("GET"), "key": str(fmt.Sprintf("release/文 %05d&<x>.bin", i)),
			"url": str(urls[fmt.Sprintf("release/文 %05d&<x>.bin", i)]),
		})
	}
}

// Archived objects get one warning with their number, if the URLs download.
func TestPrefixOfArchived(t *testing.T) {
	w := newWorld(t).connect(t)
	for key, class := range map[string]string{
		"a": "Archive", "b": "ColdArchive", "c": "DeepColdArchive", "d": "Standard", "e": "IA",
	} {
		w.put(t, osstest.Object{Key: key, StorageClass: class, Body: []byte("x")})
	}
	w.put(t, osstest.Object{Key: "f", StorageClass: "ColdArchive", Body: []byte("x"), Restored: true})
	s := w.configured(t, nil)
	for _, method := range []any{nil, "GET", "HEAD", "PUT", "DELETE"} {
		r, d, _ := s.readMany(byPrefix("", args{"method": method}))
		if len(r.urls(t)) != 6 {
			t.Errorf("%v: %d URLs", method, len(r.urls(t)))
		}
		text := describe(d)
		if downloads := method == nil || method == "GET"; downloads != strings.HasPrefix(text,
			`warning Objects Archived at AttributeName("prefix"): 3 of `) || len(d) > 1 {
			t.Errorf("%v: %s", method, text)
		}
	}
}

// The alias of an access point is listed as a bucket is.
func TestPrefixOfAccessPoint(t *testing.T) {
	w := newWorld(t).connect(t)
	const alias = "ap-01-3b00521f653d2b3223680ec39dbbe2opapalias-ossalias"
	must(t, w.oss.SetBucket(osstest.Bucket{Name: alias}))
	if _, err := w.oss.PutObject(alias, objectNamed("a")); err != nil {
		t.Fatal(err)
	}
	r, d, _ := w.configured(t, nil).readMany(byPrefix("a", args{"bucket": alias}))
	if len(d) > 0 || len(r.urls(t)) != 1 ||
		!strings.HasPrefix(r.urls(t)["a"], "https://"+alias+".oss-cn-hangzhou.aliyuncs.com/a?") {
		t.Error(describe(d))
	}
}

// Facts that a listing does not contain are null.
func TestPrefixWithoutFacts(t *testing.T) {
	w := newWorld(t)
	w.transport = always{200, http.Header{"X-Oss-Request-Id": {"65F1A2B30000000000000001"}}, page("", "", "a")}
	r, d, _ := w.configured(t, nil).readMany(byPrefix("a", nil))
	want := map[string]any{"size": "1", "etag": nil, "last_modified": nil, "storage_class": nil}
	if got := r.facts(t, "objects")["a"]; len(d) > 0 || !maps.Equal(got, want) {
		t.Errorf("%v\n%s", got, describe(d))
	}
}

// Temporary credentials sign the listing too, and a fault of our own is no interruption.
func TestPrefixSigning(t *testing.T) {
	w := newWorld(t).connect(t)
	w.put(t, objectNamed("a"))
	w.oss.SetCredential(osstest.Credential{
		AccessKeyID: "STS.example", AccessKeySecret: testSecret, SecurityToken: testToken,
	})
	r, d, log := w.configured(t, args{
		"access_key": "STS.example", "secret_key": testSecret, "security_token": testToken,
	}).readMany(byPrefix("a", nil))
	if len(d) > 0 || len(r.urls(t)) != 1 {
		t.Error(describe(d))
	}
	w.checkSilent(t, log, d, r)
	if got := probeFaults(errors.New("no key"), "prefix"); len(got) != 1 || got[0].title != titleSigning {
		t.Errorf("%v", got)
	}
	if got := probeFaults(fmt.Errorf("page: %w", context.Canceled), "prefix"); len(got) != 1 ||
		got[0].title != "Request Interrupted" || got[0].path[0] != "prefix" {
		t.Errorf("%v", got)
	}
}
