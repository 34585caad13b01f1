package provider

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/alioss/terraform-provider-alioss/internal/osstest"
	"github.com/alioss/terraform-provider-alioss/internal/testworld"
)

// ruledConfigs are configurations of the resource that differ in each argument.
func ruledConfigs() map[string]args {
	return map[string]args{
		"least":           {},
		"key":             {"key": "b"},
		"bucket":          {"bucket": "otherbucket"},
		"expiry":          {"expiry": "90m"},
		"same expiry":     {"expiry": "3600"},
		"renew before":    {"renew_before": "10m"},
		"renew off":       {"renew": false},
		"keepers":         {"keepers": map[string]string{"a": "1"}},
		"region":          {"region": "oss-cn-hangzhou"},
		"domain":          {"domain": "downloads.example.com"},
		"internal":        {"endpoint_type": "internal"},
		"endpoint":        {"endpoint": "https://oss-cn-hangzhou-internal.aliyuncs.com"},
		"method":          {"method": "HEAD"},
		"upload":          {"method": "PUT", "headers": map[string]string{"Content-Type": " text/plain "}},
		"header":          {"headers": map[string]string{"X-Agent": "1", "x-oss-meta-a": "b"}},
		"response header": {"response_headers": map[string]string{"Cache-Control": "no-store"}},
		"query":           {"query": map[string]string{"a": "b", "c": ""}},
		"filename":        {"filename": "报告.pdf"},
		"process":         {"process": "image/resize,w_200"},
		"traffic limit":   {"traffic_limit": 819_200},
		"request payer":   {"request_payer": true},
		"bind host":       {"bind_host": true},
		"version":         {"version": "v1"},
		"verify":          {"verify": true},
		"verify off":      {"verify": false, "pin_version": false},
		"pin version":     {"pin_version": true},
		"pin and verify":  {"pin_version": true, "verify": true},
		"several": {
			"expiry": "2h", "renew_before": "5m", "headers": map[string]string{"x-a": "b"}, "verify": true,
			"keepers": map[string]string{},
		},
		"verify of a HEAD": {"method": "HEAD", "verify": true},
	}
}

// ruledWorld is a world with objects, whose stand-in takes requests.
func ruledWorld(t testing.TB) *world {
	t.Helper()
	w := newWorld(t).connect(t)
	if err := w.oss.SetBucket(osstest.Bucket{
		Name: "otherbucket", Versioning: osstest.VersioningEnabled, Domains: []string{"other.example.com"},
	}); err != nil {
		t.Fatal(err)
	}
	for _, bucket := range []string{"examplebucket", "otherbucket"} {
		for _, key := range []string{"a", "b"} {
			if _, err := w.oss.PutObject(bucket, osstest.Object{Key: key, Body: []byte(bucket + key)}); err != nil {
				t.Fatal(err)
			}
		}
	}
	return w
}

// Every prior state × configuration × clock keeps to the core's rules, is signed exactly if
// something changed or is due, and has no change afterwards.
func TestPlanRules(t *testing.T) {
	t.Parallel()
	w := ruledWorld(t)
	c := w.managed(t, nil)
	configs := ruledConfigs()
	names := slices.Sorted(maps.Keys(configs))
	states := map[string]result{}
	for _, name := range names {
		w.clock.Set(start)
		made := c.is(nil)
		made.create(anObject(configs[name]))
		states[name] = made.state
	}
	lifetime := func(state result) time.Duration { return instant(t, state.text("expires_at")).Sub(start) }
	for i, from := range names {
		for j, to := range names {
			clocks := []time.Duration{time.Minute, 51 * time.Minute, 3 * time.Hour, -time.Hour}
			if from != to && from != "least" && to != "least" {
				clocks = clocks[(i+j)%len(clocks):][:1] // pairs of changes do not differ by the time
			}
			for _, at := range clocks {
				w.clock.Set(start.Add(at))
				now := c.is(states[from])
				where := fmt.Sprintf("%s → %s after %v", from, to, at)
				d := now.decide(nil, anObject(configs[to]))
				want := "none"
				due := at >= lifetime(states[from]) && to != "renew off" || from == "renew before" && at == 51*time.Minute
				due = due || from == "several" && at >= 2*time.Hour
				if from != to || due {
					want = "update"
				}
				if d.action != want {
					t.Fatalf("%s: %v, want %s", where, d, want)
				}
				if want == "none" {
					continue
				}
				for _, name := range d.unknowns() {
					if !slices.Contains([]string{"url", "expires_at", "signing_time", "signed_headers", "object"}, name) {
						t.Fatalf("%s: %s is unknown", where, name)
					}
				}
				for _, name := range []string{"url", "expires_at", "signing_time"} {
					if !slices.Contains(d.unknowns(), name) {
						t.Fatalf("%s: %s is known", where, name)
					}
				}
				if len(clocks) == 1 && (i+j)%3 != 0 {
					continue // a third of them is carried out
				}
				if done, diags := now.carryOut(d, nil, anObject(configs[to])); done != want || hasError(diags) {
					t.Fatalf("%s: %s\n%s", where, done, describe(diags))
				}
				if again := now.decide(nil, anObject(configs[to])); again.action != "none" {
					t.Fatalf("%s, again: %v", where, again)
				}
			}
		}
	}
}

