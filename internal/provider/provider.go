// Package provider is the Terraform provider: it maps configuration to the core packages and words their findings. It is
// the only package that imports Terraform's.
package provider

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync/atomic"

	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/function"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/provider"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/alioss/terraform-provider-alioss/internal/credentials"
	"github.com/alioss/terraform-provider-alioss/internal/endpoint"
)

var (
	_ provider.ProviderWithFunctions      = (*aliossProvider)(nil)
	_ provider.ProviderWithValidateConfig = (*aliossProvider)(nil)
)

// regionVariables and endpointVariables are the environment variables of region and endpoint; the first that is set counts.
var (
	regionVariables   = []string{"OSS_REGION", "ALICLOUD_REGION", "ALIBABA_CLOUD_REGION", "ALIBABA_CLOUD_REGION_ID"}
	endpointVariables = []string{"OSS_ENDPOINT"}
)

// newProvider returns a provider in a chosen environment. All of the provider's time is that of the environment.
func newProvider(version string, environment credentials.Environment) *aliossProvider {
	return &aliossProvider{version: version, environment: environment}
}

type aliossProvider struct {
	version     string
	environment credentials.Environment
	// client is the one that Configure has made last; nil before.
	client atomic.Pointer[client]
}

func (p *aliossProvider) Metadata(_ context.Context, _ provider.MetadataRequest, resp *provider.MetadataResponse) {
	resp.TypeName = "alioss"
	resp.Version = p.version
}

func (p *aliossProvider) Schema(_ context.Context, _ provider.SchemaRequest, resp *provider.SchemaResponse) {
	resp.Schema = providerSchema()
}

// ValidateConfig refuses what cannot be right whatever the environment says.
func (p *aliossProvider) ValidateConfig(ctx context.Context, req provider.ValidateConfigRequest, resp *provider.ValidateConfigResponse) {
	var m providerModel
	resp.Diagnostics.Append(req.Config.Get(ctx, &m)...)
	if resp.Diagnostics.HasError() {
		return
	}
	addFaults(&resp.Diagnostics, m.validate())
}

// Configure reads the block and its environment variables. It asks nobody: credentials are found when something is signed.
func (p *aliossProvider) Configure(ctx context.Context, req provider.ConfigureRequest, resp *provider.ConfigureResponse) {
	var m providerModel
	resp.Diagnostics.Append(req.Config.Get(ctx, &m)...)
	if resp.Diagnostics.HasError() {
		return
	}
	found := m.validate()
	settings, more := p.settings(&m)
	found = append(found, more...)
	addFaults(&resp.Diagnostics, found)
	if found.failed() {
		return
	}
	p.client.Store(&client{
		now:         p.environment.Now,
		environment: p.environment,
		credentials: credentials.New(m.credentials(settings.anyRegion()), p.environment),
		settings:    settings,
		unknown:     m.unknown(),
	})
}

// settings returns what the block says of the service's hosts, or else the environment. A setting that is not known yet is
// empty, and so is the environment's.
func (p *aliossProvider) settings(m *providerModel) (settings, faults) {
	var found faults
	s := settings{
		region:       setting{bareRegion(m.Region.ValueString()), inBlock},
		endpointType: setting{m.EndpointType.ValueString(), inBlock},
		endpoint:     setting{m.Endpoint.ValueString(), inBlock},
		pathStyle:    m.PathStyle.ValueBool(),
	}
	if s.region.value == "" && !m.Region.IsUnknown() {
		s.variable, found = p.variable(regionVariables, "region", checkRegion)
		s.variable.value = bareRegion(s.variable.value)
	}
	if s.endpoint.value == "" && s.endpointType.value == "" && !m.Endpoint.IsUnknown() {
		endpoint, more := p.variable(endpointVariables, "endpoint", checkEndpoint)
		s.endpoint, s.endpointIsVariable = endpoint, endpoint.value != ""
		found = append(found, more...)
	}
	return s, found
}

// bareRegion returns a region ID without what may stand around it, "oss-" for instance; "" if it is none.
func bareRegion(s string) string {
	region, err := endpoint.ParseRegion(s)
	if err != nil {
		return ""
	}
	return region
}

// variable returns the value of the first variable that is set, checked like the argument that it stands for.
func (p *aliossProvider) variable(names []string, argument string, check func(string) error) (setting, faults) {
	for _, name := range names {
		value := p.environment.Getenv(name)
		if value == "" {
			continue
		}
		if err := check(value); err != nil {
			return setting{}, wrong(fmt.Errorf("environment variable %s: %w", name, err), titleOf(argument))
		}
		return setting{value, "the environment variable " + name}, nil
	}
	return setting{}, nil
}

// DataSources returns none: the server serves what signs.
func (*aliossProvider) DataSources(context.Context) []func() datasource.DataSource { return nil }

// Resources returns none: the server serves what signs.
func (*aliossProvider) Resources(context.Context) []func() resource.Resource { return nil }

func (*aliossProvider) Functions(context.Context) []func() function.Function {
	return []func() function.Function{newParsePresignedURLFunction}
}

