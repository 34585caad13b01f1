package provider

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/hashicorp/terraform-plugin-framework-timetypes/timetypes"
	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/alioss/terraform-provider-alioss/internal/signer"
	"github.com/alioss/terraform-provider-alioss/internal/validity"
)

var (
	_ resource.ResourceWithConfigure      = (*presignedURLResource)(nil)
	_ resource.ResourceWithImportState    = (*presignedURLResource)(nil)
	_ resource.ResourceWithModifyPlan     = (*presignedURLResource)(nil)
	_ resource.ResourceWithValidateConfig = (*presignedURLResource)(nil)
)

func newPresignedURLResource() resource.Resource { return &presignedURLResource{} }

// presignedURLResource keeps a URL in state until it is due.
type presignedURLResource struct{ client *client }

// presignedURLResourceModel is the resource's configuration and state.
type presignedURLResourceModel struct {
	linkModel
	objectModel

	Verify      types.Bool   `tfsdk:"verify"`
	RenewBefore types.String `tfsdk:"renew_before"`
	Renew       types.Bool   `tfsdk:"renew"`
	Keepers     types.Map    `tfsdk:"keepers"`
}

const defaultRenewBefore = "0s"

func renewalAttributes() attributes {
	yes := true
	return attributes{
		"renew_before": {
			usage:         optionalComputed,
			defaultString: defaultRenewBefore,
			description: "Renew the URL when less than this is left at plan time: a duration like `expiry`, and shorter. Default `\"0s\"`: when it " +
				"has expired.",
			strings: stringRule("Invalid Renew Before", "a duration shorter than expiry", func(s string) error {
				_, err := validity.ParseDuration(s)
				return err
			}),
		},
		"renew": {
			usage:       optionalComputed,
			defaultBool: &yes,
			description: "`false` keeps the URL when it is due, and after it has expired, with a warning. A change of another argument signs anew all " +
				"the same. Default `true`.",
			bools: []validator.Bool{},
		},
		"keepers": {
			usage: optional,
			description: "Any values; a change of any of them signs the URL anew: `{ access_key = var.access_key }`, so that a new key signs again, or " +
				"`{ etag = alicloud_oss_bucket_object.agent.etag }`.",
			maps: []validator.Map{},
		},
	}
}

func (*presignedURLResource) Metadata(_ context.Context, req resource.MetadataRequest, resp *resource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_presigned_url"
}

func (*presignedURLResource) Schema(_ context.Context, _ resource.SchemaRequest, resp *resource.SchemaResponse) {
	resp.Schema = schema.Schema{
		MarkdownDescription: "A presigned URL that stays: signed at apply, kept in state, and left alone by every plan until it is due. Renewal, and " +
			"a change of any argument, sign anew in place. Destroying it only removes the URL from state: nothing revokes a presigned URL before it ends. There is " +
			"nothing to import.",
		Attributes: linkAttributes().with(objectAttributes(), verifyAttribute(), renewalAttributes()).resource(),
	}
}

func (p *presignedURLResource) Configure(_ context.Context, req resource.ConfigureRequest, resp *resource.ConfigureResponse) {
	p.client = configured(req.ProviderData, &resp.Diagnostics)
}

func (*presignedURLResource) ValidateConfig(ctx context.Context, req resource.ValidateConfigRequest, resp *resource.ValidateConfigResponse) {
	var m presignedURLResourceModel
	resp.Diagnostics.Append(req.Config.Get(ctx, &m)...)
	if resp.Diagnostics.HasError() {
		return
	}
	m.linkModel.validate(m.objectModel, &resp.Diagnostics)
	validateVerify(m.Verify, &m.linkModel, &resp.Diagnostics)
	m.validateRenewal(&resp.Diagnostics)
}

// validateRenewal refuses a renewal that would be due as soon as it is done.
func (m *presignedURLResourceModel) validateRenewal(d *diag.Diagnostics) {
	if m.RenewBefore.ValueString() == "" || m.Expiry.IsUnknown() {
		return
	}
	before, err := validity.ParseDuration(m.RenewBefore.ValueString())
	if err != nil {
		return // the attribute's own validator says so
	}
	expiry := validity.DefaultExpiry
	if s := m.Expiry.ValueString(); s != "" {
		if expiry, err = validity.ParseExpiry(s); err != nil {
			return // likewise
		}
	}
	addError(d, path.Root("renew_before"), "Invalid Renew Before", validity.CheckRenewal(before, expiry))
}

