// Package endpoint decides which host serves a bucket: from region, endpoint type, endpoint or
// custom domain to scheme, Host header and addressing style. It is pure, without DNS queries.
//
// The rules are those of Alibaba Cloud's page "Regions and endpoints"
// (help.aliyun.com/en/oss/user-guide/regions-and-endpoints) and of the official SDKs: a custom
// domain beats path style, path style beats virtual hosting, and an IP address is always path
// style.
//
// Errors begin with the name of the argument that is at fault and show its value as it was given.
package endpoint

import (
	"cmp"
	"fmt"
	"slices"
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

var types = []string{ // in the order in which messages list them
	string(Public), string(Internal), string(Accelerate), string(AccelerateOverseas), string(DualStack),
}

// ParseType returns the endpoint type named s. The error begins with argument and lists the types.
func ParseType(argument, s string) (Type, error) {
	if !slices.Contains(types, s) {
		return "", fault(argument, "must be one of %s, got %s", strings.Join(types, ", "), text.Quote(s))
	}
	return Type(s), nil
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

// Error is an error of one argument, with whose name its text begins.
type Error struct {
	Field   string // of what Resolve returns, one of the Field constants
	problem string
}

func (e *Error) Error() string { return e.Field + " " + e.problem }

func fault(field, format string, args ...any) error {
	return &Error{field, fmt.Sprintf(format, args...)}
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
	// Product is that in the scope of the signature: "oss-cloudbox" for a CloudBox, and empty for the
	// signer's default.
	Product string
	// Region is the region in the scope of the signature: that of the bucket, whatever the host.
	Region string
}

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
		return Target{}, err
	}
	region, err := ParseRegion(in.Region)
	if err != nil {
		return Target{}, err
	}
	typ, err := ParseType(FieldType, string(cmp.Or(in.Type, Public)))
	if err != nil {
		return Target{}, err
	}
	var e Endpoint
	if in.Endpoint != "" {
		if e, err = ParseEndpoint(in.Endpoint); err != nil {
			return Target{}, err
		}
		if typ != Public {
			return Target{}, fault(FieldType, "%q conflicts with endpoint %s. Remove one of them", typ, text.Quote(in.Endpoint))
		}
	}
	if id, ok := hostIDs[region]; ok && parseServiceHost(e.Name).id != region {
		return Target{}, fault(FieldRegion, "%s is part of a host name, not a region ID. "+
			"Set region to %q and endpoint to the host of the bucket, one of %s", text.Quote(in.Region), id, knownURLs(id))
	}

	t := Target{Region: region}
	if isCloudBox(region) {
		t.Product = "oss-cloudbox"
	}
	if in.Domain != "" {
		d, err := ParseDomain(in.Domain)
		if err != nil {
			return Target{}, err
		}
		t.Scheme, t.Host = d.Scheme, d.Host()
		return t, nil
	}
	if in.Endpoint == "" {
		if in.Endpoint, err = regionHost(region, typ); err != nil {
			return Target{}, err
		}
		e = Endpoint{Scheme: "https", Name: in.Endpoint}
	}
	return t.at(e, in)
}

// at adds scheme, host and style of in.Bucket at e to t.
func (t Target) at(e Endpoint, in Input) (Target, error) {
	service := parseServiceHost(e.Name)
	if err := service.check(e, in, t.Region); err != nil {
		return Target{}, err
	}
	t.Scheme, t.Host = e.Scheme, e.Host()
	length := len(in.Bucket) + len(".") + len(e.Name)
	switch {
	case e.IsIP():
		t.PathStyle = true
	case in.PathStyle && (service.form == notOSS || service.form == cloudBox || service.form == privateLink):
		t.PathStyle = true
	case in.PathStyle:
		return Target{}, fault(FieldPathStyle, "must not be set for %q, "+
			"because OSS refuses path style on its own hosts (SecondLevelDomainForbidden). "+
			"Remove path_style, or set endpoint to the address of a private deployment", e.Name)
	case service.form == privateLink:
		return Target{}, fault(FieldEndpoint, "%s is a PrivateLink host, which has no host names for buckets. "+
			"Set path_style to true", text.Quote(in.Endpoint))
	case service.form == notOSS && strings.HasPrefix(e.Name, in.Bucket+"."):
		return Target{}, fault(FieldEndpoint, "%s begins with the bucket, which is added to the host. "+
			"Remove the bucket from endpoint. If the host is a custom domain of the bucket, use domain instead",
			text.Quote(in.Endpoint))
	case length > maxName:
		return Target{}, fault(FieldEndpoint, "is too long. With the bucket, the host has %d characters, "+
			"and at most %d are possible", length, maxName)
	default:
		t.Host = in.Bucket + "." + t.Host
	}
	return t, nil
}

