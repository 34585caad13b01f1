// Package signer makes and reads presigned URLs of Alibaba Cloud OSS with Signature V4 (OSS4-HMAC-SHA256).
//
// It is pure: the instant is an argument, nothing is read from the environment, and nothing is logged. Sections (§) in
// comments are those of the specification that the project builds from; "Include V4 signatures in a URL" is Alibaba
// Cloud's page on the same: https://www.alibabacloud.com/help/en/oss/developer-reference/add-signatures-to-urls.
package signer

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
)

const (
	// Algorithm names the signature version, in the query and in the string to sign.
	Algorithm = "OSS4-HMAC-SHA256"

	// MinExpires is the least of seconds that a URL may hold: the service refuses fewer with EC 0002-00000232.
	MinExpires = 1
	// MaxExpires is the most of seconds that a URL may hold, 7 days; the service refuses more likewise.
	MaxExpires = 604800

	// ProductOSS is the product that a scope names for the buckets of a region.
	ProductOSS = "oss"
	// ProductCloudBox is the product that a scope names for the buckets of a CloudBox.
	ProductCloudBox = "oss-cloudbox"

	terminator      = "aliyun_v4_request"
	unsignedPayload = "UNSIGNED-PAYLOAD"
	timeLayout      = "20060102T150405Z"
	dayLength       = len("20060102")
)

// Request is what a presigned URL lets its holder do. All values are decoded: the signer does all the encoding.
type Request struct {
	// Method is the one HTTP method that the URL answers, in upper case. A GET URL answers no HEAD.
	Method string
	// Scheme is "https" or "http". It is not signed.
	Scheme string
	// Host is the host of the URL as a client writes it in the Host header: with the bucket where it belongs there, and
	// with the port where it is not the scheme's own.
	Host string
	// PathStyle puts the bucket into the path of the URL: for IP addresses and private deployments.
	PathStyle bool
	// Region is the bare id of the bucket's region, such as "cn-hangzhou".
	Region string
	// Product is ProductOSS where it is empty.
	Product string
	// Bucket and Key name the object. The bucket is signed also where the host does not show it.
	Bucket, Key string
	// Expires is how many seconds the URL holds from the signing instant: MinExpires to MaxExpires.
	Expires int64
	// Query holds further parameters, all of them signed. An empty value gives a bare name, without "=".
	Query map[string]string
	// Headers are the headers that the holder will send. Content-Type, Content-MD5 and X-Oss-* are signed always, others
	// where AdditionalHeaders names them. Names compare without case.
	Headers map[string]string
	// AdditionalHeaders names those of Headers that are signed although the service does not ask for it.
	AdditionalHeaders []string
	// SignHost signs the Host header, so that the query cannot be replayed on another host of the bucket.
	SignHost bool
}

// Presign returns the URL for a request, signed at an instant, and the headers that its holder must send exactly so:
// lower-case names, without host; nil where there are none.
//
// The URL is a credential. The instant is cut to whole seconds, which is what a signature carries. It is an error where
// the request, the credentials or the instant cannot make a URL that works; an error shows neither key nor token.
func Presign(r Request, c Credentials, at time.Time) (string, map[string]string, error) {
	var space workspace
	s, err := r.sign(c, at, &space)
	if err != nil {
		return "", nil, err
	}
	return presignedURL(&r, s), holderHeaders(s.headers), nil
}

// workspace is where a request of usual size is put together. It lies on the stack of Presign; what is larger, on the heap.
type workspace struct {
	query     [1 << 10]byte
	params    [16]param
	canonical [2 << 10]byte
}

// signed is a request with its signature, and what was signed on the way there (§1).
type signed struct {
	canonical []byte // "CR"
	parts     parts
	toSign    []byte // "STS"
	signature [sha256.Size]byte
	headers   []header
}

