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

// Every form of collection that a configuration can write comes over the real CLI: tuple, list,
// set, for expressions, maps and objects of versions, and values that are known after apply only,
// which put the read off.
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
			state("tuple", "a b", "中"), state("list", "a b", "x"), state("set", "x", "y"),
			state("for", "part-0", "part-1", "part-2"),
			state("late", "x", "made"), state("version", "a b", "x"), state("secret", "x", "y"), state("part", "x", "y"),
			statecheck.ExpectSensitiveValue("data.alioss_presigned_urls.set", tfjsonpath.New("urls")),
			statecheck.ExpectKnownOutputValue("one", w.accepted(http.MethodGet, "x", nil)),
		},
	})
}

func TestManyRefusesWithCLI(t *testing.T) {
	for _, tt := range []struct{ name, arguments, want string }{
		{"number", `keys = ["a", 1]`, `only\s+strings,\s+got\s+a\s+number\s+at\s+index\s+1`},
		{"bool", `keys = [true, 1]`, `only\s+strings,\s+got\s+a\s+bool\s+at\s+index\s+0`},
		{"null", `keys = ["a", "b", null]`, `only\s+strings,\s+got\s+null\s+at\s+index\s+2`},
		{"tuple in a tuple", `keys = ["a", ["b"]]`, `only\s+strings,\s+got\s+a\s+tuple\s+at\s+index\s+1`},
		{"list of lists", `keys = tolist([tolist(["b"])])`, `only\s+strings,\s+got\s+a\s+list\s+at\s+index\s+0`},
		{"set of numbers", `keys = toset([1, 2])`, `only\s+strings,\s+got\s+a\s+number\.`},
		{"string", `keys = "a"`, `tuple\s+or\s+set\s+of\s+strings,\s+got\s+a\s+string`},
		{"map", `keys = tomap({ a = "b" })`, `tuple\s+or\s+set\s+of\s+strings,\s+got\s+a\s+map`},
		{"object", `keys = { a = "b" }`, `tuple\s+or\s+set\s+of\s+strings,\s+got\s+an\s+object`},
		{"empty", `keys = []`, `keys\s+is\s+empty`},
		{"empty list", `keys = tolist([])`, `keys\s+is\s+empty`},
		{"empty set", `keys = toset([])`, `keys\s+is\s+empty`},
		{"null keys", `keys = null`, `keys\s+or\s+prefix\s+is\s+required`},
		{
			"too many", `keys = flatten([for i in range(401) : [for j in range(250) : "${i}/${j}"]])`,
			`keys\s+must\s+have\s+at\s+most\s+100,000\s+elements,\s+got\s+100,250`,
		},
		{"sensitive", `keys = sensitive(["a", 1])`, `only\s+strings,\s+got\s+a\s+number\s+at\s+index\s+1`},
		{"versions as a tuple", "keys = [\"a\"]\n  versions = [\"1\"]", `version\s+IDs\s+by\s+key,\s+got\s+a\s+tuple`},
		{
			"a version as a number", "keys = [\"a\"]\n  versions = { a = 1 }",
			`only\s+strings\s+or\s+null,\s+got\s+a\s+number\s+for\s+key\s+"a"`,
		},
		{
			"rotation", "keys = [\"a\"]\n  rotate_every = \"2h\"",
			`rotate_every\s+must\s+be\s+shorter\s+than\s+expiry\s+"1h",\s+got\s+"2h"`,
		},
		{
			"deadline and expiry", "keys = [\"a\"]\n  not_after = \"2026-03-02T00:00:00Z\"\n  expiry = \"1h\"",
			`(?s)not_after.*expiry|expiry.*not_after`,
		},
		{"faults", `keys = [for i in range(12) : "/${i}"]`, `(?s)12\s+of\s+12\s+keys\s+cannot.*"/9".*and\s+2\s+more`},
		{
			"version of no key", "keys = [\"a\"]\n  versions = { b = \"1\" }",
			`"b":\s+key\s+has\s+a\s+version,\s+but\s+is\s+not\s+in\s+keys`,
		},
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
