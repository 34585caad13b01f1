// Package presign creates presigned URLs from a Spec: the rules of headers, query, file names and
// versions, and the signing of many objects at one instant. It depends on neither Terraform nor the
// network, and has no clock.
package presign

import (
	"cmp"
	"maps"
	"strconv"
	"strings"

	"github.com/alioss/terraform-provider-alioss/internal/endpoint"
	"github.com/alioss/terraform-provider-alioss/internal/signer"
)

// DefaultMethod is the HTTP method of a URL whose Spec has none.
const DefaultMethod = "GET"

// Spec describes URLs, without the object and the time. An empty string, zero, false or an empty
// map is an argument that is not set. All values are decoded, never percent-encoded.
type Spec struct {
	Bucket, Domain, Region, EndpointType, Endpoint string
	// PathStyle puts the bucket into the path: for IP addresses and private deployments.
	PathStyle bool
	// Method is GET, HEAD, PUT or DELETE.
	Method string
	// Headers are the headers that the holder must send. The case of names does not matter.
	Headers map[string]string
	// ResponseHeaders are the headers of OSS's answer, as response-* parameters.
	ResponseHeaders map[string]string
	Query           map[string]string
	Filename        string
	Process         string
	// TrafficLimit is in bits per second.
	TrafficLimit int64
	RequestPayer bool
	// BindHost signs the Host header.
	BindHost bool
}

// Object is the object of a URL. If Version is empty, it is the current version.
type Object struct{ Key, Version string }

// EffectiveMethod returns the method to sign.
func (s Spec) EffectiveMethod() string { return cmp.Or(s.Method, DefaultMethod) }

// Uploads reports whether the method changes the object, so that there are no response headers to
// set and no object to check.
func (s Spec) Uploads() bool { return s.Method == "PUT" || s.Method == "DELETE" }

// Target returns the host and path style of the Spec's bucket. The error is an *endpoint.Error with
// the argument at fault.
func (s Spec) Target() (endpoint.Target, error) { return endpoint.Resolve(s.place()) }

func (s Spec) place() endpoint.Input {
	return endpoint.Input{
		Bucket: s.Bucket, Region: s.Region, Type: endpoint.Type(s.EndpointType), Endpoint: s.Endpoint, Domain: s.Domain,
		PathStyle: s.PathStyle,
	}
}

// Request returns the request of the Spec's URLs at a target, without object and lifetime.
func (s Spec) Request(at endpoint.Target) signer.Request {
	return signer.Request{
		Method: s.EffectiveMethod(), Scheme: at.Scheme, Host: at.Host, PathStyle: at.PathStyle, Region: at.Region,
		Product: at.Product, Bucket: s.Bucket, SignHost: s.BindHost, Query: s.parameters(), Headers: s.Headers,
	}
}

// parameters returns the query parameters for the arguments, without versionId, which belongs to an
// object.
func (s Spec) parameters() map[string]string {
	q := make(map[string]string, len(s.Query)+len(s.ResponseHeaders)+4)
	maps.Copy(q, s.Query)
	for name, value := range s.ResponseHeaders {
		q["response-"+strings.ToLower(name)] = value
	}
	if s.Filename != "" {
		q["response-content-disposition"] = ContentDisposition(s.Filename)
	}
	if s.Process != "" {
		q["x-oss-process"] = s.Process
	}
	if s.TrafficLimit != 0 {
		q["x-oss-traffic-limit"] = strconv.FormatInt(s.TrafficLimit, 10)
	}
	if s.RequestPayer {
		q["x-oss-request-payer"] = "requester"
	}
	return q
}

// WithObject returns a request for an object.
func WithObject(r signer.Request, o Object) signer.Request {
	r.Key = o.Key
	if o.Version != "" {
		plain := r.Query
		r.Query = make(map[string]string, len(plain)+1)
		maps.Copy(r.Query, plain)
		r.Query["versionId"] = o.Version
	}
	return r
}
