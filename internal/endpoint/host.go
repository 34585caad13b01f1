package endpoint

import (
	"errors"
	"fmt"
	"net/netip"
	"strconv"
	"strings"
	"unicode/utf8"

	"golang.org/x/net/idna"

	"github.com/alioss/terraform-provider-alioss/internal/text"
)

// Limits of a host name (RFC 1035, section 2.3.4), and of the text that is read at all.
const (
	maxName  = 253
	maxLabel = 63
	maxInput = 1024
)

// Endpoint is a scheme and a host, without a bucket.
type Endpoint struct {
	Scheme string // "https" or "http"
	// Name is a lower-case ASCII name, or an IP address in its shortest form, IPv6 without brackets.
	Name string
	Port int // 1 to 65535, or 0 for that of the scheme
}

// Host returns what a client sends in the Host header: the port unless it is that of the scheme, an
// IPv6 address in brackets.
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

// ParseEndpoint reads host[:port], https://host[:port] or http://host[:port]. Without a scheme it
// is https. The host is a name, an IPv4 address or an IPv6 address in brackets. International names
// become punycode (UTS 46, as for a DNS query), names become lower case, and the port of the scheme
// is dropped, since clients leave it out of the Host header. One "/" at the end is tolerated.
//
// Errors are: path, query, fragment and user information (whose text is not repeated), names with
// characters other than letters, digits and "-" (so also "_", which no certificate has), with a dot
// at the end, longer than 253 characters, or with a number at the end (many clients read those as
// an address), IPv6 zones, and port 80 without a scheme, which may mean http or https.
func ParseEndpoint(s string) (Endpoint, error) { return parseHost(FieldEndpoint, s) }

// ParseDomain reads a custom domain of a bucket, in the forms of ParseEndpoint. IP addresses, which
// OSS does not map, and hosts under aliyuncs.com are errors.
func ParseDomain(s string) (Endpoint, error) {
	e, err := parseHost(FieldDomain, s)
	switch {
	case err != nil:
		return Endpoint{}, err
	case e.IsIP():
		return Endpoint{}, fault(FieldDomain, "%s is an IP address, which cannot be mapped to a bucket. Use endpoint instead",
			text.Quote(s))
	case strings.HasSuffix("."+e.Name, serviceDomain):
		return Endpoint{}, fault(FieldDomain, "%s is a host of Alibaba Cloud, not a custom domain. "+
			"Remove domain. Use endpoint_type or endpoint to choose another host of OSS", text.Quote(s))
	}
	return e, nil
}

const hostSyntax = "Write host, host:port, https://host[:port] or http://host[:port]"

func parseHost(field, s string) (Endpoint, error) {
	switch {
	case s == "":
		return Endpoint{}, fault(field, "is empty. "+hostSyntax)
	case len(s) > maxInput:
		return Endpoint{}, fault(field, "has %s bytes, and a host name has at most %d characters",
			text.Thousands(len(s)), maxName)
	case strings.ContainsAny(s, "@?#"):
		return Endpoint{}, fault(field, "contains user information, a query or a fragment. "+hostSyntax)
	}
	e, err := parseAddress(s)
	if err != nil {
		return Endpoint{}, fault(field, "%s %s", text.Quote(s), err)
	}
	return e, nil
}

