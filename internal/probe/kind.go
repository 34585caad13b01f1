package probe

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"
)

// Kind says why an object cannot be read, or why that could not be found out. Its text is an English clause.
type Kind string

// What the service answers.
const (
	ObjectMissing  Kind = "there is no such object"
	VersionMissing Kind = "the object has no such version"
	// VersionRefused: the bucket has never had versioning, or no version id looks like this.
	VersionRefused Kind = "the bucket takes no such version id"
	ObjectDeleted  Kind = "the object's current version is a delete marker"
	VersionDeleted Kind = "the version is a delete marker"
	BucketMissing  Kind = "there is no such bucket"
	NotRestored    Kind = "the object is archived and not restored"

	DeniedByPolicy   Kind = "a bucket policy denies it"
	DeniedByIdentity Kind = "a RAM policy denies it"
	DeniedByACL      Kind = "the ACL of bucket or object does not allow it"
	DeniedByReferer  Kind = "the bucket's referer list denies it"
	RequesterPays    Kind = "the bucket makes the requester pay"
	// AccessDenied: the answer does not say by what.
	AccessDenied   Kind = "access is denied"
	AccountRefused Kind = "the account is disabled or in debt"

	PublicEndpointForbidden Kind = "the account may not read data over the public endpoint"
	AppForbidden            Kind = "apps are not downloaded over the default hosts"
	PathStyleForbidden      Kind = "the host takes no requests in path style"
	// WrongRegion: Error.Endpoint names the right host, where the answer does.
	WrongRegion Kind = "the bucket is in another region"

	KeyUnknown        Kind = "the access key is not known or disabled"
	TokenExpired      Kind = "the security token has expired"
	TokenInvalid      Kind = "the security token does not go with the access key"
	SignatureMismatch Kind = "the signature does not match"
	// Expired and TooEarly: by the service's clock, which Error.Date shows.
	Expired  Kind = "the request has expired"
	TooEarly Kind = "the request is not valid yet"

	// Unavailable: status 429 or 5xx, to the last try.
	Unavailable Kind = "the service does not serve requests at the moment"
	Redirected  Kind = "the host sends the request elsewhere"
	// Foreign: whatever answered, it was not OSS.
	Foreign Kind = "what answers is not OSS"
	// Refused: any other code.
	Refused Kind = "the service refuses the request"
)

// Why there is no answer.
const (
	HostUnknown        Kind = "the host name is not known"
	Unreachable        Kind = "the host cannot be reached"
	ConnectionRefused  Kind = "the connection was refused"
	NoConnection       Kind = "no connection came about in time"
	NoAnswer           Kind = "no answer came in time"
	Broken             Kind = "the connection broke off"
	ProxyUnreachable   Kind = "the proxy cannot be reached"
	CertificateHost    Kind = "the server's certificate belongs to another host"
	CertificateUnknown Kind = "the server's certificate comes from an authority that this machine does not trust"
	CertificateInvalid Kind = "the server's certificate is not valid"
	NoTLS              Kind = "no TLS connection came about"
	Unsendable         Kind = "the URL cannot be sent"
)

// Kinds lists all kinds.
func Kinds() []Kind {
	return []Kind{
		ObjectMissing, VersionMissing, VersionRefused, ObjectDeleted, VersionDeleted, BucketMissing, NotRestored,
		DeniedByPolicy, DeniedByIdentity, DeniedByACL, DeniedByReferer, RequesterPays, AccessDenied, AccountRefused,
		PublicEndpointForbidden, AppForbidden, PathStyleForbidden, WrongRegion,
		KeyUnknown, TokenExpired, TokenInvalid, SignatureMismatch, Expired, TooEarly,
		Unavailable, Redirected, Foreign, Refused,
		HostUnknown, Unreachable, ConnectionRefused, NoConnection, NoAnswer, Broken, ProxyUnreachable,
		CertificateHost, CertificateUnknown, CertificateInvalid, NoTLS, Unsendable,
	}
}

// Error is why an object cannot be read, with what may be shown of the answer. All but Kind are zero where there is no answer, or where what
// stands there has not the form of one.
type Error struct {
	Kind      Kind
	Status    int       // HTTP status
	Code      string    // such as "NoSuchKey"
	EC        string    // such as "0026-00000001"; the service calls it unstable
	RequestID string    // what Alibaba Cloud's support asks for
	Endpoint  string    // with WrongRegion: the service's host for the bucket's region, without bucket
	Date      time.Time // the service's clock, whole seconds

	retry bool
}

