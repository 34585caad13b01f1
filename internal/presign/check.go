package presign

import (
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/alioss/terraform-provider-alioss/internal/signer"
	"github.com/alioss/terraform-provider-alioss/internal/text"
)

// maxFilenameBytes is the longest name that common file systems accept.
const maxFilenameBytes = 255

// maxParameterBytes bounds the configured text of a URL: servers and clients take URLs of some
// kilobytes.
const maxParameterBytes = 4096

// overridable are the headers of an answer that a URL can override, as response-* parameters
// (GetObject).
var overridable = []string{
	"cache-control", "content-disposition", "content-encoding", "content-language", "content-type", "expires",
}

// ownArguments are the parameters that an argument of its own sets, with that argument.
var ownArguments = map[string]string{
	"versionid":           "version",
	"x-oss-process":       "process",
	"x-oss-traffic-limit": "traffic_limit",
	"x-oss-request-payer": "request_payer",
}

// olderSignatures are parameters that make the service look for a signature of another version.
var olderSignatures = map[string]bool{
	"ossaccesskeyid": true, "signature": true, "expires": true, "security-token": true,
}

// maxNameBytes is more than any name of a header or parameter has.
const maxNameBytes = 256

func errLongName(what, name string) error {
	return fmt.Errorf("%s name must have at most %d bytes, got %s bytes. Shorten it", what, maxNameBytes,
		text.Thousands(len(name)))
}

// hopByHop are headers between two neighbours: proxies drop or rewrite them, and with them the
// signature (RFC 9110, section 7.6.1).
var hopByHop = map[string]bool{
	"connection": true, "expect": true, "keep-alive": true, "proxy-authenticate": true, "proxy-authorization": true,
	"proxy-connection": true, "te": true, "trailer": true, "transfer-encoding": true, "upgrade": true,
}

// CheckHeader returns an error for a header that does not arrive as it was signed, or that belongs
// to the signature.
func CheckHeader(name, value string) error {
	fault := ""
	switch lower := strings.ToLower(name); {
	case len(name) > maxNameBytes:
		return errLongName("header", name)
	case hopByHop[lower]:
		fault = "cannot be signed. Clients and proxies set or remove it on the way, and the signature no longer matches. " +
			"Leave it out"
	case lower == "host":
		fault = "cannot be set, because every client sends its own. Set bind_host = true to sign it"
	case signer.OwnsParameter(name):
		fault = "belongs to the signature, which is in the query of a presigned URL. Leave it out"
	default:
		return signer.CheckHeader(name, value)
	}
	return fmt.Errorf("header %s %s", text.Quote(name), fault)
}

// CheckQuery returns an error for a name or a value that the query argument cannot have.
func CheckQuery(name, value string) error {
	fault, lower := "", strings.ToLower(name)
	switch {
	case name == "":
		return errors.New("query has a parameter with an empty name. Give it a name, or leave it out")
	case len(name) > maxNameBytes:
		return errLongName("parameter", name)
	case strings.ContainsFunc(name, unicode.IsSpace):
		return fmt.Errorf("parameter name must not contain white space, got %s. Remove it", text.Quote(name))
	case signer.OwnsParameter(name):
		fault = "belongs to the signature, which sets it. Leave it out"
	case ownArguments[lower] != "":
		fault = "has its own argument. Set " + ownArguments[lower] + " instead"
	case strings.HasPrefix(lower, "response-"):
		fault = fmt.Sprintf("has its own argument. Set response_headers[%q] instead", strings.TrimPrefix(lower, "response-"))
	case olderSignatures[lower]:
		fault = "belongs to older signature versions, and OSS would check one of them instead. Leave it out"
	}
	if fault != "" {
		return fmt.Errorf("parameter %s %s", text.Quote(name), fault)
	}
	if err := checkText("parameter name", name); err != nil {
		return err
	}
	return checkText("value of parameter "+text.Quote(name), value)
}

// CheckResponseHeader returns an error for a header that the service does not override in any
// answer, or for a value that no header can have.
func CheckResponseHeader(name, value string) error {
	switch {
	case len(name) > maxNameBytes:
		return errLongName("response header", name)
	case !slices.Contains(overridable, strings.ToLower(name)):
		return fmt.Errorf("response header must be one of %s, got %s. OSS overrides no other header",
			strings.Join(overridable, ", "), text.Quote(name))
	case value == "":
		return fmt.Errorf("response header %s has an empty value. Leave the header out instead", text.Quote(name))
	}
	return checkText("value of response header "+text.Quote(name), value)
}

