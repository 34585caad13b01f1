// Package provider is the Terraform provider: it maps configuration to the core packages and their
// errors to diagnostics. It is the only package that imports Terraform's.
package provider

import (
	"context"
	"errors"
	"fmt"
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

// regionVariables and endpointVariables are the environment variables of region and endpoint. The
// first that is set counts.
var (
	regionVariables   = []string{"OSS_REGION", "ALICLOUD_REGION", "ALIBABA_CLOUD_REGION", "ALIBABA_CLOUD_REGION_ID"}
	endpointVariables = []string{"OSS_ENDPOINT"}
)

// newProvider returns a provider in a chosen environment. All of the provider's time is that of the
// environment.
func newProvider(version string, environment credentials.Environment) *aliossProvider {
	return &aliossProvider{version: version, environment: environment}
}

type aliossProvider struct {
	version     string
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

// ValidateConfig returns the errors that do not depend on the environment.
func (p *aliossProvider) ValidateConfig(
	_ context.Context, req provider.ValidateConfigRequest, resp *provider.ValidateConfigResponse,
) {
	addFaults(&resp.Diagnostics, validateBlock(block(req.Config.Raw)))
}

// Configure reads the block and its environment variables. It sends no request: credentials are
// found when something is signed.
func (p *aliossProvider) Configure(_ context.Context, req provider.ConfigureRequest, resp *provider.ConfigureResponse) {
	b := block(req.Config.Raw)
	found := validateBlock(b)
	settings, more := p.settings(b)
	found = append(found, more...)
	addFaults(&resp.Diagnostics, found)
	if found.failed() {
		return
	}
	p.client.Store(&client{
		now:         p.environment.Now,
		environment: p.environment,
		credentials: credentials.New(credentialsOf(b, settings.anyRegion()), p.environment),
		settings:    settings,
		unknown:     unknownArguments(b),
		cli:         req.TerraformVersion,

		messageBytes: maxMessageBytes,
	})
}

// settings returns the settings of the service's hosts from the block or, if they are not set
// there, from the environment. If a setting is not known yet, it is empty, and the environment's as
// well.
func (p *aliossProvider) settings(b values) (settings, faults) {
	var found faults
	s := settings{
		region:       setting{bareRegion(b.text("region")), inBlock, b.isUnknown("region")},
		endpointType: setting{b.text("endpoint_type"), inBlock, b.isUnknown("endpoint_type")},
		endpoint:     setting{b.text("endpoint"), inBlock, b.isUnknown("endpoint")},
		pathStyle:    b.flag("path_style"),
	}
	if s.region.value == "" && !b.isUnknown("region") {
		s.variable, found = p.variable(regionVariables, "region", parses(endpoint.ParseRegion))
		s.variable.value = bareRegion(s.variable.value)
	}
	if s.endpoint.value == "" && s.endpointType.value == "" && !b.isUnknown("endpoint") {
		endpoint, more := p.variable(endpointVariables, "endpoint", parses(endpoint.ParseEndpoint))
		s.endpoint, s.endpointIsVariable = endpoint, endpoint.value != ""
		found = append(found, more...)
	}
	return s, found
}

// bareRegion returns a region ID without a prefix or suffix such as "oss-", or "" if it is none.
func bareRegion(s string) string {
	region, err := endpoint.ParseRegion(s)
	if err != nil {
		return ""
	}
	return region
}

// variable returns the value of the first variable that is set, checked like the argument that it
// replaces.
func (p *aliossProvider) variable(names []string, argument string, check func(string) error) (setting, faults) {
	for _, name := range names {
		value := strings.TrimSpace(p.environment.Getenv(name))
		if value == "" {
			continue
		}
		if err := check(value); err != nil {
			return setting{}, errorAt(fmt.Errorf("%w. The value comes from the environment variable %s", err, name),
				titleOf(argument))
		}
		return setting{value: value, origin: "the environment variable " + name}, nil
	}
	return setting{}, nil
}

// DataSources returns none: the server serves the forms that sign.
func (*aliossProvider) DataSources(context.Context) []func() datasource.DataSource { return nil }

// Resources returns none: the server serves the forms that sign.
func (*aliossProvider) Resources(context.Context) []func() resource.Resource { return nil }

func (*aliossProvider) Functions(context.Context) []func() function.Function {
	return []func() function.Function{newParsePresignedURLFunction}
}

// validateBlock returns the errors of the block that do not depend on the environment: single
// values, those of credentials.Check, and hosts that do not serve the region. Unknown arguments are
// not checked.
func validateBlock(b values) faults {
	var found faults
	urls := form{attributes: urlAttributes()} // these arguments are the same there
	for _, name := range []string{"endpoint", "endpoint_type", "region"} {
		found = append(found, urls.checkOne(name, b)...)
	}
	for _, name := range nestedBlocks {
		if n := block(b[name]).number("session_expiration"); n != nil {
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
	if found.failed() {
		return found
	}
	return validatePlace(b)
}

const titleRole = "Invalid Role"

// mayPass reports whether an error may disappear when all of the block is known: its own argument
// is not known yet, or for a token the pair that it belongs to.
func mayPass(b values, fault []string) bool {
	switch {
	case len(fault) > 1:
		b = block(b[fault[0]])
	case fault[0] == "security_token" && (b.isUnknown("access_key") || b.isUnknown("secret_key")):
		return true
	}
	return b.isUnknown(fault[len(fault)-1])
}

// validatePlace returns an error for a host that does not serve the block's region.
func validatePlace(b values) faults {
	if b.text("region") == "" || b.isUnknown("endpoint") || b.isUnknown("endpoint_type") || b.isUnknown("path_style") ||
		b.isNull("endpoint") == b.isNull("endpoint_type") {
		return nil
	}
	_, err := endpoint.Resolve(endpoint.Input{
		Bucket:    "any-bucket",
		Region:    b.text("region"),
		Type:      endpoint.Type(b.text("endpoint_type")),
		Endpoint:  b.text("endpoint"),
		PathStyle: b.flag("path_style"),
	})
	var fault *endpoint.Error
	if errors.As(err, &fault) {
		return invalid(err, fault.Field)
	}
	return nil
}

// addFaults adds faults of the provider block, with the paths of arguments and of those in nested
// blocks.
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
