// Package endpoint decides which host serves a bucket: from region, endpoint type, endpoint or
// custom domain to scheme, Host header and addressing style. It is pure: no clock, no input or
// output, and no DNS query.
//
// The rules are those of Alibaba Cloud's page "Regions and endpoints"
// (help.aliyun.com/en/oss/user-guide/regions-and-endpoints) and of the official SDKs: a custom
// domain beats path style, path style beats virtual hosting, and an IP address is always path
// style.
//
// Errors begin with the name of the argument that is at fault and show its value as it was given.
package endpoint

import (
	"errors"
	"fmt"
	"strings"

	"github.com/alioss/terraform-provider-alioss/internal/text"
)

// Type chooses among the hosts that a region has.
type Type string

// The endpoint types. An empty Type means Public.
const (
	// Public is oss-<region>.aliyuncs.com.
	Public Type = "public"
	// Internal is oss-<region>-internal.aliyuncs.com, reachable only from VPCs of the region.
	Internal Type = "internal"
	// Accelerate is oss-accelerate.aliyuncs.com. Acceleration must be enabled on the bucket.
	Accelerate Type = "accelerate"
	// AccelerateOverseas is oss-accelerate-overseas.aliyuncs.com, under the same condition.
	AccelerateOverseas Type = "accelerate-overseas"
	// DualStack is <region>.oss.aliyuncs.com, IPv4 and IPv6, in some regions only.
	DualStack Type = "dual-stack"
)

// Types lists the endpoint types, in the order in which messages and documentation name them.
func Types() []string {
	return []string{
		string(Public), string(Internal), string(Accelerate), string(AccelerateOverseas), string(DualStack),
	}
}

// ParseType returns the endpoint type named s. The error lists the types that exist.
func ParseType(s string) (Type, error) { return ParseTypeOf(FieldType, s) }

// ParseTypeOf is ParseType for an argument with another name, which the error tells.
func ParseTypeOf(argument, s string) (Type, error) {
	for _, t := range Types() {
		if s == t {
			return Type(t), nil
		}
	}
	return "", fmt.Errorf("%s must be one of %s, got %s", argument, strings.Join(Types(), ", "), text.Quote(s))
}

// The fields of Input, by the names under which Error.Field reports them.
const (
	FieldBucket    = "bucket"
	FieldRegion    = "region"
	FieldType      = "endpoint_type"
	FieldEndpoint  = "endpoint"
	FieldPathStyle = "path_style"
	FieldDomain    = "domain"
)

// Error is what Resolve returns: Err, and the field of Input that is at fault (one of the Field
// constants). Its text is that of Err.
type Error struct {
	Field string
	Err   error
}

func (e *Error) Error() string { return e.Err.Error() }

// Unwrap returns e.Err.
func (e *Error) Unwrap() error { return e.Err }

func fault(field, format string, args ...any) error {
	return &Error{field, fmt.Errorf(format, args...)}
}

// Input is what a user configures about where a bucket is reached. Bucket and Region are required,
// the rest may be zero.
type Input struct {
	Bucket string
	Region string // in any form that ParseRegion takes
	// Type is one of the constants. Any other than Public excludes Endpoint.
	Type Type
	// Endpoint is in any form that ParseEndpoint takes. It replaces the host of Region and Type.
	Endpoint string
	// PathStyle is for private deployments and PrivateLink. The public service refuses such
	// requests with SecondLevelDomainForbidden.
	PathStyle bool
	// Domain is in any form that ParseDomain takes. It beats Endpoint, Type and PathStyle.
	Domain string
}

// Target is where a bucket is reached, and what a signature for it contains.
type Target struct {
	Scheme string // "https" or "http"
	// Host is the Host header: with the bucket unless PathStyle or a domain, with the port unless it
	// is that of the scheme, IPv6 in brackets.
	Host string
	// PathStyle means that the path of the URL is /bucket/key. Otherwise it is /key.
	PathStyle bool
	// Product is the product in the scope of the signature: ProductCloudBox for a region that is a
	// CloudBox, and empty for the signer's default.
	Product string
	// Region is the region in the scope of the signature: that of the bucket, whatever the host.
	Region string
}