// unknown lists the names of a block's arguments that are not known yet.
func (m *providerModel) unknown() []string {
	var names []string
	add := func(name string, unknown bool) {
		if unknown {
			names = append(names, name)
		}
	}
	add("region", m.Region.IsUnknown())
	add("access_key", m.AccessKey.IsUnknown())
	add("secret_key", m.SecretKey.IsUnknown())
	add("security_token", m.SecurityToken.IsUnknown())
	add("profile", m.Profile.IsUnknown())
	add("shared_credentials_file", m.SharedCredentialsFile.IsUnknown())
	add("ecs_role_name", m.ECSRoleName.IsUnknown())
	add("credentials_uri", m.CredentialsURI.IsUnknown())
	add("sts_endpoint", m.STSEndpoint.IsUnknown())
	add("endpoint_type", m.EndpointType.IsUnknown())
	add("endpoint", m.Endpoint.IsUnknown())
	add("path_style", m.PathStyle.IsUnknown())
	add("assume_role", m.AssumeRole.IsUnknown() || len(unknownIn(m.AssumeRole)) > 0)
	add("assume_role_with_oidc", m.AssumeRoleWithOIDC.IsUnknown() || len(unknownIn(m.AssumeRoleWithOIDC)) > 0)
	return names
}

// unknownIn lists the names of a nested block's arguments that are not known yet.
func unknownIn(o types.Object) []string {
	var names []string
	for name, value := range o.Attributes() {
		if value.IsUnknown() {
			names = append(names, name)
		}
	}
	return names
}

// validate returns what is wrong with the block whatever the environment says: single values, what credentials.Check finds,
// and hosts that do not serve the region. What is not known yet passes.
func (m *providerModel) validate() faults {
	var found faults
	for _, one := range []struct {
		name  string
		value types.String
		check func(string) error
	}{{"region", m.Region, checkRegion}, {"endpoint", m.Endpoint, checkEndpoint}, {"endpoint_type", m.EndpointType, checkEndpointType}} {
		if !one.value.IsNull() && !one.value.IsUnknown() {
			found = append(found, wrong(attribute{check: one.check}.checkText(one.value.ValueString()), titleOf(one.name), one.name)...)
		}
	}
	if m.EndpointType.ValueString() != "" && m.Endpoint.ValueString() != "" {
		found = append(found, wrong(errors.New("endpoint_type and endpoint exclude each other; leave one of them out"),
			titleConflict, "endpoint_type")...)
	}
	found = append(found, validateSession("assume_role", m.AssumeRole)...)
	found = append(found, validateSession("assume_role_with_oidc", m.AssumeRoleWithOIDC)...)
	for _, fault := range credentials.Check(m.credentials("")) {
		title := "Invalid Credentials"
		if len(fault.Path) > 1 {
			title = titleRole
		}
		if !m.mayPass(fault.Path) {
			found = append(found, wrong(fault.Err, title, fault.Path...)...)
		}
	}
	if found.failed() {
		return found
	}
	return m.validatePlace()
}

const titleRole = "Invalid Role"

// validateSession refuses a session_expiration that package credentials cannot be given: a fraction.
func validateSession(block string, o types.Object) faults {
	v, ok := o.Attributes()["session_expiration"].(types.Number)
	if !ok || v.IsNull() || v.IsUnknown() {
		return nil
	}
	_, err := wholeNumber(v.ValueBigFloat(), "900 to 43200 seconds")
	return wrong(err, titleRole, block, "session_expiration")
}

// mayPass reports whether a fault may go away when all of the block is known: its own argument is not known yet, or for a
// token the pair that it belongs to.
func (m *providerModel) mayPass(fault []string) bool {
	unknown := m.unknown()
	switch fault[0] {
	case "assume_role":
		unknown = unknownIn(m.AssumeRole)
	case "assume_role_with_oidc":
		unknown = unknownIn(m.AssumeRoleWithOIDC)
	case "security_token":
		if slices.Contains(unknown, "access_key") || slices.Contains(unknown, "secret_key") {
			return true
		}
	}
	return slices.Contains(unknown, fault[len(fault)-1])
}

// validatePlace refuses a host that does not serve the block's region.
func (m *providerModel) validatePlace() faults {
	if m.Region.ValueString() == "" || m.Endpoint.IsUnknown() || m.EndpointType.IsUnknown() || m.PathStyle.IsUnknown() ||
		m.Endpoint.IsNull() == m.EndpointType.IsNull() {
		return nil
	}
	_, err := endpoint.Resolve(endpoint.Input{
		Bucket:    "any-bucket",
		Region:    m.Region.ValueString(),
		Type:      endpoint.Type(m.EndpointType.ValueString()),
		Endpoint:  m.Endpoint.ValueString(),
		PathStyle: m.PathStyle.ValueBool(),
	})
	var fault *endpoint.Error
	if errors.As(err, &fault) {
		return wrong(err, titleOf(fault.Field), fault.Field)
	}
	return nil
}

// addFaults adds faults of the provider block, with the paths of arguments and of those in nested blocks.
func addFaults(d *diag.Diagnostics, found faults) {
	for _, one := range found {
		at := path.Empty()
		for _, name := range one.path {
			at = at.AtName(name)
		}
		switch {
		case one.warning:
			d.AddAttributeWarning(at, one.title, one.detail)
		case len(one.path) == 0:
			d.AddError(one.title, one.detail)
		default:
			d.AddAttributeError(at, one.title, one.detail)
		}
	}
}
