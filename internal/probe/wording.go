package probe

import (
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/alioss/terraform-provider-alioss/internal/endpoint"
	"github.com/alioss/terraform-provider-alioss/internal/text"
	"github.com/alioss/terraform-provider-alioss/internal/transport"
)

// Error is what was found out about a request, or why nothing was: an error or a warning. What the
// answer does not contain in the form of it is zero, and so is all of it if there is no answer.
type Error struct {
	Kind      Kind
	Request   Request
	Status    int       // HTTP status, with ProxyRefused the proxy's
	Code      string    // such as "NoSuchKey"
	EC        string    // such as "0026-00000001", which the service calls unstable
	RequestID string    // what Alibaba Cloud's support needs
	Endpoint  string    // with WrongRegion: the service's host for the bucket's region, without bucket
	Date      time.Time // the service's clock, whole seconds
	// facts are placeholders of this kind alone, each followed by its value.
	facts []string
}

// Argument returns the argument that is at fault, or that asked for the request if none is.
func (e *Error) Argument() string {
	argument := wordings[e.Kind].argument
	switch {
	case argument == host && e.Request.HostArgument != "":
		return e.Request.HostArgument
	case argument == host, argument == asker, e.Request.OnBucket && (argument == "key" || argument == "version"):
		return e.Request.Argument
	}
	return argument
}

// Summary returns the class of the error, which several kinds may share, in two to four words.
func (e *Error) Summary() string { return wordings[e.Kind].summary }

// Warning reports whether the URL works in spite of what was found.
func (e *Error) Warning() bool {
	return e.Kind == ObjectsLeftOut || e.Kind == ObjectsArchived || e.Kind == CopyExpires
}

// Error returns sentences: what was found, what to do, and what was answered.
func (e *Error) Error() string {
	s := strings.NewReplacer(append(e.words(), e.facts...)...).Replace(wordings[e.Kind].text)
	if answer := e.Answer(); answer != "" {
		s += "\n\nThe answer was " + answer + "."
	}
	if e.EC != "" {
		s += " Alibaba Cloud explains it at https://api.alibabacloud.com/troubleshoot?q=" + e.EC
	}
	return s
}

// Answer returns status, code, EC and request id, such as "404 NoSuchKey, EC 0026-00000001, request
// 65F1A2B30000000000000001". It is empty if there was no answer.
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

// words returns the placeholders of all wordings, each followed by its value. Those for advice
// that only some requests need are empty, or sentences after a blank.
func (e *Error) words() []string {
	r := e.Request
	bucket, version := text.Quote(r.Bucket), r.Query["versionId"]
	key, verb, action, timeout := text.Quote(r.Key), "read", "oss:GetObject", TryTimeout
	object := fmt.Sprintf("object %s in bucket %s", key, bucket)
	wayOut := " The URL does not need a connection from this machine. If the URL is correct, leave " + r.Argument + " out."
	switch {
	case r.OnBucket:
		key, verb, action, timeout = text.Quote(r.Query["prefix"]), "list", "oss:ListObjects", PageTimeout
		object = fmt.Sprintf("objects under prefix %s in %s", key, bucket)
		wayOut = " The provider must reach the endpoint to list objects. Set list_endpoint_type or endpoint to one that it " +
			"can reach, or set keys instead."
	case version != "":
		object, action = fmt.Sprintf("version %s of %s", text.Quote(version), object), "oss:GetObjectVersion"
	}
	var domain, internal, near, instead string
	if r.HostArgument == "domain" {
		domain = fmt.Sprintf(" The domain must be mapped to bucket %s, and to no other, and a CNAME record must point to the "+
			"bucket. For HTTPS, OSS must also have the domain's certificate.", bucket)
	}
	if strings.HasSuffix(r.Host, "-internal.aliyuncs.com") {
		internal = " The host is an internal endpoint, which only machines in VPCs of its region can reach."
	}
	if known := endpoint.NearRegion(r.Region); known != "" {
		near = fmt.Sprintf(" Region %s is not known. If it is a mistake for %q, set region to that.",
			text.Quote(r.Region), known)
	}
	if r.Argument == "pin_version" {
		instead = " instead of pin_version"
	}
	return []string{
		"{object}", object, "{key}", key, "{version}", text.Quote(version), "{bucket}", bucket, "{host}", r.Host,
		"{region}", text.Quote(r.Region), "{source}", r.Source, "{verb}", verb, "{action}", action,
		"{asker}", r.Argument, "{timeout}", timeout.String(), "{way out}", wayOut,
		"{domain}", domain, "{internal}", internal, "{near region}", near, "{instead}", instead,
		"{right region}", e.rightRegion(), "{clocks}", e.compareClocks(),
	}
}

