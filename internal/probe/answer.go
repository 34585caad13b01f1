package probe

import (
	"encoding/base64"
	"encoding/xml"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"sync"
)

// newForm returns a regular expression that is compiled at its first use, since a run of the
// provider uses few of them.
func newForm(expression string) func() *regexp.Regexp {
	return sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(expression) })
}

// identityPolicies are types of policies such as AccountLevelIdentityBasedPolicy and SessionPolicy,
// but not the bucket's.
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
	request     Request
	isFirstByte bool // the request has a range that the URL is not signed with
	status      int
	header      http.Header
	body        string // as far as it was read
	isTruncated bool   // the body continues
}

// fault returns the error for an answer that is no success, or not the service's. Its parts come
// from the XML of the error, which is in the body or in x-oss-err, and from headers.
func (a answer) fault() *Error {
	type refused struct {
		XMLName                     xml.Name `xml:"Error"`
		Code, Message, EC, Endpoint string
		RequestID                   string `xml:"RequestId"`
		PolicyType                  string `xml:"AccessDeniedDetail>PolicyType"`
	}
	h, body := a.header, []byte(a.body)
	reason := h.Get("x-oss-err")
	if len(body) == 0 && len(reason) <= base64.StdEncoding.EncodedLen(maxError) {
		body, _ = base64.StdEncoding.DecodeString(reason)
	}
	var d refused
	if xml.Unmarshal(body, &d) != nil {
		d = refused{}
	}
	e := &Error{
		Request: a.request, Status: a.status,
		Code:      matching(errorCode, d.Code),
		EC:        matching(errorEC, h.Get("x-oss-ec"), d.EC),
		RequestID: matching(requestID, h.Get("x-oss-request-id"), d.RequestID),
		Endpoint:  matching(serviceHost, d.Endpoint),
	}
	if date, err := http.ParseTime(h.Get("Date")); err == nil {
		e.Date = date.UTC()
	}
	// A CDN may drop the service's headers and pass its XML on.
	isService := fromOSS(h) || e.Code != "" && e.RequestID != ""
	isKnown := false
	if isService {
		e.Kind, isKnown = classify(e, strings.EqualFold(h.Get("x-oss-delete-marker"), "true"), strings.ToLower(d.Message),
			identityPolicies().MatchString(d.PolicyType))
	}
	switch status := a.status; {
	case isKnown:
	case isTemporary(status):
		e.Kind = Unavailable
	case status >= 300 && status < 400:
		e.Kind = Redirected
	case !isService:
		e.Kind = Foreign
	case e.Code == "AccessDenied", e.Code == "" && status == http.StatusForbidden:
		e.Kind = AccessDenied
	case e.Code == "" && status == http.StatusNotFound:
		e.Kind = ObjectMissing
	default:
		e.Kind = Refused
	}
	// The service sends the reason for refusing a HEAD in x-oss-err. Without it, a GET arrived there:
	// a CDN turned the one into the other.
	if e.Kind == SignatureMismatch && a.request.Method == http.MethodHead && reason == "" {
		e.Kind = RequestChanged
	}
	return e
}

// phrases are parts of messages, in lower case, that distinguish answers of one code.
var phrases = []struct {
	phrase string
	kind   Kind
}{
	{"signature at the same time", AuthorizationAdded},
	{"signing region", WrongRegion},
	{"specified endpoint", WrongRegion},
	{"versionid", VersionRefused},
	{"version id", VersionRefused},
	{"requester pay", RequesterPays},
	{"referer", DeniedByReferer},
	{"has expired", Expired},
	{"not valid yet", TooEarly},
	{"bucket policy", DeniedByPolicy},
	{" acl", DeniedByACL},
}

// classify finds the kind of a refusal by more than its status. message is in lower case.
// byIdentity reports whether a policy of the caller's RAM identity denies.
func classify(e *Error, isMarker bool, message string, byIdentity bool) (kind Kind, ok bool) {
	switch {
	case isMarker && e.Status == http.StatusMethodNotAllowed:
		return VersionDeleted, true
	case isMarker && e.Status == http.StatusNotFound:
		return ObjectDeleted, true
	case e.Endpoint != "":
		return WrongRegion, true
	}
	// A code that the EC could only blur comes first. Two codes cover several faults that an EC
	// distinguishes. AccessDenied and the like are no code of a kind.
	byEC, hasEC := kindsByAnswer[e.EC]
	byCode, hasCode := kindsByAnswer[e.Code]
	switch {
	case hasCode && (!hasEC || byCode != KeyUnknown && byCode != SignatureMismatch):
		return byCode, true
	case !hasCode && byIdentity:
		return DeniedByIdentity, true
	case hasEC:
		return byEC, true
	}
	if slices.Contains([]string{"", "AccessDenied", "InvalidArgument"}, e.Code) {
		for _, p := range phrases {
			if strings.Contains(message, p.phrase) {
				return p.kind, true
			}
		}
	}
	return Kind{}, false
}

// isTemporary reports whether another try may succeed after this status.
func isTemporary(status int) bool { return status == http.StatusTooManyRequests || status >= 500 }

// fromOSS reports whether an answer has headers of the service. Without them, 200 may come from the
// server of a domain that is bound to no bucket, a proxy or a login page.
func fromOSS(h http.Header) bool {
	for name := range h {
		if strings.HasPrefix(name, "X-Oss-") {
			return true
		}
	}
	return false
}

// matching returns the first value that has a form, without blanks around it, or "".
func matching(form func() *regexp.Regexp, values ...string) string {
	for _, value := range values {
		if value = strings.TrimSpace(value); form().MatchString(value) {
			return value
		}
	}
	return ""
}
