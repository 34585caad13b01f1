package provider

import (
	"fmt"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"

	"github.com/alioss/terraform-provider-alioss/internal/osstest"
)

// All objects under a prefix, with what they are, by the real CLI: known at plan, and read at apply
// if the prefix is known only then.
func TestAccPrefix(t *testing.T) {
	w := newWorld(t).connect(t)
	for _, key := range []string{"release/a b+c.tgz", "release/中/🚀&<x>.tgz", "release/a//b"} {
		w.put(t, objectNamed(key))
	}
	w.put(t, osstest.Object{Key: "release/"})
	accepted := func(keys ...string) knownvalue.Check {
		checks := map[string]knownvalue.Check{}
		for _, key := range keys {
			checks[key] = w.accepted(http.MethodGet, key, nil)
		}
		return knownvalue.MapExact(checks)
	}
	fact := func(key, name string) tfjsonpath.Path { return tfjsonpath.New("objects").AtMapKey(key).AtMapKey(name) }
	const all, late, none = "data.alioss_presigned_urls.all", "data.alioss_presigned_urls.late",
		"data.alioss_presigned_urls.none"
	w.test(t,
		resource.TestStep{
			Config: `
data "alioss_presigned_urls" "all" {
  bucket = "examplebucket"
  prefix = "missing/"
}`,
			ExpectError: regexp.MustCompile(`No Objects Found(?s:.*)allow_empty`),
		},
		resource.TestStep{
			Config: `
data "alioss_presigned_urls" "all" {
  bucket = "examplebucket"
  prefix = "release/"
  keys   = ["a"]
}`,
			ExpectError: regexp.MustCompile(`Conflicting Arguments`),
		},
		resource.TestStep{
			Config: `
data "alioss_presigned_urls" "all" {
  bucket             = "examplebucket"
  prefix             = "release/"
  domain             = "downloads.example.com"
  list_endpoint_type = "internal"
}
resource "terraform_data" "version" {
  input = "release"
}
data "alioss_presigned_urls" "late" {
  bucket = "examplebucket"
  prefix = "${terraform_data.version.output}/a"
}
data "alioss_presigned_urls" "none" {
  bucket      = "examplebucket"
  prefix      = "missing/"
  allow_empty = true
}
output "sizes" {
  value = sum([for key, o in data.alioss_presigned_urls.all.objects : o.size])
}
`,
			ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{
				plancheck.ExpectResourceAction(late, plancheck.ResourceActionRead),
				plancheck.ExpectUnknownValue(late, tfjsonpath.New("urls")),
				plancheck.ExpectUnknownValue(late, tfjsonpath.New("objects")),
			}},
			ConfigStateChecks: []statecheck.StateCheck{
				statecheck.ExpectKnownValue(all, tfjsonpath.New("urls"), accepted("release/a b+c.tgz", "release/中/🚀&<x>.tgz",
					"release/a//b")),
				statecheck.ExpectKnownValue(late, tfjsonpath.New("urls"), accepted("release/a b+c.tgz", "release/a//b")),
				statecheck.ExpectKnownValue(none, tfjsonpath.New("urls"), knownvalue.MapSizeExact(0)),
				statecheck.ExpectKnownValue(none, tfjsonpath.New("objects"), knownvalue.MapSizeExact(0)),
				statecheck.ExpectKnownValue(all, fact("release/a//b", "size"),
					knownvalue.Int64Exact(int64(len(bodyOf("release/a//b"))))),
				statecheck.ExpectKnownValue(all, fact("release/a//b", "storage_class"), knownvalue.StringExact("Standard")),
				statecheck.ExpectKnownValue(all, fact("release/a//b", "last_modified"),
					knownvalue.StringExact(start.Format(time.RFC3339))),
				statecheck.ExpectKnownValue(all, fact("release/a//b", "etag"),
					knownvalue.StringRegexp(regexp.MustCompile(`^[0-9A-F]{32}$`))),
				statecheck.ExpectSensitiveValue(all, tfjsonpath.New("urls")),
			},
		},
	)
	for _, r := range w.oss.Requests() {
		if want := r.Kind == osstest.KindList; !want {
			t.Errorf("asked for %s of %q", r.Kind, r.Key)
		}
	}
}

// An access key without oss:ListObjects gets an error about it, with the real CLI.
func TestAccPrefixDenied(t *testing.T) {
	w := newWorld(t).connect(t)
	w.oss.SetCredential(osstest.Credential{
		AccessKeyID: testKey, AccessKeySecret: testSecret, DeniedActions: []string{"oss:ListObjects"},
	})
	w.test(t, resource.TestStep{
		Config: `
data "alioss_presigned_urls" "all" {
  bucket = "examplebucket"
  prefix = "release/"
}`,
		ExpectError: regexp.MustCompile(`Access Denied(?s:.*)oss:ListObjects`),
	})
}

