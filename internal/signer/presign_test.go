package signer

import (
	"maps"
	"strings"
	"testing"
	"time"
)

func TestPresignRefuses(t *testing.T) {
	tests := []struct {
		name   string
		change func(*Request)
		want   string
	}{
		{"no method", func(r *Request) { r.Method = "" }, "HTTP method in upper case, got"},
		{"method in lower case", func(r *Request) { r.Method = "get" }, "HTTP method in upper case, got"},
		{"method with a line break", func(r *Request) { r.Method = "GET\n/other" }, "HTTP method in upper case, got"},
		{"no scheme", func(r *Request) { r.Scheme = "" }, "scheme must be https or http, got"},
		{"other scheme", func(r *Request) { r.Scheme = "ftp" }, "scheme must be https or http, got"},
		{"scheme in upper case", func(r *Request) { r.Scheme = "HTTPS" }, "scheme must be https or http, got"},
		{"no host", func(r *Request) { r.Host = "" }, "host must be a name in ASCII or an IP address"},
		{"host with a path", func(r *Request) { r.Host = "example.com/a" }, "host must be a name in ASCII or an IP address"},
		{"host with a query", func(r *Request) { r.Host = "example.com?a" }, "host must be a name in ASCII or an IP address"},
		{
			"host with a fragment", func(r *Request) { r.Host = "example.com#a" },
			"host must be a name in ASCII or an IP address",
		},
		{"host with a user", func(r *Request) { r.Host = "a@example.com" }, "host must be a name in ASCII or an IP address"},
		{"host with a space", func(r *Request) { r.Host = "example .com" }, "host must be a name in ASCII or an IP address"},
		{
			"host with a line break", func(r *Request) { r.Host = "example.com\r\nx-oss-a:1" },
			"host must be a name in ASCII or an IP address",
		},
		{
			"host with a control byte", func(r *Request) { r.Host = "example.com\x00" },
			"host must be a name in ASCII or an IP address",
		},
		{
			"host with an escape", func(r *Request) { r.Host = "example%2ecom" },
			"host must be a name in ASCII or an IP address",
		},
		{"host with a quote", func(r *Request) { r.Host = `example".com` }, "host must be a name in ASCII or an IP address"},
		{"international host", func(r *Request) { r.Host = "例子.com" }, "host must be a name in ASCII"},
		{"IPv6 with a zone", func(r *Request) { r.Host = "[fe80::1%eth0]" }, "host must be a name in ASCII or an IP address"},
		{"host in upper case", func(r *Request) { r.Host = "Example.com" }, "lower case"},
		{"no region", func(r *Request) { r.Region = "" }, "region must have only"},
		{"region with a slash", func(r *Request) { r.Region = "cn/hangzhou" }, "region must have only"},
		{"region in upper case", func(r *Request) { r.Region = "CN-hangzhou" }, "region must have only"},
		{"region with a line break", func(r *Request) { r.Region = "cn-hangzhou\n" }, "region must have only"},
		{"product with a slash", func(r *Request) { r.Product = "oss/x" }, "product must have only"},
		{"no bucket", func(r *Request) { r.Bucket = "" }, "bucket"},
		{"bucket with a slash", func(r *Request) { r.Bucket = "a/b" }, `got "a/b"`},
		{"bucket in upper case", func(r *Request) { r.Bucket = "Bucket" }, `got "Bucket"`},
		{"no key", func(r *Request) { r.Key = "" }, "key is empty"},
		{"no expiry", func(r *Request) { r.Expires = 0 }, "at least 1 second"},
		{"negative expiry", func(r *Request) { r.Expires = -1 }, "at least 1 second"},
		{"a key for a request about the bucket", func(r *Request) { r.OnBucket = true }, "key must be empty"},
		{"parameter without a name", func(r *Request) { r.Query = map[string]string{"": "v"} }, "without a name"},
		{
			"the signature's own parameter", func(r *Request) { r.Query = map[string]string{"x-oss-date": "v"} },
			`"x-oss-date" belongs to the signature`,
		},
		{
			"the signature's own parameter in other case",
			func(r *Request) { r.Query = map[string]string{"X-OSS-Signature": ""} },
			`"X-OSS-Signature" belongs to the signature`,
		},
		{"the first of several such parameters", func(r *Request) {
			r.Query = map[string]string{"x-oss-signature": "", "x-oss-expires": "", "x-oss-credential": "", "x-oss-date": ""}
		}, `"x-oss-credential" belongs`},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			r := changed(test.change)
			for range 20 { // the order of a map must not choose the error
				u, headers, err := Presign(r, NewCredentials(testID, testSecret, testToken), instant)
				if err == nil || !strings.Contains(err.Error(), test.want) {
					t.Fatalf("got %v, want an error with %q", err, test.want)
				}
				if u != "" || headers != nil {
					t.Fatal("an error came with a URL or with headers")
				}
				if strings.Contains(err.Error(), testSecret) || strings.Contains(err.Error(), testToken) {
					t.Fatal("the error shows the secret or the token")
				}
			}
		})
	}
}

