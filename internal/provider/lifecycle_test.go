package provider

import (
	"maps"
	"strings"
	"testing"
	"time"
)

// Renewal is an update in place under every lifecycle argument, and what replaces the resource
// signs a new URL.
func TestCLILifecycle(t *testing.T) {
	w := newWorld(t)
	c := w.cli(t)
	config := func(round, key, name string) {
		text := `
resource "terraform_data" "round" { input = "` + round + `" }
resource "alioss_presigned_url" "first" {
  bucket = "examplebucket"
  key    = "a"
  lifecycle {
    create_before_destroy = true
    replace_triggered_by  = [terraform_data.round]
  }
}
resource "terraform_data" "server" {
  triggers_replace = alioss_presigned_url.first.url
  lifecycle { create_before_destroy = true }
}
resource "alioss_presigned_url" "` + name + `" {
  bucket = "examplebucket"
  key    = "` + key + `"
  lifecycle { ignore_changes = [key] }
}
resource "alioss_presigned_url" "frozen" {
  bucket = "examplebucket"
  key    = "` + key + `"
  lifecycle { ignore_changes = all }
}
resource "alioss_presigned_url" "guarded" {
  bucket = "examplebucket"
  key    = "a"
  lifecycle { prevent_destroy = true }
}
`
		if name == "new" {
			text += `
moved {
  from = alioss_presigned_url.old
  to   = alioss_presigned_url.new
}
`
		}
		c.write(text)
	}
	const (
		renewal = "update expires_at signing_time url"
		results = " expires_at signed_headers signing_time url"
		server  = "create delete id triggers_replace"
	)
	config("1", "a", "old")
	c.both()
	c.plan(same)
	first := c.url("alioss_presigned_url.old")

	config("1", "b", "new")
	c.plan(changes) // a move is one
	c.plans(map[string]string{})
	c.apply()
	c.plan(same)
	if c.url("alioss_presigned_url.new") != first {
		t.Error("a move signs again")
	}

	config("2", "b", "new")
	c.plan(changes)
	c.plans(map[string]string{
		"terraform_data.round": "update output", "alioss_presigned_url.first": "create delete" + results,
		"terraform_data.server": server,
	})
	w.clock.Advance(time.Minute)
	c.apply()
	c.plan(same)

	// All are due. Then the clock is set back, and nothing is signed.
	w.clock.Set(start.Add(2 * time.Hour))
	all := map[string]string{"terraform_data.server": server}
	for _, name := range []string{"first", "new", "frozen", "guarded"} {
		all["alioss_presigned_url."+name] = renewal
	}
	c.plan(changes)
	c.plans(all)
	w.clock.Set(start.Add(time.Minute))
	c.apply()
	if c.url("alioss_presigned_url.new") != first {
		t.Error("signed although it is not due")
	}
	w.clock.Set(start.Add(2 * time.Hour))
	// The exit code is not checked: Terraform 1.11 compares the order of two sensitive attributes,
	// which is none.
	if output, code := c.run("plan", "-input=false", "-refresh-only"); code != 0 ||
		!strings.Contains(output, "No changes.") {
		t.Error(output)
	}
	c.plan(changes)
	c.plans(all)
	c.apply()
	c.plan(same)
	for _, name := range []string{"new", "frozen"} {
		w.opensText(t, c.url("alioss_presigned_url."+name), "a") // the key of before
	}

	replaced := map[string]string{"alioss_presigned_url.first": "create delete" + results, "terraform_data.server": server}
	c.plan(changes, "-replace=alioss_presigned_url.first")
	c.plans(replaced)
	w.clock.Advance(time.Minute)
	c.apply()
	c.must(0, "taint", "alioss_presigned_url.first")
	c.plan(changes)
	c.plans(replaced)
	w.clock.Set(start) // before all that there is
	c.apply()
	w.opensText(t, c.url("alioss_presigned_url.first"), "a")
	c.plan(same)
	w.clock.Set(start.Add(5 * time.Hour))
	late := maps.Clone(all)
	late["alioss_presigned_url.first"] = "create delete" + results
	c.plan(changes, "-replace=alioss_presigned_url.first")
	c.plans(late)
	c.apply()
	c.plan(same)
}

// What is destroyed needs neither region nor credentials, whether it is due or not.
func TestCLIDestroyWithNothing(t *testing.T) {
	for _, after := range []time.Duration{0, 2 * time.Hour} {
		w := newWorld(t)
		c := w.cli(t)
		c.write(`
resource "alioss_presigned_url" "test" {
  bucket = "examplebucket"
  key    = "a"
}`)
		c.both()
		w.with(map[string]string{"OSS_REGION": "", "OSS_ACCESS_KEY_ID": "", "OSS_ACCESS_KEY_SECRET": ""})
		w.clock.Advance(after)
		if output := c.must(0, "destroy", "-auto-approve", "-input=false"); !strings.Contains(output, "1 destroyed") {
			t.Errorf("after %s: %s", after, output)
		}
	}
}

// A precondition with timestamp() stops the server whose link ended between plan and apply, of
// which nothing else warns. It asks the clock of the CLI: these instants lie on either side of it
// whenever the test runs.
func TestCLIServerWithDeadLink(t *testing.T) {
	for _, c := range []struct {
		name  string
		begin time.Time
		alive bool
	}{
		{"alive", time.Date(2999, 1, 1, 0, 0, 0, 0, time.UTC), true},
		{"dead", start, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := newWorld(t)
			w.clock.Set(c.begin)
			cli := w.cli(t)
			const link = `
resource "alioss_presigned_url" "agent" {
  bucket       = "examplebucket"
  key          = "a"
  expiry       = "1h"
  renew_before = "10m"
}
`
			cli.write(link)
			cli.both()
			cli.write(link + `
resource "terraform_data" "server" {
  input = sha256(alioss_presigned_url.agent.url)
  lifecycle {
    ignore_changes = [input]
    precondition {
      condition     = timecmp(alioss_presigned_url.agent.expires_at, timestamp()) > 0
      error_message = "The link ended at ${alioss_presigned_url.agent.expires_at}: plan again."
    }
  }
}
`)
			cli.plan(changes)
			if !c.alive {
				output := cli.must(1, "apply", "-input=false", "saved")
				if !strings.Contains(output, "The link ended at 2026-03-01T13:00:00Z: plan again.") ||
					strings.Contains(output, "Creating...") {
					t.Error(output)
				}
				return
			}
			cli.apply()
			cli.plan(same)
		})
	}
}
