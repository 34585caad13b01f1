package provider

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/alioss/terraform-provider-alioss/internal/osstest"
)

// objectNamed is an object with some content.
func objectNamed(key string) osstest.Object {
	return osstest.Object{Key: key, Body: []byte(bodyOf(key)), ContentType: "text/plain"}
}

// A state that does not belong to the configuration is signed again, whatever was changed in it by
// hand. The next plan has no change.
func TestAlteredState(t *testing.T) {
	t.Parallel()
	w := ruledWorld(t)
	c := w.managed(t, nil)
	config := anObject(args{
		"headers": map[string]string{"X-A": " 1 "}, "query": map[string]string{"q": "1"}, "version": "v1",
	})
	c.create(config)
	good := c.state
	url := good.text("url")
	// other is the URL of another configuration, or of another time or block.
	other := func(at time.Duration, block, more args) string {
		t.Helper()
		w.clock.Set(start.Add(at))
		defer w.clock.Set(start)
		changed := args{}
		for name, value := range config {
			changed[name] = value
		}
		for name, value := range more {
			changed[name] = value
		}
		return w.configured(t, block).mustSign(changed).text("url")
	}
	replaced := func(from, to string) string {
		t.Helper()
		if strings.Count(url, from) != 1 {
			t.Fatalf("the URL has %d times %s", strings.Count(url, from), from)
		}
		return strings.Replace(url, from, to, 1)
	}
	unsigned := []args{ // each must be signed again
		{"url": ""},
		{"url": nil},
		{"url": "junk"},
		{"url": "https://example.com/"},
		{"url": strings.ToUpper(url)},
		{"url": url + "&a=b"},
		{"url": url + " "},
		{"url": url[:len(url)-1]},
		{"url": other(0, nil, args{"key": "b"})},
		{"url": other(0, nil, args{"version": "v2"})},
		{"url": other(0, nil, args{"version": nil})},
		{"url": other(0, nil, args{"query": nil})},
		{"url": other(0, nil, args{"query": map[string]string{"q": "2"}})},
		{"url": other(0, nil, args{"query": map[string]string{"q": "1", "r": ""}})},
		{"url": other(0, nil, args{"bucket": "otherbucket"})},
		{"url": other(0, args{"region": "cn-beijing"}, nil)},
		{"url": other(0, nil, args{"domain": "downloads.example.com"})},
		{"url": other(0, nil, args{"endpoint": "http://oss-cn-hangzhou.aliyuncs.com"})},
		{"url": other(0, nil, args{"endpoint_type": "internal"})},
		{"url": other(0, nil, args{"expiry": "2h"})},
		{"url": other(0, nil, args{"headers": map[string]string{"X-A": "1", "X-B": "1"}})},
		{"url": other(0, nil, args{"headers": nil})},
		{"url": other(0, nil, args{"bind_host": true})},
		{"url": other(0, nil, args{"filename": "a"})},
		{"url": other(0, nil, args{"traffic_limit": 819_200})},
		{"url": other(0, nil, args{"request_payer": true})},
		{"url": other(-time.Minute, nil, nil)}, // signed at another time than the state has
		{"url": replaced("https://", "http://")},
		{"url": replaced("x-oss-expires=3600", "x-oss-expires=7200")},
		{"url": replaced("/a?", "/b?")},
		{"url": replaced("versionId=v1", "versionId=v2")},
		{"expires_at": ""},
		{"expires_at": nil},
		{"expires_at": "junk"},
		{"expires_at": "2026-03-01"},
		{"expires_at": "2020-01-01T00:00:00Z"},
		{"expires_at": "2026-03-01T13:00:01Z"},
		{"expires_at": "9999-12-31T23:59:59Z"}, // later than the URL itself
		{"signing_time": ""},
		{"signing_time": nil},
		{"signing_time": "junk"},
		{"signing_time": "2026-03-01T11:59:59Z"},
		{"signed_headers": nil},
		{"signed_headers": map[string]string{}},
		{"signed_headers": map[string]string{"x-a": "2"}},
		{"signed_headers": map[string]string{"x-a": "1", "x-b": "2"}},
		{"object": tftypes.NewValue(factsType, objectWith("size", "content_type"))},
		{"bucket": "otherbucket"},
		{"bucket": nil},
		{"key": "b"},
		{"key": nil},
		{"method": "PUT"},
		{"method": nil},
		{"region": "cn-beijing"},
		{"region": nil},
		{"expiry": "1m"},
		{"expiry": nil},
		{"renew_before": "1s"},
		{"renew_before": "junk"},
		{"renew": nil},
		{"renew": false},
		{"domain": "x"},
		{"keepers": map[string]string{"a": "b"}},
		{"version": nil},
		{"verify": true},
		{"pin_version": false},
	}
	for _, change := range unsigned {
		t.Run(fmt.Sprint(change), func(t *testing.T) {
			now := c.is(c.with(good, change))
			what := slices.Sorted(keysOf(change))
			w.clock.Set(start.Add(time.Minute))
			d := now.decide(nil, config)
			if d.action != "update" || len(d.diagnostics) > 0 || !slices.Contains(d.unknowns(), "url") {
				t.Errorf("%v changed to %v: %v", what, change, d)
				return
			}
			if done, diags := now.carryOut(d, nil, config); done != "update" || len(diags) > 0 {
				t.Errorf("%v: %s\n%s", what, done, describe(diags))
				return
			}
			if d := now.decide(nil, config); d.action != "none" || len(d.diagnostics) > 0 {
				t.Errorf("%v, again: %v", what, d)
			}
			now.is(c.with(good, change)).destroy(nil)
		})
	}
	w.clock.Set(start.Add(time.Minute))
	for name, change := range map[string]args{
		"nothing": nil,
		"another key of the same configuration": {
			"url": other(0, args{"access_key": "STS.example", "secret_key": testSecret, "security_token": "token"}, nil),
		},
		"ends with its credentials":           {"expires_at": "2026-03-01T12:30:00Z"},
		"the same instant, written otherwise": {"signing_time": "2026-03-01T20:00:00+08:00"},
	} {
		if d := c.is(c.with(good, change)).decide(nil, config); d.action != "none" || len(d.diagnostics) > 0 {
			t.Errorf("%s: %v", name, d)
		}
	}
}

