// Command floor serves the provider's schema and answers constants: what gRPC, MessagePack and the
// CLI cost whatever a provider does. Data sources are answered with one recorded state. Managed
// resources are created as recorded. Over a state, the floor decodes state and configuration, as
// every provider must, and answers the prior state.
//
// As long as the directory that FLOOR_ANSWERS names lacks an answer, the provider gives it, and the
// floor records it for the next run. Every instance gets the same answer, so all instances of a
// resource have the same arguments.
package main

import (
	"context"
	"errors"
	"fmt"
	"log"
	"os"
	"path/filepath"
	"runtime/debug"
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

// answer is the name of a recorded answer.
type answer string

const (
	read  answer = "read"
	plan  answer = "plan"
	apply answer = "apply"
)

// constant is a recorded answer.
type constant struct {
	state   *tfprotov6.DynamicValue
	private []byte
}

func (a answer) path(part string) string {
	return filepath.Join(os.Getenv("FLOOR_ANSWERS"), string(a)+"."+part)
}

var recording sync.Mutex

// record writes an answer. Answers of the same name are alike, so the last one counts.
func (a answer) record(state *tfprotov6.DynamicValue, private []byte) error {
	recording.Lock()
	defer recording.Unlock()
	if state == nil {
		return fmt.Errorf("no %s to record: the provider refused it", a)
	}
	err := os.WriteFile(a.path("state"), state.MsgPack, 0o600)
	return errors.Join(err, os.WriteFile(a.path("private"), private, 0o600))
}

// floor answers. What it does not answer itself is the provider's: schemas, provider block, the end.
type floor struct {
	tfprotov6.ProviderServer

	answers map[answer]constant
	types   map[string]tftypes.Type // of the managed resources
}

func newFloor(server tfprotov6.ProviderServer) *floor {
	f := &floor{server, map[answer]constant{}, map[string]tftypes.Type{}}
	for _, a := range []answer{read, plan, apply} {
		state, stateErr := os.ReadFile(a.path("state"))
		private, privateErr := os.ReadFile(a.path("private"))
		if stateErr == nil && privateErr == nil {
			f.answers[a] = constant{&tfprotov6.DynamicValue{MsgPack: state}, private}
		}
	}
	schemas, err := server.GetProviderSchema(context.Background(), &tfprotov6.GetProviderSchemaRequest{})
	if err != nil {
		log.Fatal(err)
	}
	for name, schema := range schemas.ResourceSchemas {
		f.types[name] = schema.ValueType()
	}
	return f
}

func (f *floor) ValidateDataResourceConfig(
	context.Context, *tfprotov6.ValidateDataResourceConfigRequest,
) (*tfprotov6.ValidateDataResourceConfigResponse, error) {
	return &tfprotov6.ValidateDataResourceConfigResponse{}, nil
}

func (f *floor) ReadDataSource(
	ctx context.Context, req *tfprotov6.ReadDataSourceRequest,
) (*tfprotov6.ReadDataSourceResponse, error) {
	if constant, ok := f.answers[read]; ok {
		return &tfprotov6.ReadDataSourceResponse{State: constant.state}, nil
	}
	resp, err := f.ProviderServer.ReadDataSource(ctx, req)
	if err != nil {
		return nil, err
	}
	return resp, read.record(resp.State, nil)
}

func (f *floor) ValidateResourceConfig(
	context.Context, *tfprotov6.ValidateResourceConfigRequest,
) (*tfprotov6.ValidateResourceConfigResponse, error) {
	return &tfprotov6.ValidateResourceConfigResponse{}, nil
}

func (f *floor) UpgradeResourceState(
	_ context.Context, req *tfprotov6.UpgradeResourceStateRequest,
) (*tfprotov6.UpgradeResourceStateResponse, error) {
	state, err := req.RawState.Unmarshal(f.types[req.TypeName])
	if err != nil {
		return nil, err
	}
	upgraded, err := tfprotov6.NewDynamicValue(f.types[req.TypeName], state)
	return &tfprotov6.UpgradeResourceStateResponse{UpgradedState: &upgraded}, err
}

func (f *floor) ReadResource(
	_ context.Context, req *tfprotov6.ReadResourceRequest,
) (*tfprotov6.ReadResourceResponse, error) {
	_, err := req.CurrentState.Unmarshal(f.types[req.TypeName])
	return &tfprotov6.ReadResourceResponse{NewState: req.CurrentState, Private: req.Private}, err
}

func (f *floor) PlanResourceChange(
	ctx context.Context, req *tfprotov6.PlanResourceChangeRequest,
) (*tfprotov6.PlanResourceChangeResponse, error) {
	prior, priorErr := req.PriorState.Unmarshal(f.types[req.TypeName])
	_, configErr := req.Config.Unmarshal(f.types[req.TypeName])
	if err := errors.Join(priorErr, configErr); err != nil {
		return nil, err
	}
	answer, ok := constant{req.PriorState, req.PriorPrivate}, true
	if prior.IsNull() {
		answer, ok = f.answers[plan]
	}
	if ok {
		return &tfprotov6.PlanResourceChangeResponse{PlannedState: answer.state, PlannedPrivate: answer.private}, nil
	}
	resp, err := f.ProviderServer.PlanResourceChange(ctx, req)
	if err != nil {
		return nil, err
	}
	return resp, plan.record(resp.PlannedState, resp.PlannedPrivate)
}

func (f *floor) ApplyResourceChange(
	ctx context.Context, req *tfprotov6.ApplyResourceChangeRequest,
) (*tfprotov6.ApplyResourceChangeResponse, error) {
	if constant, ok := f.answers[apply]; ok {
		return &tfprotov6.ApplyResourceChangeResponse{NewState: constant.state, Private: constant.private}, nil
	}
	resp, err := f.ProviderServer.ApplyResourceChange(ctx, req)
	if err != nil {
		return nil, err
	}
	return resp, apply.record(resp.NewState, resp.Private)
}
