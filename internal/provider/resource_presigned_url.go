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

	"github.com/alioss/terraform-provider-alioss/internal/endpoint"
	"github.com/alioss/terraform-provider-alioss/internal/presign"
	"github.com/alioss/terraform-provider-alioss/internal/signer"
	"github.com/alioss/terraform-provider-alioss/internal/text"
	"github.com/alioss/terraform-provider-alioss/internal/validity"
)

// newResourcePresignedURL returns the resource that keeps a URL in state until it is due.
func newResourcePresignedURL() *form {
	return newForm("Creates a presigned URL that stays the same until it must be renewed. It is signed at apply and "+
		"kept in state. Renewal, and a change of any argument, create a new URL as an in-place update. Destroying the "+
		"resource only removes the URL from state: nothing can revoke a presigned URL before it expires.",
		merge(urlAttributes(), objectAttributes(), verifyAttributes(), renewalAttributes()),
		conflicts, checkRenewal, checkVerify)
}

func renewalAttributes() attributes {
	return attributes{
		"renew_before": {
			usage:    optionalComputed,
			fallback: "0s",
			description: "Remaining lifetime below which a plan renews the URL, such as `\"10m\"`. It must be shorter than " +
				"`expiry`. Defaults to `\"0s\"`, so a plan renews the URL after it expired.",
			check: durationOf("renew_before"),
		},
		"renew": {
			usage:    optionalComputed,
			kind:     kindBoolean,
			fallback: "true",
			description: "Whether to renew the URL. If `false`, an expired URL stays in state and the provider warns. A " +
				"change of any argument still creates a new URL. Defaults to `true`.",
		},
		"keepers": {
			usage: optional,
			kind:  kindTextMap,
			description: "Map of any values that create a new URL when they change, such as `{ access_key = " +
				"var.access_key }` or `{ etag = alicloud_oss_bucket_object.agent.etag }`.",
		},
	}
}

// ValidateResourceConfig checks the configuration of the resource.
func (s *server) ValidateResourceConfig(
	ctx context.Context, req *tfprotov6.ValidateResourceConfigRequest,
) (*tfprotov6.ValidateResourceConfigResponse, error) {
	f, ok := s.resources[req.TypeName]
	if !ok {
		return s.ProviderServer.ValidateResourceConfig(ctx, req)
	}
	found, err := f.validateCall(req.Config)
	return &tfprotov6.ValidateResourceConfigResponse{Diagnostics: found.protocol()}, err
}

// UpgradeResourceState reads a state of the one version that there is. Attributes that it lacks are
// null. Attributes that the schema does not have are dropped.
func (s *server) UpgradeResourceState(
	ctx context.Context, req *tfprotov6.UpgradeResourceStateRequest,
) (*tfprotov6.UpgradeResourceStateResponse, error) {
	f, ok := s.resources[req.TypeName]
	if !ok || req.RawState == nil {
		return s.ProviderServer.UpgradeResourceState(ctx, req)
	}
	resp := &tfprotov6.UpgradeResourceStateResponse{}
	state, err := f.upgrade(req.RawState.JSON)
	if err != nil {
		resp.Diagnostics = errorAt(fmt.Errorf("the state of this resource cannot be read: %w. Remove it with terraform "+
			"state rm, and apply to create a new URL", err), "Invalid State").protocol()
		return resp, nil
	}
	resp.UpgradedState, err = state.encode(f.typ)
	return resp, err
}

// upgrade reads a state. A value that does not have its attribute's type counts as missing, so that
// a state that was changed by hand can still be planned and destroyed.
func (f *form) upgrade(state []byte) (values, error) {
	var stored map[string]json.RawMessage
	if err := json.Unmarshal(state, &stored); err != nil || stored == nil {
		return nil, errors.New("it is no JSON object")
	}
	upgraded := make(values, len(f.names))
	for _, name := range f.names {
		typ := f.attributes[name].typ()
		upgraded[name] = tftypes.NewValue(typ, nil)
		if stored[name] == nil {
			continue
		}
		value, err := tfprotov6.RawState{JSON: stored[name]}.UnmarshalWithOpts(typ, tfprotov6.UnmarshalOpts{
			ValueFromJSONOpts: tftypes.ValueFromJSONOpts{IgnoreUndefinedAttributes: true},
		})
		if err == nil {
			upgraded[name] = value
		}
	}
	return upgraded, nil
}

// ReadResource leaves the state as it is: OSS keeps nothing of a presigned URL.
func (s *server) ReadResource(
	ctx context.Context, req *tfprotov6.ReadResourceRequest,
) (*tfprotov6.ReadResourceResponse, error) {
	if _, ok := s.resources[req.TypeName]; !ok {
		return s.ProviderServer.ReadResource(ctx, req)
	}
	return &tfprotov6.ReadResourceResponse{NewState: req.CurrentState, Private: req.Private}, nil
}

