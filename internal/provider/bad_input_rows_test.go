package provider

import (
	"math/big"
	"strings"
)

// long is longer than anything that an argument takes.
var long = strings.Repeat("a", 1<<16)

// badLinks are the rows of the forms that sign.
func badLinks() []badInput {
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
	one := func(attribute, value, title, words string) badInput {
		return badInput{args{attribute: value}, attribute, title, words}
	}
	in := func(attribute, name, value, title, words string) badInput {
		at := pathOf(attributeDiagnostic(attribute, name))
		return badInput{args{attribute: map[string]string{name: value}}, at, title, words}
	}
	return []badInput{
		one("bucket", "", bucket, "bucket is empty|3 to 63 characters"),
		one("bucket", "ab", bucket, `3 to 63 characters, got 2 in "ab"`),
		one("bucket", strings.Repeat("a", 64), bucket, "3 to 63 characters, got 64 in"),
		one("bucket", long, bucket, "3 to 63 characters, got 65536|(65536 bytes)"),
		one("bucket", "ExampleBucket", bucket, `only a-z, 0-9 and "-", got "ExampleBucket"`),
		one("bucket", "example_bucket", bucket, `only a-z, 0-9 and "-", got "example_bucket"`),
		one("bucket", "-examplebucket", bucket, `begin and end with a letter or digit, got "-examplebucket"`),
		one("bucket", "examplebucket-", bucket, `begin and end with a letter or digit, got "examplebucket-"`),
		one("bucket", "example.bucket", bucket, `a-z, 0-9 and "-", got "example.bucket"|Use domain`),
		one("bucket", "examplebucket.oss-cn-hangzhou.aliyuncs.com", bucket,
			`not an address|Set bucket to "examplebucket" and region to "cn-hangzhou"`),
		one("bucket", "oss://examplebucket", bucket, `not an address|Write "examplebucket"`),
		one("bucket", "acs:oss:*:*:examplebucket", bucket, `not an address|Write "examplebucket"`),
		one("bucket", " examplebucket", bucket, `white space around it, got " examplebucket"`),
		one("bucket", "examplebucket\n", bucket, `white space around it, got "examplebucket\n"`),
		one("bucket", "存储空间", bucket, `a-z, 0-9 and "-", got "存储空间"`),
		one("bucket", "exa\x00mple", bucket, `a-z, 0-9 and "-", got "exa\x00mple"`),
		one("bucket", "exa\xffmple", bucket, `a-z, 0-9 and "-", got "exa\xffmple"`),

		one("key", "", key, "key is empty|1 to 1023 bytes"),
		one("key", strings.Repeat("a", 1024), key, "at most 1023 bytes in UTF-8, got 1,024 bytes"),
		one("key", strings.Repeat("中", 342), key, "at most 1023 bytes in UTF-8, got 1,026 bytes"),
		one("key", long, key, "at most 1023 bytes in UTF-8, got 65,536 bytes"),
		one("key", "/agent", key, `not begin with a slash, got "/agent"|Remove the slash`),
		one("key", `\agent`, key, `not begin with a backslash, got "\\agent"|Remove the backslash`),
		one("key", "..", key, `".." as a path segment, got ".."|Copy the object to another key`),
		one("key", "a/./b", key, `"." as a path segment, got "a/./b"|Copy the object to another key`),
		one("key", "a/../b", key, `".." as a path segment, got "a/../b"|HTTP clients`),
		one("key", "a/.", key, `"." as a path segment, got "a/."|HTTP clients`),
		one("key", "a\xffb", key, "UTF-8"),
		one("key", "a\xed\xa0\x80b", key, "UTF-8"), // a surrogate

		one("expiry", "", expiry, `expiry is empty|"15m"|leave it out`),
		one("expiry", "0", expiry, `between 1s and 7d, got "0"`),
		one("expiry", "0s", expiry, `between 1s and 7d, got "0s"`),
		one("expiry", "-1h", expiry, `must not be negative, got "-1h"`),
		one("expiry", "7d1s", expiry, `between 1s and 7d, got "7d1s"`),
		one("expiry", "8d", expiry, `between 1s and 7d, got "8d"|let the resource alioss_presigned_url renew the URL`),
		one("expiry", "604801", expiry, `between 1s and 7d, got "604801"`),
		one("expiry", "30d", expiry, `between 1s and 7d, got "30d"`),
		one("expiry", "1.5h", expiry, `whole numbers, got "1.5h"|Write "1h30m"`),
		one("expiry", "500ms", expiry, `"15m"|"3600"`),
		one("expiry", "1w", expiry, `the units d, h, m and s, each at most once and the largest first, got "1w"`),
		one("expiry", "30m1h", expiry, `the largest first, got "30m1h"`),
		one("expiry", "1h30", expiry, `a unit after its last number, got "1h30"|d, h, m and s`),
		one("expiry", "1 h", expiry, "d, h, m and s"),
		one("expiry", " 1h", expiry, `a duration such as "15m"|got " 1h"`),
		one("expiry", "1H", expiry, "d, h, m and s"),
		one("expiry", "1h\n", expiry, `"15m"`),
		one("expiry", "１h", expiry, `a duration such as "15m"|got "１h"`),
		one("expiry", "tomorrow", expiry, `"15m"`),
		one("expiry", "2026-12-24T18:00:00Z", expiry, `d, h, m and s|got "2026-12-24T18:00:00Z"`),
		one("expiry", "99999999999999999999", expiry, `between 1s and 7d, got "99999999999999999999"`),
		one("expiry", long, expiry, `a duration such as "15m"|(65536 bytes)`),
		one("expiry", "1h\xff", expiry, `"15m"`),

		one("region", "", region, "empty|cn-hangzhou|leave it out"),
		one("region", "cn-hangzhou-internal", region, `region to "cn-hangzhou"|endpoint_type to "internal"`),
		one("region", "oss-cn-hangzhou-internal", region, `region to "cn-hangzhou"|endpoint_type to "internal"`),
		one("region", "cn-hangzhou-h", region, `got the zone "cn-hangzhou-h"|Set region to "cn-hangzhou"`),
		one("region", "us-west-1b", region, `got the zone "us-west-1b"|Set region to "us-west-1"`),
		one("region", "CN-HANGZHOU", region, `lower case, got "CN-HANGZHOU"|Write "cn-hangzhou"`),
		one("region", "oss-cn-hangzhou.aliyuncs.com", region, `Set region to "cn-hangzhou"|Use endpoint for a host`),
		one("region", "https://oss-cn-shanghai.aliyuncs.com", region, `Set region to "cn-shanghai"|Use endpoint for a host`),
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
		one("endpoint", "ftp://example.com", endpoint, `has the scheme "ftp"|Use https or http`),
		one("endpoint", "https://", endpoint, "has no host"),
		one("endpoint", "https://oss-cn-hangzhou.aliyuncs.com/examplebucket", endpoint,
			"contains a path|https://host[:port]"),
		one("endpoint", "https://user:"+hidden+"@example.com", endpoint, "user information|https://host[:port]"),
		one("endpoint", "example.com:80", endpoint, "http://example.com"),
		one("endpoint", "example.com:0", endpoint, "1 to 65535"),
		one("endpoint", "127.1", endpoint, "four decimal numbers"),
		one("endpoint", "::1", endpoint, "Write [::1]"),
		one("endpoint", "example.com.", endpoint, "ends with a dot|Remove the dot"),
		one("endpoint", "oss-cn-hangzhou aliyuncs.com", endpoint, "' '"),
		one("endpoint", long, endpoint, "at most 253"),
		one("endpoint", "a\xff.example", endpoint, "UTF-8"),

		one("domain", "", domain, "empty|https://host[:port]|leave it out"),
		one("domain", "https://downloads.example.com/agents", domain, "path|https://host[:port]"),
		one("domain", "downloads.example.com?a="+hidden, domain, "query|https://host[:port]"),
		one("domain", "https://me:"+hidden+"@downloads.example.com", domain, "user information"),
		one("domain", "192.0.2.1", domain, "IP address|endpoint"),
		one("domain", "examplebucket.oss-cn-hangzhou.aliyuncs.com", domain,
			"a host of Alibaba Cloud, not a custom domain|Remove domain|Use endpoint_type or endpoint"),
		one("domain", "*.example.com", domain, "'*'"),
		one("domain", "downloads_1.example.com", domain, "'_'"),
		one("domain", "downloads.example.com ", domain, "' '"),
		one("domain", "downloads.example.com:99999", domain, "1 to 65535"),
		one("domain", "-a.example", domain, "begins or ends"),
		one("domain", "a..example", domain, "between two dots"),
		one("domain", long, domain, "at most 253"),
		one("domain", "exa\tmple.com", domain, `'\t'`),

		one("method", "", method, `GET, HEAD, PUT or DELETE in upper case, got ""|leave it out`),
		one("method", "get", method, `GET, HEAD, PUT or DELETE in upper case, got "get"`),
		one("method", "POST", method, "GET, HEAD, PUT or DELETE"),
		one("method", "GET ", method, "GET, HEAD, PUT or DELETE"),
		one("method", "GET\r\nHost: a", method, "GET, HEAD, PUT or DELETE"),
		one("method", long, method, "GET, HEAD, PUT or DELETE"),

		in("headers", "", "a", header, "name is empty|Remove the header"),
		in("headers", long, "a", header, "at most 256 bytes, got 65,536 bytes|Shorten it"),
		in("headers", "content type", "a", header, `"content type" must have a name of letters, digits and "-"`),
		in("headers", "content-type:", "a", header, `"content-type:" must have a name of letters, digits and "-"`),
		in("headers", "inhalt-größe", "a", header, `"inhalt-größe" must have a name of letters, digits and "-"`),
		in("headers", "x_custom", "a", header, `must not have "_" in its name|0002-00000077`),
		in("headers", "Host", "example.com", header, "Set bind_host = true"),
		in("headers", "authorization", "Bearer "+hidden, header, "must not be sent with a presigned URL|signed twice"),
		in("headers", "x-oss-date", "20260301T120000Z", header, "query"),
		in("headers", "X-OSS-Security-Token", hidden, header, "query"),
		in("headers", "x-oss-signature-version", "OSS4-HMAC-SHA256", header, "query|Leave it out"),
		in("headers", "x-oss-additional-headers", "range", header, "query|Leave it out"),
		in("headers", "x-oss-content-sha256", "abc", header, "UNSIGNED-PAYLOAD"),
		in("headers", "Connection", "close", header, "cannot be signed|proxies|Leave it out"),
		in("headers", "transfer-encoding", "chunked", header, "cannot be signed|proxies|Leave it out"),
		in("headers", "content-type", "", header, "must have a value"),
		in("headers", "content-type", " \t", header, "must have a value"),
		in("headers", "x-oss-meta-a", "a\r\nb: c", header, "0x0D|printable ASCII"),
		in("headers", "x-oss-meta-a", "中", header, "printable ASCII"),
		in("headers", "x-oss-meta-a", "a\x00", header, "0x00|printable ASCII"),
		in("headers", "x-oss-meta-a", "\xff", header, "printable ASCII"),
		{args{"headers": map[string]any{"a": nil}}, `headers["a"]`, header, `"a" of headers is null|Leave the name out`},
		{
			args{"headers": map[string]string{"Content-Type": "a", "content-type": "b"}},
			`headers["content-type"]`, header,
			`"Content-Type" and "content-type" are the same|Leave one of them out`,
		},

		in("response_headers", "", "a", response, "cache-control, content-disposition"),
		in("response_headers", long, "a", response, "at most 256 bytes, got 65,536 bytes|Shorten it"),
		in("response_headers", "etag", "a", response,
			`cache-control, content-disposition, content-encoding, content-language, content-type, expires, got "etag"`),
		in("response_headers", "response-cache-control", "a", response, "cache-control"),
		in("response_headers", "cache_control", "a", response, "cache-control"),
		in("response_headers", "cache-control", "", response, "has an empty value|Leave the header out"),
		in("response_headers", "cache-control", "a\nb", response, "control character|offset 1"),
		in("response_headers", "cache-control", long, response, "at most 4,096 bytes, got 65,536 bytes|Shorten it"),
		in("response_headers", "content-disposition", "a\xff", response, "UTF-8"),
		{
			args{"response_headers": map[string]any{"expires": nil}},
			`response_headers["expires"]`, response,
			`"expires" of response_headers is null|Leave the name out`,
		},
		{
			args{"response_headers": map[string]string{"Expires": "0", "expires": "1"}},
			`response_headers["expires"]`, response,
			`"Expires" and "expires" are the same|Leave one of them out`,
		},

		one("process", "", process, "process is empty|Leave it out"),
		one("process", "x-oss-process=image/resize,w_200", process, `parameter's name|Set it to "image/resize,w_200"`),
		one("process", "?x-oss-process=image/resize,w_200", process, `parameter's name|Set it to "image/resize,w_200"`),
		one("process", "x-oss-process="+long, process, "parameter's name|(65536 bytes)"),
		one("process", "image/resize,w_200\n", process, `white space|Remove it`),
		one("process", "image/\x00", process, "control characters, got one at offset 6|Remove it"),
		one("process", long, process, "at most 4,096 bytes, got 65,536 bytes|Shorten it"),

		{
			args{"traffic_limit": 0},
			"traffic_limit", traffic,
			"between 819200 (100 KB/s) and 838860800 (100 MB/s) bits per second, got 0",
		},
		{args{"traffic_limit": -1}, "traffic_limit", traffic, "between 819200|838860800|got -1"},
		{args{"traffic_limit": 819_199}, "traffic_limit", traffic, "100 KB/s|got 819199"},
		{args{"traffic_limit": 838_860_801}, "traffic_limit", traffic, "100 MB/s|got 838860801"},
		{args{"traffic_limit": big.NewFloat(1 << 62)}, "traffic_limit", traffic, "838860800|got 4611686018427387904"},
		{
			args{"traffic_limit": big.NewFloat(819_200.5)},
			"traffic_limit", traffic,
			"whole number between 819200 and 838860800 bits per second, got 819200.5",
		},
		{args{"traffic_limit": big.NewFloat(1e300)}, "traffic_limit", traffic, "whole number between|838860800|got 1e+300"},
		{args{"traffic_limit": new(big.Float).SetInf(true)}, "traffic_limit", traffic, "whole number|got -Inf"},

		in("query", "", "a", query, "empty name|leave it out"),
		in("query", long, "a", query, "at most 256 bytes, got 65,536 bytes|Shorten it"),
		in("query", "x-oss-signature", "a", query, "belongs to the signature|Leave it out"),
		in("query", "X-Oss-Expires", "60", query, "belongs to the signature|Leave it out"),
		in("query", "x-oss-security-token", hidden, query, "belongs to the signature"),
		in("query", "x-oss-credential", "a", query, "belongs to the signature"),
		in("query", "versionId", "a", query, "Set version instead"),
		in("query", "x-oss-process", "a", query, "Set process instead"),
		in("query", "x-oss-traffic-limit", "819200", query, "Set traffic_limit instead"),
		in("query", "x-oss-request-payer", "requester", query, "Set request_payer instead"),
		in("query", "response-content-disposition", "attachment", query,
			`Set response_headers["content-disposition"] instead`),
		in("query", "Expires", "1700000000", query, "older signature versions|Leave it out"),
		in("query", "OSSAccessKeyId", "a", query, "older signature versions|Leave it out"),
		in("query", "Signature", hidden, query, "older signature versions|Leave it out"),
		in("query", " a", "b", query, `white space, got " a"|Remove it`),
		in("query", "a\nb", "c", query, `white space, got "a\nb"|Remove it`),
		in("query", "a\x00", "b", query, "control character"),
		in("query", "a", "b\x7f", query, "control character|offset 1"),
		in("query", "a", hidden+long, query, "at most 4,096 bytes, got 65,540 bytes|Shorten it"),
		in("query", "a", "\xff", query, "UTF-8"),
		{args{"query": map[string]any{"a": nil}}, `query["a"]`, query, `"a" of query is null|Leave the name out`},

		one("version", "", version, `version is empty|Leave it out|"null"`),
		one("version", "CAEQ EhiB", version, `white space, got "CAEQ EhiB"|Remove it`),
		one("version", "CAEQ\n", version, `white space, got "CAEQ\n"|Remove it`),
		one("version", "CAEQ\x00", version, "control character"),
		one("version", long, version, "at most 1023 bytes, got 65,536 bytes|version ID"),
		one("version", "\xff", version, "UTF-8"),

		one("filename", "", filename, "filename is empty|Leave it out"),
		one("filename", "a/b.txt", filename, `a name without a path, got "a/b.txt"|Remove the slash`),
		one("filename", `C:\a.txt`, filename, `a name without a path, got "C:\\a.txt"|backslash`),
		one("filename", "..", filename, `the name of a file, got the directory ".."`),
		one("filename", "a\r\nSet-Cookie: b", filename, "control character"),
		one("filename", strings.Repeat("中", 86), filename, "at most 255 bytes in UTF-8, got 258 bytes|Shorten it"),
		one("filename", long, filename, "at most 255 bytes|got 65,536 bytes"),
		one("filename", "\xff", filename, "UTF-8"),
		{
			args{"filename": "a", "response_headers": map[string]string{"Content-Disposition": "inline"}},
			"filename", filename,
			`response_headers["content-disposition"] exclude each other|Leave one of them out`,
		},
		{args{"filename": "a", "method": "PUT"}, "filename", filename, `method "PUT"|Leave filename out`},
		{args{"filename": "a", "method": "DELETE"}, "filename", filename, `method "DELETE"|Leave filename out`},
		{
			args{"response_headers": map[string]string{"expires": "0"}, "method": "PUT"},
			"response_headers", response,
			`method "PUT"|Leave response_headers out`,
		},
		{args{"process": "image/resize,w_200", "method": "DELETE"}, "process", process, `method "DELETE"|Leave process out`},
		{args{"version": "CAEQ", "method": "PUT"}, "version", version, `method "PUT"|Leave version out`},

		one("not_after", "", notAfter, `RFC 3339|leave it out`),
		one("not_after", "tomorrow", notAfter, `RFC 3339|"2026-02-03T04:05:06Z"`),
		one("not_after", "2026-03-02", notAfter, "RFC 3339"),
		one("not_after", "2026-03-02 12:00:00", notAfter, "RFC 3339"),
		one("not_after", "2026-03-02T12:00:00", notAfter, "RFC 3339"),
		one("not_after", "2026-03-02T12:00:00.5Z", notAfter,
			`whole seconds, got "2026-03-02T12:00:00.5Z"|Remove the fraction`),
		one("not_after", "1969-03-02T12:00:00Z", notAfter,
			`between 1970-01-01T00:00:00Z and 9999-12-31T23:59:59Z, got "1969-03-02T12:00:00Z"`),
		one("not_after", "2026-02-30T12:00:00Z", notAfter, "RFC 3339"),
		one("not_after", long, notAfter, "RFC 3339"),
		{
			args{"not_after": "2026-03-02T12:00:00Z", "expiry": "1h"},
			"not_after", conflict,
			"not_after and expiry exclude each other|Leave one of them out",
		},

		one("signing_time", "", signing, "RFC 3339|leave it out"),
		one("signing_time", "now", signing, "RFC 3339"),
		one("signing_time", "2026-03-02T24:00:00Z", signing, "RFC 3339"),
		one("signing_time", "10000-01-01T00:00:00Z", signing, "RFC 3339"),
		one("signing_time", "2026-03-01T12:00:00.123Z", signing, "whole seconds|Remove the fraction"),

		one("rotate_every", "", rotate, `rotate_every is empty|"15m"|leave it out`),
		one("rotate_every", "0s", rotate, `at least 1s, got "0s"`),
		one("rotate_every", "1h", rotate, `shorter than expiry "1h", got "1h"|up to 7d`),
		one("rotate_every", "P1D", rotate, `"15m"|got "P1D"`),
		one("rotate_every", "-1h", rotate, `must not be negative, got "-1h"`),
		one("rotate_every", long, rotate, `"15m"|(65536 bytes)`),
		{args{"rotate_every": "2d", "expiry": "1d"}, "rotate_every", rotate, `shorter than expiry "1d", got "2d"`},
		{
			args{"rotate_every": "1m", "signing_time": "2026-03-01T12:00:00Z"},
			"rotate_every", conflict,
			"rotate_every and signing_time exclude each other|Leave one of them out",
		},
		{
			args{"rotate_every": "1m", "not_after": "2026-03-01T12:00:00Z"},
			"rotate_every", conflict,
			"rotate_every and not_after exclude each other|Leave one of them out",
		},

		one("renew_before", "", renew, `renew_before is empty|"15m"|leave it out`),
		one("renew_before", "1h", renew, `shorter than expiry "1h", got "1h"`),
		one("renew_before", "-1s", renew, `must not be negative, got "-1s"`),
		one("renew_before", "soon", renew, `"15m"|got "soon"`),
		{args{"renew_before": "2d", "expiry": "1d"}, "renew_before", renew, `shorter than expiry "1d", got "2d"`},

		{args{"verify": true, "method": "PUT"}, "verify", verify, `method "PUT"|Leave verify out`},
		{args{"verify": true, "method": long}, "method", method, "GET, HEAD, PUT or DELETE|(65536 bytes)"},
		{args{"verify": true, "method": "DELETE"}, "verify", verify, `method "DELETE"|Leave verify out`},

		{
			args{"domain": "downloads.example.com", "endpoint": "https://oss-cn-hangzhou.aliyuncs.com"},
			"domain", conflict,
			"domain and endpoint exclude each other|Leave one of them out",
		},
		{
			args{"domain": "downloads.example.com", "endpoint_type": "internal"},
			"domain", conflict,
			"domain and endpoint_type exclude each other|Leave one of them out",
		},
		{
			args{"endpoint_type": "internal", "endpoint": "https://oss-cn-hangzhou.aliyuncs.com"},
			"endpoint_type", conflict,
			"endpoint_type and endpoint exclude each other|Leave one of them out",
		},
		{
			args{"endpoint_type": "public", "endpoint": "https://oss-cn-hangzhou.aliyuncs.com"},
			"endpoint_type", conflict,
			"exclude each other|Leave one of them out",
		},
		{
			args{"region": "cn-hangzhou", "endpoint": "https://oss-cn-shanghai.aliyuncs.com"},
			"endpoint", endpoint,
			`host of region "cn-shanghai"|Set region to "cn-shanghai"`,
		},
		{
			args{"region": "cn-hangzhou", "endpoint": "https://examplebucket.oss-cn-hangzhou.aliyuncs.com"},
			"endpoint", endpoint,
			`where the bucket is added|Set endpoint to "https://oss-cn-hangzhou.aliyuncs.com"`,
		},
		{args{"region": "cn-hangzhou", "endpoint_type": "private"}, "endpoint_type", hosts, `got "private"`},
		{
			args{"region": "ap-southeast-1", "endpoint_type": "dual-stack"},
			"endpoint_type", hosts,
			`does not exist in region "ap-southeast-1"|another endpoint_type`,
		},
		{
			args{"region": "cn-hangzhou-finance", "endpoint_type": "internal"},
			"endpoint_type", hosts,
			"has 3 hosts in region|Set endpoint instead",
		},
		{args{"region": "cn-hzfinance", "endpoint_type": "public"}, "region", region, `region to "cn-hangzhou-finance"`},
		{
			args{"traffic_limit": 819_200, "headers": map[string]string{"X-Oss-Traffic-Limit": "819200"}},
			`headers["X-Oss-Traffic-Limit"]`, conflict,
			"traffic_limit set the same value|Leave one of them out",
		},
		{
			args{"request_payer": true, "headers": map[string]string{"x-oss-request-payer": "requester"}},
			`headers["x-oss-request-payer"]`, conflict,
			"request_payer set the same value|Leave one of them out",
		},
	}
}

