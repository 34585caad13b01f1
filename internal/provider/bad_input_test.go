package provider

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

// testForm is one of the blocks that sign.
type testForm struct {
	name, kind, typeName string
	// object is what names an object in it.
	object args
}

var forms = []testForm{
	{"data", "data", managedURL, args{"key": "a"}},
	{"resource", "resource", managedURL, args{"key": "a"}},
	{"ephemeral", "ephemeral", managedURL, args{"key": "a"}},
	{"bulk", "data", bulkURLs, args{"keys": keyList("a")}},
}

func (f testForm) schema() *tfprotov6.Schema { return schemaOf(f.kind, f.typeName) }

func (f testForm) validate(s *session, config args) []*tfprotov6.Diagnostic {
	s.t.Helper()
	return s.validate(f.kind, f.typeName, config)
}

// act signs, or plans to, with a provider that is configured.
func (f testForm) act(s *session, config args) []*tfprotov6.Diagnostic {
	s.t.Helper()
	if f.kind == "resource" {
		return s.applied(config)
	}
	_, d := s.sign(f.kind, f.typeName, config)
	return d
}

// applied returns what an apply of the resource says whose plan, as that of unknown arguments
// would, allows anything. The arguments that have a default are planned with it.
func (s *session) applied(config args) []*tfprotov6.Diagnostic {
	s.t.Helper()
	schema := schemaOf("resource", managedURL)
	planned := args{"expiry": "1h", "method": "GET", "renew": true, "renew_before": "0s", "region": "cn-hangzhou"}
	for _, a := range schema.Block.Attributes {
		if a.Computed && !a.Optional {
			planned[a.Name] = unknown
		}
	}
	maps.Copy(planned, config)
	resp, err := s.server.ApplyResourceChange(s.t.Context(), &tfprotov6.ApplyResourceChangeRequest{
		TypeName: managedURL, PriorState: s.dynamic(schema, nil), PlannedState: s.dynamic(schema, planned),
		Config: s.dynamic(schema, config),
	})
	must(s.t, err)
	return resp.Diagnostics
}

// keyList is what a list of strings is to a dynamic attribute.
func keyList(values ...string) tftypes.Value {
	elements := make([]tftypes.Value, len(values))
	for i, v := range values {
		elements[i] = tftypes.NewValue(tftypes.String, v)
	}
	return tftypes.NewValue(tftypes.List{ElementType: tftypes.String}, elements)
}

// has reports whether a form has all of the arguments.
func (f testForm) has(config args) bool {
	for name := range config {
		if !slices.ContainsFunc(f.schema().Block.Attributes, func(a *tfprotov6.SchemaAttribute) bool {
			return a.Name == name && (a.Optional || a.Required)
		}) {
			return false
		}
	}
	return true
}

// with returns a whole configuration of the form: the object, and what a test adds or takes away
// (by nil).
func (f testForm) with(config args) args {
	return args{"bucket": "examplebucket"}.with(f.object).with(config)
}

// badInput is a configuration with one error, and its diagnostic.
type badInput struct {
	config args
	// at is the attribute's path, title the summary. The detail contains all words, which are
	// separated by "|".
	at, title, words string
}

// Each row is a subtest for each form that has its arguments: -run 'TestBadInput/029_expiry/data'.
// What signs refuses what validation refuses, in the same words, since what was not known at
// validation is checked there only.
func TestBadInput(t *testing.T) {
	t.Parallel()
	s := newWorld(t).configured(t, nil)
	for i, r := range badLinks() {
		t.Run(rowName(i, r), func(t *testing.T) {
			ran := false
			for _, f := range forms {
				if f.has(r.config) {
					ran = true
					t.Run(f.name, func(t *testing.T) {
						d := f.validate(s, f.with(r.config))
						expectRefusal(t, d, r)
						if said := describe(f.act(s, f.with(r.config))); said != describe(d) {
							t.Errorf("what signs says\n%sand validation\n%s", said, describe(d))
						}
					})
				}
			}
			if !ran {
				t.Error("no form has the arguments")
			}
		})
	}
	for i, r := range badProviders() {
		t.Run("provider "+rowName(i, r), func(t *testing.T) { expectRefusal(t, s.validateProvider(r.config), r) })
	}
	if n := len(badLinks()) + len(badProviders()); n < 150 {
		t.Errorf("%d rows, want at least 150", n)
	}
}

func rowName(i int, r badInput) string { return fmt.Sprintf("%03d %s", i, shortName(r.at)) }

// expectRefusal wants one error with the content of a row. The witness checks its wording.
func expectRefusal(t *testing.T, d []*tfprotov6.Diagnostic, r badInput) {
	t.Helper()
	errors := slices.DeleteFunc(slices.Clone(d), func(d *tfprotov6.Diagnostic) bool {
		return d.Severity != tfprotov6.DiagnosticSeverityError
	})
	if len(errors) != 1 {
		t.Fatalf("%d errors, want 1:\n%.2000s", len(errors), describe(d))
	}
	e := errors[0]
	if at := pathOf(e); at != r.at || e.Summary != r.title {
		t.Errorf("%q at %q, want %q at %q", e.Summary, at, r.title, r.at)
	}
	for word := range strings.SplitSeq(r.words, "|") {
		if !strings.Contains(e.Detail, word) {
			t.Errorf("%q is not in: %.600s", word, e.Detail)
		}
	}
}

// expectOnly wants one error and no warning.
func expectOnly(t *testing.T, d []*tfprotov6.Diagnostic, title, at string, words []string) {
	t.Helper()
	if len(d) != 1 {
		t.Errorf("%d diagnostics, want 1", len(d))
	}
	expectRefusal(t, d, badInput{at: at, title: title, words: strings.Join(words, "|")})
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
	return &tfprotov6.Diagnostic{
		Attribute: tftypes.NewAttributePath().WithAttributeName(attribute).WithElementKeyString(key),
	}
}
