package provider

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"

	"github.com/alioss/terraform-provider-alioss/internal/osstest"
)

// results are the attributes that a plan leaves unknown if the URL is signed again.
var results = []string{"expires_at", "signing_time", "url"}

// expectRenewal wants a plan to be an update in place of the results alone.
func expectRenewal(t *testing.T, p plan) {
	t.Helper()
	if p.action != "update" || !slices.Equal(p.unknowns(), results) || len(p.diagnostics) > 0 {
		t.Fatalf("%q with %v unknown, want an update with %v\n%s", p.action, p.unknowns(), results, describe(p.diagnostics))
	}
}

// expectNoChange wants a plan without changes and diagnostics.
func expectNoChange(t *testing.T, p plan) {
	t.Helper()
	if p.action != "none" || len(p.diagnostics) > 0 {
		t.Fatalf("%q with %v unknown, want no change\n%s", p.action, p.unknowns(), describe(p.diagnostics))
	}
}

// checkOpens checks that OSS accepts a URL from the wire now.
func (w *world) checkOpens(t *testing.T, r result) {
	t.Helper()
	if err := w.accepted(r.text("method"), r.text("key"), nil).CheckValue(r.text("url")); err != nil {
		t.Fatal(err)
	}
}

// agent is a configuration of a download, with more arguments.
func agent(more args) args {
	return args{"bucket": "examplebucket", "key": "agent.tar.gz"}.with(more)
}

// A URL stays to the second before it is due, and is renewed in place from then on.
func TestResourceRenewal(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		begin, expiry, before string
		due                   string // the first second with a renewal
		end                   string
	}{
		{"2026-03-01T12:00:00Z", "1h", "0s", "2026-03-01T13:00:00Z", "2026-03-01T13:00:00Z"},
		{"2026-03-01T12:00:00Z", "1h", "10m", "2026-03-01T12:50:01Z", "2026-03-01T13:00:00Z"},
		{"2026-03-01T12:00:00Z", "7d", "1d", "2026-03-07T12:00:01Z", "2026-03-08T12:00:00Z"},
		{"2026-03-01T12:00:00Z", "1s", "0", "2026-03-01T12:00:01Z", "2026-03-01T12:00:01Z"},
		{"2026-03-01T12:00:00Z", "2s", "1s", "2026-03-01T12:00:02Z", "2026-03-01T12:00:02Z"},
		{"2028-02-28T12:00:00Z", "2d", "1d", "2028-02-29T12:00:01Z", "2028-03-01T12:00:00Z"},
		{"2026-12-31T23:30:00Z", "1h", "30m", "2027-01-01T00:00:01Z", "2027-01-01T00:30:00Z"},
		{"2038-01-19T03:14:07Z", "1s", "0s", "2038-01-19T03:14:08Z", "2038-01-19T03:14:08Z"},
		{"2038-01-19T02:14:08Z", "1h", "0s", "2038-01-19T03:14:08Z", "2038-01-19T03:14:08Z"},
	} {
		t.Run(c.begin+" "+c.expiry+" "+c.before, func(t *testing.T) {
			w := newWorld(t)
			begin, due := instant(t, c.begin), instant(t, c.due)
			w.clock.Set(begin)
			m, config := w.managed(t, nil), agent(args{"expiry": c.expiry, "renew_before": c.before})
			m.create(config)
			first := m.state
			w.checkOpens(t, first)
			if first.text("expires_at") != c.end || first.text("signing_time") != c.begin {
				t.Fatalf("%s to %s", first.text("signing_time"), first.text("expires_at"))
			}
			for _, at := range []time.Time{begin, begin.Add(-time.Hour), due.Add(-time.Second)} {
				w.clock.Set(at)
				expectNoChange(t, m.plan(config))
			}
			for _, at := range []time.Time{due, due.Add(time.Second), due.Add(400 * 24 * time.Hour)} {
				w.clock.Set(at)
				m := m.apart()
				p := m.plan(config)
				expectRenewal(t, p)
				if done, d := m.apply(p); done != "update" || len(d) > 0 {
					t.Fatal(done, describe(d))
				}
				w.checkOpens(t, m.state)
				if m.state.text("signing_time") != at.Format(time.RFC3339) || m.state.text("url") == first.text("url") {
					t.Fatalf("signed at %s", m.state.text("signing_time"))
				}
				expectNoChange(t, m.plan(config))
			}
		})
	}
}

