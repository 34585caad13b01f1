package signer

import (
	"reflect"
	"strings"
	"testing"
	"time"
)

const (
	parseHost  = "https://examplebucket.oss-cn-hangzhou.aliyuncs.com"
	parseQuery = "x-oss-credential=AKID%2F20260314%2Fcn-hangzhou%2Foss%2Faliyun_v4_request&x-oss-date=20260314T150926Z" +
		"&x-oss-expires=3600&x-oss-signature=0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef" +
		"&x-oss-signature-version=OSS4-HMAC-SHA256"
)

func TestParse(t *testing.T) {
	plain := func(change func(*Parsed)) Parsed {
		p := Parsed{
			Scheme: "https", Host: "examplebucket.oss-cn-hangzhou.aliyuncs.com", Key: "k", AccessKeyID: "AKID",
			Region: "cn-hangzhou", Product: "oss", SignedAt: instant, Expires: 3600, ExpiresAt: instant.Add(time.Hour),
		}
		change(&p)
		return p
	}
	tests := []struct {
		name, url string
		want      Parsed
	}{
		{"plain", parseHost + "/k?" + parseQuery, plain(func(*Parsed) {})},
		{"scheme in upper case", "HTTPS" + parseHost[5:] + "/k?" + parseQuery, plain(func(*Parsed) {})},
		{
			"http, domain and port", "http://downloads.example.com:8080/k?" + parseQuery,
			plain(func(p *Parsed) { p.Scheme, p.Host = "http", "downloads.example.com:8080" }),
		},
		{"slashes of the key escaped, as Go SDK v1 does", parseHost + "/a%2Fb+c%20d?" + parseQuery, plain(func(p *Parsed) { p.Key = "a/b+c d" })},
		{"a key of bytes", parseHost + "/%FF%00?" + parseQuery, plain(func(p *Parsed) { p.Key = "\xff\x00" })},
		{"leading slash", parseHost + "//k/?" + parseQuery, plain(func(p *Parsed) { p.Key = "/k/" })},
		{
			"IPv4: bucket in the path", "https://192.0.2.1:9000/bucket/a/b?" + parseQuery,
			plain(func(p *Parsed) { p.Host, p.Bucket, p.Key = "192.0.2.1:9000", "bucket", "a/b" }),
		},
		{
			"IPv6: bucket in the path", "https://[2001:db8::1]/bucket/k?" + parseQuery,
			plain(func(p *Parsed) { p.Host, p.Bucket = "[2001:db8::1]", "bucket" }),
		},
		{
			"localhost: bucket in the path", "https://localhost:1/bucket/k?" + parseQuery,
			plain(func(p *Parsed) { p.Host, p.Bucket = "localhost:1", "bucket" }),
		},
		{"bucket below localhost", "https://bucket.localhost/k?" + parseQuery, plain(func(p *Parsed) { p.Host = "bucket.localhost" })},
		{"parameters in any order, empty pairs", parseHost + "/k?&" + reversed(parseQuery) + "&&", plain(func(*Parsed) {})},
		{"version and others", parseHost + "/k?versionId=v%2F1&acl&a+b=c+d%20e&empty=&" + parseQuery, plain(func(p *Parsed) {
			p.Version = "v/1"
			p.Query = map[string]string{"versionId": "v/1", "acl": "", "a+b": "c+d e", "empty": ""}
		})},
		{"a value with equals signs", parseHost + "/k?a=b=c&" + parseQuery, plain(func(p *Parsed) { p.Query = map[string]string{"a": "b=c"} })},
		{"token", parseHost + "/k?" + parseQuery + "&x-oss-security-token=CAIS", plain(func(p *Parsed) { p.SecurityTokenUsed = true })},
		{
			"additional headers", parseHost + "/k?" + parseQuery + "&x-oss-additional-headers=abc%3Bhost",
			plain(func(p *Parsed) { p.AdditionalHeaders = []string{"abc", "host"} }),
		},
		{"an id with a slash", parseHost + "/k?" + strings.Replace(parseQuery, "AKID", "AK%2FID", 1), plain(func(p *Parsed) { p.AccessKeyID = "AK/ID" })},
		{"an id with two slashes", parseHost + "/k?" + strings.Replace(parseQuery, "AKID", "AK%2F%2FID", 1), plain(func(p *Parsed) { p.AccessKeyID = "AK//ID" })},
		{"an id that ends with a slash", parseHost + "/k?" + strings.Replace(parseQuery, "AKID", "AKID%2F", 1), plain(func(p *Parsed) { p.AccessKeyID = "AKID/" })},
		{
			"CloudBox", parseHost + "/k?" + strings.Replace(parseQuery, "%2Fcn-hangzhou%2Foss%2F", "%2Fcb-1%2Foss-cloudbox%2F", 1),
			plain(func(p *Parsed) { p.Region, p.Product = "cb-1", "oss-cloudbox" }),
		},
		{
			"least and most seconds", parseHost + "/k?" + strings.Replace(parseQuery, "=3600", "=604800", 1),
			plain(func(p *Parsed) { p.Expires, p.ExpiresAt = 604800, instant.Add(7*24*time.Hour) }),
		},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			got, err := Parse(test.url)
			if err != nil {
				t.Fatal(err)
			}
			if !reflect.DeepEqual(got, test.want) {
				t.Errorf("\n got %+v\nwant %+v", got, test.want)
			}
		})
	}
}

