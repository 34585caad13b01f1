package provider

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"math/big"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

// addError adds a diagnostic for err at an attribute; nothing where err is nil, or where the same is said already.
func addError(d *diag.Diagnostics, at path.Path, title string, err error) {
	if err != nil {
		d.AddAttributeError(at, title, sentence(err))
	}
}

// sentence makes an error's text a sentence: a full stop at its end, and a capital at its start unless that is the name of
// an argument.
func sentence(err error) string {
	s := err.Error()
	if word, _, _ := strings.Cut(s, " "); !strings.Contains(word, "_") {
		first, size := utf8.DecodeRuneInString(s)
		s = string(unicode.ToUpper(first)) + s[size:]
	}
	if !strings.HasSuffix(s, ".") && !strings.HasSuffix(s, "?") {
		s += "."
	}
	return s
}

// described is what a validator says of itself in generated documentation.
type described string

func (d described) Description(context.Context) string         { return string(d) }
func (d described) MarkdownDescription(context.Context) string { return string(d) }

// stringCheck adapts a rule of a core package to a validator: known values only, at their own path.
type stringCheck struct {
	described

	title    string
	required bool
	check    func(string) error
}

// stringRule is the rule of an optional argument.
func stringRule(title, description string, check func(string) error) []validator.String {
	return []validator.String{stringCheck{described(description), title, false, check}}
}

// requiredRule is the rule of a required argument.
func requiredRule(title, description string, check func(string) error) []validator.String {
	return []validator.String{stringCheck{described(description), title, true, check}}
}

func (c stringCheck) ValidateString(_ context.Context, req validator.StringRequest, resp *validator.StringResponse) {
	if req.ConfigValue.IsNull() || req.ConfigValue.IsUnknown() {
		return
	}
	value := req.ConfigValue.ValueString()
	err := c.check(value)
	if err != nil && value == "" && !c.required && !strings.Contains(err.Error(), leaveItOut) {
		err = fmt.Errorf("%w; or %s, or write null, for its default", err, leaveItOut)
	}
	addError(&resp.Diagnostics, req.Path, c.title, err)
}

// leaveItOut is the way out of an empty optional argument.
const leaveItOut = "leave it out"

// wholeNumberCheck is stringCheck for whole numbers. Their attributes are of the framework's type of any number: its type of integers
// says of a fraction that the provider is at fault, and asks the user to report it.
type wholeNumberCheck struct {
	described

	title string
	check func(int64) error
}

func (c wholeNumberCheck) ValidateNumber(_ context.Context, req validator.NumberRequest, resp *validator.NumberResponse) {
	if req.ConfigValue.IsNull() || req.ConfigValue.IsUnknown() {
		return
	}
	n, err := wholeNumber(req.ConfigValue, string(c.described))
	if err == nil {
		err = c.check(n)
	}
	addError(&resp.Diagnostics, req.Path, c.title, err)
}

// wholeNumber returns a known number as an integer. The error about one with a fraction, or beyond all integers, names what is wanted.
func wholeNumber(v types.Number, want string) (int64, error) {
	f := v.ValueBigFloat()
	if n, exact := f.Int64(); exact == big.Exact {
		return n, nil
	}
	const shownDigits = 12
	return 0, fmt.Errorf("the number is %s; write a whole number, %s", f.Text('g', shownDigits), want)
}

// mapCheck checks every known element of a map of strings at its own path. Where foldCase is set, names are HTTP's, and
// no two of them may differ in case alone.
type mapCheck struct {
	described

	title    string
	foldCase bool
	check    func(name, value string) error
}

func (c mapCheck) ValidateMap(_ context.Context, req validator.MapRequest, resp *validator.MapResponse) {
	seen := map[string]string{}
	for _, name := range slices.Sorted(maps.Keys(req.ConfigValue.Elements())) {
		at := req.Path.AtMapKey(name)
		if lower := strings.ToLower(name); c.foldCase && seen[lower] != "" {
			addError(&resp.Diagnostics, at, c.title,
				fmt.Errorf("%s and %s are the same header; names are case-insensitive; leave one out", shortened(seen[lower]), shortened(name)))
		} else {
			seen[lower] = name
		}
		s, ok := req.ConfigValue.Elements()[name].(types.String)
		switch {
		case !ok || s.IsUnknown():
		case s.IsNull():
			addError(&resp.Diagnostics, at, c.title, errNullElement)
		default:
			addError(&resp.Diagnostics, at, c.title, c.check(name, s.ValueString()))
		}
	}
}

// exclusion refuses an argument beside others.
type exclusion struct {
	described

	others []string
}

// conflictsWith refuses an argument that stands beside one of the named ones, at its own path. What is unknown may still
// turn out to be null, and passes until it is known.
func conflictsWith(names ...string) []validator.String {
	return []validator.String{exclusion{described("excludes " + strings.Join(names, " and ")), names}}
}

func (e exclusion) ValidateString(ctx context.Context, req validator.StringRequest, resp *validator.StringResponse) {
	if req.ConfigValue.IsNull() || req.ConfigValue.IsUnknown() {
		return
	}
	for _, name := range e.others {
		var other attr.Value
		resp.Diagnostics.Append(req.Config.GetAttribute(ctx, path.Root(name), &other)...)
		if other != nil && !other.IsNull() && !other.IsUnknown() {
			addError(&resp.Diagnostics, req.Path, "Conflicting Arguments",
				fmt.Errorf("%s and %s exclude each other; leave one of them out", req.Path, name))
		}
	}
}

// errNullElement is the fault of a null in a map of strings.
var errNullElement = errors.New("the value is null; leave the name out instead")
