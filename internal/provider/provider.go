// Package provider is the Terraform provider: it maps configuration to the core packages and their
// errors to diagnostics. It is the only package that imports Terraform's.
package provider

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync/atomic"

	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/function"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/provider"
	"github.com/hashicorp/terraform-plugin-framework/resource"

	"github.com/alioss/terraform-provider-alioss/internal/credentials"
	"github.com/alioss/terraform-provider-alioss/internal/endpoint"
)

var (
	_ provider.ProviderWithFunctions      = (*aliossProvider)(nil)
	_ provider.ProviderWithValidateConfig = (*aliossProvider)(nil)
)

// regionVariables are the environment variables of region. The first that is set counts.
var regionVariables = []string{
	"OSS_REGION", "ALICLOUD_REGION", "ALIBABA_CLOUD_REGION", "ALIBABA_CLOUD_REGION_ID",
}

type aliossProvider struct {
	version string
	// environment has all of the provider's time.
	environment credentials.Environment
	// client is the one that Configure has made last, nil before.
	client atomic.Pointer[client]
}

func (p *aliossProvider) Metadata(_ context.Context, _ provider.MetadataRequest, resp *provider.MetadataResponse) {
	resp.TypeName = "alioss"
	resp.Version = p.version
}

func (p *aliossProvider) Schema(_ context.Context, _ provider.SchemaRequest, resp *provider.SchemaResponse) {
	resp.Schema = providerSchema()
}

func (p *aliossProvider) ValidateConfig(
	_ context.Context, req provider.ValidateConfigRequest, resp *provider.ValidateConfigResponse,
) {
	addFaults(&resp.Diagnostics, validateBlock(valuesOf(req.Config.Raw)))
}

// Configure reads the block and its environment variables. It sends no request: credentials are
// found when something is signed.
func (p *aliossProvider) Configure(_ context.Context, req provider.ConfigureRequest, resp *provider.ConfigureResponse) {
	b := valuesOf(req.Config.Raw)
	found := validateBlock(b)
	c, more := newClient(b, p.environment)
	addFaults(&resp.Diagnostics, append(found, more...))
	if !resp.Diagnostics.HasError() {
		c.cli = req.TerraformVersion
		p.client.Store(c)
	}
}

// newClient returns the client for a block. An argument for the host that is not set comes from the
// environment. One that is not known yet is empty, and the environment is not read for it.
func newClient(b values, environment credentials.Environment) (*client, faults) {
	argument := func(name string) setting {
		if b.isNull(name) {
			return setting{}
		}
		return setting{b.text(name), inBlock, b.isUnknown(name)}
	}
	c := &client{
		environment: environment, messageBytes: maxMessageBytes, pathStyle: b.flag("path_style"),
		region: argument("region"), endpointType: argument("endpoint_type"), endpoint: argument("endpoint"),
		unknown: slices.DeleteFunc(slices.Sorted(maps.Keys(b)), func(name string) bool { return !b.isUnknown(name) }),
	}
	var found, more faults
	var variable setting
	if b.isNull("region") {
		variable, found = fromEnvironment(environment, "region", regionVariables...)
	}
	c.region.value, _ = endpoint.ParseRegion(c.region.value) // without "oss-"
	variable.value, _ = endpoint.ParseRegion(variable.value)
	// The block takes precedence over the environment. In the environment, region comes before endpoint.
	c.fallbackRegion = cmp.Or(c.endpoint.region(), variable)
	if b.isNull("endpoint") && !b.isGiven("endpoint_type") {
		c.endpoint, more = fromEnvironment(environment, "endpoint", "OSS_ENDPOINT")
		c.fallbackRegion = cmp.Or(variable, c.endpoint.region())
		if b.isUnknown("endpoint_type") && variable.value == "" && c.fallbackRegion.value != "" {
			c.fallbackRegion = setting{unknown: true} // with an endpoint_type, OSS_ENDPOINT does not count
		}
	}
	c.credentials = credentials.New(credentialsOf(b, cmp.Or(c.region.value, variable.value)), environment)
	return c, append(found, more...)
}

// fromEnvironment returns the value of the first environment variable that is set, checked like the
// argument that it replaces.
func fromEnvironment(environment credentials.Environment, argument string, variables ...string) (setting, faults) {
	for _, name := range variables {
		value := strings.TrimSpace(environment.Getenv(name))
		if value == "" {
			continue
		}
		if err := urlAttributes[argument].check(value); err != nil {
			return setting{}, errorAt(fmt.Errorf("%w. The value comes from the environment variable %s", err, name),
				titleOf(argument))
		}
		return setting{value: value, origin: "the environment variable " + name}, nil
	}
	return setting{}, nil
}

// DataSources and Resources return none: the server serves the forms that sign.
func (*aliossProvider) DataSources(context.Context) []func() datasource.DataSource { return nil }
func (*aliossProvider) Resources(context.Context) []func() resource.Resource       { return nil }

func (*aliossProvider) Functions(context.Context) []func() function.Function {
	return []func() function.Function{newParsePresignedURLFunction}
}

// validateBlock returns the errors that do not depend on the environment or unknown arguments.
func validateBlock(b values) faults {
	var found faults
	shared := form{attributes: urlAttributes}
	for _, name := range []string{"endpoint", "endpoint_type", "region"} {
		found = append(found, shared.checkOne(name, b)...)
	}
	for _, name := range []string{"assume_role", "assume_role_with_oidc"} {
		if n := b.elements(name).number("session_expiration"); n != nil {
			_, err := wholeNumber("session_expiration", n, "between 900 and 43200 seconds")
			found = append(found, errorAt(err, titleRole, name, "session_expiration")...)
		}
	}
	for _, fault := range credentials.Check(credentialsOf(b, "")) {
		title := "Invalid Credentials"
		if len(fault.Path) > 1 {
			title = titleRole
		}
		if !mayPass(b, fault.Path) {
			found = append(found, errorAt(fault.Err, title, fault.Path...)...)
		}
	}
	isUnknown := slices.ContainsFunc([]string{"endpoint", "endpoint_type", "path_style"}, b.isUnknown)
	if found.failed() || isUnknown || b.text("region") == "" || b.isNull("endpoint") == b.isNull("endpoint_type") {
		return found
	}
	spec := specOf(b)
	spec.Bucket, spec.PathStyle = "any-bucket", b.flag("path_style")
	_, err := spec.Target()
	var refused *endpoint.Error
	if errors.As(err, &refused) {
		found = invalid(err, refused.Field)
	}
	return found
}

const titleRole = "Invalid Role"

// mayPass reports whether an error may disappear when all of the block is known: its own argument
// is not known yet, or for a token the pair that it belongs to.
func mayPass(b values, fault []string) bool {
	switch {
	case len(fault) > 1:
		b = b.elements(fault[0])
	case fault[0] == "security_token" && (b.isUnknown("access_key") || b.isUnknown("secret_key")):
		return true
	}
	return b.isUnknown(fault[len(fault)-1])
}

func addFaults(d *diag.Diagnostics, found faults) {
	for _, one := range found {
		at := path.Empty()
		for _, name := range one.path {
			at = at.AtName(name)
		}
		d.AddAttributeError(at, one.title, one.detail)
	}
}
