package provider

import (
	"context"
	"fmt"
	"maps"
	"math/big"
	"slices"
	"strings"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/alioss/terraform-provider-alioss/internal/presign"
	"github.com/alioss/terraform-provider-alioss/internal/text"
)

// attribute declares an attribute once, for every form that has it: its schema and documentation,
// and the checks of its value, at validation and before signing.
type attribute struct {
	kind  kind
	usage usage
	// description is Markdown.
	description string
	sensitive   bool
	// check is the rule of a text, checkNumber that of a whole number, checkEntry that of each element
	// of a map. Each is called with known values only. nil allows all.
	check       func(string) error
	checkNumber func(int64) error
	checkEntry  func(name, value string) error
	// conflicts are arguments that must not be set together with this one.
	conflicts []string
	// numbers describes the allowed whole numbers: "between 1 and 5 seconds".
	numbers string
	// fallback is the text that the resource plans if nothing is configured, or "true" or "false" for
	// a boolean. Data sources and ephemeral resources return the effective value when they have
	// signed.
	fallback string
	// object is the type of an object or of a map of objects, in place of a kind. It is a type and no
	// nested attributes, since Terraform before 1.3 refuses a reference to one of those ("does not
	// have any attributes").
	object tftypes.Type
}

type attributes map[string]attribute

type kind int

const (
	kindText kind = iota
	kindNumber
	kindBoolean
	kindTextMap
	kindDynamic
)

type usage int

const (
	optional usage = iota
	required
	computed
	// optionalComputed attributes can be configured. If they are not, the provider returns the value
	// that it used.
	optionalComputed
)

// merge returns the union of tables. Later ones win.
func merge(tables ...attributes) attributes {
	all := attributes{}
	for _, table := range tables {
		maps.Copy(all, table)
	}
	return all
}

// typ returns the attribute's type in the protocol.
func (a attribute) typ() tftypes.Type {
	if a.object != nil {
		return a.object
	}
	switch a.kind {
	case kindNumber:
		return tftypes.Number
	case kindBoolean:
		return tftypes.Bool
	case kindTextMap:
		return tftypes.Map{ElementType: tftypes.String}
	case kindDynamic:
		return tftypes.DynamicPseudoType
	case kindText:
	}
	return tftypes.String
}

// typ returns the type of an object with the attributes.
func (a attributes) typ() tftypes.Object {
	types := make(map[string]tftypes.Type, len(a))
	for name, one := range a {
		types[name] = one.typ()
	}
	return tftypes.Object{AttributeTypes: types}
}

// schema returns the attributes for the protocol, sorted by name.
func (a attributes) schema() []*tfprotov6.SchemaAttribute {
	all := make([]*tfprotov6.SchemaAttribute, 0, len(a))
	for _, name := range slices.Sorted(maps.Keys(a)) {
		one := a[name]
		s := &tfprotov6.SchemaAttribute{
			Name: name, Type: one.typ(), Description: one.description, DescriptionKind: tfprotov6.StringKindMarkdown,
			Sensitive: one.sensitive,
			Required:  one.usage == required,
			Optional:  one.usage == optional || one.usage == optionalComputed,
			Computed:  one.usage == computed || one.usage == optionalComputed,
		}
		all = append(all, s)
	}
	return all
}

// form is a block of configuration that signs: a data source, the resource or an ephemeral
// resource.
type form struct {
	attributes attributes
	// rules return errors between arguments whose single values are right.
	rules []func(values) faults
	act   act

	schema *tfprotov6.Schema
	typ    tftypes.Object
	names  []string
}

// act signs what is prepared, and returns the configuration together with the results.
type act func(*client, context.Context, *signing) (values, faults)

// newForm returns a form with a description in Markdown.
func newForm(description string, act act, as attributes, rules ...func(values) faults) *form {
	return &form{
		act: act, attributes: as, rules: rules, typ: as.typ(), names: slices.Sorted(maps.Keys(as)),
		schema: &tfprotov6.Schema{Block: &tfprotov6.SchemaBlock{
			Attributes: as.schema(), Description: description, DescriptionKind: tfprotov6.StringKindMarkdown,
		}},
	}
}

// validate returns the errors of a configuration: those of check, and values of attributes that
// only the provider sets.
func (f *form) validate(config values) faults {
	var found faults
	for _, name := range f.names {
		if f.attributes[name].usage == computed && !config.isNull(name) {
			found = append(found, errorAt(fmt.Errorf("%s is set by the provider. Leave it out", name), "Read Only Argument",
				name)...)
		}
	}
	return append(found, f.check(config)...)
}

