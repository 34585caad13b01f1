package provider

import "github.com/alioss/terraform-provider-alioss/internal/probe"

// finding is how a kind of probe is told: the attribute it belongs to, the diagnostic's summary, and its detail with placeholders in braces.
type finding struct{ attribute, title, text string }

const (
	// onVerify stands for the argument that made the provider ask.
	onVerify = "verify"
	// onHost stands for the attribute that chose the host.
	onHost = "host"
)

const (
	titleNoObject = "Object Not Found"
	titleNoBucket = "Bucket Not Found"
)

// findings words every kind.
var findings = union(objectFindings, accessFindings, hostFindings, unreachable)

var objectFindings = map[probe.Kind]finding{
	probe.ObjectMissing: {"key", titleNoObject, "There is no {object}. Keys are case-sensitive and have no leading slash. Correct key, or upload the " +
		"object first; where this configuration does, take key from the resource that does, so that Terraform waits for it."},
	probe.VersionMissing: {"version", "Version Not Found", "There is no {object}. It may have been removed, or belong to another object. Correct " +
		"version (alicloud_oss_bucket_object exports it as version_id), or leave it out for the current one."},
	probe.VersionRefused: {"version", "Version Not Found", "Bucket {bucket} takes no version {version}: it has never had versioning, or no version id " +
		"looks like this. Leave version out, or turn on versioning and upload the object again."},
	probe.ObjectDeleted: {"key", "Object Deleted", "The {object} was deleted: its current version is a delete marker. Upload it again, remove the " +
		"marker, or name an older version by version."},
	probe.VersionDeleted: {"version", "Version Not Readable", "The {object} is a delete marker, which has no content. Name another version, or leave " +
		"version out."},
	probe.BucketMissing: {"bucket", titleNoBucket, "There is no bucket {bucket}. Correct bucket, or create it first; where this configuration " +
		"does, take bucket from the resource that does, so that Terraform waits for it."},
	probe.NotRestored: {"key", "Object Archived", "The {object} is archived and not restored: the link would answer 403 InvalidObjectState. Restore it " +
		"first (ossutil restore), or choose another storage class."},
}

var accessFindings = map[probe.Kind]finding{
	probe.DeniedByPolicy: {onVerify, "Access Denied", "A policy of bucket {bucket} denies reading the {object}, and a presigned URL opens nothing that " +
		"its signer may not read. Change the policy, or sign with the credentials of a user or role that it lets pass. If the policy denies this " +
		"machine's address only, leave verify out."},
	probe.DeniedByIdentity: {onVerify, "Access Denied", "A RAM policy denies reading the {object} with the credentials that sign ({source}), and a " +
		"presigned URL opens nothing that its signer may not read. Grant their user or role the action {action} on it, or sign with others."},
	probe.DeniedByACL: {onVerify, "Access Denied", "The ACL of the bucket or of the object does not let the credentials that sign ({source}) read the " +
		"{object}. Grant their user or role the action {action} on it, change the ACL, or sign with credentials of the bucket's owner."},
	probe.DeniedByReferer: {onVerify, "Access Denied", "The referer list of bucket {bucket} denies requests that come from no web page, such as this " +
		"one and a download by curl. Let the list pass an empty Referer, or leave verify out if the link is for a page on the list."},
	probe.AccessDenied: {onVerify, "Access Denied", "The credentials that sign ({source}) may not read the {object}, and a presigned URL opens nothing " +
		"that its signer may not read. Grant their user or role the action {action} on it, or sign with others."},
	probe.RequesterPays: {"request_payer", "Requester Pays", "Bucket {bucket} makes the requester pay, and serves only those who agree. Set " +
		"request_payer to true: the account of the credentials that sign pays for the downloads."},
	probe.AccountRefused: {onVerify, "Account Refused", "OSS refuses the account that owns bucket {bucket} or the credentials: it is disabled or in " +
		"debt, or OSS is not activated. Settle this in the Alibaba Cloud console."},
	probe.KeyUnknown: {onVerify, "Access Key Refused", "OSS does not know the access key that signs ({source}), or it is disabled; a temporary key is " +
		"also refused so without its security token, or once its session has ended. Correct the credentials."},
	probe.TokenExpired: {onVerify, "Security Token Expired", "The session of the temporary credentials that sign ({source}) has ended, and every URL " +
		"signed with them is dead. Fetch new ones."},
	probe.TokenInvalid: {onVerify, "Security Token Refused", "The security token is not valid, or not that of the access key that signs ({source}). " +
		"Access key, secret key and token belong together: take all three from one answer, and give a long-lived key no token."},
	probe.SignatureMismatch: {onVerify, "Signature Refused", "OSS computes a different signature. Most often the secret key is not that of the access key " +
		"({source}); a proxy that rewrites headers or the URL has the same effect. Correct the credentials."},
	probe.Expired: {onVerify, "Request Expired", "OSS considers the request, signed for this moment, expired: this machine's clock is " +
		"behind. URLs signed by it end early. Set the clock (NTP)."},
	probe.TooEarly: {onVerify, "Request Too Early", "OSS considers the request, signed for this moment, to be from the future: this machine's clock is " +
		"ahead by more than 15 minutes. URLs signed by it do not open at first. Set the clock (NTP)."},
}

