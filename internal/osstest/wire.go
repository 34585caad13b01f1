package osstest

import (
	"net/http"
	"slices"
	"strings"
)

// A wire is a request as it arrived, before anything was decoded.
type wire struct {
	method  string
	path    string              // request target up to the first '?'
	query   string              // the rest, without the '?'
	host    string              // Host header
	headers map[string][]string // by lower-case name, without host
}

// readWire takes a request's parts from what the client sent. net/http has checked the request line
// and removed blanks around header values. r.RequestURI is the request target, byte for byte.
func readWire(r *http.Request) (wire, *Error) {
	target := r.RequestURI
	// The absolute form ("GET http://host/path") comes from clients that take this server for a
	// proxy.
	if i := strings.Index(target, "://"); i > 0 && !strings.HasPrefix(target, "/") {
		if j := strings.IndexAny(target[i+3:], "/?"); j >= 0 {
			target = target[i+3+j:]
		} else {
			target = "/"
		}
	}
	m := newWire(r.Method, target, r.Host, r.Header)
	if !strings.HasPrefix(m.path, "/") {
		return m, invalidURI("the request target has no path")
	}
	return m, nil
}

// readURL takes a request's parts from a URL, as a client would send them: without the fragment,
// and "/" for an empty path. A "Host" in header replaces the URL's own.
func readURL(method, rawURL string, header http.Header) (wire, *Error) {
	_, rest, ok := strings.Cut(rawURL, "://")
	if !ok {
		return wire{}, invalidURI("the URL has no scheme")
	}
	rest, _, _ = strings.Cut(rest, "#")
	host, target := rest, "/"
	if i := strings.IndexAny(rest, "/?"); i >= 0 {
		host, target = rest[:i], rest[i:]
	}
	if strings.HasPrefix(target, "?") {
		target = "/" + target
	}
	m := newWire(method, target, host, header)
	if h := m.headers["host"]; len(h) > 0 {
		m.host = h[0]
	}
	return m, nil
}

func newWire(method, target, host string, header http.Header) wire {
	m := wire{method: method, host: host, headers: make(map[string][]string, len(header))}
	m.path, m.query, _ = strings.Cut(target, "?")
	for name, values := range header {
		name = strings.ToLower(name)
		m.headers[name] = append(m.headers[name], values...)
	}
	return m
}

// decode replaces percent escapes by their bytes. A '+' stays a '+', in the path and in the query.
//
// [?] Whether the service reads a '+' in a query as a space, as HTML forms do, is not established.
// The canonical form writes a space as %20 "never +", and the official Go SDK replaces each '+' of
// its query encoder by %20 before it signs. This reading refuses a URL with a '+' for a space. A
// '+' in place of %2B names the same parameter.
func decode(s string) (string, *Error) {
	if !strings.Contains(s, "%") {
		return s, nil
	}
	b := make([]byte, 0, len(s))
	for i := 0; i < len(s); i++ {
		if s[i] != '%' {
			b = append(b, s[i])
			continue
		}
		if i+2 >= len(s) {
			return "", invalidURI("a percent sign is not followed by two hex digits")
		}
		hi, lo := unhex(s[i+1]), unhex(s[i+2])
		if hi > 15 || lo > 15 {
			return "", invalidURI("a percent sign is not followed by two hex digits")
		}
		b = append(b, hi<<4|lo)
		i += 2
	}
	return string(b), nil
}

// unhex returns the value of a hex digit in either case, or 255.
func unhex(c byte) byte {
	switch {
	case c >= '0' && c <= '9':
		return c - '0'
	case c >= 'a' && c <= 'f':
		return c - 'a' + 10
	case c >= 'A' && c <= 'F':
		return c - 'A' + 10
	}
	return 255
}

// encode writes every byte outside A-Z a-z 0-9 - _ . ~ as %XX, upper-case. '/' stays where
// keepSlash is set.
func encode(s string, keepSlash bool) string {
	var b strings.Builder
	b.Grow(len(s) + len(s)/2)
	for i := 0; i < len(s); i++ {
		c := s[i]
		switch {
		case c >= 'a' && c <= 'z', c >= 'A' && c <= 'Z', c >= '0' &&
			c <= '9', c == '-', c == '_', c == '.', c == '~', c == '/' && keepSlash:
			b.WriteByte(c)
		default:
			b.WriteByte('%')
			b.WriteByte("0123456789ABCDEF"[c>>4])
			b.WriteByte("0123456789ABCDEF"[c&15])
		}
	}
	return b.String()
}

// A param is one query parameter, decoded. "name" and "name=" are the same.
type param struct{ name, value string }

type params []param

// get returns a parameter's value, and whether it is there.
func (p params) get(name string) (string, bool) {
	for _, q := range p {
		if q.name == name {
			return q.value, true
		}
	}
	return "", false
}

// parseQuery splits and decodes a raw query. Names that occur twice are refused: SDKs differ in
// what they sign then, and the service's choice is not known [?]. Empty pieces ("a&&b") count for
// nothing [?].
func parseQuery(raw string) (params, *Error) {
	var ps params
	seen := map[string]bool{}
	for piece := range strings.SplitSeq(raw, "&") {
		if piece == "" {
			continue
		}
		rawName, rawValue, _ := strings.Cut(piece, "=")
		name, err := decode(rawName)
		if err != nil {
			return nil, err
		}
		value, err := decode(rawValue)
		if err != nil {
			return nil, err
		}
		if seen[name] {
			return nil, invalidArgument("", "The query parameter occurs twice.", element{name: "ArgumentName", value: name})
		}
		seen[name] = true
		ps = append(ps, param{name, value})
	}
	return ps, nil
}

// canonicalQuery is the canonical form of all parameters but the signature: sorted by encoded name,
// "name" alone for an empty value.
func canonicalQuery(ps params) string {
	type pair struct{ name, text string }
	pairs := make([]pair, 0, len(ps))
	for _, p := range ps {
		if p.name == paramSignature {
			continue
		}
		name := encode(p.name, false)
		text := name
		if p.value != "" {
			text += "=" + encode(p.value, false)
		}
		pairs = append(pairs, pair{name, text})
	}
	slices.SortFunc(pairs, func(a, b pair) int { return strings.Compare(a.name, b.name) })
	var b strings.Builder
	for i, p := range pairs {
		if i > 0 {
			b.WriteByte('&')
		}
		b.WriteString(p.text)
	}
	return b.String()
}

// headerValue is a header as it is signed: blanks around each value removed, several values joined
// by commas. (SDKs differ on the joining. What the service does with a header that occurs twice is
// not established [?].)
func headerValue(values []string) string {
	trimmed := make([]string, len(values))
	for i, v := range values {
		trimmed[i] = strings.Trim(v, " \t")
	}
	return strings.Join(trimmed, ",")
}
