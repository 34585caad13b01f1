package provider

import (
	"net/http"
	"regexp"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"

	"github.com/alioss/terraform-provider-alioss/internal/osstest"
)

// Every form of collection that a configuration can write comes over the real CLI: tuple, list, set, for expressions, maps and
// objects of versions, and values that are known after apply only, which put the read off.
func TestManyWithCLI(t *testing.T) {
	w := newWorld(t)
	version := w.put(t, osstest.Object{Key: "a b", Body: []byte("1")})
	accepted := func(keys ...string) knownvalue.Check {
		checks := map[string]knownvalue.Check{}
		for _, key := range keys {
			checks[key] = w.accepted(http.MethodGet, key, nil)
		}
		return knownvalue.MapExact(checks)
	}
	state := func(address string, keys ...string) statecheck.StateCheck {
		return statecheck.ExpectKnownValue("data.alioss_presigned_urls."+address, tfjsonpath.New("urls"), accepted(keys...))
	}
	const late = "data.alioss_presigned_urls.late"
	w.test(t, resource.TestStep{
		Config: `
locals {
  versions = { "a b" = "` + version + `", "中" = null }
}
data "alioss_presigned_urls" "tuple" {
  bucket   = "examplebucket"
  keys     = ["a b", "中", "a b"]
  versions = local.versions
}
data "alioss_presigned_urls" "list" {
  bucket   = "examplebucket"
  keys     = tolist(["a b", "x"])
  versions = tomap({ "a b" = "` + version + `" })
}
data "alioss_presigned_urls" "set" {
  bucket = "examplebucket"
  keys   = toset(["x", "y"])
}
data "alioss_presigned_urls" "for" {
  bucket = "examplebucket"
  keys   = [for i in range(3) : "part-${i}"]
}
resource "terraform_data" "made" {
  input = "made"
}
data "alioss_presigned_urls" "late" {
  bucket = "examplebucket"
  keys   = ["x", terraform_data.made.output]
}
output "one" {
  value     = data.alioss_presigned_urls.set.urls["x"]
  sensitive = true
}`,
		ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{
			plancheck.ExpectResourceAction(late, plancheck.ResourceActionRead),
		}},
		ConfigStateChecks: []statecheck.StateCheck{
			state("tuple", "a b", "中"), state("list", "a b", "x"), state("set", "x", "y"), state("for", "part-0", "part-1", "part-2"),
			state("late", "x", "made"),
			statecheck.ExpectSensitiveValue("data.alioss_presigned_urls.set", tfjsonpath.New("urls")),
			statecheck.ExpectKnownOutputValue("one", w.accepted(http.MethodGet, "x", nil)),
		},
	})
}

func TestManyRefusesWithCLI(t *testing.T) {
	for _, tt := range []struct{ name, arguments, want string }{
		{"number", `keys = ["a", 1]`, `key\s+at\s+index\s+1\s+is\s+a\s+number`},
		{"faults", `keys = [for i in range(12) : "/${i}"]`, `(?s)12\s+of\s+12\s+keys\s+cannot.*"/9".*and\s+2\s+more`},
		{"version of no key", "keys = [\"a\"]\n  versions = { b = \"1\" }", `"b":\s+the\s+key\s+has\s+a\s+version,\s+but\s+is\s+not\s+in\s+keys`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			newWorld(t).test(t, resource.TestStep{
				Config:      "data \"alioss_presigned_urls\" \"x\" {\n  bucket = \"examplebucket\"\n  " + tt.arguments + "\n}\n",
				PlanOnly:    true,
				ExpectError: regexp.MustCompile(tt.want),
			})
		})
	}
}
