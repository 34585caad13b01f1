package provider

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/hashicorp/go-version"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/alioss/terraform-provider-alioss/internal/presign"
	"github.com/alioss/terraform-provider-alioss/internal/signer"
	"github.com/alioss/terraform-provider-alioss/internal/text"
	"github.com/alioss/terraform-provider-alioss/internal/validity"
)

func newResourcePresignedURL() *form {
	return newForm("Creates a presigned URL that stays the same until it must be renewed. It is signed at apply and "+
		"kept in state. Renewal, and a change of any argument, create a new URL as an in-place update. Destroying the "+
		"resource only removes the URL from state: nothing can revoke a presigned URL before it expires.",
		(*client).renewOne,
		[]attributes{urlAttributes, objectAttributes, verifyAttributes, renewalAttributes},
		checkVerify)
}

var renewalAttributes = attributes{
	"renew_before": {
		usage:    optionalComputed,
		fallback: textValue("0s"),
		description: "Remaining lifetime below which a plan renews the URL, such as `\"10m\"`. It must be shorter than " +
			"`expiry`. Defaults to `\"0s\"`, so a plan renews the URL after it expired.",
		check: parsesAs("renew_before", validity.ParseDuration),
	},
	"renew": {
		usage:    optionalComputed,
		typ:      tftypes.Bool,
		fallback: tftypes.NewValue(tftypes.Bool, true),
		description: "Whether to renew the URL. If `false`, an expired URL stays in state and the provider warns. A " +
			"change of any argument still creates a new URL. Defaults to `true`.",
	},
	"keepers": {
		typ: textMap,
		description: "Map of any values that create a new URL when they change, such as `{ access_key = " +
			"var.access_key }` or `{ etag = alicloud_oss_bucket_object.agent.etag }`.",
	},
}

func (s *server) ValidateResourceConfig(
	_ context.Context, req *tfprotov6.ValidateResourceConfigRequest,
) (*tfprotov6.ValidateResourceConfigResponse, error) {
	diagnostics, err := s.resource.validate(req.Config)
	return &tfprotov6.ValidateResourceConfigResponse{Diagnostics: diagnostics}, err
}

// PlanResourceChange plans a new URL as an update with url, expires_at and signing_time unknown.
// The CLI plans an update again when it applies. If the second plan finds no reason for an update,
// the CLI accepts that. It does not accept the reverse, so a change that depends on unknown
// arguments of the provider block is planned as an update.
func (s *server) PlanResourceChange(
	_ context.Context, req *tfprotov6.PlanResourceChangeRequest,
) (*tfprotov6.PlanResourceChangeResponse, error) {
	resp := &tfprotov6.PlanResourceChangeResponse{PlannedState: req.ProposedNewState, PlannedPrivate: req.PriorPrivate}
	config, err := decode(req.Config, s.resource.typ)
	if err != nil || config == nil { // null is a plan to destroy
		return resp, err
	}
	state, err := decode(req.PriorState, s.resource.typ)
	if err != nil {
		return resp, err
	}
	planned, found := s.resource.plan(s.provider.client.Load(), config, state)
	resp.Diagnostics = found.protocol()
	if !found.failed() {
		resp.PlannedState, err = planned.encode(s.resource.typ)
	}
	return resp, err
}

// plan returns the planned state of a configuration. The changes follow from the arguments, the
// state and the clock alone, never from the values that the CLI has marked as unknown: with
// ignore_changes it marks none. The client is nil before the provider is configured.
func (f *form) plan(c *client, config, state values) (values, faults) {
	if c == nil {
		return nil, c.checkReady()
	}
	var found faults
	planned, changed := f.planArguments(c, config, state)
	isPlaceUnknown := c.isPlaceUnknown(config)
	sign := state == nil || changed || isPlaceUnknown
	if !isPlaceUnknown && !slices.ContainsFunc(f.names, config.isUnknown) {
		var r signer.Request
		if r, found = c.request(planned); found.failed() {
			return nil, found
		}
		found = c.warnOfRequest(r, config)
		if !sign {
			var more faults
			sign, more = c.mustRenew(r, planned, state)
			found = append(found, more...)
		}
	}
	if sign {
		found = append(found, warnOfKey(planned)...)
	}
	planned = f.planResults(planned, state, sign)
	if names := f.refusedResults(c.cli, planned, config); len(names) > 0 {
		why := fmt.Errorf("ignore_changes contains attributes that a new URL changes: %s. Terraform %s does not allow "+
			"that. Write only arguments in ignore_changes, or update Terraform to %s or later", strings.Join(names, ", "), c.cli,
			firstWithNewResults)
		if changed {
			return nil, errorAt(why, titleIgnored)
		}
		planned = f.planResults(planned, state, false)
		found = append(found, warningAt(titleIgnored, "A new URL is due, but the URL in state stays. "+sentence(why))...)
	}
	return planned, found
}

const titleIgnored = "Results Ignored"

