package probe

import (
	"encoding/base64"
	"encoding/xml"
	"net/http"
	"strings"
)

// maxDetail is the longest x-oss-err that is looked at, in bytes of Base64. The longest that the service makes is that of a signature that does
// not match: it holds what was signed four times over, once in hexadecimal, and with it the security token.
const maxDetail = 48 << 10

var identityPolicies = newPattern(`IdentityBasedPolicy$|^(Session|Control|AssumeRole)Policy$`)

// The forms that parts of an answer must have to be shown.
var (
	errorCode    = newPattern(`^[A-Z][A-Za-z]{1,63}$`)
	errorEC      = newPattern(`^[0-9]{4}-[0-9]{8}$`)
	requestID    = newPattern(`^[0-9A-F]{24}$`)
	storageClass = newPattern(`^[A-Z][A-Za-z]{1,31}$`)
	serviceHost  = newPattern(`^([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.){1,3}aliyuncs\.com$`)
)

// answer is what is looked at of a refusal. What has not the form of one is empty.
type answer struct {
	code, ec, requestID, endpoint string
	// message is in lower case and for classify alone.
	message string
	// identityPolicy tells whether the answer names a policy of the caller's RAM identity as what denies.
	identityPolicy bool
}

// refusal returns the error for an answer that is no success, or not the service's.
func refusal(status int, h http.Header) *Error {
	x := readAnswer(h)
	e := &Error{Status: status, Code: x.code, EC: x.ec, RequestID: x.requestID, Endpoint: x.endpoint}
	if date, err := http.ParseTime(h.Get("Date")); err == nil {
		e.Date = date.UTC()
	}
	e.retry = status == http.StatusTooManyRequests || status >= 500
	switch {
	case fromOSS(h):
		e.Kind = classify(status, h, x)
	case e.retry:
		e.Kind = Unavailable
	case status >= 300 && status < 400:
		e.Kind = Redirected
	default:
		e.Kind = Foreign
	}
	return e
}

// readAnswer reads x-oss-err, and the headers that repeat parts of it.
func readAnswer(h http.Header) answer {
	var detail struct {
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
	if text := h.Get("x-oss-err"); len(text) <= maxDetail {
		if decoded, err := base64.StdEncoding.DecodeString(text); err != nil || xml.Unmarshal(decoded, &detail) != nil {
			detail.Code, detail.Message, detail.RequestID, detail.EC, detail.Endpoint, detail.Denied = "", "", "", "", "", nil
		}
	}
	x := answer{
		code:      matching(errorCode, detail.Code),
		ec:        matching(errorEC, h.Get("x-oss-ec"), detail.EC),
		requestID: matching(requestID, h.Get("x-oss-request-id"), detail.RequestID),
		endpoint:  matching(serviceHost, detail.Endpoint),
		message:   strings.ToLower(detail.Message),
	}
	// AccountLevelIdentityBasedPolicy, ResourceGroupLevelIdentityBasedPolicy, SessionPolicy, ControlPolicy and AssumeRolePolicy are the
	// caller's side; a bucket policy is not among them.
	x.identityPolicy = detail.Denied != nil && identityPolicies.MatchString(detail.Denied.PolicyType)
	return x
}

// matching returns the first of the values that has a form, without blanks around it; empty where none has.
func matching(form pattern, values ...string) string {
	for _, value := range values {
		if value = strings.TrimSpace(value); form.MatchString(value) {
			return value
		}
	}
	return ""
}
