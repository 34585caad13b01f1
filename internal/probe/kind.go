package probe

import (
	"net/http"
	"slices"
	"strings"
)

// Kind is what was found out about a request: what is below, or a kind of package transport. Its
// text is an English clause. An [Error] words it for users.
type Kind string

const (
	ObjectMissing  Kind = "there is no such object"
	VersionMissing Kind = "the object has no such version"
	// VersionRefused: the bucket has never had versioning, or no version id looks like this.
	VersionRefused Kind = "the bucket takes no such version id"
	ObjectDeleted  Kind = "the object's current version is a delete marker"
	VersionDeleted Kind = "the version is a delete marker"
	BucketMissing  Kind = "there is no such bucket"
	NotRestored    Kind = "the object is archived and not restored"
	// RangeOutside: the URL is signed with a range of its own, and the object is shorter.
	RangeOutside Kind = "the signed range lies outside of the object"

	DeniedByPolicy   Kind = "a bucket policy denies it"
	DeniedByIdentity Kind = "a RAM policy denies it"
	DeniedByACL      Kind = "the ACL of bucket or object does not allow it"
	DeniedByReferer  Kind = "the bucket's referer list denies it"
	RequesterPays    Kind = "the bucket makes the requester pay"
	// AccessDenied: the answer does not contain the reason.
	AccessDenied   Kind = "access is denied"
	AccountRefused Kind = "the account is disabled or in debt"

	PublicEndpointForbidden Kind = "the account may not read data over the public endpoint"
	AppForbidden            Kind = "apps are not downloaded over the default hosts"
	// RedirectForbidden: the object is missing, and a redirection rule of the bucket applies.
	RedirectForbidden  Kind = "the default hosts may not redirect"
	PathStyleForbidden Kind = "the host takes no requests in path style"
	// WrongRegion: Error.Endpoint is the right host, if the answer contains it.
	WrongRegion Kind = "the bucket is in another region"

	KeyUnknown        Kind = "the access key is not known or disabled"
	TokenExpired      Kind = "the security token has expired"
	TokenInvalid      Kind = "the security token does not go with the access key"
	SignatureMismatch Kind = "the signature does not match"
	// RequestChanged: EC 0002-00000040, or a HEAD that arrived as a GET. A CDN or a proxy changed
	// method or headers.
	RequestChanged Kind = "the signature does not match, for the request was changed on its way"
	// AuthorizationAdded: EC 0002-00000039. A CDN's access to a private bucket adds the header.
	AuthorizationAdded Kind = "an Authorization header was added to the request on its way"
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

	// ListingUnreadable: the answer is not XML of a listing, too long, of another prefix, or its
	// keys cannot be decoded for sure.
	ListingUnreadable Kind = "the listing cannot be read"
	// ListingEndless: pages come again, or objects do, or page after page is empty.
	ListingEndless Kind = "the listing does not come to an end"
	TooManyObjects Kind = "there are more objects than the caller allows"
)

// What a found object or a complete listing means for the URLs. The last three are warnings.
const (
	// NotVersioned, VersionRemoved, VersionReplaceable: there is no version to pin.
	NotVersioned       Kind = "the object has no version"
	VersionRemoved     Kind = "a custom domain does not show the object's version"
	VersionReplaceable Kind = "the next upload replaces the object's version"
	NoObjects          Kind = "there are no objects under the prefix"

	ObjectsLeftOut  Kind = "no client can request some of the objects"
	ObjectsArchived Kind = "some of the objects are archived and not restored"
	CopyExpires     Kind = "the restored copy expires before the URL"
)

// codes are the error codes that need no further distinction.
var codes = map[string]Kind{
	"NoSuchKey":                           ObjectMissing,
	"NoSuchVersion":                       VersionMissing,
	"NoSuchBucket":                        BucketMissing,
	"InvalidBucketName":                   BucketMissing,
	"InvalidObjectState":                  NotRestored,
	"InvalidRange":                        RangeOutside,
	"UserDisable":                         AccountRefused,
	"InDebt":                              AccountRefused,
	"InDebtOverdue":                       AccountRefused,
	"PublicEndpointForbidden":             PublicEndpointForbidden,
	"ApkDownloadForbidden":                AppForbidden,
	"ExternalRedirectForbidden":           RedirectForbidden,
	"SecondLevelDomainForbidden":          PathStyleForbidden,
	"InvalidAccessKeyId":                  KeyUnknown,
	"SecurityTokenExpired":                TokenExpired,
	"InvalidSecurityToken":                TokenInvalid,
	"AccessKeyIdAndSecurityTokenNotMatch": TokenInvalid,
	"SignatureDoesNotMatch":               SignatureMismatch,
	"RequestTimeTooSkewed":                Expired,
}

// ecs distinguish answers of one code, and replace a code that cannot be read. The service may
// change them: what is not in the table falls back to the code, and that to the status.
var ecs = map[string]Kind{
	"0002-00000002": TokenInvalid,
	"0002-00000004": TokenInvalid,
	"0002-00000006": TokenInvalid,
	"0002-00000007": TokenExpired,
	"0002-00000008": TokenInvalid,
	"0002-00000039": AuthorizationAdded,
	"0002-00000040": RequestChanged,
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
	"0048-00000200": AppForbidden,
	"0048-00000203": AppForbidden,
	"0048-00000300": RedirectForbidden,
	"0048-00000401": PublicEndpointForbidden,
}

// phrases are parts of messages, in lower case, that distinguish answers of one code. Messages are
// looked at, and never shown.
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

// classify finds the kind of an answer that is the service's and no success. message is in lower
// case. byIdentity reports whether a policy of the caller's RAM identity denies.
func classify(e *Error, isMarker bool, message string, byIdentity bool) Kind {
	switch {
	case isMarker && e.Status == http.StatusMethodNotAllowed:
		return VersionDeleted
	case isMarker && e.Status == http.StatusNotFound:
		return ObjectDeleted
	case e.Endpoint != "":
		return WrongRegion
	}
	// A code that the EC could only blur comes first. Two codes cover several faults that an EC
	// distinguishes. The code AccessDenied and the like follow further below.
	if kind, ok := codes[e.Code]; ok {
		if ec, ok := ecs[e.EC]; ok && (kind == KeyUnknown || kind == SignatureMismatch) {
			return ec
		}
		return kind
	}
	if byIdentity {
		return DeniedByIdentity
	}
	if kind, ok := ecs[e.EC]; ok {
		return kind
	}
	if slices.Contains([]string{"", "AccessDenied", "InvalidArgument"}, e.Code) {
		for _, p := range phrases {
			if strings.Contains(message, p.phrase) {
				return p.kind
			}
		}
	}
	switch {
	case isTemporary(e.Status):
		return Unavailable
	case e.Status >= 300 && e.Status < 400:
		return Redirected
	case e.Code == "AccessDenied", e.Code == "" && e.Status == http.StatusForbidden:
		return AccessDenied
	case e.Code == "" && e.Status == http.StatusNotFound:
		return ObjectMissing
	}
	return Refused
}
