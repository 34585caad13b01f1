package provider

import (
	"fmt"
	"maps"
	"math/big"
	"net/http"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/alioss/terraform-provider-alioss/internal/osstest"
)

const bulkURLs = "alioss_presigned_urls"

// listOf and setOf return what tolist([ … ]) and toset([ … ]) in a configuration come as.
func listOf(elements ...string) tftypes.Value {
	return tftypes.NewValue(tftypes.List{ElementType: tftypes.String}, stringsOf(elements))
}

func setOf(elements ...string) tftypes.Value {
	return tftypes.NewValue(tftypes.Set{ElementType: tftypes.String}, stringsOf(elements))
}

func stringsOf(elements []string) []tftypes.Value {
	values := make([]tftypes.Value, len(elements))
	for i, element := range elements {
		values[i] = tftypes.NewValue(tftypes.String, element)
	}
	return values
}

// mixed returns a tuple of any values.
func mixed(values ...tftypes.Value) tftypes.Value {
	types := make([]tftypes.Type, len(values))
	for i, v := range values {
		types[i] = v.Type()
	}
	return tftypes.NewValue(tftypes.Tuple{ElementTypes: types}, values)
}

// objectType and mapOf return what { … } and tomap({ … }) in a configuration come as.
func objectType(values map[string]tftypes.Value) tftypes.Value {
	types := make(map[string]tftypes.Type, len(values))
	for name, v := range values {
		types[name] = v.Type()
	}
	return tftypes.NewValue(tftypes.Object{AttributeTypes: types}, values)
}

func mapOf(values map[string]tftypes.Value) tftypes.Value {
	return tftypes.NewValue(tftypes.Map{ElementType: tftypes.String}, values)
}

var (
	str           = func(s string) tftypes.Value { return tftypes.NewValue(tftypes.String, s) }
	nullValue     = tftypes.NewValue(tftypes.DynamicPseudoType, nil)
	unknownString = tftypes.NewValue(tftypes.String, tftypes.UnknownValue)
)

// urls returns the map of a result.
func (r result) urls(t testing.TB) map[string]string {
	t.Helper()
	var values map[string]tftypes.Value
	if err := r["urls"].As(&values); err != nil {
		t.Fatal(err)
	}
	urls := make(map[string]string, len(values))
	for key, v := range values {
		var url string
		if err := v.As(&url); err != nil {
			t.Fatal(err)
		}
		urls[key] = url
	}
	return urls
}

func TestManySignsAsOneDoes(t *testing.T) {
	keys := []string{"a", "a b+c", "中/文.txt", "x?y#z%2F", "🎉", strings.Repeat("k", 1023)}
	config := args{
		"bucket": "examplebucket", "expiry": "2d", "rotate_every": "1d", "bind_host": true, "request_payer": true,
		"traffic_limit": 819_200, "query": map[string]string{"x-custom": "1"},
		"response_headers": map[string]string{"cache-control": "no-store"},
		"headers":          map[string]string{"X-Extra": "v"},
	}
	for name, value := range map[string]tftypes.Value{
		"tuple": tupleOf(append(keys, keys...)...), "list": listOf(append(keys, "a")...), "set": setOf(keys...),
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			w.clock.Advance(5e9)
			s := w.configured(t, nil)
			c := maps.Clone(config)
			c["keys"] = value
			c["versions"] = mapOf(map[string]tftypes.Value{
				"a": str("v1"), "🎉": str("v/2+"), "a b+c": tftypes.NewValue(tftypes.String, nil),
			})
			r, d := s.read(bulkURLs, c)
			if len(d) > 0 {
				t.Fatal(describe(d))
			}
			urls := r.urls(t)
			if len(urls) != len(keys) {
				t.Fatalf("%d URLs, want %d", len(urls), len(keys))
			}
			for _, key := range keys {
				one := maps.Clone(config)
				one["key"] = key
				if version := map[string]string{"a": "v1", "🎉": "v/2+"}[key]; version != "" {
					one["version"] = version
				}
				single := s.mustSign(one)
				if urls[key] != single.text("url") {
					t.Errorf("key %q:\n got %s\nwant %s", key, urls[key], single.text("url"))
				}
				for _, name := range []string{"expires_at", "signing_time", "expiry", "region", "method"} {
					if r.text(name) != single.text(name) {
						t.Errorf("%s is %q, and for one URL %q", name, r.text(name), single.text(name))
					}
				}
				if !r["signed_headers"].Equal(single["signed_headers"]) {
					t.Errorf("signed_headers are %s, and for one URL %s", r["signed_headers"], single["signed_headers"])
				}
			}
			if !r["keys"].Equal(value) || !r["versions"].Equal(c["versions"].(tftypes.Value)) {
				t.Error("keys or versions did not come back as they were")
			}
		})
	}
}

