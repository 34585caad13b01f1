package signer

import (
	"errors"
	"fmt"
	"net/netip"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Parsed is what a presigned URL says of itself. It holds neither the signature nor the security token, so that its
// fields may be shown. The method that the URL was signed for is not in a URL.
type Parsed struct {
	Scheme string
	// Host is the host, with the port where the URL has one.
	Host string
	// Bucket is empty unless the bucket is in the path, which is so where the host is an IP address or localhost.
	Bucket string
	// Key is the decoded name of the object: the path behind the host, or behind the bucket where that is in the path.
	Key         string
	AccessKeyID string
	Region      string
	Product     string
	// SignedAt and ExpiresAt are the instants, in UTC, from x-oss-date and x-oss-expires. Temporary credentials may end the
	// URL before ExpiresAt.
	SignedAt, ExpiresAt time.Time
	// Expires is x-oss-expires, in seconds.
	Expires int64
	// Version is the versionId, empty where there is none.
	Version string
	// SecurityTokenUsed tells whether temporary credentials signed the URL.
	SecurityTokenUsed bool
	// AdditionalHeaders are the names in x-oss-additional-headers, sorted, "host" among them.
	AdditionalHeaders []string
	// Query holds the parameters that are not the signature's own.
	Query map[string]string
}

// Parse reads a presigned URL of Signature V4. It verifies nothing. An error names what is missing or malformed and
// shows nothing of the URL but the names of parameters that the specification defines.
func Parse(rawURL string) (Parsed, error) {
	u, err := url.Parse(rawURL)
	if err != nil {
		return Parsed{}, errors.New("it is not a URL") // the error of url.Parse repeats its input
	}
	if u.Scheme != "https" && u.Scheme != "http" {
		return Parsed{}, errors.New("it does not begin with https:// or http://")
	}
	if u.Hostname() == "" || u.User != nil {
		return Parsed{}, errors.New("it has no host, or a user before its host")
	}
	values, err := queryValues(u.RawQuery)
	if err != nil {
		return Parsed{}, err
	}
	p := Parsed{Scheme: u.Scheme, Host: u.Host}
	if err := p.readSignature(values); err != nil {
		return Parsed{}, err
	}
	if err := p.readPath(u); err != nil {
		return Parsed{}, err
	}
	p.Version = values["versionId"]
	for name, value := range values {
		if !OwnsParameter(name) {
			if p.Query == nil {
				p.Query = map[string]string{}
			}
			p.Query[name] = value
		}
	}
	return p, nil
}

// queryValues decodes a query in which every name stands once. A plus sign is a plus sign: the signer writes spaces as %20.
func queryValues(raw string) (map[string]string, error) {
	values := map[string]string{}
	for pair := range strings.SplitSeq(raw, "&") {
		if pair == "" {
			continue
		}
		rawName, rawValue, _ := strings.Cut(pair, "=")
		name, err := url.PathUnescape(rawName)
		if err != nil {
			return nil, errors.New("its query has a parameter whose name is not percent-encoded well")
		}
		value, err := url.PathUnescape(rawValue)
		if err != nil {
			return nil, errors.New("its query has a parameter whose value is not percent-encoded well")
		}
		if _, twice := values[name]; twice {
			return nil, errors.New("its query has a parameter twice")
		}
		values[name] = value
	}
	return values, nil
}

// required are the parameters of every URL of Signature V4 (§2).
var required = []string{"x-oss-signature-version", "x-oss-credential", "x-oss-date", "x-oss-expires", "x-oss-signature"}

// otherKind says what a query seems to be that is not one of Signature V4; "" where nothing tells.
func otherKind(values map[string]string) string {
	has := func(name string) bool { _, ok := values[name]; return ok }
	switch {
	case has("amp;x-oss-date"), has("amp;x-oss-expires"):
		return "; it has \"&amp;\" in place of \"&\", as HTML and XML write it"
	case has("OSSAccessKeyId") && has("Signature"):
		return "; it looks like one of OSS Signature V1"
	case has("X-Amz-Signature"):
		return "; it looks like one of Amazon S3"
	}
	return ""
}

// readSignature reads what the signature's own parameters say.
func (p *Parsed) readSignature(values map[string]string) error {
	var missing []string
	for _, name := range required {
		if values[name] == "" {
			missing = append(missing, name)
		}
	}
	if len(missing) > 0 {
		return fmt.Errorf("it is not a URL presigned with OSS Signature V4: its query has no %s%s", strings.Join(missing, ", "), otherKind(values))
	}
	if values["x-oss-signature-version"] != Algorithm {
		return fmt.Errorf("its x-oss-signature-version is not %s", Algorithm)
	}
	if !isSignature(values["x-oss-signature"]) {
		return errors.New("its x-oss-signature is not 64 hexadecimal digits; the URL may have been cut")
	}
	date := values["x-oss-date"]
	signedAt, err := time.Parse(timeLayout, date)
	if err != nil || len(date) != len(timeLayout) { // time.Parse takes fractions of a second too
		return errors.New("its x-oss-date is not of the form 20060102T150405Z")
	}
	// An AccessKey id has no slash, but nothing is lost by reading the scope from its end.
	parts := strings.Split(values["x-oss-credential"], "/")
	n := len(parts)
	if n < 5 || parts[n-1] != terminator || slices.Contains(parts[n-4:], "") || parts[0] == "" {
		return errors.New("its x-oss-credential is not of the form AccessKeyId/date/region/product/" + terminator)
	}
	if parts[n-4] != date[:dayLength] {
		return errors.New("the days in its x-oss-credential and its x-oss-date differ")
	}
	expires, err := strconv.ParseUint(values["x-oss-expires"], 10, 31) // unlike ParseInt it takes no sign
	if err != nil || CheckExpires(int64(expires)) != nil {
		return fmt.Errorf("its x-oss-expires is not a number of seconds from %d to %d", MinExpires, MaxExpires)
	}
	p.AccessKeyID = strings.Join(parts[:n-4], "/")
	p.Region, p.Product = parts[n-3], parts[n-2]
	p.SignedAt, p.Expires = signedAt, int64(expires)
	p.ExpiresAt = signedAt.Add(time.Duration(expires) * time.Second)
	p.SecurityTokenUsed = values["x-oss-security-token"] != ""
	if list := values["x-oss-additional-headers"]; list != "" {
		p.AdditionalHeaders = strings.Split(list, ";")
	}
	return nil
}

// readPath reads key and bucket from the path.
func (p *Parsed) readPath(u *url.URL) error {
	path := strings.TrimPrefix(u.Path, "/")
	if pathStyleHost(u.Hostname()) {
		p.Bucket, path, _ = strings.Cut(path, "/")
		if p.Bucket == "" {
			return errors.New("its path names no bucket, as it must where the host is an IP address or localhost")
		}
	}
	if path == "" {
		return errors.New("its path names no object")
	}
	p.Key = path
	return nil
}

// pathStyleHost tells whether a host has the bucket in the path, as IP addresses do (§7).
func pathStyleHost(host string) bool {
	_, err := netip.ParseAddr(host)
	return err == nil || host == "localhost"
}

func isSignature(s string) bool {
	if len(s) != 64 {
		return false
	}
	for i := 0; i < len(s); i++ {
		if c := s[i]; (c < '0' || c > '9') && (c < 'a' || c > 'f') {
			return false
		}
	}
	return true
}
