// Package signer makes and reads presigned URLs of Alibaba Cloud OSS with Signature V4
// (OSS4-HMAC-SHA256).
//
// It is pure: the instant is an argument, nothing is read from the environment, and nothing is
// logged. Sections (§) in comments are those of the specification that the project builds from;
// "Include V4 signatures in a URL" is Alibaba Cloud's page on the same:
// https://www.alibabacloud.com/help/en/oss/developer-reference/add-signatures-to-urls.
package signer

import (
	"bytes"
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/alioss/terraform-provider-alioss/internal/text"
)

const (
	algorithm       = "OSS4-HMAC-SHA256" // in the query and in the string to sign
	defaultProduct  = "oss"
	terminator      = "aliyun_v4_request"
	unsignedPayload = "UNSIGNED-PAYLOAD"
	timeLayout      = "20060102T150405Z"
	dayLength       = len("20060102")
)

// Request is what a presigned URL allows. All values are decoded: the signer does all the encoding.
type Request struct {
	// Method is the one HTTP method that the URL is valid for, in upper case: GET is not HEAD.
	Method string
	Scheme string // "https" or "http", not signed
	// Host is the host of the URL as a client writes it in the Host header: in lower case, with the
	// bucket unless PathStyle or a custom domain, and with the port unless it is that of the scheme.
	Host string
	// PathStyle puts the bucket into the path of the URL: for IP addresses and private deployments.
	PathStyle bool
	Region    string // the bare id of the bucket's region, such as "cn-hangzhou"
	Product   string // "oss" if it is empty
	// Bucket and Key are the object. The bucket is signed even if the host does not contain it.
	Bucket, Key string
	// OnBucket is for requests about the bucket itself, such as ListObjectsV2. They have no Key.
	// Without OnBucket an empty Key is an error.
	OnBucket bool
	// Expires is how many seconds the URL is valid from the signing instant, at least 1. OSS has a
	// maximum, which the caller applies.
	Expires int64
	// Query contains further parameters, all of them signed. An empty value gives a bare name, without
	// "=".
	Query map[string]string
	// Headers are those that the holder must send, all of them signed. The case of names is ignored.
	Headers map[string]string
	// SignHost signs the Host header, so that the query cannot be replayed on another host.
	SignHost bool
}

// Presign returns the URL for a request, signed at an instant, and the headers that its holder must
// send exactly so: lower-case names, without host, nil if there are none.
//
// The URL is a credential. The instant is cut to whole seconds, which is what a signature contains.
// It is an error if the request, the credentials or the instant cannot make a URL that works. An
// error shows neither secret nor token.
func Presign(r Request, c Credentials, at time.Time) (string, map[string]string, error) {
	var space workspace
	s, err := r.sign(c, at, &space)
	if err != nil {
		return "", nil, err
	}
	return presignedURL(&r, s), holderHeaders(s.headers), nil
}

// workspace has stack buffers large enough for a typical request. Larger ones spill to the heap.
type workspace struct {
	query     [1 << 10]byte
	params    [16]param
	canonical [2 << 10]byte
}

// signed is a request with its signature, and what was signed on the way there (§1).
type signed struct {
	canonical   []byte // "CR"
	signatureAt int    // where x-oss-signature sorts in the canonical request
	toSign      []byte // "STS"
	signature   [sha256.Size]byte
	headers     []header
}