// Expiry, deadline, rotation and instant mean what they mean for one URL: the same results, the
// same errors and the same warnings.
func TestManyKeepsTimeAsOneDoes(t *testing.T) {
	for _, timing := range []args{
		{},
		{"expiry": "15m"},
		{"expiry": "8d"},
		{"expiry": "0"},
		{"not_after": "2026-03-02T00:00:00Z"},
		{"not_after": "2026-03-02T08:00:00+08:00"},
		{"not_after": "2026-03-01T12:00:00Z"},
		{"not_after": "2026-03-09T00:00:00Z"},
		{"not_after": "tomorrow"},
		{"not_after": "2026-03-02T00:00:00Z", "expiry": "1h"},
		{"not_after": "2026-03-02T00:00:00Z", "rotate_every": "1h"},
		{"not_after": "2026-03-02T00:00:00Z", "signing_time": "2026-03-01T00:00:00Z"},
		{"rotate_every": "1d", "expiry": "2d"},
		{"rotate_every": "1h"},
		{"rotate_every": "2h", "expiry": "1h"},
		{"rotate_every": "daily"},
		{"rotate_every": "1m", "signing_time": "2026-03-01T00:00:00Z"},
		{"signing_time": "2026-03-01T00:00:00Z", "expiry": "7d"},
		{"signing_time": "2026-02-01T00:00:00Z"},
		{"signing_time": "2027-02-01T00:00:00Z"},
		{"signing_time": "2026-03-01"},
	} {
		t.Run(fmt.Sprint(timing), func(t *testing.T) {
			one, all := maps.Clone(timing), maps.Clone(timing)
			one["bucket"], all["bucket"], one["key"], all["keys"] = "examplebucket", "examplebucket", "a", tupleOf("a")
			// A session for each: a provider shows the same warning once.
			oneValid, allValid := newWorld(t).configured(t, nil).validate("data", "alioss_presigned_url", one),
				newWorld(t).configured(t, nil).validate("data", bulkURLs, all)
			if got, want := describe(allValid), describe(oneValid); got != want {
				t.Fatalf("validation says\n%s\nand for one URL\n%s", got, want)
			}
			if hasError(oneValid) {
				return
			}
			single, oneRead := newWorld(t).configured(t, nil).read("alioss_presigned_url", one)
			result, allRead := newWorld(t).configured(t, nil).read(bulkURLs, all)
			if got, want := describe(allRead), describe(oneRead); got != want {
				t.Fatalf("the read says\n%s\nand for one URL\n%s", got, want)
			}
			if hasError(oneRead) {
				return
			}
			if got, want := result.urls(t)["a"], single.text("url"); got != want {
				t.Errorf("got %s\nwant %s", got, want)
			}
			for _, name := range []string{"expires_at", "signing_time", "expiry"} {
				if !result[name].Equal(single[name]) {
					t.Errorf("%s is %s, and for one URL %s", name, result[name], single[name])
				}
			}
		})
	}
}

func TestManyIsAcceptedFromTheWire(t *testing.T) {
	w := newWorld(t)
	keys := []string{"a b+c", "中/文.txt", "~*!'()", "a//b/"}
	versions := map[string]tftypes.Value{}
	for _, key := range keys[:2] {
		versions[key] = str(w.put(t, osstest.Object{Key: key, Body: []byte("1")}))
	}
	r, d := w.configured(t, nil).read(bulkURLs, args{
		"bucket": "examplebucket", "keys": tupleOf(keys...), "versions": objectType(versions),
	})
	if len(d) > 0 {
		t.Fatal(describe(d))
	}
	for key, url := range r.urls(t) {
		if err := w.accepted(http.MethodGet, key, nil).CheckValue(url); err != nil {
			t.Errorf("key %q: %v", key, err)
		}
	}
}