// ImportResourceState returns an error: there is nothing to import.
func (s *server) ImportResourceState(
	ctx context.Context, req *tfprotov6.ImportResourceStateRequest,
) (*tfprotov6.ImportResourceStateResponse, error) {
	if _, ok := s.resources[req.TypeName]; !ok {
		return s.ProviderServer.ImportResourceState(ctx, req)
	}
	return &tfprotov6.ImportResourceStateResponse{Diagnostics: errorAt(errors.New(
		"a presigned URL cannot be imported, because OSS keeps no record of it. "+
			"Remove the import, and apply to create a new URL"), "Import Not Supported").protocol()}, nil
}

// MoveResourceState takes the state of this resource from another address of the provider. A
// resource of another type has no URL to move.
func (s *server) MoveResourceState(
	ctx context.Context, req *tfprotov6.MoveResourceStateRequest,
) (*tfprotov6.MoveResourceStateResponse, error) {
	_, ok := s.resources[req.TargetTypeName]
	if !ok {
		return s.ProviderServer.MoveResourceState(ctx, req)
	}
	if req.SourceTypeName != req.TargetTypeName || req.SourceState == nil {
		return &tfprotov6.MoveResourceStateResponse{Diagnostics: errorAt(fmt.Errorf(
			"a resource of type %s cannot become a presigned URL. Remove the moved block, and apply to create a new URL",
			text.Quote(req.SourceTypeName)), "Move Not Supported").protocol()}, nil
	}
	upgraded, err := s.UpgradeResourceState(ctx, &tfprotov6.UpgradeResourceStateRequest{
		TypeName: req.TargetTypeName, Version: req.SourceSchemaVersion, RawState: req.SourceState,
	})
	if err != nil {
		return nil, err
	}
	return &tfprotov6.MoveResourceStateResponse{
		TargetState: upgraded.UpgradedState, TargetPrivate: req.SourcePrivate, Diagnostics: upgraded.Diagnostics,
	}, nil
}

// PlanResourceChange plans a new URL as an update with url, expires_at and signing_time unknown.
// The CLI plans an update again when it applies. If the second plan finds no reason for an update,
// the CLI accepts that. It does not accept the reverse, so a change that depends on unknown
// arguments of the provider block is planned as an update.
func (s *server) PlanResourceChange(
	ctx context.Context, req *tfprotov6.PlanResourceChangeRequest,
) (*tfprotov6.PlanResourceChangeResponse, error) {
	f, ok := s.resources[req.TypeName]
	if !ok {
		return s.ProviderServer.PlanResourceChange(ctx, req)
	}
	resp := &tfprotov6.PlanResourceChangeResponse{PlannedState: req.ProposedNewState, PlannedPrivate: req.PriorPrivate}
	config, err := decode(req.Config, f.typ)
	if err != nil || config == nil { // null is a plan to destroy
		return resp, err
	}
	state, err := decode(req.PriorState, f.typ)
	if err != nil {
		return resp, err
	}
	planned, found := f.plan(s.provider.client.Load(), config, state)
	resp.Diagnostics = found.protocol()
	if !found.failed() {
		resp.PlannedState, err = planned.encode(f.typ)
	}
	return resp, err
}

// ApplyResourceChange signs, whether the resource is new or not. Destroying it forgets the URL.
func (s *server) ApplyResourceChange(
	ctx context.Context, req *tfprotov6.ApplyResourceChangeRequest,
) (*tfprotov6.ApplyResourceChangeResponse, error) {
	f, ok := s.resources[req.TypeName]
	if !ok {
		return s.ProviderServer.ApplyResourceChange(ctx, req)
	}
	ctx, done := s.running.start(ctx)
	defer done()
	resp := &tfprotov6.ApplyResourceChangeResponse{NewState: req.PriorState, Private: req.PlannedPrivate}
	planned, err := decode(req.PlannedState, f.typ)
	if err != nil {
		return resp, err
	}
	if planned == nil {
		resp.NewState = req.PlannedState
		return resp, nil
	}
	results, found := f.apply(ctx, s.provider.client.Load(), planned)
	resp.Diagnostics = found.protocol()
	if !found.failed() {
		resp.NewState, err = results.encode(f.typ)
	}
	return resp, err
}

