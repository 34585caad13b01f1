package presign

import (
	"errors"
	"fmt"
	"regexp"
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"

	"github.com/alioss/terraform-provider-alioss/internal/signer"
	"github.com/alioss/terraform-provider-alioss/internal/text"
)

// maxFilenameBytes is the longest name that the file systems in use take.
const maxFilenameBytes = 255

// maxParameterBytes bounds the configured text of a URL: servers and clients take URLs of some kilobytes.
const maxParameterBytes = 4096

// overridable are the headers of an answer that a URL may ask for, as response-* parameters (GetObject).
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
var olderSignatures = map[string]bool{"ossaccesskeyid": true, "signature": true, "expires": true, "security-token": true}

// maxNameBytes is more than any name of a header or parameter has.
const maxNameBytes = 256

func errLongName(name string) error {
	return fmt.Errorf("a name has %d bytes; names have at most %d; shorten it", len(name), maxNameBytes)
}

// hopByHop are headers between two neighbours: proxies drop or rewrite them, and with them the signature (RFC 9110,
// section 7.6.1).
var hopByHop = map[string]bool{
	"connection": true, "expect": true, "keep-alive": true, "proxy-authenticate": true, "proxy-authorization": true,
	"proxy-connection": true, "te": true, "trailer": true, "transfer-encoding": true, "upgrade": true,
}

// CheckHeader refuses a header that does not arrive as it was signed, or that belongs to the signature.
func CheckHeader(name, value string) error {
	switch lower := strings.ToLower(name); {
	case len(name) > maxNameBytes:
		return errLongName(name)
	case hopByHop[lower]:
		return fmt.Errorf("header %s is for one connection: clients and proxies set or drop it on the way, and the signature no longer "+
			"matches; leave it out", text.Quote(name))
	case lower == "host":
		return fmt.Errorf("header %s is sent by every client itself; set bind_host = true to sign it", text.Quote(name))
	case signer.OwnsParameter(name):
		return fmt.Errorf("header %s belongs to the signature, which a presigned URL has in its query; leave it out", text.Quote(name))
	}
	return signer.CheckHeader(name, value)
}

// checkParameter refuses a parameter of the query argument that is not the user's to set there.
func checkParameter(name string) error {
	lower := strings.ToLower(name)
	switch {
	case name == "":
		return errors.New("a query parameter has an empty name; give it one or leave it out")
	case len(name) > maxNameBytes:
		return errLongName(name)
	case strings.ContainsFunc(name, unicode.IsSpace):
		return fmt.Errorf("query parameter %s has a blank in its name, which no parameter of the service has; remove it", text.Quote(name))
	case signer.OwnsParameter(name):
		return fmt.Errorf("query parameter %s belongs to the signature, which sets it itself; leave it out", text.Quote(name))
	case ownArguments[lower] != "":
		return fmt.Errorf("query parameter %s has an argument of its own; set %s instead", text.Quote(name), ownArguments[lower])
	case strings.HasPrefix(lower, "response-"):
		return fmt.Errorf("query parameter %s has an argument of its own; set response_headers[%q] instead",
			text.Quote(name), strings.TrimPrefix(lower, "response-"))
	case olderSignatures[lower]:
		return fmt.Errorf("query parameter %s belongs to older signatures, and the service would look for one; leave it out", text.Quote(name))
	}
	return checkText("query parameter name", name)
}

// CheckQuery refuses a name or a value of the query argument.
func CheckQuery(name, value string) error {
	if err := checkParameter(name); err != nil {
		return err
	}
	return checkText("value", value)
}

// CheckResponseHeader refuses a header that the service overrides in no answer, or a value that no header can have.
func CheckResponseHeader(name, value string) error {
	known := false
	for _, header := range overridable {
		known = known || strings.EqualFold(name, header)
	}
	if len(name) > maxNameBytes {
		return errLongName(name)
	}
	if !known {
		return fmt.Errorf("the service overrides no response header %s; leave it out, or name one of %s", text.Quote(name), strings.Join(overridable, ", "))
	}
	if value == "" {
		return fmt.Errorf("response header %s has an empty value; leave the name out instead", text.Quote(name))
	}
	return checkText("response header "+text.Quote(name), value)
}

// checkText refuses what a query parameter should not carry: control characters, broken UTF-8, and what makes a URL too
// long for servers and clients.
func checkText(what, value string) error {
	if len(value) > maxParameterBytes {
		return fmt.Errorf("the %s has %d bytes; at most %d fit into a URL that all clients take", what, len(value), maxParameterBytes)
	}
	if !utf8.ValidString(value) {
		return fmt.Errorf("the %s is not valid UTF-8", what)
	}
	if i := strings.IndexFunc(value, unicode.IsControl); i >= 0 {
		return fmt.Errorf("the %s has a control character at offset %d; leave it out", what, i)
	}
	return nil
}