// ignore_changes passes an altered renew_before of the state to the provider unchecked: it is due,
// and the apply says what is wrong. With renew = false it does not matter.
func TestAlteredRenewBefore(t *testing.T) {
	t.Parallel()
	w := ruledWorld(t)
	c := w.managed(t, nil)
	for renew, want := range map[bool]string{true: "update", false: "none"} {
		config := anObject(args{"renew": renew})
		made := c.is(nil)
		made.create(config)
		now := c.is(c.with(made.state, args{"renew_before": "junk"}), "renew_before")
		d := now.decide(nil, config)
		if d.action != want || len(d.diagnostics) > 0 {
			t.Errorf("renew = %t: %v", renew, d)
		}
		if done, diags := now.carryOut(d, nil, config); want == "update" &&
			(done != "failed" || !strings.HasPrefix(describe(diags), "error Invalid Renew Before")) {
			t.Errorf("renew = %t: %s\n%s", renew, done, describe(diags))
		}
	}
}

// keysOf yields the names of arguments.
func keysOf(a args) func(func(string) bool) {
	return func(yield func(string) bool) {
		for name := range a {
			if !yield(name) {
				return
			}
		}
	}
}

// objectWith is an object's facts with some of them, and null for the others.
func objectWith(given ...string) map[string]tftypes.Value {
	facts := map[string]tftypes.Value{}
	for name, typ := range factsType.AttributeTypes {
		facts[name] = tftypes.NewValue(typ, nil)
		switch {
		case !slices.Contains(given, name):
		case typ.Is(tftypes.Number):
			facts[name] = tftypes.NewValue(tftypes.Number, 1)
		default:
			facts[name] = textValue("junk")
		}
	}
	return facts
}

// The object in a state is what it was when the URL was signed: without one there is no change, and
// a changed one is not asked about again. A pinned URL is compared with it.
func TestAlteredObject(t *testing.T) {
	t.Parallel()
	w := ruledWorld(t)
	c := w.managed(t, nil)
	for name, row := range map[string]struct {
		config args
		object any
		action string
	}{
		"verify, as made by a version without object": {args{"verify": true}, nil, "none"},
		"verify, junk": {
			args{"verify": true}, tftypes.NewValue(factsType, objectWith("size", "etag")), "none",
		},
		"pinned, none": {args{"pin_version": true}, nil, "update"},
		"pinned, another version": {
			args{"pin_version": true}, tftypes.NewValue(factsType, objectWith("version_id")), "update",
		},
		"pinned, no version": {
			args{"pin_version": true}, tftypes.NewValue(factsType, objectWith("size")), "update",
		},
		"pinned, no version, and a URL of none": {args{"pin_version": true}, "no version in the URL", "update"},
		"pinned, junk but for the version":      {args{"pin_version": true}, "keep version", "none"},
	} {
		t.Run(name, func(t *testing.T) {
			w.clock.Set(start)
			now, config := c.is(nil), anObject(row.config)
			now.create(config)
			if row.object == "keep version" {
				facts := objectWith("size", "etag")
				facts["version_id"] = values(now.state).elements("object")["version_id"]
				row.object = tftypes.NewValue(factsType, facts)
			}
			change := args{"object": row.object}
			if row.object == "no version in the URL" {
				change = args{"object": nil, "url": w.configured(t, nil).mustSign(anObject(nil)).text("url")}
			}
			now = c.is(c.with(now.state, change))
			requests := w.oss.Counts()[osstest.KindGet]
			d := now.decide(nil, config)
			if d.action != row.action || w.oss.Counts()[osstest.KindGet] != requests {
				t.Fatalf("%v, and %d requests", d, w.oss.Counts()[osstest.KindGet]-requests)
			}
			now.destroy(nil)
			if done, d := now.carryOut(d, nil, config); done != row.action || len(d) > 0 {
				t.Fatal(done, describe(d))
			}
			if d := now.decide(nil, config); d.action != "none" {
				t.Fatal(d)
			}
		})
	}
}

