package provider

import (
	"github.com/hashicorp/terraform-plugin-framework-timetypes/timetypes"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"

	"github.com/alioss/terraform-provider-alioss/internal/endpoint"
	"github.com/alioss/terraform-provider-alioss/internal/signer"
	"github.com/alioss/terraform-provider-alioss/internal/validity"
)

// linkAttributes are the attributes of linkModel.
func linkAttributes() attributes {
	return attributes{
		"bucket": {
			usage:       required,
			description: "Name of the bucket: 3 to 63 lower-case letters, digits and `-`, with no `-` at either end.",
			strings:     requiredRule("Invalid Bucket", "3 to 63 of a-z, 0-9 and -", endpoint.CheckBucket),
		},
		"expiry": {
			usage:         optionalComputed,
			defaultString: defaultExpiry,
			description: "How long the URL holds from the moment of signing: `\"15m\"`, `\"1h30m\"`, `\"7d\"`, or whole seconds such as " +
				"`\"3600\"`. From 1 second to 7 days, which is the most that OSS accepts. Default `\"1h\"`.",
			strings: stringRule("Invalid Expiry", "1s to 7d, whole seconds", func(s string) error {
				_, err := validity.ParseExpiry(s)
				return err
			}),
		},
		"domain": {
			usage: optional,
			description: "Custom domain that is bound to the bucket, as the host of the URL: `\"downloads.example.com\"` or " +
				"`\"https://downloads.example.com:8443\"`; `http://` only if written out. No path, query or user. Internationalized names are " +
				"converted to punycode. Excludes `endpoint` and `endpoint_type`.",
			strings: append(stringRule("Invalid Domain", "a host, with https:// or http:// and a port where needed", func(s string) error {
				_, err := endpoint.ParseDomain(s)
				return err
			}), conflictsWith("endpoint", "endpoint_type")...),
		},
		"region": {
			usage: optionalComputed,
			description: "Id of the bucket's region, such as `\"cn-hangzhou\"`; `\"oss-cn-hangzhou\"` is accepted too. " +
				"Default: the provider's `region`.",
			strings: stringRule("Invalid Region", "a region id such as cn-hangzhou", checkRegion),
		},
		"endpoint_type": {
			usage: optional,
			description: "Which of the region's hosts the URL names: `\"public\"`, `\"internal\"` (within the region's VPCs only), " +
				"`\"accelerate\"`, `\"accelerate-overseas\"` (both must be enabled for the bucket) or `\"dual-stack\"`. " +
				"Default: the provider's `endpoint_type`. Excludes `endpoint`.",
			strings: append(stringRule("Invalid Endpoint Type", "one of the endpoint types", checkEndpointType), conflictsWith("endpoint")...),
		},
		"endpoint": {
			usage: optional,
			description: "A whole endpoint in place of the one that follows from region and type, such as " +
				"`\"https://oss-cn-hzjbp-b-internal.aliyuncs.com\"`, without the bucket; `http://` only if written out. " +
				"Default: the provider's `endpoint`.",
			strings: stringRule("Invalid Endpoint", "a host, with https:// or http:// and a port where needed", checkEndpoint),
		},
		"method": {
			usage:         optionalComputed,
			defaultString: defaultMethod,
			description: "HTTP method that the URL answers: `\"GET\"`, `\"HEAD\"`, `\"PUT\"` or `\"DELETE\"`. The method is signed: a `GET` " +
				"link answers no `HEAD`. Default `\"GET\"`.",
			strings: stringRule("Invalid Method", "GET, HEAD, PUT or DELETE", checkMethod),
		},
		"headers": {
			usage: optional,
			description: "Headers that the holder must send exactly as given: for a `PUT`, `content-type`, `content-md5` and `x-oss-*`, and any other, " +
				"which is then listed in `x-oss-additional-headers`. Names are case-insensitive.",
			maps: []validator.Map{mapCheck{"header names and values", "Invalid Header", true, checkHeader}},
		},
		"response_headers": {
			usage: optional,
			description: "Headers that the service is to answer with: `cache-control`, `content-disposition`, `content-encoding`, " +
				"`content-language`, `expires` and `content-type` (which OSS now refuses on `GET`, EC 0017-00000902).",
			maps: []validator.Map{mapCheck{"headers that the service overrides", "Invalid Response Header", true, checkResponseHeader}},
		},
		"process": {
			usage:       optional,
			description: "Processing of images, videos or documents on the way, as `x-oss-process`: `\"image/resize,w_200\"`.",
			strings:     stringRule("Invalid Process", "an x-oss-process value", checkProcess),
		},
		"traffic_limit": {
			usage: optional,
			description: "Bandwidth limit of one download, in bits per second: 819,200 (100 KB/s) to 838,860,800 (100 MB/s). " +
				"It is part of the query, so that a plain link works.",
			numbers: []validator.Number{wholeNumberCheck{trafficLimits, "Invalid Traffic Limit", checkTrafficLimit}},
		},
		"request_payer": {
			usage:       optional,
			description: "`true` for a bucket where the requester pays: the query then says `x-oss-request-payer=requester`.",
			bools:       []validator.Bool{},
		},
		"query": {
			usage: optional,
			description: "Any other query parameters to sign, not percent-encoded. Those that belong to the signature or have an argument of their own are " +
				"refused. An empty value gives a bare name.",
			maps: []validator.Map{mapCheck{"query parameters", "Invalid Query", false, checkQuery}},
		},
		"bind_host": {
			usage: optional,
			description: "`true` signs the `Host` header, so that the query cannot be replayed on another host of the bucket. " +
				"The URL then does not work through a proxy that rewrites the header.",
			bools: []validator.Bool{},
		},
		"expires_at": {
			usage: computed,
			description: "When the URL ends, in RFC 3339 format and UTC: the end of the URL, or of the temporary credentials that signed it where that " +
				"comes first and is known.",
			customType: timetypes.RFC3339Type{},
		},
		"signing_time": {
			usage:       computed,
			description: "When the URL was signed, in RFC 3339 format and UTC. OSS accepts it from 15 minutes before that, to tolerate inaccurate clocks.",
		},
		"signed_headers": {
			usage:       computed,
			description: "Headers that the holder must send, with lower-case names; empty for a plain link. Clients send `host` themselves.",
			maps:        []validator.Map{},
		},
	}
}

