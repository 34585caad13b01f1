package doctest

import (
	"context"
	"embed"
	"encoding/json"
	"log"
	"math/big"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6/tf6server"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/alioss/terraform-provider-alioss/internal/acctest"
)

// published are schemas of other providers in the form of "terraform providers schema -json", cut
// down to what the documentation may use. Those of alicloud were read from its source at commit
// 81c43b6727a0, which is newer than version 1.289.0 and older than 1.290.0.
//
//go:embed testdata/providers/*.json
var published embed.FS

// stubs are the other providers, by their names.
var stubs = loadStubs()

// stub is a provider with another provider's schema. It creates nothing: what the other provider
// would compute, it makes up.
type stub struct {
	tfprotov6.ProviderServer // for the calls that no CLI makes of it

	source string // as in required_providers
	schema providerSchema
}

// The form of "terraform providers schema -json".
type (
	providerSchemas struct {
		Providers map[string]providerSchema `json:"provider_schemas"`
	}
	providerSchema struct {
		Provider    schema            `json:"provider"`
		Resources   map[string]schema `json:"resource_schemas"`
		DataSources map[string]schema `json:"data_source_schemas"`
		Ephemerals  map[string]schema `json:"ephemeral_resource_schemas"`
	}
	schema struct {
		Version int64       `json:"version"`
		Block   schemaBlock `json:"block"`
	}
	schemaBlock struct {
		Attributes map[string]schemaAttribute `json:"attributes"`
		Blocks     map[string]nestedBlock     `json:"block_types"`
	}
	schemaAttribute struct {
		Type       json.RawMessage `json:"type"`
		Required   bool            `json:"required"`
		Optional   bool            `json:"optional"`
		Computed   bool            `json:"computed"`
		Sensitive  bool            `json:"sensitive"`
		Deprecated bool            `json:"deprecated"`
		WriteOnly  bool            `json:"write_only"`
	}
	nestedBlock struct {
		Mode     string      `json:"nesting_mode"`
		Block    schemaBlock `json:"block"`
		MinItems int64       `json:"min_items"`
		MaxItems int64       `json:"max_items"`
	}
)

func loadStubs() map[string]stub {
	all := map[string]stub{}
	files, err := published.ReadDir("testdata/providers")
	if err != nil {
		panic(err)
	}
	for _, file := range files {
		text, err := published.ReadFile("testdata/providers/" + file.Name())
		if err != nil {
			panic(err)
		}
		var s providerSchemas
		if err := json.Unmarshal(text, &s); err != nil {
			panic(file.Name() + ": " + err.Error())
		}
		for address, p := range s.Providers {
			all[strings.TrimSuffix(file.Name(), ".json")] = stub{
				source: strings.TrimPrefix(address, "registry.terraform.io/"),
				schema: p,
			}
		}
	}
	return all
}

// TestMain serves a stub if the CLI started this test binary under a provider's name.
func TestMain(m *testing.M) {
	name, isProvider := strings.CutPrefix(strings.TrimSuffix(filepath.Base(os.Args[0]), ".exe"), "terraform-provider-")
	if !isProvider {
		acctest.Main(m)
	}
	s, ok := stubs[name]
	if !ok {
		log.Fatalf("no stub of provider %q", name)
	}
	if err := tf6server.Serve(
		"registry.terraform.io/"+s.source,
		func() tfprotov6.ProviderServer { return s },
	); err != nil {
		log.Fatal(err)
	}
}

var nestingModes = map[string]tfprotov6.SchemaNestedBlockNestingMode{
	"single": tfprotov6.SchemaNestedBlockNestingModeSingle,
	"list":   tfprotov6.SchemaNestedBlockNestingModeList,
	"set":    tfprotov6.SchemaNestedBlockNestingModeSet,
}

// wire returns a block as the protocol has it.
func (b schemaBlock) wire() *tfprotov6.SchemaBlock {
	out := &tfprotov6.SchemaBlock{}
	for name, a := range b.Attributes {
		//nolint:staticcheck // the one reading of this form, which schemas and state share
		t, err := tftypes.ParseJSONType(a.Type)
		if err != nil {
			panic(name + ": " + err.Error())
		}
		out.Attributes = append(out.Attributes, &tfprotov6.SchemaAttribute{
			Name: name, Type: t, Required: a.Required, Optional: a.Optional, Computed: a.Computed,
			Sensitive: a.Sensitive, Deprecated: a.Deprecated, WriteOnly: a.WriteOnly,
		})
	}
	for name, n := range b.Blocks {
		out.BlockTypes = append(out.BlockTypes, &tfprotov6.SchemaNestedBlock{
			TypeName: name, Block: n.Block.wire(), Nesting: nestingModes[n.Mode], MinItems: n.MinItems, MaxItems: n.MaxItems,
		})
	}
	return out
}