// ProductCloudBox is the product in the scope of a V4 signature for the buckets of a CloudBox.
const ProductCloudBox = "oss-cloudbox"

// Resolve returns where in.Bucket is reached. Every error is an *Error.
//
//   - With a Domain, the host is that domain, and Endpoint, Type and PathStyle choose nothing. They
//     must still be well formed.
//   - With an Endpoint, the host is the bucket and the host of the endpoint, or the host of the
//     endpoint alone for an IP address and with PathStyle. A service host of another region than
//     Region is an error. Hosts without a region (accelerate, private deployments) are used as they
//     are. "localhost" is a name like any other: virtual-hosted unless PathStyle is set.
//   - Otherwise the host follows from Region and Type, by the table of exceptional hosts or by the
//     general form. A region that is in no list gets the general form. CloudBoxes ("cb-…") have no
//     general form and need an Endpoint.
func Resolve(in Input) (Target, error) {
	if err := CheckBucket(in.Bucket); err != nil {
		return Target{}, &Error{FieldBucket, err}
	}
	region, err := ParseRegion(in.Region)
	if err != nil {
		return Target{}, &Error{FieldRegion, err}
	}
	typ := Public
	if in.Type != "" {
		if typ, err = ParseType(string(in.Type)); err != nil {
			return Target{}, &Error{FieldType, err}
		}
	}
	var e Endpoint
	if in.Endpoint != "" {
		if e, err = ParseEndpoint(in.Endpoint); err != nil {
			return Target{}, &Error{FieldEndpoint, err}
		}
		if typ != Public {
			return Target{}, fault(FieldType, "endpoint_type %q conflicts with endpoint %s. Remove one of them",
				typ, text.Quote(in.Endpoint))
		}
	}
	if id, ok := hostIDs[region]; ok && serviceID(e.Name) != region {
		return Target{}, fault(FieldRegion, "region %s is part of a host name, not a region ID. "+
			"Set region to %q and endpoint to the host of the bucket, one of %s", text.Quote(in.Region), id, knownURLs(id))
	}

	t := Target{Region: region}
	if isCloudBox(region) {
		t.Product = ProductCloudBox
	}
	if in.Domain != "" {
		d, err := ParseDomain(in.Domain)
		if err != nil {
			return Target{}, &Error{FieldDomain, err}
		}
		t.Scheme, t.Host = d.Scheme, d.Host()
		return t, nil
	}
	if in.Endpoint == "" {
		name, err := regionHost(region, typ)
		if err != nil {
			return Target{}, err
		}
		e = Endpoint{Scheme: "https", Name: name}
		in.Endpoint = name
	}
	return t.at(e, in)
}

// at adds scheme, host and style of in.Bucket at e to t. Of faults in several arguments it reports
// the first in the order host form, region, style.
func (t Target) at(e Endpoint, in Input) (Target, error) {
	service, isService := parseServiceHost(e.Name)
	if isService {
		if err := service.check(e, in, t.Region); err != nil {
			return Target{}, err
		}
	}
	t.Scheme, t.Host = e.Scheme, e.Host()
	switch {
	case e.IsIP():
		t.PathStyle = true
		return t, nil
	case in.PathStyle:
		if isService && !service.takesPathStyle() {
			return Target{}, fault(FieldPathStyle, "path_style must not be set for %q, "+
				"because OSS refuses path style on its own hosts (SecondLevelDomainForbidden). "+
				"Remove path_style, or set endpoint to the address of a private deployment", e.Name)
		}
		t.PathStyle = true
		return t, nil
	case service.privateLink:
		return Target{}, fault(FieldEndpoint, "endpoint %s is a PrivateLink host, which has no host names for buckets. "+
			"Set path_style to true", text.Quote(in.Endpoint))
	case !isService && strings.HasPrefix(e.Name, in.Bucket+"."):
		return Target{}, fault(FieldEndpoint, "endpoint %s begins with the bucket, which is added to the host. "+
			"Remove the bucket from endpoint. If the host is a custom domain of the bucket, use domain instead",
			text.Quote(in.Endpoint))
	}
	if n := len(in.Bucket) + 1 + len(e.Name); n > maxName {
		return Target{}, fault(FieldEndpoint, "endpoint is too long. With the bucket, the host has %d characters, "+
			"and at most %d are possible", n, maxName)
	}
	t.Host = in.Bucket + "." + t.Host
	return t, nil
}