// rightRegion returns the bucket's region, if the answer contained a host of it.
func (e *Error) rightRegion() string {
	region, ok := endpoint.RegionOfHost(e.Endpoint)
	switch {
	case ok && region != e.Request.Region:
		return fmt.Sprintf(" It is in region %q (%s). Set region to that.", region, e.Endpoint)
	case e.Endpoint != "":
		return fmt.Sprintf(" OSS serves it at %s. Set region, endpoint_type or endpoint accordingly.", e.Endpoint)
	}
	return " The answer does not contain the right region. The console shows it on the bucket's overview page. If this " +
		"configuration creates the bucket, take region from that resource, which exports it as location."
}

// compareClocks compares the clock of this machine with that of the service, if its answer shows it.
func (e *Error) compareClocks() string {
	if e.Date.IsZero() {
		return ""
	}
	off, direction := e.Date.Sub(e.Request.at.Truncate(time.Second)), "behind"
	if off < 0 {
		off, direction = -off, "ahead of"
	}
	return fmt.Sprintf(" The clock of this machine shows %s, which is %s %s the clock of OSS (%s).",
		e.Request.at.UTC().Format(time.RFC3339), off, direction, e.Date.Format(time.RFC3339))
}

// wording is what an Error of a kind returns: its argument, its summary, and its text with
// placeholders in braces. Values are not searched for placeholders.
type wording struct{ argument, summary, text string }

// The arguments that a request determines.
const (
	asker = "{asker}" // Request.Argument
	host  = "{host}"  // Request.HostArgument
)

// leastPermission begins the advice about a missing permission.
const leastPermission = "A presigned URL has no more permissions than the credentials that sign it. "

// Kinds returns all kinds.
func Kinds() []Kind { return slices.Sorted(maps.Keys(wordings)) }

