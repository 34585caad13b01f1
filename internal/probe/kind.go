package probe

import (
	"slices"
	"strings"

	"github.com/alioss/terraform-provider-alioss/internal/transport"
)

// Kind is what can be found out about a request, and how an [Error] words it.
type Kind struct {
	argument string // at fault, or one that the request determines: asker or host
	summary  string // two to four words, which several kinds may share
	text     string // sentences with placeholders in braces
}

const (
	asker = "(asker)" // Request.Argument
	host  = "(host)"  // Request.HostArgument, or Request.Argument if there is none
)

var (
	kinds         []Kind
	kindsByAnswer = map[string]Kind{} // by error code and EC
)

// newKind returns a kind and adds it to the tables. answers are the error codes and ECs of the
// service that mean it. The service may change ECs: what is not here falls back to the code, and
// that to the status.
func newKind(argument, summary, answers, text string) Kind {
	kind := Kind{argument, summary, text}
	kinds = append(kinds, kind)
	for answer := range strings.FieldsSeq(answers) {
		kindsByAnswer[answer] = kind
	}
	return kind
}

// Kinds returns all kinds.
func Kinds() []Kind { return slices.Clone(kinds) }

// leastPermission begins the advice about a missing permission.
const leastPermission = "A presigned URL has no more permissions than the credentials that sign it. "

