package osstest

import (
	"strconv"
	"strings"
	"time"
)

const (
	algorithm  = "OSS4-HMAC-SHA256"
	terminator = "aliyun_v4_request"
	unsigned   = "UNSIGNED-PAYLOAD"
	dateFormat = "20060102T150405Z"

	maxExpires = 604800           // seconds
	maxEarly   = 15 * time.Minute // how long before its date a URL is accepted already

	paramVersion    = "x-oss-signature-version"
	paramCredential = "x-oss-credential"
	paramDate       = "x-oss-date"
	paramExpires    = "x-oss-expires"
	paramAdditional = "x-oss-additional-headers"
	paramToken      = "x-oss-security-token"
	paramSignature  = "x-oss-signature"
)

// claim is the content of the parameters of the signature, well formed.
type claim struct {
	accessKeyID string
	day         string // yyyyMMdd
	region      string
	product     string
	date        time.Time
	expires     time.Duration
	additional  []string // lower-case, sorted
	signature   string
}

func (c claim) scope() string { return c.day + "/" + c.region + "/" + c.product + "/" + terminator }

// readClaim reads the parameters of the signature. Statuses, codes and messages of malformed
// parameters are not established [?]. The ECs in this file are documented.
func readClaim(m wire, ps params) (claim, *Error) {
	var c claim
	if v, _ := ps.get(paramVersion); v != algorithm {
		return c, invalidArgument("0002-00000066", "Invalid x-oss-signature-version.")
	}
	credential, _ := ps.get(paramCredential)
	if credential == "" {
		return c, invalidArgument("0002-00000217", "The parameter x-oss-credential is missing.")
	}
	if err := c.readCredential(credential); err != nil {
		return c, err
	}
	if err := c.readDates(ps); err != nil {
		return c, err
	}
	if err := c.readAdditional(m, ps); err != nil {
		return c, err
	}
	if c.signature, _ = ps.get(paramSignature); c.signature == "" {
		return c, invalidArgument("0002-00000219", "The parameter x-oss-signature is missing.")
	}
	if v, ok := m.headers["x-oss-content-sha256"]; ok && headerValue(v) != unsigned {
		return c, invalidArgument("0002-00000214", "The x-oss-content-sha256 only supports UNSIGNED-PAYLOAD.",
			element{name: "ArgumentName", value: "x-oss-content-sha256"})
	}
	return c, nil
}

func (c *claim) readCredential(credential string) *Error {
	parts := strings.Split(credential, "/")
	if len(parts) != 5 || parts[4] != terminator || parts[2] == "" || parts[3] == "" {
		return invalidArgument("0002-00000224", "The format of x-oss-credential is invalid.")
	}
	c.accessKeyID, c.day, c.region, c.product = parts[0], parts[1], parts[2], parts[3]
	if c.accessKeyID == "" || strings.ContainsFunc(c.accessKeyID, func(r rune) bool { return r <= ' ' || r == 127 }) {
		return invalidArgument("0002-00000222", "The AccessKeyId of x-oss-credential is invalid.")
	}
	if _, err := time.Parse("20060102", c.day); err != nil {
		return invalidArgument("0002-00000223", "The date of x-oss-credential is invalid.")
	}
	return nil
}

// readDates reads date and expiry. Fractions of a second, which time.Parse would let pass, and
// signs or leading zeros in the number are refused: the service's view of them is not known [?].
func (c *claim) readDates(ps params) *Error {
	date, _ := ps.get(paramDate)
	t, err := time.Parse(dateFormat, date)
	if err != nil || len(date) != len(dateFormat) {
		return invalidArgument("", "Invalid x-oss-date.") // [?] EC
	}
	if date[:8] != c.day {
		return invalidArgument("0002-00000223", "The date of x-oss-credential is not the day of x-oss-date.") // [?] EC
	}
	c.date = t
	expires, ok := ps.get(paramExpires)
	if !ok {
		return invalidArgument("0002-00000215", "The parameter x-oss-expires is missing.")
	}
	if expires == "" {
		return invalidArgument("0002-00000216", "The parameter x-oss-expires is empty.")
	}
	n, err := strconv.Atoi(expires)
	if err != nil || n < 1 || n > maxExpires || strconv.Itoa(n) != expires {
		return invalidArgument("0002-00000232", "x-oss-expires must be between 1 and 604800 seconds.")
	}
	c.expires = time.Duration(n) * time.Second
	return nil
}

// readAdditional reads the list of additional headers. It takes the one form that every signer
// agrees on, lower-case, sorted, without repetitions and without headers that are signed anyway. It
// is not known whether the service accepts another form [?].
func (c *claim) readAdditional(m wire, ps params) *Error {
	list, ok := ps.get(paramAdditional)
	if !ok {
		return nil
	}
	if list == "" {
		return invalidArgument("0002-00000076", "The parameter x-oss-additional-headers is empty.")
	}
	c.additional = strings.Split(list, ";")
	for i, name := range c.additional {
		switch {
		case name == "", strings.Contains(name, "_"):
			return invalidArgument("0002-00000077", "Invalid name in x-oss-additional-headers.")
		case name != strings.ToLower(name), i > 0 && name <= c.additional[i-1], signedByDefault(name):
			return invalidArgument(
				"", "x-oss-additional-headers must be lower-case, sorted, and without the headers signed by default.",
			)
		case name != "host" && m.headers[name] == nil:
			return invalidArgument("0002-00000078", "A header of x-oss-additional-headers is missing.")
		}
	}
	return nil
}

// checkTime compares with the service's clock. Both ends of the window belong to it. Fractions of a
// second count.
func (c claim) checkTime(now time.Time) *Error {
	if now.Before(c.date.Add(-maxEarly)) {
		return accessDenied("0002-00000235", "Request is not valid yet.", // [?] message
			element{name: "NotBefore", value: xmlTime(c.date.Add(-maxEarly))}, element{name: "ServerTime", value: xmlTime(now)})
	}
	if end := c.date.Add(c.expires); now.After(end) {
		// [?] The message and both elements are those of a V1 signature.
		return accessDenied("0002-00000236", "Request has expired.",
			element{name: "Expires", value: xmlTime(end)}, element{name: "ServerTime", value: xmlTime(now)})
	}
	return nil
}

func (c claim) checkScope(a address, region string) *Error {
	if c.product != a.product {
		return invalidArgument("0002-00000227", "Invalid signing product in Authorization header.",
			element{name: "Authorization"})
	}
	if c.region != region {
		return invalidArgument("0002-00000226", "Invalid signing region in Authorization header.",
			element{name: "Authorization"})
	}
	return nil
}