// apply signs the planned URL.
func (f *form) apply(ctx context.Context, c *client, planned values) (values, faults) {
	found := c.checkReady()
	if found.failed() {
		return nil, found
	}
	config := values{}
	for name, value := range planned {
		if f.attributes[name].usage == computed || !value.IsKnown() {
			value = tftypes.NewValue(f.attributes[name].typ(), nil)
		}
		config[name] = value
	}
	if found = f.checkKnown(&input{values: config}); found.failed() {
		return nil, found
	}
	results, s, more := c.signOne(ctx, config)
	found = append(found, more...)
	if found.failed() {
		return nil, found
	}
	before, err := validity.ParseDuration("renew_before", config.text("renew_before"))
	if err == nil && config.flag("renew") && validity.Due(s.now, s.end, before) {
		found = append(found, c.warnOfRenewal(s.end, config.text("renew_before"))...)
	}
	return results, found
}

// warnOfRenewal warns that a URL is due as soon as it is signed, because its temporary credentials
// expire.
func (c *client) warnOfRenewal(end time.Time, renewBefore string) faults {
	return c.once.warn("URL Due At Once", fmt.Sprintf(
		"The URL expires with its temporary credentials at %s, within renew_before %q, so every plan renews it. Choose a "+
			"shorter renew_before, or sign with credentials that are valid for longer.", end.UTC().Format(time.RFC3339),
		renewBefore))
}

// plan returns the planned state of a configuration. The changes follow from the arguments, the
// state and the clock alone, never from the values that the CLI has marked as unknown: with
// ignore_changes it marks none. The client is nil before the provider is configured.
func (f *form) plan(c *client, config, state values) (values, faults) {
	if c == nil {
		return nil, c.checkReady()
	}
	planned, changed := f.planArguments(c, config, state)
	var found faults
	moved := c.isPlaceUnknown(config)
	if !moved && f.argumentsAreKnown(config) {
		var r request
		if r, found = c.request(planned); found.failed() {
			return nil, found
		}
		found = append(found, c.warnOfRegion(r.Region, config)...)
		found = append(found, c.warnOfOverride(r.Request)...)
		moved = state != nil && !r.matchesState(state)
	}
	due := false
	if state != nil && !changed && !moved {
		var more faults
		due, more = c.isDue(planned, state)
		found = append(found, more...)
	}
	sign := state == nil || changed || moved || due
	if sign {
		found = append(found, warnOfKey(planned)...)
	}
	f.planResults(planned, config, state, sign)
	if names := f.refusedResults(c.cli, planned, config); len(names) > 0 {
		why := fmt.Errorf("ignore_changes contains attributes that a new URL changes: %s. Terraform %s does not allow "+
			"that. Write only arguments in ignore_changes, or update Terraform to %s or later", strings.Join(names, ", "), c.cli,
			firstWithNewResults)
		if changed {
			return nil, errorAt(why, titleIgnored)
		}
		f.planResults(planned, config, state, false)
		found = append(found, warningAt(titleIgnored, "A new URL is due, but the URL in state stays. "+sentence(why))...)
	}
	return planned, found
}

const titleIgnored = "Results Ignored"

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

// planArguments returns the arguments as they will be, and whether one of them differs from the
// state.
func (f *form) planArguments(c *client, config, state values) (planned values, changed bool) {
	planned = make(values, len(f.names))
	for _, name := range f.names {
		a := f.attributes[name]
		if a.usage == computed {
			continue
		}
		value := config[name]
		if config.isNull(name) && a.usage == optionalComputed {
			if name == "region" {
				value = c.plannedRegion(config, state)
			} else {
				value = a.fallbackValue()
			}
		}
		planned[name] = value
		changed = changed || state != nil && !equal(value, state[name])
	}
	return planned, changed
}

// fallbackValue is the value of an attribute that is not configured.
func (a attribute) fallbackValue() tftypes.Value {
	if a.kind == kindBoolean {
		return tftypes.NewValue(tftypes.Bool, a.fallback == "true")
	}
	return textValue(a.fallback)
}

// plannedRegion returns the region of a resource without one. If no other place sets one, the
// region in state is kept, so that the URL can be kept, renewed and destroyed.
func (c *client) plannedRegion(config, state values) tftypes.Value {
	if !c.isRegionUnknown(config) {
		if region := c.regionOf(config).value; region != "" {
			return textValue(region)
		}
		if state.isGiven("region") && config.text("bucket") == state.text("bucket") {
			return state["region"]
		}
	}
	return tftypes.NewValue(tftypes.String, tftypes.UnknownValue)
}

// isPlaceUnknown reports whether the host of a configuration's bucket depends on unknown arguments
// of the provider block.
func (c *client) isPlaceUnknown(config values) bool {
	ownHost := !config.isNull("domain") || !config.isNull("endpoint") || !config.isNull("endpoint_type")
	return slices.ContainsFunc(c.unknown, func(argument string) bool {
		switch argument {
		case "endpoint", "endpoint_type":
			return !ownHost
		}
		return argument == "path_style"
	}) || c.isRegionUnknown(config)
}