// What an answer can mean.
var (
	ObjectMissing = newKind("key", "object not found", "NoSuchKey 0026-00000001",
		"There is no {object}. Keys are case-sensitive and have no leading slash. Correct key, or upload the object first. "+
			"If this configuration uploads it, take key from that resource, so that it is uploaded first.")
	VersionMissing = newKind("version", "version not found", "NoSuchVersion",
		"There is no {object}. The version may be deleted, or belong to another object. Correct version, or leave it out "+
			"for the current version. If this configuration uploads the object, take version from that resource, which "+
			"exports it as version_id.")
	// VersionRefused: the bucket has never had versioning, or no version id looks like this.
	VersionRefused = newKind("version", "version not found", "0012-00000201 0012-00000301",
		"Bucket {bucket} does not accept version {version}. Either it never had versioning, or this is not a version ID. "+
			"Leave version out, or enable versioning and upload the object again.")
	ObjectDeleted = newKind("key", "object deleted", "",
		"The {object} is deleted, and its current version is a delete marker. Upload it again, remove the delete marker, "+
			"or set version to an older version{instead}.")
	VersionDeleted = newKind("version", "version not readable", "",
		"The {object} is a delete marker, which has no content. Set version to another version, or leave it out.")
	BucketMissing = newKind("bucket", "bucket not found", "NoSuchBucket InvalidBucketName 0015-00000101",
		"There is no bucket {bucket}. Correct bucket, or create it first. If this configuration creates it, take bucket "+
			"from that resource, so that it is created first.{domain}")
	NotRestored = newKind("key", "object archived", "InvalidObjectState 0016-00000404",
		"The {object} is archived and not restored, so OSS does not return it. Restore it first (ossutil restore), or "+
			"choose another storage class.")
	// RangeOutside: the URL is signed with a range of its own, and the object is shorter.
	RangeOutside = newKind("headers", "range not satisfiable", "InvalidRange",
		"The header range in headers asks for bytes that the {object} does not have. Correct the header, or leave it out.")
	CopyExpires = newKind("key", "restored copy expires first", "",
		"The {object} has the storage class {class}. Its restored copy expires at {until}, before the URL at {end}. "+
			"Restore it for longer, or choose a shorter expiry.")

	NotVersioned = newKind(asker, "invalid pin version", "",
		"pin_version needs a bucket with versioning, but OSS returned no version ID for the object in bucket {bucket}. "+
			"Enable versioning and upload the object again, or leave pin_version out.")
	VersionRemoved = newKind(asker, "invalid pin version", "",
		"pin_version needs the version ID of the object in bucket {bucket}, but the answer of {host} contains none. If a "+
			"CDN serves the domain, it may remove the header x-oss-version-id. Configure it to keep the header, or set "+
			"version instead of pin_version. Otherwise enable versioning, and upload the object again.")
	VersionReplaceable = newKind(asker, "invalid pin version", "",
		"pin_version needs a version that stays, but the object in bucket {bucket} has the version \"null\". The next "+
			"upload may replace it. Enable versioning and upload the object again, or leave pin_version out.")

	DeniedByPolicy = newKind(asker, "access denied", "0003-00000101",
		"A policy of bucket {bucket} does not let the credentials that sign ({source}) {verb} the {object}. "+
			leastPermission+"Change the policy, or sign with other credentials. If the policy denies only the address of "+
			"this machine, leave {asker} out.")
	DeniedByIdentity = newKind(asker, "access denied", "0003-00000201",
		"A RAM policy does not let the credentials that sign ({source}) {verb} the {object}. "+leastPermission+"Grant "+
			"their RAM user or role the action {action} on it, or sign with other credentials.")
	DeniedByACL = newKind(asker, "access denied", "",
		"An ACL does not let the credentials that sign ({source}) {verb} the {object}. Grant their RAM user or role the "+
			"action {action} on it, change the ACL, or sign with credentials of the bucket's owner.")
	DeniedByReferer = newKind(asker, "access denied", "",
		"The hotlink protection of bucket {bucket} denies requests without a Referer, such as this one and downloads with "+
			"curl. Allow an empty Referer. If the URL is for an allowed web page, leave {asker} out.")
	// AccessDenied: the answer does not contain the reason.
	AccessDenied = newKind(asker, "access denied", "",
		"The credentials that sign ({source}) have no permission to {verb} the {object}. "+leastPermission+"Grant "+
			"their RAM user or role the action {action} on it, or sign with other credentials.{domain}")
	RequesterPays = newKind("request_payer", "requester pays", "",
		"Bucket {bucket} allows only requesters that agree to pay. Set request_payer to true. The account of the "+
			"credentials that sign then pays for the downloads.")
	AccountRefused = newKind(asker, "account refused", "UserDisable InDebt InDebtOverdue",
		"OSS refuses the Alibaba Cloud account of bucket {bucket} or of the credentials. It is disabled, has overdue "+
			"payments, or has not activated OSS. Check it in the Alibaba Cloud console.")
	KeyUnknown = newKind(asker, "AccessKey refused", "InvalidAccessKeyId 0002-00000902",
		"OSS does not know the AccessKey ID that signs ({source}), or it is disabled. OSS returns the same error for a "+
			"temporary AccessKey without its security token, or after its session expired. Correct the credentials.")
	TokenExpired = newKind(asker, "security token expired", "SecurityTokenExpired 0002-00000007",
		"The session of the temporary credentials that sign ({source}) has expired, and so has every URL signed with them. "+
			"Get new credentials.")
	TokenInvalid = newKind(asker, "security token refused",
		"InvalidSecurityToken AccessKeyIdAndSecurityTokenNotMatch 0002-00000002 0002-00000004 0002-00000006 0002-00000008",
		"The security token is not valid, or does not belong to the AccessKey ID that signs ({source}). Take AccessKey ID, "+
			"AccessKey secret and token from one response of STS. Set no token for the AccessKey pair of a RAM user.")
	SignatureMismatch = newKind(asker, "signature refused", "SignatureDoesNotMatch 0002-00000201",
		"OSS computes a different signature. Most often the AccessKey secret does not belong to the AccessKey ID "+
			"({source}). A proxy that changes headers or the URL has the same effect. Correct the credentials.{domain}")
	// RequestChanged: a CDN or a proxy changed method or headers. A HEAD that arrived as a GET is one.
	RequestChanged = newKind(host, "request changed", "0002-00000040",
		"A CDN or a proxy between this machine and OSS changes the method or the headers of the request. The signature "+
			"then no longer matches. Configure it to forward requests to {host} unchanged, and to forward HEAD as HEAD.")
	// AuthorizationAdded: a CDN's access to a private bucket adds the header.
	AuthorizationAdded = newKind(host, "authorization header added", "0002-00000039",
		"A CDN or a proxy at {host} adds an Authorization header to the request. OSS refuses a request that is signed "+
			"twice. Turn off the CDN's own access to the private bucket.")
	// Expired and TooEarly: by the service's clock, which Error.Date shows.
	Expired = newKind(asker, "request expired", "RequestTimeTooSkewed 0002-00000069 0002-00000236",
		"OSS considers the request expired, because the clock of this machine is behind. URLs that it signs expire early. "+
			"Synchronize the clock (NTP).{clocks}")
	TooEarly = newKind(asker, "request too early", "0002-00000235",
		"OSS considers the request too early, because the clock of this machine is more than 15 minutes ahead. URLs that "+
			"it signs do not work at first. Synchronize the clock (NTP).{clocks}")

	PublicEndpointForbidden = newKind("domain", "public endpoint forbidden", "PublicEndpointForbidden 0048-00000401",
		"OSS does not return data at {host} for this account. Accounts that activated OSS since 2025-03-20 need a custom "+
			"domain in regions of the Chinese mainland.{elsewhere}")
	AppForbidden = newKind("domain", "app download forbidden", "ApkDownloadForbidden 0048-00000200 0048-00000203",
		"OSS does not return .apk and .ipa files at {host}. Map a custom domain to bucket {bucket} and set domain to it.")
	// RedirectForbidden: the object is missing, and a redirection rule of the bucket applies.
	RedirectForbidden = newKind("domain", "redirect forbidden", "ExternalRedirectForbidden 0048-00000300",
		"There is no {object}. The bucket redirects such requests, but OSS does not redirect at {host}. Correct key, or "+
			"map a custom domain to bucket {bucket} and set domain to it.")
	PathStyleForbidden = newKind("endpoint", "path style refused", "SecondLevelDomainForbidden",
		"The host {host} does not accept the bucket in the path. Leave path_style out of the provider block.")
	WrongRegion = newKind("region", "wrong region", "0002-00000226 0002-00000228 0003-00001403",
		"Bucket {bucket} is not in region {region}.{right}")
	// Unavailable: status 429 or 5xx, to the last try.
	Unavailable = newKind(asker, "service unavailable", "",
		"The host {host} returned errors to several requests, so the provider could not {verb} the {object}. Try again "+
			"later.{otherwise}")
	Redirected = newKind(host, "request redirected", "",
		"The host {host} redirects the request for the {object}. It may redirect to https, or to the login page of a "+
			"network. Set it to the host that returns the object, with its scheme.{otherwise}{domain}")
	// Foreign: whatever answered, it was not OSS.
	Foreign = newKind(host, "unexpected server", "",
		"The server at {host} is not OSS, because its answer has no x-oss-request-id. It may be another web server, a "+
			"proxy or the login page of a network. Correct the host.{otherwise}{domain}")
	// Refused: any other code.
	Refused = newKind(asker, "verification refused", "",
		"OSS refuses the request for the {object}, for a reason that the provider does not know. See the answer "+
			"below.{domain}")

	// ListingUnreadable: the answer is not XML of a listing, too long, of another prefix, or its keys
	// cannot be decoded for sure.
	ListingUnreadable = newKind(asker, "listing not readable", "",
		"OSS returned a list of the {object} that the provider cannot read. A proxy may have changed it. Set "+
			"list_endpoint_type or endpoint to another endpoint, or set keys instead.")
	// ListingEndless: pages come again, or objects do, or page after page is empty.
	ListingEndless = newKind(asker, "listing not readable", "",
		"OSS returned the same {object} again, or one empty page after another. A cache may answer instead of OSS. Set "+
			"list_endpoint_type or endpoint to another endpoint, or set keys instead.")
	TooManyObjects = newKind(asker, "invalid prefix", "",
		"prefix must have at most {limit} objects, got more for {key} ({pages} pages read). Choose a longer prefix, and "+
			"use several blocks.")
	NoObjects = newKind(asker, "no objects found", "",
		"prefix {key} has no objects in bucket {bucket}. {unusual}Correct prefix, or set allow_empty = true.")
	ObjectsLeftOut = newKind(asker, "objects left out", "",
		"No HTTP client can request {count} of the {total} objects under prefix {key}, so they have no "+
			"URL:\n\n{list}\n\nRename them, or ignore this warning.")
	ObjectsArchived = newKind(asker, "objects archived", "",
		"{count} of the {total} objects under prefix {key} are archived and not restored. OSS returns 403 "+
			"InvalidObjectState for their URLs. Restore them first (ossutil restore).")
)