// A plan may be made on one side of the renewal instant and applied on the other, with the clock
// moving either way.
func TestResourceClockBetweenPlanAndApply(t *testing.T) {
	due := start.Add(50*time.Minute + time.Second)
	for _, c := range []struct {
		name        string
		plan, apply time.Time
		config      args // beside the due one; a change of its own
		done        string
	}{
		{"planned before, applied after", due.Add(-time.Second), due, nil, "none"},
		{"planned and applied before", due.Add(-time.Second), due.Add(-time.Second), nil, "none"},
		{"planned and applied when due", due, due, nil, "update"},
		{"planned when due, applied long after", due, due.Add(300 * 24 * time.Hour), nil, "update"},
		{"planned when due, applied on a clock set back", due, due.Add(-time.Second), nil, "none"},
		{"planned when due, applied on a clock set back before the first URL", due, start.Add(-24 * time.Hour), nil, "none"},
		{"changed before, applied after", due.Add(-time.Second), due, args{"expiry": "2h"}, "update"},
		{"changed when due, applied on a clock set back", due, due.Add(-time.Second), args{"expiry": "2h"}, "update"},
		{"changed when ended, applied on a clock set back", start.Add(time.Hour), start, args{"filename": "a"}, "update"},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := newWorld(t)
			m, config := w.managed(t, nil), agent(args{"renew_before": "10m"})
			m.create(config)
			first := m.state.text("url")
			config = config.with(c.config)
			w.clock.Set(c.plan)
			p := m.plan(config)
			w.clock.Set(c.apply)
			done, d := m.apply(p) // fails if the final plan or the result contradicts the plan
			if done != c.done || len(d) > 0 {
				t.Fatalf("%q, want %q\n%s", done, c.done, describe(d))
			}
			if changed := m.state.text("url") != first; changed != (done == "update") {
				t.Fatalf("%q, but URL changed: %t", done, changed)
			}
			if done == "update" {
				w.checkOpens(t, m.state)
			}
			w.clock.Set(due.Add(time.Hour))
			if done == "none" {
				expectRenewal(t, m.plan(config))
			}
		})
	}
}

// Every argument that changes, appears or disappears leads to a new signature, in place. A new
// argument must be added here.
func TestResourceEveryChangeSignsAgain(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for _, b := range []osstest.Bucket{
		{Name: "otherbucket", Domains: []string{"other.example.com"}}, {Name: "beijingbucket", Region: "cn-beijing"},
	} {
		if err := w.oss.SetBucket(b); err != nil {
			t.Fatal(err)
		}
	}
	with := func(more args) args { return more }
	changes := map[string][]args{ // each beside the arguments of agent, starting with the first
		"bucket": {with(nil), with(args{"bucket": "otherbucket"})},
		"key":    {with(nil), with(args{"key": "agent.tar.gz2"}), with(args{"key": "Agent.tar.gz"})},
		"expiry": {with(nil), with(args{"expiry": "3600"}), with(args{"expiry": "3601s"})},
		"domain": {
			with(nil), with(args{"domain": "downloads.example.com"}), with(args{"domain": "http://downloads.example.com"}),
		},
		"region": {
			with(args{"bucket": "beijingbucket", "region": "cn-beijing"}),
			with(args{"bucket": "beijingbucket", "region": "oss-cn-beijing"}),
		},
		"endpoint_type": {with(nil), with(args{"endpoint_type": "internal"}), with(args{"endpoint_type": "accelerate"})},
		"endpoint": {
			with(nil), with(args{"endpoint": "oss-cn-hangzhou-internal.aliyuncs.com"}),
			with(args{"endpoint": "http://127.0.0.1:8080"}),
		},
		"method": {with(nil), with(args{"method": "HEAD"}), with(args{"method": "DELETE"})},
		"headers": {
			with(nil), with(args{"headers": map[string]string{"range": "bytes=0-9"}}),
			with(args{"headers": map[string]string{"Range": "bytes=0-8"}}),
		},
		"response_headers": {with(nil), with(args{"response_headers": map[string]string{"expires": "0"}})},
		"process": {
			with(nil), with(args{"process": "image/resize,w_200"}), with(args{"process": "image/resize,w_201"}),
		},
		"traffic_limit": {with(nil), with(args{"traffic_limit": 819200}), with(args{"traffic_limit": 819201})},
		"request_payer": {with(nil), with(args{"request_payer": true}), with(args{"request_payer": false})},
		"query": {
			with(nil), with(args{"query": map[string]string{"x": "1"}}), with(args{"query": map[string]string{"x": ""}}),
		},
		"bind_host":    {with(nil), with(args{"bind_host": true}), with(args{"bind_host": false})},
		"version":      {with(nil), with(args{"version": "v1"}), with(args{"version": "null"})},
		"filename":     {with(nil), with(args{"filename": "a.txt"}), with(args{"filename": "报告.pdf"})},
		"verify":       {with(nil), with(args{"verify": false})},
		"pin_version":  {with(nil), with(args{"pin_version": false})},
		"renew_before": {with(nil), with(args{"renew_before": "1s"}), with(args{"renew_before": "1"})},
		"renew":        {with(nil), with(args{"renew": false})},
		"keepers": {
			with(nil), with(args{"keepers": map[string]string{}}), with(args{"keepers": map[string]string{"a": "1"}}),
			with(args{"keepers": map[string]string{"a": "2"}}),
		},
	}
	for _, a := range w.managed(t, nil).schema.Block.Attributes {
		if _, ok := changes[a.Name]; !ok && (a.Required || a.Optional) {
			t.Errorf("%s has no case", a.Name)
		}
	}
	for name, steps := range changes {
		t.Run(name, func(t *testing.T) {
			w.clock.Set(start)
			m := w.managed(t, nil)
			m.create(agent(steps[0]))
			steps = append(steps, steps[0]) // and back
			for i, step := range steps[1:] {
				w.clock.Advance(time.Minute)
				before := m.state.text("url")
				p := m.plan(agent(step))
				if p.action != "update" || p.after["url"].IsKnown() {
					t.Fatalf("step %d: %q with %v unknown\n%s", i, p.action, p.unknowns(), describe(p.diagnostics))
				}
				if done, d := m.apply(p); done != "update" || len(d) > 0 {
					t.Fatal(done, describe(d))
				}
				if m.state.text("url") == before || m.state.text("signing_time") != w.clock.Now().Format(time.RFC3339) {
					t.Fatalf("step %d: not signed again", i)
				}
				headers := map[string]string{}
				if h, ok := step["headers"].(map[string]string); ok {
					headers = h
				}
				if err := w.accepted(m.state.text("method"), m.state.text("key"),
					headers).CheckValue(m.state.text("url")); err != nil {
					t.Fatalf("step %d: %v", i, err)
				}
				expectNoChange(t, m.plan(agent(step)))
			}
		})
	}
}