// What the first version recorded plans no change until it is due, by protocol.
func TestRecordedStatePlansNoChange(t *testing.T) {
	w := newWorld(t)
	c := w.managed(t, nil)
	text, err := os.ReadFile(filepath.Join("testdata", "state_v0.json"))
	must(t, err)
	var file struct {
		Resources []struct {
			Name      string
			Instances []struct{ Attributes json.RawMessage }
		}
	}
	must(t, json.Unmarshal(text, &file))
	configs := map[string]args{
		"plain": {"bucket": "examplebucket", "key": "a", "expiry": "1d"},
		"full": {
			"bucket": "examplebucket", "key": "报告/a b+c.pdf", "expiry": "20h",
			"version": "CAEQEhiBgIDmgPf8mxgiIDA1YjZlNDIxY2ZmMzQ1MmU5MTM1Y2M4Yzk4NjIx",
			"domain":  "https://downloads.example.com:8443",
			"region":  "oss-cn-hangzhou", "method": "GET", "headers": map[string]string{"X-Agent": "1"},
			"response_headers": map[string]string{"Cache-Control": "no-cache"}, "filename": "报告.pdf",
			"process":       "image/resize,w_200",
			"traffic_limit": 819_200, "request_payer": true, "query": map[string]string{"lang": "zh"}, "bind_host": true,
			"verify": false, "renew_before": "2h", "renew": true, "keepers": map[string]string{"etag": "1"},
		},
	}
	seen := 0
	for _, r := range file.Resources {
		seen++
		state, d := c.upgraded(string(r.Instances[0].Attributes))
		if len(d) > 0 {
			t.Fatal(describe(d))
		}
		for name, at := range map[string]time.Duration{"none": time.Hour, "update": 24 * time.Hour} {
			w.clock.Set(start.Add(at))
			now := c.is(state)
			d := now.decide(nil, configs[r.Name])
			if d.action != name || len(d.diagnostics) > 0 {
				t.Errorf("%s after %v: %v", r.Name, at, d)
			}
			if done, diags := now.carryOut(d, nil, configs[r.Name]); done != name || len(diags) > 0 {
				t.Errorf("%s after %v: %s\n%s", r.Name, at, done, describe(diags))
			}
			now.destroy(nil)
		}
	}
	if seen != 2 {
		t.Errorf("%d recorded resources", seen)
	}
}

// State files that were changed by hand are planned, applied and destroyed by both CLIs.
func TestCLIAlteredState(t *testing.T) {
	w := newWorld(t)
	c := w.cli(t)
	const config = `
resource "alioss_presigned_url" "test" {
  bucket = "examplebucket"
  key    = "a"
}
`
	c.write(config)
	c.both()
	file := filepath.Join(c.dir, "terraform.tfstate")
	good, err := os.ReadFile(file)
	must(t, err)
	url := c.url("alioss_presigned_url.test")
	other := w.configured(t, nil).mustSign(args{"bucket": "examplebucket", "key": "b"}).text("url")
	for name, change := range map[string]func(map[string]any){
		"junk end":       func(a map[string]any) { a["expires_at"] = "junk" },
		"no end":         func(a map[string]any) { a["expires_at"] = "" },
		"another object": func(a map[string]any) { a["url"] = other },
		"parameter":      func(a map[string]any) { a["url"] = url + "&a=b" },
		"another type":   func(a map[string]any) { a["signed_headers"], a["object"] = "junk", []any{1} },
		"missing":        func(a map[string]any) { delete(a, "url"); delete(a, "signing_time"); delete(a, "method") },
		"added":          func(a map[string]any) { a["owner"], a["region"] = map[string]any{"a": 1}, "cn-beijing" },
	} {
		var state map[string]any
		must(t, json.Unmarshal(good, &state))
		instances := state["resources"].([]any)[0].(map[string]any)["instances"].([]any)
		attributes := instances[0].(map[string]any)["attributes"].(map[string]any)
		change(attributes)
		text, err := json.Marshal(state)
		must(t, err)
		c.file("terraform.tfstate", string(text))
		c.must(0, "plan", "-destroy", "-input=false")
		c.plan(changes)
		if got := c.planned()["alioss_presigned_url.test"]; !strings.HasPrefix(got, "update ") {
			t.Errorf("%s: the plan does %q", name, got)
		}
		c.apply()
		c.plan(same)
		w.opensText(t, c.url("alioss_presigned_url.test"), "a")
		c.file("terraform.tfstate", string(text))
		c.must(0, "destroy", "-auto-approve", "-input=false")
		c.file("terraform.tfstate", string(good))
	}
}
