package provider

import (
	"context"
	"fmt"
	"maps"
	"math/big"
	"slices"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

// args are the arguments of a block: strings, bools, ints, maps of strings, nested args, unknown,
// or tftypes.Values. What is left out is null.
type args map[string]any

// with returns the arguments together with others.
func (a args) with(more args) args {
	all := maps.Clone(a)
	maps.Copy(all, more)
	return all
}

// unknown is a value that is known after apply.
type unknownValue struct{}

var unknown unknownValue

// session is a provider that is called as the CLI calls it, over the protocol but without a CLI.
type session struct {
	t      testing.TB
	server tfprotov6.ProviderServer
	// cli is the version that the CLI sends.
	cli string
	// ctx is the context of the calls, that of the test if it is nil.
	ctx context.Context
}

// within returns the session with another context for its calls.
func (s *session) within(ctx context.Context) *session {
	again := *s
	again.ctx = ctx
	return &again
}

func (s *session) context() context.Context {
	if s.ctx == nil {
		return s.t.Context()
	}
	return s.ctx
}

// session returns the world's provider, not yet configured.
func (w *world) session(t testing.TB) *session {
	t.Helper()
	return &session{t: t, server: w.server(t)}
}

// configured returns the world's provider, configured with a block that must be right.
func (w *world) configured(t testing.TB, block args) *session {
	t.Helper()
	s := w.session(t)
	if d := s.configure(block); len(d) > 0 {
		t.Fatal(describe(d))
	}
	return s
}

// unwitnessed returns the world's provider, configured, for a test that verifies URLs itself, or
// measures.
func (w *world) unwitnessed(t testing.TB) *session {
	t.Helper()
	s := &session{t: t, server: newServer("test", w.environment())}
	if d := s.configure(nil); len(d) > 0 {
		t.Fatal(describe(d))
	}
	return s
}

func (s *session) configure(block args) []*tfprotov6.Diagnostic {
	s.t.Helper()
	return s.configureRaw(s.dynamic(schemas().Provider, block))
}

func (s *session) configureRaw(block *tfprotov6.DynamicValue) []*tfprotov6.Diagnostic {
	s.t.Helper()
	resp, err := s.server.ConfigureProvider(s.t.Context(),
		&tfprotov6.ConfigureProviderRequest{Config: block, TerraformVersion: s.cli})
	must(s.t, err)
	return resp.Diagnostics
}

func (s *session) validateProvider(block args) []*tfprotov6.Diagnostic {
	s.t.Helper()
	return s.validate("provider", "", block)
}

// schemaOf returns the schema of a block, whose kind is provider, data, resource or ephemeral.
func schemaOf(kind, name string) *tfprotov6.Schema {
	switch all := schemas(); kind {
	case "provider":
		return all.Provider
	case "data":
		return all.DataSourceSchemas[name]
	case "resource":
		return all.ResourceSchemas[name]
	default:
		return all.EphemeralResourceSchemas[name]
	}
}

// validate validates a configuration of a block.
func (s *session) validate(kind, name string, config args) []*tfprotov6.Diagnostic {
	s.t.Helper()
	d, err := s.validateRaw(kind, name, s.dynamic(schemaOf(kind, name), config))
	must(s.t, err)
	return d
}

func (s *session) validateRaw(kind, name string, config *tfprotov6.DynamicValue) ([]*tfprotov6.Diagnostic, error) {
	switch ctx := s.context(); kind {
	case "provider":
		resp, err := s.server.ValidateProviderConfig(ctx, &tfprotov6.ValidateProviderConfigRequest{Config: config})
		if err != nil {
			return nil, err
		}
		return resp.Diagnostics, nil
	case "data":
		resp, err := s.server.ValidateDataResourceConfig(ctx,
			&tfprotov6.ValidateDataResourceConfigRequest{TypeName: name, Config: config})
		if err != nil {
			return nil, err
		}
		return resp.Diagnostics, nil
	case "resource":
		resp, err := s.server.ValidateResourceConfig(ctx,
			&tfprotov6.ValidateResourceConfigRequest{TypeName: name, Config: config})
		if err != nil {
			return nil, err
		}
		return resp.Diagnostics, nil
	default:
		resp, err := s.server.ValidateEphemeralResourceConfig(ctx,
			&tfprotov6.ValidateEphemeralResourceConfigRequest{TypeName: name, Config: config})
		if err != nil {
			return nil, err
		}
		return resp.Diagnostics, nil
	}
}

// read reads a data source. The result is nil if it has none.
func (s *session) read(name string, config args) (result, []*tfprotov6.Diagnostic) {
	s.t.Helper()
	return s.sign("data", name, config)
}

// open opens an ephemeral resource.
func (s *session) open(name string, config args) (result, []*tfprotov6.Diagnostic) {
	s.t.Helper()
	return s.sign("ephemeral", name, config)
}

func (s *session) sign(kind, name string, config args) (result, []*tfprotov6.Diagnostic) {
	s.t.Helper()
	schema := schemaOf(kind, name)
	answer, d, err := s.signRaw(kind, name, s.dynamic(schema, config))
	must(s.t, err)
	return s.result(schema, answer), d
}

// signRaw reads a data source or opens an ephemeral resource, with a configuration and an answer as
// they come over the protocol.
func (s *session) signRaw(kind, name string, config *tfprotov6.DynamicValue) (
	*tfprotov6.DynamicValue, []*tfprotov6.Diagnostic, error,
) {
	if kind == "data" {
		resp, err := s.server.ReadDataSource(s.context(), &tfprotov6.ReadDataSourceRequest{TypeName: name, Config: config})
		if err != nil {
			return nil, nil, err
		}
		return resp.State, resp.Diagnostics, nil
	}
	resp, err := s.server.OpenEphemeralResource(s.context(),
		&tfprotov6.OpenEphemeralResourceRequest{TypeName: name, Config: config})
	if err != nil {
		return nil, nil, err
	}
	return resp.Result, resp.Diagnostics, nil
}

// mustSign reads a data source that must give a URL without an error.
func (s *session) mustSign(config args) result {
	s.t.Helper()
	r, d := s.read("alioss_presigned_url", config)
	if hasError(d) {
		s.t.Fatal(describe(d))
	}
	return r
}

// planAndApply creates a resource in one provider, without the checks of managed. The answer is that
// of the apply, the diagnostics are those of both.
func (s *session) planAndApply(config args) (*tfprotov6.DynamicValue, []*tfprotov6.Diagnostic, error) {
	s.t.Helper()
	m := &managed{session: s, schema: schemaOf("resource", managedURL)}
	configured, nothing := m.dynamic(m.schema, config), m.object(nil)
	plan, err := s.server.PlanResourceChange(s.context(), &tfprotov6.PlanResourceChangeRequest{
		TypeName: managedURL, PriorState: nothing, ProposedNewState: m.proposed(config), Config: configured,
	})
	if err != nil {
		return nil, nil, err
	}
	applied, err := s.server.ApplyResourceChange(s.context(), &tfprotov6.ApplyResourceChangeRequest{
		TypeName: managedURL, PriorState: nothing, PlannedState: plan.PlannedState, Config: configured,
	})
	if err != nil {
		return nil, plan.Diagnostics, err
	}
	return applied.NewState, append(plan.Diagnostics, applied.Diagnostics...), nil
}

// result is the object that a call gave, by attribute.
type result map[string]tftypes.Value

func (s *session) result(schema *tfprotov6.Schema, dynamic *tfprotov6.DynamicValue) result {
	s.t.Helper()
	if dynamic == nil {
		return nil
	}
	v, err := dynamic.Unmarshal(schema.ValueType())
	if err != nil {
		s.t.Fatal(err)
	}
	var r map[string]tftypes.Value
	if err := v.As(&r); err != nil {
		s.t.Fatal(err)
	}
	return r
}

// text returns a string attribute, "" if it is null.
func (r result) text(name string) string {
	var s *string
	if err := r[name].As(&s); err != nil || s == nil {
		return ""
	}
	return *s
}

// dynamic returns a block as it comes over the protocol.
func (s *session) dynamic(schema *tfprotov6.Schema, block args) *tfprotov6.DynamicValue {
	s.t.Helper()
	typ := schema.ValueType()
	value, err := valueOf(typ, block)
	if err != nil {
		s.t.Fatal(err)
	}
	d, err := tfprotov6.NewDynamicValue(typ, value)
	if err != nil {
		s.t.Fatal(err)
	}
	return &d
}

// valueOf returns a Go value as one of the schema's types.
func valueOf(typ tftypes.Type, v any) (tftypes.Value, error) {
	switch v := v.(type) {
	case nil:
		return tftypes.NewValue(typ, nil), nil
	case tftypes.Value:
		return v, nil
	case unknownValue:
		return tftypes.NewValue(typ, tftypes.UnknownValue), nil
	case int:
		return tftypes.NewValue(typ, big.NewFloat(float64(v))), nil
	case string, bool, *big.Float:
		return tftypes.NewValue(typ, v), nil
	case map[string]string:
		elements := map[string]any{}
		for name, value := range v {
			elements[name] = value
		}
		return valueOf(typ, elements)
	case map[string]any:
		elements := make(map[string]tftypes.Value, len(v))
		for name, element := range v {
			value, err := valueOf(typ.(tftypes.Map).ElementType, element)
			if err != nil {
				return tftypes.Value{}, err
			}
			elements[name] = value
		}
		return tftypes.NewValue(typ, elements), nil
	case args:
		object := typ.(tftypes.Object)
		attributes := make(map[string]tftypes.Value, len(object.AttributeTypes))
		for name, t := range object.AttributeTypes {
			value, err := valueOf(t, v[name])
			if err != nil {
				return tftypes.Value{}, fmt.Errorf("%s: %w", name, err)
			}
			attributes[name] = value
		}
		for name := range v {
			if object.AttributeTypes[name] == nil {
				return tftypes.Value{}, fmt.Errorf("no argument is called %q", name)
			}
		}
		return tftypes.NewValue(typ, attributes), nil
	}
	return tftypes.Value{}, fmt.Errorf("a %T stands for no value", v)
}

func hasError(diagnostics []*tfprotov6.Diagnostic) bool {
	return slices.ContainsFunc(diagnostics, func(d *tfprotov6.Diagnostic) bool {
		return d.Severity == tfprotov6.DiagnosticSeverityError
	})
}

// describe writes diagnostics as a test looks for them: "error Summary at path: detail".
func describe(diagnostics []*tfprotov6.Diagnostic) string {
	var b strings.Builder
	for _, d := range diagnostics {
		fmt.Fprintf(&b, "%s %s", strings.ToLower(d.Severity.String()), d.Summary)
		if d.Attribute != nil && len(d.Attribute.Steps()) > 0 {
			fmt.Fprintf(&b, " at %s", d.Attribute)
		}
		fmt.Fprintf(&b, ": %s\n", d.Detail)
	}
	return b.String()
}
