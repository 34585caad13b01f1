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
	"unicode"
	"unicode/utf8"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"

	"github.com/alioss/terraform-provider-alioss/internal/acctest"
	"github.com/alioss/terraform-provider-alioss/internal/probe"
)

// summaryAt are the functions that take a diagnostic's summary, with the position of that argument.
var summaryAt = map[string]int{
	"errorAt": 1, "warningAt": 0, "warn": 0, "internalError": 0,
}

// Every summary of the sources is at most four words in title case, also if no test makes it
// appear.
func TestSummaries(t *testing.T) {
	t.Parallel()
	title := regexp.MustCompile(`^[A-Z][A-Za-z]*( [A-Z][A-Za-z]*){0,3}$`)
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	found, called := map[string]bool{}, map[string]bool{}
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
			if constant, ok := n.(*ast.ValueSpec); ok && strings.HasPrefix(constant.Names[0].Name, "title") &&
				len(constant.Values) > 0 {
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
			called[function] = true
			return true
		})
	}
	for function := range summaryAt {
		if !called[function] {
			t.Errorf("no call of %s was found", function)
		}
	}
	for _, summary := range []string{"Invalid Role", "Missing Credentials", "Long URL", "Conflicting Arguments"} {
		if !found[summary] {
			t.Errorf("%q was not found", summary)
		}
	}
}

// expectWording wants a summary of at most four words in title case, and a detail of whole, short
// sentences that fits on a screen and shows no secret.
func expectWording(t testing.TB, d *tfprotov6.Diagnostic) {
	t.Helper()
	words := strings.Fields(d.Summary)
	if len(words) == 0 || len(words) > 4 {
		t.Errorf("the summary %q has %d words", d.Summary, len(words))
	}
	for _, w := range words {
		if first, _ := utf8.DecodeRuneInString(w); !unicode.IsUpper(first) {
			t.Errorf("the summary %q is not in title case", d.Summary)
		}
	}
	if !endOfDetail.MatchString(d.Detail) {
		t.Errorf("the detail does not end as a sentence does: %q", d.Detail)
	}
	if len(d.Detail) > 1000 && !strings.Contains(d.Detail, "\n  - ") {
		t.Errorf("the detail has %d bytes: %.300s", len(d.Detail), d.Detail)
	}
	if strings.Contains(d.Summary+d.Detail, hidden) {
		t.Errorf("a secret is shown: %s", d.Detail)
	}
	if faults := badStyle(d.Detail); len(faults) > 0 {
		t.Errorf("%s: %s in: %.1000s", d.Summary, strings.Join(faults, ", "), d.Detail)
	}
}

// endOfDetail is how a detail ends: as a sentence, or with an address, or with a list.
var endOfDetail = regexp.MustCompile(`([.?]|https://\S+|\n  - [^\n]+)$`)

const maxWords = 25 // of a sentence

var (
	// quotation is a value as package text quotes it, or a word of code.
	quotation     = regexp.MustCompile("\"(?:[^\"\\\\]|\\\\.)*\"…?|`[^`]*`|'.'")
	endOfSentence = regexp.MustCompile(`[.?!](?:\s|$)|\n`)
	// unwanted are words that the project's style leaves out.
	unwanted = regexp.MustCompile(
		`(?i)\b(anew|please|in clear|passed over|tells? whether|dead|simply|just|on top|(URL|session|token|credential)s? ` +
			`(ends?|ended|holds?))\b`,
	)
)

// badStyle returns what is wrong with a text by the project's style sheet, as far as a machine can
// see it.
func badStyle(text string) []string {
	var faults []string
	text = quotation.ReplaceAllString(text, "x")
	if strings.Contains(text, ";") {
		faults = append(faults, "a semicolon")
	}
	if word := unwanted.FindString(text); word != "" {
		faults = append(faults, fmt.Sprintf("the word %q", word))
	}
	for _, sentence := range endOfSentence.Split(text, -1) {
		if n := len(strings.Fields(sentence)); n > maxWords {
			faults = append(faults, fmt.Sprintf("a sentence of %d words", n))
		}
	}
	return faults
}

// Every description of a schema begins with a short phrase, and follows the style sheet, as does
// every finding of verify.
func TestDescriptions(t *testing.T) {
	t.Parallel()
	const maxFirst = 20 // words of the first phrase
	check := func(where, text string) {
		t.Helper()
		if first := endOfSentence.Split(quotation.ReplaceAllString(text, "x"), 2)[0]; len(strings.Fields(first)) > maxFirst ||
			text == "" {
			t.Errorf("%s begins with %d words: %q", where, len(strings.Fields(first)), first)
		}
		if faults := badStyle(text); len(faults) > 0 {
			t.Errorf("%s: %s in: %s", where, strings.Join(faults, ", "), text)
		}
		if strings.Contains(text, "Environment:") || strings.Contains(text, "Default:") {
			t.Errorf("%s: %s", where, text)
		}
	}
	count := 0
	var walk func(where string, b *tfprotov6.SchemaBlock)
	var walkAttributes func(where string, as []*tfprotov6.SchemaAttribute)
	walkAttributes = func(where string, as []*tfprotov6.SchemaAttribute) {
		for _, a := range as {
			count++
			check(where+"."+a.Name, a.Description)
			if a.NestedType != nil {
				walkAttributes(where+"."+a.Name, a.NestedType.Attributes)
			}
		}
	}
	walk = func(where string, b *tfprotov6.SchemaBlock) {
		check(where, b.Description)
		walkAttributes(where, b.Attributes)
		for _, nested := range b.BlockTypes {
			walk(where+"."+nested.TypeName, nested.Block)
		}
	}
	s := schemas()
	walk("provider", s.Provider.Block)
	for kind, all := range map[string]map[string]*tfprotov6.Schema{
		"data": s.DataSourceSchemas, "resource": s.ResourceSchemas, "ephemeral": s.EphemeralResourceSchemas,
	} {
		for name, schema := range all {
			walk(kind+"."+name, schema.Block)
		}
	}
	for name, f := range s.Functions {
		check(name, f.Description)
		check(name, f.Summary)
	}
	for _, kind := range probe.Kinds() {
		e := &probe.Error{Kind: kind}
		check(e.Summary(), e.Error())
	}
	if count < 100 {
		t.Errorf("%d descriptions: the search is blind", count)
	}
}

// A sample of bad input, as the CLI shows it.
func TestBadInputByCLI(t *testing.T) {
	acctest.Require(t)
	called := false
	resource.UnitTest(t, resource.TestCase{
		ProtoV6ProviderFactories: newWorld(t).factories(t),
		// The framework runs it on the step's error, which one pattern cannot describe: the order of
		// blocks is the CLI's.
		ErrorCheck: func(err error) error {
			called = true
			text := strings.Join(strings.Fields(err.Error()), " ")
			for _, words := range []string{
				"Invalid Bucket", `got "Example"`, "Invalid Key", "Remove the slash", "Invalid Expiry",
				`expiry must be between 1s and 7d, got "691200"`,
				"Invalid Region", `got the zone "cn-hangzhou-h". Set region to "cn-hangzhou".`, "Invalid Domain", "contains a path",
				"Conflicting Arguments", "domain and endpoint exclude each other. Leave one of them out.", "Invalid Method",
				"upper case", "Invalid Header", `Header "Connection"`, "Invalid Query", "Set version instead",
				"Invalid Renew Before", `renew_before must be shorter than expiry "1h", got "2h"`,
			} {
				if !strings.Contains(text, words) {
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