// reversed returns a query with its parameters in the opposite order.
func reversed(query string) string {
	var out string
	for pair := range strings.SplitSeq(query, "&") {
		out = pair + "&" + out
	}
	return strings.TrimSuffix(out, "&")
}

// TestParseNamesNoKindOnHalfOfItsMarks: what has one parameter of Signature V1 may be anything, as an S3 URL of version 2 is.
func TestParseNamesNoKindOnHalfOfItsMarks(t *testing.T) {
	for _, query := range []string{"AWSAccessKeyId=a&Expires=1&Signature=s", "OSSAccessKeyId=a&Expires=1"} {
		if _, err := Parse(parseHost + "/k?" + query); err == nil || strings.Contains(err.Error(), "looks like") {
			t.Errorf("%s: %v", query, err)
		}
	}
}

func TestParseRefuses(t *testing.T) {
	without := func(name string) string {
		var rest []string
		for pair := range strings.SplitSeq(parseQuery, "&") {
			if !strings.HasPrefix(pair, name+"=") {
				rest = append(rest, pair)
			}
		}
		return parseHost + "/k?" + strings.Join(rest, "&")
	}
	with := func(old, new string) string {
		if !strings.Contains(parseQuery, old) {
			t.Fatalf("there is no %q to replace", old)
		}
		return parseHost + "/k?" + strings.Replace(parseQuery, old, new, 1)
	}
	tests := []struct{ name, url, want string }{
		{"nothing", "", "https:// or http://"},
		{"no URL", "https://exa mple.com/\x7f", "not a URL"},
		{"a path", "/k?" + parseQuery, "https:// or http://"},
		{"other scheme", "oss://bucket/k?" + parseQuery, "https:// or http://"},
		{"opaque", "https:k?" + parseQuery, "no host"},
		{"no host", "https:///k?" + parseQuery, "no host"},
		{"only a port", "https://:443/k?" + parseQuery, "no host"},
		{"a user", "https://user:password@example.com/k?" + parseQuery, "a user before its host"},
		{"no query", parseHost + "/k", "no x-oss-signature-version, x-oss-credential, x-oss-date, x-oss-expires, x-oss-signature"},
		{"a V1 URL", parseHost + "/k?OSSAccessKeyId=a&Expires=1&Signature=s", "x-oss-signature; it looks like one of OSS Signature V1"},
		{"an S3 URL", "https://b.s3.amazonaws.com/k?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Signature=0", "x-oss-signature; it looks like one of Amazon S3"},
		{"escaped for HTML", parseHost + "/k?" + strings.ReplaceAll(parseQuery, "&", "&amp;"), `"&amp;" in place of "&"`},
		{"no version", without("x-oss-signature-version"), "its query has no x-oss-signature-version"},
		{"no credential", without("x-oss-credential"), "its query has no x-oss-credential"},
		{"no date", without("x-oss-date"), "its query has no x-oss-date"},
		{"no expires", without("x-oss-expires"), "its query has no x-oss-expires"},
		{"no signature", without("x-oss-signature"), "its query has no x-oss-signature"},
		{"empty date", with("=20260314T150926Z", "="), "its query has no x-oss-date"},
		{"other version", with("OSS4-HMAC-SHA256", "OSS2"), "is not OSS4-HMAC-SHA256"},
		{"short signature", with("cdef&", "cde&"), "not 64 hexadecimal digits"},
		{"long signature", with("cdef&", "cdef0&"), "not 64 hexadecimal digits"},
		{"signature in upper case", with("cdef&", "cdeF&"), "not 64 hexadecimal digits"},
		{"signature that begins with another byte", with("x-oss-signature=0", "x-oss-signature=g"), "not 64 hexadecimal digits"},
		{"signature with a byte after 9", with("cdef&", "cde:&"), "not 64 hexadecimal digits"},
		{"signature of other bytes", with("cdef&", "cdeg&"), "not 64 hexadecimal digits"},
		{"signature with a byte before 0", with("cdef&", "cde/&"), "not 64 hexadecimal digits"},
		{"date without zone", with("150926Z", "150926"), "not of the form 20060102T150405Z"},
		{"date in RFC 3339", with("20260314T150926Z", "2026-03-14T15:09:26Z"), "not of the form 20060102T150405Z"},
		{"date with a fraction", with("150926Z", "150926.5Z"), "not of the form 20060102T150405Z"},
		{"date with a fraction by comma", with("150926Z", "150926,123Z"), "not of the form 20060102T150405Z"},
		{"no such day", with("20260314T", "20260230T"), "not of the form 20060102T150405Z"},
		{"credential of another day", with("AKID%2F20260314", "AKID%2F20260315"), "differ"},
		{"credential without id", with("AKID", ""), "not of the form AccessKeyId/date/region/product/aliyun_v4_request"},
		{"credential without region", with("cn-hangzhou", ""), "not of the form AccessKeyId"},
		{"credential without product", with("%2Foss%2F", "%2F%2F"), "not of the form AccessKeyId"},
		{"credential of four parts", with("AKID%2F", ""), "not of the form AccessKeyId"},
		{"credential with another end", with("aliyun_v4_request", "aws4_request"), "not of the form AccessKeyId"},
		{"expires 0", with("=3600", "=0"), "from 1 to 604800"},
		{"expires negative", with("=3600", "=-1"), "from 1 to 604800"},
		{"expires too long", with("=3600", "=604801"), "from 1 to 604800"},
		{"expires beyond any number", with("=3600", "=99999999999999999999"), "from 1 to 604800"},
		{"expires with a sign", with("=3600", "=%2B3600"), "from 1 to 604800"},
		{"expires with a fraction", with("=3600", "=3600.0"), "from 1 to 604800"},
		{"expires in words", with("=3600", "=1h"), "from 1 to 604800"},
		{"a name that is not encoded well", parseHost + "/k?%zz=1&" + parseQuery, "whose name is not percent-encoded well"},
		{"a value that is not encoded well", parseHost + "/k?a=%4&" + parseQuery, "whose value is not percent-encoded well"},
		{"a parameter twice", parseHost + "/k?a=1&%61=2&" + parseQuery, "a parameter twice"},
		{"no key", parseHost + "/?" + parseQuery, "names no object"},
		{"no path", parseHost + "?" + parseQuery, "names no object"},
		{"a bucket alone", "https://192.0.2.1/bucket?" + parseQuery, "names no object"},
		{"a bucket and a slash", "https://192.0.2.1/bucket/?" + parseQuery, "names no object"},
		{"no bucket", "https://192.0.2.1//k?" + parseQuery, "names no bucket"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			got, err := Parse(test.url)
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Fatalf("got %v, want an error with %q", err, test.want)
			}
			if !reflect.DeepEqual(got, Parsed{}) {
				t.Errorf("an error came with %+v", got)
			}
		})
	}
}

// TestParsePublished reads the published URLs, which other programs have written.
func TestParsePublished(t *testing.T) {
	for _, v := range publishedVectors(t) {
		for _, u := range []string{v.Expected.PresignedURL, v.Expected.URL} {
			if u == "" {
				continue
			}
			p, err := Parse(u)
			if err != nil {
				t.Errorf("vector %s: %v", v.Name, err)
				continue
			}
			in := v.Inputs
			if p.Host != in.Host || p.Key != in.Key || p.AccessKeyID != in.AccessKeyID || p.Region != in.Region || p.Product != in.Product ||
				!p.SignedAt.Equal(in.SigningTime) || p.Expires != in.ExpiresSeconds || p.SecurityTokenUsed != (in.SecurityToken != "") ||
				!reflect.DeepEqual(p.Query, in.Query) {
				t.Errorf("vector %s: got %+v from inputs %+v", v.Name, p, in)
			}
		}
	}
}