// objectAttributes are the attributes of objectModel.
func objectAttributes() attributes {
	return attributes{
		"key": {
			usage: required,
			description: "Name of the object, as it is, never percent-encoded: 1 to 1,023 bytes of UTF-8, not beginning with `/` or `\\`, and " +
				"without `.` or `..` as a path segment, which HTTP clients rewrite. (Terraform turns every string into Unicode's normal form C, " +
				"so an object that is named in another form cannot be named here.)",
			strings: requiredRule("Invalid Key", "1 to 1023 bytes of UTF-8", signer.CheckKey),
		},
		"version": {
			usage:       optional,
			description: "The object's `versionId`, for one version of it. Default: the version that is current when the URL is used.",
			strings:     stringRule("Invalid Version", "a versionId", checkVersion),
		},
		"filename": {
			usage: optional,
			description: "Name under which browsers save the object, in any script; sent as a `content-disposition` with a plain-ASCII fallback. " +
				"Excludes `response_headers[\"content-disposition\"]`.",
			strings: stringRule("Invalid Filename", "a name of at most 255 bytes without slashes", checkFilename),
		},
		"url": {
			usage:     computed,
			sensitive: true,
			description: "The presigned URL. Whoever has it can use it until it ends: treat it as a secret. It contains no space, quote, raw `+` or " +
				"other character that single quotes in a shell, JSON, YAML or HTTP clients need to escape.",
		},
	}
}

// notAfterAttribute is the absolute deadline of the forms that sign at the moment.
func notAfterAttribute() attributes {
	return attributes{"not_after": {
		usage: optional,
		description: "An absolute deadline in place of `expiry`, in RFC 3339 format: `\"2026-12-24T18:00:00Z\"`. It must be 1 second to 7 days after " +
			"the moment of signing. Excludes `expiry`.",
		strings: append(stringRule("Invalid Not After", "an instant by RFC 3339", checkInstant), conflictsWith("expiry")...),
	}}
}

func verifyAttribute() attributes {
	return attributes{"verify": {
		usage: optional,
		description: "`true` asks OSS immediately, with a `HEAD` request signed the same way, whether the object exists and may be read, and fails " +
			"with the reason if not. The request is signed for the current time, whatever instant the URL is signed for, and needs OSS to be reachable " +
			"from where Terraform runs; it takes at most 15 seconds. For `GET` and `HEAD`. Default `false`.",
		bools: []validator.Bool{},
	}}
}

// timingAttributes are the ways in which data sources choose the signing instant.
func timingAttributes() attributes {
	return attributes{
		"rotate_every": {
			usage: optional,
			description: "Keeps the URL the same for a period: a duration shorter than `expiry`. The signing instant is the start of the current " +
				"period (periods count from 1970-01-01T00:00:00Z), so every plan within it gives the same URL byte for byte, with at least " +
				"`expiry` − `rotate_every` left. With temporary credentials the URL changes with them. Excludes `not_after` and `signing_time`.",
			strings: append(stringRule("Invalid Rotate Every", "a duration shorter than expiry", func(s string) error {
				_, err := validity.ParseDuration(s)
				return err
			}), conflictsWith("signing_time", "not_after")...),
		},
		"signing_time": {
			usage: optionalComputed,
			description: "Signs at this instant, in RFC 3339 format: a constant, or from `time_rotating` or `time_static`. Where not given: the instant at " +
				"which the URL was signed, in UTC. OSS accepts a URL from 15 minutes before it. Excludes `rotate_every`.",
			strings: stringRule("Invalid Signing Time", "an instant by RFC 3339", checkInstant),
		},
	}
}

func checkRegion(s string) error {
	_, err := endpoint.ParseRegion(s)
	return err
}

func checkEndpointType(s string) error {
	_, err := endpoint.ParseType(s)
	return err
}

func checkEndpoint(s string) error {
	_, err := endpoint.ParseEndpoint(s)
	return err
}

func checkInstant(s string) error {
	_, err := validity.ParseInstant(s)
	return err
}
