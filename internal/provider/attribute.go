package provider

import (
	"cmp"
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
	"github.com/alioss/terraform-provider-alioss/internal/validity"
)

// attribute declares an attribute once, for every form that has it: its schema and documentation,
// and the checks of its value, at validation and before signing.
type attribute struct {
	// typ is the type of the value, a string if a table has none. An object is a type and no nested
	// attributes, since Terraform before 1.3 refuses a reference to one of those ("does not have any
	// attributes").
	typ   tftypes.Type
	usage usage
	// description is Markdown.
	description string
	sensitive   bool
	// check is the rule of a text, checkNumber that of a whole number, checkEntry that of each element
	// of a map. Each is called with known values only. nil allows all.
	check       func(string) error
	checkNumber func(int64) error
	checkEntry  func(name, value string) error
	// numbers describes the allowed whole numbers: "between 1 and 5 seconds".
	numbers string
	// conflicts are arguments that must not be set together with this one.
	conflicts []string
	// fallback is what the resource plans if nothing is configured. Data sources and ephemeral
	// resources return the effective value when they have signed.
	fallback tftypes.Value
}

type attributes map[string]attribute

// textMap is the type of a map of strings.
var textMap = tftypes.Map{ElementType: tftypes.String}

type usage int

const (
	optional usage = iota
	required
	computed
	// optionalComputed attributes that are not configured get the value that the provider used.
	optionalComputed
)

// form is a block that signs: a data source, the resource or an ephemeral resource. Its check is
// here, its sign in client.go, and how it meets the protocol in server.go.
type form struct {
	attributes attributes
	// rules return errors that are not about one argument alone, beside those of conflicts.
	rules []func(values) faults
	act   act

	schema *tfprotov6.Schema
	typ    tftypes.Object
	names  []string
}

// act signs what is prepared, and returns the configuration together with the results.
type act func(*client, context.Context, *signing) (values, faults)

// newForm returns a form with the attributes of tables, of which later ones take precedence.
func newForm(description string, act act, tables []attributes, rules ...func(values) faults) *form {
	block := &tfprotov6.SchemaBlock{Description: description, DescriptionKind: tfprotov6.StringKindMarkdown}
	f := &form{
		attributes: attributes{}, rules: rules, act: act, schema: &tfprotov6.Schema{Block: block},
		typ: tftypes.Object{AttributeTypes: map[string]tftypes.Type{}},
	}
	for _, table := range tables {
		for name, a := range table {
			a.typ = cmp.Or[tftypes.Type](a.typ, tftypes.String)
			f.attributes[name], f.typ.AttributeTypes[name] = a, a.typ
		}
	}
	f.names = slices.Sorted(maps.Keys(f.attributes))
	for _, name := range f.names {
		a := f.attributes[name]
		block.Attributes = append(block.Attributes, &tfprotov6.SchemaAttribute{
			Name: name, Type: a.typ, Description: a.description, DescriptionKind: tfprotov6.StringKindMarkdown,
			Sensitive: a.sensitive,
			Required:  a.usage == required,
			Optional:  a.usage == optional || a.usage == optionalComputed,
			Computed:  a.usage == computed || a.usage == optionalComputed,
		})
	}
	return f
}

// check returns the errors of single attributes, in the order of their names, and then those
// between arguments. Unknown values are not checked. The same rules check them when they are known.
func (f *form) check(config values) faults {
	var found faults
	for _, name := range f.names {
		found = append(found, f.checkOne(name, config)...)
	}
	found = append(found, conflicts(config)...)
	for _, rule := range f.rules {
		found = append(found, rule(config)...)
	}
	return found
}

// checkKnown is check for arguments that are about to be used, so an unknown one is an error.
func (f *form) checkKnown(config values) faults {
	if i := slices.IndexFunc(f.names, config.isUnknown); i >= 0 {
		return errorAt(fmt.Errorf("%s must be known before the URL is signed", f.names[i]), "Unknown Argument", f.names[i])
	}
	return f.check(config)
}