// Every way to address a bucket is found again in the state: no plan moves a URL that is where it
// should be.
func TestResourceAddressesPlanNoChange(t *testing.T) {
	for _, config := range []args{
		{"domain": "Downloads.Example.com"},
		{"domain": "https://downloads.example.com:443"},
		{"domain": "http://downloads.example.com:8080/"},
		{"domain": "bücher.example"},
		{"endpoint_type": "internal"},
		{"endpoint_type": "accelerate"},
		{"endpoint_type": "accelerate-overseas"},
		{"endpoint_type": "dual-stack"},
		{"region": "oss-cn-hangzhou"},
		{"region": "cn-hangzhou-finance"},
		{"endpoint": "https://OSS-cn-hangzhou.aliyuncs.com"},
		{"endpoint": "http://127.0.0.1:9000"},
		{"endpoint": "http://localhost:9000"},
		{"endpoint": "https://[::1]:9000"},
		{"endpoint": "https://oss.example.com"},
		{"bind_host": true},
		{"key": "a b+中/ü?#%.txt"},
		{"key": "%/.../x"},
		{"query": map[string]string{"+": " ", "ü": ""}},
	} {
		t.Run(fmt.Sprint(config), func(t *testing.T) {
			w := newWorld(t)
			m := w.managed(t, nil)
			m.create(agent(config))
			expectNoChange(t, m.plan(agent(config)))
		})
	}
	w := newWorld(t)
	m := w.managed(t, args{"endpoint": "https://oss.example.com", "path_style": true})
	m.create(agent(nil))
	expectNoChange(t, m.plan(agent(nil)))
}

// What the provider block, or its environment, sets for the place leads to a new signature. A
// setting that does not affect the resource does not.
func TestResourceFollowsProviderBlock(t *testing.T) {
	hangzhou := args{"region": "cn-hangzhou"}
	for _, c := range []struct {
		name     string
		from, to args
		config   args
		moves    bool
	}{
		{"region", hangzhou, args{"region": "cn-beijing"}, nil, true},
		{"region in another spelling", hangzhou, args{"region": "oss-cn-hangzhou"}, nil, false},
		{"region out of the block, the same in the environment", hangzhou, args{}, nil, false},
		{
			"region, where the resource has its own", hangzhou,
			args{"region": "cn-beijing"},
			args{"region": "cn-hangzhou"},
			false,
		},
		{
			"region, where a domain hides it", hangzhou,
			args{"region": "cn-beijing"},
			args{"domain": "downloads.example.com"},
			true,
		},
		{"endpoint type", hangzhou, args{"endpoint_type": "internal"}, nil, true},
		{"endpoint type, named as it was", hangzhou, args{"endpoint_type": "public"}, nil, false},
		{
			"endpoint type, where the resource has its own", hangzhou,
			args{"endpoint_type": "internal"},
			args{"endpoint_type": "accelerate"},
			false,
		},
		{
			"endpoint type, where the resource has a domain", hangzhou,
			args{"endpoint_type": "internal"},
			args{"domain": "downloads.example.com"},
			false,
		},
		{"endpoint", hangzhou, args{"endpoint": "https://oss-cn-hangzhou-internal.aliyuncs.com"}, nil, true},
		{
			"endpoint's scheme",
			args{"endpoint": "oss-cn-hangzhou.aliyuncs.com"},
			args{"endpoint": "http://oss-cn-hangzhou.aliyuncs.com"},
			nil, true,
		},
		{
			"path style",
			args{"endpoint": "https://oss.example.com"},
			args{"endpoint": "https://oss.example.com", "path_style": true},
			nil, true,
		},
		{
			"another key, which only keepers can tell", hangzhou,
			args{"access_key": "LTAI5tAnother", "secret_key": "s"},
			nil, false,
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := newWorld(t)
			m := w.managed(t, c.from)
			m.create(agent(c.config))
			m.provider = c.to
			p := m.plan(agent(c.config))
			if !c.moves {
				expectNoChange(t, p)
				return
			}
			if p.action != "update" || !slices.Equal(p.unknowns(), results) {
				t.Fatalf("%q with %v unknown\n%s", p.action, p.unknowns(), describe(p.diagnostics))
			}
			if done, d := m.apply(p); done != "update" || len(d) > 0 {
				t.Fatal(done, describe(d))
			}
			expectNoChange(t, m.plan(agent(c.config)))
		})
	}
}