// ModifyPlan fills in the effective region, refuses at plan what would fail at apply, and plans the renewal of a URL that
// is due: an update with url, expires_at and signing_time unknown. Terraform plans an update once more when it applies; one
// that has no reason any more then becomes no change, which it accepts. The other way round it would not: what may turn out
// to be an update when the provider block is known is planned as one.
func (p *presignedURLResource) ModifyPlan(ctx context.Context, req resource.ModifyPlanRequest, resp *resource.ModifyPlanResponse) {
	if req.Plan.Raw.IsNull() || p.client == nil {
		return
	}
	var plan, state, config presignedURLResourceModel
	resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)
	resp.Diagnostics.Append(req.Config.Get(ctx, &config)...)
	exists := !req.State.Raw.IsNull()
	if exists {
		resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	}
	if resp.Diagnostics.HasError() {
		return
	}
	if config.Region.IsNull() {
		plan.Region = p.client.plannedRegion(&plan, &state)
	}
	moved := p.client.placeUnknown(&config.linkModel)
	if !moved && req.Config.Raw.IsFullyKnown() {
		l, ok := plan.linkModel.link(p.client, plan.Filename, &resp.Diagnostics)
		if !ok {
			return
		}
		moved = exists && !servedBy(state.URL.ValueString(), l.request)
	}
	p.client.warnOfOverride(&plan.linkModel, &resp.Diagnostics)
	if exists && (plan.URL.IsUnknown() || moved || !plan.Region.Equal(state.Region) || p.due(&plan, &state, &resp.Diagnostics)) {
		plan.URL = types.StringUnknown()
		plan.ExpiresAt = timetypes.NewRFC3339Unknown()
		plan.SigningTime = types.StringUnknown()
		plan.SignedHeaders = plannedHeaders(plan.Headers, state.SignedHeaders)
	}
	resp.Diagnostics.Append(resp.Plan.Set(ctx, &plan)...)
}

// placeUnknown tells whether the provider block leaves open where the bucket of a configuration is reached.
func (c *client) placeUnknown(config *linkModel) bool {
	ownHost := !config.Domain.IsNull() || !config.Endpoint.IsNull() || !config.EndpointType.IsNull()
	return slices.ContainsFunc(c.unknown, func(argument string) bool {
		switch argument {
		case "region":
			return config.Region.IsNull()
		case "endpoint", "endpoint_type":
			return !ownHost
		}
		return argument == "path_style"
	})
}

// plannedRegion is the region of a resource that names none: that of the provider block. Where nobody names one any more, a
// bucket is still where it was, so that what is in state can be kept, renewed and destroyed.
func (c *client) plannedRegion(plan, state *presignedURLResourceModel) types.String {
	switch {
	case c.settings.region != "":
		return types.StringValue(c.settings.region)
	case state.Region.ValueString() != "" && plan.Bucket.Equal(state.Bucket) && !slices.Contains(c.unknown, "region"):
		return state.Region
	}
	return types.StringUnknown()
}

// plannedHeaders are the headers that a holder must send of a URL that is signed anew: those in state where they follow from
// what is configured, and otherwise unknown until then.
func plannedHeaders(configured, inState types.Map) types.Map {
	lower := make(map[string]attr.Value, len(configured.Elements()))
	for name, value := range configured.Elements() {
		lower[strings.ToLower(name)] = value
	}
	if !configured.IsUnknown() && inState.Equal(types.MapValueMust(types.StringType, lower)) {
		return inState
	}
	return types.MapUnknown(types.StringType)
}

// servedBy tells whether a URL in state still names the host that the configuration stands for: the provider block may
// have changed.
func servedBy(url string, r signer.Request) bool {
	u, err := signer.Parse(url)
	return err == nil && u.Scheme == r.Scheme && u.Host == r.Host && u.Region == r.Region
}