func TestPresignURL(t *testing.T) {
	tests := []struct {
		name   string
		change func(*Request)
		prefix string // of the URL
		uri    string // canonical
		scope  string
	}{
		{
			"virtual-hosted", func(*Request) {}, "https://examplebucket.oss-cn-hangzhou.aliyuncs.com/k?",
			"/examplebucket/k", "cn-hangzhou/oss",
		},
		{
			"internal", func(r *Request) { r.Host = "examplebucket.oss-cn-hangzhou-internal.aliyuncs.com" },
			"https://examplebucket.oss-cn-hangzhou-internal.aliyuncs.com/k?", "/examplebucket/k", "cn-hangzhou/oss",
		},
		{
			"accelerate", func(r *Request) { r.Host = "examplebucket.oss-accelerate.aliyuncs.com" },
			"https://examplebucket.oss-accelerate.aliyuncs.com/k?", "/examplebucket/k", "cn-hangzhou/oss",
		},
		{
			"dual-stack", func(r *Request) { r.Host = "examplebucket.cn-hangzhou.oss.aliyuncs.com" },
			"https://examplebucket.cn-hangzhou.oss.aliyuncs.com/k?", "/examplebucket/k", "cn-hangzhou/oss",
		},
		{
			"custom domain", func(r *Request) { r.Host = "downloads.example.com" },
			"https://downloads.example.com/k?", "/examplebucket/k", "cn-hangzhou/oss",
		},
		{
			"punycode and port, plain http", func(r *Request) { r.Scheme, r.Host = "http", "xn--fsqu00a.example:8080" },
			"http://xn--fsqu00a.example:8080/k?", "/examplebucket/k", "cn-hangzhou/oss",
		},
		{
			"path style", func(r *Request) { r.Host, r.PathStyle = "oss.private.example", true },
			"https://oss.private.example/examplebucket/k?", "/examplebucket/k", "cn-hangzhou/oss",
		},
		{
			"IPv4", func(r *Request) { r.Host, r.PathStyle = "192.0.2.1:9000", true },
			"https://192.0.2.1:9000/examplebucket/k?", "/examplebucket/k", "cn-hangzhou/oss",
		},
		{
			"IPv6", func(r *Request) { r.Host, r.PathStyle = "[2001:db8::1]", true },
			"https://[2001:db8::1]/examplebucket/k?", "/examplebucket/k", "cn-hangzhou/oss",
		},
		{
			"IPv6 and port", func(r *Request) { r.Host, r.PathStyle, r.SignHost = "[2001:db8::1]:9000", true, true },
			"https://[2001:db8::1]:9000/examplebucket/k?", "/examplebucket/k", "cn-hangzhou/oss",
		},
		{
			"a bound host, port of the other scheme", func(r *Request) { r.Host, r.SignHost = "example.com:80", true },
			"https://example.com:80/k?", "/examplebucket/k", "cn-hangzhou/oss",
		},
		{
			"CloudBox", func(r *Request) {
				r.Host, r.Product, r.Region = "examplebucket.cb-123.cn-hangzhou.oss-cloudbox.aliyuncs.com", productCloudBox,
					"cb-123"
			}, "https://examplebucket.cb-123.cn-hangzhou.oss-cloudbox.aliyuncs.com/k?", "/examplebucket/k",
			"cb-123/oss-cloudbox",
		},
		{
			"product by its name", func(r *Request) { r.Product = defaultProduct },
			"https://examplebucket.oss-cn-hangzhou.aliyuncs.com/k?", "/examplebucket/k", "cn-hangzhou/oss",
		},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			r := changed(func(r *Request) { r.Key = "k"; test.change(r) })
			u, _ := mustPresign(t, r, testCredentials(), instant)
			if !strings.HasPrefix(u, test.prefix) {
				t.Errorf("got %q, want it to begin with %q", u, test.prefix)
			}
			s, err := r.sign(testCredentials(), instant, new(workspace))
			if err != nil {
				t.Fatal(err)
			}
			if want := "\n20260314/" + test.scope + "/aliyun_v4_request\n"; !strings.Contains(string(s.toSign), want) {
				t.Errorf("string to sign %q, want the scope %q in it", s.toSign, want)
			}
			if got := canonicalSteps(t, r, testCredentials()).uri; got != test.uri {
				t.Errorf("canonical URI: got %q, want %q", got, test.uri)
			}
			if want := "x-oss-credential=" + testID + "%2F20260314%2F" + strings.ReplaceAll(test.scope, "/", "%2F") +
				"%2Faliyun_v4_request&"; !strings.Contains(u, want) {
				t.Errorf("got %q, want the credential %q in it", u, want)
			}
		})
	}
}

