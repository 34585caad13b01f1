// Command collections serves data sources that take strings as a list, as a set and as a dynamic attribute, and give back their
// number: what each form costs in the core and in the framework, for the bench program.
package main

import (
	"context"
	"log"
	"os"

	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/provider"
	"github.com/hashicorp/terraform-plugin-framework/providerserver"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

func main() {
	if err := os.Setenv("TF_LOG_SDK", "OFF"); err != nil { // as the provider does
		log.Fatal(err)
	}
	err := providerserver.Serve(context.Background(), func() provider.Provider { return collections{} }, providerserver.ServeOpts{
		Address: "registry.terraform.io/bench/collections",
	})
	if err != nil {
		log.Fatal(err)
	}
}

type collections struct{}

func (collections) Metadata(_ context.Context, _ provider.MetadataRequest, resp *provider.MetadataResponse) {
	resp.TypeName = "collections"
}
func (collections) Schema(context.Context, provider.SchemaRequest, *provider.SchemaResponse) {}
func (collections) Configure(context.Context, provider.ConfigureRequest, *provider.ConfigureResponse) {
}
func (collections) Resources(context.Context) []func() resource.Resource { return nil }

func (collections) DataSources(context.Context) []func() datasource.DataSource {
	return []func() datasource.DataSource{
		func() datasource.DataSource {
			return form{"list", schema.ListAttribute{Required: true, ElementType: types.StringType}}
		},
		func() datasource.DataSource {
			return form{"set", schema.SetAttribute{Required: true, ElementType: types.StringType}}
		},
		func() datasource.DataSource { return form{"dynamic", schema.DynamicAttribute{Required: true}} },
	}
}

// form is a data source whose keys are of one form.
type form struct {
	name string
	keys schema.Attribute
}

func (f form) Metadata(_ context.Context, req datasource.MetadataRequest, resp *datasource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_" + f.name
}

func (f form) Schema(_ context.Context, _ datasource.SchemaRequest, resp *datasource.SchemaResponse) {
	resp.Schema = schema.Schema{Attributes: map[string]schema.Attribute{"keys": f.keys, "id": schema.StringAttribute{Computed: true}}}
}

func (form) Read(ctx context.Context, req datasource.ReadRequest, resp *datasource.ReadResponse) {
	resp.State.Raw = req.Config.Raw
	resp.Diagnostics.Append(resp.State.SetAttribute(ctx, path.Root("id"), "done")...)
}
