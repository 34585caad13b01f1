package provider

import "github.com/alioss/terraform-provider-alioss/internal/probe"

// finding is the diagnostic for a kind of probe: its attribute, its summary, and its detail with
// placeholders in braces.
type finding struct{ attribute, title, text string }

const (
	// onVerify is replaced by the argument that made the provider send the request.
	onVerify = "verify"
	// onHost is replaced by the attribute that chose the host.
	onHost = "host"
)

const (
	titleNoObject = "Object Not Found"
	titleNoBucket = "Bucket Not Found"
)

// findings are the diagnostics for all kinds.
var findings = union(objectFindings, accessFindings, hostFindings, unreachable)

var objectFindings = map[probe.Kind]finding{
	probe.ObjectMissing: {
		"key", titleNoObject,
		"There is no {object}. Keys are case-sensitive and have no leading slash. Correct key, or upload the " +
			"object first. If this configuration uploads it, take key from that resource, so that Terraform waits for it.",
	},
	probe.VersionMissing: {
		"version", "Version Not Found",
		"There is no {object}. The version may be deleted, or belong to another object. Correct " +
			"version (alicloud_oss_bucket_object exports it as version_id), or leave it out for the current version.",
	},
	probe.VersionRefused: {
		"version", "Version Not Found",
		"Bucket {bucket} does not accept version {version}. Either it never had versioning, or this " +
			"is not a version ID. Leave version out, or enable versioning and upload the object again.",
	},
	probe.ObjectDeleted: {
		"key", "Object Deleted",
		"The {object} is deleted, and its current version is a delete marker. Upload it again, remove the " +
			"delete marker, or set version to an older version.",
	},
	probe.VersionDeleted: {
		"version", "Version Not Readable",
		"The {object} is a delete marker, which has no content. Set version to another version, or " +
			"leave it out.",
	},
	probe.BucketMissing: {
		"bucket", titleNoBucket,
		"There is no bucket {bucket}. Correct bucket, or create it first. If this configuration creates " +
			"it, take bucket from that resource, so that Terraform waits for it.",
	},
	probe.NotRestored: {
		"key", "Object Archived",
		"The {object} is archived and not restored, so OSS does not return it. Restore it first (ossutil " +
			"restore), or choose another storage class.",
	},
	probe.RangeOutside: {
		"headers", "Range Not Satisfiable",
		"The header range in headers asks for bytes that the {object} does not have. Correct the " +
			"header, or leave it out.",
	},
}

// permissionAdvice is the last sentence about a missing permission.
const permissionAdvice = "A presigned URL has no more permissions than the credentials that sign it. "