func TestPresignMethod(t *testing.T) {
	seen := map[string]string{}
	for _, method := range []string{"GET", "HEAD", "PUT", "DELETE"} {
		r := changed(func(r *Request) { r.Method = method })
		if got := canonicalSteps(t, r, testCredentials()).method; got != method {
			t.Errorf("method %s is signed as %q", method, got)
		}
		u, _ := mustPresign(t, r, testCredentials(), instant)
		if other, same := seen[u]; same {
			t.Errorf("%s and %s have the same URL", method, other)
		}
		seen[u] = method
	}
}

func TestPresignCredentials(t *testing.T) {
	for name, c := range map[string]Credentials{
		"zero":      {},
		"no id":     NewCredentials("", testSecret, testToken),
		"no secret": NewCredentials(testID, "", testToken),
	} {
		if u, _, err := Presign(plainGET(), c, instant); err == nil || u != "" ||
			!strings.Contains(err.Error(), "AccessKey pair") {
			t.Errorf("%s: got %q, %v; want an error that names the AccessKey pair", name, u, err)
		}
	}
}

func TestPresignExpires(t *testing.T) {
	for _, seconds := range []int64{1, 2, 59, 3600, 604799, 604800} {
		u, _ := mustPresign(t, changed(func(r *Request) { r.Expires = seconds }), testCredentials(), instant)
		p, err := Parse(u)
		if err != nil || p.Expires != seconds || !p.ExpiresAt.Equal(instant.Add(time.Duration(seconds)*time.Second)) {
			t.Errorf("%d seconds came out as %d, until %v (%v)", seconds, p.Expires, p.ExpiresAt, err)
		}
	}
}

func TestPresignInstant(t *testing.T) {
	shanghai := time.FixedZone("", 8*60*60)
	tests := []struct {
		name string
		at   time.Time
		want string // x-oss-date; empty for an error
	}{
		{"UTC", instant, "20260314T150926Z"},
		{"another zone and day", time.Date(2026, 1, 1, 7, 59, 59, 0, shanghai), "20251231T235959Z"},
		{"a nanosecond before the next second", instant.Add(time.Second - 1), "20260314T150926Z"},
		{"a nanosecond before midnight", time.Date(2026, 12, 31, 23, 59, 59, 999_999_999, time.UTC), "20261231T235959Z"},
		{"leap day", time.Date(2028, 2, 29, 0, 0, 0, 0, time.UTC), "20280229T000000Z"},
		{"before 1970, cut and not rounded", time.Date(1969, 12, 31, 23, 59, 58, 500_000_000, time.UTC), "19691231T235958Z"},
		{"first year", time.Date(1, 1, 1, 0, 0, 1, 0, time.UTC), "00010101T000001Z"},
		{"last second", time.Date(9999, 12, 31, 23, 59, 59, 0, time.UTC), "99991231T235959Z"},
		{"zero", time.Time{}, ""},
		{"zero in another zone", time.Time{}.In(shanghai), ""},
		{"zero once cut to seconds", time.Time{}.Add(999 * time.Millisecond), ""},
		{"year 0", time.Date(0, 12, 31, 23, 59, 59, 0, time.UTC), ""},
		{"year 10000", time.Date(10000, 1, 1, 0, 0, 0, 0, time.UTC), ""},
		{"year 10000 in UTC alone", time.Date(9999, 12, 31, 23, 0, 0, 0, time.FixedZone("", -2*60*60)), ""},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			r := plainGET()
			u, _, err := Presign(r, testCredentials(), test.at)
			if test.want == "" {
				if err == nil || u != "" || !strings.Contains(err.Error(), "within the years 1 to 9999") {
					t.Errorf("got %q, %v; want an error that names the years", u, err)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if err := accepted(&r, testCredentials(), test.at, u, nil); err != nil {
				t.Errorf("not accepted from the wire: %v", err)
			}
			if !strings.Contains(u, "&x-oss-date="+test.want+"&") || !strings.Contains(u, "%2F"+test.want[:8]+"%2F") {
				t.Errorf("got %q, want the date %s and its day in the credential", u, test.want)
			}
			if cut, _ := mustPresign(t, plainGET(), testCredentials(), test.at.Truncate(time.Second)); cut != u {
				t.Errorf("the part of a second changes the URL:\n%s\n%s", u, cut)
			}
		})
	}
}

// TestPresignLeavesTheRequest signs a request that uses every field, and looks whether its maps and
// slices are as before.
func TestPresignLeavesTheRequest(t *testing.T) {
	build := func() Request {
		return changed(func(r *Request) {
			r.Query = map[string]string{"Z": "1", "a": "", "versionId": "v"}
			r.Headers = map[string]string{"ZZ": " 1 ", "Abc": "2", "Content-Type": " text/plain "}
			r.SignHost = true
		})
	}
	r, want := build(), build()
	first, _ := mustPresign(t, r, testCredentials(), instant)
	if !maps.Equal(r.Query, want.Query) || !maps.Equal(r.Headers, want.Headers) {
		t.Errorf("signing changed the request to %+v", r)
	}
	if second, _ := mustPresign(t, r, testCredentials(), instant); second != first {
		t.Errorf("signing twice gives two URLs:\n%s\n%s", first, second)
	}
}
