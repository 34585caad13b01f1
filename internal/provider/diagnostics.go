package provider

import (
	"slices"
	"strconv"
	"strings"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/alioss/terraform-provider-alioss/internal/text"
)

// fault is a diagnostic: an error, or a warning.
type fault struct {
	// path is an attribute, and the name of an element if it is a map, or an argument if it is a block
	// of the provider. For the whole, it is nil.
	path          []string
	title, detail string
	warning       bool
}

// faults are the diagnostics of a call. A function that returns them beside its result has a result
// only if they have not failed.
type faults []fault

// errorAt returns the fault for an error at a path, and none for nil.
func errorAt(err error, title string, path ...string) faults {
	if err == nil {
		return nil
	}
	return faults{{path: path, title: title, detail: sentence(err)}}
}

// invalid is errorAt with the title of an attribute whose value, or an element of it, is wrong.
func invalid(err error, path ...string) faults {
	if err == nil {
		return nil
	}
	return errorAt(err, titleOf(path[0]), path...)
}

// bugAdvice is the advice for an error that no configuration can cause.
const bugAdvice = "This is a bug in the provider. Report it to its maintainers."

func internalError(title string, err error) faults {
	return faults{{title: title, detail: sentence(err) + " " + bugAdvice}}
}

func warningAt(title, detail string, path ...string) faults {
	return faults{{path: path, title: title, detail: detail, warning: true}}
}

func (f faults) failed() bool {
	return slices.ContainsFunc(f, func(one fault) bool { return !one.warning })
}

func (f faults) protocol() []*tfprotov6.Diagnostic {
	var all []*tfprotov6.Diagnostic
	for _, one := range f {
		d := &tfprotov6.Diagnostic{Severity: tfprotov6.DiagnosticSeverityError, Summary: one.title, Detail: one.detail}
		if one.warning {
			d.Severity = tfprotov6.DiagnosticSeverityWarning
		}
		if len(one.path) > 0 {
			d.Attribute = tftypes.NewAttributePath().WithAttributeName(one.path[0])
			for _, key := range one.path[1:] {
				if isPasted(key) {
					break // logs contain paths
				}
				d.Attribute = d.Attribute.WithElementKeyString(key)
			}
		}
		all = append(all, d)
	}
	return all
}

// isPasted reports whether the name of an element may be a URL with a secret in it.
func isPasted(name string) bool {
	lower := strings.ToLower(name)
	return (strings.Contains(lower, "=") || strings.Contains(lower, "%3d")) && text.Quote(name) != strconv.Quote(name)
}

// sentence returns an error's text as a sentence. The name of an argument at its start stays in
// lower case.
func sentence(err error) string { return text.Sentence(err, argumentNames...) }

// argumentNames are the arguments whose names are words of English, with which errors may begin.
var argumentNames = []string{
	"bucket", "domain", "endpoint", "expiry", "filename", "headers", "key", "keys", "method", "prefix", "process",
	"profile", "query", "region", "url", "verify", "version", "versions",
}

// titleOf returns the summary for errors of an attribute's value: "Invalid Not After" for
// not_after. For a map of headers it is about one of them.
func titleOf(attribute string) string {
	if strings.HasSuffix(attribute, "headers") {
		attribute = strings.TrimSuffix(attribute, "s")
	}
	return titleCase("invalid " + strings.ReplaceAll(attribute, "_", " "))
}

func titleCase(phrase string) string {
	words := strings.Fields(phrase)
	for i, word := range words {
		words[i] = strings.ToUpper(word[:1]) + word[1:]
	}
	return strings.Join(words, " ")
}

const (
	titleConflict = "Conflicting Arguments"
	titleUnusual  = "Unusual Key"
	titleSigning  = "Signing Failed"
)