func TestManyRefuses(t *testing.T) {
	number := tftypes.NewValue(tftypes.Number, big.NewFloat(1))
	yes := tftypes.NewValue(tftypes.Bool, true)
	for _, tt := range []struct {
		name   string
		config args
		want   string
	}{
		{
			"a string",
			args{"keys": str("a")},
			`error Invalid Keys at AttributeName("keys"): keys must be a list, tuple or set of strings, got a string. ` +
				`Write [key]`,
		},
		{
			"an object",
			args{"keys": objectType(map[string]tftypes.Value{"a": str("a")})},
			`keys must be a list, tuple or set of strings, got an object`,
		},
		{
			"a map",
			args{"keys": mapOf(map[string]tftypes.Value{"a": str("a")})},
			`keys must be a list, tuple or set of strings, got a map`,
		},
		{"empty tuple", args{"keys": tupleOf()}, `keys is empty`},
		{
			"empty list", args{
				"keys": tftypes.NewValue(tftypes.List{ElementType: tftypes.DynamicPseudoType}, []tftypes.Value{}),
			}, `keys is empty`,
		},
		{"null", args{}, `error Missing Argument at AttributeName("keys")`},
		{
			"a number",
			args{"keys": mixed(str("a"), str("b"), number, yes)},
			`keys must contain only strings, got a number at index 2`,
		},
		{"a bool", args{"keys": mixed(yes, number)}, `keys must contain only strings, got a bool at index 0`},
		{"a null", args{"keys": mixed(str("a"), nullValue)}, `keys must contain only strings, got null at index 1`},
		{"a tuple in a tuple", args{"keys": mixed(tupleOf("a"))}, `keys must contain only strings, got a tuple at index 0`},
		{
			"an unknown before a number",
			args{"keys": mixed(unknownString, number)},
			`keys must contain only strings, got a number at index 1`,
		},
		{
			"an unknown number",
			args{"keys": mixed(tftypes.NewValue(tftypes.Number, tftypes.UnknownValue))},
			`keys must contain only strings, got a number at index 0`,
		},
		{
			"a set of numbers",
			args{"keys": tftypes.NewValue(tftypes.Set{ElementType: tftypes.Number}, []tftypes.Value{number})},
			`keys must contain only strings, got a number.`,
		},
		{
			"versions as a string",
			args{"keys": tupleOf("a"), "versions": str("v")},
			`Invalid Versions at AttributeName("versions"): versions must be an object or map of version IDs by key, got ` +
				`a string`,
		},
		{
			"versions as a tuple",
			args{"keys": tupleOf("a"), "versions": tupleOf("v")},
			`versions must be an object or map of version IDs by key, got a tuple`,
		},
		{
			"a version as a number",
			args{"keys": tupleOf("a"), "versions": objectType(map[string]tftypes.Value{"a": number})},
			`versions must contain only strings or null, got a number for key "a"`,
		},
		{
			"a version of no key",
			args{"keys": tupleOf("a"), "versions": objectType(map[string]tftypes.Value{"a": str("1"), "b": str("2")})},
			"Invalid Versions at AttributeName(\"versions\"): 1 of 2 versions cannot be signed:\n\n  - \"b\": key has a " +
				"version, but is not in keys",
		},
		{
			"an empty version",
			args{"keys": tupleOf("a"), "versions": objectType(map[string]tftypes.Value{"a": str("")})},
			`  - "a": version is empty`,
		},
		{
			"versions of uploads",
			args{"keys": tupleOf("a"), "method": "PUT", "versions": objectType(map[string]tftypes.Value{"a": str("1")})},
			`which creates a new version. Leave versions out`,
		},
		{
			"keys of every fault",
			args{"keys": tupleOf("ok", "/a", "", "x/../y", strings.Repeat("k", 1024))},
			"error Invalid Keys at AttributeName(\"keys\"): 4 of 5 keys cannot be signed:\n\n" +
				"  - \"/a\": key must not begin with a slash, got \"/a\". Remove the slash\n" +
				"  - \"\": key is empty. An object key has 1 to 1023 bytes\n" +
				"  - \"x/../y\": key must not have \"..\" as a path segment",
		},
		{"rotation", args{"keys": tupleOf("a"), "rotate_every": "2h"}, "error Invalid Rotate Every"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			tt.config["bucket"] = "examplebucket"
			s := newWorld(t).configured(t, nil)
			if got := describe(s.validate("data", bulkURLs, tt.config)); !strings.Contains(got, tt.want) {
				t.Errorf("validation says\n%s\nand not\n%s", got, tt.want)
			}
			if tt.name == "null" || strings.Contains(tt.name, "unknown") || tt.name == "versions of uploads" {
				return // the CLI reads nothing that was refused, or that is not known
			}
			r, d := s.read(bulkURLs, tt.config)
			if got := describe(d); !strings.Contains(got, tt.want) {
				t.Errorf("the read says\n%s\nand not\n%s", got, tt.want)
			}
			if r["urls"].Type() != nil && !r["urls"].IsNull() {
				t.Error("there are URLs beside the error")
			}
		})
	}
}