// A provider block that is known at apply only: an argument that may change a URL is planned as an
// update, and becomes none if it does not. One that cannot change it plans nothing.
func TestResourceProviderKnownAtApply(t *testing.T) {
	const internal = "https://oss-cn-hangzhou-internal.aliyuncs.com"
	for _, c := range []struct {
		name           string
		plan, apply    args
		config         args
		planned, done  string
		unknown        []string
		createsUnknown []string
	}{
		{
			"region, in the end another",
			args{"region": unknown},
			args{"region": "cn-beijing"},
			nil, "update", "update",
			[]string{"expires_at", "region", "signing_time", "url"},
			nil,
		},
		{
			"region, in the end the same",
			args{"region": unknown},
			args{"region": "cn-hangzhou"},
			nil, "update", "none",
			[]string{"expires_at", "region", "signing_time", "url"},
			nil,
		},
		{
			"region, the resource's own",
			args{"region": unknown},
			args{"region": "cn-beijing"},
			args{"region": "cn-hangzhou"},
			"none", "none", nil, nil,
		},
		{
			"endpoint, in the end another",
			args{"endpoint": unknown},
			args{"endpoint": internal},
			nil, "update", "update",
			[]string{"expires_at", "region", "signing_time", "url"},
			nil,
		},
		{
			"endpoint, in the end none",
			args{"endpoint": unknown},
			args{},
			nil, "update", "none",
			[]string{"expires_at", "region", "signing_time", "url"},
			nil,
		},
		{
			"endpoint, the resource has a domain",
			args{"endpoint": unknown},
			args{"endpoint": internal},
			args{"domain": "downloads.example.com"},
			"update", "none",
			[]string{"expires_at", "region", "signing_time", "url"},
			nil,
		},
		{
			"endpoint, the resource has a domain and a region",
			args{"endpoint": unknown},
			args{"endpoint": internal},
			args{"domain": "downloads.example.com", "region": "cn-hangzhou"},
			"none", "none", nil, nil,
		},
		{
			"endpoint, the resource has a region",
			args{"endpoint": unknown},
			args{"endpoint": internal},
			args{"region": "cn-hangzhou"},
			"update", "update",
			results, nil,
		},
		{
			"endpoint type",
			args{"endpoint_type": unknown},
			args{"endpoint_type": "internal"},
			nil, "update", "update",
			results, nil,
		},
		{"path style", args{"path_style": unknown}, args{"path_style": false}, nil, "update", "none", results, nil},
		{
			"credentials",
			args{"access_key": unknown, "secret_key": unknown},
			args{"access_key": testKey, "secret_key": testSecret},
			nil, "none", "none", nil, nil,
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := newWorld(t)
			m := w.managed(t, nil)
			m.create(agent(c.config))
			m.provider = c.plan
			p := m.plan(agent(c.config))
			if p.action != c.planned || !slices.Equal(p.unknowns(), c.unknown) || len(p.diagnostics) > 0 {
				t.Fatalf("%q with %v unknown, want %q with %v\n%s", p.action, p.unknowns(), c.planned, c.unknown,
					describe(p.diagnostics))
			}
			m.provider = c.apply
			if done, d := m.apply(p); done != c.done || len(d) > 0 {
				t.Fatalf("%q, want %q\n%s", done, c.done, describe(d))
			}
			expectNoChange(t, m.plan(agent(c.config)))

			fresh := w.managed(t, c.plan)
			p = fresh.plan(agent(c.config))
			if p.action != "create" || len(p.diagnostics) > 0 {
				t.Fatalf("%q\n%s", p.action, describe(p.diagnostics))
			}
			fresh.provider = c.apply
			if done, d := fresh.apply(p); done != "create" || len(d) > 0 {
				t.Fatal(done, describe(d))
			}
		})
	}
}

