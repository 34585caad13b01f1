// Package endpoint decides which host answers for a bucket: from region, endpoint type, endpoint or custom domain to scheme, Host header and
// addressing style. It is pure: no clock, no input or output, and no look-up in the DNS.
//
// The rules are those of Alibaba Cloud's page "Regions and endpoints" (help.aliyun.com/en/oss/user-guide/regions-and-endpoints) and of the
// official SDKs: a custom domain beats path style, path style beats virtual hosting, and an IP address is always path style.
package endpoint

import (
	"fmt"
	"strings"
)

// Type chooses among the hosts that a region has.
type Type string

// The endpoint types. An empty Type means Public.
const (
	Public             Type = "public"              // oss-<region>.aliyuncs.com
	Internal           Type = "internal"            // oss-<region>-internal.aliyuncs.com, reachable within the region's VPCs only
	Accelerate         Type = "accelerate"          // oss-accelerate.aliyuncs.com; acceleration must be enabled on the bucket
	AccelerateOverseas Type = "accelerate-overseas" // oss-accelerate-overseas.aliyuncs.com, likewise
	DualStack          Type = "dual-stack"          // <region>.oss.aliyuncs.com, IPv4 and IPv6, in some regions only
)

// Types lists the endpoint types, in the order in which messages and documentation name them.
func Types() []string {
	return []string{string(Public), string(Internal), string(Accelerate), string(AccelerateOverseas), string(DualStack)}
}

// ParseType returns the endpoint type named s. The error lists the types that there are.
func ParseType(s string) (Type, error) {
	for _, t := range Types() {
		if s == t {
			return Type(t), nil
		}
	}
	return "", fmt.Errorf("endpoint_type %s: must be one of %s", show(s), strings.Join(Types(), ", "))
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

// Error is what Resolve returns: Err, and the field of Input that is at fault (one of the Field constants). Its text is Err's.
type Error struct {
	Field string
	Err   error
}

func (e *Error) Error() string { return e.Err.Error() }

// Unwrap returns e.Err.
func (e *Error) Unwrap() error { return e.Err }

// Input is what a user says about where a bucket is reached. Bucket and Region are required, all else may be zero.
type Input struct {
	Bucket    string
	Region    string // in any form that ParseRegion takes
	Type      Type   // one of the constants; empty is Public. Any other than Public excludes Endpoint
	Endpoint  string // in any form that ParseEndpoint takes; replaces the host that Region and Type would give
	PathStyle bool   // for private deployments: the public service answers such requests with SecondLevelDomainForbidden
	Domain    string // in any form that ParseDomain takes; beats Endpoint, Type and PathStyle
}

// Target is where a bucket is reached, and what a signature for it must name.
type Target struct {
	Scheme    string // "https" or "http"
	Host      string // the Host header: with the bucket where that belongs, with the port unless it is the scheme's own; IPv6 in brackets
	PathStyle bool   // the URL's path is /bucket/key; otherwise it is /key
	Product   string // the product in the signature's scope: "oss", or "oss-cloudbox" for a region that is a CloudBox
	Region    string // the region in the signature's scope: the bucket's, whatever the host
}

// The products of a V4 signature's scope.
const (
	ProductOSS      = "oss"
	ProductCloudBox = "oss-cloudbox"
)

// Resolve returns where in.Bucket is reached. Every error is an *Error.
//
//   - With a Domain, the host is the domain as it stands, and Endpoint, Type and PathStyle choose nothing; they must still be well formed.
//   - With an Endpoint, the host is the bucket before the endpoint's host, or the endpoint's host alone where that is an IP address or
//     PathStyle is set. A service host of another region than Region is an error; hosts that name no region (accelerate hosts, private
//     deployments) are taken as they are. "localhost" is a name like any other: virtual-hosted unless PathStyle is set.
//   - Otherwise the host follows from Region and Type, by the table of exceptional hosts or by the general form. A region that no list
//     knows gets the general form. CloudBoxes ("cb-…") have no general form and need an Endpoint.
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
			return Target{}, &Error{FieldType, fmt.Errorf("endpoint_type %q and endpoint %q exclude each other: leave one of them out", typ, e)}
		}
	}
	if id, ok := hostIDs[region]; ok && serviceID(e.Name) != region {
		return Target{}, &Error{FieldRegion, fmt.Errorf("region %q is part of a host's name, and signatures take the region's id: "+
			"set region to %q, and endpoint to the host that serves the bucket (known: %s)", region, id, knownURLs(id))}
	}

	t := Target{Region: region, Product: ProductOSS}
	if isCloudBox(region) {
		t.Product = ProductCloudBox
	}
	switch {
	case in.Domain != "":
		d, err := ParseDomain(in.Domain)
		if err != nil {
			return Target{}, &Error{FieldDomain, err}
		}
		t.Scheme, t.Host = d.Scheme, d.Host()
		return t, nil
	case in.Endpoint == "":
		name, err := regionHost(region, typ)
		if err != nil {
			return Target{}, err
		}
		e = Endpoint{Scheme: "https", Name: name}
	default:
		if err := checkHostRegion(e.Name, region); err != nil {
			return Target{}, &Error{FieldEndpoint, err}
		}
	}
	return withEndpoint(t, e, in)
}