var accessFindings = map[probe.Kind]finding{
	probe.DeniedByPolicy: {
		onVerify, "Access Denied",
		"A policy of bucket {bucket} does not let the credentials that sign ({source}) {verb} the {object}. " +
			permissionAdvice + "Change the policy, or sign with other credentials. If the policy denies only the address of " +
			"this machine, leave {by} out.",
	},
	probe.DeniedByIdentity: {
		onVerify, "Access Denied",
		"A RAM policy does not let the credentials that sign ({source}) {verb} the {object}. " +
			permissionAdvice + "Grant their RAM user or role the action {action} on it, or sign with other credentials.",
	},
	probe.DeniedByACL: {onVerify, "Access Denied", "An ACL does not let the credentials that sign ({source}) {verb} the " +
		"{object}. Grant their RAM user or role the action {action} on it, change the ACL, or sign with credentials of " +
		"the bucket's owner."},
	probe.DeniedByReferer: {
		onVerify, "Access Denied",
		"The hotlink protection of bucket {bucket} denies requests without a Referer, such as this one and " +
			"downloads with curl. Allow an empty Referer. If the URL is for an allowed web page, leave {by} out.",
	},
	probe.AccessDenied: {
		onVerify, "Access Denied",
		"The credentials that sign ({source}) have no permission to {verb} the {object}. " +
			permissionAdvice + "Grant their RAM user or role the action {action} on it, or sign with other credentials.",
	},
	probe.RequesterPays: {
		"request_payer", "Requester Pays",
		"Bucket {bucket} allows only requesters that agree to pay. Set request_payer to true. The " +
			"account of the credentials that sign then pays for the downloads.",
	},
	probe.AccountRefused: {
		onVerify, "Account Refused",
		"OSS refuses the Alibaba Cloud account of bucket {bucket} or of the credentials. It is disabled, has " +
			"overdue payments, or has not activated OSS. Check it in the Alibaba Cloud console.",
	},
	probe.KeyUnknown: {
		onVerify, "AccessKey Refused",
		"OSS does not know the AccessKey ID that signs ({source}), or it is disabled. OSS returns the same " +
			"error for a temporary AccessKey without its security token, or after its session expired. Correct the " +
			"credentials.",
	},
	probe.TokenExpired: {
		onVerify, "Security Token Expired",
		"The session of the temporary credentials that sign ({source}) has expired, and so has every URL " +
			"signed with them. Get new credentials.",
	},
	probe.TokenInvalid: {
		onVerify, "Security Token Refused",
		"The security token is not valid, or does not belong to the AccessKey ID that signs ({source}). " +
			"Take AccessKey ID, AccessKey secret and token from one response of STS. Set no token for the AccessKey pair of " +
			"a RAM user.",
	},
	probe.SignatureMismatch: {
		onVerify, "Signature Refused",
		"OSS computes a different signature. Most often the AccessKey secret does not belong to the " +
			"AccessKey ID ({source}). A proxy that changes headers or the URL has the same effect. Correct the credentials.",
	},
	probe.RequestChanged: {
		onHost, "Request Changed",
		"A CDN or a proxy between this machine and OSS changes the method or the headers of the request. The " +
			"signature then no longer matches. Configure it to forward requests to {host} unchanged, and to forward HEAD " +
			"as HEAD.",
	},
	probe.AuthorizationAdded: {
		onHost, "Authorization Header Added",
		"A CDN or a proxy at {host} adds an Authorization header to the request. OSS refuses a " +
			"request that is signed twice. Turn off the CDN's own access to the private bucket.",
	},
	probe.Expired: {
		onVerify, "Request Expired",
		"OSS considers the request expired, because the clock of this machine is behind. URLs that it signs expire " +
			"early. Synchronize the clock (NTP).",
	},
	probe.TooEarly: {
		onVerify, "Request Too Early",
		"OSS considers the request too early, because the clock of this machine is more than 15 minutes ahead. URLs " +
			"that it signs do not work at first. Synchronize the clock (NTP).",
	},
}

var hostFindings = map[probe.Kind]finding{
	probe.PublicEndpointForbidden: {
		"domain", "Public Endpoint Forbidden",
		"OSS does not return data at {host} for this account. Accounts that activated OSS " +
			"since 2025-03-20 need a custom domain in regions of the Chinese mainland. Map one to bucket {bucket} and set " +
			"domain to it. Within the region, endpoint_type \"internal\" works too.",
	},
	probe.AppForbidden: {
		"domain", "App Download Forbidden",
		"OSS does not return .apk and .ipa files at {host}. Map a custom domain to bucket {bucket} and " +
			"set domain to it.",
	},
	probe.RedirectForbidden: {
		"domain", "Redirect Forbidden",
		"There is no {object}. The bucket redirects such requests, but OSS does not redirect at {host}. " +
			"Correct key, or map a custom domain to bucket {bucket} and set domain to it.",
	},
	probe.PathStyleForbidden: {
		"endpoint", "Path Style Refused",
		"The host {host} does not accept the bucket in the path. Leave path_style out of the provider " +
			"block.",
	},
	probe.WrongRegion: {"region", "Wrong Region", "Bucket {bucket} is not in region {region}."},
	probe.Unavailable: {
		onVerify, "Service Unavailable",
		"The host {host} returned errors to several requests, so the provider could not {verb} the {object}. " +
			"Try again later.{way out}",
	},
	probe.Redirected: {
		onHost, "Request Redirected",
		"The host {host} redirects the request for the {object}. It may redirect to https, or to the login page " +
			"of a network. Set it to the host that returns the object, with its scheme.{way out}",
	},
	probe.Foreign: {
		onHost, "Unexpected Server",
		"The server at {host} is not OSS, because its answer has no x-oss-request-id. It may be another web server, " +
			"a proxy or the login page of a network. Correct the host.{way out}",
	},
	probe.Refused: {
		onVerify, "Verification Refused",
		"OSS refuses the request for the {object}, for a reason that the provider does not know. See the answer " +
			"below.",
	},
	probe.ListingUnreadable: {
		onVerify, "Listing Not Readable",
		"OSS returned a list of the {object} that the provider cannot read. A proxy may have changed " +
			"it. Set list_endpoint_type or endpoint to another endpoint, or set keys instead.",
	},
	probe.ListingEndless: {
		onVerify, "Listing Not Readable",
		"OSS returned the same {object} again, or one empty page after another. A cache may answer " +
			"instead of OSS. Set list_endpoint_type or endpoint to another endpoint, or set keys instead.",
	},
}

