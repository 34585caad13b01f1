package provider

import (
	"fmt"

	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/alioss/terraform-provider-alioss/internal/endpoint"
	"github.com/alioss/terraform-provider-alioss/internal/presign"
	"github.com/alioss/terraform-provider-alioss/internal/signer"
	"github.com/alioss/terraform-provider-alioss/internal/validity"
)

// urlAttributes are the attributes that all forms have.
var urlAttributes = attributes{
	"bucket": {
		usage: required,
		description: "Name of the bucket, or alias of an access point. Valid values are 3 to 63 lower-case letters, " +
			"digits and hyphens, with no hyphen at either end.",
		check: endpoint.CheckBucket,
	},
	"expiry": {
		usage:    optionalComputed,
		fallback: textValue(validity.FormatDuration(validity.DefaultExpiry)),
		description: "Lifetime of the URL from the moment of signing, such as `\"15m\"`, `\"1h30m\"`, `\"7d\"` or " +
			"seconds (`\"3600\"`). Valid values are `\"1s\"` to `\"7d\"`. Defaults to `\"1h\"`.",
		check: checkExpiry,
	},
	"domain": {
		description: "Custom domain mapped to the bucket, such as `\"downloads.example.com\"` or " +
			"`\"https://downloads.example.com:8443\"`. HTTP is used only if the value starts with `http://`. A path, query " +
			"or user is not allowed. Internationalized names are converted to punycode. Conflicts with `endpoint` and " +
			"`endpoint_type`.",
		check:     parses(endpoint.ParseDomain),
		conflicts: []string{"endpoint", "endpoint_type"},
	},
	"region": {
		usage: optionalComputed,
		description: "Region ID of the bucket, such as `\"cn-hangzhou\"`. `\"oss-cn-hangzhou\"` is also accepted. " +
			"Defaults to the provider's `region`.",
		check: parses(endpoint.ParseRegion),
	},
	"endpoint_type": {
		description: "Kind of OSS endpoint in the URL. Valid values are `\"public\"`, `\"internal\"`, `\"accelerate\"`, " +
			"`\"accelerate-overseas\"` and `\"dual-stack\"`. Only machines in VPCs of the region reach `\"internal\"`. " +
			"Acceleration endpoints must be enabled for the bucket. Defaults to the provider's `endpoint_type`. Conflicts " +
			"with `endpoint`.",
		check:     parsesAs(endpoint.FieldType, endpoint.ParseType),
		conflicts: []string{"endpoint"},
	},
	"endpoint": {
		description: "OSS endpoint to use instead of the region's, without the bucket, such as " +
			"`\"https://oss-cn-hzjbp-b-internal.aliyuncs.com\"`. HTTP is used only if the value starts with `http://`. " +
			"Defaults to the provider's `endpoint`.",
		check: parses(endpoint.ParseEndpoint),
	},
	"method": {
		usage:    optionalComputed,
		fallback: textValue(presign.DefaultMethod),
		description: "HTTP method of requests with the URL. Valid values are `\"GET\"`, `\"HEAD\"`, `\"PUT\"` and " +
			"`\"DELETE\"`. OSS refuses a request with another method, such as `HEAD` for a `GET` URL. Defaults to `\"GET\"`.",
		check: presign.CheckMethod,
	},
	"headers": {
		description: "Request headers that must be sent exactly as given, for example `content-type` for a `PUT`. " +
			"Headers other than `content-type`, `content-md5` and `x-oss-*` are added to `x-oss-additional-headers`. Names " +
			"are case-insensitive. Together they must have at most 8 KiB.",
		typ:        textMap,
		checkEntry: presign.CheckHeader,
	},
	"response_headers": {
		description: "Response headers that OSS sends instead of the object's own. Valid names are `cache-control`, " +
			"`content-disposition`, `content-encoding`, `content-language`, `expires` and `content-type`. OSS refuses " +
			"`content-type` for `GET` (EC 0017-00000902).",
		typ:        textMap,
		checkEntry: presign.CheckResponseHeader,
	},
	"process": {
		description: "Image, video or document processing (`x-oss-process`) for the download, such as " +
			"`\"image/resize,w_200\"`.",
		check: presign.CheckProcess,
	},
	"traffic_limit": {
		description: "Bandwidth limit of one transfer, in bits per second. Valid values are 819200 (100 KB/s) to " +
			"838860800 (100 MB/s). The URL contains the limit, so any client works.",
		typ:         tftypes.Number,
		numbers:     presign.TrafficLimits,
		checkNumber: presign.CheckTrafficLimit,
	},
	"request_payer": {
		description: "Whether the requester pays for the transfer (`x-oss-request-payer`), for buckets with " +
			"pay-by-requester enabled. Defaults to `false`.",
		typ: tftypes.Bool,
	},
	"query": {
		description: "Other query parameters to sign, not percent-encoded. Parameters of the signature, and parameters " +
			"with their own argument, are not allowed. An empty value adds the name without `=`.",
		typ:        textMap,
		checkEntry: presign.CheckQuery,
	},
	"bind_host": {
		description: "Whether to sign the `Host` header, so that the query cannot be used on another host of the bucket. " +
			"The URL then fails behind a proxy that rewrites the header. Defaults to `false`.",
		typ: tftypes.Bool,
	},
	"expires_at": {
		usage: computed,
		description: "Time at which the URL expires, in RFC 3339 format (UTC). If temporary credentials expire before, " +
			"their expiration time.",
	},
	"signing_time": {
		usage: computed,
		description: "Time at which the URL was signed, in RFC 3339 format (UTC). OSS accepts the URL from 15 minutes " +
			"before this time.",
	},
	"signed_headers": {
		usage:     computed,
		sensitive: true,
		description: "Headers that must be sent with the URL, with lower-case names. Empty if no `headers` are set. Does " +
			"not contain `host`, which every client sends.",
		typ: textMap,
	},
}

