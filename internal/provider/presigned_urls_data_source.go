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
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

var (
	_ datasource.DataSourceWithConfigure      = (*presignedURLsDataSource)(nil)
	_ datasource.DataSourceWithValidateConfig = (*presignedURLsDataSource)(nil)
)

func newPresignedURLsDataSource() datasource.DataSource { return &presignedURLsDataSource{} }

// presignedURLsDataSource signs the URLs of many objects in one read.
type presignedURLsDataSource struct{ client *client }

// presignedURLsDataSourceModel is the data source's configuration and result. Keys, Versions and URLs are always null in it:
// what comes by the thousand is read and written as the protocol's values, past the framework's reflection.
type presignedURLsDataSourceModel struct {
	linkModel
	timingModel

	Keys     types.Dynamic `tfsdk:"keys"`
	Versions types.Dynamic `tfsdk:"versions"`
	URLs     types.Map     `tfsdk:"urls"`
}

func (*presignedURLsDataSource) Metadata(_ context.Context, req datasource.MetadataRequest, resp *datasource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_presigned_urls"
}

func (*presignedURLsDataSource) Schema(_ context.Context, _ datasource.SchemaRequest, resp *datasource.SchemaResponse) {
	resp.Schema = schema.Schema{
		MarkdownDescription: "Presigned URLs of many objects of one bucket, signed in one read and at one instant: at every plan, unless " +
			"`rotate_every` or `signing_time` holds them still. In place of `for_each` over `alioss_presigned_url`, whose cost in Terraform grows " +
			"with the square of the number.",
		Attributes: linkAttributes().with(manyAttributes(), notAfterAttribute(), timingAttributes()).dataSource(),
	}
}

// manyAttributes are the attributes of many objects. A collection in configuration is dynamic, since the core converts a tuple to
// a list, and the framework compares the elements of a set, in time that grows with the square of their number.
func manyAttributes() attributes {
	return attributes{
		"keys": {
			usage: required,
			description: fmt.Sprintf("Names of the objects, as they are, never percent-encoded: a tuple, list or set of 1 to %s strings, each as "+
				"`key` of `alioss_presigned_url`. Repeated keys are one key. Strings only: `tostring` makes one of a number.", thousands(maxKeys)),
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
			description: "The presigned URLs, by key. Whoever has one can use it until it ends: treat them as secrets. They hold no space, quote, " +
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
	m, many, ok := readMany(ctx, req.Config, &resp.Diagnostics)
	if !ok {
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
	m, many, ok := readMany(ctx, req.Config, &resp.Diagnostics)
	if !ok || !p.client.ready(&resp.Diagnostics) {
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
	m.fill(l, s)
	p.client.warnOfOverride(&m.linkModel, &resp.Diagnostics)
	p.client.warnOfWindow(now, s, &resp.Diagnostics)
	p.client.warnOfRotation(m.RotateEvery, s.keys, &resp.Diagnostics)
	writeMany(ctx, m, objects, s.urls, req.Config, resp)
}

// readMany takes a configuration apart: the model, which the framework reads, and what comes by the thousand.
func readMany(ctx context.Context, config tfsdk.Config, d *diag.Diagnostics) (m presignedURLsDataSourceModel, many manyObjects, ok bool) {
	values, err := attributesOf(config.Raw)
	if err != nil {
		d.AddError("Unreadable Configuration", sentence(err)+" Please report this.")
		return m, many, false
	}
	many = readObjects(values["keys"], values["versions"], d)
	few := values
	few["keys"] = tftypes.NewValue(tftypes.DynamicPseudoType, nil)
	few["versions"] = few["keys"]
	config.Raw = tftypes.NewValue(config.Raw.Type(), few)
	d.Append(config.Get(ctx, &m)...)
	return m, many, !d.HasError()
}

// writeMany puts a state together: the model as the framework writes it, keys and versions as they came, and the URLs.
func writeMany(
	ctx context.Context, m presignedURLsDataSourceModel, objects []object, urls []string, config tfsdk.Config, resp *datasource.ReadResponse,
) {
	resp.Diagnostics.Append(resp.State.Set(ctx, &m)...)
	if resp.Diagnostics.HasError() {
		return
	}
	state, err := attributesOf(resp.State.Raw)
	configuration, err2 := attributesOf(config.Raw)
	if err := errors.Join(err, err2); err != nil {
		resp.Diagnostics.AddError("Unwritable State", sentence(err)+" Please report this.")
		return
	}
	byKey := make(map[string]tftypes.Value, len(objects))
	for i, o := range objects {
		byKey[o.key] = tftypes.NewValue(tftypes.String, urls[i])
	}
	state["keys"], state["versions"] = configuration["keys"], configuration["versions"]
	state["urls"] = tftypes.NewValue(tftypes.Map{ElementType: tftypes.String}, byKey)
	resp.State.Raw = tftypes.NewValue(resp.State.Raw.Type(), state)
}