// A plan may see any argument as unknown, and any block of the provider; an apply sees what they
// are. The clock may move in between, either way.
func TestPlanRulesWithUnknownValues(t *testing.T) {
	t.Parallel()
	const cases = 400
	w := ruledWorld(t)
	c := w.managed(t, nil)
	configs := ruledConfigs()
	names := slices.Sorted(maps.Keys(configs))
	blocks := []args{
		nil,
		{"region": "cn-hangzhou"},
		{"region": "cn-beijing"},
		{"endpoint_type": "internal"},
		{"endpoint": "https://oss-cn-beijing.aliyuncs.com"},
		{"endpoint": "oss-cn-hangzhou.aliyuncs.com"},
		{"access_key": testKey, "secret_key": testSecret, "region": "cn-hangzhou"},
	}
	hiding := []args{
		nil,
		{"region": unknown},
		{"endpoint": unknown},
		{"endpoint_type": unknown},
		{"path_style": unknown},
		{"access_key": unknown, "secret_key": unknown},
		{"profile": unknown},
	}
	counts := map[string]int{}
	type storedState struct {
		state         result
		config, block args
	}
	var states []storedState
	for n := range cases {
		r := rand.New(rand.NewPCG(7, uint64(n)))
		pick := func() args {
			config := anObject(configs[names[r.IntN(len(names))]])
			if config["pin_version"] == true || config["verify"] == true {
				delete(config, "pin_version") // answers of a service in another region are errors, which have tests of their own
				delete(config, "verify")
			}
			return config
		}
		w.clock.Set(start)
		now, config, block := c.is(nil), pick(), blocks[r.IntN(len(blocks))]
		if len(states) > 0 && r.IntN(5) > 0 {
			one := states[r.IntN(len(states))]
			if now = c.is(one.state); r.IntN(2) == 0 {
				config, block = one.config, one.block
			}
		}
		if config["endpoint"] != nil && block["region"] == "cn-beijing" ||
			config["region"] != nil && block["endpoint"] == "https://oss-cn-beijing.aliyuncs.com" {
			block = nil // the host is one of another region
		}
		seen := maps.Clone(config)
		for name := range config {
			if r.IntN(6) == 0 {
				seen[name] = unknown
			}
		}
		for _, name := range []string{
			"region", "endpoint", "domain", "verify", "headers", "renew_before", "keepers", "version", "expiry",
		} {
			if r.IntN(25) == 0 && config[name] == nil && (seen["domain"] == nil || name != "endpoint") &&
				(seen["endpoint"] == nil || name != "domain") &&
				seen["endpoint_type"] == nil {
				seen[name] = unknown
			}
		}
		plannedBlock := maps.Clone(block)
		if plannedBlock == nil {
			plannedBlock = args{}
		}
		for name, value := range hiding[r.IntN(len(hiding))] {
			if name == "endpoint" && plannedBlock["endpoint_type"] != nil ||
				name == "endpoint_type" && plannedBlock["endpoint"] != nil ||
				name == "profile" && plannedBlock["access_key"] != nil {
				continue
			}
			plannedBlock[name] = value
		}
		moves := []time.Duration{time.Minute, 50 * time.Minute, 3 * time.Hour, -time.Hour}
		w.clock.Set(start.Add(moves[r.IntN(len(moves))]))
		d := now.decide(plannedBlock, seen)
		if d.action == "refused" {
			t.Fatalf("case %d: %v %v: %v", n, plannedBlock, seen, d)
		}
		w.clock.Set(start.Add(moves[r.IntN(len(moves))]))
		done, diags := now.carryOut(d, block, config)
		counts[d.action+", then "+done]++
		if done == "failed" {
			t.Fatalf("case %d: %v %v: %s", n, block, config, describe(diags))
		}
		if done != "create" && done != "update" {
			continue
		}
		states = append(states, storedState{now.state, config, block})
		if again := now.decide(block, config); again.action != "none" {
			t.Fatalf("case %d, again: %v", n, again)
		}
	}
	t.Log(counts)
	for _, kind := range []string{"create, then create", "update, then update", "update, then none", "none, then none"} {
		if counts[kind] < 5 {
			t.Errorf("%q came %d times", kind, counts[kind])
		}
	}
}