// planArguments also reports whether an argument differs from the state.
func (f *form) planArguments(c *client, config, state values) (planned values, changed bool) {
	planned = make(values, len(f.names))
	for _, name := range f.names {
		a := f.attributes[name]
		value := config[name]
		switch {
		case a.usage == computed:
			continue
		case a.usage != optionalComputed || !config.isNull(name):
		case name == "region":
			value = c.plannedRegion(config, state)
		default:
			value = a.fallback
		}
		planned[name] = value
		changed = changed || state != nil && !equal(value, state[name])
	}
	return planned, changed
}

// plannedRegion returns the region of a resource without one. If no other place sets one, the
// region in state is kept, so that the URL can be kept, renewed and destroyed.
func (c *client) plannedRegion(config, state values) tftypes.Value {
	switch region := c.regionOf(config); {
	case region.value != "":
		return textValue(region.value)
	case !region.unknown && state.isGiven("region") && config.text("bucket") == state.text("bucket"):
		return state["region"]
	}
	return tftypes.NewValue(tftypes.String, tftypes.UnknownValue)
}

// isPlaceUnknown reports whether the host depends on unknown arguments of the provider block.
func (c *client) isPlaceUnknown(config values) bool {
	ownHost := !config.isNull("domain") || !config.isNull("endpoint") || !config.isNull("endpoint_type")
	return c.regionOf(config).unknown || slices.Contains(c.unknown, "path_style") ||
		!ownHost && (c.endpoint.unknown || c.endpointType.unknown)
}

// mustRenew reports whether the URL in a state is due, or is not that of the request. Its time and
// its credentials may differ. The other results in the state must belong to the URL, but those that
// older versions did not store may be missing.
func (c *client) mustRenew(r signer.Request, config, state values) (bool, faults) {
	u, errURL := signer.Parse(state.text("url"))
	signedAt, errSigned := validity.ParseInstant("signing_time", state.text("signing_time"))
	expiresAt, errExpires := validity.ParseInstant("expires_at", state.text("expires_at"))
	lifetime, errExpiry := validity.ParseExpiry(config.text("expiry"))
	if errors.Join(errURL, errSigned, errExpires, errExpiry) != nil {
		return true, nil
	}
	object, isPinned := objectOf(config), config.flag("pin_version")
	if isPinned {
		object.Version = state.elements("object").text("version_id")
	}
	wanted := presign.WithObject(r, object)
	wanted.Expires = int64(lifetime / time.Second)
	if !u.Matches(wanted) || isPinned && object.Version == "" ||
		!signedAt.Equal(u.SignedAt) || expiresAt.After(u.ExpiresAt) || !headersMatch(config, state) ||
		!state.isNull("object") && !needsObject(config) {
		return true, nil
	}
	window := validity.Window{SigningTime: u.SignedAt, Expires: u.Expires}
	return c.isDue(validity.Kept{Window: window, ExpiresAt: expiresAt}, config, c.environment.Now())
}

// isDue reports whether a URL is to be renewed at now. It warns about one that has expired and is
// kept, and about one that every plan renews.
func (c *client) isDue(kept validity.Kept, config values, now time.Time) (bool, faults) {
	renew, before := config.flag("renew"), config.text("renew_before")
	end := kept.ExpiresAt.Format(time.RFC3339)
	limit, err := validity.ParseDuration("renew_before", before)
	switch renewal := kept.Renewal(now, renew, limit); renewal {
	case validity.StaysExpired:
		return false, c.once.warn(titleExpired, fmt.Sprintf("The URL expired at %s, and renew = false keeps it in state. "+
			"To create a new URL, set renew = true, or change keepers.", end))
	case validity.AlwaysDue:
		return true, c.once.warn("URL Due At Once", fmt.Sprintf("The URL expires with its temporary credentials at %s, "+
			"within renew_before %q, so every plan renews it. Choose a shorter renew_before, or sign with credentials that "+
			"are valid for longer.", end, before))
	default: // ignore_changes may keep a renew_before that somebody changed in the state
		return renewal == validity.Due || renew && err != nil, nil
	}
}

// planResults adds the results of the state, or unknown ones if a URL will be signed.
func (f *form) planResults(planned, state values, sign bool) values {
	if sign {
		planned = f.withUnknownResults(planned)
		if headersMatch(planned, state) {
			planned["signed_headers"] = state["signed_headers"]
		}
		return planned
	}
	for name, a := range f.attributes {
		if a.usage == computed {
			planned[name] = state[name]
		}
	}
	return planned
}

// headersMatch reports whether the headers in a state are the configured ones.
func headersMatch(config, state values) bool {
	if config.isUnknown("headers") {
		return false
	}
	lower := map[string]string{}
	for name, value := range config.texts("headers") {
		lower[strings.ToLower(name)] = strings.Trim(value, " \t")
	}
	return state.isGiven("signed_headers") && maps.Equal(lower, state.texts("signed_headers"))
}

// firstWithNewResults is the first version of Terraform that accepts a new value of a result that
// ignore_changes contains. Every OpenTofu does (hashicorp/terraform#31509).
var firstWithNewResults = version.Must(version.NewVersion("1.2.6"))

