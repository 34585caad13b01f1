package provider

import (
	"context"
	"sync"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/provider"
	pschema "github.com/hashicorp/terraform-plugin-framework/provider/schema"
	"github.com/hashicorp/terraform-plugin-framework/providerserver"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	rschema "github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
)

// sink is a provider as others are: its block takes a secret, and its resource sink_secret a
// write-only value. It notes what reaches it.
type sink struct {
	mu         sync.Mutex
	configured []string // values of the block, "?" if unknown
	written    []string // values of sink_secret
}

func (s *sink) server(t *testing.T) tfprotov6.ProviderServer {
	t.Helper()
	server, err := providerserver.NewProtocol6WithError(s)()
	if err != nil {
		t.Fatal(err)
	}
	return server
}

func (s *sink) note(list *[]string, value types.String) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if value.IsUnknown() {
		*list = append(*list, "?")
	} else if !value.IsNull() {
		*list = append(*list, value.ValueString())
	}
}

// last returns the last noted value.
func (s *sink) last(list *[]string) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(*list) == 0 {
		return ""
	}
	return (*list)[len(*list)-1]
}

func (s *sink) Metadata(_ context.Context, _ provider.MetadataRequest, resp *provider.MetadataResponse) {
	resp.TypeName = "sink"
}

func (s *sink) Schema(_ context.Context, _ provider.SchemaRequest, resp *provider.SchemaResponse) {
	resp.Schema = pschema.Schema{Attributes: map[string]pschema.Attribute{"url": pschema.StringAttribute{Optional: true}}}
}

func (s *sink) Configure(ctx context.Context, req provider.ConfigureRequest, resp *provider.ConfigureResponse) {
	var url types.String
	resp.Diagnostics.Append(req.Config.GetAttribute(ctx, path.Root("url"), &url)...)
	s.note(&s.configured, url)
}

func (s *sink) DataSources(context.Context) []func() datasource.DataSource { return nil }

func (s *sink) Resources(context.Context) []func() resource.Resource {
	return []func() resource.Resource{func() resource.Resource { return secret{s} }}
}

// secret is the resource sink_secret.
type secret struct{ sink *sink }

func (secret) Metadata(_ context.Context, _ resource.MetadataRequest, resp *resource.MetadataResponse) {
	resp.TypeName = "sink_secret"
}

func (secret) Schema(_ context.Context, _ resource.SchemaRequest, resp *resource.SchemaResponse) {
	resp.Schema = rschema.Schema{Attributes: map[string]rschema.Attribute{
		"value_wo":         rschema.StringAttribute{Optional: true, WriteOnly: true, Sensitive: true},
		"value_wo_version": rschema.Int64Attribute{Optional: true},
	}}
}

func (r secret) Create(ctx context.Context, req resource.CreateRequest, resp *resource.CreateResponse) {
	var value types.String
	resp.Diagnostics.Append(req.Config.GetAttribute(ctx, path.Root("value_wo"), &value)...)
	r.sink.note(&r.sink.written, value)
	resp.State.Raw = req.Plan.Raw
}

func (secret) Read(context.Context, resource.ReadRequest, *resource.ReadResponse) {}

func (r secret) Update(ctx context.Context, req resource.UpdateRequest, resp *resource.UpdateResponse) {
	var value types.String
	resp.Diagnostics.Append(req.Config.GetAttribute(ctx, path.Root("value_wo"), &value)...)
	r.sink.note(&r.sink.written, value)
	resp.State.Raw = req.Plan.Raw
}

func (secret) Delete(context.Context, resource.DeleteRequest, *resource.DeleteResponse) {}