// CheckFilename refuses what no browser saves a file under.
func CheckFilename(name string) error {
	switch {
	case name == "":
		return errors.New("the filename is empty; leave it out to keep the object's own name")
	case len(name) > maxFilenameBytes:
		return fmt.Errorf("the filename has %d bytes in UTF-8; file systems take at most %d; shorten it", len(name), maxFilenameBytes)
	case strings.ContainsAny(name, `/\`):
		return errors.New("the filename has a slash or a backslash; browsers save a name, not a path; leave the path out")
	case strings.ContainsFunc(name, invisible):
		return errors.New("the filename has a character that cannot be seen or that turns the direction of the text; people would see another " +
			"name than the one that is saved; leave it out")
	case name == "." || name == "..":
		return fmt.Errorf("the filename %s names a directory; give the name of a file", text.Quote(name))
	}
	return checkText("filename", name)
}

// invisible reports whether a character is not seen, or changes how others are seen: bidirectional controls, zero-width
// characters, line and paragraph separators (Unicode's categories Cf, Zl and Zp).
func invisible(r rune) bool { return unicode.In(r, unicode.Cf, unicode.Zl, unicode.Zp) }

// ContentDisposition returns the value that makes browsers save under a name: RFC 6266, with the name in RFC 8187's form
// and a fallback of plain ASCII for clients that do not know it. A percent sign, quote or non-ASCII character is an
// underscore in the fallback: some browsers decode or cut there (RFC 6266, appendix D).
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
	for i := 0; i < len(name); i++ {
		if c := name[i]; isAttrChar(c) {
			b.WriteByte(c)
		} else {
			fmt.Fprintf(&b, "%%%02X", c)
		}
	}
	return b.String()
}

// isAttrChar reports whether a byte stands for itself in RFC 8187's form (attr-char).
func isAttrChar(c byte) bool {
	return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9' || strings.IndexByte("!#$&+-.^_`|~", c) >= 0
}

// CheckMethod refuses what no URL can be signed for.
func CheckMethod(method string) error {
	switch method {
	case "GET", "HEAD", "PUT", "DELETE":
		return nil
	}
	return fmt.Errorf("the method is %s; a URL can be signed for GET, HEAD, PUT or DELETE, in upper case", text.Quote(method))
}

// The service's limits of x-oss-traffic-limit, in bits per second (EC 0004-00000502).
const (
	minTrafficLimit = 819_200
	maxTrafficLimit = 838_860_800
	TrafficLimits   = "819200 to 838860800 bit/s"
)

// CheckTrafficLimit refuses bits per second outside of the service's limits.
func CheckTrafficLimit(n int64) error {
	if n < minTrafficLimit || n > maxTrafficLimit {
		return fmt.Errorf("the traffic limit is %d bit/s; the service takes %d (100 KB/s) to %d (100 MB/s) bits per second",
			n, minTrafficLimit, maxTrafficLimit)
	}
	return nil
}

// CheckVersion refuses what no version ID is.
func CheckVersion(version string) error {
	if version == "" {
		return errors.New("the version is empty; leave it out for the current version, or give the object's versionId " +
			`("null" for the version from before versioning)`)
	}
	if len(version) > signer.MaxKeyBytes {
		return fmt.Errorf("the version has %d bytes, and version ids have some 64; give the object's versionId", len(version))
	}
	if strings.ContainsFunc(version, unicode.IsSpace) {
		return errors.New("the version has a blank or a line break, which no versionId has; remove it")
	}
	return checkText("version", version)
}

// CheckProcess refuses what is no value of x-oss-process.
func CheckProcess(process string) error {
	if process == "" {
		return errors.New("the process is empty; leave it out, or write one such as image/resize,w_200")
	}
	if value, ok := strings.CutPrefix(strings.TrimPrefix(process, "?"), "x-oss-process="); ok {
		return fmt.Errorf("the process begins with the parameter's name, which is set for you; write %s", text.Quote(value))
	}
	if strings.TrimSpace(process) != process {
		return errors.New("the process begins or ends with a blank; remove it")
	}
	return checkText("process", process)
}

// encodedKey is the form of a key that was percent-encoded before it came here.
var encodedKey = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`^(?:[A-Za-z0-9._~/+-]|%[0-9A-Fa-f]{2})*%[0-9A-Fa-f]{2}(?:[A-Za-z0-9._~/+-]|%[0-9A-Fa-f]{2})*$`)
})

// Unusual says why a key is hardly the name of an object, although it could be, or why a client will not use it as it
// stands; "" if nothing seems wrong.
func Unusual(key, method string) string {
	switch {
	case hasScheme(key, "oss"), hasScheme(key, "https"), hasScheme(key, "http"):
		return "It looks like a whole address. A key is the object's name alone, without scheme, host and bucket."
	case strings.TrimSpace(key) != key:
		return "It begins or ends with a blank or a line break, as what is read from a file often does: trimspace() or chomp() removes it."
	case strings.Contains(key, "%") && encodedKey().MatchString(key):
		return "It looks percent-encoded. A key is the decoded name, and is encoded once for you; \"%20\" would become \"%2520\". Leave out urlencode()."
	case method == "PUT" && strings.HasSuffix(key, "/"):
		return "It ends with a slash. curl -T appends the name of the local file to such a URL, and the signature no longer matches. Write the " +
			"whole name of the object."
	}
	return ""
}

// hasScheme reports whether s begins with scheme://, in any case of letters.
func hasScheme(s, scheme string) bool {
	rest := strings.Index(s, "://")
	return rest == len(scheme) && strings.EqualFold(s[:rest], scheme)
}

// CheckPrefix refuses what no key that can be signed begins with. An empty prefix is the whole bucket.
func CheckPrefix(prefix string) error {
	switch {
	case len(prefix) > signer.MaxKeyBytes:
		return fmt.Errorf("prefix has %d bytes, and keys have at most %d; shorten it", len(prefix), signer.MaxKeyBytes)
	case !utf8.ValidString(prefix):
		return errors.New("prefix is not valid UTF-8")
	case strings.HasPrefix(prefix, "/"), strings.HasPrefix(prefix, `\`):
		return fmt.Errorf("prefix %s begins with a slash or backslash, which the key of no signed object does; leave it out", text.Quote(prefix))
	case hasScheme(prefix, "oss"), hasScheme(prefix, "https"), hasScheme(prefix, "http"):
		return fmt.Errorf("prefix %s is a whole address; write what the keys begin with, without scheme, host and bucket", text.Quote(prefix))
	}
	return nil
}
