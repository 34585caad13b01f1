package provider

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/alioss/terraform-provider-alioss/internal/acctest"
)

// A plan made before the renewal instant and applied after it changes nothing, one made after it
// and applied on a clock set back changes nothing either, and neither is an inconsistent plan: also
// where a postcondition has the CLI look again.
func TestCLIClockBetweenPlanAndApply(t *testing.T) {
	w := newWorld(t)
	c := w.cli(t)
	config := func(round string) {
		c.write(`
resource "alioss_presigned_url" "test" {
  bucket       = "examplebucket"
  key          = "a"
  renew_before = "10m"
  lifecycle {
    postcondition {
      condition     = timecmp(self.expires_at, self.signing_time) > 0
      error_message = "no time left"
    }
  }
}
resource "terraform_data" "round" { input = "` + round + `" }
`)
	}
	const address = "alioss_presigned_url.test"
	due := start.Add(50*time.Minute + time.Second)
	config("1")
	c.both()
	first := c.url(address)

	config("2")
	w.clock.Set(due.Add(-time.Second))
	c.plan(changes)
	w.clock.Set(due)
	c.apply()
	if c.url(address) != first {
		t.Fatal("a plan without renewal renews")
	}

	config("3")
	c.plan(changes)
	if got := c.planned(); got[address] != "update expires_at signing_time url" {
		t.Fatal(got)
	}
	w.clock.Set(due.Add(-time.Minute))
	c.apply()
	if c.url(address) != first {
		t.Fatal("renewed although it is not due")
	}
	c.plan(same)

	w.clock.Set(due)
	c.plan(changes)
	w.clock.Set(due.Add(100 * 24 * time.Hour))
	c.apply()
	if got := c.attributes(address); got["url"] == first || got["signing_time"] != "2026-06-09T12:50:01Z" {
		t.Fatal(got["signing_time"])
	}
	c.plan(same)
}

const servers = `
data "alioss_presigned_url" "rotating" {
  bucket       = "examplebucket"
  key          = "a"
  expiry       = "2d"
  rotate_every = "1d"
}
resource "terraform_data" "rotating" {
  triggers_replace = data.alioss_presigned_url.rotating.url
}

resource "alioss_presigned_url" "managed" {
  bucket       = "examplebucket"
  key          = "a"
  expiry       = "7d"
  renew_before = "2d"
}
resource "terraform_data" "managed" {
  triggers_replace = alioss_presigned_url.managed.url
}
resource "terraform_data" "ignoring" {
  triggers_replace = alioss_presigned_url.managed.url
  lifecycle {
    ignore_changes = [triggers_replace]
  }
}
`

// A server that uses a URL stays through every plan in a window, and is replaced once over its
// boundary; one that ignores the change is never replaced, however often its URL is renewed.
func TestCLIServersStay(t *testing.T) {
	w := newWorld(t)
	c := w.cli(t)
	c.write(servers)
	c.both()
	c.plan(same)
	kept := c.attributes("terraform_data.ignoring")["id"]

	midnight := time.Date(2026, 3, 2, 0, 0, 0, 0, time.UTC)
	w.clock.Set(midnight.Add(-time.Second))
	c.plan(same)
	w.clock.Set(midnight)
	c.plan(changes)
	c.plans(map[string]string{"terraform_data.rotating": "delete create id"})
	c.apply()
	server := c.attributes("terraform_data.rotating")["id"]
	for i := range 10 { // to the last second of the window
		w.clock.Set(midnight.Add(time.Duration(i) * (24*time.Hour - time.Second) / 9))
		c.plan(same)
	}

	w.clock.Set(start.Add(5 * 24 * time.Hour)) // exactly renew_before is left
	c.plan(changes)
	c.plans(map[string]string{"terraform_data.rotating": "delete create id"})
	w.clock.Advance(time.Second)
	c.plan(changes)
	c.plans(map[string]string{
		"terraform_data.rotating":      "delete create id",
		"alioss_presigned_url.managed": "update expires_at signing_time url",
		"terraform_data.managed":       "delete create id triggers_replace",
	})
	c.apply()
	c.plan(same)
	if c.attributes("terraform_data.ignoring")["id"] != kept || c.attributes("terraform_data.rotating")["id"] == server {
		t.Fatal("the wrong server was replaced")
	}
	w.opensText(t, c.url("alioss_presigned_url.managed"), "a")

	// The clock is set back between plan and apply: the plan is applied.
	next := midnight.Add(5 * 24 * time.Hour)
	w.clock.Set(next)
	c.plan(changes)
	w.clock.Set(next.Add(-time.Second))
	c.apply()
	w.clock.Set(next)
	c.plan(same)
}

