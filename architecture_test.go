package main

import (
	"os/exec"
	"slices"
	"strings"
	"testing"
)

const module = "github.com/alioss/terraform-provider-alioss"

// directions are the packages of this module that each package may need, directly or not. A package
// that is not listed is a leaf. This is the only list of the directions.
var directions = map[string][]string{
	"": {
		"internal/provider", "internal/presign", "internal/credentials", "internal/endpoint", "internal/probe",
		"internal/signer", "internal/text", "internal/transport", "internal/validity",
	},
	"internal/provider": {
		"internal/presign", "internal/credentials", "internal/endpoint", "internal/probe", "internal/signer", "internal/text",
		"internal/transport", "internal/validity",
	},
	"internal/presign":     {"internal/endpoint", "internal/signer", "internal/text", "internal/validity"},
	"internal/credentials": {"internal/signer", "internal/text", "internal/transport"},
	"internal/probe": {
		"internal/endpoint", "internal/presign", "internal/signer", "internal/text", "internal/transport",
		"internal/validity",
	},
	"internal/transport": {"internal/text"},
	"internal/endpoint":  {"internal/text"},
	"internal/validity":  {"internal/text"},
	"internal/signer":    {"internal/text"},
	"internal/text":      {},
	"internal/osstest":   {},
	"internal/testworld": {"internal/osstest"},
}

// standardOnly are the packages that need nothing but the standard library.
var standardOnly = []string{
	"internal/transport", "internal/signer", "internal/validity", "internal/osstest", "internal/text",
	"internal/testworld",
}

// TestDirections checks that the imports follow the directions of the architecture, through every
// dependency.
func TestDirections(t *testing.T) {
	for name, allowed := range directions {
		t.Run(where(name), func(t *testing.T) {
			for _, dependency := range dependencies(t, name) {
				ours, isOurs := strings.CutPrefix(dependency, module+"/")
				if isOurs && ours != name && !slices.Contains(allowed, ours) {
					t.Errorf("%s needs %s, which the architecture does not allow", where(name), ours)
				}
				first, _, _ := strings.Cut(dependency, "/")
				if !isOurs && slices.Contains(standardOnly, name) && strings.Contains(first, ".") {
					t.Errorf("%s needs %s, and is to need the standard library only", where(name), dependency)
				}
				if name != "" && name != "internal/provider" && strings.HasPrefix(dependency, "github.com/hashicorp/terraform") {
					t.Errorf("%s needs %s; internal/provider is the only package that imports Terraform's", where(name), dependency)
				}
			}
		})
	}
}

// TestLinked keeps out of the binary what is there for tests.
func TestLinked(t *testing.T) {
	for _, dependency := range dependencies(t, "") {
		for _, unwanted := range []string{
			"github.com/aliyun/alibabacloud-oss-go-sdk-v2", "github.com/aliyun/credentials-go",
			"github.com/hashicorp/terraform-plugin-testing", "github.com/rogpeppe/go-internal",
			module + "/internal/osstest", module + "/internal/testworld", module + "/internal/acctest",
		} {
			if dependency == unwanted || strings.HasPrefix(dependency, unwanted+"/") {
				t.Errorf("the provider links %s, which is for tests", dependency)
			}
		}
	}
}

func where(name string) string {
	if name == "" {
		return "main"
	}
	return name
}

// dependencies returns all packages that a package of this module needs, without its tests.
func dependencies(t *testing.T, name string) []string {
	t.Helper()
	output, err := exec.CommandContext(t.Context(), "go", "list", "-deps", "./"+name).Output()
	if err != nil {
		t.Fatalf("go list -deps ./%s: %v", name, err)
	}
	return slices.DeleteFunc(strings.Fields(string(output)), func(d string) bool {
		return d == module+"/"+name || d == module && name == ""
	})
}