// parseAddress continues parseHost. Its errors continue a sentence that begins with the argument
// and its value.
func parseAddress(s string) (Endpoint, error) {
	e := Endpoint{Scheme: "https"}
	scheme, rest, hasScheme := strings.Cut(s, "://")
	if hasScheme {
		e.Scheme = strings.ToLower(scheme)
	} else {
		rest = s
	}
	if e.Scheme != "https" && e.Scheme != "http" {
		return e, fmt.Errorf("has the scheme %q. Use https or http", scheme)
	}
	rest = strings.TrimSuffix(rest, "/")
	if strings.ContainsAny(rest, `/\`) {
		return e, errors.New("contains a path. " + hostSyntax)
	}
	name, port, err := splitPort(rest)
	if err != nil {
		return e, err
	}
	if port != "" {
		n, err := strconv.ParseUint(port[1:], 10, 16)
		switch {
		case err != nil || n == 0:
			return e, fmt.Errorf("has the port %s. A port is a number from 1 to 65535", text.Quote(port[1:]))
		case n == 80 && !hasScheme:
			return e, fmt.Errorf("has the port of http and no scheme. Write http://%s for http, or https://%s:80 for https",
				name, name)
		case e.Scheme == "https" && n != 443, e.Scheme == "http" && n != 80:
			e.Port = int(n)
		}
	}
	e.Name, err = parseName(name)
	return e, err
}

// splitPort cuts "host:port" and "[v6]:port" before the colon of the port.
func splitPort(s string) (name, port string, err error) {
	hasBracket := strings.HasPrefix(s, "[")
	end := strings.IndexByte(s, ':')
	if hasBracket {
		end = strings.IndexByte(s, ']') + 1
	}
	if end < 0 {
		return s, "", nil
	}
	name, port = s[:end], s[end:]
	switch {
	case hasBracket && name == "":
		return "", "", errors.New("lacks the bracket after the IPv6 address")
	case hasBracket && port != "" && port[0] != ':':
		return "", "", errors.New("has text after the IPv6 address. Only :port can follow it")
	case hasBracket || strings.Count(port, ":") == 1:
		return name, port, nil
	}
	if _, err := netip.ParseAddr(s); err == nil {
		return "", "", fmt.Errorf("is an IPv6 address without brackets. Write [%s]", s)
	}
	return "", "", errors.New("contains more than one colon")
}

// parseName returns an IP address or a DNS name as clients send it, IPv6 without its brackets.
func parseName(s string) (string, error) {
	switch {
	case s == "":
		return "", errors.New("has no host")
	case s[0] == '[':
		return parseIPv6(s[1 : len(s)-1])
	case !utf8.ValidString(s):
		return "", errors.New("is not valid UTF-8")
	}
	name := strings.ToLower(s)
	if strings.ContainsFunc(s, func(r rune) bool { return r >= utf8.RuneSelf }) || strings.Contains(name, "xn--") {
		ascii, err := idna.Lookup.ToASCII(s)
		if err != nil {
			return "", errors.New("is not a valid international domain name")
		}
		name = ascii
	}
	if a, err := netip.ParseAddr(name); err == nil {
		return a.String(), nil
	}
	return name, checkName(name)
}

func parseIPv6(s string) (string, error) {
	a, err := netip.ParseAddr(s)
	switch {
	case err != nil || !a.Is6():
		return "", errors.New("has no IPv6 address in its brackets")
	case a.Zone() != "":
		return "", errors.New("has an IPv6 zone, which means nothing to other machines. Remove the zone")
	case a.Is4In6():
		return "", fmt.Errorf("is an IPv4 address within IPv6, which has several spellings. Write %s", a.Unmap())
	}
	return a.String(), nil
}

// checkName applies the syntax of host names (RFC 1123, section 2.1) to an ASCII name.
func checkName(name string) error {
	if strings.HasSuffix(name, ".") {
		return errors.New("ends with a dot, which clients treat differently. Remove the dot")
	}
	if len(name) > maxName {
		return fmt.Errorf("has %d characters, and a host name has at most %d", len(name), maxName)
	}
	label := ""
	for label = range strings.SplitSeq(name, ".") {
		switch i := strings.IndexFunc(label, notInLabel); {
		case label == "" || len(label) > maxLabel:
			return fmt.Errorf("must have 1 to %d characters between two dots", maxLabel)
		case i >= 0:
			return fmt.Errorf("contains %q. A host name has only letters, digits, \"-\" and dots", label[i])
		case label[0] == '-' || label[len(label)-1] == '-':
			return fmt.Errorf("contains %q, which begins or ends with \"-\"", label)
		}
	}
	if looksNumeric(label) {
		return fmt.Errorf("ends with the number %q, which many clients read as part of an IP address. "+
			"Write an address as four decimal numbers", label)
	}
	return nil
}

// looksNumeric is the "ends in a number" test of the WHATWG URL standard, on a name's last label.
func looksNumeric(label string) bool {
	if hex, isHex := strings.CutPrefix(label, "0x"); isHex {
		return strings.Trim(hex, "0123456789abcdef") == ""
	}
	return strings.Trim(label, "0123456789") == ""
}