var wordings = map[Kind]wording{
	ObjectMissing: {
		"key", "object not found",
		"There is no {object}. Keys are case-sensitive and have no leading slash. Correct key, or upload the object first. " +
			"If this configuration uploads it, take key from that resource, so that it is uploaded first.",
	},
	VersionMissing: {
		"version", "version not found",
		"There is no {object}. The version may be deleted, or belong to another object. Correct version, or leave it out " +
			"for the current version. If this configuration uploads the object, take version from that resource, which " +
			"exports it as version_id.",
	},
	VersionRefused: {
		"version", "version not found",
		"Bucket {bucket} does not accept version {version}. Either it never had versioning, or this is not a version ID. " +
			"Leave version out, or enable versioning and upload the object again.",
	},
	ObjectDeleted: {
		"key", "object deleted",
		"The {object} is deleted, and its current version is a delete marker. Upload it again, remove the delete marker, " +
			"or set version to an older version{instead}.",
	},
	VersionDeleted: {
		"version", "version not readable",
		"The {object} is a delete marker, which has no content. Set version to another version, or leave it out.",
	},
	BucketMissing: {
		"bucket", "bucket not found",
		"There is no bucket {bucket}. Correct bucket, or create it first. If this configuration creates it, take bucket " +
			"from that resource, so that it is created first.{domain}",
	},
	NotRestored: {
		"key", "object archived",
		"The {object} is archived and not restored, so OSS does not return it. Restore it first (ossutil restore), or " +
			"choose another storage class.",
	},
	RangeOutside: {
		"headers", "range not satisfiable",
		"The header range in headers asks for bytes that the {object} does not have. Correct the header, or leave it out.",
	},
	CopyExpires: {
		"key", "restored copy expires first",
		"The {object} has the storage class {class}. Its restored copy expires at {until}, before the URL at {end}. " +
			"Restore it for longer, or choose a shorter expiry.",
	},

	NotVersioned: {
		asker, "invalid pin version",
		"pin_version needs a bucket with versioning, but OSS returned no version ID for the object in bucket {bucket}. " +
			"Enable versioning and upload the object again, or leave pin_version out.",
	},
	VersionRemoved: {
		asker, "invalid pin version",
		"pin_version needs the version ID of the object in bucket {bucket}, but the answer of {host} contains none. If a " +
			"CDN serves the domain, it may remove the header x-oss-version-id. Configure it to keep the header, or set " +
			"version instead of pin_version. Otherwise enable versioning, and upload the object again.",
	},
	VersionReplaceable: {
		asker, "invalid pin version",
		"pin_version needs a version that stays, but the object in bucket {bucket} has the version \"null\". The next " +
			"upload may replace it. Enable versioning and upload the object again, or leave pin_version out.",
	},

	DeniedByPolicy: {
		asker, "access denied",
		"A policy of bucket {bucket} does not let the credentials that sign ({source}) {verb} the {object}. " +
			leastPermission + "Change the policy, or sign with other credentials. If the policy denies only the address of " +
			"this machine, leave {asker} out.",
	},
	DeniedByIdentity: {
		asker, "access denied",
		"A RAM policy does not let the credentials that sign ({source}) {verb} the {object}. " + leastPermission +
			"Grant their RAM user or role the action {action} on it, or sign with other credentials.",
	},
	DeniedByACL: {
		asker, "access denied",
		"An ACL does not let the credentials that sign ({source}) {verb} the {object}. Grant their RAM user or role the " +
			"action {action} on it, change the ACL, or sign with credentials of the bucket's owner.",
	},
	DeniedByReferer: {
		asker, "access denied",
		"The hotlink protection of bucket {bucket} denies requests without a Referer, such as this one and downloads with " +
			"curl. Allow an empty Referer. If the URL is for an allowed web page, leave {asker} out.",
	},
	AccessDenied: {
		asker, "access denied",
		"The credentials that sign ({source}) have no permission to {verb} the {object}. " + leastPermission +
			"Grant their RAM user or role the action {action} on it, or sign with other credentials.{domain}",
	},
	RequesterPays: {
		"request_payer", "requester pays",
		"Bucket {bucket} allows only requesters that agree to pay. Set request_payer to true. The account of the " +
			"credentials that sign then pays for the downloads.",
	},
	AccountRefused: {
		asker, "account refused",
		"OSS refuses the Alibaba Cloud account of bucket {bucket} or of the credentials. It is disabled, has overdue " +
			"payments, or has not activated OSS. Check it in the Alibaba Cloud console.",
	},
	KeyUnknown: {
		asker, "AccessKey refused",
		"OSS does not know the AccessKey ID that signs ({source}), or it is disabled. OSS returns the same error for a " +
			"temporary AccessKey without its security token, or after its session expired. Correct the credentials.",
	},
	TokenExpired: {
		asker, "security token expired",
		"The session of the temporary credentials that sign ({source}) has expired, and so has every URL signed with them. " +
			"Get new credentials.",
	},
	TokenInvalid: {
		asker, "security token refused",
		"The security token is not valid, or does not belong to the AccessKey ID that signs ({source}). Take AccessKey ID, " +
			"AccessKey secret and token from one response of STS. Set no token for the AccessKey pair of a RAM user.",
	},
	SignatureMismatch: {
		asker, "signature refused",
		"OSS computes a different signature. Most often the AccessKey secret does not belong to the AccessKey ID " +
			"({source}). A proxy that changes headers or the URL has the same effect. Correct the credentials.{domain}",
	},
	RequestChanged: {
		host, "request changed",
		"A CDN or a proxy between this machine and OSS changes the method or the headers of the request. The signature then " +
			"no longer matches. Configure it to forward requests to {host} unchanged, and to forward HEAD as HEAD.",
	},
	AuthorizationAdded: {
		host, "authorization header added",
		"A CDN or a proxy at {host} adds an Authorization header to the request. OSS refuses a request that is signed " +
			"twice. Turn off the CDN's own access to the private bucket.",
	},
	Expired: {
		asker, "request expired",
		"OSS considers the request expired, because the clock of this machine is behind. URLs that it signs expire early. " +
			"Synchronize the clock (NTP).{clocks}",
	},
	TooEarly: {
		asker, "request too early",
		"OSS considers the request too early, because the clock of this machine is more than 15 minutes ahead. URLs that it " +
			"signs do not work at first. Synchronize the clock (NTP).{clocks}",
	},

	PublicEndpointForbidden: {
		"domain", "public endpoint forbidden",
		"OSS does not return data at {host} for this account. Accounts that activated OSS since 2025-03-20 need a custom " +
			"domain in regions of the Chinese mainland. Map one to bucket {bucket} and set domain to it. Within the region, " +
			"endpoint_type \"internal\" works too.",
	},
	AppForbidden: {
		"domain", "app download forbidden",
		"OSS does not return .apk and .ipa files at {host}. Map a custom domain to bucket {bucket} and set domain to it.",
	},
	RedirectForbidden: {
		"domain", "redirect forbidden",
		"There is no {object}. The bucket redirects such requests, but OSS does not redirect at {host}. Correct key, or map " +
			"a custom domain to bucket {bucket} and set domain to it.",
	},
	PathStyleForbidden: {
		"endpoint", "path style refused",
		"The host {host} does not accept the bucket in the path. Leave path_style out of the provider block.",
	},
	WrongRegion: {"region", "wrong region", "Bucket {bucket} is not in region {region}.{right region}"},
	Unavailable: {
		asker, "service unavailable",
		"The host {host} returned errors to several requests, so the provider could not {verb} the {object}. Try again " +
			"later.{way out}",
	},
	Redirected: {
		host, "request redirected",
		"The host {host} redirects the request for the {object}. It may redirect to https, or to the login page of a " +
			"network. Set it to the host that returns the object, with its scheme.{way out}{domain}",
	},
	Foreign: {
		host, "unexpected server",
		"The server at {host} is not OSS, because its answer has no x-oss-request-id. It may be another web server, a proxy " +
			"or the login page of a network. Correct the host.{way out}{domain}",
	},
	Refused: {
		asker, "verification refused",
		"OSS refuses the request for the {object}, for a reason that the provider does not know. See the answer " +
			"below.{domain}",
	},

	ListingUnreadable: {
		asker, "listing not readable",
		"OSS returned a list of the {object} that the provider cannot read. A proxy may have changed it. Set " +
			"list_endpoint_type or endpoint to another endpoint, or set keys instead.",
	},
	ListingEndless: {
		asker, "listing not readable",
		"OSS returned the same {object} again, or one empty page after another. A cache may answer instead of OSS. Set " +
			"list_endpoint_type or endpoint to another endpoint, or set keys instead.",
	},
	TooManyObjects: {
		asker, "invalid prefix",
		"prefix must have at most {limit} objects, got more for {key} ({pages} pages read). Choose a longer prefix, and use " +
			"several blocks.",
	},
	NoObjects: {
		asker, "no objects found",
		"prefix {key} has no objects in bucket {bucket}. {unusual}Correct prefix, or set allow_empty = true.",
	},
	ObjectsLeftOut: {
		asker, "objects left out",
		"No HTTP client can request {count} of the {total} objects under prefix {key}, so they have no URL:\n\n{list}\n\n" +
			"Rename them, or ignore this warning.",
	},
	ObjectsArchived: {
		asker, "objects archived",
		"{count} of the {total} objects under prefix {key} are archived and not restored. OSS returns 403 " +
			"InvalidObjectState for their URLs. Restore them first (ossutil restore).",
	},

	Kind(transport.HostUnknown): {
		host, "host not reachable",
		"The host {host} has no address in the DNS of this machine.{way out}{near region}{internal}{domain}",
	},
	Kind(transport.HostUnresolved): {
		host, "host not reachable",
		"The DNS server of this machine did not answer for the host {host}. Check the network, or try again " +
			"later.{way out}{internal}",
	},
	Kind(transport.Unreachable): {
		host, "host not reachable", "This machine cannot reach the host {host}.{way out}{internal}",
	},
	Kind(transport.ConnectionRefused): {
		host, "host not reachable", "The host {host} refuses connections from this machine.{way out}{internal}",
	},
	Kind(transport.NoConnection): {
		host, "host not reachable",
		"This machine could not connect to the host {host} within {timeout}, in several tries.{way out}{internal}",
	},
	Kind(transport.NoAnswer): {
		host, "host not reachable",
		"The host {host} did not answer within {timeout}, in several tries.{way out}{internal}",
	},
	Kind(transport.Broken): {
		host, "host not reachable",
		"The host {host} closed the connection without an answer, in several tries.{way out}{internal}",
	},
	Kind(transport.ProxyUnreachable): {
		asker, "proxy not reachable",
		"This machine cannot reach the proxy that HTTP_PROXY or HTTPS_PROXY sets for {host}. Correct the variable, or add " +
			"the host to NO_PROXY.{way out}{internal}",
	},
	Kind(transport.ProxyRefused): {
		asker, "proxy refused connection",
		"The proxy that HTTP_PROXY or HTTPS_PROXY sets does not connect to {host}. Allow the host in the proxy, or add it " +
			"to NO_PROXY.{way out}{internal}",
	},
	Kind(transport.CertificateHost): {
		host, "certificate refused",
		"The server at {host} has the certificate of another host.{way out}{internal}{domain}",
	},
	Kind(transport.CertificateUnknown): {
		host, "certificate refused",
		"The server at {host} has a certificate of an authority that this machine does not trust. A proxy that inspects " +
			"traffic has the same effect. Add the authority to the certificates of this machine " +
			"(SSL_CERT_FILE).{way out}{internal}",
	},
	Kind(transport.CertificateInvalid): {
		host, "certificate refused",
		"The certificate of the server at {host} is not valid, or has expired.{way out}{internal}",
	},
	Kind(transport.NoTLS): {
		host, "certificate refused",
		"The server at {host} supports no version of TLS that this machine accepts. If it uses plain HTTP, write http:// " +
			"before the host.{way out}{internal}",
	},
}