// Arguments that are known at apply only: another resource's output.
func TestResourceArgumentsKnownAtApply(t *testing.T) {
	for name, c := range map[string]struct{ before, same, other any }{
		"key":           {"agent.tar.gz", "agent.tar.gz", "b"},
		"bucket":        {"examplebucket", "examplebucket", "otherbucket"},
		"expiry":        {"2h", "2h", "3h"},
		"renew_before":  {"1m", "1m", "2m"},
		"renew":         {true, true, false},
		"region":        {"cn-hangzhou", "cn-hangzhou", "cn-beijing"},
		"headers":       {map[string]string{"range": "a"}, map[string]string{"range": "a"}, map[string]string{"range": "b"}},
		"keepers":       {map[string]string{"a": "1"}, map[string]string{"a": "1"}, map[string]string{"a": "2"}},
		"traffic_limit": {819200, 819200, 819201},
		"bind_host":     {true, true, false},
		"filename":      {"a", "a", "b"},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			m := w.managed(t, nil)
			m.create(agent(args{name: c.before}))
			for want, value := range map[string]any{"none": c.same, "update": c.other} {
				m := m.apart()
				p := m.plan(agent(args{name: unknown}))
				if p.action != "update" || p.after["url"].IsKnown() || len(p.diagnostics) > 0 {
					t.Fatalf("%q with %v unknown\n%s", p.action, p.unknowns(), describe(p.diagnostics))
				}
				p.config = agent(args{name: value})
				w.clock.Advance(time.Second)
				if done, d := m.apply(p); done != want || len(d) > 0 {
					t.Fatalf("%q, want %q\n%s", done, want, describe(d))
				}
			}
			fresh := w.managed(t, nil)
			p := fresh.plan(agent(args{name: unknown}))
			p.config = agent(args{name: c.other})
			if done, d := fresh.apply(p); done != "create" || len(d) > 0 {
				t.Fatal(done, describe(d))
			}
		})
	}
}

// One element of a map that is known at apply only is enough for a new signature.
func TestResourceElementsKnownAtApply(t *testing.T) {
	for _, name := range []string{"keepers", "headers", "query"} {
		w := newWorld(t)
		m := w.managed(t, nil)
		m.create(agent(args{name: map[string]string{"a": "1", "b": "1"}}))
		p := m.plan(agent(args{name: map[string]any{"a": unknown, "b": "1"}}))
		if p.action != "update" || p.after["url"].IsKnown() || len(p.diagnostics) > 0 {
			t.Fatalf("%s: %q with %v unknown\n%s", name, p.action, p.unknowns(), describe(p.diagnostics))
		}
		p.config = agent(args{name: map[string]string{"a": "1", "b": "1"}})
		if done, d := m.apart().apply(p); done != "none" || len(d) > 0 {
			t.Errorf("%s: %q\n%s", name, done, describe(d))
		}
		p.config = agent(args{name: map[string]string{"a": "2", "b": "1"}})
		if done, d := m.apply(p); done != "update" || len(d) > 0 {
			t.Errorf("%s: %q\n%s", name, done, describe(d))
		}
	}
}

// What turns out to be wrong at apply is refused there with its limit, and the URL of before stays.
func TestResourceRefusesAtApply(t *testing.T) {
	for name, c := range map[string]struct {
		value any
		words string
	}{
		"key":           {"/a", "Invalid Key"},
		"bucket":        {"B", "Invalid Bucket"},
		"expiry":        {"8d", "between 1s and 7d"},
		"renew_before":  {"1h", `must be shorter than expiry "1h"`},
		"traffic_limit": {1, "819200"},
		"version":       {"", "Invalid Version"},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			m := w.managed(t, nil)
			m.create(agent(nil))
			p := m.plan(agent(args{name: unknown}))
			p.config = agent(args{name: c.value})
			if _, d := m.apply(p); !hasError(d) || !strings.Contains(describe(d), c.words) ||
				!strings.Contains(describe(d), name) {
				t.Errorf("%s: %q", name, describe(d))
			}
			expectNoChange(t, m.plan(agent(nil)))
		})
	}
}

