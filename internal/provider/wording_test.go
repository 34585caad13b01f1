package provider

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"

	"github.com/alioss/terraform-provider-alioss/internal/acctest"
)

// summaryAt are the functions that take a diagnostic's summary, with the position of that argument.
var summaryAt = map[string]int{
	"wrong": 1, "warning": 0, "warn": 0, "bug": 0,
}

// Every summary of the sources is at most four words in title case, also where no test makes it appear.
func TestSummaries(t *testing.T) {
	t.Parallel()
	title := regexp.MustCompile(`^[A-Z][A-Za-z]*( [A-Z][A-Za-z]*){0,3}$`)
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	found := map[string]bool{}
	set := token.NewFileSet()
	check := func(e ast.Expr) {
		if literal, ok := e.(*ast.BasicLit); ok {
			summary, err := strconv.Unquote(literal.Value)
			if err != nil || !title.MatchString(summary) {
				t.Errorf("%s: %s is not a summary of one to four words in title case", set.Position(literal.Pos()), literal.Value)
			}
			found[summary] = true
		}
	}
	for _, name := range files {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		file, err := parser.ParseFile(set, name, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(file, func(n ast.Node) bool {
			if field, ok := n.(*ast.KeyValueExpr); ok && fmt.Sprint(field.Key) == "title" {
				check(field.Value)
			}
			if constant, ok := n.(*ast.ValueSpec); ok && strings.HasPrefix(constant.Names[0].Name, "title") && len(constant.Values) > 0 {
				check(constant.Values[0])
			}
			call, ok := n.(*ast.CallExpr)
			if !ok {
				return true
			}
			function := ""
			switch f := call.Fun.(type) {
			case *ast.Ident:
				function = f.Name
			case *ast.SelectorExpr:
				function = f.Sel.Name
			}
			at, ok := summaryAt[function]
			if !ok || at >= len(call.Args) {
				return true
			}
			check(call.Args[at])
			return true
		})
	}
	for _, summary := range []string{"Invalid Role", "Missing Credentials", "Long URL", "Conflicting Arguments"} {
		if !found[summary] {
			t.Errorf("%q was not found: the search is blind", summary)
		}
	}
}

// A sample of bad input, as the CLI shows it.
func TestBadInputByCLI(t *testing.T) {
	acctest.Require(t)
	called := false
	resource.UnitTest(t, resource.TestCase{
		ProtoV6ProviderFactories: newWorld(t).factories(t),
		// The framework runs it on the step's error, which one pattern cannot describe: the order of blocks is the CLI's.
		ErrorCheck: func(err error) error {
			called = true
			text := strings.Join(strings.Fields(err.Error()), " ")
			for _, words := range []string{
				"Invalid Bucket", "holds 'E'", "Invalid Key", "leave the slash out", "Invalid Expiry", "604800 seconds (7 days)", "Invalid Region",
				`availability zone, and no host or signature names one: set region to "cn-hangzhou"`, "Invalid Domain", "holds a path", "Conflicting Arguments",
				"Domain and endpoint exclude each other; leave one of them out", "Invalid Method", "upper case", "Invalid Header", `header "Connection"`,
				"Invalid Query", "set version instead", "Invalid Renew Before", "renew_before 2h must be shorter than expiry 1h",
			} {
				if !strings.Contains(strings.ToLower(text), strings.ToLower(words)) {
					t.Errorf("%q is not in: %s", words, text)
				}
			}
			return nil
		},
		Steps: []resource.TestStep{{PlanOnly: true, Config: `
data "alioss_presigned_url" "a" {
  bucket   = "Example"
  key      = "/agent.tar.gz"
  expiry   = 691200
  region   = "cn-hangzhou-h"
  domain   = "https://downloads.example.com/agents"
  endpoint = "https://oss-cn-hangzhou.aliyuncs.com"
  method   = "get"
  headers  = { Connection = "close" }
  query    = { versionId = "a" }
}
resource "alioss_presigned_url" "a" {
  bucket       = "examplebucket"
  key          = "a"
  renew_before = "2h"
}
`}},
	})
	if !called {
		t.Error("there was no error")
	}
}
