package provider

import (
	"math/big"
	"strings"
)

// long is longer than anything that an argument takes.
var long = strings.Repeat("a", 1<<16)

// badLinks are the rows of the forms that sign.
func badLinks() []refusal {
	const (
		bucket   = "Invalid Bucket"
		key      = "Invalid Key"
		expiry   = "Invalid Expiry"
		domain   = "Invalid Domain"
		region   = "Invalid Region"
		hosts    = "Invalid Endpoint Type"
		endpoint = "Invalid Endpoint"
		method   = "Invalid Method"
		header   = "Invalid Header"
		response = "Invalid Response Header"
		process  = "Invalid Process"
		traffic  = "Invalid Traffic Limit"
		query    = "Invalid Query"
		version  = "Invalid Version"
		filename = "Invalid Filename"
		notAfter = "Invalid Not After"
		rotate   = "Invalid Rotate Every"
		signing  = "Invalid Signing Time"
		renew    = "Invalid Renew Before"
		verify   = "Invalid Verify"
		conflict = "Conflicting Arguments"
	)
	one := func(attribute, value, title, words string) refusal {
		return refusal{args{attribute: value}, attribute, title, words}
	}
	in := func(attribute, name, value, title, words string) refusal {
		at := pathOf(attributeDiagnostic(attribute, name))
		return refusal{args{attribute: map[string]string{name: value}}, at, title, words}
	}
	return []refusal{
		one("bucket", "", bucket, "0 characters|3 to 63"),
		one("bucket", "ab", bucket, "2 characters|3 to 63"),
		one("bucket", strings.Repeat("a", 64), bucket, "64 characters|3 to 63"),
		one("bucket", long, bucket, "65536 bytes|3 to 63"),
		one("bucket", "ExampleBucket", bucket, "'E'|a-z, 0-9"),
		one("bucket", "example_bucket", bucket, "'_'|a-z, 0-9"),
		one("bucket", "-examplebucket", bucket, `begins or ends with "-"`),
		one("bucket", "examplebucket-", bucket, `begins or ends with "-"`),
		one("bucket", "example.bucket", bucket, "'.'|a-z, 0-9"),
		one("bucket", "examplebucket.oss-cn-hangzhou.aliyuncs.com", bucket, "'.'|a-z, 0-9"),
		one("bucket", "oss://examplebucket", bucket, "':'|a-z, 0-9"),
		one("bucket", "acs:oss:*:*:examplebucket", bucket, "':'|a-z, 0-9"),
		one("bucket", " examplebucket", bucket, "' '|a-z, 0-9"),
		one("bucket", "examplebucket\n", bucket, `'\n'|a-z, 0-9`),
		one("bucket", "存储空间", bucket, "a-z, 0-9"),
		one("bucket", "exa\x00mple", bucket, `'\x00'|a-z, 0-9`),
		one("bucket", "exa\xffmple", bucket, "a-z, 0-9"),

		one("key", "", key, "empty|1 to 1023 bytes"),
		one("key", strings.Repeat("a", 1024), key, "1024 bytes|1023"),
		one("key", strings.Repeat("中", 342), key, "1026 bytes|1023"),
		one("key", long, key, "65536 bytes|1023"),
		one("key", "/agent", key, "begins with a slash|leave the slash out"),
		one("key", `\agent`, key, "begins with a backslash|leave the backslash out"),
		one("key", "..", key, `".."|copy the object`),
		one("key", "a/./b", key, `"."|copy the object`),
		one("key", "a/../b", key, `".."|HTTP clients`),
		one("key", "a/.", key, `"."|HTTP clients`),
		one("key", "a\xffb", key, "UTF-8"),
		one("key", "a\xed\xa0\x80b", key, "UTF-8"), // a surrogate

		one("expiry", "", expiry, `empty|"15m"|leave it out`),
		one("expiry", "0", expiry, "1 second|604800|7 days"),
		one("expiry", "0s", expiry, "1 second|604800"),
		one("expiry", "-1h", expiry, `negative|"15m"`),
		one("expiry", "7d1s", expiry, "604801|604800"),
		one("expiry", "8d", expiry, "691200|604800 seconds (7 days)|sign anew"),
		one("expiry", "604801", expiry, "604801|604800"),
		one("expiry", "30d", expiry, "2592000|604800"),
		one("expiry", "1.5h", expiry, `fraction|"1h30m"`),
		one("expiry", "500ms", expiry, `"15m"|"3600"`),
		one("expiry", "1w", expiry, "d, h, m and s"),
		one("expiry", "30m1h", expiry, "the largest first"),
		one("expiry", "1h30", expiry, "unit of the last number"),
		one("expiry", "1 h", expiry, "d, h, m and s"),
		one("expiry", " 1h", expiry, `not a duration|"15m"`),
		one("expiry", "1H", expiry, "d, h, m and s"),
		one("expiry", "1h\n", expiry, `"15m"`),
		one("expiry", "１h", expiry, `not a duration|"15m"`),
		one("expiry", "tomorrow", expiry, `"15m"`),
		one("expiry", "2026-12-24T18:00:00Z", expiry, `"15m"`),
		one("expiry", "99999999999999999999", expiry, "604800 seconds (7 days)"),
		one("expiry", long, expiry, "more than 32 characters"),
		one("expiry", "1h\xff", expiry, `"15m"`),

		one("region", "", region, "empty|cn-hangzhou|leave it out"),
		one("region", "cn-hangzhou-internal", region, `region to "cn-hangzhou"|endpoint_type to "internal"`),
		one("region", "oss-cn-hangzhou-internal", region, `region to "cn-hangzhou"|endpoint_type to "internal"`),
		one("region", "cn-hangzhou-h", region, `availability zone|region to "cn-hangzhou"`),
		one("region", "us-west-1b", region, `availability zone|region to "us-west-1"`),
		one("region", "CN-HANGZHOU", region, `lower case|"cn-hangzhou"`),
		one("region", "oss-cn-hangzhou.aliyuncs.com", region, `"cn-hangzhou"|endpoint`),
		one("region", "https://oss-cn-shanghai.aliyuncs.com", region, `"cn-shanghai"|endpoint`),
		one("region", "https://user:"+hidden+"@oss-cn-shanghai.aliyuncs.com", region, "endpoint"),
		one("region", "oss-accelerate", region, `endpoint_type to "accelerate"`),
		one("region", "cn hangzhou", region, "a-z and 0-9|at most 50"),
		one("region", "cn-hangzhou ", region, "a-z and 0-9"),
		one("region", "cn_hangzhou", region, "a-z and 0-9"),
		one("region", "杭州", region, "a-z and 0-9"),
		one("region", long, region, "at most 50"),
		one("region", "cn-\x00", region, "a-z and 0-9"),

		one("endpoint_type", "", hosts, "public, internal, accelerate|leave it out"),
		one("endpoint_type", "private", hosts, "public, internal, accelerate, accelerate-overseas, dual-stack"),
		one("endpoint_type", "Internal", hosts, "public, internal"),
		one("endpoint_type", "internal ", hosts, "public, internal"),
		one("endpoint_type", "dualstack", hosts, "dual-stack"),
		one("endpoint_type", long, hosts, "public, internal"),

		one("endpoint", "", endpoint, "empty|https://host[:port]|leave it out"),
		one("endpoint", "ftp://example.com", endpoint, "https|http"),
		one("endpoint", "https://", endpoint, "host is missing"),
		one("endpoint", "https://oss-cn-hangzhou.aliyuncs.com/examplebucket", endpoint, "path|https://host[:port]"),
		one("endpoint", "https://user:"+hidden+"@example.com", endpoint, "user information|https://host[:port]"),
		one("endpoint", "example.com:80", endpoint, "http://example.com"),
		one("endpoint", "example.com:0", endpoint, "1 to 65535"),
		one("endpoint", "127.1", endpoint, "four decimal numbers"),
		one("endpoint", "::1", endpoint, "write [::1]"),
		one("endpoint", "example.com.", endpoint, "ends with a dot|leave it out"),
		one("endpoint", "oss-cn-hangzhou aliyuncs.com", endpoint, "' '"),
		one("endpoint", long, endpoint, "at most 253"),
		one("endpoint", "a\xff.example", endpoint, "UTF-8"),

		one("domain", "", domain, "empty|https://host[:port]|leave it out"),
		one("domain", "https://downloads.example.com/agents", domain, "path|https://host[:port]"),
		one("domain", "downloads.example.com?a="+hidden, domain, "query|https://host[:port]"),
		one("domain", "https://me:"+hidden+"@downloads.example.com", domain, "user information"),
		one("domain", "192.0.2.1", domain, "IP address|endpoint"),
		one("domain", "examplebucket.oss-cn-hangzhou.aliyuncs.com", domain, "leave domain out|endpoint_type"),
		one("domain", "*.example.com", domain, "'*'"),
		one("domain", "downloads_1.example.com", domain, "'_'"),
		one("domain", "downloads.example.com ", domain, "' '"),
		one("domain", "downloads.example.com:99999", domain, "1 to 65535"),
		one("domain", "-a.example", domain, "begins or ends"),
		one("domain", "a..example", domain, "between two dots"),
		one("domain", long, domain, "at most 253"),
		one("domain", "exa\tmple.com", domain, `'\t'`),

		one("method", "", method, "GET, HEAD, PUT or DELETE|leave it out"),
		one("method", "get", method, "upper case|GET, HEAD, PUT or DELETE"),
		one("method", "POST", method, "GET, HEAD, PUT or DELETE"),
		one("method", "GET ", method, "GET, HEAD, PUT or DELETE"),
		one("method", "GET\r\nHost: a", method, "GET, HEAD, PUT or DELETE"),
		one("method", long, method, "GET, HEAD, PUT or DELETE"),

		in("headers", "", "a", header, "empty name"),
		in("headers", long, "a", header, "65536 bytes|256"),
		in("headers", "content type", "a", header, "letters, digits and -"),
		in("headers", "content-type:", "a", header, "letters, digits and -"),
		in("headers", "inhalt-größe", "a", header, "letters, digits and -"),
		in("headers", "x_custom", "a", header, "underscore|0002-00000077"),
		in("headers", "Host", "example.com", header, "bind_host"),
		in("headers", "authorization", "Bearer "+hidden, header, "signed in a header and in its URL"),
		in("headers", "x-oss-date", "20260301T120000Z", header, "query"),
		in("headers", "X-OSS-Security-Token", hidden, header, "query"),
		in("headers", "x-oss-signature-version", "OSS4-HMAC-SHA256", header, "query|leave it out"),
		in("headers", "x-oss-additional-headers", "range", header, "query|leave it out"),
		in("headers", "x-oss-content-sha256", "abc", header, "UNSIGNED-PAYLOAD"),
		in("headers", "Connection", "close", header, "proxies|leave it out"),
		in("headers", "transfer-encoding", "chunked", header, "proxies|leave it out"),
		in("headers", "content-type", "", header, "empty"),
		in("headers", "content-type", " \t", header, "empty"),
		in("headers", "x-oss-meta-a", "a\r\nb: c", header, "0x0D|printable ASCII"),
		in("headers", "x-oss-meta-a", "中", header, "printable ASCII"),
		in("headers", "x-oss-meta-a", "a\x00", header, "0x00|printable ASCII"),
		in("headers", "x-oss-meta-a", "\xff", header, "printable ASCII"),
		{args{"headers": map[string]any{"a": nil}}, `headers["a"]`, header, "null|leave the name out"},
		{
			args{"headers": map[string]string{"Content-Type": "a", "content-type": "b"}},
			`headers["content-type"]`, header,
			"case-insensitive|leave one out",
		},

		in("response_headers", "", "a", response, "cache-control, content-disposition"),
		in("response_headers", long, "a", response, "65536 bytes|256|shorten it"),
		in("response_headers", "etag", "a", response, "leave it out|cache-control, content-disposition, content-encoding, content-language, content-type, expires"),
		in("response_headers", "response-cache-control", "a", response, "cache-control"),
		in("response_headers", "cache_control", "a", response, "cache-control"),
		in("response_headers", "cache-control", "", response, "empty|leave the name out"),
		in("response_headers", "cache-control", "a\nb", response, "control character|offset 1"),
		in("response_headers", "cache-control", long, response, "4096"),
		in("response_headers", "content-disposition", "a\xff", response, "UTF-8"),
		{args{"response_headers": map[string]any{"expires": nil}}, `response_headers["expires"]`, response, "null|leave the name out"},
		{
			args{"response_headers": map[string]string{"Expires": "0", "expires": "1"}},
			`response_headers["expires"]`, response,
			"case-insensitive|leave one out",
		},

		one("process", "", process, "empty|leave it out"),
		one("process", "x-oss-process=image/resize,w_200", process, `write "image/resize,w_200"`),
		one("process", "?x-oss-process=image/resize,w_200", process, `write "image/resize,w_200"`),
		one("process", "x-oss-process="+long, process, "parameter's name|65536 bytes"),
		one("process", "image/resize,w_200\n", process, "remove it"),
		one("process", "image/\x00", process, "control character"),
		one("process", long, process, "4096"),

		{args{"traffic_limit": 0}, "traffic_limit", traffic, "819200|838860800|bits per second"},
		{args{"traffic_limit": -1}, "traffic_limit", traffic, "819200|838860800"},
		{args{"traffic_limit": 819_199}, "traffic_limit", traffic, "819200|100 KB/s"},
		{args{"traffic_limit": 838_860_801}, "traffic_limit", traffic, "838860800|100 MB/s"},
		{args{"traffic_limit": big.NewFloat(1 << 62)}, "traffic_limit", traffic, "838860800"},
		{args{"traffic_limit": big.NewFloat(819_200.5)}, "traffic_limit", traffic, "819200.5|whole number|819200 to 838860800"},
		{args{"traffic_limit": big.NewFloat(1e300)}, "traffic_limit", traffic, "1e+300|whole number|838860800"},
		{args{"traffic_limit": new(big.Float).SetInf(true)}, "traffic_limit", traffic, "whole number"},

		in("query", "", "a", query, "empty name"),
		in("query", long, "a", query, "65536 bytes|256"),
		in("query", "x-oss-signature", "a", query, "belongs to the signature|leave it out"),
		in("query", "X-Oss-Expires", "60", query, "belongs to the signature|leave it out"),
		in("query", "x-oss-security-token", hidden, query, "belongs to the signature"),
		in("query", "x-oss-credential", "a", query, "belongs to the signature"),
		in("query", "versionId", "a", query, "set version instead"),
		in("query", "x-oss-process", "a", query, "set process instead"),
		in("query", "x-oss-traffic-limit", "819200", query, "set traffic_limit instead"),
		in("query", "x-oss-request-payer", "requester", query, "set request_payer instead"),
		in("query", "response-content-disposition", "attachment", query, `response_headers["content-disposition"]`),
		in("query", "Expires", "1700000000", query, "older signatures|leave it out"),
		in("query", "OSSAccessKeyId", "a", query, "older signatures|leave it out"),
		in("query", "Signature", hidden, query, "older signatures"),
		in("query", " a", "b", query, "blank|remove it"),
		in("query", "a\nb", "c", query, "blank|remove it"),
		in("query", "a\x00", "b", query, "control character"),
		in("query", "a", "b\x7f", query, "control character|offset 1"),
		in("query", "a", hidden+long, query, "4096"),
		in("query", "a", "\xff", query, "UTF-8"),
		{args{"query": map[string]any{"a": nil}}, `query["a"]`, query, "null|leave the name out"},

		one("version", "", version, `empty|leave it out|"null"`),
		one("version", "CAEQ EhiB", version, "blank|remove it"),
		one("version", "CAEQ\n", version, "remove it"),
		one("version", "CAEQ\x00", version, "control character"),
		one("version", long, version, "65536 bytes|versionId"),
		one("version", "\xff", version, "UTF-8"),

		one("filename", "", filename, "empty|leave it out"),
		one("filename", "a/b.txt", filename, "slash|a name, not a path|leave the path out"),
		one("filename", `C:\a.txt`, filename, "backslash|a name, not a path"),
		one("filename", "..", filename, "directory|give the name of a file"),
		one("filename", "a\r\nSet-Cookie: b", filename, "control character"),
		one("filename", strings.Repeat("中", 86), filename, "258 bytes|255|shorten it"),
		one("filename", long, filename, "255"),
		one("filename", "\xff", filename, "UTF-8"),
		{
			args{"filename": "a", "response_headers": map[string]string{"Content-Disposition": "inline"}},
			"filename", filename,
			"content-disposition|leave one of them out",
		},
		{args{"filename": "a", "method": "PUT"}, "filename", filename, `method "PUT"|leave filename out`},
		{args{"filename": "a", "method": "DELETE"}, "filename", filename, `method "DELETE"|leave filename out`},
		{
			args{"response_headers": map[string]string{"expires": "0"}, "method": "PUT"},
			"response_headers", response,
			`method "PUT"|leave response_headers out`,
		},
		{args{"process": "image/resize,w_200", "method": "DELETE"}, "process", process, `method "DELETE"|leave process out`},
		{args{"version": "CAEQ", "method": "PUT"}, "version", version, "leave version out"},

		one("not_after", "", notAfter, `RFC 3339|leave it out`),
		one("not_after", "tomorrow", notAfter, `RFC 3339|"2026-02-03T04:05:06Z"`),
		one("not_after", "2026-03-02", notAfter, "RFC 3339"),
		one("not_after", "2026-03-02 12:00:00", notAfter, "RFC 3339"),
		one("not_after", "2026-03-02T12:00:00", notAfter, "RFC 3339"),
		one("not_after", "2026-03-02T12:00:00.5Z", notAfter, "fraction|leave the fraction out"),
		one("not_after", "1969-03-02T12:00:00Z", notAfter, "1970-01-01T00:00:00Z"),
		one("not_after", "2026-02-30T12:00:00Z", notAfter, "RFC 3339"),
		one("not_after", long, notAfter, "RFC 3339"),
		{args{"not_after": "2026-03-02T12:00:00Z", "expiry": "1h"}, "not_after", conflict, "not_after and expiry|leave one of them out"},

		one("signing_time", "", signing, "RFC 3339|leave it out"),
		one("signing_time", "now", signing, "RFC 3339"),
		one("signing_time", "2026-03-02T24:00:00Z", signing, "RFC 3339"),
		one("signing_time", "10000-01-01T00:00:00Z", signing, "RFC 3339"),
		one("signing_time", "2026-03-01T12:00:00.123Z", signing, "leave the fraction out"),

		one("rotate_every", "", rotate, `empty|"15m"|leave it out`),
		one("rotate_every", "0s", rotate, "at least 1"),
		one("rotate_every", "1h", rotate, "shorter than expiry 1h|up to 7d"),
		one("rotate_every", "P1D", rotate, `"15m"`),
		one("rotate_every", "-1h", rotate, "negative"),
		one("rotate_every", long, rotate, "more than 32 characters"),
		{args{"rotate_every": "2d", "expiry": "1d"}, "rotate_every", rotate, "rotate_every 2d|expiry 1d"},
		{
			args{"rotate_every": "1m", "signing_time": "2026-03-01T12:00:00Z"},
			"rotate_every", conflict,
			"rotate_every and signing_time|leave one of them out",
		},
		{
			args{"rotate_every": "1m", "not_after": "2026-03-01T12:00:00Z"},
			"rotate_every", conflict,
			"rotate_every and not_after|leave one of them out",
		},

		one("renew_before", "", renew, `empty|"15m"|leave it out`),
		one("renew_before", "1h", renew, "shorter than expiry 1h"),
		one("renew_before", "-1s", renew, "negative"),
		one("renew_before", "soon", renew, `"15m"`),
		{args{"renew_before": "2d", "expiry": "1d"}, "renew_before", renew, "renew_before 2d|expiry 1d"},

		{args{"verify": true, "method": "PUT"}, "verify", verify, `method "PUT"|leave verify out`},
		{args{"verify": true, "method": long}, "method", method, "65536 bytes|GET, HEAD, PUT or DELETE"},
		{args{"verify": true, "method": "DELETE"}, "verify", verify, `method "DELETE"|leave verify out`},

		{
			args{"domain": "downloads.example.com", "endpoint": "https://oss-cn-hangzhou.aliyuncs.com"},
			"domain", conflict,
			"and endpoint exclude|leave one of them out",
		},
		{
			args{"domain": "downloads.example.com", "endpoint_type": "internal"},
			"domain", conflict,
			"and endpoint_type exclude|leave one of them out",
		},
		{
			args{"endpoint_type": "internal", "endpoint": "https://oss-cn-hangzhou.aliyuncs.com"},
			"endpoint_type", conflict,
			"endpoint_type and endpoint exclude|leave one of them out",
		},
		{
			args{"endpoint_type": "public", "endpoint": "https://oss-cn-hangzhou.aliyuncs.com"},
			"endpoint_type", conflict,
			"leave one of them out",
		},
		{
			args{"region": "cn-hangzhou", "endpoint": "https://oss-cn-shanghai.aliyuncs.com"},
			"endpoint", endpoint,
			`host of region "cn-shanghai"|region to "cn-shanghai"`,
		},
		{
			args{"region": "cn-hangzhou", "endpoint": "https://examplebucket.oss-cn-hangzhou.aliyuncs.com"},
			"endpoint", endpoint,
			`leave that out|https://oss-cn-hangzhou.aliyuncs.com`,
		},
		{args{"region": "ap-southeast-1", "endpoint_type": "dual-stack"}, "endpoint_type", hosts, "no dual-stack host|another endpoint_type"},
		{args{"region": "cn-hangzhou-finance", "endpoint_type": "internal"}, "endpoint_type", hosts, "3 internal hosts|set endpoint"},
		{args{"region": "cn-hzfinance", "endpoint_type": "public"}, "region", region, `region to "cn-hangzhou-finance"`},
		{
			args{"traffic_limit": 819_200, "headers": map[string]string{"X-Oss-Traffic-Limit": "819200"}},
			`headers["X-Oss-Traffic-Limit"]`, conflict,
			"traffic_limit|leave one of them out",
		},
		{
			args{"request_payer": true, "headers": map[string]string{"x-oss-request-payer": "requester"}},
			`headers["x-oss-request-payer"]`, conflict,
			"request_payer|leave one of them out",
		},
	}
}

