package provider

import (
	"slices"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

// A call for another type is an error, though no CLI requests types that the schema does not have.
// Reading a state, and closing what was opened, do not depend on the type.
func TestUnknownTypes(t *testing.T) {
	s := newWorld(t).configured(t, nil)
	const name = "alioss_other"
	typ := tftypes.Object{}
	config, err := tfprotov6.NewDynamicValue(typ, tftypes.NewValue(typ, map[string]tftypes.Value{}))
	must(t, err)
	ctx, server := t.Context(), s.server.(witness).ProviderServer // the framework's wording is not ours
	for call, ask := range map[string]func() (any, []*tfprotov6.Diagnostic, error){
		"ValidateDataResourceConfig": func() (any, []*tfprotov6.Diagnostic, error) {
			r, err := server.ValidateDataResourceConfig(ctx, &tfprotov6.ValidateDataResourceConfigRequest{
				TypeName: name,
				Config:   &config,
			})
			return r, r.Diagnostics, err
		},
		"ReadDataSource": func() (any, []*tfprotov6.Diagnostic, error) {
			r, err := server.ReadDataSource(ctx, &tfprotov6.ReadDataSourceRequest{TypeName: name, Config: &config})
			return r, r.Diagnostics, err
		},
		"ValidateResourceConfig": func() (any, []*tfprotov6.Diagnostic, error) {
			r, err := server.ValidateResourceConfig(ctx, &tfprotov6.ValidateResourceConfigRequest{
				TypeName: name,
				Config:   &config,
			})
			return r, r.Diagnostics, err
		},
		"ImportResourceState": func() (any, []*tfprotov6.Diagnostic, error) {
			r, err := server.ImportResourceState(ctx, &tfprotov6.ImportResourceStateRequest{TypeName: name, ID: "a"})
			return r, r.Diagnostics, err
		},
		"PlanResourceChange": func() (any, []*tfprotov6.Diagnostic, error) {
			r, err := server.PlanResourceChange(ctx, &tfprotov6.PlanResourceChangeRequest{
				TypeName: name, Config: &config,
				PriorState: &config, ProposedNewState: &config,
			})
			return r, r.Diagnostics, err
		},
		"ApplyResourceChange": func() (any, []*tfprotov6.Diagnostic, error) {
			r, err := server.ApplyResourceChange(ctx, &tfprotov6.ApplyResourceChangeRequest{
				TypeName: name, Config: &config,
				PriorState: &config, PlannedState: &config,
			})
			return r, r.Diagnostics, err
		},
		"ValidateEphemeralResourceConfig": func() (any, []*tfprotov6.Diagnostic, error) {
			r, err := server.ValidateEphemeralResourceConfig(ctx,
				&tfprotov6.ValidateEphemeralResourceConfigRequest{TypeName: name, Config: &config})
			return r, r.Diagnostics, err
		},
		"OpenEphemeralResource": func() (any, []*tfprotov6.Diagnostic, error) {
			r, err := server.OpenEphemeralResource(ctx, &tfprotov6.OpenEphemeralResourceRequest{TypeName: name, Config: &config})
			return r, r.Diagnostics, err
		},
	} {
		if _, d, err := ask(); err == nil && !hasError(d) {
			t.Errorf("%s of %s has no error", call, name)
		}
	}
}

// The metadata names what the schema has.
func TestMetadata(t *testing.T) {
	s := newWorld(t).session(t)
	m, err := s.server.GetMetadata(t.Context(), &tfprotov6.GetMetadataRequest{})
	must(t, err)
	var got []string
	for _, one := range m.DataSources {
		got = append(got, "data "+one.TypeName)
	}
	for _, one := range m.Resources {
		got = append(got, "resource "+one.TypeName)
	}
	for _, one := range m.EphemeralResources {
		got = append(got, "ephemeral "+one.TypeName)
	}
	for _, one := range m.Functions {
		got = append(got, "function "+one.Name)
	}
	slices.Sort(got)
	want := "data alioss_presigned_url, data alioss_presigned_urls, ephemeral alioss_presigned_url, ephemeral " +
		"alioss_presigned_urls, function parse_presigned_url, resource alioss_presigned_url"
	if strings.Join(got, ", ") != want {
		t.Errorf("%v", got)
	}
	for kind, n := range map[string]int{
		"data": len(schemas().DataSourceSchemas), "resource": len(schemas().ResourceSchemas),
		"ephemeral": len(schemas().EphemeralResourceSchemas),
	} {
		if wantN := strings.Count(want, kind+" "); n != wantN {
			t.Errorf("%d schemas of kind %s, and %d in the metadata", n, kind, wantN)
		}
	}
}