// due tells whether the URL is to be renewed, and warns of one that has expired and is kept. A state that gives the URL a
// later end than the URL itself does is not believed.
func (p *presignedURLResource) due(plan, state *presignedURLResourceModel, d *diag.Diagnostics) bool {
	now := p.client.now()
	end, diags := state.ExpiresAt.ValueRFC3339Time()
	if diags.HasError() {
		return true
	}
	if u, err := signer.Parse(state.URL.ValueString()); err == nil {
		end, _ = validity.End(u.ExpiresAt, end)
	}
	if plan.Renew.IsUnknown() || plan.Renew.ValueBool() {
		before, err := validity.ParseDuration(plan.RenewBefore.ValueString())
		return validity.Due(now, end, before) || err != nil && !plan.RenewBefore.IsUnknown()
	}
	if validity.Expired(now, end) {
		p.client.notices.warn(d, "Presigned URL Expired", fmt.Sprintf(
			"The URL ended at %s, and renew = false keeps it: it no longer opens anything. Set renew = true, or change keepers, to sign anew.",
			end.UTC().Format(time.RFC3339)))
	}
	return false
}

func (p *presignedURLResource) Create(ctx context.Context, req resource.CreateRequest, resp *resource.CreateResponse) {
	var m presignedURLResourceModel
	resp.Diagnostics.Append(req.Plan.Get(ctx, &m)...)
	if resp.Diagnostics.HasError() || !p.sign(ctx, &m, &resp.Diagnostics) {
		return
	}
	resp.Diagnostics.Append(resp.State.Set(ctx, &m)...)
}

// Read leaves the state as it is: OSS keeps nothing of a presigned URL.
func (*presignedURLResource) Read(context.Context, resource.ReadRequest, *resource.ReadResponse) {}

func (p *presignedURLResource) Update(ctx context.Context, req resource.UpdateRequest, resp *resource.UpdateResponse) {
	var m presignedURLResourceModel
	resp.Diagnostics.Append(req.Plan.Get(ctx, &m)...)
	if resp.Diagnostics.HasError() || !p.sign(ctx, &m, &resp.Diagnostics) {
		return
	}
	resp.Diagnostics.Append(resp.State.Set(ctx, &m)...)
}

// Delete forgets the URL. Nothing can revoke it.
func (*presignedURLResource) Delete(context.Context, resource.DeleteRequest, *resource.DeleteResponse) {
}

func (*presignedURLResource) ImportState(_ context.Context, _ resource.ImportStateRequest, resp *resource.ImportStateResponse) {
	addError(&resp.Diagnostics, path.Empty(), "Import Not Supported", errors.New(
		"a presigned URL is made by signing, and OSS keeps no record of it that could be imported; "+
			"write the resource block without an import, and apply signs a new URL"))
}

// sign signs at the present and fills in the results.
func (p *presignedURLResource) sign(ctx context.Context, m *presignedURLResourceModel, d *diag.Diagnostics) bool {
	if !p.client.ready(d) {
		return false
	}
	m.SigningTime = types.StringNull()
	if !p.client.signOne(ctx, &m.linkModel, &m.objectModel, timingModel{}, m.Verify, d) {
		return false
	}
	p.warnOfRenewal(m, d)
	return true
}

// warnOfRenewal says that a URL is due from its beginning, as it ends with temporary credentials.
func (p *presignedURLResource) warnOfRenewal(m *presignedURLResourceModel, d *diag.Diagnostics) {
	end, diags := m.ExpiresAt.ValueRFC3339Time()
	before, err := validity.ParseDuration(m.RenewBefore.ValueString())
	if err != nil || diags.HasError() || !m.Renew.ValueBool() || !validity.Due(p.client.now(), end, before) {
		return
	}
	p.client.notices.warn(d, "URL Due At Once", fmt.Sprintf(
		"The URL ends with its temporary credentials at %s, sooner than renew_before = %q allows, and every plan will renew it. Ask for a longer "+
			"session (session_expiration), or choose a shorter renew_before.", end.UTC().Format(time.RFC3339), m.RenewBefore.ValueString()))
}