// check returns the errors of single arguments, in the order of their names, and then those between
// arguments. Unknown values are not checked. The same rules check them when they are known.
func (f *form) check(config values) faults {
	var found faults
	for _, name := range f.names {
		found = append(found, f.checkOne(name, config)...)
	}
	for _, rule := range f.rules {
		found = append(found, rule(config)...)
	}
	return found
}

// checkKnown is check for arguments that are about to be used. It returns an error if one is
// unknown.
func (f *form) checkKnown(config values) faults {
	for _, name := range f.names {
		if f.attributes[name].usage != computed && config.isUnknown(name) {
			return errorAt(fmt.Errorf("%s must be known before the URL is signed", name), "Unknown Argument", name)
		}
	}
	return f.check(config)
}

func (f *form) checkOne(name string, config values) faults {
	a := f.attributes[name]
	switch {
	case a.usage == computed:
		return nil
	case config.isNull(name):
		if a.usage == required {
			return errorAt(fmt.Errorf("%s is required, but has no value. Set it", name), "Missing Argument", name)
		}
		return nil
	case !config.isGiven(name):
		return nil
	}
	var found faults
	switch {
	case a.check != nil:
		found = errorAt(a.checkText(config.text(name)), titleOf(name), name)
	case a.checkNumber != nil:
		n, err := wholeNumber(name, config.number(name), a.numbers)
		if err == nil {
			err = a.checkNumber(n)
		}
		found = errorAt(err, titleOf(name), name)
	case a.checkEntry != nil:
		found = a.checkMap(name, config.elements(name))
	}
	for _, other := range a.conflicts {
		if config.isGiven(other) {
			found = append(found, errorAt(fmt.Errorf("%s and %s exclude each other. Leave one of them out", name, other),
				titleConflict, name)...)
		}
	}
	return found
}

// leaveItOut is the advice for an empty optional argument.
const leaveItOut = "leave it out"

func (a attribute) checkText(s string) error {
	err := a.check(s)
	if err != nil && s == "" && a.usage != required && !strings.Contains(strings.ToLower(err.Error()), leaveItOut) {
		return fmt.Errorf("%w. To use the default, %s", err, leaveItOut)
	}
	return err
}

// checkMap checks every known element of a map of texts at its own path, in the order of the names.
// The case of header names does not matter.
func (a attribute) checkMap(attribute string, elements map[string]tftypes.Value) faults {
	var found faults
	title, seen := titleOf(attribute), map[string]string{}
	for _, name := range slices.Sorted(maps.Keys(elements)) {
		element, lower := elements[name], strings.ToLower(name)
		if other, again := seen[lower]; again && strings.HasSuffix(attribute, "headers") {
			found = append(found, errorAt(fmt.Errorf("names %s and %s are the same, because case does not matter. Leave one "+
				"of them out",
				text.Quote(other), text.Quote(name)), title, attribute, name)...)
		}
		seen[lower] = name
		switch {
		case !element.IsKnown():
		case element.IsNull():
			found = append(found, errorAt(fmt.Errorf("element %s of %s is null. Leave the name out instead", text.Quote(name),
				attribute), title, attribute, name)...)
		default:
			found = append(found, errorAt(a.checkEntry(name, textOf(element)), title, attribute, name)...)
		}
	}
	return found
}

// wholeNumber returns the number of an argument as an integer. The error for one with a fraction,
// or beyond all integers, contains the allowed numbers.
func wholeNumber(argument string, f *big.Float, want string) (int64, error) {
	if n, exact := f.Int64(); exact == big.Exact {
		return n, nil
	}
	const shownDigits = 12
	return 0, fmt.Errorf("%s must be a whole number %s, got %s", argument, want, f.Text('g', shownDigits))
}

// conflicts returns the faults between arguments that package presign finds.
func conflicts(config values) faults {
	var found faults
	for _, one := range specOf(config).Conflicts(objectOf(config)) {
		title := titleOf(one.Path[0])
		if one.Conflict {
			title = titleConflict
		}
		found = append(found, errorAt(one.Err, title, one.Path...)...)
	}
	return found
}

// specOf returns the Spec of a configuration. Unknown arguments are left empty.
func specOf(config values) presign.Spec {
	return presign.Spec{
		Bucket: config.text("bucket"), Domain: config.text("domain"), Region: config.text("region"),
		EndpointType: config.text("endpoint_type"), Endpoint: config.text("endpoint"), Method: config.text("method"),
		Headers: config.texts("headers"), ResponseHeaders: config.texts("response_headers"), Query: config.texts("query"),
		Filename: config.text("filename"), Process: config.text("process"), TrafficLimit: config.integer("traffic_limit"),
		RequestPayer: config.flag("request_payer"), BindHost: config.flag("bind_host"),
	}
}

// objectOf returns the object of a configuration.
func objectOf(config values) presign.Object {
	return presign.Object{Key: config.text("key"), Version: config.text("version")}
}