// Unknown values pass. Known ones are checked beside them.
func TestManyValidatesAroundUnknown(t *testing.T) {
	unknownDynamic := tftypes.NewValue(tftypes.DynamicPseudoType, tftypes.UnknownValue)
	for _, tt := range []struct {
		name   string
		config args
		want   string
	}{
		{"keys", args{"keys": unknownDynamic}, ""},
		{
			"keys of a known type", args{"keys": tftypes.NewValue(tftypes.List{ElementType: tftypes.String},
				tftypes.UnknownValue)}, "",
		},
		{"versions", args{"keys": tupleOf("a"), "versions": unknownDynamic}, ""},
		{"a key", args{"keys": mixed(str("a"), unknownString, unknownDynamic)}, ""},
		{"a key, and a fault", args{"keys": mixed(unknownString, str("/a"))}, "1 of 1 keys cannot be signed"},
		{
			"a key that a version may belong to",
			args{"keys": mixed(unknownString), "versions": objectType(map[string]tftypes.Value{"b": str("2")})},
			"",
		},
		{"a version", args{"keys": tupleOf("a"), "versions": objectType(map[string]tftypes.Value{"a": unknownString})}, ""},
		{
			"the method", args{
				"keys": tupleOf("a"), "method": unknown, "versions": objectType(map[string]tftypes.Value{"a": str("v")}),
			}, "",
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			tt.config["bucket"] = "examplebucket"
			got := describe(newWorld(t).session(t).validate("data", bulkURLs, tt.config))
			if tt.want == "" && got != "" || !strings.Contains(got, tt.want) {
				t.Errorf("validation says %q, want %q", got, tt.want)
			}
		})
	}
}

func TestManyNamesTenFaultsAndTheirCount(t *testing.T) {
	keys := numberedKeys(5000)
	for i := 0; i < 1234; i++ {
		keys[i*3] = fmt.Sprintf("/%d", i)
	}
	_, d := newWorld(t).configured(t, nil).read(bulkURLs, args{"bucket": "examplebucket", "keys": tupleOf(keys...)})
	if len(d) != 1 {
		t.Fatalf("%d diagnostics, want 1:\n%s", len(d), describe(d))
	}
	detail := d[0].Detail
	if !strings.HasPrefix(detail, "1,234 of 5,000 keys cannot be signed") ||
		!strings.HasSuffix(detail, "and 1,224 more.") {
		t.Error(detail)
	}
	if n := strings.Count(detail, "must not begin with a slash"); n != 10 {
		t.Errorf("%d keys are named, want 10", n)
	}
	for i := range 10 {
		if !strings.Contains(detail, fmt.Sprintf(`"/%d"`, i)) {
			t.Errorf("key /%d, one of the first ten, is not named", i)
		}
	}
}

// A long key, and one that is no text, make no diagnostic that nobody can read.
func TestManyNamesLongKeysShort(t *testing.T) {
	long := "/" + strings.Repeat("中", 2000)
	got := describe(newWorld(t).configured(t, nil).validate("data", bulkURLs,
		args{"bucket": "examplebucket", "keys": tupleOf(long, "/\x00\n")}))
	if len(got) > 1000 || !strings.Contains(got, `"/\x00\n"`) || !strings.Contains(got, `中"… (6001 bytes)`) {
		t.Error(got)
	}
}

// The URLs of 100,000 keys come in one read, each of them right, in an answer that the protocol
// carries.
func TestManyAtTheLimit(t *testing.T) {
	t.Parallel()
	keys := numberedKeys(maxKeys)
	w := newWorld(t)
	r, d := w.unwitnessed(t).read(bulkURLs, args{"bucket": "examplebucket", "keys": tupleOf(keys...)})
	if len(d) > 0 {
		t.Fatal(describe(d))
	}
	urls := r.urls(t)
	if len(urls) != maxKeys {
		t.Fatalf("%d URLs", len(urls))
	}
	for i := 0; i < maxKeys; i += 199 {
		if err := w.accepted(http.MethodGet, keys[i], nil).CheckValue(urls[keys[i]]); err != nil {
			t.Fatal(err)
		}
	}
}