func (f *form) checkOne(name string, config values) faults {
	a := f.attributes[name]
	switch {
	case a.usage == computed && !config.isNull(name):
		return errorAt(fmt.Errorf("%s is set by the provider. Leave it out", name), "Read Only Argument", name)
	case a.usage == required && config.isNull(name):
		return errorAt(fmt.Errorf("%s is required, but has no value. Set it", name), "Missing Argument", name)
	case !config.isGiven(name):
		return nil
	}
	var found faults
	switch {
	case a.check != nil:
		found = invalid(a.checkText(config.text(name)), name)
	case a.checkNumber != nil:
		n, err := wholeNumber(name, config.number(name), a.numbers)
		if err == nil {
			err = a.checkNumber(n)
		}
		found = invalid(err, name)
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

func (a attribute) checkText(s string) error {
	const advice = "leave it out"
	err := a.check(s)
	if err != nil && s == "" && a.usage != required && !strings.Contains(strings.ToLower(err.Error()), advice) {
		return fmt.Errorf("%w. To use the default, %s", err, advice)
	}
	return err
}

func (a attribute) checkMap(attribute string, elements map[string]tftypes.Value) faults {
	var found faults
	seen := map[string]string{}
	for _, name := range slices.Sorted(maps.Keys(elements)) {
		element, lower := elements[name], strings.ToLower(name)
		if other, again := seen[lower]; again && strings.HasSuffix(attribute, "headers") {
			found = append(found, invalid(fmt.Errorf("names %s and %s are the same, because case does not matter. Leave one of "+
				"them out", text.Quote(other), text.Quote(name)), attribute, name)...)
		}
		seen[lower] = name
		switch {
		case !element.IsKnown():
		case element.IsNull():
			found = append(found, invalid(fmt.Errorf("element %s of %s is null. Leave the name out instead", text.Quote(name),
				attribute), attribute, name)...)
		default:
			found = append(found, invalid(a.checkEntry(name, textOf(element)), attribute, name)...)
		}
	}
	return found
}

// wholeNumber returns an error with the wanted numbers for a fraction, or a number beyond int64.
func wholeNumber(argument string, f *big.Float, want string) (int64, error) {
	if n, exact := f.Int64(); exact == big.Exact {
		return n, nil
	}
	const shownDigits = 12
	return 0, fmt.Errorf("%s must be a whole number %s, got %s", argument, want, f.Text('g', shownDigits))
}

// conflicts returns the faults between the arguments of all forms.
func conflicts(config values) faults {
	var found faults
	for _, one := range specOf(config).Conflicts(objectOf(config)) {
		title := titleOf(one.Path[0])
		if one.Conflict {
			title = titleConflict
		}
		found = append(found, errorAt(one.Err, title, one.Path...)...)
	}
	for _, name := range []string{"rotate_every", "renew_before"} {
		if config.isGiven(name) && !config.isUnknown("expiry") {
			found = append(found, invalid(validity.CheckPeriod(name, config.text(name), config.text("expiry")), name)...)
		}
	}
	return found
}

// specOf leaves unknown arguments empty.
func specOf(config values) presign.Spec {
	return presign.Spec{
		Bucket: config.text("bucket"), Domain: config.text("domain"), Region: config.text("region"),
		EndpointType: config.text("endpoint_type"), Endpoint: config.text("endpoint"), Method: config.text("method"),
		Headers: config.texts("headers"), ResponseHeaders: config.texts("response_headers"), Query: config.texts("query"),
		Filename: config.text("filename"), Process: config.text("process"), TrafficLimit: config.integer("traffic_limit"),
		RequestPayer: config.flag("request_payer"), BindHost: config.flag("bind_host"),
	}
}

func objectOf(config values) presign.Object {
	return presign.Object{Key: config.text("key"), Version: config.text("version")}
}