// isRegionUnknown reports whether the region of a configuration depends on unknown arguments, of
// the configuration or of the provider block: on those that regionOf reads before it finds one.
func (c *client) isRegionUnknown(config values) bool {
	fromEndpoint := func(s string) bool {
		return endpoint.RegionOf(s) != ""
	}
	switch {
	case !config.isNull("region"):
		return false
	case slices.Contains(c.unknown, "region"):
		return true
	case c.settings.region.value != "", fromEndpoint(config.text("endpoint")):
		return false
	case slices.Contains(c.unknown, "endpoint"), config.isUnknown("endpoint"):
		return true
	case c.settings.variable.value != "", fromEndpoint(c.settings.endpoint.value):
		return false
	}
	// The region can only be that of the profile that signs.
	return slices.ContainsFunc(c.unknown, func(argument string) bool {
		return !slices.Contains([]string{"assume_role", "endpoint_type", "path_style", "sts_endpoint"}, argument)
	})
}

// argumentsAreKnown reports whether all arguments of a configuration are known.
func (f *form) argumentsAreKnown(config values) bool {
	return !slices.ContainsFunc(f.names, func(name string) bool {
		return f.attributes[name].usage != computed && config.isUnknown(name)
	})
}

// matchesState reports whether the URL in a state is that of the request, apart from its time and
// its credentials. The provider block or the state may have changed.
func (r request) matchesState(state values) bool {
	u, err := signer.Parse(state.text("url"))
	if err != nil {
		return false
	}
	lifetime, err := expiryOf(r.config)
	if err != nil {
		return false
	}
	object := objectOf(r.config)
	if r.config.flag("pin_version") {
		object.Version = values(state.elements("object")).text("version_id")
		if object.Version == "" {
			return false
		}
	}
	wanted := presign.WithObject(r.Request, object)
	wanted.Expires = int64(lifetime / time.Second)
	return u.Matches(wanted) && resultsMatch(u, r.config, state)
}

// resultsMatch reports whether the other results in a state are those of its URL and of the
// arguments. A result that older versions did not store is no difference.
func resultsMatch(u signer.Parsed, arguments, state values) bool {
	at, err := validity.ParseInstant("signing_time", state.text("signing_time"))
	if err != nil || !at.Equal(u.SignedAt) {
		return false
	}
	end, err := validity.ParseInstant("expires_at", state.text("expires_at"))
	return err == nil && !end.After(u.ExpiresAt) && headersMatch(arguments, state) &&
		(state.isNull("object") || needsObject(arguments))
}

// isDue reports whether the URL of a state must be renewed. It warns about one that has expired and
// is kept, and about one that every plan will renew. An expires_at in state that is later than the
// end of the URL itself is ignored.
func (c *client) isDue(planned, state values) (bool, faults) {
	now := c.now()
	end, err := validity.ParseInstant("expires_at", state.text("expires_at"))
	if err != nil {
		return true, nil
	}
	u, err := signer.Parse(state.text("url"))
	if err != nil {
		return true, nil
	}
	end, _ = validity.End(u.ExpiresAt, end)
	if planned.isUnknown("renew") || planned.flag("renew") {
		before, err := validity.ParseDuration("renew_before", planned.text("renew_before"))
		if err != nil {
			return !planned.isUnknown("renew_before"), nil
		}
		if end.After(u.SignedAt) && end.Before(u.ExpiresAt) && validity.Due(u.SignedAt, end, before) {
			return true, c.warnOfRenewal(end, planned.text("renew_before"))
		}
		return validity.Due(now, end, before), nil
	}
	if validity.Expired(now, end) {
		return false, c.once.warn(titleExpired, fmt.Sprintf(
			"The URL expired at %s, and renew = false keeps it in state. To create a new URL, set renew = true, or change "+
				"keepers.",
			end.UTC().Format(time.RFC3339)))
	}
	return false, nil
}

// planResults completes a plan with the results: those of the state, or unknown ones if a URL will
// be signed.
func (f *form) planResults(planned, config, state values, sign bool) {
	for _, name := range f.names {
		a := f.attributes[name]
		switch {
		case a.usage != computed:
		case name == "object" && (sign || state == nil) && !needsObject(config):
			planned[name] = tftypes.NewValue(a.typ(), nil)
		case state == nil || sign && (name != "signed_headers" || !headersMatch(config, state)):
			planned[name] = tftypes.NewValue(a.typ(), tftypes.UnknownValue)
		default:
			planned[name] = state[name]
		}
	}
}

// needsObject reports whether a configuration requires a request about the object, or may require
// one when it is known.
func needsObject(config values) bool {
	return config.flag("verify") || config.flag("pin_version") || config.isUnknown("verify") ||
		config.isUnknown("pin_version")
}

// headersMatch reports whether the headers in a state are the configured ones, so that they are
// known before they are signed again.
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
