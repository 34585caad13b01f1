package signer

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/alioss/terraform-provider-alioss/internal/text"
)

// header is a signed header: a lower-case name and a value without white space at its ends.
type header struct{ name, value string }

// signedHeaders returns the headers that the signature covers, sorted by name, and the names among
// them that are signed only because the request lists them (§5, §6).
func (r *Request) signedHeaders() ([]header, []string, error) {
	if len(r.Headers) == 0 && len(r.AdditionalHeaders) == 0 && !r.SignHost {
		return nil, nil, nil
	}
	var additional []string
	for _, name := range r.AdditionalHeaders {
		if name = strings.ToLower(name); !isDefaultSigned(name) && name != "host" {
			additional = append(additional, name)
		}
	}
	slices.Sort(additional)
	additional = slices.Compact(additional)

	headers := make([]header, 0, len(r.Headers)+1)
	seen := make(map[string]bool, len(r.Headers))
	for _, name := range slices.Sorted(maps.Keys(r.Headers)) { // sorted, so that of several faults it is always the first
		h := header{strings.ToLower(name), strings.Trim(r.Headers[name], " \t")}
		if err := CheckHeader(name, h.value); err != nil {
			return nil, nil, err
		}
		if seen[h.name] {
			return nil, nil, fmt.Errorf("header %s is set twice. The case of a name does not matter", text.Quote(h.name))
		}
		seen[h.name] = true
		if isDefaultSigned(h.name) || slices.Contains(additional, h.name) {
			headers = append(headers, h)
		}
	}
	for _, name := range additional {
		if !seen[name] {
			return nil, nil, fmt.Errorf("header %s must have a value to be signed", text.Quote(name))
		}
	}
	if r.signsHost() {
		headers = append(headers, header{"host", r.Host})
		additional = append(additional, "host")
		slices.Sort(additional)
	}
	slices.SortFunc(headers, func(a, b header) int { return strings.Compare(a.name, b.name) })
	return headers, additional, nil
}

// signsHost reports whether the Host header is signed, which AdditionalHeaders may request as well
// as SignHost.
func (r *Request) signsHost() bool {
	return r.SignHost ||
		slices.ContainsFunc(r.AdditionalHeaders, func(name string) bool { return strings.ToLower(name) == "host" })
}

// isDefaultSigned reports whether OSS signs a header whenever it is present (§5).
func isDefaultSigned(name string) bool {
	return name == "content-type" || name == "content-md5" || strings.HasPrefix(name, "x-oss-")
}

// query is an unfinished query string: encoded parameters, and where each of them is in the text.
// It is passed by value, which lets its text stay on a stack.
type query struct {
	text   []byte
	params []param
}

// param marks name and value of an encoded parameter in a text. The value is empty if value == end.
type param struct{ name, value, end int }

func (q query) add(name, value string) query {
	p := param{name: len(q.text)}
	q.text = appendEscaped(q.text, name)
	p.value = len(q.text)
	q.text = appendEscaped(q.text, value)
	p.end = len(q.text)
	q.params = append(q.params, p)
	return q
}

func (q query) nameOf(p param) []byte { return q.text[p.name:p.value] }

// addParameters adds all parameters but the signature, encoded, and sorts them by their encoded
// names (§4).
func (q query) addParameters(r *Request, c Credentials, scope scope, datetime []byte, additional []string) query {
	if len(additional) > 0 {
		q = q.add("x-oss-additional-headers", strings.Join(additional, ";"))
	}
	q = q.addCredential(c.AccessKeyID(), scope)
	q = q.add("x-oss-date", string(datetime))
	q = q.addExpires(r.Expires)
	if token := c.SecurityToken(); token != "" {
		q = q.add("x-oss-security-token", token)
	}
	q = q.add("x-oss-signature-version", Algorithm)
	for name, value := range r.Query {
		q = q.add(name, value)
	}
	slices.SortFunc(q.params, func(a, b param) int { return bytes.Compare(q.nameOf(a), q.nameOf(b)) })
	return q
}

