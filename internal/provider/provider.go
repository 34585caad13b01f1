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
	"github.com/hashicorp/terraform-plugin-framework/ephemeral"
	"github.com/hashicorp/terraform-plugin-framework/function"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/provider"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/alioss/terraform-provider-alioss/internal/credentials"
	"github.com/alioss/terraform-provider-alioss/internal/endpoint"
)

var (
	_ provider.ProviderWithEphemeralResources = (*aliossProvider)(nil)
	_ provider.ProviderWithFunctions          = (*aliossProvider)(nil)
	_ provider.ProviderWithValidateConfig     = (*aliossProvider)(nil)
)

// regionVariables and endpointVariables are the environment variables of region and endpoint; the first that is set counts.
var (
	regionVariables   = []string{"ALIBABA_CLOUD_REGION", "ALICLOUD_REGION", "OSS_REGION"}
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
	m.validate(&resp.Diagnostics)
}

// Configure reads the block and its environment variables. It asks nobody: credentials are found when something is signed.
func (p *aliossProvider) Configure(ctx context.Context, req provider.ConfigureRequest, resp *provider.ConfigureResponse) {
	var m providerModel
	resp.Diagnostics.Append(req.Config.Get(ctx, &m)...)
	if resp.Diagnostics.HasError() {
		return
	}
	m.validate(&resp.Diagnostics)
	s := p.settings(&m, &resp.Diagnostics)
	if resp.Diagnostics.HasError() {
		return
	}
	c := &client{
		now:         p.environment.Now,
		environment: p.environment,
		credentials: credentials.New(m.credentials(s.region), p.environment),
		settings:    s,
		unknown:     m.unknown(),
	}
	p.client.Store(c)
	resp.DataSourceData = c
	resp.ResourceData = c
	resp.EphemeralResourceData = c
}

// settings returns what the block says of the service's hosts, or else the environment.
func (p *aliossProvider) settings(m *providerModel, d *diag.Diagnostics) settings {
	s := settings{
		region:       m.Region.ValueString(),
		endpointType: m.EndpointType.ValueString(),
		endpoint:     m.Endpoint.ValueString(),
		pathStyle:    m.PathStyle.ValueBool(),
	}
	if s.region == "" && !m.Region.IsUnknown() {
		s.region = p.fromEnvironment(regionVariables, "Invalid Region", checkRegion, d)
	}
	if s.endpoint == "" && s.endpointType == "" && !m.Endpoint.IsUnknown() {
		s.endpoint = p.fromEnvironment(endpointVariables, "Invalid Endpoint", checkEndpoint, d)
	}
	if region, err := endpoint.ParseRegion(s.region); err == nil {
		s.region = region
	}
	return s
}

// fromEnvironment returns the value of the first variable that is set, checked like the argument that it stands for.
func (p *aliossProvider) fromEnvironment(variables []string, title string, check func(string) error, d *diag.Diagnostics) string {
	for _, variable := range variables {
		value := p.environment.Getenv(variable)
		if value == "" {
			continue
		}
		if err := check(value); err != nil {
			d.AddError(title, sentence(fmt.Errorf("environment variable %s: %w", variable, err)))
			return ""
		}
		return value
	}
	return ""
}

func (*aliossProvider) DataSources(context.Context) []func() datasource.DataSource {
	return []func() datasource.DataSource{newPresignedURLDataSource, newPresignedURLsDataSource}
}

func (*aliossProvider) Resources(context.Context) []func() resource.Resource {
	return []func() resource.Resource{newPresignedURLResource}
}

func (*aliossProvider) EphemeralResources(context.Context) []func() ephemeral.EphemeralResource {
	return []func() ephemeral.EphemeralResource{newPresignedURLEphemeralResource}
}

func (*aliossProvider) Functions(context.Context) []func() function.Function {
	return []func() function.Function{newParsePresignedURLFunction}
}

// configured returns the client that Configure handed over; nil before the provider is configured, as in validation.
func configured(data any, d *diag.Diagnostics) *client {
	if data == nil {
		return nil
	}
	c, ok := data.(*client)
	if !ok {
		d.AddError("Wrong Provider Data", fmt.Sprintf("The provider handed over a %T. Please report this.", data))
	}
	return c
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

// validate reports what credentials.Check finds, at the attributes' paths, and hosts that do not serve the region. What is
// not known yet is left out.
func (m *providerModel) validate(d *diag.Diagnostics) {
	for _, fault := range credentials.Check(m.credentials("")) {
		if m.open(fault.Path) {
			continue
		}
		at := path.Root(fault.Path[0])
		for _, name := range fault.Path[1:] {
			at = at.AtName(name)
		}
		title := "Invalid Credentials"
		if len(fault.Path) > 1 {
			title = "Invalid Role"
		}
		addError(d, at, title, fault.Err)
	}
	m.validatePlace(d)
}

// open tells whether a fault may go away when all of the block is known: its own argument is not known yet, or for a token
// the pair that it belongs to.
func (m *providerModel) open(fault []string) bool {
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
func (m *providerModel) validatePlace(d *diag.Diagnostics) {
	if m.Region.ValueString() == "" || m.Endpoint.IsUnknown() || m.EndpointType.IsUnknown() || m.PathStyle.IsUnknown() ||
		m.Endpoint.IsNull() == m.EndpointType.IsNull() {
		return
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
		addError(d, path.Root(fault.Field), titles[fault.Field], err)
	}
}
