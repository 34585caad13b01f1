package provider

import (
	"maps"

	dsschema "github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	epschema "github.com/hashicorp/terraform-plugin-framework/ephemeral/schema"
	rsschema "github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/booldefault"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringdefault"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-framework/types/basetypes"
)

// attribute describes one attribute once, for the data source, the resource and the ephemeral resource that have it.
// Its kind is that of the one list of validators that is not nil.
type attribute struct {
	description string
	// usage is required, optional, computed, or optionalComputed for an attribute whose effective value is returned.
	usage     usage
	sensitive bool
	// customType is the type of a string attribute that has one.
	customType basetypes.StringTypable
	// defaultString and defaultBool are what the resource plans where nothing is configured. Data sources and ephemeral
	// resources know no defaults: they fill them in when they sign.
	defaultString string
	defaultBool   *bool

	strings  []validator.String
	bools    []validator.Bool
	numbers  []validator.Number
	maps     []validator.Map
	dynamics []validator.Dynamic
}

type usage int

const (
	optional usage = iota
	required
	computed
	optionalComputed
)

func (u usage) required() bool { return u == required }
func (u usage) optional() bool { return u == optional || u == optionalComputed }
func (u usage) computed() bool { return u == computed || u == optionalComputed }

// attributes is a schema in the making.
type attributes map[string]attribute

// with returns the attributes together with others, which win.
func (a attributes) with(others ...attributes) attributes {
	all := maps.Clone(a)
	for _, more := range others {
		maps.Copy(all, more)
	}
	return all
}

func (a attributes) dataSource() map[string]dsschema.Attribute {
	m := make(map[string]dsschema.Attribute, len(a))
	for name, t := range a {
		u := t.usage
		switch {
		case t.bools != nil:
			m[name] = dsschema.BoolAttribute{
				MarkdownDescription: t.description, Required: u.required(), Optional: u.optional(), Computed: u.computed(),
				Validators: t.bools,
			}
		case t.numbers != nil:
			m[name] = dsschema.NumberAttribute{
				MarkdownDescription: t.description, Required: u.required(), Optional: u.optional(), Computed: u.computed(),
				Validators: t.numbers,
			}
		case t.maps != nil:
			m[name] = dsschema.MapAttribute{
				MarkdownDescription: t.description, Required: u.required(), Optional: u.optional(), Computed: u.computed(),
				Sensitive: t.sensitive, Validators: t.maps, ElementType: types.StringType,
			}
		case t.dynamics != nil:
			m[name] = dsschema.DynamicAttribute{
				MarkdownDescription: t.description, Required: u.required(), Optional: u.optional(), Computed: u.computed(),
				Validators: t.dynamics,
			}
		default:
			m[name] = dsschema.StringAttribute{
				MarkdownDescription: t.description, Required: u.required(), Optional: u.optional(), Computed: u.computed(),
				Sensitive: t.sensitive, CustomType: t.customType, Validators: t.strings,
			}
		}
	}
	return m
}

func (a attributes) ephemeral() map[string]epschema.Attribute {
	m := make(map[string]epschema.Attribute, len(a))
	for name, t := range a {
		u := t.usage
		switch {
		case t.bools != nil:
			m[name] = epschema.BoolAttribute{
				MarkdownDescription: t.description, Required: u.required(), Optional: u.optional(), Computed: u.computed(),
				Validators: t.bools,
			}
		case t.numbers != nil:
			m[name] = epschema.NumberAttribute{
				MarkdownDescription: t.description, Required: u.required(), Optional: u.optional(), Computed: u.computed(),
				Validators: t.numbers,
			}
		case t.maps != nil:
			m[name] = epschema.MapAttribute{
				MarkdownDescription: t.description, Required: u.required(), Optional: u.optional(), Computed: u.computed(),
				Sensitive: t.sensitive, Validators: t.maps, ElementType: types.StringType,
			}
		default:
			m[name] = epschema.StringAttribute{
				MarkdownDescription: t.description, Required: u.required(), Optional: u.optional(), Computed: u.computed(),
				Sensitive: t.sensitive, CustomType: t.customType, Validators: t.strings,
			}
		}
	}
	return m
}

func (a attributes) resource() map[string]rsschema.Attribute {
	m := make(map[string]rsschema.Attribute, len(a))
	for name, t := range a {
		u := t.usage
		switch {
		case t.bools != nil:
			b := rsschema.BoolAttribute{
				MarkdownDescription: t.description, Required: u.required(), Optional: u.optional(), Computed: u.computed(),
				Validators: t.bools,
			}
			if t.defaultBool != nil {
				b.Computed, b.Default = true, booldefault.StaticBool(*t.defaultBool)
			}
			m[name] = b
		case t.numbers != nil:
			m[name] = rsschema.NumberAttribute{
				MarkdownDescription: t.description, Required: u.required(), Optional: u.optional(), Computed: u.computed(),
				Validators: t.numbers,
			}
		case t.maps != nil:
			m[name] = rsschema.MapAttribute{
				MarkdownDescription: t.description, Required: u.required(), Optional: u.optional(), Computed: u.computed(),
				Sensitive: t.sensitive, Validators: t.maps, ElementType: types.StringType,
			}
		default:
			s := rsschema.StringAttribute{
				MarkdownDescription: t.description, Required: u.required(), Optional: u.optional(), Computed: u.computed(),
				Sensitive: t.sensitive, CustomType: t.customType, Validators: t.strings,
			}
			if t.defaultString != "" {
				s.Computed, s.Default = true, stringdefault.StaticString(t.defaultString)
			}
			m[name] = s
		}
	}
	return m
}