// BucketInPath reports whether the path of a URL with this host begins with the bucket, as far as
// the host alone shows: IP addresses and the bare "localhost" have no labels for a bucket, and
// PrivateLink hosts take none. The host is that of a URL, with or without a port. Other hosts have
// the bucket in the path only if path style is configured.
func BucketInPath(host string) bool {
	e, _ := parseHost(FieldEndpoint, "https://"+host)
	return e.IsIP() || e.Name == "localhost" || parseServiceHost(e.Name).form == privateLink
}

const minBucket, maxBucket = 3, 63 // characters

// CheckBucket returns an error unless s can be the name of a bucket: 3 to 63 of a-z, 0-9 and "-",
// without "-" at either end. For an address that contains a bucket, such as "oss://examplebucket"
// or a whole host, the error contains what to write instead. Source:
// help.aliyun.com/en/oss/user-guide/bucket-naming-conventions.
func CheckBucket(s string) error {
	switch {
	case isBucket(s):
		return nil
	case s == "":
		return fault(FieldBucket, "is empty. A bucket name has %d to %d characters", minBucket, maxBucket)
	case isBucket(strings.TrimSpace(s)):
		return fault(FieldBucket, "must not have white space around it, got %s", text.Quote(s))
	case strings.ContainsAny(s, "./:@"):
		return addressAsBucket(s)
	case strings.ContainsFunc(s, notInLabel):
		return fault(FieldBucket, "must contain only a-z, 0-9 and \"-\", got %s", text.Quote(s))
	case len(s) < minBucket || len(s) > maxBucket:
		return fault(FieldBucket, "must have %d to %d characters, got %d in %s", minBucket, maxBucket, len(s), text.Quote(s))
	}
	return fault(FieldBucket, "must begin and end with a letter or digit, got %q", s)
}

func isBucket(s string) bool { return len(s) >= minBucket && len(s) <= maxBucket && isLabel(s) }

// addressAsBucket returns the error for a bucket that looks like an address. Of one with a scheme,
// which may be a presigned URL, it shows the host and the bucket.
func addressAsBucket(s string) error {
	const problem = "must be the name of a bucket, not an address. "
	scheme, rest, hasScheme := strings.Cut(s, "://")
	switch {
	case strings.HasPrefix(s, "acs:oss:"):
		rest = s[strings.LastIndexByte(s, ':')+1:]
	case !hasScheme:
		rest = s
	}
	host, _, _ := strings.Cut(rest, "/")
	e, _ := parseHost(FieldBucket, host)
	service := parseServiceHost(e.Name)
	region, isCertain := service.region()
	switch {
	case isBucket(host) && (!hasScheme || strings.EqualFold(scheme, "oss")):
		return fault(FieldBucket, problem+"Write %q", host)
	case isBucket(service.bucket) && isCertain:
		return fault(FieldBucket, problem+"Set bucket to %q and region to %q", service.bucket, region)
	case isBucket(service.bucket):
		return fault(FieldBucket, problem+"Write %q", service.bucket)
	case service.form != notOSS:
		return fault(FieldBucket, problem+"Use endpoint for the host %q", e.Name)
	case strings.Contains(e.Name, ".") && !hasScheme:
		return fault(FieldBucket, "must contain only a-z, 0-9 and \"-\", got %s. Use domain for a custom domain",
			text.Quote(s))
	case strings.Contains(e.Name, "."):
		return fault(FieldBucket, problem+"Use domain for the custom domain %q", e.Name)
	}
	return fault(FieldBucket, problem+"Write the name alone, such as \"examplebucket\"")
}

// isLabel reports whether s can be a label of a host name, apart from its length.
func isLabel(s string) bool {
	return s != "" && s[0] != '-' && s[len(s)-1] != '-' && !strings.ContainsFunc(s, notInLabel)
}

func notInLabel(r rune) bool { return (r < 'a' || r > 'z') && (r < '0' || r > '9') && r != '-' }
