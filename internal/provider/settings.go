package provider

import (
	"cmp"
	"errors"
	"fmt"
	"strings"

	"github.com/alioss/terraform-provider-alioss/internal/endpoint"
	"github.com/alioss/terraform-provider-alioss/internal/presign"
)

// setting is a value from outside a data source or resource, with the place that it comes from. The
// zero setting means that there is none.
type setting struct{ value, origin string }

// settings are the defaults for the hosts of data sources and resources.
type settings struct {
	// region is that of the provider block.
	region setting
	// variable is the region of the first environment variable that is set.
	variable setting
	// endpointType and endpoint are those of the provider block. endpoint may be that of the
	// environment.
	endpointType, endpoint setting
	// endpointIsVariable reports whether endpoint comes from the environment.
	endpointIsVariable bool
	pathStyle          bool
}

// anyRegion returns the region of the provider block, or of the environment: that of the STS host.
func (s settings) anyRegion() string { return cmp.Or(s.region.value, s.variable.value) }

const inBlock = "the provider block"

// regionOf returns the region of a configuration, and its origin, "" for the configuration itself.
// The setting is empty if there is none.
func (c *client) regionOf(config values) setting {
	if s := config.text("region"); s != "" {
		return setting{value: s}
	}
	s := c.settings
	fromHost := func(host, origin string) setting {
		return setting{endpoint.RegionOf(host), origin}
	}
	candidates := []setting{s.region, fromHost(config.text("endpoint"), "")}
	if s.endpointIsVariable {
		candidates = append(candidates, s.variable, fromHost(s.endpoint.value, s.endpoint.origin))
	} else {
		candidates = append(candidates, fromHost(s.endpoint.value, s.endpoint.origin), s.variable)
	}
	for _, one := range candidates {
		if one.value != "" {
			return one
		}
	}
	region, origin := c.credentials.Region()
	return setting{region, origin}
}

// errMissingRegion returns an error with all places that can set the region.
var errMissingRegion = errors.New("no region is configured. Set region here or in the provider block, " +
	"or set one of the environment variables " + strings.Join(regionVariables, ", ") +
	". The configured endpoint and the profile that signs contain no region either")

// resolve returns the Spec of a configuration, completed with the provider's settings, and its
// bucket's target. The configuration takes precedence over the provider block, also with another
// argument for the host.
func (c *client) resolve(config values) (presign.Spec, endpoint.Target, faults) {
	spec := specOf(config)
	spec.PathStyle = c.settings.pathStyle
	origins := map[string]string{endpoint.FieldPathStyle: inBlock}
	region := c.regionOf(config)
	if region.value == "" {
		return spec, endpoint.Target{}, errorAt(errMissingRegion, "Missing Region", "region")
	}
	spec.Region, origins[endpoint.FieldRegion] = region.value, region.origin
	if spec.EndpointType == "" && spec.Endpoint == "" && spec.Domain == "" {
		spec.EndpointType, origins[endpoint.FieldType] = c.settings.endpointType.value, c.settings.endpointType.origin
		spec.Endpoint, origins[endpoint.FieldEndpoint] = c.settings.endpoint.value, c.settings.endpoint.origin
	}
	target, err := spec.Target()
	if err == nil {
		return spec, target, nil
	}
	var refused *endpoint.Error
	if !errors.As(err, &refused) {
		return spec, target, errorAt(err, titleOf("endpoint"))
	}
	found := fault{title: titleOf(refused.Field), detail: sentence(err)}
	origin := origins[refused.Field]
	if config.isGiven(refused.Field) {
		found.path = []string{refused.Field}
	} else if origin != "" {
		found.detail += fmt.Sprintf(" The value of %s comes from %s.", refused.Field, origin)
	}
	if found.path == nil && config.isGiven("region") && refused.Field != endpoint.FieldPathStyle {
		found.path = []string{"region"}
		if origin != "" {
			found.detail += " To choose another host for this URL, set endpoint_type or endpoint here."
		}
	}
	return spec, target, faults{found}
}
