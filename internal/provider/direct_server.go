package provider

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

// directServer is a provider's server that reads alioss_presigned_url without the framework, and lets the framework validate it only where
// something is to be said. For every call the framework looks each attribute up in the schema several times, and copies all of them each
// time: most of what a thousand instances cost the provider (BenchmarkOne has both ways). The data source's
// own code does the same in either, and so do the answers (TestDirectReadsAreTheFrameworks, TestDirectValidationIsTheFrameworks).
type directServer struct {
	tfprotov6.ProviderServer

	provider *aliossProvider
	source   func() directSource
}

// directSource is what is the same in every call.
type directSource struct {
	attributes attributes
	schema     schema.Schema
	typ        tftypes.Type
}

const directTypeName = "alioss_presigned_url"

func newDirectSource() directSource {
	var resp datasource.SchemaResponse
	newPresignedURLDataSource().Schema(context.Background(), datasource.SchemaRequest{}, &resp)
	return directSource{presignedURLDataSourceAttributes(), resp.Schema, resp.Schema.Type().TerraformType(context.Background())}
}

// config returns a configuration of the data source; false for what is none, which no CLI sends, and the framework words.
func (d directSource) config(typeName string, config *tfprotov6.DynamicValue) (tfsdk.Config, bool) {
	if typeName != directTypeName || config == nil {
		return tfsdk.Config{}, false
	}
	raw, err := config.Unmarshal(d.typ)
	return tfsdk.Config{Raw: raw, Schema: d.schema}, err == nil && !raw.IsNull() && raw.IsKnown()
}

func (s *directServer) ReadDataSource(ctx context.Context, req *tfprotov6.ReadDataSourceRequest) (*tfprotov6.ReadDataSourceResponse, error) {
	config, ok := s.source().config(req.TypeName, req.Config)
	if !ok {
		return s.ProviderServer.ReadDataSource(ctx, req)
	}
	source := presignedURLDataSource{client: s.provider.client.Load()}
	read := datasource.ReadResponse{State: tfsdk.State(config)}
	source.Read(ctx, datasource.ReadRequest{Config: config}, &read)
	state, err := tfprotov6.NewDynamicValue(s.source().typ, read.State.Raw)
	if err != nil {
		return nil, err
	}
	return &tfprotov6.ReadDataSourceResponse{State: &state, Diagnostics: protocolDiagnostics(read.Diagnostics)}, nil
}

func (s *directServer) ValidateDataResourceConfig(
	ctx context.Context, req *tfprotov6.ValidateDataResourceConfigRequest,
) (*tfprotov6.ValidateDataResourceConfigResponse, error) {
	if config, ok := s.source().config(req.TypeName, req.Config); ok && s.source().valid(ctx, config) {
		return &tfprotov6.ValidateDataResourceConfigResponse{}, nil
	}
	return s.ProviderServer.ValidateDataResourceConfig(ctx, req)
}

// valid tells whether the framework would say nothing of a configuration.
func (d directSource) valid(ctx context.Context, config tfsdk.Config) bool {
	var m presignedURLDataSourceModel
	var found diag.Diagnostics
	readModel(ctx, config.Raw, &m, &found)
	if len(found) > 0 {
		return false
	}
	for name, field := range modelFields(&m) {
		if !d.attributes[name].valid(ctx, path.Root(name), field.Interface(), config) {
			return false
		}
	}
	resp := datasource.ValidateConfigResponse{}
	(&presignedURLDataSource{}).ValidateConfig(ctx, datasource.ValidateConfigRequest{Config: config}, &resp)
	return len(resp.Diagnostics) == 0
}

// valid tells whether a value may be configured, and no validator says anything of it.
func (a attribute) valid(ctx context.Context, at path.Path, value any, config tfsdk.Config) bool {
	v, ok := value.(attr.Value)
	if !ok || v.IsNull() && a.usage.required() || !v.IsNull() && a.usage == computed {
		return false
	}
	var found diag.Diagnostics
	switch v := value.(type) {
	case types.String:
		for _, check := range a.strings {
			resp := validator.StringResponse{}
			check.ValidateString(ctx, validator.StringRequest{Path: at, PathExpression: at.Expression(), Config: config, ConfigValue: v}, &resp)
			found.Append(resp.Diagnostics...)
		}
	case types.Number:
		for _, check := range a.numbers {
			resp := validator.NumberResponse{}
			check.ValidateNumber(ctx, validator.NumberRequest{Path: at, PathExpression: at.Expression(), Config: config, ConfigValue: v}, &resp)
			found.Append(resp.Diagnostics...)
		}
	case types.Map:
		for _, check := range a.maps {
			resp := validator.MapResponse{}
			check.ValidateMap(ctx, validator.MapRequest{Path: at, PathExpression: at.Expression(), Config: config, ConfigValue: v}, &resp)
			found.Append(resp.Diagnostics...)
		}
	default: // no other type has validators
		return len(a.bools)+len(a.dynamics) == 0
	}
	return len(found) == 0
}

// protocolDiagnostics returns diagnostics as the protocol has them.
func protocolDiagnostics(all diag.Diagnostics) []*tfprotov6.Diagnostic {
	var ours []*tfprotov6.Diagnostic
	for _, d := range all {
		p := &tfprotov6.Diagnostic{Severity: tfprotov6.DiagnosticSeverityWarning, Summary: d.Summary(), Detail: d.Detail()}
		if d.Severity() == diag.SeverityError {
			p.Severity = tfprotov6.DiagnosticSeverityError
		}
		if at, ok := d.(diag.DiagnosticWithPath); ok {
			p.Attribute = protocolPath(at.Path())
		}
		ours = append(ours, p)
	}
	return ours
}

// protocolPath returns the path of an attribute, or of an element of a map, as the protocol has it.
func protocolPath(at path.Path) *tftypes.AttributePath {
	p := tftypes.NewAttributePath()
	for _, step := range at.Steps() {
		switch step := step.(type) {
		case path.PathStepAttributeName:
			p = p.WithAttributeName(string(step))
		case path.PathStepElementKeyString:
			p = p.WithElementKeyString(string(step))
		}
	}
	return p
}
