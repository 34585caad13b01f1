package provider

import (
	"context"
	"errors"
	"fmt"
	"math/big"
	"slices"
	"strings"

	"github.com/hashicorp/terraform-plugin-go/tftypes"
	"golang.org/x/text/unicode/norm"

	"github.com/alioss/terraform-provider-alioss/internal/endpoint"
	"github.com/alioss/terraform-provider-alioss/internal/presign"
	"github.com/alioss/terraform-provider-alioss/internal/probe"
	"github.com/alioss/terraform-provider-alioss/internal/signer"
	"github.com/alioss/terraform-provider-alioss/internal/text"
)

// listExpires is how many seconds the request for a page is valid: the time for its tries, and the
// service's tolerance of wrong clocks.
const listExpires = 900

// prefixAttributes are the attributes of many objects that the provider finds itself.
func prefixAttributes() attributes {
	return attributes{
		"prefix": {
			usage: optional,
			description: fmt.Sprintf("Prefix of the keys to sign. The provider lists the objects, 1,000 in one request, at "+
				"most %s. `\"\"` lists the whole bucket. Placeholders, which are empty objects whose key ends with `/`, are "+
				"left out. Requires the permission `oss:ListObjects`. Conflicts with `keys` and `versions`.",
				text.Thousands(maxKeys)),
			check:     presign.CheckPrefix,
			conflicts: []string{"keys", "versions"},
		},
		"allow_empty": {
			usage:       optional,
			kind:        kindBoolean,
			description: "Whether a `prefix` without objects is allowed. If `false`, it is an error. Defaults to `false`.",
		},
		"list_endpoint_type": {
			usage: optional,
			description: "Kind of OSS endpoint for listing a `prefix`. Valid values are those of `endpoint_type`. Defaults " +
				"to the configured `endpoint`. Without one, defaults to the public endpoint of the region, which any machine " +
				"can reach.",
			check: checkListEndpointType,
		},
		"objects": {
			usage: computed,
			description: "Objects under `prefix` by key, each with `size` in bytes, `etag`, `last_modified` and " +
				"`storage_class`. Null with `keys`.",
			object: listingType,
		},
	}
}

// listingType is the type of objects.
var listingType = tftypes.Map{ElementType: tftypes.Object{AttributeTypes: map[string]tftypes.Type{
	"size": tftypes.Number, "etag": tftypes.String, "last_modified": tftypes.String, "storage_class": tftypes.String,
}}}

// checkPrefix returns an error unless exactly one of keys and prefix is set.
func checkPrefix(config *input) faults {
	if config.isNull("keys") && config.isNull("prefix") {
		return errorAt(
			errors.New(
				"keys or prefix is required. Set keys to the names of the objects, or prefix to the beginning of their names",
			), "Missing Argument", "keys",
		)
	}
	var found faults
	for _, name := range []string{"allow_empty", "list_endpoint_type"} {
		if config.isGiven("keys") && config.isGiven(name) {
			found = append(found, errorAt(fmt.Errorf("%s can only be used with prefix, not with keys. Leave it out", name),
				titleConflict, name)...)
		}
	}
	return found
}

// list returns the objects under the prefix of a checked configuration that a URL can request, and
// warnings about the others.
func (c *client) list(ctx context.Context, s signResult) ([]probe.Listed, faults) {
	config := s.request.config
	target, found := c.listTarget(s.request)
	if found.failed() {
		return nil, found
	}
	prefix := config.text("prefix")
	i := probeRequest{
		config: config, host: target.Host, bucket: s.request.Bucket, region: target.Region,
		object: fmt.Sprintf("objects under prefix %s in %s", text.Quote(prefix), text.Quote(s.request.Bucket)),
		key:    prefix, verb: "list", action: "oss:ListObjects", source: s.keys.Source, at: c.now(), by: "prefix",
		wayOut: " The provider must reach the endpoint to list objects. Set list_endpoint_type or endpoint to one that it " +
			"can reach, or set keys instead.",
	}
	listing, err := c.probe().List(ctx, func(query map[string]string) (string, map[string]string, error) {
		if config.flag("request_payer") {
			query["x-oss-request-payer"] = "requester"
		}
		return signer.Presign(signer.Request{
			Method: presign.DefaultMethod, Scheme: target.Scheme, Host: target.Host, PathStyle: target.PathStyle,
			Region:  target.Region,
			Product: target.Product, Bucket: s.request.Bucket, OnBucket: true, Query: query, Expires: listExpires,
		}, s.keys.Credentials, c.now())
	}, prefix, maxKeys)
	var tooMany *probe.TooManyError
	switch {
	case errors.As(err, &tooMany):
		return nil, errorAt(fmt.Errorf("prefix must have at most %s objects, got more for %s (%s pages read). Choose a "+
			"longer prefix, and use several blocks",
			text.Thousands(maxKeys), text.Quote(prefix), text.Thousands(tooMany.Pages)),
			titleOf("prefix"), "prefix")
	case err != nil:
		return nil, i.report(err)
	}
	return c.filterUsable(config, listing.Objects)
}