func TestResourceRefusesAtPlan(t *testing.T) {
	for _, c := range []struct {
		config args
		words  []string
	}{
		{args{"renew_before": "1h"}, []string{"Invalid Renew Before", "renew_before", `shorter than expiry "1h"`}},
		{args{"renew_before": "2h", "expiry": "1h"}, []string{"Invalid Renew Before", `got "2h"`}},
		{args{"renew_before": "-1s"}, []string{"Invalid Renew Before", "negative"}},
		{args{"renew_before": "soon"}, []string{"Invalid Renew Before", "must be a duration"}},
		{args{"expiry": "8d"}, []string{"Invalid Expiry", `between 1s and 7d, got "8d"`}},
		{args{"expiry": "1s", "renew_before": "1s"}, []string{`shorter than expiry "1s"`}},
		{args{"endpoint": "http://x", "domain": "y.example"}, []string{"domain"}},
	} {
		t.Run(fmt.Sprint(c.config), func(t *testing.T) {
			w := newWorld(t)
			p := w.managed(t, nil).plan(agent(c.config))
			for _, word := range c.words {
				if !hasError(p.diagnostics) || !strings.Contains(describe(p.diagnostics), word) {
					t.Errorf("%v lacks %q: %q", c.config, word, describe(p.diagnostics))
				}
			}
		})
	}
	w := newWorld(t).with(map[string]string{"OSS_REGION": ""})
	p := w.managed(t, nil).plan(agent(nil))
	if !strings.Contains(describe(p.diagnostics), "Missing Region") {
		t.Errorf("no region: %q", describe(p.diagnostics))
	}
	schema := w.managed(t, nil).schema
	for _, a := range schema.Block.Attributes {
		if a.Name == "not_after" || a.Name == "rotate_every" || a.Name == "signing_time" && a.Optional {
			t.Errorf("%s can be configured", a.Name)
		}
		if a.Name == "url" && !a.Sensitive {
			t.Error("url is not sensitive")
		}
	}
	if schema.Version != 0 {
		t.Errorf("schema version %d", schema.Version)
	}
}

// renew = false keeps a URL after it has expired, and warns once for all instances.
func TestResourceKeeps(t *testing.T) {
	w := newWorld(t)
	config := agent(args{"renew": false})
	m := w.managed(t, nil)
	m.create(config)
	w.clock.Set(start.Add(time.Hour - time.Second))
	expectNoChange(t, m.plan(config))
	w.clock.Set(start.Add(time.Hour))
	p := m.plan(config)
	if got := describe(p.diagnostics); p.action != "none" ||
		!strings.Contains(got, "warning Presigned URL Expired: The URL expired at 2026-03-01T13:00:00Z") {
		t.Fatalf("%q\n%s", p.action, got)
	}
	w.clock.Advance(time.Second)
	if p := m.planned(config); p.action != "none" || len(p.diagnostics) > 0 {
		t.Fatalf("a second instance: %q\n%s", p.action, describe(p.diagnostics))
	}
	if p := m.plan(config); len(p.diagnostics) != 1 {
		t.Fatalf("a second plan: %s", describe(p.diagnostics))
	}
	for _, change := range []args{
		{"keepers": map[string]string{"round": "2"}, "renew": false}, {"renew": true}, {"expiry": "2h", "renew": false},
	} {
		m := m.apart()
		p := m.plan(agent(change))
		if p.action != "update" || len(p.diagnostics) > 0 {
			t.Fatalf("%v: %q\n%s", change, p.action, describe(p.diagnostics))
		}
		if done, d := m.apply(p); done != "update" || len(d) > 0 {
			t.Fatal(done, describe(d))
		}
		w.checkOpens(t, m.state)
	}
}

// Without signing, no credentials are needed. If signing fails, the previous URL stays.
func TestResourceWithoutCredentials(t *testing.T) {
	w := newWorld(t)
	m := w.managed(t, nil)
	m.create(agent(nil))
	w.with(map[string]string{"OSS_ACCESS_KEY_ID": "", "OSS_ACCESS_KEY_SECRET": ""})
	expectNoChange(t, m.plan(agent(nil)))
	if p := w.managed(t, nil).plan(agent(nil)); p.action != "create" || len(p.diagnostics) > 0 {
		t.Fatalf("%q\n%s", p.action, describe(p.diagnostics))
	}
	w.clock.Set(start.Add(time.Hour))
	p := m.plan(agent(nil))
	expectRenewal(t, p)
	if _, d := m.apply(p); !strings.Contains(describe(d), "Missing Credentials") {
		t.Fatal(describe(d))
	}
	fresh := w.managed(t, nil)
	if _, d := fresh.apply(fresh.plan(agent(nil))); !strings.Contains(describe(d), "Missing Credentials") {
		t.Fatal(describe(d))
	}
	w.with(map[string]string{"OSS_ACCESS_KEY_ID": testKey, "OSS_ACCESS_KEY_SECRET": testSecret})
	expectRenewal(t, m.plan(agent(nil)))
}

