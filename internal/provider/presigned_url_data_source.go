package provider

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

var (
	_ datasource.DataSourceWithConfigure      = (*presignedURLDataSource)(nil)
	_ datasource.DataSourceWithValidateConfig = (*presignedURLDataSource)(nil)
)

func newPresignedURLDataSource() datasource.DataSource { return &presignedURLDataSource{} }

// presignedURLDataSource signs one URL at each read.
type presignedURLDataSource struct{ client *client }

// presignedURLDataSourceModel is the data source's configuration and result.
type presignedURLDataSourceModel struct {
	linkModel
	objectModel
	timingModel

	Verify types.Bool `tfsdk:"verify"`
}

func (*presignedURLDataSource) Metadata(_ context.Context, req datasource.MetadataRequest, resp *datasource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_presigned_url"
}

func (*presignedURLDataSource) Schema(_ context.Context, _ datasource.SchemaRequest, resp *datasource.SchemaResponse) {
	resp.Schema = schema.Schema{
		MarkdownDescription: "A presigned URL of one object, signed when the data source is read: at every plan, unless `rotate_every` or " +
			"`signing_time` keeps it the same. Signing asks nothing of OSS: whether the object exists shows only when the URL is used, or with `verify`.",
		Attributes: presignedURLDataSourceAttributes().dataSource(),
	}
}

// presignedURLDataSourceAttributes are the attributes of presignedURLDataSourceModel.
func presignedURLDataSourceAttributes() attributes {
	return linkAttributes().with(objectAttributes(), notAfterAttribute(), verifyAttribute(), timingAttributes())
}

func (p *presignedURLDataSource) Configure(_ context.Context, req datasource.ConfigureRequest, resp *datasource.ConfigureResponse) {
	p.client = configured(req.ProviderData, &resp.Diagnostics)
}

func (*presignedURLDataSource) ValidateConfig(ctx context.Context, req datasource.ValidateConfigRequest, resp *datasource.ValidateConfigResponse) {
	var m presignedURLDataSourceModel
	readModel(ctx, req.Config.Raw, &m, &resp.Diagnostics)
	if resp.Diagnostics.HasError() {
		return
	}
	m.linkModel.validate(m.objectModel, &resp.Diagnostics)
	m.timingModel.validate(m.Expiry, &resp.Diagnostics)
	validateVerify(m.Verify, &m.linkModel, &resp.Diagnostics)
}

func (p *presignedURLDataSource) Read(ctx context.Context, req datasource.ReadRequest, resp *datasource.ReadResponse) {
	var m presignedURLDataSourceModel
	readModel(ctx, req.Config.Raw, &m, &resp.Diagnostics)
	if resp.Diagnostics.HasError() || !p.client.ready(&resp.Diagnostics) {
		return
	}
	if p.client.signOne(ctx, &m.linkModel, &m.objectModel, m.timingModel, m.Verify, &resp.Diagnostics) {
		resp.State.Raw = writeModel(ctx, req.Config.Raw.Type(), &m, &resp.Diagnostics)
	}
}