// unanswered are the reasons why there is no answer.
var unanswered = map[transport.Kind]Kind{
	transport.HostUnknown: newKind(host, "host not reachable", "",
		"The host {host} has no address in the DNS of this machine.{otherwise}{near}{internal}{domain}"),
	transport.HostUnresolved: newKind(host, "host not reachable", "",
		"The DNS server of this machine did not answer for the host {host}. Check the network, or try again "+
			"later.{otherwise}{internal}"),
	transport.Unreachable: newKind(host, "host not reachable", "",
		"This machine cannot reach the host {host}.{otherwise}{internal}"),
	transport.ConnectionRefused: newKind(host, "host not reachable", "",
		"The host {host} refuses connections from this machine.{otherwise}{internal}"),
	transport.NoConnection: newKind(host, "host not reachable", "",
		"This machine could not connect to the host {host} within {timeout}, in several tries.{otherwise}{internal}"),
	transport.NoAnswer: newKind(host, "host not reachable", "",
		"The host {host} did not answer within {timeout}, in several tries.{otherwise}{internal}"),
	transport.Broken: newKind(host, "host not reachable", "",
		"The host {host} closed the connection without an answer, in several tries.{otherwise}{internal}"),
	transport.ProxyUnreachable: newKind(asker, "proxy not reachable", "",
		"This machine cannot reach the proxy that HTTP_PROXY or HTTPS_PROXY sets for {host}. Correct the variable, or add "+
			"the host to NO_PROXY.{otherwise}{internal}"),
	transport.ProxyRefused: newKind(asker, "proxy refused connection", "",
		"The proxy that HTTP_PROXY or HTTPS_PROXY sets does not connect to {host}. Allow the host in the proxy, or add it "+
			"to NO_PROXY.{otherwise}{internal}"),
	transport.CertificateHost: newKind(host, "certificate refused", "",
		"The server at {host} has the certificate of another host.{otherwise}{internal}{domain}"),
	transport.CertificateUnknown: newKind(host, "certificate refused", "",
		"The server at {host} has a certificate of an authority that this machine does not trust. A proxy that inspects "+
			"traffic has the same effect. Add the authority to the certificates of this machine "+
			"(SSL_CERT_FILE).{otherwise}{internal}"),
	transport.CertificateInvalid: newKind(host, "certificate refused", "",
		"The certificate of the server at {host} is not valid, or has expired.{otherwise}{internal}"),
	transport.NoTLS: newKind(host, "certificate refused", "",
		"The server at {host} supports no version of TLS that this machine accepts. If it uses plain HTTP, write http:// "+
			"before the host.{otherwise}{internal}"),
}