// The region that a profile has is not known as long as it is not known which profile signs.
func TestPlanOfUnknownProfile(t *testing.T) {
	w := newWorld(t)
	keys := `"mode":"AK","access_key_id":"` + testKey + `","access_key_secret":"` + testSecret + `"`
	w.files = map[string]string{"/home/user/.aliyun/config.json": `{"current":"default","profiles":[
		{"name":"default",` + keys + `,"region_id":"cn-hangzhou"},
		{"name":"other",` + keys + `,"region_id":"cn-beijing"}]}`}
	w.variables = map[string]string{}
	c := w.managed(t, nil)
	d := c.decide(args{"profile": unknown}, anObject(nil))
	if d.action != "create" || !slices.Contains(d.unknowns(), "region") {
		t.Fatal(d)
	}
	if done, diags := c.carryOut(d, args{"profile": "other"}, anObject(nil)); done != "create" ||
		c.state.text("region") != "cn-beijing" {
		t.Fatalf("%s\n%s", done, describe(diags))
	}
	d = c.decide(args{"profile": unknown}, anObject(nil))
	if d.action != "update" || !slices.Contains(d.unknowns(), "region") {
		t.Fatal(d)
	}
	if done, diags := c.carryOut(d, args{"profile": "other"}, anObject(nil)); done != "none" {
		t.Fatalf("%s\n%s", done, describe(diags))
	}
	if d = c.decide(args{"profile": "other"}, anObject(nil)); d.action != "none" {
		t.Fatal(d)
	}
}

// An update that fails leaves the prior state, and a creation that fails leaves none, whatever
// fails.
func TestFailedApplyKeepsState(t *testing.T) {
	for name, c := range map[string]struct {
		config args
		breaks func(w *world)
		title  string
	}{
		"verify": {args{"key": "nothing", "verify": true}, nil, titleNoObject},
		"pin":    {args{"key": "nothing", "pin_version": true}, nil, titleNoObject},
		"credentials": {args{"key": "b"}, func(w *world) {
			w.variables = map[string]string{"OSS_REGION": "cn-hangzhou"}
		}, "Missing Credentials"},
		"network": {
			args{"key": "b", "verify": true}, func(w *world) { w.transport = testworld.Refuse }, "Host Not Reachable",
		},
	} {
		t.Run(name, func(t *testing.T) {
			w := ruledWorld(t)
			made := w.managed(t, nil)
			made.create(anObject(nil))
			fresh := made.is(nil)
			if c.breaks != nil {
				c.breaks(w)
			}
			for _, now := range []*managed{made, fresh} { // carryOut compares the state that comes back with the one before
				before := now.state
				done, d := now.carryOut(now.decide(nil, anObject(c.config)), nil, anObject(c.config))
				if done != "failed" || !strings.HasPrefix(describe(d), "error "+c.title) {
					t.Fatalf("%s\n%s", done, describe(d))
				}
				if len(before) != len(now.state) {
					t.Fatal("the state changed")
				}
			}
		})
	}
}

// Reading leaves everything as it is, private data included.
func TestReadKeepsState(t *testing.T) {
	w := ruledWorld(t)
	c := w.managed(t, nil)
	c.create(anObject(nil))
	for name, state := range map[string]result{
		"as made": c.state, "junk": c.with(c.state, args{"url": "junk", "expires_at": "", "bucket": nil}), "nothing": nil,
	} {
		resp, err := c.server.ReadResource(t.Context(), &tfprotov6.ReadResourceRequest{
			TypeName: managedURL, CurrentState: c.object(state), Private: []byte("kept"),
		})
		if err != nil || len(resp.Diagnostics) > 0 || string(resp.Private) != "kept" ||
			!c.raw(resp.NewState).Equal(c.raw(c.object(state))) {
			t.Errorf("%s: %v %s", name, err, describe(resp.Diagnostics))
		}
	}
}

