package provider

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/hashicorp/terraform-plugin-go/tftypes"
	"golang.org/x/text/unicode/norm"

	"github.com/alioss/terraform-provider-alioss/internal/endpoint"
	"github.com/alioss/terraform-provider-alioss/internal/presign"
	"github.com/alioss/terraform-provider-alioss/internal/probe"
	"github.com/alioss/terraform-provider-alioss/internal/text"
)

// prefixAttributes are the attributes of many objects that the provider finds itself.
var prefixAttributes = attributes{
	"prefix": {
		description: fmt.Sprintf("Prefix of the keys to sign. The provider lists the objects, 1,000 in one request, at "+
			"most %s. `\"\"` lists the whole bucket. Placeholders, which are empty objects whose key ends with `/`, are "+
			"left out. Requires the permission `oss:ListObjects`. Conflicts with `keys` and `versions`.",
			text.Thousands(maxKeys)),
		check:     presign.CheckPrefix,
		conflicts: []string{"keys", "versions"},
	},
	"allow_empty": {
		typ:         tftypes.Bool,
		description: "Whether a `prefix` without objects is allowed. If `false`, it is an error. Defaults to `false`.",
	},
	"list_endpoint_type": {
		description: "Kind of OSS endpoint for listing a `prefix`. Valid values are those of `endpoint_type`. Defaults " +
			"to the configured `endpoint`. Without one, defaults to the public endpoint of the region, which any machine " +
			"can reach.",
		check: parsesAs("list_endpoint_type", endpoint.ParseType),
	},
	"objects": {
		usage: computed,
		description: "Objects under `prefix` by key, each with `size` in bytes, `etag`, `last_modified` and " +
			"`storage_class`. Null with `keys`.",
		typ: listingType,
	},
}

// listingType is the type of objects, and listedType that of its elements.
var (
	listingType = tftypes.Map{ElementType: listedType}
	listedType  = tftypes.Object{AttributeTypes: map[string]tftypes.Type{
		"size": tftypes.Number, "etag": tftypes.String, "last_modified": tftypes.String, "storage_class": tftypes.String,
	}}
)

func checkPrefix(config values) faults {
	if config.isNull("keys") && config.isNull("prefix") {
		return errorAt(errors.New("keys or prefix is required. Set keys to the names of the objects, or prefix to the "+
			"beginning of their names"), "Missing Argument", "keys")
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

// list returns the objects under the prefix that a URL can request, and warnings about the others.
func (c *client) list(ctx context.Context, s *signing) ([]probe.Listed, faults) {
	r, found := c.listRequest(s)
	if found.failed() {
		return nil, found
	}
	prefix := s.config.text("prefix")
	listing, err := c.probe().List(ctx, r, prefix, maxKeys)
	if err != nil {
		return nil, probeFaults(err, "prefix")
	}
	objects, messages := listing.Select(s.config.flag("allow_empty"))
	if twins := checkTwins(prefix, objects); twins.failed() {
		return nil, twins
	}
	for _, message := range messages {
		found = append(found, probeFaults(message, "prefix")...)
	}
	return objects, found
}

// listRequest returns the request for a listing. It goes to the configured endpoint or, if there is
// none, to the region's public one, whatever host the URLs have.
func (c *client) listRequest(s *signing) (probe.Request, faults) {
	config := s.config
	spec := presign.Spec{
		Bucket: s.request.Bucket, Region: s.request.Region, Method: s.request.Method,
		RequestPayer: config.flag("request_payer"),
	}
	by := config.firstGiven("list_endpoint_type", "endpoint", "endpoint_type")
	switch by {
	case "list_endpoint_type":
		spec.EndpointType = config.text(by)
	case "endpoint":
		spec.Endpoint = config.text(by)
	case "endpoint_type":
		by = "" // it is for the URLs
	default:
		spec.Endpoint = c.endpoint.value
	}
	spec.PathStyle = c.pathStyle && spec.Endpoint != "" // the public service refuses it
	target, err := spec.Target()
	switch {
	case err == nil:
	case spec.EndpointType != "":
		err = errors.New(strings.ReplaceAll(err.Error(), endpoint.FieldType, "list_endpoint_type"))
	default:
		err = fmt.Errorf("%w. To list objects at another endpoint than URLs have, set list_endpoint_type", err)
	}
	return probe.Request{
		Request: spec.Request(target), Credentials: s.keys.Credentials, Source: s.keys.Source,
		Argument: "prefix", HostArgument: by,
	}, invalid(err, "list_endpoint_type")
}

// checkTwins returns an error for two keys that are equal after Terraform's normalization of
// strings, since a map can contain only one of them.
func checkTwins(prefix string, objects []probe.Listed) faults {
	seen := make(map[string]string, len(objects))
	for _, o := range objects {
		normal := norm.NFC.String(o.Key)
		if other, twice := seen[normal]; twice {
			return invalid(fmt.Errorf("prefix %s has two objects whose keys differ only in Unicode normalization, %+q and "+
				"%+q. Terraform makes them one key. Rename one of them, or choose a longer prefix", text.Quote(prefix), other,
				o.Key), "prefix")
		}
		seen[normal] = o.Key
	}
	return nil
}

func listedValue(objects []probe.Listed) tftypes.Value {
	elements := make(map[string]tftypes.Value, len(objects))
	for _, o := range objects {
		elements[o.Key] = objectValue(o.Object, listedType)
	}
	return tftypes.NewValue(listingType, elements)
}
