package provider

import (
	"context"
	"errors"
	"fmt"
	"math/big"
	"strings"
	"time"

	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/alioss/terraform-provider-alioss/internal/endpoint"
	"github.com/alioss/terraform-provider-alioss/internal/presign"
	"github.com/alioss/terraform-provider-alioss/internal/probe"
	"github.com/alioss/terraform-provider-alioss/internal/signer"
	"github.com/alioss/terraform-provider-alioss/internal/text"
)

// The request of verify is valid as long as the URL, within these limits in seconds. The upper one
// is the service's tolerance towards the other side, so that a clock counts as wrong from 15
// minutes in both directions. The lower one leaves room for tries and their pauses.
const (
	minVerifyExpires = 60
	maxVerifyExpires = 900
)

// factsType is the type of object.
var factsType = tftypes.Object{AttributeTypes: map[string]tftypes.Type{
	"size": tftypes.Number, "etag": tftypes.String, "crc64": tftypes.String, "last_modified": tftypes.String,
	"content_type": tftypes.String, "version_id": tftypes.String, "storage_class": tftypes.String,
}}

// verifyAttributes are the attributes of forms that can check their object in OSS.
func verifyAttributes() attributes {
	return attributes{
		"verify": {
			usage: optional,
			description: "Whether to check at once that the object exists and can be read. The provider sends the " +
				"recipient's request, limited to one byte. If OSS refuses it, the provider returns an error with the reason. It " +
				"takes at most 15 seconds. Only for `GET` and `HEAD`. Defaults to `false`.",
			kind: kindBoolean,
		},
		"pin_version": {
			usage: optional,
			description: "Whether to sign the version that is current at signing time, so that later uploads do not change " +
				"the content. The provider finds the version and then verifies the URL, with two requests. Requires versioning " +
				"and the permission `oss:GetObjectVersion`. Only for `GET` and `HEAD`. Conflicts with `version`. Defaults to " +
				"`false`.",
			kind: kindBoolean,
		},
		"object": {
			usage: computed,
			description: "Properties of the object at signing time. Null unless `verify` or `pin_version` is `true`. `size` " +
				"is in bytes, `last_modified` in RFC 3339 format (UTC). `etag` is an MD5 checksum only after a simple upload. " +
				"`crc64` is a decimal number (ECMA-182). The others are `content_type`, `version_id` and `storage_class`. Each " +
				"is null if the answer does not contain it, for example because a CDN removes headers.",
			object: factsType,
		},
	}
}

// checkVerify returns an error if the object need not exist, or if its version is set already.
func checkVerify(config *input) faults {
	s := specOf(config.values)
	var found faults
	for _, name := range []string{"verify", "pin_version"} {
		if config.flag(name) && s.Uploads() {
			found = append(found, errorAt(fmt.Errorf("%s cannot be used with method %q, which downloads nothing. Leave %s out",
				name, s.Method, name), titleOf(name), name)...)
		}
	}
	if config.flag("pin_version") && config.isGiven("version") {
		found = append(found, errorAt(errors.New("pin_version and version exclude each other. Leave one of them out"),
			titleConflict, "pin_version")...)
	}
	return found
}

// find returns the current version of a request's object, for pin_version.
func (c *client) find(ctx context.Context, s signResult) (version string, found faults) {
	object, found := c.sendProbe(ctx, s, "pin_version")
	if found.failed() {
		return "", found
	}
	bucket := text.Quote(s.request.Bucket)
	switch object.VersionID {
	case "":
		if s.request.config.isGiven("domain") {
			return "", errorAt(fmt.Errorf("pin_version needs the version ID of the object in bucket %s, but the answer of %s "+
				"contains none. If a CDN serves the domain, it may remove the header x-oss-version-id. Configure it to keep the "+
				"header, or set version instead of pin_version. Otherwise enable versioning, and upload the object again", bucket,
				s.request.Host), titleOf("pin_version"), "pin_version")
		}
		return "", errorAt(fmt.Errorf("pin_version needs a bucket with versioning, but OSS returned no version ID for the "+
			"object in bucket %s. Enable versioning and upload the object again, or leave pin_version out", bucket),
			titleOf("pin_version"), "pin_version")
	case "null":
		return "", errorAt(fmt.Errorf("pin_version needs a version that stays, but the object in bucket %s has the "+
			"version \"null\". The next upload may replace it. Enable versioning and upload the object again, or leave "+
			"pin_version out", bucket), titleOf("pin_version"), "pin_version")
	}
	return object.VersionID, nil // verify returns the warnings about the object
}