// What is in a state of the same version is read whatever it is: what is missing or of another type
// is null, what was added is dropped. Then it can be planned and destroyed.
func TestUpgradeOfAnyState(t *testing.T) {
	w := ruledWorld(t)
	c := w.managed(t, nil)
	whole, err := os.ReadFile("testdata/state_v0.json")
	if err != nil {
		t.Fatal(err)
	}
	for name, s := range map[string]struct {
		state string
		texts map[string]string
	}{
		"empty": {`{}`, map[string]string{"bucket": ""}},
		"missing": {
			`{"bucket":"examplebucket","key":"a"}`, map[string]string{"bucket": "examplebucket", "key": "a", "url": ""},
		},
		"added": {
			`{"bucket":"examplebucket","owner":{"a":[1]},"zone":null}`, map[string]string{"bucket": "examplebucket"},
		},
		"null":            {`{"bucket":null,"object":null,"headers":null}`, map[string]string{"bucket": ""}},
		"number for text": {`{"bucket":["a"],"key":"a"}`, map[string]string{"bucket": "", "key": "a"}},
		"text for object": {`{"bucket":"examplebucket","object":"junk"}`, map[string]string{"bucket": "examplebucket"}},
		"text for map": {
			`{"key":"a","signed_headers":"junk","headers":{"a":1,"b":["x"]},"keepers":[]}`, map[string]string{"key": "a"},
		},
		"text for number":  {`{"key":"a","traffic_limit":"fast","renew":"perhaps"}`, map[string]string{"key": "a"}},
		"object of others": {`{"key":"a","object":{"size":"big","weight":1}}`, map[string]string{"key": "a"}},
		"huge number":      {`{"key":"a","traffic_limit":1e400}`, map[string]string{"key": "a"}},
		"another file":     {string(whole), map[string]string{"key": ""}},
	} {
		t.Run(name, func(t *testing.T) {
			state, d := c.upgraded(s.state)
			if len(d) > 0 || len(state) != len(c.schema.Block.Attributes) {
				t.Fatalf("%d attributes\n%s", len(state), describe(d))
			}
			for attribute, want := range s.texts {
				if got := state.text(attribute); got != want {
					t.Errorf("%s is %q, want %q", attribute, got, want)
				}
			}
			now := c.is(state)
			if d := now.decide(nil, anObject(nil)); d.action != "update" || len(d.diagnostics) > 0 {
				t.Errorf("plan: %v", d)
			}
			if done, d := now.carryOut(now.decide(nil, anObject(nil)), nil, anObject(nil)); done != "update" || len(d) > 0 {
				t.Errorf("apply: %s\n%s", done, describe(d))
			}
			if d := now.decide(nil, anObject(nil)); d.action != "none" {
				t.Errorf("again: %v", d)
			}
			c.is(state).destroy(nil)
		})
	}
	for _, state := range []string{``, `junk`, `[]`, `null`, `"text"`, `{"bucket":`} {
		if _, d := c.upgraded(state); !hasError(d) || d[0].Summary != "Invalid State" {
			t.Errorf("%q: %q", state, describe(d))
		}
	}
}

// Nothing keeps a URL from being destroyed: no state, and no provider block.
func TestDestroyAlwaysWorks(t *testing.T) {
	w := ruledWorld(t)
	c := w.managed(t, nil)
	c.create(anObject(args{"verify": true}))
	w.variables, w.transport = map[string]string{}, testworld.Refuse
	for _, state := range []result{
		c.state, c.with(c.state, args{"expires_at": "junk"}),
		c.with(c.state, args{"url": "junk", "region": nil, "renew_before": "x", "expiry": ""}),
		c.with(c.state, args{"bucket": nil, "key": nil, "object": nil, "signed_headers": nil, "method": "JUNK"}),
	} {
		now := c.is(state)
		now.destroy(nil)
		for _, block := range []args{
			nil, {"region": unknown}, {"access_key": unknown, "secret_key": unknown, "endpoint": unknown},
		} {
			now.destroy(&block)
		}
	}
}

// A configuration or state that the CLI cannot send is an error, never a panic.
func TestPlanOfNothing(t *testing.T) {
	s := newWorld(t).configured(t, nil)
	typ := schemaOf("resource", managedURL).ValueType()
	whole, err := tfprotov6.NewDynamicValue(typ, tftypes.NewValue(typ, tftypes.UnknownValue))
	must(t, err)
	for _, v := range []*tfprotov6.DynamicValue{nil, {}, {MsgPack: []byte{1}}, {JSON: []byte("junk")}, &whole} {
		plan, err := s.server.PlanResourceChange(t.Context(), &tfprotov6.PlanResourceChangeRequest{
			TypeName: managedURL,
			Config:   v, PriorState: v, ProposedNewState: v,
		})
		if err == nil && plan.PlannedState != v {
			t.Error("plans something")
		}
		if _, err = s.server.ApplyResourceChange(t.Context(), &tfprotov6.ApplyResourceChangeRequest{
			TypeName:     managedURL,
			PlannedState: v, PriorState: v,
		}); err != nil {
			continue
		}
	}
}
