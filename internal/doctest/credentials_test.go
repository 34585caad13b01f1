package doctest

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

const reference = "docs/guides/authentication-reference.md"

var (
	variableName = regexp.MustCompile(`\b(?:OSS|ALICLOUD|ALIBABA_CLOUD|ALIBABACLOUD|TFC)_[A-Z0-9]+(?:_[A-Z0-9]+)*\b`)
	// familyRow is a row of the table of families: `ALICLOUD_…` with what follows the prefix.
	familyRow = regexp.MustCompile("(?m)^\\| `([A-Z_]+_)…` \\|(.*)$")
	suffix    = regexp.MustCompile("`([A-Z_]+)`")
)

// othersVariables are names on pages that other programs read.
var othersVariables = []string{
	"TFC_WORKLOAD_IDENTITY_AUDIENCE",        // HCP Terraform
	"OSS_ROLE_ARN", "OSS_ROLE_SESSION_NAME", // a situation has them, to show that they do not count
}

// TestVariablesOfCode wants every environment variable that the code reads to be in the
// authentication reference, and every one that a page mentions to be read by the code.
func TestVariablesOfCode(t *testing.T) {
	t.Parallel()
	read := map[string]bool{}
	for _, name := range []string{"credentials", "provider", "endpoint", "transport", "presign"} {
		for _, v := range variablesIn(t, filepath.Join(root, "internal", name)) {
			read[v] = true
		}
	}
	if len(read) < 30 {
		t.Fatalf("only %d variables found in the code", len(read))
	}
	all := pages(t)
	explained := variablesOn(string(all[reference]))
	for name := range read {
		if !slices.Contains(explained, name) {
			t.Errorf("%s does not explain %s", reference, name)
		}
	}
	for file, page := range all {
		if strings.HasPrefix(file, "templates/") {
			continue
		}
		for _, name := range variablesOn(string(page)) {
			if !read[name] && !slices.Contains(othersVariables, name) {
				t.Errorf("%s mentions %s, which nothing reads", file, name)
			}
		}
	}
}

// variablesOn returns the names of variables on a page, with those of its table of families.
func variablesOn(page string) []string {
	found := variableName.FindAllString(page, -1)
	for _, row := range familyRow.FindAllStringSubmatch(page, -1) {
		for _, m := range suffix.FindAllStringSubmatch(row[2], -1) {
			found = append(found, row[1]+m[1])
		}
	}
	return found
}

// variablesIn returns the strings of a directory's Go files, tests apart, that are names of
// variables.
func variablesIn(t *testing.T, dir string) []string {
	t.Helper()
	var found []string
	err := filepath.WalkDir(dir, func(path string, entry fs.DirEntry, err error) error {
		if os.IsNotExist(err) {
			return nil // a package that is not there
		}
		if err != nil || entry.IsDir() || filepath.Ext(path) != ".go" || strings.HasSuffix(path, "_test.go") {
			return err
		}
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, 0)
		if err != nil {
			return err
		}
		ast.Inspect(file, func(node ast.Node) bool {
			if literal, ok := node.(*ast.BasicLit); ok && literal.Kind == token.STRING {
				if text, err := strconv.Unquote(literal.Value); err == nil && variableName.FindString(text) == text && text != "" {
					found = append(found, text)
				}
			}
			return true
		})
		return nil
	})
	must(t, err)
	return found
}

func TestVariablesOn(t *testing.T) {
	t.Parallel()
	got := variablesOn("| `OSS_…` | `ACCESS_KEY_ID` | `SESSION_TOKEN` |\n\nSet `OSS_REGION=x`, not OSS_ or OSSX_REGION.\n")
	if want := []string{"OSS_REGION", "OSS_ACCESS_KEY_ID", "OSS_SESSION_TOKEN"}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}
