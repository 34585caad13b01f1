package endpoint

import (
	"errors"
	"fmt"
	"net/netip"
	"strconv"
	"strings"
	"unicode/utf8"

	"golang.org/x/net/idna"
)

// Limits of a host's name, RFC 1035 section 2.3.4, and of the text that is looked at.
const (
	maxName  = 253
	maxLabel = 63
	maxInput = 1024
)

// Endpoint is a scheme and a host, without a bucket.
type Endpoint struct {
	Scheme string // "https" or "http"
	Name   string // a lower-case ASCII name, or an IP address in its shortest form, IPv6 without brackets
	Port   int    // 1 to 65535; 0 is the scheme's own
}

// Host returns what a client sends in the Host header: the port unless it is the scheme's own, an IPv6 address in brackets.
func (e Endpoint) Host() string {
	host := e.Name
	if strings.Contains(host, ":") {
		host = "[" + host + "]"
	}
	if e.Port != 0 {
		host += ":" + strconv.Itoa(e.Port)
	}
	return host
}

// String returns e as a URL, "https://host[:port]".
func (e Endpoint) String() string { return e.Scheme + "://" + e.Host() }

// IsIP reports whether the host is an IP address.
func (e Endpoint) IsIP() bool {
	_, err := netip.ParseAddr(e.Name)
	return err == nil
}

// ParseEndpoint reads host[:port], https://host[:port] or http://host[:port]; without a scheme it is https. The host is a name, an IPv4
// address or an IPv6 address in brackets. International names become punycode (UTS 46, as for a look-up), names become lower case, and
// the scheme's own port is dropped, since clients leave it out of the Host header. One "/" at the end is tolerated.
//
// Errors are: path, query, fragment and user information (whose text is not repeated); names with characters other than letters, digits and "-"
// (so also "_", which no certificate holds), with a dot at the end, longer than 253 characters, or ending in a number (many clients take
// those for an address); IPv6 zones; and port 80 without a scheme, which leaves open whether http is meant.
func ParseEndpoint(s string) (Endpoint, error) { return parseHost(FieldEndpoint, s) }

// ParseDomain reads a custom domain bound to a bucket, in the forms of ParseEndpoint. IP addresses are refused, since the service binds none,
// and so is every host under aliyuncs.com, where no custom domain can be and where the host follows from region, endpoint type and bucket.
func ParseDomain(s string) (Endpoint, error) {
	e, err := parseHost(FieldDomain, s)
	if err != nil {
		return Endpoint{}, err
	}
	if e.IsIP() {
		return Endpoint{}, fmt.Errorf("domain %q: an IP address cannot be bound to a bucket: set endpoint to it, where it is used in path style", e)
	}
	if strings.HasSuffix(e.Name, serviceDomain) || "."+e.Name == serviceDomain {
		return Endpoint{}, fmt.Errorf("domain %q: is a host of Alibaba Cloud, not a custom domain: leave domain out; "+
			"the host follows from bucket, region and endpoint_type, or from endpoint", e)
	}
	return e, nil
}