func (s schema) wire() *tfprotov6.Schema {
	return &tfprotov6.Schema{Version: s.Version, Block: s.Block.wire()}
}

func wire(all map[string]schema) map[string]*tfprotov6.Schema {
	out := map[string]*tfprotov6.Schema{}
	for name, s := range all {
		out[name] = s.wire()
	}
	return out
}

func (s stub) GetMetadata(context.Context, *tfprotov6.GetMetadataRequest) (*tfprotov6.GetMetadataResponse, error) {
	resp := &tfprotov6.GetMetadataResponse{}
	for name := range s.schema.Resources {
		resp.Resources = append(resp.Resources, tfprotov6.ResourceMetadata{TypeName: name})
	}
	for name := range s.schema.DataSources {
		resp.DataSources = append(resp.DataSources, tfprotov6.DataSourceMetadata{TypeName: name})
	}
	for name := range s.schema.Ephemerals {
		resp.EphemeralResources = append(resp.EphemeralResources, tfprotov6.EphemeralResourceMetadata{TypeName: name})
	}
	return resp, nil
}

func (s stub) GetProviderSchema(
	context.Context,
	*tfprotov6.GetProviderSchemaRequest,
) (*tfprotov6.GetProviderSchemaResponse, error) {
	return &tfprotov6.GetProviderSchemaResponse{
		Provider:                 s.schema.Provider.wire(),
		ResourceSchemas:          wire(s.schema.Resources),
		DataSourceSchemas:        wire(s.schema.DataSources),
		EphemeralResourceSchemas: wire(s.schema.Ephemerals),
	}, nil
}

func (stub) GetResourceIdentitySchemas(
	context.Context, *tfprotov6.GetResourceIdentitySchemasRequest,
) (*tfprotov6.GetResourceIdentitySchemasResponse, error) {
	return &tfprotov6.GetResourceIdentitySchemasResponse{}, nil
}

func (stub) GetFunctions(context.Context, *tfprotov6.GetFunctionsRequest) (*tfprotov6.GetFunctionsResponse, error) {
	return &tfprotov6.GetFunctionsResponse{}, nil
}

func (stub) ValidateProviderConfig(
	_ context.Context, req *tfprotov6.ValidateProviderConfigRequest,
) (*tfprotov6.ValidateProviderConfigResponse, error) {
	return &tfprotov6.ValidateProviderConfigResponse{PreparedConfig: req.Config}, nil
}

func (stub) ConfigureProvider(
	context.Context,
	*tfprotov6.ConfigureProviderRequest,
) (*tfprotov6.ConfigureProviderResponse, error) {
	return &tfprotov6.ConfigureProviderResponse{}, nil
}

func (stub) StopProvider(context.Context, *tfprotov6.StopProviderRequest) (*tfprotov6.StopProviderResponse, error) {
	return &tfprotov6.StopProviderResponse{}, nil
}

func (stub) ValidateResourceConfig(
	context.Context, *tfprotov6.ValidateResourceConfigRequest,
) (*tfprotov6.ValidateResourceConfigResponse, error) {
	return &tfprotov6.ValidateResourceConfigResponse{}, nil
}

func (stub) ValidateDataResourceConfig(
	context.Context, *tfprotov6.ValidateDataResourceConfigRequest,
) (*tfprotov6.ValidateDataResourceConfigResponse, error) {
	return &tfprotov6.ValidateDataResourceConfigResponse{}, nil
}

func (stub) ValidateEphemeralResourceConfig(
	context.Context, *tfprotov6.ValidateEphemeralResourceConfigRequest,
) (*tfprotov6.ValidateEphemeralResourceConfigResponse, error) {
	return &tfprotov6.ValidateEphemeralResourceConfigResponse{}, nil
}

func (s stub) UpgradeResourceState(
	_ context.Context, req *tfprotov6.UpgradeResourceStateRequest,
) (*tfprotov6.UpgradeResourceStateResponse, error) {
	t := s.schema.Resources[req.TypeName].wire().ValueType()
	value, err := req.RawState.Unmarshal(t)
	if err != nil {
		return nil, err
	}
	upgraded, err := tfprotov6.NewDynamicValue(t, value)
	return &tfprotov6.UpgradeResourceStateResponse{UpgradedState: &upgraded}, err
}

func (stub) ReadResource(
	_ context.Context,
	req *tfprotov6.ReadResourceRequest,
) (*tfprotov6.ReadResourceResponse, error) {
	return &tfprotov6.ReadResourceResponse{NewState: req.CurrentState}, nil
}