// verify checks that the object of a URL exists and can be read, and returns its facts.
func (c *client) verify(ctx context.Context, s signResult) (tftypes.Value, faults) {
	by := "verify"
	if !s.request.config.flag("verify") {
		by = "pin_version"
	}
	object, found := c.sendProbe(ctx, s, by)
	return objectValue(object), found
}

// sendProbe sends the request of the URL's recipient, for an argument of the configuration. It is
// signed for the present and not for the URL's signing time: verify is about the object, and
// warnOfWindow covers the time. It leaves out processing, so that the answer is about the object
// itself.
func (c *client) sendProbe(ctx context.Context, s signResult, by string) (probe.Object, faults) {
	now := c.now()
	r := presign.WithObject(s.request.Request, s.objects[0])
	r.Expires = min(max(s.window.Expires, minVerifyExpires), maxVerifyExpires)
	r.Query = without(r.Query, "x-oss-process")
	url, headers, err := signer.Presign(r, s.keys.Credentials, now)
	if err != nil {
		return probe.Object{}, internalError(titleSigning, err)
	}
	i := newProbeRequest(s, by, now)
	object, err := c.probe().Object(ctx, r.Method, url, headers)
	if err != nil {
		return object, i.report(err)
	}
	if r.Method == presign.DefaultMethod {
		return object, i.reportStorage(object, s.end)
	}
	return object, nil
}

// probe returns the client for requests to OSS.
func (c *client) probe() probe.Client {
	return probe.Client{Transport: c.environment.Transport, Sleep: c.environment.Sleep}
}

// without returns parameters without one of them.
func without(query map[string]string, name string) map[string]string {
	rest := make(map[string]string, len(query))
	for key, value := range query {
		if key != name {
			rest[key] = value
		}
	}
	return rest
}

// objectValue returns the facts in an answer about an object, null for each that is missing.
func objectValue(o probe.Object) tftypes.Value {
	size := tftypes.NewValue(tftypes.Number, nil)
	if o.Size >= 0 {
		size = tftypes.NewValue(tftypes.Number, big.NewFloat(float64(o.Size)))
	}
	return tftypes.NewValue(factsType, map[string]tftypes.Value{
		"size":          size,
		"etag":          optionalText(o.ETag),
		"crc64":         optionalText(o.CRC64),
		"last_modified": optionalTime(o.LastModified),
		"content_type":  optionalText(o.ContentType),
		"version_id":    optionalText(o.VersionID),
		"storage_class": optionalText(o.StorageClass),
	})
}

// optionalTime returns an instant in RFC 3339, or null for the zero time.
func optionalTime(t time.Time) tftypes.Value {
	if t.IsZero() {
		return optionalText("")
	}
	return textValue(t.UTC().Format(time.RFC3339))
}

// probeRequest is a request of the provider itself, with the parts that a diagnostic may show.
type probeRequest struct {
	config values
	host   string
	bucket string
	region string
	// object is the requested object or prefix, in words. key and version are its names.
	object, key, version string
	// verb and action are the required permission: "read", "oss:GetObject".
	verb, action string
	// source describes the credentials that signed.
	source string
	at     time.Time
	// by is the argument that caused the request. wayOut is the way to do without it.
	by, wayOut string
}

// newProbeRequest returns the request about the object of a URL.
func newProbeRequest(s signResult, by string, at time.Time) probeRequest {
	o := s.objects[0]
	i := probeRequest{
		config: s.request.config, host: s.request.Host, bucket: s.request.Bucket, region: s.request.Region,
		object: fmt.Sprintf("object %s in bucket %s", text.Quote(o.Key), text.Quote(s.request.Bucket)),
		key:    o.Key, version: o.Version, verb: "read", action: "oss:GetObject", source: s.keys.Source, at: at, by: by,
		wayOut: " The URL does not need a connection from this machine. If the URL is correct, leave " + by + " out.",
	}
	if o.Version != "" {
		i.object, i.action = fmt.Sprintf("version %s of %s", text.Quote(o.Version), i.object), "oss:GetObjectVersion"
	}
	return i
}

