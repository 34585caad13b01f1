package provider

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"math/big"
	"time"

	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/alioss/terraform-provider-alioss/internal/presign"
	"github.com/alioss/terraform-provider-alioss/internal/probe"
)

// factsType is the type of object.
var factsType = tftypes.Object{AttributeTypes: map[string]tftypes.Type{
	"size": tftypes.Number, "etag": tftypes.String, "crc64": tftypes.String, "last_modified": tftypes.String,
	"content_type": tftypes.String, "version_id": tftypes.String, "storage_class": tftypes.String,
}}

// verifyAttributes are the attributes of forms that can check their object in OSS.
var verifyAttributes = attributes{
	"verify": {
		description: "Whether to check at once that the object exists and can be read. The provider sends the " +
			"recipient's request, limited to one byte. If OSS refuses it, the provider returns an error with the reason. It " +
			"takes at most 15 seconds. Only for `GET` and `HEAD`. Defaults to `false`.",
		typ: tftypes.Bool,
	},
	"pin_version": {
		description: "Whether to sign the version that is current at signing time, so that later uploads do not change " +
			"the content. The provider finds the version and then verifies the URL, with two requests. Requires versioning " +
			"and the permission `oss:GetObjectVersion`. Only for `GET` and `HEAD`. Conflicts with `version`. Defaults to " +
			"`false`.",
		typ: tftypes.Bool,
	},
	"object": {
		usage: computed,
		description: "Properties of the object at signing time. Null unless `verify` or `pin_version` is `true`. `size` " +
			"is in bytes, `last_modified` in RFC 3339 format (UTC). `etag` is an MD5 checksum only after a simple upload. " +
			"`crc64` is a decimal number (ECMA-182). The others are `content_type`, `version_id` and `storage_class`. Each " +
			"is null if the answer does not contain it, for example because a CDN removes headers.",
		typ: factsType,
	},
}

func checkVerify(config values) faults {
	s := specOf(config)
	var found faults
	for _, name := range []string{"verify", "pin_version"} {
		if config.flag(name) && s.Uploads() {
			found = append(found, invalid(fmt.Errorf("%s cannot be used with method %q, which downloads nothing. Leave %s out",
				name, s.Method, name), name)...)
		}
	}
	if config.flag("pin_version") && config.isGiven("version") {
		found = append(found, errorAt(errors.New("pin_version and version exclude each other. Leave one of them out"),
			titleConflict, "pin_version")...)
	}
	return found
}

// needsObject reports whether the provider asks OSS about the object, or may when all is known.
func needsObject(config values) bool {
	return config.flag("verify") || config.flag("pin_version") || config.isUnknown("verify") ||
		config.isUnknown("pin_version")
}

func (c *client) verify(ctx context.Context, s *signing) (tftypes.Value, faults) {
	by := "verify"
	if !s.config.flag("verify") {
		by = "pin_version"
	}
	r := s.probeRequest(by)
	object, err := c.probe().Object(ctx, r)
	if warning := object.WarnOfCopy(r, s.end); warning != nil { // not with an error
		err = warning
	}
	return objectValue(object, factsType), probeFaults(err, by)
}

func (c *client) probe() probe.Client {
	return probe.Client{Transport: c.environment.Transport, Sleep: c.environment.Sleep, Now: c.environment.Now}
}

// probeRequest returns the request of the URL's recipient, for the argument that asks for it.
func (s *signing) probeRequest(argument string) probe.Request {
	r := presign.WithObject(s.request, s.objects[0])
	r.Expires = s.window.Expires
	return probe.Request{
		Request: r, Credentials: s.keys.Credentials, Source: s.keys.Source, Argument: argument,
		HostArgument: s.config.firstGiven("domain", "endpoint", "endpoint_type"),
	}
}

func probeFaults(err error, argument string) faults {
	var e *probe.Error
	switch {
	case err == nil:
		return nil
	case errors.As(err, &e):
		return faults{{
			path: []string{e.Argument()}, title: titleCase(e.Summary()), detail: e.Error(), warning: e.Warning(),
		}}
	case errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		return errorAt(errors.New("the run was interrupted before OSS answered"), "Request Interrupted", argument)
	}
	return internalError(titleSigning, err)
}

// The titles that ephemeral resources have more advice for.
const (
	titleNoObject = "Object Not Found"
	titleNoBucket = "Bucket Not Found"
)

// objectValue returns the facts that a type has, null for each that is missing.
func objectValue(o probe.Object, typ tftypes.Object) tftypes.Value {
	size, modified := tftypes.NewValue(tftypes.Number, nil), ""
	if o.Size >= 0 {
		size = tftypes.NewValue(tftypes.Number, new(big.Float).SetInt64(o.Size))
	}
	if !o.LastModified.IsZero() {
		modified = o.LastModified.UTC().Format(time.RFC3339)
	}
	facts := map[string]tftypes.Value{
		"size":          size,
		"etag":          optionalText(o.ETag),
		"crc64":         optionalText(o.CRC64),
		"last_modified": optionalText(modified),
		"content_type":  optionalText(o.ContentType),
		"version_id":    optionalText(o.VersionID),
		"storage_class": optionalText(o.StorageClass),
	}
	maps.DeleteFunc(facts, func(name string, _ tftypes.Value) bool { return typ.AttributeTypes[name] == nil })
	return tftypes.NewValue(typ, facts)
}
