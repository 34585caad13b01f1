package provider

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/alioss/terraform-provider-alioss/internal/endpoint"
	"github.com/alioss/terraform-provider-alioss/internal/signer"
)

// setting is a value from outside a data source or resource, with the place that it comes from. The
// zero setting means that there is none.
type setting struct {
	value, origin string
	// unknown reports whether the value depends on arguments that are not known yet.
	unknown bool
}

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

// unknownElsewhere are the arguments of the provider block that do not change which profile signs.
var unknownElsewhere = []string{"assume_role", "endpoint_type", "path_style", "sts_endpoint"}

// regionOf returns the region of a configuration, and its origin, "" for the configuration itself.
// The setting is empty if there is none, or if it is unknown.
func (c *client) regionOf(config values) setting {
	if s := config.text("region"); s != "" {
		return setting{value: s}
	}
	s := c.settings
	fromHost := func(host setting) setting {
		host.value, _ = endpoint.RegionOf(host.value)
		return host
	}
	candidates := []setting{
		s.region, fromHost(setting{value: config.text("endpoint"), unknown: config.isUnknown("endpoint")}),
	}
	if s.endpointIsVariable {
		candidates = append(candidates, s.variable, fromHost(s.endpoint))
	} else {
		candidates = append(candidates, fromHost(s.endpoint), s.variable)
	}
	for _, one := range candidates {
		if one.value != "" || one.unknown {
			return one
		}
	}
	for _, argument := range c.unknown {
		if !slices.Contains(unknownElsewhere, argument) {
			return setting{unknown: true}
		}
	}
	region, origin := c.credentials.Region()
	return setting{value: region, origin: origin}
}

// errMissingRegion returns an error with all places that can set the region.
var errMissingRegion = errors.New("no region is configured. Set region here or in the provider block, " +
	"or set one of the environment variables " + strings.Join(regionVariables, ", ") +
	". The configured endpoint and the profile that signs contain no region either")

// request returns the request of a checked configuration, completed with the provider's settings,
// without object and lifetime. The configuration takes precedence over the provider block, also
// with another argument for the host.
func (c *client) request(config values) (signer.Request, faults) {
	spec := specOf(config)
	spec.PathStyle = c.settings.pathStyle
	origins := map[string]string{endpoint.FieldPathStyle: inBlock}
	region := c.regionOf(config)
	if region.value == "" {
		return signer.Request{}, errorAt(errMissingRegion, "Missing Region", "region")
	}
	spec.Region, origins[endpoint.FieldRegion] = region.value, region.origin
	if spec.EndpointType == "" && spec.Endpoint == "" && spec.Domain == "" {
		spec.EndpointType, origins[endpoint.FieldType] = c.settings.endpointType.value, c.settings.endpointType.origin
		spec.Endpoint, origins[endpoint.FieldEndpoint] = c.settings.endpoint.value, c.settings.endpoint.origin
	}
	target, err := spec.Target()
	if err == nil {
		return spec.Request(target), nil
	}
	var refused *endpoint.Error
	if !errors.As(err, &refused) {
		return signer.Request{}, errorAt(err, titleOf("endpoint"))
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
	return signer.Request{}, faults{found}
}