func checkListEndpointType(s string) error {
	_, err := endpoint.ParseType("list_endpoint_type", s)
	return err
}

// listTarget returns the target of the listing: the configured endpoint or, if there is none, the
// region's public one, whatever host the URLs have.
func (c *client) listTarget(r request) (endpoint.Target, faults) {
	spec := presign.Spec{
		Bucket: r.Bucket, Region: r.Region, EndpointType: r.config.text("list_endpoint_type"),
		PathStyle: c.settings.pathStyle,
	}
	if spec.EndpointType == "" {
		spec.Endpoint = r.config.text("endpoint")
		if spec.Endpoint == "" && !r.config.isGiven("endpoint_type") {
			spec.Endpoint = c.settings.endpoint.value
		}
	}
	if spec.Endpoint == "" {
		spec.PathStyle = false // the public service refuses it
	}
	target, err := spec.Target()
	switch {
	case err == nil:
	case r.config.isGiven("list_endpoint_type"):
		err = errors.New(strings.ReplaceAll(err.Error(), endpoint.FieldType, "list_endpoint_type"))
	default:
		err = fmt.Errorf("%w. To list objects at another endpoint than URLs have, set list_endpoint_type", err)
	}
	return target, errorAt(err, titleOf("list_endpoint_type"), "list_endpoint_type")
}

// filterUsable leaves out placeholders and keys that no client can request. Two keys that are equal
// after Terraform's normalization of strings are an error, since a map can contain only one of
// them.
func (c *client) filterUsable(config values, listed []probe.Listed) ([]probe.Listed, faults) {
	var found faults
	var left presign.List
	prefix := config.text("prefix")
	objects := make([]probe.Listed, 0, len(listed))
	seen := make(map[string]string, len(listed))
	archived := 0
	for _, o := range listed {
		if o.Placeholder() {
			continue
		}
		if err := signer.CheckKey(o.Key); err != nil {
			left.Add(o.Key, err)
			continue
		}
		normal := norm.NFC.String(o.Key)
		if other, twice := seen[normal]; twice {
			return nil, errorAt(fmt.Errorf("prefix %s has two objects whose keys differ only in Unicode normalization, %+q "+
				"and %+q. Terraform makes them one key. Rename one of them, or choose a longer prefix", text.Quote(prefix), other,
				o.Key), titleOf("prefix"), "prefix")
		}
		seen[normal] = o.Key
		if o.Archived() {
			archived++
		}
		objects = append(objects, o)
	}
	if left.Len() > 0 {
		found = append(found, warningAt("Objects Left Out", fmt.Sprintf(
			"No HTTP client can request %s of the %s objects under prefix %s, so they have no URL:\n\n%s\n\nRename them, or "+
				"ignore this warning.",
			text.Thousands(left.Len()), text.Thousands(len(listed)), text.Quote(prefix), left), "prefix")...)
	}
	if archived > 0 && downloads(config) {
		found = append(found, warningAt("Objects Archived", fmt.Sprintf(
			"%s of the %s objects under prefix %s are archived and not restored. OSS returns 403 InvalidObjectState for "+
				"their URLs. Restore them first (ossutil restore).", text.Thousands(archived), text.Thousands(len(objects)),
			text.Quote(prefix)), "prefix")...)
	}
	if len(objects) == 0 && !config.flag("allow_empty") {
		return nil, append(found, errorAt(fmt.Errorf("prefix %s has no objects in bucket %s. %s"+
			"Correct prefix, or set allow_empty = true",
			text.Quote(prefix), text.Quote(config.text("bucket")), presign.UnusualPrefix(prefix)),
			"No Objects Found", "prefix")...)
	}
	return slices.Clip(objects), found
}

// downloads reports whether the URLs download, for which archived objects must be restored.
func downloads(config values) bool { return specOf(config).EffectiveMethod() == presign.DefaultMethod }

// listedValue returns the objects of a listing by key.
func listedValue(objects []probe.Listed) tftypes.Value {
	typ := listingType.ElementType
	elements := make(map[string]tftypes.Value, len(objects))
	for _, o := range objects {
		elements[o.Key] = tftypes.NewValue(typ, map[string]tftypes.Value{
			"size":          tftypes.NewValue(tftypes.Number, new(big.Float).SetInt64(o.Size)),
			"etag":          optionalText(o.ETag),
			"last_modified": optionalTime(o.LastModified),
			"storage_class": optionalText(o.StorageClass),
		})
	}
	return tftypes.NewValue(listingType, elements)
}
