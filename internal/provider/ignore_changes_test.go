package provider

import (
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/alioss/terraform-provider-alioss/internal/acctest"
)

// resultNames are the attributes that the provider computes.
var resultNames = []string{"expires_at", "object", "signed_headers", "signing_time", "url"}

// With ignore_changes the core puts the values of the state into the configuration, so that nothing
// is unknown. Whether a URL is signed again follows from the arguments and the state all the same:
// for each set of ignored results, alone and with every argument that has a default.
func TestIgnoredResults(t *testing.T) {
	t.Parallel()
	w := ruledWorld(t)
	c := w.managed(t, nil)
	config := anObject(args{
		"headers": map[string]string{"X-A": "1"}, "keepers": map[string]string{"a": "1"}, "verify": true,
	})
	c.create(config)
	made := c.state
	for subset := range 1 << len(resultNames) {
		var ignore []string
		for i, name := range resultNames {
			if subset&(1<<i) != 0 {
				ignore = append(ignore, name)
			}
		}
		withDefaults := [][]string{nil, {"expiry", "method", "region", "renew", "renew_before"}}
		if len(ignore) > 0 && len(ignore) < len(resultNames) {
			withDefaults = withDefaults[:1]
		}
		for _, more := range withDefaults {
			ignored := slices.Concat(ignore, more)
			for name, change := range map[string]args{
				"nothing": {}, "key": {"key": "b"}, "keepers": {"keepers": map[string]string{"a": "2"}},
				"header":    {"headers": map[string]string{"X-A": "2"}},
				"no header": {"headers": nil}, "no verify": {"verify": nil},
			} {
				w.clock.Set(start.Add(time.Minute))
				now := c.is(made, ignored...)
				changed := config.with(change)
				d := now.decide(nil, changed)
				want := "update"
				if name == "nothing" {
					want = "none"
				}
				if d.action != want || want == "update" && !slices.Contains(d.unknowns(), "url") {
					t.Fatalf("ignoring %v, changed %s: %v", ignored, name, d)
				}
				done, diags := now.carryOut(d, nil, changed)
				if done != want || hasError(diags) {
					t.Fatalf("ignoring %v, changed %s: %s\n%s", ignored, name, done, describe(diags))
				}
				if again := now.decide(nil, changed); again.action != "none" {
					t.Fatalf("ignoring %v, changed %s, again: %v", ignored, name, again)
				}
				if want == "update" && now.state.text("url") == made.text("url") {
					t.Fatalf("ignoring %v, changed %s: the URL of before", ignored, name)
				}
				w.clock.Set(start.Add(time.Hour + 2*time.Minute)) // all are due
				d = now.decide(nil, changed)
				if d.action != "update" || !slices.Contains(d.unknowns(), "url") {
					t.Fatalf("ignoring %v, due: %v", ignored, d)
				}
				if done, diags := now.carryOut(d, nil, changed); done != "update" || hasError(diags) {
					t.Fatalf("ignoring %v, due: %s\n%s", ignored, done, describe(diags))
				}
			}
		}
	}
}

// With everything ignored, only the end of the URL, and a provider block that moves it, sign again.
func TestIgnoredAll(t *testing.T) {
	w := ruledWorld(t)
	c := w.managed(t, nil)
	config := anObject(args{"keepers": map[string]string{"a": "1"}})
	c.create(config)
	var all []string
	for _, a := range c.schema.Block.Attributes {
		all = append(all, a.Name)
	}
	now := c.is(c.state, all...)
	changed := anObject(args{
		"key": "b", "expiry": "2h", "keepers": map[string]string{"a": "2"}, "domain": "downloads.example.com", "verify": true,
	})
	if d := now.decide(nil, changed); d.action != "none" {
		t.Fatal(d)
	}
	if d := now.decide(args{"endpoint_type": "internal"}, changed); d.action != "update" {
		t.Fatal(d)
	}
	w.clock.Set(start.Add(time.Hour))
	d := now.decide(nil, changed)
	if done, diags := now.carryOut(d, nil, changed); done != "update" || len(diags) > 0 || now.state.text("key") != "a" {
		t.Fatalf("%v, %s\n%s", d, done, describe(diags))
	}
	w.checkOpens(t, now.state)
}

