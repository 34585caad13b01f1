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

// ParseDomain reads a custom domain mapped to a bucket, in the forms of ParseEndpoint. IP addresses
// are errors, since OSS maps none, and so are hosts under aliyuncs.com, where no custom domain can
// be.
func ParseDomain(s string) (Endpoint, error) {
	e, err := parseHost(FieldDomain, s)
	if err != nil {
		return Endpoint{}, err
	}
	if e.IsIP() {
		return Endpoint{}, fmt.Errorf("domain %s is an IP address, which cannot be mapped to a bucket. Use endpoint instead",
			text.Quote(s))
	}
	if strings.HasSuffix(e.Name, serviceDomain) || "."+e.Name == serviceDomain {
		return Endpoint{}, fmt.Errorf("domain %s is a host of Alibaba Cloud, not a custom domain. "+
			"Remove domain. Use endpoint_type or endpoint to choose another host of OSS", text.Quote(s))
	}
	return e, nil
}

// parseHost reads host[:port] with or without scheme. Errors begin with field.
func parseHost(field, s string) (Endpoint, error) {
	const form = "Write host, host:port, https://host[:port] or http://host[:port]"
	switch {
	case s == "":
		return Endpoint{}, fmt.Errorf("%s is empty. %s", field, form)
	case len(s) > maxInput:
		return Endpoint{}, fmt.Errorf("%s has %s bytes, and a host name has at most %d characters",
			field, text.Thousands(len(s)), maxName)
	case strings.ContainsAny(s, "@?#"):
		return Endpoint{}, fmt.Errorf("%s contains user information, a query or a fragment. %s", field, form)
	}
	// Errors from here on continue a sentence that begins with the argument and its value.
	refuse := func(err error) (Endpoint, error) {
		return Endpoint{}, fmt.Errorf("%s %s %w", field, text.Quote(s), err)
	}
	e := Endpoint{Scheme: "https"}
	scheme, rest, written := strings.Cut(s, "://")
	if written {
		e.Scheme = strings.ToLower(scheme)
		if e.Scheme != "https" && e.Scheme != "http" {
			return refuse(fmt.Errorf("has the scheme %q. Use https or http", scheme))
		}
	} else {
		rest = s
	}
	rest = strings.TrimSuffix(rest, "/")
	if strings.ContainsAny(rest, `/\`) {
		return refuse(errors.New("contains a path. " + form))
	}
	name, port, hasPort, err := splitPort(rest)
	if err != nil {
		return refuse(err)
	}
	if hasPort {
		if e.Port, err = parsePort(port); err != nil {
			return refuse(err)
		}
		if e.Port == 80 && !written {
			return refuse(fmt.Errorf("has the port of http and no scheme. Write http://%s for http, or https://%s:80 for https",
				name, name))
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
		return refuse(err)
	}
	return e, nil
}

// splitPort cuts "host:port" and "[v6]:port". The name keeps both of its brackets.
func splitPort(s string) (name, port string, hasPort bool, err error) {
	if strings.HasPrefix(s, "[") {
		inside, after, ok := strings.Cut(s, "]")
		if !ok {
			return "", "", false, errors.New("lacks the bracket after the IPv6 address")
		}
		port, hasPort = strings.CutPrefix(after, ":")
		if after != "" && !hasPort {
			return "", "", false, errors.New("has text after the IPv6 address. Only :port can follow it")
		}
		return inside + "]", port, hasPort, nil
	}
	if strings.Count(s, ":") > 1 {
		if _, err := netip.ParseAddr(s); err == nil {
			return "", "", false, fmt.Errorf("is an IPv6 address without brackets. Write [%s]", s)
		}
		return "", "", false, errors.New("contains more than one colon")
	}
	name, port, hasPort = strings.Cut(s, ":")
	return name, port, hasPort, nil
}

func parsePort(s string) (int, error) {
	n, err := strconv.ParseUint(s, 10, 16)
	if err != nil || n == 0 {
		return 0, fmt.Errorf("has the port %s. A port is a number from 1 to 65535", text.Quote(s))
	}
	return int(n), nil
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

// parseName returns an IPv4 address or a DNS name in the form that clients send.
func parseName(s string) (string, error) {
	if s == "" {
		return "", errors.New("has no host")
	}
	if !utf8.ValidString(s) {
		return "", errors.New("is not valid UTF-8")
	}
	name := strings.ToLower(s)
	if !isASCII(s) || strings.Contains(name, "xn--") {
		ascii, err := idna.Lookup.ToASCII(s)
		if err != nil {
			return "", errors.New("is not a valid international domain name")
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
		if label == "" || len(label) > maxLabel {
			return fmt.Errorf("must have 1 to %d characters between two dots", maxLabel)
		}
		for _, r := range label {
			if !isLowerAlnum(r) && r != '-' {
				return fmt.Errorf("contains %q. A host name has only letters, digits, \"-\" and dots", r)
			}
		}
		if label[0] == '-' || label[len(label)-1] == '-' {
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