var hostFindings = map[probe.Kind]finding{
	probe.PublicEndpointForbidden: {"domain", "Public Endpoint Forbidden", "OSS serves no data at {host} for this account: accounts that activated OSS " +
		"since 2025-03-20 need a custom domain in regions of the Chinese mainland. Bind one to bucket {bucket} and name it by domain; within the " +
		"region, endpoint_type \"internal\" works as well."},
	probe.AppForbidden: {"domain", "App Download Forbidden", "OSS serves no .apk and .ipa files at {host}. Bind a custom domain to bucket {bucket} and " +
		"name it by domain."},
	probe.PathStyleForbidden: {"endpoint", "Path Style Refused", "The host {host} takes the bucket in its name only. Leave path_style out of the provider " +
		"block."},
	probe.WrongRegion: {"region", "Wrong Region", "Bucket {bucket} is not in region {region}, which the signature names or the host stands for."},
	probe.Unavailable: {onVerify, "Service Unavailable", "The host {host} answered none of several requests, so it is not known whether the {object} " +
		"exists. Try again later.{way out}"},
	probe.Redirected: {onHost, "Request Redirected", "The host {host} sends the request elsewhere and does not serve the {object} itself. A redirect to " +
		"https, or to a login page of the network, does this; write the host that serves the object, with its scheme.{way out}"},
	probe.Foreign: {onHost, "Unexpected Server", "What answers as {host} is not OSS (its answer has no x-oss-request-id): another web server, a proxy or a " +
		"login page of the network. Correct the host.{way out}"},
	probe.Refused: {onVerify, "Verification Refused", "OSS refuses the request for the {object}, for a reason that this provider does not know."},
}

// unreachable are the kinds of requests that had no answer.
var unreachable = map[probe.Kind]finding{
	probe.HostUnknown:       {onHost, "Host Not Reachable", "The host {host} has no address in the DNS of this machine.{way out}"},
	probe.Unreachable:       {onHost, "Host Not Reachable", "The host {host} cannot be reached from this machine.{way out}"},
	probe.ConnectionRefused: {onHost, "Host Not Reachable", "The host {host} refuses connections from this machine.{way out}"},
	probe.NoConnection:      {onHost, "Host Not Reachable", "No connection to {host} was established within {timeout}, in several tries.{way out}"},
	probe.NoAnswer:          {onHost, "Host Not Reachable", "The host {host} did not answer within {timeout}, in several tries.{way out}"},
	probe.Broken:            {onHost, "Host Not Reachable", "The connection to {host} broke off without an answer, in several tries.{way out}"},
	probe.ProxyUnreachable: {onVerify, "Proxy Not Reachable", "The proxy that HTTP_PROXY or HTTPS_PROXY names cannot be reached, and {host} only by it. Correct " +
		"the variable, or except the host by NO_PROXY.{way out}"},
	probe.CertificateHost: {onHost, "Certificate Refused", "The server that answers as {host} shows the certificate of another host.{way out}"},
	probe.CertificateUnknown: {onHost, "Certificate Refused", "The server that answers as {host} shows a certificate of an authority that this machine " +
		"does not trust; a proxy that reads along does this as well. Add the authority to the machine's own (SSL_CERT_FILE).{way out}"},
	probe.CertificateInvalid: {onHost, "Certificate Refused", "The server that answers as {host} shows a certificate that is not valid, or no longer valid.{way out}"},
	probe.NoTLS: {onHost, "Certificate Refused", "The server that answers as {host} speaks no version of TLS that this machine accepts. Write http:// before the host if " +
		"it serves plain HTTP.{way out}"},
	probe.Unsendable: {onVerify, "Verification Failed", "The request for the {object} cannot be sent. Please report this."},
}

// domainKinds are the kinds that a custom domain bound to another bucket, or to none, may be behind.
var domainKinds = map[probe.Kind]bool{
	probe.BucketMissing: true, probe.AccessDenied: true, probe.SignatureMismatch: true, probe.Refused: true, probe.Foreign: true,
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