// sign walks from a request to its signature. The result points into the workspace.
func (r *Request) sign(c Credentials, at time.Time, space *workspace) (signed, error) {
	if err := r.check(); err != nil {
		return signed{}, err
	}
	if c.IsZero() {
		return signed{}, errors.New("the credentials hold no AccessKey pair")
	}
	at = at.UTC().Truncate(time.Second)
	if year := at.Year(); at.IsZero() || year < 1 || year > 9999 {
		return signed{}, fmt.Errorf("the signing instant %s is not set, or not between the years 1 and 9999", at.Format(time.RFC3339))
	}
	headers, additional, err := r.signedHeaders()
	if err != nil {
		return signed{}, err
	}

	var stamp [len(timeLayout)]byte
	datetime := at.AppendFormat(stamp[:0], timeLayout)
	scope := scope{day: string(datetime[:dayLength]), region: r.Region, product: r.product()}

	q := query{text: space.query[:0], params: space.params[:0]}.addParameters(r, c, scope, datetime, additional)
	canonical, parts := appendCanonicalRequest(space.canonical[:0], r, q, headers, additional)
	toSign := stringToSign(datetime, scope, sha256.Sum256(canonical))
	signature := c.signingKey(scope).sign(toSign)
	return signed{canonical, parts, toSign, signature, headers}, nil
}

// presignedURL puts the URL together from the bytes that were signed: the path and the query of the canonical request,
// with the signature merged where it sorts. x-oss-signature-version always follows it.
func presignedURL(r *Request, s signed) string {
	path := s.canonical[s.parts.key:s.parts.uriEnd]
	if r.PathStyle {
		path = s.canonical[s.parts.uri:s.parts.uriEnd]
	}
	var b strings.Builder
	b.Grow(len(r.Scheme) + len("://") + len(r.Host) + len(path) + len("?x-oss-signature=&") +
		hex.EncodedLen(sha256.Size) + s.parts.queryEnd - s.parts.query)
	b.WriteString(r.Scheme)
	b.WriteString("://")
	b.WriteString(r.Host)
	b.Write(path)
	b.WriteByte('?')
	b.Write(s.canonical[s.parts.query:s.parts.signature])
	b.WriteString("x-oss-signature=")
	var digits [2 * sha256.Size]byte
	b.Write(hex.AppendEncode(digits[:0], s.signature[:]))
	b.WriteByte('&')
	b.Write(s.canonical[s.parts.signature:s.parts.queryEnd])
	return b.String()
}

// holderHeaders are the headers that were signed, for the one who will send them. The client sends host by itself.
func holderHeaders(headers []header) map[string]string {
	var m map[string]string
	for _, h := range headers {
		if h.name == "host" {
			continue
		}
		if m == nil {
			m = make(map[string]string, len(headers))
		}
		m[h.name] = h.value
	}
	return m
}

func (r *Request) product() string {
	if r.Product == "" {
		return ProductOSS
	}
	return r.Product
}

// check refuses what would make a URL that cannot work or that says something else than it seems to.
func (r *Request) check() error {
	switch {
	case r.Method == "" || strings.ToUpper(r.Method) != r.Method || !isToken(r.Method):
		return fmt.Errorf("method %q: want an HTTP method in upper case", r.Method)
	case r.Scheme != "https" && r.Scheme != "http":
		return fmt.Errorf("scheme %q: want https or http", r.Scheme)
	case !isLabel(r.Region):
		return fmt.Errorf("region %q: want a region id such as cn-hangzhou", r.Region)
	case !isLabel(r.product()):
		return fmt.Errorf("product %q: want %s or %s", r.Product, ProductOSS, ProductCloudBox)
	case !isLabel(r.Bucket):
		return fmt.Errorf("bucket %q: want lower-case letters, digits and -", r.Bucket)
	case r.Key == "":
		return errors.New("the key is empty")
	}
	if err := checkHost(r.Scheme, r.Host, r.signsHost()); err != nil {
		return err
	}
	if err := CheckExpires(r.Expires); err != nil {
		return err
	}
	return r.checkQuery()
}

// checkQuery refuses parameters that are the signature's own. Of several, the error names the first.
func (r *Request) checkQuery() error {
	var refused []string
	for name := range r.Query {
		if name == "" {
			return errors.New("a query parameter has an empty name")
		}
		if OwnsParameter(name) {
			refused = append(refused, name)
		}
	}
	if len(refused) > 0 {
		return fmt.Errorf("query parameter %q belongs to the signature", slices.Min(refused))
	}
	return nil
}
