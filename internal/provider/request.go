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

func (s setting) region() setting {
	if s.value = endpoint.RegionOf(s.value); s.value == "" && !s.unknown {
		return setting{}
	}
	return s
}

const inBlock = "the provider block"

// unknownElsewhere are the arguments of the provider block that do not change which profile signs.
var unknownElsewhere = []string{"assume_role", "endpoint_type", "path_style", "sts_endpoint"}

// regionOf returns the region of a configuration. Its value is empty if there is none, or if it is
// unknown, and its origin if the configuration sets it.
func (c *client) regionOf(config values) setting {
	host := setting{value: config.text("endpoint"), unknown: config.isUnknown("endpoint")}
	found := cmp.Or(setting{value: config.text("region")}, c.region, host.region(), c.fallbackRegion)
	if found != (setting{}) {
		return found
	}
	if slices.ContainsFunc(c.unknown, func(name string) bool { return !slices.Contains(unknownElsewhere, name) }) {
		return setting{unknown: true}
	}
	region, origin := c.credentials.Region()
	return setting{value: region, origin: origin}
}

// errMissingRegion lists all places that can set the region.
var errMissingRegion = errors.New("no region is configured. Set region here or in the provider block, " +
	"or set one of the environment variables " + strings.Join(regionVariables, ", ") +
	". The configured endpoint and the profile that signs contain no region either")

// request returns the request of a checked configuration, completed with the provider's settings,
// without object and lifetime. The configuration takes precedence over the provider block, also
// with another argument for the host.
func (c *client) request(config values) (signer.Request, faults) {
	region := c.regionOf(config)
	if region.value == "" {
		return signer.Request{}, errorAt(errMissingRegion, "Missing Region", "region")
	}
	spec := specOf(config)
	spec.Region, spec.PathStyle = region.value, c.pathStyle
	if spec.EndpointType == "" && spec.Endpoint == "" && spec.Domain == "" {
		spec.EndpointType, spec.Endpoint = c.endpointType.value, c.endpoint.value
	}
	target, err := spec.Target()
	if err == nil {
		return spec.Request(target), nil
	}
	var refused *endpoint.Error
	switch {
	case !errors.As(err, &refused):
		return signer.Request{}, internalError(titleSigning, err)
	case config.isGiven(refused.Field):
		return signer.Request{}, invalid(err, refused.Field)
	}
	origin := map[string]string{
		endpoint.FieldRegion: region.origin, endpoint.FieldType: c.endpointType.origin,
		endpoint.FieldEndpoint: c.endpoint.origin, endpoint.FieldPathStyle: inBlock,
	}[refused.Field]
	if origin != "" {
		err = fmt.Errorf("%w. The value of %s comes from %s", err, refused.Field, origin)
	}
	if !config.isGiven("region") || refused.Field == endpoint.FieldPathStyle {
		return signer.Request{}, errorAt(err, titleOf(refused.Field))
	}
	if origin != "" {
		err = fmt.Errorf("%w. To choose another host for this URL, set endpoint_type or endpoint here", err)
	}
	return signer.Request{}, errorAt(err, titleOf(refused.Field), "region")
}