// What is not known before apply makes the URL of a data source unknown as well, and a server that
// hangs on it is replaced, even if the URL then is the same. The same applies to depends_on. A
// managed URL stays.
func TestCLIUnknownInputs(t *testing.T) {
	w := newWorld(t)
	c := w.cli(t)
	config := func(release, suffix string) string {
		return `
resource "terraform_data" "release" { input = "` + release + `" }
data "alioss_presigned_url" "depending" {
  bucket       = "examplebucket"
  key          = "a"
  expiry       = "2d"
  rotate_every = "1d"
  depends_on   = [terraform_data.release]
}
resource "terraform_data" "depending" { triggers_replace = data.alioss_presigned_url.depending.url }
data "alioss_presigned_url" "unknown" {
  bucket       = "examplebucket"
  key          = "agent-${terraform_data.release.output}"
  expiry       = "2d"
  rotate_every = "1d"
}
resource "alioss_presigned_url" "unknown" {
  bucket = "examplebucket"
  key    = "agent-${terraform_data.release.output}"
}
resource "alioss_presigned_url" "depending" {
  bucket     = "examplebucket"
  key        = "a"
  depends_on = [terraform_data.release]
}
resource "alioss_presigned_url" "renewal" {
  bucket       = "examplebucket"
  key          = "a"
  renew_before = terraform_data.minutes.output
}
resource "terraform_data" "minutes" { input = "10m` + suffix + `" }
`
	}
	c.write(config("1", ""))
	c.both()
	c.plan(same)
	w.opensText(t, c.url("data.alioss_presigned_url.unknown"), "agent-1")
	w.opensText(t, c.url("alioss_presigned_url.unknown"), "agent-1")
	before := c.url("data.alioss_presigned_url.depending")

	c.write(config("2", "0s"))
	c.plan(changes)
	const reading = "read expires_at method object region signed_headers signing_time url"
	c.plans(map[string]string{
		"terraform_data.release":              "update output",
		"terraform_data.minutes":              "update output",
		"terraform_data.depending":            "delete create id triggers_replace",
		"data.alioss_presigned_url.depending": reading,
		"data.alioss_presigned_url.unknown":   strings.Replace(reading, "method", "key method", 1),
		"alioss_presigned_url.unknown":        "update expires_at key signing_time url",
		"alioss_presigned_url.renewal":        "update expires_at renew_before signing_time url",
	})
	w.clock.Advance(time.Minute)
	c.apply()
	c.plan(same)
	if c.url("data.alioss_presigned_url.depending") != before {
		t.Error("depends_on changes the URL itself")
	}
	w.opensText(t, c.url("data.alioss_presigned_url.unknown"), "agent-2")
	w.opensText(t, c.url("alioss_presigned_url.unknown"), "agent-2")
}