// checkText returns an error for text that a query parameter should not contain: control
// characters, broken UTF-8, and a length that makes a URL too long for servers and clients.
func checkText(what, value string) error {
	control := strings.IndexFunc(value, unicode.IsControl)
	switch {
	case len(value) > maxParameterBytes:
		return fmt.Errorf("%s must have at most %s bytes, got %s bytes. Many servers and clients refuse longer URLs. "+
			"Shorten it", what, text.Thousands(maxParameterBytes), text.Thousands(len(value)))
	case !utf8.ValidString(value):
		return fmt.Errorf("%s must be valid UTF-8", what)
	case control >= 0:
		return fmt.Errorf("%s must not contain control characters, got one at offset %d. Remove it", what, control)
	}
	return nil
}

// CheckFilename returns an error for a name under which no browser saves a file.
func CheckFilename(name string) error {
	switch {
	case name == "":
		return errors.New("filename is empty. Leave it out to keep the object's own name")
	case len(name) > maxFilenameBytes:
		return fmt.Errorf("filename must have at most %d bytes in UTF-8, got %s bytes. Shorten it", maxFilenameBytes,
			text.Thousands(len(name)))
	case strings.ContainsAny(name, `/\`):
		return fmt.Errorf("filename must be a name without a path, got %s. Remove the slash or backslash", text.Quote(name))
	case strings.ContainsFunc(name, invisible):
		return fmt.Errorf(
			"filename must not contain characters that are invisible or change the direction of text, got %s. Remove them",
			text.Quote(name),
		)
	case name == "." || name == "..":
		return fmt.Errorf("filename must be the name of a file, got the directory %s", text.Quote(name))
	}
	return checkText("filename", name)
}

// invisible reports whether a character is not seen, or changes how others are seen: bidirectional
// controls, zero-width characters, line and paragraph separators (Unicode's categories Cf, Zl and
// Zp).
func invisible(r rune) bool { return unicode.In(r, unicode.Cf, unicode.Zl, unicode.Zp) }

// ContentDisposition returns the value that makes browsers save under a name: RFC 6266, with the
// name in RFC 8187's form and a fallback of plain ASCII for clients that do not support it. A
// percent sign, quote or non-ASCII character is an underscore in the fallback: some browsers decode
// or cut there (RFC 6266, appendix D).
func ContentDisposition(name string) string {
	var b strings.Builder
	b.WriteString(`attachment; filename="`)
	for _, r := range name {
		if r < ' ' || r > '~' || strings.ContainsRune(`"\%`, r) {
			r = '_'
		}
		b.WriteRune(r)
	}
	b.WriteString(`"; filename*=UTF-8''`)
	for _, c := range []byte(name) {
		if strings.IndexByte(alphanumeric+"!#$&+-.^_`|~", c) >= 0 { // attr-char
			b.WriteByte(c)
		} else {
			fmt.Fprintf(&b, "%%%02X", c)
		}
	}
	return b.String()
}

const alphanumeric = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"

// CheckMethod returns an error for a method that no URL can be signed for.
func CheckMethod(method string) error {
	switch method {
	case "GET", "HEAD", "PUT", "DELETE":
		return nil
	}
	return fmt.Errorf("method must be GET, HEAD, PUT or DELETE in upper case, got %s", text.Quote(method))
}

// The service's limits of x-oss-traffic-limit, in bits per second (EC 0004-00000502).
const (
	minTrafficLimit = 819_200
	maxTrafficLimit = 838_860_800
	TrafficLimits   = "between 819200 and 838860800 bits per second"
)

// CheckTrafficLimit returns an error for bits per second outside the service's limits.
func CheckTrafficLimit(n int64) error {
	if n < minTrafficLimit || n > maxTrafficLimit {
		return fmt.Errorf("traffic_limit must be between %d (100 KB/s) and %d (100 MB/s) bits per second, got %d",
			minTrafficLimit, maxTrafficLimit, n)
	}
	return nil
}

// CheckVersion returns an error for text that is no version ID.
func CheckVersion(version string) error {
	switch {
	case version == "":
		return errors.New("version is empty. Leave it out for the current version, or set it to the object's version ID " +
			`("null" for an object from before versioning)`)
	case len(version) > signer.MaxKeyBytes:
		return fmt.Errorf("version must have at most %d bytes, got %s bytes. Set it to the object's version ID",
			signer.MaxKeyBytes, text.Thousands(len(version)))
	case strings.ContainsFunc(version, unicode.IsSpace):
		return fmt.Errorf("version must not contain white space, got %s. Remove it", text.Quote(version))
	}
	return checkText("version", version)
}

// CheckProcess returns an error for text that is no value of x-oss-process.
func CheckProcess(process string) error {
	value, isNamed := strings.CutPrefix(strings.TrimPrefix(process, "?"), "x-oss-process=")
	switch {
	case process == "":
		return errors.New(`process is empty. Leave it out, or set it to an operation such as "image/resize,w_200"`)
	case isNamed:
		return fmt.Errorf("process must not begin with the parameter's name, which the provider adds. Set it to %s",
			text.Quote(value))
	case strings.TrimSpace(process) != process:
		return errors.New("process must not begin or end with white space. Remove it")
	}
	return checkText("process", process)
}

// Unusual returns the reason why a key is probably not the name of an object, although it could be,
// or why a client will not use it unchanged. It returns "" if nothing seems wrong.
func Unusual(key, method string) string {
	switch {
	case isURL(key):
		return "It looks like a URL. A key is the object's name alone, without scheme, host and bucket."
	case strings.TrimSpace(key) != key:
		return spaceAround
	case isEncoded(key):
		return "It looks percent-encoded. The provider encodes the key itself, and \"%20\" becomes \"%2520\". Leave out " +
			"urlencode()."
	case method == "PUT" && strings.HasSuffix(key, "/"):
		return "It ends with a slash. curl -T appends the name of the local file to such a URL, and the signature no " +
			"longer matches. Give the whole name of the object."
	}
	return ""
}

const spaceAround = "It begins or ends with white space, as text from a file often does. " +
	"Remove it with trimspace() or chomp()."

// isURL reports whether a text begins with a scheme of URLs, in any case of letters.
func isURL(s string) bool {
	scheme, _, found := strings.Cut(s, "://")
	return found && slices.Contains([]string{"oss", "https", "http"}, strings.ToLower(scheme))
}

// isEncoded reports whether a text has the form of a key that was percent-encoded before.
func isEncoded(s string) bool {
	_, err := url.PathUnescape(s)
	return err == nil && strings.Contains(s, "%") && strings.TrimLeft(s, alphanumeric+"._~/+-%") == ""
}

// CheckPrefix returns an error for text with which no key that can be signed begins. An empty
// prefix is the whole bucket.
func CheckPrefix(prefix string) error {
	switch {
	case len(prefix) > signer.MaxKeyBytes:
		return fmt.Errorf("prefix must have at most %d bytes in UTF-8, as keys do, got %s bytes. Shorten it",
			signer.MaxKeyBytes, text.Thousands(len(prefix)))
	case !utf8.ValidString(prefix):
		return errors.New("prefix must be valid UTF-8")
	case strings.HasPrefix(prefix, "/"), strings.HasPrefix(prefix, `\`):
		return fmt.Errorf("prefix must not begin with a slash or backslash, got %s. Remove it", text.Quote(prefix))
	case isURL(prefix):
		return fmt.Errorf("prefix must be the beginning of keys, got the URL %s. Leave out scheme, host and bucket",
			text.Quote(prefix))
	}
	return nil
}

// UnusualPrefix returns why a prefix is hardly the beginning of keys, although it could be, as
// sentences that end with a blank, "" if nothing seems wrong.
func UnusualPrefix(prefix string) string {
	switch {
	case strings.HasPrefix(prefix, "./"), strings.HasPrefix(prefix, "../"):
		return "Keys are not paths of a file system, so leave out the dots at the beginning. "
	case strings.ContainsAny(prefix, "*?"):
		return "Wildcards have no meaning in a prefix. It matches all keys that begin with it. "
	case strings.TrimSpace(prefix) != prefix:
		return spaceAround + " "
	case isEncoded(prefix):
		return "It looks percent-encoded. The provider encodes the prefix itself. Leave out urlencode(). "
	}
	return ""
}