// withEndpoint adds to t the scheme, host and style of in.Bucket at e.
func withEndpoint(t Target, e Endpoint, in Input) (Target, error) {
	t.Scheme, t.Host = e.Scheme, e.Host()
	if e.IsIP() {
		t.PathStyle = true
		return t, nil
	}
	service, isService := parseServiceHost(e.Name)
	if isService && service.bucket != "" {
		return Target{}, &Error{FieldEndpoint, fmt.Errorf("endpoint %q: its host begins with %q, where the bucket is put: leave that out and write %q",
			e, service.bucket, Endpoint{e.Scheme, service.base, e.Port})}
	}
	if in.PathStyle {
		if isService && !service.cloudBox {
			return Target{}, &Error{FieldPathStyle, fmt.Errorf(
				"path_style: the public service refuses requests in path style (SecondLevelDomainForbidden), and %q is one of its hosts: "+
					"leave path_style out, or set endpoint to the address of a private deployment", e.Name)}
		}
		t.PathStyle = true
		return t, nil
	}
	if strings.HasPrefix(e.Name, in.Bucket+".") {
		return Target{}, &Error{FieldEndpoint, fmt.Errorf("endpoint %q: its host begins with the bucket, which is put before it once more: "+
			"leave the bucket out; a host that already stands for the bucket goes in domain", e)}
	}
	if n := len(in.Bucket) + 1 + len(e.Name); n > maxName {
		return Target{}, &Error{FieldEndpoint, fmt.Errorf("endpoint: with the bucket before it the host has %d characters, and at most %d are possible: "+
			"use a shorter host", n, maxName)}
	}
	t.Host = in.Bucket + "." + t.Host
	return t, nil
}

// CheckBucket reports whether s can be a bucket's name: 3 to 63 of a-z, 0-9 and "-", and no "-" at either end.
// Source: help.aliyun.com/en/oss/user-guide/bucket-naming-conventions.
func CheckBucket(s string) error {
	if len(s) < 3 || len(s) > 63 {
		return fmt.Errorf("bucket %s: has %d characters; a bucket's name has 3 to 63", show(s), len(s))
	}
	for _, r := range s {
		if !isLowerAlnum(r) && r != '-' {
			return fmt.Errorf("bucket %s: holds %q; a bucket's name has only a-z, 0-9 and \"-\"", show(s), r)
		}
	}
	if s[0] == '-' || s[len(s)-1] == '-' {
		return fmt.Errorf("bucket %q: begins or ends with \"-\"; a bucket's name begins and ends with a letter or digit", s)
	}
	return nil
}

func isLowerAlnum(r rune) bool { return 'a' <= r && r <= 'z' || '0' <= r && r <= '9' }

// show quotes a user's value for a message, cut after 80 bytes and at the query of what may be a presigned URL, pasted in the wrong place.
func show(s string) string {
	const limit = 80
	start, _, query := strings.Cut(s, "?")
	if len(start) <= limit && !query {
		return fmt.Sprintf("%q", s)
	}
	return fmt.Sprintf("%q… (%d bytes)", strings.ToValidUTF8(start[:min(limit, len(start))], ""), len(s))
}