// unreachable are the kinds of requests that had no answer.
var unreachable = map[probe.Kind]finding{
	probe.HostUnknown: {
		onHost, "Host Not Reachable", "The host {host} has no address in the DNS of this machine.{way out}",
	},
	probe.HostUnresolved: {
		onHost, "Host Not Reachable",
		"The DNS server of this machine did not answer for the host {host}. Check the network, or try again " +
			"later.{way out}",
	},
	probe.Unreachable: {onHost, "Host Not Reachable", "This machine cannot reach the host {host}.{way out}"},
	probe.ConnectionRefused: {
		onHost, "Host Not Reachable", "The host {host} refuses connections from this machine.{way out}",
	},
	probe.NoConnection: {
		onHost, "Host Not Reachable", "This machine could not connect to the host {host} within {timeout}, in several " +
			"tries.{way out}",
	},
	probe.NoAnswer: {
		onHost, "Host Not Reachable", "The host {host} did not answer within {timeout}, in several tries.{way out}",
	},
	probe.Broken: {
		onHost, "Host Not Reachable", "The host {host} closed the connection without an answer, in several tries.{way out}",
	},
	probe.ProxyUnreachable: {
		onVerify, "Proxy Not Reachable",
		"This machine cannot reach the proxy that HTTP_PROXY or HTTPS_PROXY sets for {host}. Correct the " +
			"variable, or add the host to NO_PROXY.{way out}",
	},
	probe.ProxyRefused: {
		onVerify, "Proxy Refused Connection",
		"The proxy that HTTP_PROXY or HTTPS_PROXY sets does not connect to {host}. Allow the host in the " +
			"proxy, or add it to NO_PROXY.{way out}",
	},
	probe.CertificateHost: {
		onHost, "Certificate Refused", "The server at {host} has the certificate of another host.{way out}",
	},
	probe.CertificateUnknown: {
		onHost, "Certificate Refused",
		"The server at {host} has a certificate of an authority that this machine does not trust. A proxy " +
			"that inspects traffic has the same effect. Add the authority to the certificates of this machine " +
			"(SSL_CERT_FILE).{way out}",
	},
	probe.CertificateInvalid: {
		onHost, "Certificate Refused", "The certificate of the server at {host} is not valid, or has expired.{way out}",
	},
	probe.NoTLS: {
		onHost, "Certificate Refused",
		"The server at {host} supports no version of TLS that this machine accepts. If it uses plain HTTP, write " +
			"http:// before the host.{way out}",
	},
	probe.Unsendable: {
		onVerify, "Verification Failed", "The provider cannot send the request for the {object}. " + bugAdvice,
	},
}

// domainKinds are the kinds that a custom domain mapped to another bucket, or to none, may be
// behind.
var domainKinds = map[probe.Kind]bool{
	probe.BucketMissing: true, probe.AccessDenied: true, probe.SignatureMismatch: true, probe.Refused: true,
	probe.Foreign:    true,
	probe.Redirected: true, probe.HostUnknown: true, probe.CertificateHost: true,
}

// union returns the union of maps without common keys.
func union(tables ...map[probe.Kind]finding) map[probe.Kind]finding {
	all := map[probe.Kind]finding{}
	for _, table := range tables {
		for kind, f := range table {
			all[kind] = f
		}
	}
	return all
}