// Old versions of Terraform take no new value for an ignored result, and would call it a bug of the
// provider. A URL that is only due stays with a warning: they plan before they destroy, and an
// error would be in the way.
func TestIgnoredResultsOldTerraform(t *testing.T) {
	t.Parallel()
	w := ruledWorld(t)
	c := w.managed(t, nil)
	config := anObject(args{"headers": map[string]string{"X-A": "1"}})
	c.create(config)
	changed := maps.Clone(config)
	changed["key"] = "b"
	for cli, want := range map[string]string{
		"1.0.11": "refused", "1.2.5": "refused", "1.2.6": "update", "1.3.0-beta1": "update", "1.15.9-dev": "update",
		"": "update", "junk": "update",
	} {
		now := c.is(c.state, "url", "signed_headers", "expires_at")
		now.session.cli = cli
		w.clock.Set(start.Add(time.Minute))
		if d := now.decide(nil, config); d.action != "none" {
			t.Errorf("%q, nothing changed: %v", cli, d)
		}
		d := now.decide(nil, changed)
		if d.action != want {
			t.Errorf("%q, key changed: %v", cli, d)
		}
		if got := describe(d.diagnostics); want == "refused" &&
			!strings.Contains(got, "expires_at, url. Terraform "+cli+" ") {
			t.Errorf("%q: %s", cli, got)
		}
		w.clock.Set(start.Add(time.Hour))
		due := now.decide(nil, config)
		if want == "update" && due.action != want || want == "refused" &&
			(due.action != "none" || !strings.Contains(describe(due.diagnostics), "the URL in state stays")) {
			t.Errorf("%q, due: %v", cli, due)
		}
		if d := now.is(c.state).decide(nil, changed); d.action != "update" {
			t.Errorf("%q, nothing ignored: %v", cli, d)
		}
		now.destroy(&args{})
	}
}

// Both CLIs take what is planned for ignored results.
func TestCLIIgnoredResults(t *testing.T) {
	acctest.Require(t, acctest.NewResults)
	w := newWorld(t).connect(t)
	for _, key := range []string{"a", "b"} {
		w.put(t, objectNamed(key))
	}
	c := w.cli(t)
	sets := map[string]string{
		"url": "url", "end": "expires_at", "times": "expires_at, signing_time", "headers": "signed_headers, url",
		"object": "object, url", "results": "url, expires_at, signing_time, signed_headers, object",
		"defaults": "url, region, method, expiry, renew, renew_before",
	}
	config := func(key, keeper string) string {
		var b strings.Builder
		for _, name := range slices.Sorted(maps.Keys(sets)) {
			b.WriteString(`
resource "alioss_presigned_url" "` + name + `" {
  bucket  = "examplebucket"
  key     = "` + key + `"
  headers = { "X-Agent" = "` + key + `" }
  keepers = { a = "` + keeper + `" }
  verify  = true
  lifecycle { ignore_changes = [` + sets[name] + `] }
}
`)
		}
		b.WriteString(`
resource "alioss_presigned_url" "all" {
  bucket = "examplebucket"
  key    = "` + key + `"
  lifecycle { ignore_changes = all }
}
`)
		return b.String()
	}
	c.write(config("a", "1"))
	c.both()
	c.plan(same)
	frozen := c.url("alioss_presigned_url.all")
	for _, step := range []struct {
		key, keeper string
		at          time.Duration
	}{{"b", "1", time.Minute}, {"b", "2", 2 * time.Minute}, {"a", "3", 3 * time.Minute}} {
		w.clock.Set(start.Add(step.at))
		before := map[string]string{}
		for name := range sets {
			before[name] = c.url("alioss_presigned_url." + name)
		}
		c.write(config(step.key, step.keeper))
		c.plan(changes)
		c.apply()
		for name := range sets {
			url := c.url("alioss_presigned_url." + name)
			if url == before[name] {
				t.Errorf("%s: not signed again", name)
			}
			if err := w.accepted("GET", step.key, map[string]string{"X-Agent": step.key}).CheckValue(url); err != nil {
				t.Errorf("%s: %v", name, err)
			}
		}
		c.plan(same)
	}
	if c.url("alioss_presigned_url.all") != frozen {
		t.Error("signed again although all is ignored")
	}
	w.clock.Set(start.Add(2 * time.Hour))
	c.plan(changes)
	c.apply()
	w.opensText(t, c.url("alioss_presigned_url.all"), "a")
	c.plan(same)
}