// badProviders are the rows of the provider block.
func badProviders() []badInput {
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
	return []badInput{
		{args{"region": ""}, "region", "Invalid Region", "region is empty|cn-hangzhou|leave it out"},
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
			"endpoint_type and endpoint exclude each other|Leave one of them out",
		},
		{
			args{"region": "cn-hangzhou", "endpoint": "https://oss-cn-shanghai.aliyuncs.com"},
			"endpoint", "Invalid Endpoint",
			`region to "cn-shanghai"`,
		},
		{
			args{"region": "us-east-1", "endpoint_type": "dual-stack"},
			"endpoint_type", "Invalid Endpoint Type",
			"does not exist in region",
		},
		{
			args{"region": "cn-hangzhou", "endpoint": "https://oss-cn-hangzhou.aliyuncs.com", "path_style": true},
			"path_style", "Invalid Path Style",
			"Remove path_style",
		},

		{args{"access_key": testKey}, "secret_key", credentials, "access_key is set, but secret_key|both, or neither"},
		{args{"secret_key": hidden}, "access_key", credentials, "secret_key is set, but access_key|both, or neither"},
		{
			args{"security_token": hidden},
			"security_token", credentials,
			"security_token is set, but access_key and secret_key are not",
		},
		{
			args{"access_key": "STS.example", "secret_key": hidden},
			"security_token", credentials,
			"temporary|security token",
		},
		{with("access_key", "LTAI5t\nKey"), "access_key", credentials, "line break"},
		{with("secret_key", "a "+hidden), "secret_key", credentials, "secret_key"},
		{with("security_token", hidden+"\x00"), "security_token", credentials, "control character"},
		{with("profile", "a"), "profile", credentials, "access_key and profile exclude each other"},
		{with("ecs_role_name", "a"), "ecs_role_name", credentials, "exclude each other"},
		{with("credentials_uri", "http://localhost/"), "credentials_uri", credentials, "exclude each other"},
		{with("shared_credentials_file", "~/a"), "shared_credentials_file", credentials, "exclude each other"},
		{with("assume_role_with_oidc", args{}), "assume_role_with_oidc", credentials, "exclude each other"},
		{args{"profile": "a", "ecs_role_name": "a"}, "ecs_role_name", credentials, "exclude each other"},
		{args{"ecs_role_name": "acs:ram::1:role/a"}, "ecs_role_name", credentials, "ecs_role_name|1 to 64|ARN"},
		{args{"ecs_role_name": long}, "ecs_role_name", credentials, "1 to 64"},
		{
			args{"credentials_uri": "localhost:8080"},
			"credentials_uri", credentials,
			"must be an http:// or https:// address with a host",
		},
		{
			args{"credentials_uri": "file:///" + hidden},
			"credentials_uri", credentials,
			"must be an http:// or https:// address with a host",
		},
		{
			args{"credentials_uri": "http://[" + hidden},
			"credentials_uri", credentials,
			"must be an http:// or https:// address with a host",
		},

		{assume("role_arn", "my-role"), "assume_role.role_arn", role, arn},
		{assume("role_arn", "arn:aws:iam::1:role/a"), "assume_role.role_arn", role, arn},
		{assume("role_arn", long), "assume_role.role_arn", role, arn},
		{assume("session_name", "a"), "assume_role.session_name", role, "2 to 64"},
		{assume("session_name", "a b"), "assume_role.session_name", role, "2 to 64"},
		{assume("policy", "{"), "assume_role.policy", role, "JSON|Version and Statement"},
		{assume("policy", `"`+hidden+`"`), "assume_role.policy", role, "JSON"},
		{assume("session_expiration", 0), "assume_role.session_expiration", role, "between 900 and 43200 seconds, got 0"},
		{assume("session_expiration", 899), "assume_role.session_expiration", role, "between 900 and 43200 seconds"},
		{assume("session_expiration", 43201), "assume_role.session_expiration", role, "between 900 and 43200 seconds"},
		{assume("session_expiration", -1), "assume_role.session_expiration", role, "between 900 and 43200 seconds"},
		{
			assume("session_expiration", big.NewFloat(900.5)), "assume_role.session_expiration", role,
			"whole number between 900 and 43200 seconds, got 900.5",
		},
		{assume("external_id", "a"), "assume_role.external_id", role, "2 to 1224"},
		{assume("external_id", "a b"), "assume_role.external_id", role, "2 to 1224"},

		{
			oidc("oidc_provider_arn", "my-provider"), "assume_role_with_oidc.oidc_provider_arn", role,
			"acs:ram::<account>:oidc-provider/<name>",
		},
		{oidc("role_arn", "my-role"), "assume_role_with_oidc.role_arn", role, arn},
		{oidc("oidc_token", "abc"), "assume_role_with_oidc.oidc_token", role, "4 to 20,000"},
		{oidc("oidc_token", hidden+"\n"+hidden), "assume_role_with_oidc.oidc_token", role, "line break"},
		{oidc("oidc_token", hidden+long), "assume_role_with_oidc.oidc_token", role, "4 to 20,000"},
		{oidc("role_session_name", "ä"), "assume_role_with_oidc.role_session_name", role, "2 to 64"},
		{oidc("policy", "no JSON"), "assume_role_with_oidc.policy", role, "JSON"},
		{
			oidc("session_expiration", big.NewFloat(1e-9)), "assume_role_with_oidc.session_expiration", role,
			"whole number between 900 and 43200 seconds, got 1e-09",
		},
		{oidc("session_expiration", 60), "assume_role_with_oidc.session_expiration", role, "between 900 and 43200 seconds"},
	}
}
