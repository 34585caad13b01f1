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
		{
			"slashes of the key escaped, as Go SDK v1 does", parseHost + "/a%2Fb+c%20d?" + parseQuery,
			plain(func(p *Parsed) { p.Key = "a/b+c d" }),
		},
		{"a key with NUL", parseHost + "/%E4%B8%AD%00?" + parseQuery, plain(func(p *Parsed) { p.Key = "中\x00" })},
		{
			"a key as browsers show it", parseHost + "/目录/👩\u200d💻?" + parseQuery,
			plain(func(p *Parsed) { p.Key = "目录/👩\u200d💻" }),
		},
		{"a key with &amp;", parseHost + "/R&amp;D?" + parseQuery, plain(func(p *Parsed) { p.Key = "R&amp;D" })},
		{"leading slash", parseHost + "//k/?" + parseQuery, plain(func(p *Parsed) { p.Key = "/k/" })},
		{
			"IPv4", "https://192.0.2.1:9000/bucket/a/b?" + parseQuery,
			plain(func(p *Parsed) { p.Host, p.Key = "192.0.2.1:9000", "bucket/a/b" }),
		},
		{
			"IPv6", "https://[2001:db8::1]/bucket/k?" + parseQuery,
			plain(func(p *Parsed) { p.Host, p.Key = "[2001:db8::1]", "bucket/k" }),
		},
		{
			"localhost", "https://localhost:1/bucket/k?" + parseQuery,
			plain(func(p *Parsed) { p.Host, p.Key = "localhost:1", "bucket/k" }),
		},
		{
			"bucket below localhost", "https://bucket.localhost/k?" + parseQuery,
			plain(func(p *Parsed) { p.Host = "bucket.localhost" }),
		},
		{"parameters in any order, empty pairs", parseHost + "/k?&" + reversed(parseQuery) + "&&", plain(func(*Parsed) {})},
		{"version and others", parseHost + "/k?versionId=v%2F1&acl&a+b=c+d%20e&empty=&" + parseQuery, plain(func(p *Parsed) {
			p.Version = "v/1"
			p.Query = map[string]string{"versionId": "v/1", "acl": "", "a+b": "c+d e", "empty": ""}
		})},
		{
			"a value with equals signs", parseHost + "/k?a=b=c&" + parseQuery,
			plain(func(p *Parsed) { p.Query = map[string]string{"a": "b=c"} }),
		},
		{
			"token", parseHost + "/k?" + parseQuery + "&x-oss-security-token=CAIS",
			plain(func(p *Parsed) { p.SecurityTokenUsed = true }),
		},
		{
			"additional headers", parseHost + "/k?" + parseQuery + "&x-oss-additional-headers=abc%3Bhost",
			plain(func(p *Parsed) { p.AdditionalHeaders = []string{"abc", "host"} }),
		},
		{
			"an id with a slash", parseHost + "/k?" + strings.Replace(parseQuery, "AKID", "AK%2FID", 1),
			plain(func(p *Parsed) { p.AccessKeyID = "AK/ID" }),
		},
		{
			"an id with two slashes", parseHost + "/k?" + strings.Replace(parseQuery, "AKID", "AK%2F%2FID", 1),
			plain(func(p *Parsed) { p.AccessKeyID = "AK//ID" }),
		},
		{
			"an id that ends with a slash", parseHost + "/k?" + strings.Replace(parseQuery, "AKID", "AKID%2F", 1),
			plain(func(p *Parsed) { p.AccessKeyID = "AKID/" }),
		},
		{
			"CloudBox",
			parseHost + "/k?" + strings.Replace(parseQuery, "%2Fcn-hangzhou%2Foss%2F", "%2Fcb-1%2Foss-cloudbox%2F", 1),
			plain(func(p *Parsed) { p.Region, p.Product = "cb-1", "oss-cloudbox" }),
		},
		{
			"7 days", parseHost + "/k?" + strings.Replace(parseQuery, "=3600", "=604800", 1),
			plain(func(p *Parsed) { p.Expires, p.ExpiresAt = 604800, instant.Add(7*24*time.Hour) }),
		},
		{
			"the last second that can be written",
			parseHost + "/k?" + strings.NewReplacer("20260314T150926Z", "99991231T225959Z", "20260314",
				"99991231").Replace(parseQuery),
			plain(func(p *Parsed) {
				p.SignedAt = time.Date(9999, 12, 31, 22, 59, 59, 0, time.UTC)
				p.ExpiresAt = p.SignedAt.Add(time.Hour)
			}),
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

// TestParseNamesNoKindOnHalfOfItsMarks: what has one parameter of Signature V1 may be anything, as
// an S3 URL of version 2 is.
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
		{"nothing", "", "is empty"},
		{"no URL", "https://exa%zzmple.com/", "not a valid URL"},
		{"a path", "/k?" + parseQuery, "https:// or http://"},
		{"other scheme", "oss://bucket/k?" + parseQuery, "https:// or http://"},
		{"opaque", "https:k?" + parseQuery, "no host"},
		{"no host", "https:///k?" + parseQuery, "no host"},
		{"only a port", "https://:443/k?" + parseQuery, "no host"},
		{"a user", "https://user:password@example.com/k?" + parseQuery, "a user before its host"},
		{
			"no query", parseHost + "/k",
			"no x-oss-signature-version, x-oss-credential, x-oss-date, x-oss-expires, x-oss-signature",
		},
		{
			"a V1 URL", parseHost + "/k?OSSAccessKeyId=a&Expires=1&Signature=s",
			"x-oss-signature. It looks like a URL with OSS Signature V1",
		},
		{
			"an S3 URL", "https://b.s3.amazonaws.com/k?X-Amz-algorithm=AWS4-HMAC-SHA256&X-Amz-Signature=0",
			"x-oss-signature. It looks like a URL of Amazon S3",
		},
		{
			"a V2 URL", parseHost + "/k?x-oss-signature-version=OSS2&x-oss-access-key-id=a&x-oss-expires=1&x-oss-signature=s",
			"x-oss-date. It looks like a URL with OSS Signature V2",
		},
		{"escaped for HTML", parseHost + "/k?" + strings.ReplaceAll(parseQuery, "&", "&amp;"), `Replace "&amp;" with "&"`},
		{"no version", without("x-oss-signature-version"), "Its query has no x-oss-signature-version"},
		{"no credential", without("x-oss-credential"), "Its query has no x-oss-credential"},
		{"no date", without("x-oss-date"), "Its query has no x-oss-date"},
		{"no expires", without("x-oss-expires"), "Its query has no x-oss-expires"},
		{"no signature", without("x-oss-signature"), "Its query has no x-oss-signature"},
		{"empty date", with("=20260314T150926Z", "="), "Its query has no x-oss-date"},
		{"other version", with("OSS4-HMAC-SHA256", "OSS2"), "must have OSS4-HMAC-SHA256 as x-oss-signature-version"},
		{"short signature", with("cdef&", "cde&"), "64 hexadecimal digits"},
		{"long signature", with("cdef&", "cdef0&"), "64 hexadecimal digits"},
		{"signature in upper case", with("cdef&", "cdeF&"), "64 hexadecimal digits"},
		{
			"signature that begins with another byte", with("x-oss-signature=0", "x-oss-signature=g"),
			"64 hexadecimal digits",
		},
		{"signature with a byte after 9", with("cdef&", "cde:&"), "64 hexadecimal digits"},
		{"signature of other bytes", with("cdef&", "cdeg&"), "64 hexadecimal digits"},
		{"signature with a byte before 0", with("cdef&", "cde/&"), "64 hexadecimal digits"},
		{"date without zone", with("150926Z", "150926"), "of the form 20060102T150405Z"},
		{"date in RFC 3339", with("20260314T150926Z", "2026-03-14T15:09:26Z"), "of the form 20060102T150405Z"},
		{"date with a fraction", with("150926Z", "150926.5Z"), "of the form 20060102T150405Z"},
		{"date with a fraction by comma", with("150926Z", "150926,123Z"), "of the form 20060102T150405Z"},
		{"no such day", with("20260314T", "20260230T"), "of the form 20060102T150405Z"},
		{"credential of another day", with("AKID%2F20260314", "AKID%2F20260315"), "same day"},
		{"credential without id", with("AKID", ""), "of the form AccessKeyID/date/region/product/aliyun_v4_request"},
		{"credential without region", with("cn-hangzhou", ""), "of the form AccessKeyID"},
		{"credential without product", with("%2Foss%2F", "%2F%2F"), "of the form AccessKeyID"},
		{"credential of four parts", with("AKID%2F", ""), "of the form AccessKeyID"},
		{"credential with another end", with("aliyun_v4_request", "aws4_request"), "of the form AccessKeyID"},
		{"expires 0", with("=3600", "=0"), "whole number of seconds"},
		{"expires negative", with("=3600", "=-1"), "whole number of seconds"},
		{"expires beyond any number", with("=3600", "=99999999999999999999"), "whole number of seconds"},
		{"expires with a sign", with("=3600", "=%2B3600"), "whole number of seconds"},
		{"expires with a fraction", with("=3600", "=3600.0"), "whole number of seconds"},
		{"expires in words", with("=3600", "=1h"), "whole number of seconds"},
		{
			"a name that is not encoded well", parseHost + "/k?%zz=1&" + parseQuery,
			"whose name is not percent-encoded correctly",
		},
		{
			"a value that is not encoded well", parseHost + "/k?a=%4&" + parseQuery,
			"whose value is not percent-encoded correctly",
		},
		{"a parameter twice", parseHost + "/k?a=1&%61=2&" + parseQuery, "a parameter twice"},
		{"expires 4 billion", with("=3600", "=4294967296"), "whole number of seconds"},
		{
			"an end in the year 10000",
			parseHost + "/k?" + strings.NewReplacer("20260314T150926Z", "99991231T230000Z", "20260314",
				"99991231").Replace(parseQuery),
			"within the years 1 to 9999",
		},
		{
			"a date in the year 0",
			parseHost + "/k?" + strings.NewReplacer("20260314T150926Z", "00001231T230000Z", "20260314",
				"00001231").Replace(parseQuery),
			"within the years 1 to 9999",
		},
		{"a key that is no UTF-8", parseHost + "/%FF?" + parseQuery, "a key that is not valid UTF-8"},
		{"a version that is no UTF-8", parseHost + "/k?versionId=%FF&" + parseQuery, "a parameter that is not valid UTF-8"},
		{"a name that is no UTF-8", parseHost + "/k?%FF=1&" + parseQuery, "a parameter that is not valid UTF-8"},
		{"an id that is no UTF-8", with("AKID", "AK%FFID"), "a parameter that is not valid UTF-8"},
		{"a host that is no UTF-8", "https://ex%FFample.com/k?" + parseQuery, "a host that is not valid UTF-8"},
		{"no key", parseHost + "/?" + parseQuery, "has no object in its path"},
		{"no path", parseHost + "?" + parseQuery, "has no object in its path"},
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

// TestParsePasted has what people paste in place of a URL, from JSON, HTML, a shell, a file or a
// chat. Each error has the way out, and calls none of them "not a URL" or one that lacks
// parameters.
func TestParsePasted(t *testing.T) {
	u := parseHost + "/k?" + parseQuery
	replaced := func(old, new string) string { return strings.ReplaceAll(u, old, new) }
	const (
		around = "url has white space or a line break around it. Remove it with chomp or trimspace"
		quotes = "url is in quotes. Remove them, or read the text with jsondecode if it is JSON"
		inJSON = `url is escaped as in JSON, with "\u0026" for "&". ` +
			`Read the whole text with jsondecode, or print the value without JSON`
		inHTML = `url is escaped as in HTML or XML, with "&amp;" for "&". Replace "&amp;" with "&"`
		shell  = "url has a backslash, with which shells escape characters. Remove the backslashes"
		inside = "url has white space or a line break inside. Remove it"
		before = "url has other text before http:// or https://. Give the URL alone"
		behind = "url must have OSS4-HMAC-SHA256 as x-oss-signature-version, and other text follows it. Give the URL alone"
		cut    = ". Its end may have been cut off"
	)
	for name, row := range map[string]struct{ url, want string }{
		"a line break at the end":    {u + "\n", around},
		"a line break of Windows":    {u + "\r\n", around},
		"a blank at the start":       {" " + u, around},
		"a tab":                      {"\t" + u, around},
		"a wide blank":               {u + "\u3000", around},
		"a byte order mark":          {"\ufeff" + u, around},
		"a zero-width space":         {u + "\u200b", around},
		"double quotes":              {`"` + u + `"`, quotes},
		"a double quote at the end":  {u + `"`, quotes},
		"a double quote and a comma": {u + `",`, quotes},
		"single quotes":              {"'" + u + "'", quotes},
		"backticks":                  {"`" + u + "`", quotes},
		"typographic quotes":         {"“" + u + "”", quotes},
		"single typographic quotes":  {"‘" + u + "’", quotes},
		"JSON":                       {replaced("&", `\u0026`), inJSON},
		"JSON in its quotes":         {`"` + replaced("&", `\u0026`) + `"`, inJSON},
		"JSON in upper case":         {replaced("=", `\u003D`), inJSON},
		"JSON of PHP":                {replaced("/", `\/`), inJSON},
		"HTML":                       {replaced("&", "&amp;"), inHTML},
		"HTML by number":             {replaced("&", "&#38;"), inHTML},
		"HTML by hexadecimal number": {replaced("&", "&#X26;"), inHTML},
		"a shell":                    {replaced("&", `\&`), shell},
		"zsh":                        {replaced("?", `\?`), shell},
		"cmd": {
			replaced("&", "^&"), "url has a caret, with which cmd escapes characters. Remove the carets",
		},
		"HTML of WordPress":         {replaced("&", "&#038;"), inHTML},
		"HTML that escapes more":    {replaced("=", "&#x3D;"), inHTML},
		"a command":                 {"curl -o file " + u, before},
		"a command in quotes":       {"curl '" + u + "'", before},
		"an assignment":             {"URL=" + u, before},
		"an output":                 {`url = "` + u + `"`, before},
		"YAML":                      {"url: " + u, before},
		"a list":                    {"- " + u, before},
		"Markdown":                  {"[link](" + u + ")", before},
		"brackets":                  {"(" + u + ")", before},
		"a sentence":                {"打开 " + u, before},
		"guillemets":                {"«" + u + "»", before},
		"no value":                  {"(sensitive value)", "url must begin with https:// or http://"},
		"a comma at the end":        {u + ",", behind},
		"a full stop of Chinese":    {u + "。", behind},
		"a single quote at the end": {u + "'", behind},
		"without its last bytes":    {u[:len(u)-5], "url must have OSS4-HMAC-SHA256 as x-oss-signature-version" + cut},
		"a dot behind the signature": {
			replaced("cdef&", "cdef.&"), "url must have 64 hexadecimal digits as x-oss-signature, and other text follows " +
				"them. Give the URL alone",
		},
		"cut by a shell": {
			u[:strings.Index(u, "&x-oss-date")],
			"url is not presigned with OSS Signature V4. Its query has no x-oss-signature-version, x-oss-date, " +
				"x-oss-expires, x-oss-signature. Its end may have been cut off, as a shell does at \"&\" outside of quotes",
		},
		"angle brackets":                {"<" + u + ">", "url is in angle brackets. Remove them"},
		"a line break inside":           {replaced("&x-oss-date", "\n&x-oss-date"), inside},
		"a blank inside":                {replaced("&x-oss-date", " &x-oss-date"), inside},
		"DEL inside":                    {replaced("&x-oss-date", "\x7f&x-oss-date"), inside},
		"bytes that are no UTF-8":       {u + "\xff", "url is not valid UTF-8"},
		"percent-encoded as a whole":    {netEscape(u), "url is percent-encoded as a whole. Decode it once"},
		"percent-encoded http, as well": {"http%3a%2f%2fexample.com", "url is percent-encoded as a whole. Decode it once"},
	} {
		t.Run(name, func(t *testing.T) {
			if got, err := Parse(row.url); err == nil || err.Error() != row.want || !reflect.DeepEqual(got, Parsed{}) {
				t.Errorf("%+v, %v\nwant %s", got, err, row.want)
			}
		})
	}
}

func TestSplitBucket(t *testing.T) {
	for path, want := range map[string]struct{ bucket, key, err string }{
		"/bucket/k":    {bucket: "bucket", key: "k"},
		"/bucket/a/b/": {bucket: "bucket", key: "a/b/"},
		"/bucket//k":   {bucket: "bucket", key: "/k"},
		"/bucket":      {key: "bucket", err: "url has no object in its path"},
		"/bucket/":     {key: "bucket/", err: "url has no object in its path"},
		"//k":          {key: "/k", err: "url has no bucket in its path, as it must for this host"},
	} {
		t.Run(path, func(t *testing.T) {
			p, err := Parse("https://192.0.2.1" + path + "?" + parseQuery)
			if err != nil {
				t.Fatal(err)
			}
			err = p.SplitBucket()
			if p.Bucket != want.bucket || p.Key != want.key || (err == nil) != (want.err == "") || err != nil &&
				err.Error() != want.err {
				t.Errorf("%s: bucket %q, key %q, %v; want %+v", path, p.Bucket, p.Key, err, want)
			}
		})
	}
}

// TestMatches compares a URL with the request that it was signed to, and with requests that differ
// from it in one field.
func TestMatches(t *testing.T) {
	full := func() Request {
		return changed(func(r *Request) {
			r.Query = map[string]string{"versionId": "v", "acl": ""}
			r.Headers = map[string]string{"Abc": "1", "Content-Type": "text/plain"}
			r.SignHost = true
		})
	}
	for name, r := range map[string]Request{
		"plain": plainGET(), "full": full(),
		"product by its name": changed(func(r *Request) { r.Product = defaultProduct }),
		"path style":          changed(func(r *Request) { r.Host, r.PathStyle = "192.0.2.1", true }),
	} {
		u, _ := mustPresign(t, r, testCredentials(), instant)
		p, err := Parse(u)
		if err != nil || !p.Matches(r) {
			t.Errorf("%s does not match: %v", name, err)
		}
		if r.PathStyle && (p.SplitBucket() != nil || !p.Matches(r)) {
			t.Errorf("%s does not match once its bucket is known", name)
		}
	}
	u, _ := mustPresign(t, full(), testCredentials(), instant)
	p, err := Parse(u)
	if err != nil {
		t.Fatal(err)
	}
	for name, change := range map[string]func(*Request){
		"scheme":                           func(r *Request) { r.Scheme = "http" },
		"host":                             func(r *Request) { r.Host = "downloads.example.com" },
		"style":                            func(r *Request) { r.PathStyle = true },
		"region":                           func(r *Request) { r.Region = "cn-beijing" },
		"product":                          func(r *Request) { r.Product = productCloudBox },
		"key":                              func(r *Request) { r.Key += "x" },
		"lifetime":                         func(r *Request) { r.Expires++ },
		"version":                          func(r *Request) { r.Query["versionId"] = "w" },
		"a parameter more":                 func(r *Request) { r.Query["x"] = "" },
		"a parameter less":                 func(r *Request) { delete(r.Query, "acl") },
		"no parameters":                    func(r *Request) { r.Query = nil },
		"host not signed":                  func(r *Request) { r.SignHost = false },
		"an additional header less":        func(r *Request) { delete(r.Headers, "Abc") },
		"headers that no request can have": func(r *Request) { r.Headers["a b"] = "1" },
	} {
		t.Run(name, func(t *testing.T) {
			r := full()
			if change(&r); p.Matches(r) {
				t.Errorf("%s: matches", name)
			}
		})
	}
	same := full()
	same.Method, same.Bucket, same.Headers["Abc"] = "PUT", "otherbucket", "2" // a URL does not contain them
	if !p.Matches(same) {
		t.Error("what is not in a URL is compared")
	}
	if (&Parsed{}).Matches(full()) {
		t.Error("nothing matches")
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
			if p.Host != in.Host || p.Key != in.Key || p.AccessKeyID != in.AccessKeyID || p.Region != in.Region ||
				p.Product != in.Product ||
				!p.SignedAt.Equal(in.SigningTime) || p.Expires != in.ExpiresSeconds ||
				p.SecurityTokenUsed != (in.SecurityToken != "") ||
				!reflect.DeepEqual(p.Query, in.Query) {
				t.Errorf("vector %s: got %+v from inputs %+v", v.Name, p, in)
			}
		}
	}
}