// report returns the reason why an object cannot be read or a prefix not be listed, or why the
// provider cannot find out.
func (i probeRequest) report(err error) faults {
	var e *probe.Error
	switch {
	case errors.As(err, &e):
	case !errors.Is(err, context.Canceled) && !errors.Is(err, context.DeadlineExceeded):
		return internalError(titleSigning, err)
	default:
		return faults{
			{path: []string{i.by}, title: "Request Interrupted", detail: "The run was interrupted before OSS answered."},
		}
	}
	f, ok := findings[e.Kind]
	if !ok {
		f = finding{onVerify, "Verification Failed", sentence(e)}
	}
	detail := i.fill(f.text)
	switch e.Kind {
	case probe.WrongRegion:
		detail += i.rightRegion(e.Endpoint)
	case probe.Expired, probe.TooEarly:
		detail += i.compareClocks(e.Date)
	case probe.HostUnknown:
		if near := endpoint.NearRegion(i.region); near != "" {
			detail += fmt.Sprintf(" Region %s is not known. If it is a mistake for %q, set region to that.",
				text.Quote(i.region), near)
		}
	}
	detail += i.hostHints(e.Kind)
	if answer := e.Answer(); answer != "" {
		detail += "\n\nThe answer was " + answer + "."
	}
	if e.EC != "" {
		detail += " Alibaba Cloud explains it at https://api.alibabacloud.com/troubleshoot?q=" + e.EC
	}
	return faults{{path: []string{i.attribute(f.attribute)}, title: f.title, detail: detail}}
}

// fill puts the request into a text. Values are not searched for placeholders.
func (i probeRequest) fill(template string) string {
	timeout := probe.TryTimeout
	if i.isListing() {
		timeout = probe.PageTimeout
	}
	return strings.NewReplacer(
		"{object}", i.object, "{key}", text.Quote(i.key), "{version}", text.Quote(i.version), "{bucket}",
		text.Quote(i.bucket),
		"{region}", text.Quote(i.region), "{host}", i.host, "{source}", i.source, "{verb}", i.verb, "{action}", i.action,
		"{by}", i.by, "{timeout}", timeout.String(), "{way out}", i.wayOut,
	).Replace(template)
}

// attribute returns the attribute that a finding belongs to.
func (i probeRequest) attribute(name string) string {
	switch name {
	case onVerify:
		return i.by
	case onHost:
		for _, argument := range []string{"list_endpoint_type", "domain", "endpoint", "endpoint_type"} {
			if i.config.isGiven(argument) && (argument != "domain" || !i.isListing()) {
				return argument
			}
		}
		return i.by
	case "key", "version":
		if i.isListing() {
			return i.by
		}
	}
	return name
}

// isListing reports whether the request was about a prefix.
func (i probeRequest) isListing() bool { return i.by == "prefix" }

// rightRegion returns a sentence with the bucket's region, if the answer contained a host of it.
func (i probeRequest) rightRegion(host string) string {
	region := endpoint.RegionOf(host)
	switch {
	case region != "" && region != i.region:
		return fmt.Sprintf(" It is in region %q (%s). Set region to that.", region, host)
	case host != "":
		return fmt.Sprintf(" OSS serves it at %s. Set region, endpoint_type or endpoint accordingly.", host)
	}
	return " The answer does not contain the right region. The console shows it on the bucket's overview page, and " +
		"alicloud_oss_bucket exports it as location."
}

// compareClocks compares the clock of the provider with that of the service in its answer.
func (i probeRequest) compareClocks(service time.Time) string {
	if service.IsZero() {
		return ""
	}
	off, direction := service.Sub(i.at.Truncate(time.Second)), "behind"
	if off < 0 {
		off, direction = -off, "ahead of"
	}
	return fmt.Sprintf(" The clock of this machine shows %s, which is %s %s the clock of OSS (%s).",
		i.at.UTC().Format(time.RFC3339), off, direction, service.Format(time.RFC3339))
}

// hostHints returns what a kind may mean for hosts that need more than a name.
func (i probeRequest) hostHints(k probe.Kind) string {
	_, unreached := unreachable[k]
	switch {
	case unreached && strings.HasSuffix(i.host, "-internal.aliyuncs.com"):
		return " The host is an internal endpoint, which only machines in VPCs of its region can reach."
	case i.config.isGiven("domain") && !i.isListing() && domainKinds[k]:
		return i.fill(" The domain must be mapped to bucket {bucket}, and to no other, and a CNAME record must point to " +
			"the bucket. For HTTPS, OSS must also have the domain's certificate.")
	}
	return ""
}

// reportStorage warns if the restored copy of an archived object expires before the URL does.
func (i probeRequest) reportStorage(found probe.Object, end time.Time) faults {
	if found.RestoredUntil.IsZero() || !found.RestoredUntil.Before(end) {
		return nil
	}
	return warningAt("Restored Copy Expires First",
		i.fill(fmt.Sprintf("The {object} has the storage class %s. Its restored copy expires at %s, "+
			"before the URL at %s. Restore it for longer, or choose a shorter expiry.",
			found.StorageClass, found.RestoredUntil.Format(time.RFC3339), end.Format(time.RFC3339))), "key")
}