// count, for_each and a module; and the flags of plan: -target, -refresh-only, -refresh=false.
func TestCLIInstancesAndFlags(t *testing.T) {
	w := newWorld(t)
	c := w.cli(t)
	c.file("links/main.tf", requiredProviders+`
variable "keys" { type = set(string) }
resource "alioss_presigned_url" "each" {
  for_each = var.keys
  bucket   = "examplebucket"
  key      = each.key
}
data "alioss_presigned_url" "each" {
  count        = 2
  bucket       = "examplebucket"
  key          = "k${count.index}"
  signing_time = "2026-03-01T12:00:00Z"
}
output "urls" {
  value     = { for k, v in alioss_presigned_url.each : k => v.url }
  sensitive = true
}
`)
	c.write(`
module "links" {
  source = "./links"
  keys   = ["a", "b b"]
}
resource "alioss_presigned_url" "kept" {
  count  = 3
  bucket = "examplebucket"
  key    = "k${count.index}"
  renew  = false
}
output "urls" {
  value     = module.links.urls
  sensitive = true
}
`)
	c.must(0, "init", "-input=false")
	c.both()
	c.plan(same)
	w.opensText(t, c.url(`module.links.alioss_presigned_url.each["b b"]`), "b b")
	w.opensText(t, c.url("module.links.data.alioss_presigned_url.each[1]"), "k1")
	w.opensText(t, c.url("alioss_presigned_url.kept[2]"), "k2")
	urls := []string{
		c.url(`module.links.alioss_presigned_url.each["a"]`), c.url(`module.links.alioss_presigned_url.each["b b"]`),
	}

	w.clock.Set(start.Add(time.Hour)) // all have ended
	const renewal = "update expires_at signing_time url"
	output := c.plan(changes)
	c.plans(map[string]string{
		`module.links.alioss_presigned_url.each["a"]`: renewal, `module.links.alioss_presigned_url.each["b b"]`: renewal,
	})
	// One warning for the three that are kept, and one for the two of the data source with a fixed
	// signing time. Of warnings with one summary the CLI shows the first.
	const once = "one more similar warning elsewhere"
	if strings.Count(output, "Warning: Presigned URL Expired") != 1 || !strings.Contains(output, once) {
		t.Error(output)
	}

	c.plan(changes, "-target="+`module.links.alioss_presigned_url.each["a"]`)
	c.plans(map[string]string{`module.links.alioss_presigned_url.each["a"]`: renewal})
	c.apply()
	if c.url(`module.links.alioss_presigned_url.each["a"]`) == urls[0] ||
		c.url(`module.links.alioss_presigned_url.each["b b"]`) != urls[1] {
		t.Error("-target renews the wrong URL")
	}
	c.plan(changes, "-refresh=false")
	c.plans(map[string]string{`module.links.alioss_presigned_url.each["b b"]`: renewal})
	c.must(0, "apply", "-refresh-only", "-auto-approve", "-input=false")
	if c.url(`module.links.alioss_presigned_url.each["b b"]`) != urls[1] {
		t.Error("-refresh-only renews")
	}
	output = c.both()
	if strings.Count(output, "Warning: Presigned URL Expired") != 1 || !strings.Contains(output, once) {
		t.Errorf("at apply: %s", output)
	}
	c.plan(same)
	c.must(0, "destroy", "-auto-approve", "-input=false")
	if found := c.holding("x-oss-signature="); !slices.Equal(found, []string{
		"saved:tfplan", "saved:tfstate", "saved:tfstate-prev", "terraform.tfstate.backup",
	}) {
		t.Errorf("after destroy there are URLs in %v", found)
	}
}

// A state that the first version wrote: a plan over it has no change until the URL is due, and
// renews it then.
func TestCLIStoredState(t *testing.T) {
	w := newWorld(t)
	c := w.cli(t)
	state, err := os.ReadFile("testdata/state_v0.json")
	if err != nil {
		t.Fatal(err)
	}
	text := string(state)
	if c.openTofu {
		text = strings.ReplaceAll(text, "registry.terraform.io", acctest.OpenTofuHost)
	}
	c.file("terraform.tfstate", text)
	c.write(stored)
	w.clock.Set(start.Add(time.Hour))
	c.plan(same)
	w.opensText(t, c.url("alioss_presigned_url.plain"), "a")
	w.clock.Set(start.Add(24 * time.Hour))
	c.plan(changes)
	c.plans(map[string]string{
		"alioss_presigned_url.plain": "update expires_at signing_time url",
		"alioss_presigned_url.full":  "update expires_at signing_time url",
	})
	c.apply()
	c.plan(same)
}

// stored is the configuration whose state is in testdata/state_v0.json.
const stored = `
resource "alioss_presigned_url" "plain" {
  bucket = "examplebucket"
  key    = "a"
  expiry = "1d"
}
resource "alioss_presigned_url" "full" {
  bucket           = "examplebucket"
  key              = "报告/a b+c.pdf"
  expiry           = "20h"
  version          = "CAEQEhiBgIDmgPf8mxgiIDA1YjZlNDIxY2ZmMzQ1MmU5MTM1Y2M4Yzk4NjIx"
  domain           = "https://downloads.example.com:8443"
  region           = "oss-cn-hangzhou"
  method           = "GET"
  headers          = { "X-Agent" = "1" }
  response_headers = { "Cache-Control" = "no-cache" }
  filename         = "报告.pdf"
  process          = "image/resize,w_200"
  traffic_limit    = 819200
  request_payer    = true
  query            = { lang = "zh" }
  bind_host        = true
  verify           = false
  renew_before     = "2h"
  renew            = true
  keepers          = { etag = "1" }
}
`