// objectAttributes are the attributes of forms that sign one URL.
var objectAttributes = attributes{
	"key": {
		usage: required,
		description: "Name of the object, not percent-encoded. Valid values are 1 to 1023 bytes of UTF-8, without `/` or " +
			"`\\` at the start. The path segments `.` and `..` are not allowed, because HTTP clients rewrite them. " +
			"Terraform converts strings to Unicode normalization form C (NFC), so objects with names in another form are " +
			"out of reach.",
		check: signer.CheckKey,
	},
	"version": {
		usage:       optional,
		description: "Version ID (`versionId`) of the object. Defaults to the version that is current when the URL is used.",
		check:       presign.CheckVersion,
	},
	"filename": {
		description: "File name under which browsers save the object, at most 255 bytes. OSS sends it as " +
			"`content-disposition`, with a fallback in plain ASCII. Conflicts with " +
			"`response_headers[\"content-disposition\"]`.",
		check: presign.CheckFilename,
	},
	"url": {
		usage:     computed,
		sensitive: true,
		description: "Presigned URL of the object. Anyone who has it can use it until it expires. It contains no space, " +
			"quotation mark or raw `+`. In single quotes of a shell, in JSON and in quoted YAML strings it needs no escaping.",
	},
}

// notAfterAttribute is the deadline of the forms that sign when they are read or opened.
var notAfterAttribute = attributes{"not_after": {
	description: "Time at which the URL expires, in RFC 3339 format, such as `\"2026-12-24T18:00:00Z\"`. Valid values " +
		"are 1 second to 7 days after the moment of signing. Conflicts with `expiry`.",
	check:     parsesAs("not_after", validity.ParseInstant),
	conflicts: []string{"expiry"},
}}

// timingAttributes are the attributes with which data sources choose the signing time.
var timingAttributes = attributes{
	"rotate_every": {
		description: "Period for which the URL stays byte for byte the same, such as `\"1d\"`. It must be shorter than " +
			"`expiry`. The signing time is the start of the current period, counted from 1970-01-01T00:00:00Z. At each " +
			"plan, at least `expiry` minus `rotate_every` is left. With temporary credentials, the URL changes when they " +
			"do. Conflicts with `not_after` and `signing_time`.",
		check:     parsesAs("rotate_every", validity.ParseDuration),
		conflicts: []string{"signing_time", "not_after"},
	},
	"signing_time": {
		usage: optionalComputed,
		description: "Time for which the URL is signed, in RFC 3339 format. Set it to a constant, or to a time from " +
			"`time_rotating` or `time_static`. Defaults to the current time. OSS accepts the URL from 15 minutes before " +
			"this time. Conflicts with `rotate_every`.",
		check: parsesAs("signing_time", validity.ParseInstant),
	},
}

func checkExpiry(s string) error {
	_, err := validity.ParseExpiry(s)
	if d, _ := validity.ParseDuration("expiry", s); err != nil && d > validity.MaxExpiry {
		return fmt.Errorf("%w. For longer access, let the resource alioss_presigned_url renew the URL", err)
	}
	return err
}

// parses returns the rule of a text that a function must be able to parse.
func parses[T any](parse func(string) (T, error)) func(string) error {
	return func(s string) error {
		_, err := parse(s)
		return err
	}
}

// parsesAs is parses for a function whose errors begin with the name of the argument.
func parsesAs[T any](argument string, parse func(argument, s string) (T, error)) func(string) error {
	return parses(func(s string) (T, error) { return parse(argument, s) })
}