// badProviders are the rows of the provider block.
func badProviders() []refusal {
	const (
		credentials = "Invalid Credentials"
		role        = "Invalid Role"
		arn         = "acs:ram::<account>:role/<name>"
	)
	good := args{"access_key": testKey, "secret_key": testSecret}
	with := func(name string, value any) args {
		c := args{name: value}
		for n, v := range good {
			if c[n] == nil {
				c[n] = v
			}
		}
		return c
	}
	assume := func(name string, value any) args { return args{"assume_role": args{name: value}} }
	oidc := func(name string, value any) args { return args{"assume_role_with_oidc": args{name: value}} }
	return []refusal{
		{args{"region": ""}, "region", "Invalid Region", "empty|cn-hangzhou|leave it out"},
		{args{"region": "cn-hangzhou-internal"}, "region", "Invalid Region", `endpoint_type to "internal"`},
		{args{"region": "cn-shanghai-b"}, "region", "Invalid Region", `region to "cn-shanghai"`},
		{args{"region": "oss-cn-hangzhou.aliyuncs.com"}, "region", "Invalid Region", `"cn-hangzhou"`},
		{args{"region": long}, "region", "Invalid Region", "at most 50"},
		{args{"endpoint": ""}, "endpoint", "Invalid Endpoint", "empty|leave it out"},
		{args{"endpoint": "https://h/path"}, "endpoint", "Invalid Endpoint", "path"},
		{args{"endpoint": "https://a:" + hidden + "@h"}, "endpoint", "Invalid Endpoint", "user information"},
		{args{"endpoint_type": ""}, "endpoint_type", "Invalid Endpoint Type", "public, internal|leave it out"},
		{args{"endpoint_type": "vpc"}, "endpoint_type", "Invalid Endpoint Type", "public, internal"},
		{
			args{"endpoint_type": "internal", "endpoint": "https://oss-cn-hangzhou.aliyuncs.com"},
			"endpoint_type", "Conflicting Arguments",
			"endpoint_type and endpoint exclude|leave one of them out",
		},
		{
			args{"region": "cn-hangzhou", "endpoint": "https://oss-cn-shanghai.aliyuncs.com"},
			"endpoint", "Invalid Endpoint",
			`region to "cn-shanghai"`,
		},
		{args{"region": "us-east-1", "endpoint_type": "dual-stack"}, "endpoint_type", "Invalid Endpoint Type", "no dual-stack host"},
		{
			args{"region": "cn-hangzhou", "endpoint": "https://oss-cn-hangzhou.aliyuncs.com", "path_style": true},
			"path_style", "Invalid Path Style",
			"leave path_style out",
		},

		{args{"access_key": testKey}, "secret_key", credentials, "without secret_key|give both, or neither"},
		{args{"secret_key": hidden}, "access_key", credentials, "without access_key|give both, or neither"},
		{args{"security_token": hidden}, "security_token", credentials, "without access_key and secret_key"},
		{
			args{"access_key": "STS.example", "secret_key": hidden},
			"security_token", credentials,
			"temporary|give the token",
		},
		{with("access_key", testKey+"\n"), "access_key", credentials, "line break|remove it"},
		{with("secret_key", hidden+" "), "secret_key", credentials, "blank|remove it"},
		{with("security_token", hidden+"\x00"), "security_token", credentials, "control character|remove it"},
		{with("profile", "a"), "profile", credentials, "access_key and profile exclude each other|remove one"},
		{with("ecs_role_name", "a"), "ecs_role_name", credentials, "exclude each other|remove one"},
		{with("credentials_uri", "http://localhost/"), "credentials_uri", credentials, "exclude each other|remove one"},
		{with("shared_credentials_file", "~/a"), "shared_credentials_file", credentials, "exclude each other"},
		{with("assume_role_with_oidc", args{}), "assume_role_with_oidc", credentials, "exclude each other"},
		{args{"profile": "a", "ecs_role_name": "a"}, "ecs_role_name", credentials, "exclude each other"},
		{args{"ecs_role_name": "acs:ram::1:role/a"}, "ecs_role_name", credentials, "1 to 64|not an ARN"},
		{args{"ecs_role_name": long}, "ecs_role_name", credentials, "1 to 64"},
		{args{"credentials_uri": "localhost:8080"}, "credentials_uri", credentials, "http:// or https://"},
		{args{"credentials_uri": "file:///" + hidden}, "credentials_uri", credentials, "http:// or https://"},
		{args{"credentials_uri": "http://[" + hidden}, "credentials_uri", credentials, "http:// or https://"},

		{assume("role_arn", "my-role"), "assume_role.role_arn", role, arn},
		{assume("role_arn", "arn:aws:iam::1:role/a"), "assume_role.role_arn", role, arn},
		{assume("role_arn", long), "assume_role.role_arn", role, arn},
		{assume("session_name", "a"), "assume_role.session_name", role, "2 to 64"},
		{assume("session_name", "a b"), "assume_role.session_name", role, "2 to 64"},
		{assume("policy", "{"), "assume_role.policy", role, "JSON|Version and Statement"},
		{assume("policy", `"`+hidden+`"`), "assume_role.policy", role, "JSON"},
		{assume("session_expiration", 0), "assume_role.session_expiration", role, "900 to 43200|leave session_expiration out"},
		{assume("session_expiration", 899), "assume_role.session_expiration", role, "900 to 43200"},
		{assume("session_expiration", 43201), "assume_role.session_expiration", role, "900 to 43200"},
		{assume("session_expiration", -1), "assume_role.session_expiration", role, "900 to 43200"},
		{assume("session_expiration", big.NewFloat(900.5)), "assume_role.session_expiration", role, "900.5|whole number|900 to 43200"},
		{assume("external_id", "a"), "assume_role.external_id", role, "2 to 1224"},
		{assume("external_id", "a b"), "assume_role.external_id", role, "2 to 1224"},

		{oidc("oidc_provider_arn", "my-provider"), "assume_role_with_oidc.oidc_provider_arn", role, "acs:ram::<account>:oidc-provider/<name>"},
		{oidc("role_arn", "my-role"), "assume_role_with_oidc.role_arn", role, arn},
		{oidc("oidc_token", "abc"), "assume_role_with_oidc.oidc_token", role, "4 to 20000"},
		{oidc("oidc_token", hidden+"\n"), "assume_role_with_oidc.oidc_token", role, "line break|remove it"},
		{oidc("oidc_token", hidden+long), "assume_role_with_oidc.oidc_token", role, "4 to 20000"},
		{oidc("role_session_name", "ä"), "assume_role_with_oidc.role_session_name", role, "2 to 64"},
		{oidc("policy", "no JSON"), "assume_role_with_oidc.policy", role, "JSON"},
		{oidc("session_expiration", big.NewFloat(1e-9)), "assume_role_with_oidc.session_expiration", role, "1e-09|whole number|900 to 43200"},
		{oidc("session_expiration", 60), "assume_role_with_oidc.session_expiration", role, "900 to 43200"},
	}
}