// What validation and read allocate grows with the keys, and not with their square: counted, so
// that no busy machine moves it.
func TestManyIsLinear(t *testing.T) {
	if raceDetector {
		t.Skip("the race detector lets pools forget, so that what is allocated is random")
	}
	s := newWorld(t).unwitnessed(t) // a witness's own work is not measured
	allocated := func(n int, collection func(...string) tftypes.Value) float64 {
		versions := make(map[string]tftypes.Value, n)
		keys := numberedKeys(n)
		for _, key := range keys {
			versions[key] = str("CAEQEhiBgIDmgPf8mxgiIDA1YjZlNDIxY2ZmMzQ1MmU5MTM1Y2M4Yzk4NjIx")
		}
		schema := schemaOf("data", bulkURLs)
		config := s.dynamic(schema, args{
			"bucket": "examplebucket", "keys": collection(keys...), "versions": objectType(versions),
		})
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		if d, err := s.validateRaw("data", bulkURLs, config); err != nil || len(d) > 0 {
			t.Fatal(err, describe(d))
		}
		answer, d, err := s.signRaw("data", bulkURLs, config)
		if err != nil || len(d) > 0 {
			t.Fatal(err, describe(d))
		}
		runtime.ReadMemStats(&after)
		witness{s.server, t}.see(answer, schema)
		return float64(after.TotalAlloc-before.TotalAlloc) / float64(n)
	}
	collections := map[string]func(...string) tftypes.Value{"tuple": tupleOf, "list": listOf, "set": setOf}
	for name, collection := range collections {
		t.Run(name, func(t *testing.T) {
			few, most := allocated(250, collection), allocated(4000, collection)
			if most > 1.3*few {
				t.Errorf("a key among 4,000 allocates %.0f bytes, and one among 250 %.0f: the growth is not linear", most, few)
			}
			if bound := 24_000.0; most > bound {
				t.Errorf("a key with a version allocates %.0f bytes, want at most %.0f", most, bound)
			}
			t.Logf("%.0f bytes for a key with a version", most)
		})
	}
}

// More than fits into one message is an error with the way out, in place of one of gRPC, and shows
// none of what makes it long.
func TestManyTooLargeForMessage(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	s := w.with(map[string]string{"OSS_SESSION_TOKEN": strings.Repeat(testToken, 30)}).configured(t, nil)
	c := s.server.(witness).ProviderServer.(*server).provider.client.Load()
	if c.messageBytes != 255<<20 {
		t.Errorf("an answer has at most %d bytes", c.messageBytes)
	}
	c.messageBytes = 12 << 20 // as much for these URLs as 255 MiB for longer ones
	_, d := s.read(bulkURLs, args{"bucket": "examplebucket", "keys": tupleOf(numberedKeys(9000)...)})
	got := describe(d)
	if !strings.Contains(got, "Invalid Keys") ||
		!strings.Contains(got, "keys contains 9,000 keys, whose URLs together exceed 12 MiB") {
		t.Fatal(got)
	}
	if strings.Contains(got, testToken) || strings.Contains(got, testSecret) {
		t.Fatal("a secret is in the diagnostics")
	}
	var chunk int
	if _, err := fmt.Sscanf(got[strings.Index(got, "chunklist"):], "chunklist(keys, %d)", &chunk); err != nil {
		t.Fatal(got)
	}
	// The way out works, and wastes little.
	if _, d := s.read(bulkURLs, args{"bucket": "examplebucket", "keys": tupleOf(numberedKeys(chunk)...)}); len(d) > 0 {
		t.Error(describe(d))
	}
	if chunk < 5000 {
		t.Errorf("%d of 9,000 keys fit", chunk)
	}
}

// The bound of an answer's size is a bound, and a close one.
func TestManySizeOfAnswer(t *testing.T) {
	w := newWorld(t)
	s := w.configured(t, nil)
	keys := append(numberedKeys(3000), "<&>\"\\", "中文/報告.pdf", "a//b", "\u2028", strings.Repeat("~", 900))
	versions := map[string]tftypes.Value{}
	for _, key := range keys {
		versions[key] = str("CAEQEhi/+=")
	}
	for name, c := range map[string]args{
		"tuple":    {"keys": tupleOf(keys...)},
		"set":      {"keys": setOf(keys...)},
		"versions": {"keys": tupleOf(keys...), "versions": objectType(versions)},
	} {
		t.Run(name, func(t *testing.T) {
			c["bucket"] = "examplebucket"
			schema := schemaOf("data", bulkURLs)
			config := s.dynamic(schema, c)
			answer, d, err := s.signRaw("data", bulkURLs, config)
			if err != nil || hasError(d) {
				t.Fatal(err, describe(d))
			}
			bound, actual := len(config.MsgPack), len(answer.MsgPack)
			for key, url := range s.result(schema, answer).urls(t) {
				bound += len(key) + len(url) + 10
			}
			if bound+1<<20 < actual || bound > actual+actual/10 {
				t.Errorf("an answer of %d bytes was expected to have %d", actual, bound)
			}
		})
	}
}

