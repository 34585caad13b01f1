package probe

import (
	"encoding/base64"
	"encoding/xml"
	"net/http"
	"regexp"
	"strings"
	"sync"
)

// newForm returns a regular expression that is compiled at its first use: a run of the provider
// uses few of them, and compiling all of them would slow down the start of every run.
func newForm(expression string) func() *regexp.Regexp {
	return sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(expression) })
}

var identityPolicies = newForm(`IdentityBasedPolicy$|^(Session|Control|AssumeRole)Policy$`)

// The forms that parts of a refusal must have to be shown.
var (
	errorCode   = newForm(`^[A-Z][A-Za-z]{1,63}$`)
	errorEC     = newForm(`^[0-9]{4}-[0-9]{8}$`)
	requestID   = newForm(`^[0-9A-F]{24}$`)
	serviceHost = newForm(`^([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.){1,3}aliyuncs\.com$`)
)

// answer is what came back for a request.
type answer struct {
	method      string
	status      int
	header      http.Header
	body        string // as far as it was read
	isTruncated bool   // the body continues
}

// detail contains the parts of a refusal that are examined. A part without the expected form is
// empty.
type detail struct {
	code, ec, requestID, endpoint string
	// message is in lower case and for classify alone.
	message string
	// identityPolicy reports whether the answer names a policy of the caller's RAM identity as what
	// denies.
	identityPolicy bool
}

// refusal returns the error for an answer that is no success, or not the service's.
func (a answer) refusal() *Error {
	h, status := a.header, a.status
	x := readDetail(h, a.body)
	e := &Error{Status: status, Code: x.code, EC: x.ec, RequestID: x.requestID, Endpoint: x.endpoint}
	if date, err := http.ParseTime(h.Get("Date")); err == nil {
		e.Date = date.UTC()
	}
	switch {
	// A CDN may drop the service's headers and pass its XML on.
	case fromOSS(h), x.code != "" && x.requestID != "":
		e.Kind = classify(status, h, x)
	case isTemporary(status):
		e.Kind = Unavailable
	case status >= 300 && status < 400:
		e.Kind = Redirected
	default:
		e.Kind = Foreign
	}
	// The service sends the reason for refusing a HEAD in x-oss-err. Without it, a GET arrived there:
	// a CDN turned the one into the other.
	if e.Kind == SignatureMismatch && a.method == http.MethodHead && h.Get("x-oss-err") == "" {
		e.Kind = RequestChanged
	}
	return e
}

// isTemporary reports whether another try may succeed after this status.
func isTemporary(status int) bool { return status == http.StatusTooManyRequests || status >= 500 }

// fromOSS reports whether an answer is the service's: its headers begin with x-oss-,
// x-oss-request-id among them. The server of a domain that is bound to no bucket, a proxy or a
// login page may answer 200 as well.
func fromOSS(h http.Header) bool {
	for name := range h {
		if strings.HasPrefix(name, "X-Oss-") {
			return true
		}
	}
	return false
}

// readDetail reads the XML of an error, from the body or from x-oss-err, and the headers that
// repeat parts of it.
func readDetail(h http.Header, body string) detail {
	var d struct {
		XMLName   xml.Name `xml:"Error"`
		Code      string
		Message   string
		RequestID string `xml:"RequestId"`
		EC        string
		Endpoint  string
		Denied    *struct {
			PolicyType string
		} `xml:"AccessDeniedDetail"`
	}
	none := d
	if text := h.Get("x-oss-err"); len(body) == 0 && len(text) <= base64.StdEncoding.EncodedLen(maxError) {
		decoded, _ := base64.StdEncoding.DecodeString(text)
		body = string(decoded)
	}
	if xml.Unmarshal([]byte(body), &d) != nil {
		d = none
	}
	x := detail{
		code:      matching(errorCode, d.Code),
		ec:        matching(errorEC, h.Get("x-oss-ec"), d.EC),
		requestID: matching(requestID, h.Get("x-oss-request-id"), d.RequestID),
		endpoint:  matching(serviceHost, d.Endpoint),
		message:   strings.ToLower(d.Message),
	}
	// AccountLevelIdentityBasedPolicy, ResourceGroupLevelIdentityBasedPolicy, SessionPolicy,
	// ControlPolicy and AssumeRolePolicy are the caller's side. A bucket policy is not among them.
	x.identityPolicy = d.Denied != nil && identityPolicies().MatchString(d.Denied.PolicyType)
	return x
}

// matching returns the first of the values that has a form, without blanks around it; empty if none
// has.
func matching(form func() *regexp.Regexp, values ...string) string {
	for _, value := range values {
		if value = strings.TrimSpace(value); form().MatchString(value) {
			return value
		}
	}
	return ""
}