func (s stub) PlanResourceChange(
	_ context.Context, req *tfprotov6.PlanResourceChangeRequest,
) (*tfprotov6.PlanResourceChangeResponse, error) {
	planned, err := s.schema.Resources[req.TypeName].fill(
		req.ProposedNewState,
		func(_ string, t tftypes.Type) tftypes.Value {
			return tftypes.NewValue(t, tftypes.UnknownValue)
		},
	)
	return &tfprotov6.PlanResourceChangeResponse{PlannedState: planned}, err
}

func (s stub) ApplyResourceChange(
	_ context.Context, req *tfprotov6.ApplyResourceChangeRequest,
) (*tfprotov6.ApplyResourceChangeResponse, error) {
	state, err := s.schema.Resources[req.TypeName].fill(req.PlannedState, sample)
	return &tfprotov6.ApplyResourceChangeResponse{NewState: state}, err
}

func (s stub) ReadDataSource(
	_ context.Context,
	req *tfprotov6.ReadDataSourceRequest,
) (*tfprotov6.ReadDataSourceResponse, error) {
	state, err := s.schema.DataSources[req.TypeName].fill(req.Config, sample)
	return &tfprotov6.ReadDataSourceResponse{State: state}, err
}

func (s stub) OpenEphemeralResource(
	_ context.Context, req *tfprotov6.OpenEphemeralResourceRequest,
) (*tfprotov6.OpenEphemeralResourceResponse, error) {
	result, err := s.schema.Ephemerals[req.TypeName].fill(req.Config, sample)
	return &tfprotov6.OpenEphemeralResourceResponse{Result: result}, err
}

func (stub) CloseEphemeralResource(
	context.Context, *tfprotov6.CloseEphemeralResourceRequest,
) (*tfprotov6.CloseEphemeralResourceResponse, error) {
	return &tfprotov6.CloseEphemeralResourceResponse{}, nil
}

// fill returns a value with what the provider computes and the value lacks, and without what is
// write-only. The null value of a resource that is destroyed stays null.
func (s schema) fill(
	value *tfprotov6.DynamicValue,
	missing func(name string, t tftypes.Type) tftypes.Value,
) (*tfprotov6.DynamicValue, error) {
	t := s.wire().ValueType()
	object, err := value.Unmarshal(t)
	if err != nil || object.IsNull() {
		return value, err
	}
	attributes := map[string]tftypes.Value{}
	if err := object.As(&attributes); err != nil {
		return nil, err
	}
	for name, a := range s.Block.Attributes {
		v := attributes[name]
		switch {
		case a.WriteOnly:
			attributes[name] = tftypes.NewValue(v.Type(), nil)
		case a.Computed && (v.IsNull() || !v.IsKnown()):
			attributes[name] = missing(name, v.Type())
		}
	}
	filled, err := tfprotov6.NewDynamicValue(t, tftypes.NewValue(object.Type(), attributes))
	return &filled, err
}

// samples are values that examples read. All other values are recognizable as made up.
var samples = map[string]string{
	"location":   "oss-cn-hangzhou",
	"id":         "1234567890123456",
	"account_id": "1234567890123456",
}

// laterRound is a variable that makes stubs have newer images and zones.
const laterRound = "ALIOSS_DOCTEST_ROUND"

// sample makes a value up.
func sample(name string, t tftypes.Type) tftypes.Value {
	text := func(s string) tftypes.Value { return tftypes.NewValue(tftypes.String, s) }
	switch {
	case t.Is(tftypes.Number):
		return tftypes.NewValue(t, big.NewFloat(1))
	case t.Is(tftypes.Bool):
		return tftypes.NewValue(t, true)
	case t.Is(tftypes.Map{}) && name == "data":
		return tftypes.NewValue(t, map[string]tftypes.Value{"access_key": text(testKey), "secret_key": text(testSecret)})
	case t.Is(tftypes.Map{}):
		return tftypes.NewValue(t, map[string]tftypes.Value{})
	case t.Is(tftypes.List{}):
		element := t.(tftypes.List).ElementType
		return tftypes.NewValue(t, []tftypes.Value{sample(name+"_1", element), sample(name+"_2", element)})
	case t.Is(tftypes.Set{}):
		return tftypes.NewValue(t, []tftypes.Value{sample(name, t.(tftypes.Set).ElementType)})
	case t.Is(tftypes.Object{}):
		attributes := map[string]tftypes.Value{}
		for attribute, of := range t.(tftypes.Object).AttributeTypes {
			attributes[attribute] = sample(name+"_"+attribute, of)
		}
		return tftypes.NewValue(t, attributes)
	case name == "rfc3339":
		return text(time.Now().UTC().Format(time.RFC3339))
	case samples[name] != "":
		return text(samples[name])
	}
	if newer := os.Getenv(laterRound); strings.HasPrefix(name, "images_") || strings.HasPrefix(name, "zones_") {
		return text("stub-" + name + newer)
	}
	return text("stub-" + name)
}
