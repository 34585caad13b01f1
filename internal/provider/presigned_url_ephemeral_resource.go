package provider

import (
	"context"
	"fmt"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework-timetypes/timetypes"
	"github.com/hashicorp/terraform-plugin-framework/ephemeral"
	"github.com/hashicorp/terraform-plugin-framework/ephemeral/schema"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

var (
	_ ephemeral.EphemeralResourceWithConfigure      = (*presignedURLEphemeralResource)(nil)
	_ ephemeral.EphemeralResourceWithValidateConfig = (*presignedURLEphemeralResource)(nil)
)

func newPresignedURLEphemeralResource() ephemeral.EphemeralResource {
	return &presignedURLEphemeralResource{}
}

// presignedURLEphemeralResource signs a URL that neither state nor plan holds.
type presignedURLEphemeralResource struct{ client *client }

// presignedURLEphemeralModel is the ephemeral resource's configuration and result.
type presignedURLEphemeralModel struct {
	linkModel
	objectModel

	NotAfter types.String `tfsdk:"not_after"`
	Verify   types.Bool   `tfsdk:"verify"`
}

func (*presignedURLEphemeralResource) Metadata(_ context.Context, req ephemeral.MetadataRequest, resp *ephemeral.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_presigned_url"
}

func (*presignedURLEphemeralResource) Schema(_ context.Context, _ ephemeral.SchemaRequest, resp *ephemeral.SchemaResponse) {
	resp.Schema = schema.Schema{
		MarkdownDescription: "A presigned URL that is never in state or plan: for write-only arguments, provisioners and provider blocks. It is signed " +
			"anew at every plan and apply. Requires Terraform 1.10 or OpenTofu 1.11, or later.",
		Attributes: linkAttributes().with(objectAttributes(), notAfterAttribute(), verifyAttribute()).ephemeral(),
	}
}

func (p *presignedURLEphemeralResource) Configure(_ context.Context, req ephemeral.ConfigureRequest, resp *ephemeral.ConfigureResponse) {
	p.client = configured(req.ProviderData, &resp.Diagnostics)
}

func (*presignedURLEphemeralResource) ValidateConfig(
	ctx context.Context, req ephemeral.ValidateConfigRequest, resp *ephemeral.ValidateConfigResponse,
) {
	var m presignedURLEphemeralModel
	resp.Diagnostics.Append(req.Config.Get(ctx, &m)...)
	if resp.Diagnostics.HasError() {
		return
	}
	m.linkModel.validate(m.objectModel, &resp.Diagnostics)
	validateVerify(m.Verify, &m.linkModel, &resp.Diagnostics)
}

// Open signs. Where the provider block is not known before apply, the result is not known either, and Terraform opens it
// again at apply. OpenTofu (1.12) takes no unknown result, and shows the warning beside its error.
func (p *presignedURLEphemeralResource) Open(ctx context.Context, req ephemeral.OpenRequest, resp *ephemeral.OpenResponse) {
	var m presignedURLEphemeralModel
	resp.Diagnostics.Append(req.Config.Get(ctx, &m)...)
	if resp.Diagnostics.HasError() {
		return
	}
	switch {
	case p.client != nil && len(p.client.unknown) > 0:
		m.leaveUnknown()
		p.client.notices.warn(&resp.Diagnostics, "Unknown Provider Argument", fmt.Sprintf(
			"The provider block's %s is not known before apply. Terraform signs the URL at apply then; OpenTofu has ephemeral URLs known at plan and "+
				"stops. There, give a value that is known at plan (a variable, the environment), or create first what it comes from (-target).",
			strings.Join(p.client.unknown, ", ")))
	case !p.client.ready(&resp.Diagnostics),
		!p.client.signOne(ctx, &m.linkModel, &m.objectModel, timingModel{NotAfter: m.NotAfter}, m.Verify, &resp.Diagnostics):
		return
	}
	resp.Diagnostics.Append(resp.Result.Set(ctx, &m)...)
}

// leaveUnknown makes every result unknown that the configuration does not give.
func (m *presignedURLEphemeralModel) leaveUnknown() {
	for _, s := range []*types.String{&m.Expiry, &m.Region, &m.Method, &m.URL, &m.SigningTime} {
		if s.IsNull() {
			*s = types.StringUnknown()
		}
	}
	m.ExpiresAt = timetypes.NewRFC3339Unknown()
	m.SignedHeaders = types.MapUnknown(types.StringType)
}
