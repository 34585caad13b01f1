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
	const late, lateVersion = "data.alioss_presigned_urls.late", "data.alioss_presigned_urls.version"
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
data "alioss_presigned_urls" "secret" {
  bucket   = "examplebucket"
  keys     = sensitive(["x", "y"])
  versions = sensitive({ x = null })
}
data "alioss_presigned_urls" "part" {
  bucket   = "examplebucket"
  keys     = [sensitive("x"), "y"]
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
data "alioss_presigned_urls" "version" {
  bucket   = "examplebucket"
  keys     = ["a b", "x"]
  versions = { "a b" = terraform_data.made.output == "made" ? "` + version + `" : null, "x" = null }
}
output "one" {
  value     = data.alioss_presigned_urls.set.urls["x"]
  sensitive = true
}`,
		ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{
			plancheck.ExpectResourceAction(late, plancheck.ResourceActionRead),
			plancheck.ExpectResourceAction(lateVersion, plancheck.ResourceActionRead),
		}},
		ConfigStateChecks: []statecheck.StateCheck{
			state("tuple", "a b", "中"), state("list", "a b", "x"), state("set", "x", "y"), state("for", "part-0", "part-1", "part-2"),
			state("late", "x", "made"), state("version", "a b", "x"), state("secret", "x", "y"), state("part", "x", "y"),
			statecheck.ExpectSensitiveValue("data.alioss_presigned_urls.set", tfjsonpath.New("urls")),
			statecheck.ExpectKnownOutputValue("one", w.accepted(http.MethodGet, "x", nil)),
		},
	})
}

func TestManyRefusesWithCLI(t *testing.T) {
	for _, tt := range []struct{ name, arguments, want string }{
		{"number", `keys = ["a", 1]`, `key\s+at\s+index\s+1\s+is\s+a\s+number`},
		{"bool", `keys = [true, 1]`, `key\s+at\s+index\s+0\s+is\s+a\s+bool`},
		{"null", `keys = ["a", "b", null]`, `key\s+at\s+index\s+2\s+is\s+null`},
		{"tuple in a tuple", `keys = ["a", ["b"]]`, `key\s+at\s+index\s+1\s+is\s+a\s+tuple`},
		{"list of lists", `keys = tolist([tolist(["b"])])`, `key\s+at\s+index\s+0\s+is\s+a\s+list`},
		{"set of numbers", `keys = toset([1, 2])`, `A\s+key\s+of\s+the\s+set\s+is\s+a\s+number`},
		{"string", `keys = "a"`, `keys\s+are\s+a\s+string,\s+and\s+not\s+a\s+tuple`},
		{"map", `keys = tomap({ a = "b" })`, `keys\s+are\s+a\s+map,\s+and\s+not\s+a\s+tuple`},
		{"object", `keys = { a = "b" }`, `keys\s+are\s+an\s+object,\s+and\s+not\s+a\s+tuple`},
		{"empty", `keys = []`, `There\s+are\s+no\s+keys`},
		{"empty list", `keys = tolist([])`, `There\s+are\s+no\s+keys`},
		{"empty set", `keys = toset([])`, `There\s+are\s+no\s+keys`},
		{"null keys", `keys = null`, `keys\s+is\s+required`},
		{
			"too many", `keys = flatten([for i in range(401) : [for j in range(250) : "${i}/${j}"]])`,
			`There\s+are\s+100,250\s+keys,\s+and\s+one\s+data\s+source\s+takes\s+at\s+most\s+100,000`,
		},
		{"sensitive", `keys = sensitive(["a", 1])`, `key\s+at\s+index\s+1\s+is\s+a\s+number`},
		{"versions as a tuple", "keys = [\"a\"]\n  versions = [\"1\"]", `versions\s+are\s+a\s+tuple,\s+and\s+not\s+an\s+object\s+or\s+map`},
		{"a version as a number", "keys = [\"a\"]\n  versions = { a = 1 }", `version\s+of\s+"a"\s+is\s+a\s+number`},
		{"rotation", "keys = [\"a\"]\n  rotate_every = \"2h\"", `rotate_every\s+2h\s+must\s+be\s+shorter`},
		{"deadline and expiry", "keys = [\"a\"]\n  not_after = \"2026-03-02T00:00:00Z\"\n  expiry = \"1h\"", `(?s)not_after.*expiry|expiry.*not_after`},
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