// sign walks from a request to its signature. The result points into the workspace.
func (r *Request) sign(c Credentials, at time.Time, space *workspace) (signed, error) {
	if err := r.check(); err != nil {
		return signed{}, err
	}
	if c.IsZero() {
		return signed{}, errors.New("credentials have no complete AccessKey pair")
	}
	at = at.UTC().Truncate(time.Second)
	if year := at.Year(); at.IsZero() || year < 1 || year > 9999 {
		return signed{}, fmt.Errorf("signing time must be within the years 1 to 9999, got %q", at.Format(time.RFC3339))
	}
	headers, additional, err := r.signedHeaders()
	if err != nil {
		return signed{}, err
	}

	var stamp [len(timeLayout)]byte
	datetime := at.AppendFormat(stamp[:0], timeLayout)
	day := string(datetime[:dayLength])
	credential := c.AccessKeyID() + "/" + day + "/" + r.Region + "/" + r.product() + "/" + terminator
	scope := credential[len(c.AccessKeyID())+len("/"):]

	q := query{text: space.query[:0], params: space.params[:0]}
	q = q.addParameters(r, c.SecurityToken(), credential, datetime, additional)
	canonical, signatureAt := appendCanonicalRequest(space.canonical[:0], r, q, headers, additional)
	toSign := stringToSign(datetime, scope, sha256.Sum256(canonical))
	signature := c.signingKey(scope).sign(toSign)
	return signed{canonical, signatureAt, toSign, signature, headers}, nil
}

// presignedURL builds the URL from the bytes that were signed: the second and the third line of the
// canonical request are its path and its query without signature. x-oss-signature-version, at the
// least, follows that.
func presignedURL(r *Request, s signed) string {
	newline := []byte("\n")
	_, rest, _ := bytes.Cut(s.canonical[:s.signatureAt], newline) // the method
	path, before, _ := bytes.Cut(rest, newline)
	after, _, _ := bytes.Cut(s.canonical[s.signatureAt:], newline)
	if !r.PathStyle {
		path = path[len("/")+len(r.Bucket):]
	}
	var b strings.Builder
	b.Grow(len(r.Scheme) + len("://") + len(r.Host) + len(path) + len("?x-oss-signature=&") +
		hex.EncodedLen(sha256.Size) + len(before) + len(after))
	b.WriteString(r.Scheme)
	b.WriteString("://")
	b.WriteString(r.Host)
	b.Write(path)
	b.WriteByte('?')
	b.Write(before)
	b.WriteString("x-oss-signature=")
	var digits [2 * sha256.Size]byte
	b.Write(hex.AppendEncode(digits[:0], s.signature[:]))
	b.WriteByte('&')
	b.Write(after)
	return b.String()
}

// holderHeaders are the signed headers but host, which clients send by themselves.
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

func (r *Request) product() string { return cmp.Or(r.Product, defaultProduct) }

// check returns an error for a request whose URL could not work, or would differ in meaning from it
// seems to. It guards the signature alone: the rules for what a user configures are the caller's.
func (r *Request) check() error {
	labels := [...]struct{ name, value string }{{"region", r.Region}, {"product", r.product()}, {"bucket", r.Bucket}}
	for _, l := range labels {
		if !consistsOf(l.value, &labelBytes) {
			return fmt.Errorf("%s must have only lower-case letters, digits and \"-\" to be signed, got %s",
				l.name, text.Quote(l.value))
		}
	}
	switch {
	case r.Method == "" || strings.ToUpper(r.Method) != r.Method || !consistsOf(r.Method, &tokenBytes):
		return fmt.Errorf("method must be an HTTP method in upper case, got %s", text.Quote(r.Method))
	case r.Scheme != "https" && r.Scheme != "http":
		return fmt.Errorf("scheme must be https or http, got %s", text.Quote(r.Scheme))
	case !consistsOf(r.Host, &hostBytes):
		return fmt.Errorf("host must be a name in ASCII or an IP address, in lower case, with or without a port, got %s",
			text.Quote(r.Host))
	case r.Key == "" && !r.OnBucket:
		return errors.New("key is empty")
	case r.Key != "" && r.OnBucket:
		return errors.New("key must be empty for a request about the bucket")
	case r.Expires < 1:
		return fmt.Errorf("expires must be at least 1 second, got %d", r.Expires)
	}
	var refused []string
	for name := range r.Query {
		if name == "" {
			return errors.New("query parameter without a name. Remove it")
		}
		if OwnsParameter(name) {
			refused = append(refused, name)
		}
	}
	if len(refused) > 0 {
		return fmt.Errorf("query parameter %s belongs to the signature. Remove it", text.Quote(slices.Min(refused)))
	}
	return nil
}
