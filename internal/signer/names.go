package signer

import (
	"errors"
	"fmt"
	"net/netip"
	"strconv"
	"strings"
	"unicode/utf8"
)

// MaxKeyBytes is the longest object name that the service takes, in bytes of UTF-8 (§11).
const MaxKeyBytes = 1023

// CheckKey refuses an object name that the service does not take, or that no client can ask for. The name is the decoded
// one: percent signs in it are percent signs.
func CheckKey(key string) error {
	switch {
	case key == "":
		return errors.New("the key is empty; an object's name has 1 to 1023 bytes")
	case !utf8.ValidString(key):
		return errors.New("the key is not valid UTF-8, as the names of objects are")
	case len(key) > MaxKeyBytes:
		return fmt.Errorf("the key has %d bytes in UTF-8; an object's name has at most %d", len(key), MaxKeyBytes)
	case key[0] == '/':
		return errors.New("the key begins with a slash, which no object's name does; leave the slash out")
	case key[0] == '\\':
		return errors.New("the key begins with a backslash, which no object's name does; leave the backslash out")
	}
	for segment := range strings.SplitSeq(key, "/") {
		if segment == "." || segment == ".." {
			return fmt.Errorf("the key has %q as a path segment; HTTP clients remove such segments from a URL, "+
				"and the signature no longer matches; copy the object to another name", segment)
		}
	}
	return nil
}

// CheckExpires refuses seconds that the service does not take (§8).
func CheckExpires(seconds int64) error {
	if seconds < MinExpires || seconds > MaxExpires {
		return fmt.Errorf("the URL would hold %d seconds; Signature V4 takes %d to %d (7 days)", seconds, MinExpires, MaxExpires)
	}
	return nil
}

// CheckHeader refuses a header that cannot be sent exactly as it was signed. The name may be of any case.
func CheckHeader(name, value string) error {
	lower, trimmed := strings.ToLower(name), strings.Trim(value, " \t")
	switch {
	case lower == "":
		return errors.New("a header has an empty name")
	case !isToken(name):
		return fmt.Errorf("header %q: a name has letters, digits and -", name)
	case strings.Contains(lower, "_"):
		return fmt.Errorf("header %q: the service signs no name with an underscore (EC 0002-00000077)", name)
	case lower == "host":
		return fmt.Errorf("header %q is sent by every client itself; sign it by binding the URL to its host", name)
	case lower == "authorization":
		return fmt.Errorf("header %q: the service refuses a request that is signed in a header and in its URL", name)
	case lower == "x-oss-date", lower == "x-oss-security-token":
		return fmt.Errorf("header %q belongs to signatures in headers; a presigned URL has it in its query", name)
	case lower == "x-oss-content-sha256" && trimmed != unsignedPayload:
		return fmt.Errorf("header %q: the service takes no value but %s (EC 0002-00000214)", name, unsignedPayload)
	}
	if trimmed == "" {
		return fmt.Errorf("header %q: the value is empty, and clients do not agree on sending it", name)
	}
	for i := 0; i < len(trimmed); i++ {
		if c := trimmed[i]; c < ' ' && c != '\t' || c >= 0x7f {
			return fmt.Errorf("header %q: the value has the byte 0x%02X at offset %d; headers carry printable ASCII safely, "+
				"and clients encode the rest differently", name, c, i)
		}
	}
	return nil
}

// IsDefaultSigned tells whether the service signs a header wherever it is present: Content-Type, Content-MD5 and X-Oss-*.
// Other headers are signed where x-oss-additional-headers names them.
func IsDefaultSigned(name string) bool { return isDefaultSigned(strings.ToLower(name)) }

// OwnsParameter tells whether a query parameter is the signature's own, in any case of letters: nobody else may set it.
func OwnsParameter(name string) bool {
	switch lower := strings.ToLower(name); lower {
	case "x-oss-credential", "x-oss-date", "x-oss-expires", "x-oss-security-token", "x-oss-additional-headers":
		return true
	default:
		return strings.HasPrefix(lower, "x-oss-signature")
	}
}

// isToken tells whether s is a token of RFC 9110, section 5.6.2.
func isToken(s string) bool {
	for i := 0; i < len(s); i++ {
		c := s[i]
		if c <= ' ' || c >= 0x7f || strings.IndexByte(`"(),/:;<=>?@[\]{}`, c) >= 0 {
			return false
		}
	}
	return s != ""
}

// isLabel tells whether s has lower-case letters, digits and - only, as regions, products and buckets do.
func isLabel(s string) bool {
	for i := 0; i < len(s); i++ {
		if c := s[i]; (c < 'a' || c > 'z') && (c < '0' || c > '9') && c != '-' {
			return false
		}
	}
	return s != ""
}

// checkHost refuses what a client cannot write in a Host header, and of a host that is signed what clients rewrite there.
func checkHost(scheme, host string, signed bool) error {
	name, port := host, ""
	if i := strings.LastIndexByte(host, ':'); i >= 0 && !strings.HasSuffix(host, "]") {
		name, port = host[:i], host[i+1:]
		if _, err := strconv.ParseUint(port, 10, 16); err != nil {
			name = ""
		}
	}
	switch {
	case !isHostName(name) && !isBracketedIPv6(name):
		return fmt.Errorf("host %q: want a host name or an IP address, with a port where it needs one; an international name in punycode", host)
	case signed && strings.ToLower(host) != host:
		return fmt.Errorf("host %q: clients send a host in lower case; write it so where it is signed", host)
	case signed && (scheme == "https" && port == "443" || scheme == "http" && port == "80"):
		return fmt.Errorf("host %q: clients do not send the port that %s has anyway; leave the port out where the host is signed", host, scheme)
	}
	return nil
}

func isHostName(s string) bool {
	for i := 0; i < len(s); i++ {
		if c := s[i]; !unreserved[c] || c == '~' {
			return false
		}
	}
	return s != ""
}

func isBracketedIPv6(s string) bool {
	if len(s) < 2 || s[0] != '[' || s[len(s)-1] != ']' {
		return false
	}
	addr, err := netip.ParseAddr(s[1 : len(s)-1])
	return err == nil && addr.Is6() && addr.Zone() == ""
}