// parseHost reads host[:port] with or without scheme; field names the value in errors.
func parseHost(field, s string) (Endpoint, error) {
	refuse := func(format string, args ...any) (Endpoint, error) {
		return Endpoint{}, fmt.Errorf("%s %s: %w", field, show(s), fmt.Errorf(format, args...))
	}
	const form = "write host, host:port, https://host[:port] or http://host[:port]"
	switch {
	case s == "":
		return Endpoint{}, fmt.Errorf("%s is empty: %s", field, form)
	case len(s) > maxInput:
		return Endpoint{}, fmt.Errorf("%s has %d bytes: a host's name has at most %d characters", field, len(s), maxName)
	case strings.ContainsAny(s, "@?#"):
		return Endpoint{}, fmt.Errorf("%s holds user information, a query or a fragment: %s", field, form)
	}
	e := Endpoint{Scheme: "https"}
	scheme, rest, written := strings.Cut(s, "://")
	if written {
		e.Scheme = strings.ToLower(scheme)
		if e.Scheme != "https" && e.Scheme != "http" {
			return refuse("scheme %q is neither https nor http", scheme)
		}
	} else {
		rest = s
	}
	rest = strings.TrimSuffix(rest, "/")
	if strings.ContainsAny(rest, `/\`) {
		return refuse("holds a path: %s", form)
	}
	name, port, hasPort, err := splitPort(rest)
	if err != nil {
		return refuse("%w", err)
	}
	if hasPort {
		if e.Port, err = parsePort(port); err != nil {
			return refuse("%w", err)
		}
		if e.Port == 80 && !written {
			return refuse("port 80 is http's, and without a scheme https is meant: write http://%s for http, or https://%s:80", name, name)
		}
		if e.Scheme == "https" && e.Port == 443 || e.Scheme == "http" && e.Port == 80 {
			e.Port = 0
		}
	}
	if strings.HasPrefix(name, "[") {
		e.Name, err = parseIPv6(name[1 : len(name)-1])
	} else {
		e.Name, err = parseName(name)
	}
	if err != nil {
		return refuse("%w", err)
	}
	return e, nil
}

// splitPort cuts "host:port" and "[v6]:port"; the name keeps its brackets, both of them.
func splitPort(s string) (name, port string, hasPort bool, err error) {
	if strings.HasPrefix(s, "[") {
		inside, after, ok := strings.Cut(s, "]")
		if !ok {
			return "", "", false, errors.New("the IPv6 address's bracket is not closed")
		}
		port, hasPort = strings.CutPrefix(after, ":")
		if after != "" && !hasPort {
			return "", "", false, errors.New("only :port can follow the IPv6 address")
		}
		return inside + "]", port, hasPort, nil
	}
	if strings.Count(s, ":") > 1 {
		if _, err := netip.ParseAddr(s); err == nil {
			return "", "", false, fmt.Errorf("an IPv6 address needs brackets: write [%s]", s)
		}
		return "", "", false, errors.New("holds more than one colon")
	}
	name, port, hasPort = strings.Cut(s, ":")
	return name, port, hasPort, nil
}

func parsePort(s string) (int, error) {
	n, err := strconv.ParseUint(s, 10, 16)
	if err != nil || n == 0 {
		return 0, fmt.Errorf("port %s: must be a number from 1 to 65535", show(s))
	}
	return int(n), nil
}

func parseIPv6(s string) (string, error) {
	a, err := netip.ParseAddr(s)
	switch {
	case err != nil || !a.Is6():
		return "", errors.New("what is in brackets is not an IPv6 address")
	case a.Zone() != "":
		return "", errors.New("an IPv6 zone means nothing to other machines: leave it out")
	case a.Is4In6():
		return "", fmt.Errorf("an IPv4 address within IPv6 is written in several ways: write %s", a.Unmap())
	}
	return a.String(), nil
}

// parseName returns an IPv4 address or a DNS name in the form that clients send.
func parseName(s string) (string, error) {
	if s == "" {
		return "", errors.New("the host is missing")
	}
	if !utf8.ValidString(s) {
		return "", errors.New("is not UTF-8")
	}
	name := strings.ToLower(s)
	if !isASCII(s) || strings.Contains(name, "xn--") {
		ascii, err := idna.Lookup.ToASCII(s)
		if err != nil {
			return "", fmt.Errorf("is not a valid internationalized domain name: %w", err)
		}
		name = ascii
	}
	if a, err := netip.ParseAddr(name); err == nil {
		return a.String(), nil
	}
	if err := checkName(name); err != nil {
		return "", err
	}
	return name, nil
}

// checkName applies the syntax of host names, RFC 1123 section 2.1, to an ASCII name.
func checkName(name string) error {
	if strings.HasSuffix(name, ".") {
		return errors.New("ends with a dot, which clients treat differently: leave it out")
	}
	if len(name) > maxName {
		return fmt.Errorf("the name has %d characters, and at most %d are possible", len(name), maxName)
	}
	label := ""
	for label = range strings.SplitSeq(name, ".") {
		if label == "" || len(label) > maxLabel {
			return fmt.Errorf("between two dots there are 1 to %d characters", maxLabel)
		}
		for _, r := range label {
			if !isLowerAlnum(r) && r != '-' {
				return fmt.Errorf("a name has letters, digits, \"-\" and dots, and no %q", r)
			}
		}
		if label[0] == '-' || label[len(label)-1] == '-' {
			return fmt.Errorf("%q begins or ends with \"-\"", label)
		}
	}
	if looksNumeric(label) {
		return fmt.Errorf("a name that ends in the number %q is taken for an IP address by many clients: write an address as four decimal numbers", label)
	}
	return nil
}

// looksNumeric is the "ends in a number" test of the WHATWG URL standard, on a name's last label.
func looksNumeric(label string) bool {
	if hex, ok := strings.CutPrefix(label, "0x"); ok {
		return strings.Trim(hex, "0123456789abcdef") == ""
	}
	return strings.Trim(label, "0123456789") == ""
}

func isASCII(s string) bool {
	for i := range len(s) {
		if s[i] >= utf8.RuneSelf {
			return false
		}
	}
	return true
}