// Headers that the holder must send are known at plan if they do not change.
func TestResourceSignedHeaders(t *testing.T) {
	w := newWorld(t)
	m := w.managed(t, nil)
	config := agent(args{"method": "PUT", "headers": map[string]string{"Content-Type": "text/plain", "X-Extra": "1"}})
	m.create(config)
	headers, err := valueOf(m.state["signed_headers"].Type(), map[string]string{
		"content-type": "text/plain",
		"x-extra":      "1",
	})
	if err != nil || !m.state["signed_headers"].Equal(headers) {
		t.Fatalf("%v, %v", m.state["signed_headers"], err)
	}
	w.clock.Set(start.Add(time.Hour))
	expectRenewal(t, m.plan(config))
	config["headers"] = map[string]string{"content-type": "text/plain"}
	p := m.plan(config)
	if p.after["signed_headers"].IsKnown() {
		t.Fatal("signed_headers is known before the new headers are")
	}
	if done, d := m.apply(p); done != "update" || len(d) > 0 {
		t.Fatal(done, describe(d))
	}
	if err := w.accepted(http.MethodPut, "agent.tar.gz",
		map[string]string{"content-type": "text/plain"}).CheckValue(m.state.text("url")); err != nil {
		t.Fatal(err)
	}
}

// A state that no version of the provider wrote is replaced by a new signature.
func TestResourceStrangeState(t *testing.T) {
	for name, values := range map[string]args{
		"no URL":        {"url": nil},
		"no URL at all": {"url": "see the wiki"},
		"no V4 URL": {
			"url": "https://examplebucket.oss-cn-hangzhou.aliyuncs.com/a?OSSAccessKeyId=a&Expires=1&Signature=b",
		},
		"no end":             {"expires_at": nil},
		"no renewal":         {"renew": nil, "renew_before": nil},
		"no signed headers":  {"signed_headers": nil, "url": nil},
		"no region":          {"region": nil},
		"another region":     {"region": "cn-beijing"},
		"no method":          {"method": nil},
		"other headers":      {"signed_headers": map[string]string{"x-extra": "1"}, "url": nil},
		"other time":         {"signing_time": "2026-02-01T00:00:00Z", "expires_at": "2026-02-02T00:00:00Z"},
		"another time, same": {"expires_at": "2026-03-01T21:00:00+08:00"},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			m := w.managed(t, nil)
			m.create(agent(nil))
			m.state = maps.Clone(m.state)
			for attribute, value := range values {
				v, err := valueOf(m.state[attribute].Type(), value)
				if err != nil {
					t.Fatal(err)
				}
				m.state[attribute] = v
			}
			p := m.plan(agent(nil))
			if strings.HasSuffix(name, "same") {
				expectNoChange(t, p)
				return
			}
			if p.action != "update" || p.after["url"].IsKnown() || len(p.diagnostics) > 0 {
				t.Errorf("%s: %q with %v unknown\n%s", name, p.action, p.unknowns(), describe(p.diagnostics))
				return
			}
			if done, d := m.apply(p); done != "update" || len(d) > 0 {
				t.Fatal(done, describe(d))
			}
			w.checkOpens(t, m.state)
			expectNoChange(t, m.plan(agent(nil)))
		})
	}
}

// A state with a later expires_at than that of its URL is signed again, whether renew allows
// renewal or not: what reads expires_at would trust it.
func TestResourceStateWithLaterEnd(t *testing.T) {
	for _, renew := range []bool{true, false} {
		w := newWorld(t)
		m, config := w.managed(t, nil), agent(args{"renew": renew})
		m.create(config)
		later, err := valueOf(m.state["expires_at"].Type(), "2099-01-01T00:00:00Z")
		if err != nil {
			t.Fatal(err)
		}
		m.state = maps.Clone(m.state)
		m.state["expires_at"] = later
		p := m.plan(config)
		expectRenewal(t, p)
		m.apply(p)
		if got := m.state.text("expires_at"); got != "2026-03-01T13:00:00Z" {
			t.Error(got)
		}
		expectNoChange(t, m.plan(config))
	}
}

// If no region is set any more, a URL in state is kept and renewed for the region in state. Another
// bucket may be elsewhere.
func TestResourceRegionRemoved(t *testing.T) {
	w := newWorld(t)
	m := w.managed(t, nil)
	m.create(agent(nil))
	w.with(map[string]string{"OSS_REGION": ""})
	expectNoChange(t, m.plan(agent(nil)))
	w.clock.Set(start.Add(time.Hour))
	p := m.plan(agent(nil))
	expectRenewal(t, p)
	if done, d := m.apply(p); done != "update" || len(d) > 0 {
		t.Fatal(done, describe(d))
	}
	w.checkOpens(t, m.state)
	for _, config := range []args{{"bucket": "otherbucket"}, {"bucket": unknown}} {
		p := m.plan(agent(config))
		if config["bucket"] == unknown {
			p.config = agent(args{"bucket": "otherbucket"})
			_, p.diagnostics = m.apply(p)
		}
		if got := describe(p.diagnostics); !hasError(p.diagnostics) || !strings.Contains(got, "Missing Region") {
			t.Errorf("%v: %q", config, got)
		}
	}
}