// Error returns the kind and what the service answered.
func (e *Error) Error() string {
	if s := e.Answer(); s != "" {
		return fmt.Sprintf("%s (%s)", e.Kind, s)
	}
	return string(e.Kind)
}

// Answer returns status, code, EC and request id, such as "404 NoSuchKey, EC 0026-00000001, request 65F1A2B30000000000000001"; empty where
// there was no answer.
func (e *Error) Answer() string {
	if e.Status == 0 {
		return ""
	}
	s := fmt.Sprint(e.Status)
	if e.Code != "" {
		s += " " + e.Code
	} else if text := http.StatusText(e.Status); text != "" {
		s += " " + text
	}
	if e.EC != "" {
		s += ", EC " + e.EC
	}
	if e.RequestID != "" {
		s += ", request " + e.RequestID
	}
	return s
}

// codes are the error codes that say all.
var codes = map[string]Kind{
	"NoSuchKey":                           ObjectMissing,
	"NoSuchVersion":                       VersionMissing,
	"NoSuchBucket":                        BucketMissing,
	"InvalidBucketName":                   BucketMissing,
	"InvalidObjectState":                  NotRestored,
	"UserDisable":                         AccountRefused,
	"InDebt":                              AccountRefused,
	"InDebtOverdue":                       AccountRefused,
	"PublicEndpointForbidden":             PublicEndpointForbidden,
	"ApkDownloadForbidden":                AppForbidden,
	"SecondLevelDomainForbidden":          PathStyleForbidden,
	"InvalidAccessKeyId":                  KeyUnknown,
	"SecurityTokenExpired":                TokenExpired,
	"InvalidSecurityToken":                TokenInvalid,
	"AccessKeyIdAndSecurityTokenNotMatch": TokenInvalid,
	"SignatureDoesNotMatch":               SignatureMismatch,
	"RequestTimeTooSkewed":                Expired,
}

// ecs are what tells apart answers of one code, and stands in for a code that cannot be read. The service may change them: what is not in
// the table falls back to the code, and that to the status.
var ecs = map[string]Kind{
	"0002-00000002": TokenInvalid,
	"0002-00000004": TokenInvalid,
	"0002-00000006": TokenInvalid,
	"0002-00000007": TokenExpired,
	"0002-00000008": TokenInvalid,
	"0002-00000069": Expired,
	"0002-00000201": SignatureMismatch,
	"0002-00000226": WrongRegion,
	"0002-00000228": WrongRegion,
	"0002-00000235": TooEarly,
	"0002-00000236": Expired,
	"0002-00000902": KeyUnknown,
	"0003-00000101": DeniedByPolicy,
	"0003-00000201": DeniedByIdentity,
	"0003-00001403": WrongRegion,
	"0012-00000201": VersionRefused,
	"0012-00000301": VersionRefused,
	"0015-00000101": BucketMissing,
	"0016-00000404": NotRestored,
	"0026-00000001": ObjectMissing,
	"0048-00000401": PublicEndpointForbidden,
}

// phrases are parts of messages, in lower case, that tell apart answers of one code. Messages are looked at, and never shown.
var phrases = []struct {
	phrase string
	kind   Kind
}{
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

// classify finds the kind of an answer that is the service's and no success.
func classify(status int, h http.Header, x answer) Kind {
	marker := strings.EqualFold(h.Get("x-oss-delete-marker"), "true")
	switch {
	case marker && status == http.StatusMethodNotAllowed:
		return VersionDeleted
	case marker && status == http.StatusNotFound:
		return ObjectDeleted
	case x.endpoint != "":
		return WrongRegion
	}
	// A code that the EC could only blur comes first; the code AccessDenied and the like are told apart further below.
	if kind, ok := codes[x.code]; ok {
		if ec, ok := ecs[x.ec]; ok && kind == KeyUnknown {
			return ec
		}
		return kind
	}
	if x.identityPolicy {
		return DeniedByIdentity
	}
	if kind, ok := ecs[x.ec]; ok {
		return kind
	}
	if slices.Contains([]string{"", "AccessDenied", "InvalidArgument"}, x.code) {
		for _, p := range phrases {
			if strings.Contains(x.message, p.phrase) {
				return p.kind
			}
		}
	}
	switch {
	case status == http.StatusTooManyRequests || status >= 500:
		return Unavailable
	case status >= 300 && status < 400:
		return Redirected
	case x.code == "AccessDenied", x.code == "" && status == http.StatusForbidden:
		return AccessDenied
	case x.code == "" && status == http.StatusNotFound:
		return ObjectMissing
	}
	return Refused
}
