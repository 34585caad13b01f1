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

// signedHeaders returns the headers that the signature covers, and the names among them that OSS
// signs only if x-oss-additional-headers contains them (§5, §6), both sorted by name.
func (r *Request) signedHeaders() (headers []header, additional []string, err error) {
	if len(r.Headers) == 0 && !r.SignHost { // as in most requests
		return nil, nil, nil
	}
	for _, name := range slices.Sorted(maps.Keys(r.Headers)) { // sorted, so that of several faults it is always the first
		h := header{strings.ToLower(name), strings.Trim(r.Headers[name], " \t")}
		if err := CheckHeader(name, h.value); err != nil {
			return nil, nil, err
		}
		if slices.ContainsFunc(headers, func(other header) bool { return other.name == h.name }) {
			return nil, nil, fmt.Errorf("header %s is set twice. The case of a name does not matter", text.Quote(h.name))
		}
		headers = append(headers, h)
		if !isDefaultSigned(h.name) {
			additional = append(additional, h.name)
		}
	}
	if r.SignHost {
		headers = append(headers, header{"host", r.Host})
		additional = append(additional, "host")
	}
	slices.SortFunc(headers, func(a, b header) int { return strings.Compare(a.name, b.name) })
	slices.Sort(additional)
	return headers, additional, nil
}

// isDefaultSigned reports whether OSS signs a header whenever it is present (§5).
func isDefaultSigned(name string) bool {
	return name == "content-type" || name == "content-md5" || strings.HasPrefix(name, "x-oss-")
}

// query is an unfinished query string, passed by value, which lets its text stay on a stack.
type query struct {
	text   []byte
	params []param
}

// param marks name and value of an encoded parameter in a text. The value is empty if value == end.
type param struct{ name, value, end int }

func (q query) add(name, value string) query {
	p := param{name: len(q.text)}
	q.text = appendEscaped(q.text, name, &unreserved)
	p.value = len(q.text)
	q.text = appendEscaped(q.text, value, &unreserved)
	p.end = len(q.text)
	q.params = append(q.params, p)
	return q
}

func (q query) nameOf(p param) []byte { return q.text[p.name:p.value] }

// addParameters adds all parameters but the signature, and sorts them by their encoded names (§4).
func (q query) addParameters(r *Request, token, credential string, datetime []byte, additional []string) query {
	if len(additional) > 0 {
		q = q.add("x-oss-additional-headers", strings.Join(additional, ";"))
	}
	var seconds [20]byte
	q = q.add("x-oss-credential", credential)
	q = q.add("x-oss-date", string(datetime))
	q = q.add("x-oss-expires", string(strconv.AppendInt(seconds[:0], r.Expires, 10)))
	if token != "" {
		q = q.add("x-oss-security-token", token)
	}
	q = q.add("x-oss-signature-version", algorithm)
	for name, value := range r.Query {
		q = q.add(name, value)
	}
	slices.SortFunc(q.params, func(a, b param) int { return bytes.Compare(q.nameOf(a), q.nameOf(b)) })
	return q
}

// appendCanonicalRequest appends the canonical request (§1, "CR"), and returns where
// x-oss-signature sorts in it. The URI contains the bucket, also if the path does not (§3).
func appendCanonicalRequest(dst []byte, r *Request, q query, headers []header, additional []string) ([]byte, int) {
	dst = appendLine(dst, r.Method)
	dst = append(dst, '/')
	dst = appendEscaped(dst, r.Bucket, &unreserved)
	dst = append(dst, '/')
	dst = appendEscaped(dst, r.Key, &keptInPath)
	dst = append(dst, '\n')
	dst, signatureAt := appendCanonicalQuery(dst, q)
	dst = append(dst, '\n')
	for _, h := range headers {
		dst = append(dst, h.name...)
		dst = append(dst, ':')
		dst = appendLine(dst, h.value)
	}
	dst = append(dst, '\n')
	dst = appendLine(dst, strings.Join(additional, ";"))
	return append(dst, unsignedPayload...), signatureAt // x-oss-content-sha256, if signed, has no other value
}

func appendLine[T string | []byte](dst []byte, line T) []byte {
	dst = append(dst, line...)
	return append(dst, '\n')
}

// appendCanonicalQuery appends the sorted parameters, and returns where x-oss-signature sorts.
func appendCanonicalQuery(dst []byte, q query) ([]byte, int) {
	signatureAt := 0
	for i, p := range q.params {
		if i > 0 {
			dst = append(dst, '&')
		}
		if signatureAt == 0 && string(q.nameOf(p)) > "x-oss-signature" {
			signatureAt = len(dst)
		}
		dst = append(dst, q.nameOf(p)...)
		if p.value < p.end {
			dst = append(dst, '=')
			dst = append(dst, q.text[p.value:p.end]...)
		}
	}
	return dst, signatureAt
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
