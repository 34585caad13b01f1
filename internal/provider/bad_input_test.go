package provider

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

// testForm is one of the blocks that sign, as its configuration is validated.
type testForm struct {
	name     string
	validate func(s *session, config args) []*tfprotov6.Diagnostic
	schema   func(s *session) *tfprotov6.Schema
	// act signs, by a provider of its own, and returns what is said.
	act func(w *world, t *testing.T, config args) []*tfprotov6.Diagnostic
	// object is what names an object in it.
	object args
}

var forms = []testForm{
	{
		"data", func(s *session, c args) []*tfprotov6.Diagnostic { return s.validateData("alioss_presigned_url", c) },
		func(s *session) *tfprotov6.Schema { return s.schema.DataSourceSchemas["alioss_presigned_url"] },
		func(w *world, t *testing.T, c args) []*tfprotov6.Diagnostic {
			_, d := w.configured(t, nil).read(managedURL, c)
			return d
		},
		args{"key": "a"},
	},
	{
		"resource", func(s *session, c args) []*tfprotov6.Diagnostic { return s.validateResource("alioss_presigned_url", c) },
		func(s *session) *tfprotov6.Schema { return s.schema.ResourceSchemas["alioss_presigned_url"] },
		func(w *world, t *testing.T, c args) []*tfprotov6.Diagnostic {
			return w.managed(t, nil).plan(c).diagnostics
		},
		args{"key": "a"},
	},
	{
		"ephemeral", func(s *session, c args) []*tfprotov6.Diagnostic {
			return s.validateEphemeral("alioss_presigned_url", c)
		},
		func(s *session) *tfprotov6.Schema { return s.schema.EphemeralResourceSchemas["alioss_presigned_url"] },
		func(w *world, t *testing.T, c args) []*tfprotov6.Diagnostic {
			_, d := w.configured(t, nil).open(managedURL, c)
			return d
		},
		args{"key": "a"},
	},
	{
		"bulk", func(s *session, c args) []*tfprotov6.Diagnostic { return s.validateData("alioss_presigned_urls", c) },
		func(s *session) *tfprotov6.Schema { return s.schema.DataSourceSchemas["alioss_presigned_urls"] },
		func(w *world, t *testing.T, c args) []*tfprotov6.Diagnostic {
			_, d := w.configured(t, nil).read("alioss_presigned_urls", c)
			return d
		},
		args{"keys": keyList("a")},
	},
}

// keyList is what a list of strings is to a dynamic attribute.
func keyList(values ...string) tftypes.Value {
	elements := make([]tftypes.Value, len(values))
	for i, v := range values {
		elements[i] = tftypes.NewValue(tftypes.String, v)
	}
	return tftypes.NewValue(tftypes.List{ElementType: tftypes.String}, elements)
}

// has tells whether a form has all of the arguments.
func (f testForm) has(s *session, config args) bool {
	for name := range config {
		if !slices.ContainsFunc(f.schema(s).Block.Attributes, func(a *tfprotov6.SchemaAttribute) bool {
			return a.Name == name && (a.Optional || a.Required)
		}) {
			return false
		}
	}
	return true
}

// with returns a whole configuration of the form: the object, and what a test adds or takes away (by nil).
func (f testForm) with(config args) args {
	whole := args{"bucket": "examplebucket"}
	maps.Copy(whole, f.object)
	maps.Copy(whole, config)
	return whole
}

// refusal is a configuration with one thing wrong, and what its diagnostic must say.
type refusal struct {
	config args
	// at is the attribute's path; title the summary; words stand in the detail, all of them, separated by "|".
	at, title, words string
}