func TestResourceImport(t *testing.T) {
	m := newWorld(t).managed(t, nil)
	m.start()
	resp, err := m.server.ImportResourceState(t.Context(), &tfprotov6.ImportResourceStateRequest{
		TypeName: managedURL,
		ID:       "https://secret.example/?x-oss-signature=0",
	})
	if err != nil {
		t.Fatal(err)
	}
	got := describe(resp.Diagnostics)
	if len(resp.ImportedResources) > 0 || !strings.Contains(got, "Import Not Supported") ||
		!strings.Contains(got, "apply to create a new URL") || strings.Contains(got, "secret") {
		t.Fatal(got)
	}
}

func instant(t testing.TB, s string) time.Time {
	t.Helper()
	at, err := time.Parse(time.RFC3339, s)
	if err != nil {
		t.Fatal(err)
	}
	return at
}

// A URL expires with its temporary credentials, and renewal follows that.
func TestResourceTemporaryCredentials(t *testing.T) {
	w := newWorld(t)
	w.lend(30 * time.Minute)
	m, config := w.managed(t, lent), agent(args{"expiry": "2h", "renew_before": "5m"})
	p := m.plan(config)
	done, d := m.apply(p)
	if got := describe(d); done != "create" || len(d) != 1 || !strings.HasPrefix(got, "warning Credentials End First") {
		t.Fatalf("%q\n%s", done, got)
	}
	if m.state.text("expires_at") != "2026-03-01T12:30:00Z" {
		t.Fatalf("ends at %s", m.state.text("expires_at"))
	}
	w.checkOpens(t, m.state)
	w.clock.Set(start.Add(25 * time.Minute))
	expectNoChange(t, m.plan(config))
	w.clock.Advance(time.Second)
	expectRenewal(t, m.plan(config))
	w.clock.Set(start.Add(30 * time.Minute))
	p = m.plan(config)
	expectRenewal(t, p)
	if done, d := m.apply(p); done != "update" || len(d) != 1 {
		t.Fatalf("%q\n%s", done, describe(d))
	}
	w.checkOpens(t, m.state)
	if m.state.text("expires_at") != "2026-03-01T13:00:00Z" {
		t.Fatalf("ends at %s", m.state.text("expires_at"))
	}
}

// A session shorter than renew_before would renew at every plan, and the user hears why.
func TestResourceDueAtOnce(t *testing.T) {
	w := newWorld(t)
	w.lend(30 * time.Minute)
	m, config := w.managed(t, lent), agent(args{"expiry": "2h", "renew_before": "31m"})
	_, d := m.apply(m.plan(config))
	if got := describe(d); len(d) != 2 ||
		!strings.Contains(
			got, `URL Due At Once: The URL expires with its temporary credentials at 2026-03-01T12:30:00Z, within `+
				`renew_before "31m"`,
		) {
		t.Fatal(got)
	}
	p := m.plan(config)
	if got := describe(p.diagnostics); p.action != "update" || p.after["url"].IsKnown() ||
		strings.Count(got, "URL Due At Once") != 1 {
		t.Fatalf("a plan that renews because the session is short says %q", got)
	}
	config["renew"] = false
	if _, d := m.apply(m.plan(config)); len(d) != 1 {
		t.Fatal(describe(d))
	}
	expectNoChange(t, m.plan(config))
}

// A URL moves from another address of the provider with its state. No other resource becomes one.
func TestResourceMoved(t *testing.T) {
	w := newWorld(t)
	m := w.managed(t, nil)
	config := agent(nil)
	m.create(config)
	stored := map[string]any{}
	for _, name := range []string{
		"bucket", "key", "method", "region", "expiry", "renew_before", "url", "expires_at", "signing_time",
	} {
		stored[name] = m.state.text(name)
	}
	stored["renew"], stored["signed_headers"] = true, map[string]string{}
	state, err := json.Marshal(stored)
	must(t, err)
	move := func(from string, state []byte) *tfprotov6.MoveResourceStateResponse {
		resp, err := m.server.MoveResourceState(t.Context(), &tfprotov6.MoveResourceStateRequest{
			SourceProviderAddress: "registry.example.com/alioss/alioss", SourceTypeName: from, TargetTypeName: managedURL,
			SourceState: &tfprotov6.RawState{JSON: state}, SourcePrivate: []byte("kept"),
		})
		must(t, err)
		return resp
	}
	moved := move(managedURL, state)
	if len(moved.Diagnostics) > 0 || string(moved.TargetPrivate) != "kept" {
		t.Fatal(describe(moved.Diagnostics))
	}
	m.state = m.result(m.schema, moved.TargetState)
	expectNoChange(t, m.plan(config))
	if got := describe(move(managedURL, []byte("junk")).Diagnostics); !strings.Contains(got, "Invalid State") {
		t.Error(got)
	}
	resp := move("terraform_data", []byte(`{"id":"a"}`))
	if got := describe(resp.Diagnostics); resp.TargetState != nil || !strings.Contains(got, "Move Not Supported") ||
		!strings.Contains(got, `"terraform_data"`) {
		t.Error(got)
	}
}