func TestCLIRefusals(t *testing.T) {
	w := newWorld(t)
	c := w.cli(t)
	refuses := func(words string, command ...string) {
		t.Helper()
		if output := c.must(1, command...); !strings.Contains(output, words) {
			t.Errorf("lacks %q: %s", words, output)
		}
	}
	const imported = "Import Not Supported"
	const block = `
resource "alioss_presigned_url" "test" {
  bucket = "examplebucket"
  key    = "a"
`
	c.write(block + "}")
	refuses(imported, "import", "-input=false", "alioss_presigned_url.test",
		"https://examplebucket.oss-cn-hangzhou.aliyuncs.com/a")
	c.write(block + `}
import {
  to = alioss_presigned_url.test
  id = "a"
}`)
	refuses(imported, "plan", "-input=false")
	for _, name := range []string{"not_after", "rotate_every"} {
		c.write(block + name + ` = "2026-03-02T00:00:00Z"` + "\n}")
		refuses(`An argument named "`+name+`" is not expected here`, "validate")
	}
	c.write(block + `signing_time = "2026-03-02T00:00:00Z"` + "\n}")
	refuses(`Read Only Argument`, "validate")

	// Known at plan only, and refused there.
	c.write(`
data "alioss_presigned_url" "source" {
  bucket = "examplebucket"
  key    = "a"
}
resource "alioss_presigned_url" "test" {
  bucket = upper(data.alioss_presigned_url.source.bucket)
  key    = "/${data.alioss_presigned_url.source.key}"
}`)
	output := c.must(1, "plan", "-input=false")
	for _, words := range []string{"Invalid Bucket", "Invalid Key", "bucket = upper("} {
		if !strings.Contains(output, words) {
			t.Errorf("lacks %q: %s", words, output)
		}
	}
}

// An ephemeral URL reaches provisioners, provider blocks and write-only arguments, and no file of
// the CLI.
func TestCLIEphemeral(t *testing.T) {
	w := newWorld(t)
	c := w.cli(t, acctest.Ephemeral, acctest.WriteOnly)
	written := filepath.ToSlash(filepath.Join(t.TempDir(), "url"))
	const ephemeral = `
ephemeral "alioss_presigned_url" "test" {
  bucket    = "examplebucket"
  key       = "agent"
  not_after = "2026-03-01T13:30:00Z"
}
`
	c.write(ephemeral + `
provider "sink" { url = ephemeral.alioss_presigned_url.test.url }
resource "sink_secret" "test" {
  value_wo         = ephemeral.alioss_presigned_url.test.url
  value_wo_version = 1
}
resource "terraform_data" "server" {
  provisioner "local-exec" {
    command     = "printf %s \"$URL\" > \"$TARGET\""
    environment = {
      URL    = ephemeral.alioss_presigned_url.test.url
      TARGET = "` + written + `"
    }
  }
}
`)
	c.plan(changes)
	w.clock.Advance(time.Minute)
	c.apply()
	w.opensText(t, c.sink.last(&c.sink.configured), "agent")
	w.opensText(t, c.sink.last(&c.sink.written), "agent")
	text, err := os.ReadFile(written)
	if err != nil {
		t.Fatal(err)
	}
	w.opensText(t, string(text), "agent")
	w.clock.Advance(time.Minute)
	c.plan(same)
	for _, secret := range []string{"x-oss-signature=", "x-oss-signature", "oss-cn-hangzhou"} {
		if found := c.holding(secret); len(found) > 0 {
			t.Errorf("%s is in %v", secret, found)
		}
	}
	w.clock.Set(start.Add(90 * time.Minute))
	if output := c.must(1, "plan", "-input=false"); !strings.Contains(output, "Invalid Not After") {
		t.Error(output)
	}

	// The same search finds the URL of a data source.
	c.write(`
data "alioss_presigned_url" "test" {
  bucket = "examplebucket"
  key    = "agent"
}`)
	c.plan(changes)
	c.apply()
	if found := c.holding("x-oss-signature="); !slices.Contains(found, "terraform.tfstate") ||
		!slices.Contains(found, "saved:tfstate") {
		t.Errorf("only in %v", found)
	}
}