func TestBadInput(t *testing.T) {
	t.Parallel()
	s := newWorld(t).session(t)
	for i, r := range badLinks() {
		ran := 0
		for _, f := range forms {
			if !f.has(s, r.config) {
				continue
			}
			ran++
			expectRefusal(t, fmt.Sprintf("%s, row %d, %s", f.name, i, r.at), f.validate(s, f.with(r.config)), r)
		}
		if ran == 0 {
			t.Errorf("row %d: no form has the arguments of %s", i, r.at)
		}
	}
	for i, r := range badProviders() {
		expectRefusal(t, fmt.Sprintf("provider, row %d, %s", i, r.at), s.validateProvider(r.config), r)
	}
	if n := len(badLinks()) + len(badProviders()); n < 150 {
		t.Errorf("%d rows, want at least 150", n)
	} else {
		t.Logf("%d rows of the forms that sign, %d of the provider block", len(badLinks()), len(badProviders()))
	}
}

// expectRefusal wants one error, well worded, that says what a row wants.
func expectRefusal(t *testing.T, where string, d []*tfprotov6.Diagnostic, r refusal) {
	t.Helper()
	errors := slices.DeleteFunc(slices.Clone(d), func(d *tfprotov6.Diagnostic) bool { return d.Severity != tfprotov6.DiagnosticSeverityError })
	for _, one := range d {
		expectWording(t, where, one)
	}
	if len(errors) != 1 {
		t.Errorf("%s: %d errors, want 1:\n%.2000s", where, len(errors), describe(d))
		return
	}
	e := errors[0]
	if at := pathOf(e); at != r.at || e.Summary != r.title {
		t.Errorf("%s: %q at %q, want %q at %q", where, e.Summary, at, r.title, r.at)
	}
	for word := range strings.SplitSeq(r.words, "|") {
		if !strings.Contains(e.Detail, word) {
			t.Errorf("%s: %q is not in: %.600s", where, word, e.Detail)
		}
	}
}

// expectWording wants a summary of at most four words in title case, and a detail of whole sentences that fits on a screen
// and shows no secret.
func expectWording(t *testing.T, where string, d *tfprotov6.Diagnostic) {
	t.Helper()
	words := strings.Fields(d.Summary)
	if len(words) == 0 || len(words) > 4 {
		t.Errorf("%s: the summary %q has %d words", where, d.Summary, len(words))
	}
	for _, w := range words {
		if first, _ := utf8.DecodeRuneInString(w); !unicode.IsUpper(first) {
			t.Errorf("%s: the summary %q is not in title case", where, d.Summary)
		}
	}
	if !strings.HasSuffix(d.Detail, ".") && !strings.HasSuffix(d.Detail, "?") {
		t.Errorf("%s: the detail does not end as a sentence does: %q", where, d.Detail)
	}
	if len(d.Detail) > 1000 {
		t.Errorf("%s: the detail has %d bytes: %.300s", where, len(d.Detail), d.Detail)
	}
	if strings.Contains(d.Summary+d.Detail, hidden) {
		t.Errorf("%s: shows a secret: %s", where, d.Detail)
	}
}

// hidden is part of all secrets in bad input.
const hidden = "hush"

// pathOf writes a diagnostic's path as a configuration does: headers["a"].
func pathOf(d *tfprotov6.Diagnostic) string {
	if d.Attribute == nil {
		return ""
	}
	var b strings.Builder
	for _, step := range d.Attribute.Steps() {
		switch step := step.(type) {
		case tftypes.AttributeName:
			if b.Len() > 0 {
				b.WriteByte('.')
			}
			b.WriteString(string(step))
		case tftypes.ElementKeyString:
			fmt.Fprintf(&b, "[%q]", string(step))
		case tftypes.ElementKeyInt:
			fmt.Fprintf(&b, "[%d]", int64(step))
		}
	}
	return b.String()
}

// attributeDiagnostic is a diagnostic at an element of a map.
func attributeDiagnostic(attribute, key string) *tfprotov6.Diagnostic {
	return &tfprotov6.Diagnostic{Attribute: tftypes.NewAttributePath().WithAttributeName(attribute).WithElementKeyString(key)}
}