// The facts of an object by verify, and a pinned version that stays although the object changes, by
// the real CLI.
func TestAccObjectAndPinVersion(t *testing.T) {
	w := newWorld(t).connect(t)
	first := w.put(t, osstest.Object{Key: "agent.tgz", Body: []byte("first"), ContentType: "application/gzip"})
	config := func(keeper string) string {
		return fmt.Sprintf(`
data "alioss_presigned_url" "verified" {
  bucket = "examplebucket"
  key    = "agent.tgz"
  verify = true
}
data "alioss_presigned_url" "pinned" {
  bucket      = "examplebucket"
  key         = "agent.tgz"
  pin_version = true
}
resource "alioss_presigned_url" "pinned" {
  bucket      = "examplebucket"
  key         = "agent.tgz"
  pin_version = true
  keepers     = { v = %q }
}
resource "alioss_presigned_url" "plain" {
  bucket = "examplebucket"
  key    = "agent.tgz"
}
resource "terraform_data" "server" {
  triggers_replace = data.alioss_presigned_url.verified.object.etag
}
`, keeper)
	}
	const verified, pinned, managed, plain = "data.alioss_presigned_url.verified", "data.alioss_presigned_url.pinned",
		"alioss_presigned_url.pinned", "alioss_presigned_url.plain"
	object := func(name string) tfjsonpath.Path { return tfjsonpath.New("object").AtMapKey(name) }
	body := func(want string) knownvalue.Check {
		return knownvalue.StringFunc(func(link string) error {
			if status, got := w.received(t, "GET", link); status != http.StatusOK || got != want {
				return fmt.Errorf("%d %q, want %q", status, got, want)
			}
			return nil
		})
	}
	var second string
	w.test(t,
		resource.TestStep{
			Config: config("1"),
			ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{
				plancheck.ExpectUnknownValue(managed, tfjsonpath.New("object")),
				plancheck.ExpectUnknownValue(managed, tfjsonpath.New("url")),
			}},
			ConfigStateChecks: []statecheck.StateCheck{
				statecheck.ExpectKnownValue(verified, object("size"), knownvalue.Int64Exact(5)),
				statecheck.ExpectKnownValue(verified, object("content_type"), knownvalue.StringExact("application/gzip")),
				statecheck.ExpectKnownValue(verified, object("crc64"), knownvalue.StringRegexp(regexp.MustCompile(`^[0-9]+$`))),
				statecheck.ExpectKnownValue(verified, object("version_id"), knownvalue.StringExact(first)),
				statecheck.ExpectKnownValue(pinned, object("version_id"), knownvalue.StringExact(first)),
				statecheck.ExpectKnownValue(managed, object("version_id"), knownvalue.StringExact(first)),
				statecheck.ExpectKnownValue(plain, tfjsonpath.New("object"), knownvalue.Null()),
			},
		},
		resource.TestStep{
			PreConfig: func() {
				second = w.put(t, osstest.Object{Key: "agent.tgz", Body: []byte("second"), ContentType: "application/gzip"})
				w.clock.Advance(time.Minute)
			},
			Config: config("1"),
			ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{
				plancheck.ExpectResourceAction(managed, plancheck.ResourceActionNoop),
				plancheck.ExpectResourceAction(plain, plancheck.ResourceActionNoop),
				plancheck.ExpectResourceAction("terraform_data.server", plancheck.ResourceActionReplace),
			}},
			ConfigStateChecks: []statecheck.StateCheck{
				statecheck.ExpectKnownValue(managed, tfjsonpath.New("url"), body("first")),
				statecheck.ExpectKnownValue(pinned, tfjsonpath.New("url"), body("second")),
				statecheck.ExpectKnownValue(plain, tfjsonpath.New("url"), body("second")),
			},
		},
		resource.TestStep{
			Config: config("2"),
			ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{
				plancheck.ExpectResourceAction(managed, plancheck.ResourceActionUpdate),
			}},
			ConfigStateChecks: []statecheck.StateCheck{
				statecheck.ExpectKnownValue(managed, tfjsonpath.New("url"), body("second")),
				statecheck.ExpectKnownValue(managed, object("version_id"), knownvalue.StringFunc(func(v string) error {
					if v != second {
						return fmt.Errorf("pinned to %s", v)
					}
					return nil
				})),
			},
		},
		resource.TestStep{
			PreConfig: func() {
				w.oss.SetCredential(osstest.Credential{
					AccessKeyID: testKey, AccessKeySecret: testSecret, DeniedActions: []string{"oss:GetObjectVersion"},
				})
			},
			Config:      config("2"),
			ExpectError: regexp.MustCompile(`Access Denied(?s:.*)oss:GetObjectVersion`),
		},
	)
}

// An ephemeral resource that verifies an object of the same run fails at plan, and passes with the
// change in its message, in both CLIs.
func TestCLIVerifyAtApply(t *testing.T) {
	w := newWorld(t).connect(t)
	c := w.cli(t)
	config := func(verify string) string {
		return `
ephemeral "alioss_presigned_url" "test" {
  bucket      = "examplebucket"
  key         = "a"
  verify      = ` + verify + `
  pin_version = ` + verify + `
}
resource "sink_secret" "test" {
  value_wo         = ephemeral.alioss_presigned_url.test.url
  value_wo_version = 1
}
`
	}
	c.write(config("true"))
	if output := c.must(1, "plan", "-input=false"); !strings.Contains(output,
		"verify = terraform.applying and pin_version = terraform.applying") {
		t.Error(output)
	}
	c.write(config("terraform.applying"))
	c.plan(changes)
	w.put(t, objectNamed("a"))
	c.apply()
	if url := c.sink.last(&c.sink.written); !strings.Contains(url, "versionId=") {
		t.Error("the URL is not pinned")
	}
}