// addCredential adds AccessKeyID/day/region/product/terminator, whose slashes are encoded.
func (q query) addCredential(accessKeyID string, scope scope) query {
	q = q.add("x-oss-credential", accessKeyID)
	for _, part := range [...]string{scope.day, scope.region, scope.product, terminator} {
		q.text = append(q.text, "%2F"...)
		q.text = appendEscaped(q.text, part)
	}
	q.params[len(q.params)-1].end = len(q.text)
	return q
}

func (q query) addExpires(seconds int64) query {
	q = q.add("x-oss-expires", "")
	q.text = strconv.AppendInt(q.text, seconds, 10)
	q.params[len(q.params)-1].end = len(q.text)
	return q
}

// parts are the offsets in a canonical request at which the pieces of the URL begin and end.
type parts struct {
	uri, key, uriEnd int // "/bucket/key", its "/key", and its end
	query, queryEnd  int // the canonical query
	signature        int // where x-oss-signature sorts in it: the start of a later parameter
}

// appendCanonicalRequest appends the canonical request (§1, "CR"), and returns where the pieces of
// the URL are in it. The canonical URI always contains the bucket. Without a key it is "/bucket/",
// also for a host whose path is then "/" (§3).
func appendCanonicalRequest(dst []byte, r *Request, q query, headers []header, additional []string) ([]byte, parts) {
	var p parts
	dst = append(dst, r.Method...)
	dst = append(dst, '\n')

	p.uri = len(dst)
	dst = append(dst, '/')
	dst = appendEscaped(dst, r.Bucket)
	p.key = len(dst)
	dst = append(dst, '/')
	dst = appendEscapedPath(dst, r.Key)
	p.uriEnd = len(dst)
	dst = append(dst, '\n')

	p.query = len(dst)
	dst, p.signature = appendCanonicalQuery(dst, q)
	p.queryEnd = len(dst)
	dst = append(dst, '\n')

	for _, h := range headers {
		dst = append(dst, h.name...)
		dst = append(dst, ':')
		dst = append(dst, h.value...)
		dst = append(dst, '\n')
	}
	dst = append(dst, '\n')
	for i, name := range additional {
		if i > 0 {
			dst = append(dst, ';')
		}
		dst = append(dst, name...)
	}
	dst = append(dst, '\n')
	return append(dst, unsignedPayload...), p // x-oss-content-sha256, if signed, has no other value
}

// appendCanonicalQuery appends the sorted parameters, names without value as bare names, and
// returns the offset at which x-oss-signature sorts.
func appendCanonicalQuery(dst []byte, q query) ([]byte, int) {
	at := -1
	for i, p := range q.params {
		if i > 0 {
			dst = append(dst, '&')
		}
		if at < 0 && string(q.nameOf(p)) > "x-oss-signature" {
			at = len(dst)
		}
		dst = append(dst, q.nameOf(p)...)
		if p.value < p.end {
			dst = append(dst, '=')
			dst = append(dst, q.text[p.value:p.end]...)
		}
	}
	return dst, at
}

// stringToSign returns the string to sign (§1, "STS") for the digest of a canonical request.
func stringToSign(datetime []byte, scope scope, digest [sha256.Size]byte) []byte {
	size := len(Algorithm) + len(timeLayout) + dayLength + len(scope.region) + len(scope.product) + len(terminator) +
		len("\n\n///\n") + hex.EncodedLen(sha256.Size)
	dst := make([]byte, 0, size+sha256.Size) // with room for the signature, see signingKey.sign
	dst = append(dst, Algorithm...)
	dst = append(dst, '\n')
	dst = append(dst, datetime...)
	dst = append(dst, '\n')
	for _, part := range [...]string{scope.day, scope.region, scope.product} {
		dst = append(dst, part...)
		dst = append(dst, '/')
	}
	dst = append(dst, terminator...)
	dst = append(dst, '\n')
	return hex.AppendEncode(dst, digest[:])
}
