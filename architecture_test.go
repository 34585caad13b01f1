package main

import (
	"encoding/json"
	"errors"
	"io"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"
)

const module = "github.com/alioss/terraform-provider-alioss"

// rule is what a package may import.
type rule struct {
	ours []string // the packages of this module that it may need, directly or not
	more []string // the doors, and of other modules the packages, or trees (with a slash), that it may import
}

// doors are the packages of the standard library that lead to files, processes, the network and the
// log. The others are free.
var doors = []string{"log", "net", "net/http", "os", "os/exec", "syscall"}

// directions are the rules of the packages. This is the only list of the directions.
var directions = map[string]rule{
	"": {
		ours: []string{
			"internal/provider", "internal/presign", "internal/credentials", "internal/endpoint", "internal/probe",
			"internal/signer", "internal/text", "internal/transport", "internal/validity",
		},
		more: []string{"github.com/hashicorp/terraform-plugin-go/", "log", "os"},
	},
	"internal/provider": {
		ours: []string{
			"internal/presign", "internal/credentials", "internal/endpoint", "internal/probe", "internal/signer",
			"internal/text", "internal/transport", "internal/validity",
		},
		more: []string{"github.com/hashicorp/", "github.com/vmihailenco/msgpack/v5/", "golang.org/x/text/unicode/norm"},
	},
	"internal/presign": {ours: []string{"internal/endpoint", "internal/signer", "internal/text", "internal/validity"}},
	"internal/credentials": {
		ours: []string{"internal/signer", "internal/text", "internal/transport"},
		more: []string{
			"golang.org/x/net/http/httpproxy", "gopkg.in/ini.v1", "net", "net/http", "os", "os/exec", "syscall",
		},
	},
	"internal/probe": {
		ours: []string{
			"internal/endpoint", "internal/presign", "internal/signer", "internal/text", "internal/transport",
			"internal/validity",
		},
		more: []string{"net/http"},
	},
	"internal/transport": {ours: []string{"internal/text"}, more: []string{"net", "net/http", "syscall"}},
	"internal/endpoint":  {ours: []string{"internal/text"}, more: []string{"golang.org/x/net/idna"}},
	"internal/validity":  {ours: []string{"internal/text"}},
	"internal/signer":    {ours: []string{"internal/text"}},
	"internal/text":      {},
	"internal/osstest":   {more: []string{"log", "net", "net/http"}},
	"internal/testworld": {ours: []string{"internal/osstest"}, more: []string{"net", "net/http"}},
}

// TestDirections checks that the imports follow the directions of the architecture: those of this
// module's packages through every dependency, others directly.
//
// A verifier that shared code with the signer would share its mistakes, so the stand-in's tests may
// need no more of this module than the stand-in. The tests of core packages need no Terraform.
func TestDirections(t *testing.T) {
	packages := listPackages(t)
	for name, allowed := range directions {
		t.Run(where(name), func(t *testing.T) {
			p := packages[name]
			for _, dependency := range p.Deps {
				if ours, ok := strings.CutPrefix(dependency, module+"/"); ok && !slices.Contains(allowed.ours, ours) {
					t.Errorf("%s needs %s, which the architecture does not allow", where(name), ours)
				}
			}
			for _, imported := range p.Imports {
				first, _, _ := strings.Cut(imported, "/")
				isFree := !strings.Contains(first, ".") && !slices.Contains(doors, imported)
				if !isFree && !strings.HasPrefix(imported, module+"/") && !allowed.mayImport(imported) {
					t.Errorf("%s imports %s, which the architecture does not allow", where(name), imported)
				}
			}
			for _, imported := range slices.Concat(p.TestImports, p.XTestImports) {
				ours, isOurs := strings.CutPrefix(imported, module+"/")
				isTerraform := ours == "internal/provider" || strings.HasPrefix(imported, "github.com/hashicorp/terraform")
				if isTerraform && name != "" && name != "internal/provider" {
					t.Errorf("the tests of %s import %s: core packages are tested without Terraform", name, imported)
				}
				if isOurs && name == "internal/osstest" && ours != name && ours != "internal/testworld" {
					t.Errorf("the tests of %s import %s, which the stand-in must not share", name, ours)
				}
			}
		})
	}
}

// mayImport reports whether a door or a package of another module is in the list.
func (r rule) mayImport(imported string) bool {
	return slices.ContainsFunc(r.more, func(one string) bool {
		return imported == one || strings.HasSuffix(one, "/") && strings.HasPrefix(imported+"/", one)
	})
}

// TestLinked keeps out of the binary what is there for tests.
func TestLinked(t *testing.T) {
	for _, dependency := range listPackages(t)[""].Deps {
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

// listed is what go list prints of a package.
type listed struct {
	ImportPath                               string
	Deps, Imports, TestImports, XTestImports []string
}

// listPackages returns the packages that have directions, by name.
func listPackages(t *testing.T) map[string]listed {
	t.Helper()
	arguments := []string{"list", "-json=ImportPath,Deps,Imports,TestImports,XTestImports"}
	for name := range directions {
		arguments = append(arguments, "./"+name)
		// go test repeats its last result unless a directory that the test read has changed.
		if _, err := os.ReadDir("./" + name); err != nil {
			t.Fatal(err)
		}
	}
	output, err := exec.CommandContext(t.Context(), "go", arguments...).Output()
	if err != nil {
		t.Fatalf("go list: %v", err)
	}
	packages := map[string]listed{}
	for d := json.NewDecoder(strings.NewReader(string(output))); ; {
		var p listed
		if err := d.Decode(&p); errors.Is(err, io.EOF) {
			return packages
		} else if err != nil {
			t.Fatal(err)
		}
		packages[strings.TrimPrefix(strings.TrimPrefix(p.ImportPath, module), "/")] = p
	}
}