func TestManyHasTheDiagnosticsOfOne(t *testing.T) {
	w := newWorld(t)
	s := w.with(map[string]string{"OSS_SESSION_TOKEN": testToken}).configured(t, nil)
	_, d := s.read(bulkURLs, args{
		"bucket": "examplebucket", "keys": tupleOf("a", "b"), "expiry": "2h", "rotate_every": "1h",
		"response_headers": map[string]string{"content-type": "text/plain"},
	})
	got := describe(d)
	if strings.Count(got, "URL Changes With Credentials") != 1 || strings.Count(got, "Response Header Refused") != 1 ||
		len(d) != 2 {
		t.Error(got)
	}
	_, d = newWorld(t).configured(t, nil).read(bulkURLs, args{
		"bucket": "examplebucket", "keys": tupleOf("a"),
		"signing_time": start.AddDate(0, 0, -1).Format("2006-01-02T15:04:05Z"),
	})
	if got := describe(d); strings.Count(got, "Presigned URL Expired") != 1 || len(d) != 1 {
		t.Error(got)
	}
}

func TestManyWarnsOfUnusualKeysOnce(t *testing.T) {
	keys := append(numberedKeys(5), "oss://examplebucket/a", "a%20b", "100%", "a\n")
	_, d := newWorld(t).configured(t, nil).read(bulkURLs, args{"bucket": "examplebucket", "keys": tupleOf(keys...)})
	got := describe(d)
	if len(d) != 1 || hasError(d) ||
		!strings.Contains(got, `warning Unusual Key at AttributeName("keys"): 3 of 9 keys are probably not names`) {
		t.Error(got)
	}
	for _, want := range []string{
		`"oss://examplebucket/a": It looks like a URL`, `"a%20b": It looks percent-encoded`, `"a\n": It begins or ends`,
	} {
		if !strings.Contains(got, want) {
			t.Errorf("%s\ndoes not say %s", got, want)
		}
	}
}

func TestManyKeysInOrder(t *testing.T) {
	var m manyObjects
	if err := m.readKeys(tupleOf("c", "a", "c", "b", "a")); err != nil {
		t.Fatal(err)
	}
	if want := []string{"c", "a", "b"}; !slices.Equal(m.keys, want) {
		t.Errorf("keys are %q, want %q", m.keys, want)
	}
}

func TestManyBoundsTheKeys(t *testing.T) {
	var m manyObjects
	err := m.readKeys(listOf(make([]string, maxKeys+1)...))
	if err == nil || !strings.Contains(err.Error(), "keys must have at most 100,000 elements, got 100,001. Split them") {
		t.Error(err)
	}
	if err := m.readKeys(listOf(make([]string, maxKeys)...)); err != nil {
		t.Error(err)
	}
}

// What no CLI sends is refused without a panic: keys that are null when they are read, and a
// configuration that is no object.
func TestManyRefusesWhatNoCLISends(t *testing.T) {
	s := newWorld(t).configured(t, nil)
	_, d := s.read(bulkURLs, args{"bucket": "examplebucket", "keys": nil})
	expectRefusal(t, d, badInput{at: "keys", title: "Missing Argument", words: "keys or prefix is required"})
	typ := schemaOf("data", bulkURLs).ValueType()
	for name, config := range map[string]*tfprotov6.DynamicValue{
		"nothing": nil, "null": s.rawOf(typ, tftypes.NewValue(typ, nil)),
		"unknown":        s.rawOf(typ, tftypes.NewValue(typ, tftypes.UnknownValue)),
		"no MessagePack": {MsgPack: []byte{0xc1}}, "no bytes": {},
	} {
		_, _ = s.validateRaw("data", bulkURLs, config)
		if _, d, err := s.signRaw("data", bulkURLs, config); err == nil && !hasError(d) {
			t.Errorf("%s: it is read without an error", name)
		}
	}
}
