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
	values := make(map[string]string, len(r.Headers)+1)
	for _, name := range slices.Sorted(maps.Keys(r.Headers)) { // sorted, so that of several faults it is always the first
		lower, value := strings.ToLower(name), strings.Trim(r.Headers[name], " \t")
		if err := CheckHeader(name, value); err != nil {
			return nil, nil, err
		}
		if _, twice := values[lower]; twice {
			return nil, nil, fmt.Errorf("header %s is set twice. The case of a name does not matter", text.Quote(lower))
		}
		values[lower] = value
	}
	var additional []string
	for _, name := range r.AdditionalHeaders {
		if !IsDefaultSigned(name) {
			additional = append(additional, strings.ToLower(name))
		}
	}
	if r.signsHost() {
		values["host"] = r.Host
		additional = append(additional, "host")
	}
	slices.Sort(additional)
	additional = slices.Compact(additional)
	for _, name := range additional {
		if _, ok := values[name]; !ok {
			return nil, nil, fmt.Errorf("header %s must have a value to be signed", text.Quote(name))
		}
	}
	var headers []header
	for _, name := range slices.Sorted(maps.Keys(values)) {
		if IsDefaultSigned(name) || slices.Contains(additional, name) {
			headers = append(headers, header{name, values[name]})
		}
	}
	return headers, additional, nil
}

// signsHost reports whether the Host header is signed, which AdditionalHeaders may request as well
// as SignHost.
func (r *Request) signsHost() bool {
	return r.SignHost ||
		slices.ContainsFunc(r.AdditionalHeaders, func(name string) bool { return strings.ToLower(name) == "host" })
}

// query is an unfinished query string: encoded parameters, and where each of them is in the text.
// It is passed by value, which lets its text stay on a stack.
type query struct {
	text   []byte
	params []param
}

// param marks name and value of an encoded parameter in a text. The value is empty if value == end.
type param struct{ name, value, end int }

// add adds a parameter whose value is the concatenation of parts.
func (q query) add(name string, parts ...string) query {
	p := param{name: len(q.text)}
	q.text = appendEscaped(q.text, name)
	p.value = len(q.text)
	for _, part := range parts {
		q.text = appendEscaped(q.text, part)
	}
	p.end = len(q.text)
	q.params = append(q.params, p)
	return q
}

func (q query) nameOf(p param) []byte { return q.text[p.name:p.value] }

// addParameters adds all parameters but the signature, encoded, and sorts them by their encoded
// names (§4).
func (q query) addParameters(r *Request, c Credentials, scope string, datetime []byte, additional []string) query {
	if len(additional) > 0 {
		q = q.add("x-oss-additional-headers", strings.Join(additional, ";"))
	}
	var seconds [20]byte
	q = q.add("x-oss-credential", c.AccessKeyID(), "/", scope)
	q = q.add("x-oss-date", string(datetime))
	q = q.add("x-oss-expires", string(strconv.AppendInt(seconds[:0], r.Expires, 10)))
	if token := c.SecurityToken(); token != "" {
		q = q.add("x-oss-security-token", token)
	}
	q = q.add("x-oss-signature-version", algorithm)
	for name, value := range r.Query {
		q = q.add(name, value)
	}
	slices.SortFunc(q.params, func(a, b param) int { return bytes.Compare(q.nameOf(a), q.nameOf(b)) })
	return q
}

// appendCanonicalRequest appends the canonical request (§1, "CR"). The canonical URI always contains
// the bucket. Without a key it is "/bucket/", also for a host whose path is then "/" (§3).
func appendCanonicalRequest(dst []byte, r *Request, q query, headers []header, additional []string) []byte {
	dst = appendLine(dst, r.Method)
	dst = append(dst, '/')
	dst = appendEscaped(dst, r.Bucket)
	dst = append(dst, '/')
	dst = appendEscapedPath(dst, r.Key)
	dst = append(dst, '\n')
	dst = appendCanonicalQuery(dst, q)
	dst = append(dst, '\n')
	for _, h := range headers {
		dst = append(dst, h.name...)
		dst = append(dst, ':')
		dst = appendLine(dst, h.value)
	}
	dst = append(dst, '\n')
	dst = appendLine(dst, strings.Join(additional, ";"))
	return append(dst, unsignedPayload...) // x-oss-content-sha256, if signed, has no other value
}

func appendLine[T string | []byte](dst []byte, line T) []byte {
	dst = append(dst, line...)
	return append(dst, '\n')
}

// appendCanonicalQuery appends the sorted parameters, names without value as bare names.
func appendCanonicalQuery(dst []byte, q query) []byte {
	for i, p := range q.params {
		if i > 0 {
			dst = append(dst, '&')
		}
		dst = append(dst, q.nameOf(p)...)
		if p.value < p.end {
			dst = append(dst, '=')
			dst = append(dst, q.text[p.value:p.end]...)
		}
	}
	return dst
}

// stringToSign returns the string to sign (§1, "STS") for the digest of a canonical request.
func stringToSign(datetime []byte, scope string, digest [sha256.Size]byte) []byte {
	size := len(algorithm) + len(datetime) + len(scope) + len("\n\n\n") + hex.EncodedLen(sha256.Size)
	dst := make([]byte, 0, size+sha256.Size) // with room for the signature, see signingKey.sign
	dst = appendLine(dst, algorithm)
	dst = appendLine(dst, datetime)
	dst = appendLine(dst, scope)
	return hex.AppendEncode(dst, digest[:])
}
