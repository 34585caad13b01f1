package signer

import (
	"errors"
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// Parsed is what a presigned URL contains. It has neither the signature nor the security token, so
// that its fields may be shown. The method that the URL was signed for is not in a URL.
type Parsed struct {
	Scheme string
	Host   string // with the port if the URL has one
	// Bucket is empty until SplitBucket, since the host alone does not show whether it contains it.
	Bucket string
	// Key is the decoded path behind the host. That is the key of the object, or bucket and key if the
	// URL is in path style: see SplitBucket.
	Key         string
	AccessKeyID string
	Region      string
	Product     string
	// SignedAt and ExpiresAt are the instants, in UTC, from x-oss-date and x-oss-expires, in the years
	// 1 to 9999. A URL of temporary credentials may expire before ExpiresAt.
	SignedAt, ExpiresAt time.Time
	// Expires is x-oss-expires, in seconds, at least 1. OSS has a maximum, which the caller applies.
	Expires           int64
	Version           string   // versionId, if any
	SecurityTokenUsed bool     // whether temporary credentials signed the URL
	AdditionalHeaders []string // the names in x-oss-additional-headers, as they are there
	// Query has the decoded parameters that do not belong to the signature, versionId among them, and
	// is nil if there are none.
	Query map[string]string
}

// Parse reads a URL presigned with Signature V4. It verifies nothing. An error contains what is
// missing or malformed, and of a URL that was changed on its way by JSON, HTML, a shell or a file,
// how to read it right. It shows nothing of the URL but the names of parameters that the
// specification defines.
func Parse(rawURL string) (Parsed, error) {
	if err := checkPasted(rawURL); err != nil {
		return Parsed{}, err
	}
	u, err := url.Parse(rawURL)
	switch {
	case err != nil:
		return Parsed{}, errors.New("url is not a valid URL") // the error of url.Parse repeats its input
	case u.Scheme != "https" && u.Scheme != "http":
		return Parsed{}, errScheme
	case u.Hostname() == "":
		return Parsed{}, errors.New("url has no host")
	case !utf8.ValidString(u.Host):
		return Parsed{}, errors.New("url has a host that is not valid UTF-8")
	case u.User != nil:
		return Parsed{}, errors.New("url must not have a user before its host")
	}
	values, err := queryValues(u.RawQuery)
	if err != nil {
		return Parsed{}, err
	}
	p := Parsed{Scheme: u.Scheme, Host: u.Host, Key: strings.TrimPrefix(u.Path, "/"), Version: values["versionId"]}
	switch err := p.readSignature(values); {
	case err != nil:
		return Parsed{}, err
	case p.Key == "":
		return Parsed{}, errors.New("url has no object in its path")
	case !utf8.ValidString(p.Key):
		return Parsed{}, errors.New("url has a key that is not valid UTF-8")
	}
	maps.DeleteFunc(values, func(name, _ string) bool { return OwnsParameter(name) })
	if len(values) > 0 {
		p.Query = values
	}
	return p, nil
}

var errScheme = errors.New("url must begin with https:// or http://")

// SplitBucket reads the URL as one in path style: it moves the first segment of Key to Bucket.
// Whether a host has its bucket in the path is not the signer's to judge. It is an error if the
// path lacks the bucket or the object, and p stays as it is.
func (p *Parsed) SplitBucket() error {
	bucket, key, _ := strings.Cut(p.Key, "/")
	if bucket == "" {
		return errors.New("url has no bucket in its path, as it must for this host")
	}
	if key == "" {
		return errors.New("url has no object in its path")
	}
	p.Bucket, p.Key = bucket, key
	return nil
}

// Matches reports whether the URL is one that r could have been signed to: scheme, host, path,
// region, product, lifetime, parameters and additional headers are those of r. What a URL does not
// contain is not compared: the method, the values of signed headers, and the bucket unless in path
// style. Neither is what differs from one signature to the next: the signing instant and the
// AccessKey.
func (p *Parsed) Matches(r Request) bool {
	path, own := r.Key, p.Key
	if r.PathStyle {
		path = r.Bucket + "/" + path
	}
	if p.Bucket != "" {
		own = p.Bucket + "/" + own
	}
	_, additional, err := r.signedHeaders()
	return err == nil && p.Scheme == r.Scheme && p.Host == r.Host && own == path && p.Region == r.Region &&
		p.Product == r.product() && p.Expires == r.Expires && maps.Equal(p.Query, r.Query) &&
		slices.Equal(p.AdditionalHeaders, additional)
}

// checkPasted returns an error for a URL as another program writes it. What it looks for is in no
// URL as it is sent.
func checkPasted(s string) error {
	first, _ := utf8.DecodeRuneInString(s)
	last, _ := utf8.DecodeLastRuneInString(s)
	lower := strings.ToLower(s)
	_, query, _ := strings.Cut(lower, "?")
	switch {
	case s == "":
		return errors.New("url is empty")
	case !utf8.ValidString(s):
		return errors.New("url is not valid UTF-8")
	case isBlank(first) || isBlank(last):
		return errors.New("url has white space or a line break around it. Remove it with chomp or trimspace")
	case strings.Contains(lower, `\u0026`), strings.Contains(lower, `\u003d`), strings.Contains(s, `\/`):
		return errors.New(`url is escaped as in JSON, with "\u0026" for "&". ` +
			"Read the whole text with jsondecode, or print the value without JSON")
	case hasTextBefore(lower):
		return errors.New("url has other text before http:// or https://. Give the URL alone")
	case strings.Contains(lower, "^&"):
		return errors.New("url has a caret, with which cmd escapes characters. Remove the carets")
	case strings.ContainsAny(s, "\"`“”"), strings.ContainsRune("'‘", first):
		return errors.New("url is in quotes. Remove them, or read the text with jsondecode if it is JSON")
	case strings.ContainsAny(s, "<>"):
		return errors.New("url is in angle brackets. Remove them")
	case strings.Contains(query, "&amp;"), strings.Contains(query, "&#"):
		return errors.New(`url is escaped as in HTML or XML, with "&amp;" for "&". Replace "&amp;" with "&"`)
	case strings.Contains(s, `\`):
		return errors.New("url has a backslash, with which shells escape characters. Remove the backslashes")
	case !strings.HasPrefix(lower, "http"):
		return errScheme
	case strings.ContainsFunc(s, func(r rune) bool { return r <= ' ' || r == 0x7f }):
		return errors.New("url has white space or a line break inside. Remove it")
	case strings.HasPrefix(lower, "https%3a"), strings.HasPrefix(lower, "http%3a"):
		return errors.New("url is percent-encoded as a whole. Decode it once")
	}
	return nil
}

// hasTextBefore reports whether more than quotes and brackets is before a URL in lower case.
func hasTextBefore(lower string) bool {
	start := strings.Index(lower, "https://")
	if start < 0 {
		start = strings.Index(lower, "http://")
	}
	return strings.Trim(lower[:max(start, 0)], "\"`'“‘<") != ""
}

// isBlank reports whether people do not see a character, such as the byte order mark (Cf).
func isBlank(r rune) bool {
	return unicode.IsSpace(r) || unicode.IsControl(r) || unicode.Is(unicode.Cf, r)
}

// queryValues decodes a query in which every name occurs once. A plus sign is a plus sign: the
// signer writes spaces as %20.
func queryValues(raw string) (map[string]string, error) {
	values := map[string]string{}
	for pair := range strings.SplitSeq(raw, "&") {
		if pair == "" {
			continue
		}
		rawName, rawValue, _ := strings.Cut(pair, "=")
		name, err := url.PathUnescape(rawName)
		if err != nil {
			return nil, errors.New("url has a parameter whose name is not percent-encoded correctly")
		}
		value, err := url.PathUnescape(rawValue)
		if err != nil {
			return nil, errors.New("url has a parameter whose value is not percent-encoded correctly")
		}
		if !utf8.ValidString(name) || !utf8.ValidString(value) {
			return nil, errors.New("url has a parameter that is not valid UTF-8")
		}
		if _, twice := values[name]; twice {
			return nil, errors.New("url has a parameter twice")
		}
		values[name] = value
	}
	return values, nil
}

// required are the parameters of every URL of Signature V4 (§2).
var required = []string{"x-oss-signature-version", "x-oss-credential", "x-oss-date", "x-oss-expires", "x-oss-signature"}

// otherKind says what a query that is not one of Signature V4 seems to be, or returns "".
func otherKind(values map[string]string) string {
	has := func(name string) bool { _, ok := values[name]; return ok }
	switch {
	case values["x-oss-signature-version"] == "OSS2":
		return ". It looks like a URL with OSS Signature V2"
	case has("OSSAccessKeyId") && has("Signature"):
		return ". It looks like a URL with OSS Signature V1"
	case has("X-Amz-Signature"):
		return ". It looks like a URL of Amazon S3"
	}
	return ""
}

func (p *Parsed) readSignature(values map[string]string) error {
	missing := slices.DeleteFunc(slices.Clone(required), func(name string) bool { return values[name] != "" })
	if len(missing) > 0 {
		kind := otherKind(values)
		if kind == "" && len(missing) < len(required) {
			kind = `. Its end may have been cut off, as a shell does at "&" outside of quotes`
		}
		return fmt.Errorf("url is not presigned with OSS Signature V4. Its query has no %s%s",
			strings.Join(missing, ", "), kind)
	}
	const cut = ". Its end may have been cut off"
	version, signature, date := values["x-oss-signature-version"], values["x-oss-signature"], values["x-oss-date"]
	signedAt, dateErr := time.Parse(timeLayout, date)
	// An AccessKey ID has no slash, but nothing is lost by reading the scope from its end.
	credential := strings.Split(values["x-oss-credential"], "/")
	scope := credential[max(len(credential)-4, 0):]
	expires, expiresErr := strconv.ParseUint(values["x-oss-expires"], 10, 31) // unlike ParseInt it takes no sign
	expiresAt := signedAt.Add(time.Duration(expires) * time.Second)
	switch {
	case version != algorithm && strings.HasPrefix(version, algorithm):
		return errors.New("url must have " + algorithm + " as x-oss-signature-version, and other text follows it. " +
			"Give the URL alone")
	case version != algorithm && strings.HasPrefix(algorithm, version):
		return errors.New("url must have " + algorithm + " as x-oss-signature-version" + cut)
	case version != algorithm:
		return errors.New("url must have " + algorithm + " as x-oss-signature-version")
	case !isSignature(signature[:min(len(signature), signatureLength)]):
		return errors.New("url must have 64 hexadecimal digits as x-oss-signature" + cut)
	case len(signature) > signatureLength:
		return errors.New("url must have 64 hexadecimal digits as x-oss-signature, and other text follows them. " +
			"Give the URL alone")
	case dateErr != nil || len(date) != len(timeLayout): // time.Parse takes fractions of a second too
		return errors.New("url must have an x-oss-date of the form 20060102T150405Z")
	case len(credential) < 5 || credential[0] == "" || slices.Contains(scope, "") || scope[3] != terminator:
		return errors.New("url must have an x-oss-credential of the form AccessKeyID/date/region/product/" + terminator)
	case scope[0] != date[:dayLength]:
		return errors.New("url must have the same day in its x-oss-credential and its x-oss-date")
	case expiresErr != nil || expires == 0:
		return errors.New("url must have a whole number of seconds as x-oss-expires")
	case signedAt.Year() < 1 || expiresAt.Year() > 9999:
		return errors.New("url must have an x-oss-date and an expiry within the years 1 to 9999")
	}
	p.AccessKeyID, p.Region, p.Product = strings.Join(credential[:len(credential)-4], "/"), scope[1], scope[2]
	p.SignedAt, p.ExpiresAt, p.Expires = signedAt, expiresAt, int64(expires)
	p.SecurityTokenUsed = values["x-oss-security-token"] != ""
	if list := values["x-oss-additional-headers"]; list != "" {
		p.AdditionalHeaders = strings.Split(list, ";")
	}
	return nil
}

// signatureLength is that of an HMAC-SHA256 in hexadecimal digits.
const signatureLength = 64

func isSignature(s string) bool { return len(s) == signatureLength && consistsOf(s, &hexBytes) }