// BucketInPath reports whether the path of a URL with this host begins with the bucket, as far as
// the host alone shows: IP addresses and the bare "localhost" have no labels for a bucket, and
// PrivateLink hosts take none. The host is that of a URL, with or without a port. Other hosts have
// the bucket in the path only if path style is configured.
func BucketInPath(host string) bool {
	e, err := parseHost(FieldEndpoint, "https://"+host)
	if err != nil {
		return false
	}
	service, _ := parseServiceHost(e.Name)
	return e.IsIP() || e.Name == "localhost" || service.privateLink
}

// Limits of a bucket's name.
const minBucket, maxBucket = 3, 63

// CheckBucket returns an error unless s can be the name of a bucket: 3 to 63 of a-z, 0-9 and "-",
// without "-" at either end. For an address that contains a bucket, such as "oss://examplebucket"
// or a whole host, the error contains what to write instead. Source:
// help.aliyun.com/en/oss/user-guide/bucket-naming-conventions.
func CheckBucket(s string) error {
	switch {
	case isBucket(s):
		return nil
	case s == "":
		return fmt.Errorf("bucket is empty. A bucket name has %d to %d characters", minBucket, maxBucket)
	case isBucket(strings.TrimSpace(s)):
		return fmt.Errorf("bucket must not have white space around it, got %s", text.Quote(s))
	case strings.ContainsAny(s, "./:@"):
		return errAddressAsBucket(s)
	case strings.ContainsFunc(s, notInBucket):
		return fmt.Errorf("bucket must contain only a-z, 0-9 and \"-\", got %s", text.Quote(s))
	case len(s) < minBucket || len(s) > maxBucket:
		return fmt.Errorf("bucket must have %d to %d characters, got %d in %s", minBucket, maxBucket, len(s), text.Quote(s))
	}
	return fmt.Errorf("bucket must begin and end with a letter or digit, got %q", s)
}

func isBucket(s string) bool {
	return len(s) >= minBucket && len(s) <= maxBucket && s[0] != '-' && s[len(s)-1] != '-' &&
		!strings.ContainsFunc(s, notInBucket)
}

func notInBucket(r rune) bool { return !isLowerAlnum(r) && r != '-' }

// errAddressAsBucket words the fault of a bucket that looks like an address. Of an address with a
// scheme, which may be a presigned URL, it shows the host and the bucket.
func errAddressAsBucket(s string) error {
	const problem = "bucket must be the name of a bucket, not an address. "
	scheme, rest, hasScheme := strings.Cut(s, "://")
	if !hasScheme {
		rest = s
	}
	host, _, _ := strings.Cut(rest, "/")
	if arn, ok := strings.CutPrefix(s, "acs:oss:"); ok {
		host, _, _ = strings.Cut(arn[strings.LastIndexByte(arn, ':')+1:], "/")
	}
	if isBucket(host) && (!hasScheme || strings.EqualFold(scheme, "oss")) {
		return fmt.Errorf(problem+"Write %q", host)
	}
	e, err := parseHost(FieldBucket, host)
	h, isService := parseServiceHost(e.Name)
	switch region := h.region(); {
	case isService && isBucket(h.bucket) && region != "":
		return fmt.Errorf(problem+"Set bucket to %q and region to %q", h.bucket, region)
	case isService && isBucket(h.bucket):
		return fmt.Errorf(problem+"Write %q", h.bucket)
	case isService:
		return fmt.Errorf(problem+"Use endpoint for the host %q", e.Name)
	case err == nil && strings.Contains(e.Name, ".") && !hasScheme:
		return fmt.Errorf("bucket must contain only a-z, 0-9 and \"-\", got %s. Use domain for a custom domain",
			text.Quote(s))
	case err == nil && strings.Contains(e.Name, "."):
		return fmt.Errorf(problem+"Use domain for the custom domain %q", e.Name)
	}
	return errors.New(problem + "Write the name alone, such as \"examplebucket\"")
}

func isLowerAlnum(r rune) bool { return 'a' <= r && r <= 'z' || '0' <= r && r <= '9' }