// refusedResults returns the results whose planned values the CLI would report as a bug of the
// provider: older versions require the values of the state, which they put into the configuration
// for ignore_changes.
func (f *form) refusedResults(cli string, planned, config values) []string {
	if v, err := version.NewVersion(cli); err != nil || v.Core().GreaterThanOrEqual(firstWithNewResults) {
		return nil
	}
	return slices.DeleteFunc(slices.Clone(f.names), func(name string) bool {
		return f.attributes[name].usage != computed || config.isNull(name) || equal(planned[name], config[name])
	})
}

func (s *server) ApplyResourceChange(
	ctx context.Context, req *tfprotov6.ApplyResourceChangeRequest,
) (*tfprotov6.ApplyResourceChangeResponse, error) {
	ctx, done := s.start(ctx)
	defer done()
	resp := &tfprotov6.ApplyResourceChangeResponse{NewState: req.PriorState, Private: req.PlannedPrivate}
	planned, err := decode(req.PlannedState, s.resource.typ)
	if err != nil {
		return resp, err
	}
	if planned == nil {
		resp.NewState = req.PlannedState
		return resp, nil
	}
	for name, a := range s.resource.attributes { // a configuration has no results
		if a.usage == computed {
			planned[name] = tftypes.NewValue(a.typ, nil)
		}
	}
	results, _, found := s.resource.sign(ctx, s.provider.client.Load(), planned, len(req.PlannedState.MsgPack))
	resp.Diagnostics = found.protocol()
	if !found.failed() {
		resp.NewState, err = results.encode(s.resource.typ)
	}
	return resp, err
}

func (c *client) renewOne(ctx context.Context, s *signing) (values, faults) {
	results, found := c.signOne(ctx, s)
	if !found.failed() {
		_, more := c.isDue(validity.Kept{Window: s.window, ExpiresAt: s.end}, s.config, s.now)
		found = append(found, more...)
	}
	return results, found
}

// ReadResource leaves the state as it is: OSS keeps nothing of a presigned URL.
func (*server) ReadResource(
	_ context.Context, req *tfprotov6.ReadResourceRequest,
) (*tfprotov6.ReadResourceResponse, error) {
	return &tfprotov6.ReadResourceResponse{NewState: req.CurrentState, Private: req.Private}, nil
}

func (s *server) UpgradeResourceState(
	_ context.Context, req *tfprotov6.UpgradeResourceStateRequest,
) (*tfprotov6.UpgradeResourceStateResponse, error) {
	return s.resource.upgrade(req.RawState)
}

// MoveResourceState takes the state of this resource from another address of the provider. A
// resource of another type has no URL to move.
func (s *server) MoveResourceState(
	_ context.Context, req *tfprotov6.MoveResourceStateRequest,
) (*tfprotov6.MoveResourceStateResponse, error) {
	if req.SourceTypeName != req.TargetTypeName {
		return &tfprotov6.MoveResourceStateResponse{Diagnostics: errorAt(fmt.Errorf(
			"a resource of type %s cannot become a presigned URL. Remove the moved block, and apply to create a new URL",
			text.Quote(req.SourceTypeName)), "Move Not Supported").protocol()}, nil
	}
	upgraded, err := s.resource.upgrade(req.SourceState)
	return &tfprotov6.MoveResourceStateResponse{
		TargetState: upgraded.UpgradedState, TargetPrivate: req.SourcePrivate, Diagnostics: upgraded.Diagnostics,
	}, err
}

// upgrade reads a state as it is stored. Attributes that the schema does not have are dropped. One
// that is missing is null, and so is one of another type, so that a state that was changed by hand
// can still be planned and destroyed.
func (f *form) upgrade(raw *tfprotov6.RawState) (resp *tfprotov6.UpgradeResourceStateResponse, err error) {
	resp = &tfprotov6.UpgradeResourceStateResponse{}
	var stored map[string]json.RawMessage
	if raw != nil {
		_ = json.Unmarshal(raw.JSON, &stored) // stored is nil after an error
	}
	if stored == nil {
		resp.Diagnostics = errorAt(errors.New("the state of this resource cannot be read: it is no JSON object. Remove it "+
			"with terraform state rm, and apply to create a new URL"), "Invalid State").protocol()
		return resp, nil
	}
	state := values{}
	for name, a := range f.attributes {
		value, err := tfprotov6.RawState{JSON: stored[name]}.UnmarshalWithOpts(a.typ, tfprotov6.UnmarshalOpts{
			ValueFromJSONOpts: tftypes.ValueFromJSONOpts{IgnoreUndefinedAttributes: true},
		})
		if err != nil {
			value = tftypes.NewValue(a.typ, nil)
		}
		state[name] = value
	}
	resp.UpgradedState, err = state.encode(f.typ)
	return resp, err
}

func (*server) ImportResourceState(
	context.Context, *tfprotov6.ImportResourceStateRequest,
) (*tfprotov6.ImportResourceStateResponse, error) {
	return &tfprotov6.ImportResourceStateResponse{Diagnostics: errorAt(errors.New(
		"a presigned URL cannot be imported, because OSS keeps no record of it. "+
			"Remove the import, and apply to create a new URL"), "Import Not Supported").protocol()}, nil
}
