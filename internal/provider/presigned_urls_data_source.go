package provider

import (
	"context"
	"errors"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

var (
	_ datasource.DataSourceWithConfigure      = (*presignedURLsDataSource)(nil)
	_ datasource.DataSourceWithValidateConfig = (*presignedURLsDataSource)(nil)
)

func newPresignedURLsDataSource() datasource.DataSource { return &presignedURLsDataSource{} }

// presignedURLsDataSource signs the URLs of many objects in one read.
type presignedURLsDataSource struct{ client *client }

// presignedURLsDataSourceModel is the data source's configuration and result. Of Keys, Versions and URLs it does not hold the
// elements, which bulkServer carries.
type presignedURLsDataSourceModel struct {
	linkModel
	timingModel

	Keys     types.Dynamic `tfsdk:"keys"`
	Versions types.Dynamic `tfsdk:"versions"`
	URLs     types.Map     `tfsdk:"urls"`
}

func (*presignedURLsDataSource) Metadata(_ context.Context, _ datasource.MetadataRequest, resp *datasource.MetadataResponse) {
	resp.TypeName = bulkTypeName
}

func (*presignedURLsDataSource) Schema(_ context.Context, _ datasource.SchemaRequest, resp *datasource.SchemaResponse) {
	resp.Schema = schema.Schema{
		MarkdownDescription: "Presigned URLs of many objects of one bucket, signed in one read and at one instant: at every plan, unless " +
			"`rotate_every` or `signing_time` keeps them the same. Use it instead of `for_each` over `alioss_presigned_url`, whose cost in Terraform grows " +
			"with the square of their number.",
		Attributes: linkAttributes().with(manyAttributes(), notAfterAttribute(), timingAttributes()).dataSource(),
	}
}

// manyAttributes are the attributes of many objects. A collection in configuration is dynamic, since the core converts a tuple to
// a list, and the framework compares the elements of a set, in time that grows with the square of their number; and bulkServer
// carries its elements.
func manyAttributes() attributes {
	return attributes{
		"keys": {
			usage: required,
			description: fmt.Sprintf("Names of the objects, as they are, never percent-encoded: a tuple, list or set of 1 to %s strings, each as "+
				"`key` of `alioss_presigned_url`. Repeated keys count once. Strings only: convert a number with `tostring`.", thousands(maxKeys)),
			dynamics: []validator.Dynamic{},
		},
		"versions": {
			usage: optional,
			description: "The objects' `versionId`s, for single versions of them: an object or map of key to version. Keys that it leaves out, or " +
				"whose version is null, get the version that is current when the URL is used.",
			dynamics: []validator.Dynamic{},
		},
		"urls": {
			usage:     computed,
			sensitive: true,
			description: "The presigned URLs, by key. Whoever has one can use it until it ends: treat them as secrets. They contain no space, quote, " +
				"raw `+` or other character that single quotes in a shell, JSON, YAML or HTTP clients need to escape.",
			maps: []validator.Map{},
		},
	}
}

func (p *presignedURLsDataSource) Configure(_ context.Context, req datasource.ConfigureRequest, resp *datasource.ConfigureResponse) {
	p.client = configured(req.ProviderData, &resp.Diagnostics)
}

func (*presignedURLsDataSource) ValidateConfig(
	ctx context.Context, req datasource.ValidateConfigRequest, resp *datasource.ValidateConfigResponse,
) {
	var m presignedURLsDataSourceModel
	readModel(ctx, req.Config.Raw, &m, &resp.Diagnostics)
	many, ok := manyOf(ctx, &resp.Diagnostics)
	if !ok || resp.Diagnostics.HasError() {
		return
	}
	m.linkModel.validate(objectModel{}, &resp.Diagnostics)
	m.timingModel.validate(m.Expiry, &resp.Diagnostics)
	many.check(&resp.Diagnostics)
	many.warn(&resp.Diagnostics)
	if m.method() == "PUT" && !m.Method.IsUnknown() && many.versions != nil {
		addError(&resp.Diagnostics, path.Root("versions"), titleVersions,
			errors.New("versions does not go with method \"PUT\": an upload makes a version of its own; leave versions out"))
	}
}

func (p *presignedURLsDataSource) Read(ctx context.Context, req datasource.ReadRequest, resp *datasource.ReadResponse) {
	var m presignedURLsDataSourceModel
	readModel(ctx, req.Config.Raw, &m, &resp.Diagnostics)
	many, ok := manyOf(ctx, &resp.Diagnostics)
	if !ok || resp.Diagnostics.HasError() || !p.client.ready(&resp.Diagnostics) {
		return
	}
	many.check(&resp.Diagnostics)
	l, ok := m.link(p.client, types.StringNull(), &resp.Diagnostics)
	if !ok || resp.Diagnostics.HasError() {
		return
	}
	if many.unknown {
		resp.Diagnostics.AddError("Unknown Keys", "The data source was read before keys and versions were known. Please report this.")
		return
	}
	if len(many.keys) == 0 { // null, which a validation refuses before every read
		addError(&resp.Diagnostics, path.Root("keys"), titleKeys, errNoKeys)
		return
	}
	now := p.client.now()
	w, ok := m.window(now, m.SigningTime, l.expiry, &resp.Diagnostics)
	if !ok {
		return
	}
	objects := many.objects()
	// One URL tells the length of all: they differ by key and version only.
	sample, ok := p.client.sign(ctx, l, objects[:1], w, &resp.Diagnostics)
	if !ok {
		return
	}
	if err := many.checkAnswer(objects, sample.urls[0]); err != nil {
		addError(&resp.Diagnostics, path.Root("keys"), titleKeys, err)
		return
	}
	s, ok := p.client.sign(ctx, l, objects, w, &resp.Diagnostics)
	if !ok {
		return
	}
	logSigned(ctx, l, s, objects)
	m.fill(l, s)
	p.client.warnOfOverride(&m.linkModel, &resp.Diagnostics)
	p.client.warnOfWindow(now, s, &resp.Diagnostics)
	p.client.warnOfRotation(m.RotateEvery, s.keys, &resp.Diagnostics)
	resp.State.Raw = writeModel(ctx, req.Config.Raw.Type(), &m, &resp.Diagnostics)
	if !resp.Diagnostics.HasError() {
		bulkOf(ctx).setURLs(objects, s.urls)
	}
}

// manyOf returns what keys and versions of a call name.
func manyOf(ctx context.Context, d *diag.Diagnostics) (many manyObjects, ok bool) {
	b := bulkOf(ctx)
	if b == nil {
		d.AddError("Provider Not Served", "The provider was served without the part that carries keys and URLs. Please report this.")
		return many, false
	}
	before := d.ErrorsCount()
	many = readObjects(b.keys, b.versions, d)
	return many, d.ErrorsCount() == before
}
