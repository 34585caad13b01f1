// Command floor serves the provider's schema and answers constants: what the CLI, gRPC and
// MessagePack cost whatever a provider does. It decodes what its answers depend on, and no more:
//   - A single URL is one constant answer.
//   - Many URLs need the keys, to check and to answer them: they are decoded by validate and by
//     read. Every key gets the same URL.
//   - Managed resources need state and configuration, which are decoded by each call but validate.
//     Over a state, the answer is the prior state.
package main

import (
	"context"
	"errors"
	"log"
	"maps"
	"os"
	"runtime/debug"
	"strings"
	"sync"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6/tf6server"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/alioss/terraform-provider-alioss/internal/provider"
)

func main() {
	// As the provider's main has them.
	debug.SetGCPercent(400)
	debug.SetMemoryLimit(512 << 20)
	if err := os.Setenv("TF_LOG_SDK", "OFF"); err != nil {
		log.Fatal(err)
	}
	err := tf6server.Serve("registry.terraform.io/alioss/alioss", func() tfprotov6.ProviderServer {
		return newFloor(provider.NewServer("floor")())
	})
	if err != nil {
		log.Fatal(err)
	}
}

// one is the data source of a single URL.
const one = "alioss_presigned_url"

// floor answers calls with constants. It leaves schemas, provider block and stopping to the
// provider.
type floor struct {
	tfprotov6.ProviderServer

	schemas map[string]*tfprotov6.Schema // of data sources as "data.NAME", of resources as "NAME"
	once    sync.Once
	single  *tfprotov6.DynamicValue // the answer of data alioss_presigned_url
	err     error                   // of single
}

func newFloor(server tfprotov6.ProviderServer) *floor {
	all, err := server.GetProviderSchema(context.Background(), &tfprotov6.GetProviderSchemaRequest{})
	if err != nil {
		log.Fatal(err)
	}
	f := &floor{ProviderServer: server, schemas: maps.Clone(all.ResourceSchemas)}
	for name, schema := range all.DataSourceSchemas {
		f.schemas["data."+name] = schema
	}
	return f
}

// url has the length of a presigned URL of a long-lived AccessKey.
var url = tftypes.NewValue(tftypes.String, "https://example.com/"+strings.Repeat("x", 360))

// answer returns a value as it is, but for what is computed and not known or not configured: that
// is unknown or, after the plan, constant.
func (f *floor) answer(
	of string, value *tfprotov6.DynamicValue, planned bool,
) (*tfprotov6.DynamicValue, error) {
	schema := f.schemas[of]
	decoded, err := value.Unmarshal(schema.ValueType())
	if err != nil {
		return nil, err
	}
	var attributes map[string]tftypes.Value
	if err := decoded.As(&attributes); err != nil {
		return nil, err
	}
	urls := map[string]tftypes.Value{}
	var keys []tftypes.Value
	if value, ok := attributes["keys"]; ok {
		if err := value.As(&keys); err != nil {
			return nil, err
		}
	}
	for _, k := range keys {
		var key string
		if err := k.As(&key); err != nil {
			return nil, err
		}
		urls[key] = url
	}
	for _, a := range schema.Block.Attributes {
		typ := a.ValueType()
		text := typ.Is(tftypes.String)
		switch v := attributes[a.Name]; {
		case !a.Computed || v.IsKnown() && !v.IsNull():
		case planned:
			attributes[a.Name] = tftypes.NewValue(typ, tftypes.UnknownValue)
		case a.Name == "urls":
			attributes[a.Name] = tftypes.NewValue(typ, urls)
		case text && a.Sensitive:
			attributes[a.Name] = url
		case text:
			attributes[a.Name] = tftypes.NewValue(typ, "2026-11-26T00:00:00Z")
		default:
			attributes[a.Name] = tftypes.NewValue(typ, nil)
		}
	}
	answer, err := tfprotov6.NewDynamicValue(schema.ValueType(), tftypes.NewValue(schema.ValueType(), attributes))
	return &answer, err
}

func (f *floor) ValidateDataResourceConfig(
	_ context.Context, req *tfprotov6.ValidateDataResourceConfigRequest,
) (*tfprotov6.ValidateDataResourceConfigResponse, error) {
	if req.TypeName == one {
		return &tfprotov6.ValidateDataResourceConfigResponse{}, nil
	}
	_, err := req.Config.Unmarshal(f.schemas["data."+req.TypeName].ValueType())
	return &tfprotov6.ValidateDataResourceConfigResponse{}, err
}

func (f *floor) ReadDataSource(
	_ context.Context, req *tfprotov6.ReadDataSourceRequest,
) (*tfprotov6.ReadDataSourceResponse, error) {
	if req.TypeName == one {
		f.once.Do(func() { f.single, f.err = f.answer("data."+req.TypeName, req.Config, false) })
		return &tfprotov6.ReadDataSourceResponse{State: f.single}, f.err
	}
	state, err := f.answer("data."+req.TypeName, req.Config, false)
	return &tfprotov6.ReadDataSourceResponse{State: state}, err
}

func (f *floor) ValidateResourceConfig(
	context.Context, *tfprotov6.ValidateResourceConfigRequest,
) (*tfprotov6.ValidateResourceConfigResponse, error) {
	return &tfprotov6.ValidateResourceConfigResponse{}, nil
}

func (f *floor) UpgradeResourceState(
	_ context.Context, req *tfprotov6.UpgradeResourceStateRequest,
) (*tfprotov6.UpgradeResourceStateResponse, error) {
	typ := f.schemas[req.TypeName].ValueType()
	state, err := req.RawState.Unmarshal(typ)
	if err != nil {
		return nil, err
	}
	upgraded, err := tfprotov6.NewDynamicValue(typ, state)
	return &tfprotov6.UpgradeResourceStateResponse{UpgradedState: &upgraded}, err
}

func (f *floor) ReadResource(
	_ context.Context, req *tfprotov6.ReadResourceRequest,
) (*tfprotov6.ReadResourceResponse, error) {
	_, err := req.CurrentState.Unmarshal(f.schemas[req.TypeName].ValueType())
	return &tfprotov6.ReadResourceResponse{NewState: req.CurrentState, Private: req.Private}, err
}

func (f *floor) PlanResourceChange(
	_ context.Context, req *tfprotov6.PlanResourceChangeRequest,
) (*tfprotov6.PlanResourceChangeResponse, error) {
	typ := f.schemas[req.TypeName].ValueType()
	prior, priorErr := req.PriorState.Unmarshal(typ)
	_, configErr := req.Config.Unmarshal(typ)
	if err := errors.Join(priorErr, configErr); err != nil || !prior.IsNull() {
		return &tfprotov6.PlanResourceChangeResponse{PlannedState: req.PriorState}, err
	}
	planned, err := f.answer(req.TypeName, req.ProposedNewState, true)
	return &tfprotov6.PlanResourceChangeResponse{PlannedState: planned}, err
}

func (f *floor) ApplyResourceChange(
	_ context.Context, req *tfprotov6.ApplyResourceChangeRequest,
) (*tfprotov6.ApplyResourceChangeResponse, error) {
	state, err := f.answer(req.TypeName, req.PlannedState, false)
	return &tfprotov6.ApplyResourceChangeResponse{NewState: state}, err
}