// What the ephemeral URL, or its provider block, hangs on may be known at apply only.
func TestCLIEphemeralKnownAtApply(t *testing.T) {
	for name, config := range map[string]string{
		"key": `
ephemeral "alioss_presigned_url" "test" {
  bucket = "examplebucket"
  key    = terraform_data.name.output
}
resource "terraform_data" "name" { input = "agent" }
`,
		"provider": `
provider "alioss" {
  region     = terraform_data.name.output
  access_key = "` + testKey + `"
  secret_key = "` + testSecret + `"
}
ephemeral "alioss_presigned_url" "test" {
  bucket = "examplebucket"
  key    = "agent"
}
resource "terraform_data" "name" { input = "cn-hangzhou" }
`,
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t).with(map[string]string{"OSS_REGION": ""})
			if name == "key" {
				w.variables["OSS_REGION"] = "cn-hangzhou"
			}
			c := w.cli(t, acctest.Ephemeral, acctest.WriteOnly)
			c.write(config + `
resource "sink_secret" "test" {
  value_wo         = ephemeral.alioss_presigned_url.test.url
  value_wo_version = 1
}
`)
			if name == "provider" && c.openTofu {
				if output := c.must(1, "plan", "-input=false"); !strings.Contains(output, "not known before apply: region") {
					t.Error(output)
				}
				return
			}
			c.plan(changes)
			c.apply()
			w.opensText(t, c.sink.last(&c.sink.written), "agent")
			c.plan(same)
			if found := c.holding("x-oss-signature="); len(found) > 0 {
				t.Errorf("in %v", found)
			}
		})
	}
}

// The function in a configuration: in outputs, conditions and checks. Its result is as sensitive as
// its argument, and nonsensitive() of a field shows no secret.
func TestCLIFunction(t *testing.T) {
	w := newWorld(t)
	c := w.cli(t, acctest.Functions, acctest.Checks)
	const data = `
data "alioss_presigned_url" "test" {
  bucket = "examplebucket"
  key    = "a b"
  expiry = "2h"
}
locals { parsed = provider::alioss::parse_presigned_url(data.alioss_presigned_url.test.url) }
`
	c.write(data + `
output "end" { value = nonsensitive(local.parsed.expires_at) }
output "key" { value = nonsensitive(local.parsed.key) }
output "all" {
  value     = local.parsed
  sensitive = true
}
check "region" {
  assert {
    condition     = local.parsed.region == "cn-beijing"
    error_message = join("", [
      "The URL is signed for ${nonsensitive(local.parsed.region)} at ",
      "${nonsensitive(local.parsed.signed_at)}.",
    ])
  }
}
`)
	output := c.both()
	for _, words := range []string{
		"Warning: Check block assertion failed", "The URL is signed for cn-hangzhou at 2026-03-01T12:00:00Z.",
		`end = "2026-03-01T14:00:00Z"`, `key = "a b"`, "all = <sensitive>",
	} {
		if !strings.Contains(output, words) {
			t.Errorf("lacks %q: %s", words, output)
		}
	}
	c.write(data + `output "end" { value = local.parsed.expires_at }`)
	if output := c.must(1, "plan", "-input=false"); !strings.Contains(output, "Output refers to sensitive values") {
		t.Error(output)
	}
	c.write(data + `
output "end" {
  value = provider::alioss::parse_presigned_url(
    replace(data.alioss_presigned_url.test.url, "x-oss-date", "x-oss-dates")
  ).key
  sensitive = true
}`)
	if output := c.must(1, "plan", "-input=false"); !strings.Contains(output, "Its query has no x-oss-date") ||
		strings.Contains(output, testKey) {
		t.Error(output)
	}
}

// With temporary credentials a managed URL is renewed when they end, and users hear at apply why it
// ends early.
func TestCLITemporaryCredentials(t *testing.T) {
	w := newWorld(t)
	w.lend(30 * time.Minute)
	c := w.cli(t)
	c.write(`
provider "alioss" { credentials_uri = "https://keys.example/role" }
resource "alioss_presigned_url" "test" {
  count        = 3
  bucket       = "examplebucket"
  key          = "a"
  expiry       = "2h"
  renew_before = "5m"
}`)
	output := c.both()
	if strings.Count(output, "Warning: Credentials End First") != 1 || strings.Contains(output, "more similar") ||
		!strings.Contains(output, "2026-03-01T12:30:00Z") {
		t.Error(output)
	}
	c.plan(same)
	w.clock.Set(start.Add(25*time.Minute + time.Second))
	c.plan(changes)
	c.apply()
	w.opensText(t, c.url("alioss_presigned_url.test[2]"), "a")
	c.plan(same)
}
