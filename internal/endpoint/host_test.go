package endpoint

import (
	"fmt"
	"net/url"
	"strings"
	"testing"
)

var longName = strings.Repeat(strings.Repeat("a", 62)+".", 4) + "b" // 253 characters

func TestParseEndpoint(t *testing.T) {
	for s, want := range map[string]string{
		"oss-cn-hangzhou-internal.aliyuncs.com": "https://oss-cn-hangzhou-internal.aliyuncs.com",
		"https://oss-cn-hangzhou.aliyuncs.com":  "https://oss-cn-hangzhou.aliyuncs.com",
		"https://oss-cn-hangzhou.aliyuncs.com/": "https://oss-cn-hangzhou.aliyuncs.com",
		"HTTP://Example.COM":                    "http://example.com",
		"localhost":                             "https://localhost",
		"localhost:1":                           "https://localhost:1",
		"example.com:65535":                     "https://example.com:65535",
		"example.com:443":                       "https://example.com",
		"https://example.com:443":               "https://example.com",
		"https://example.com:00443":             "https://example.com",
		"http://example.com:443":                "http://example.com:443",
		"http://example.com:80":                 "http://example.com",
		"https://example.com:80":                "https://example.com:80",
		"127.0.0.1:9000":                        "https://127.0.0.1:9000",
		"http://10.0.0.1":                       "http://10.0.0.1",
		"[::1]":                                 "https://[::1]",
		"http://[2001:DB8:0:0::1]:80":           "http://[2001:db8::1]",
		"https://[::1]:8443/":                   "https://[::1]:8443",
		"１２７．０．０．１":                             "https://127.0.0.1",
		"a-b.c9.0x":                             "", "example.0xff": "", // WHATWG: ends in a number
		"下载.例子.中国":                "https://xn--ghq880n.xn--fsqu00a.xn--fiqs8s",
		"Bücher.example":          "https://xn--bcher-kva.example",
		"xn--bcher-kva.example":   "https://xn--bcher-kva.example",
		"XN--Bcher-KVA.example":   "https://xn--bcher-kva.example",
		"straße.example":          "https://xn--strae-oqa.example",
		"ab--cd.example":          "https://ab--cd.example",
		"3com.com":                "https://3com.com",
		"1.2.3.example":           "https://1.2.3.example",
		longName:                  "https://" + longName,
		strings.Repeat("a", 63):   "https://" + strings.Repeat("a", 63),
		"example.0xzz":            "https://example.0xzz",
		"example.1a":              "https://example.1a",
		"downloads。example。com":   "https://downloads.example.com",
		"zzz.example.com:8080/":   "https://zzz.example.com:8080",
		"https://az09-.x":         "",
		"https://az09-az09.az.09": "",
	} {
		t.Run(s, func(t *testing.T) {
			got, err := ParseEndpoint(s)
			if want == "" {
				if err == nil {
					t.Errorf("%q: %v; want an error", s, got)
				}
				return
			}
			if err != nil || got.String() != want {
				t.Errorf("%q: %v, %v; want %s", s, got, err, want)
			}
		})
	}
}

func TestParseEndpointErrors(t *testing.T) {
	for s, words := range map[string][]string{
		"":                                    {"endpoint is empty", "https://host[:port]"},
		"https://":                            {"has no host"},
		"/":                                   {"has no host"},
		":443":                                {"has no host"},
		"ftp://example.com":                   {`scheme "ftp"`, "https", "http"},
		"://example.com":                      {`scheme ""`},
		"//example.com":                       {"contains a path"},
		"https:example.com":                   {"port"},
		"https://example.com/a":               {"contains a path"},
		"https://example.com//":               {"contains a path"},
		`https://example.com\a`:               {"contains a path"},
		"https://example.com?x-secret":        {"query"},
		"https://example.com/#secret":         {"fragment"},
		"https://me:secret@example.com":       {"user information"},
		"example.com:":                        {"1 to 65535"},
		"example.com:0":                       {"1 to 65535"},
		"example.com:65536":                   {"1 to 65535"},
		"example.com:-1":                      {"1 to 65535"},
		"example.com:+1":                      {"1 to 65535"},
		"example.com:8o":                      {"1 to 65535"},
		"example.com:80":                      {"http://example.com", "https://example.com:80"},
		"[::1]:80":                            {"http://[::1]", "https://[::1]:80"},
		"a:b:c":                               {"more than one colon"},
		"::1":                                 {"Write [::1]"},
		"[::1":                                {"lacks the bracket"},
		"[::1]x":                              {"Only :port"},
		"[::1]:":                              {"1 to 65535"},
		"[]":                                  {"no IPv6 address in its brackets"},
		"[127.0.0.1]":                         {"no IPv6 address in its brackets"},
		"[example.com]":                       {"no IPv6 address in its brackets"},
		"[fe80::1%eth0]":                      {"zone"},
		"[::ffff:1.2.3.4]":                    {"Write 1.2.3.4"},
		"127.1":                               {"number", "four decimal"},
		"127.0.0.01":                          {"number"},
		"256.0.0.1":                           {"number"},
		"0x7f.0.0.0x1":                        {"number"},
		"2130706433":                          {"number"},
		"example.com.":                        {"ends with a dot"},
		".example.com":                        {"between two dots"},
		"example..com":                        {"between two dots"},
		"-a.example":                          {"begins or ends"},
		"a-.example":                          {"begins or ends"},
		"a_b.example":                         {`'_'`, "letters, digits"},
		"a b.example":                         {`' '`},
		" example.com":                        {`' '`},
		"example.com\n":                       {`'\n'`},
		"exa\x00mple.com":                     {`'\x00'`},
		"a%20b.example":                       {`'%'`},
		"a*b.example":                         {`'*'`},
		"${var}":                              {`'$'`},
		"\xff.example":                        {"not valid UTF-8"},
		"xn--a.example":                       {"international"},
		"xn--\u00fc.example":                  {"international"},
		"a\u2100b.example":                    {"international"}, // maps to "a/c"
		"ü_.example":                          {"international"},
		strings.Repeat("a", 64) + ".example":  {"1 to 63"},
		longName + "c":                        {"254 characters", "253"},
		strings.Repeat("a.", 512) + "a":       {"1,025 bytes", "at most 253 characters"},
		strings.Repeat("a.", 511) + "aa":      {"1024 characters"},
		strings.Repeat("secret", 100000):      {"600,000 bytes"},
		strings.Repeat("ü", 300) + ".example": {"endpoint"},
	} {
		t.Run(fmt.Sprintf("%.60q", s), func(t *testing.T) {
			got, err := ParseEndpoint(s)
			if err == nil || got != (Endpoint{}) {
				t.Errorf("%.60q: %v, %v; want an error", s, got, err)
				return
			}
			for _, w := range words {
				if !strings.Contains(err.Error(), w) {
					t.Errorf("%.60q lacks %q: %v", s, w, err)
				}
			}
			if strings.Contains(err.Error(), "secret") || len(err.Error()) > 1000 {
				t.Errorf("%.60q: repeated in %.1200v", s, err)
			}
		})
	}
}

func TestParseDomain(t *testing.T) {
	for s, want := range map[string]string{
		"downloads.example.com":         "https://downloads.example.com",
		"http://downloads.example.com":  "http://downloads.example.com",
		"https://Downloads.Example.com": "https://downloads.example.com",
		"下载.example.com:8443":           "https://xn--ghq880n.example.com:8443",
		"localhost:9000":                "https://localhost:9000",
		"notaliyuncs.com":               "https://notaliyuncs.com",
		"aliyuncs.com.example":          "https://aliyuncs.com.example",
	} {
		t.Run(s, func(t *testing.T) {
			if got, err := ParseDomain(s); err != nil || got.String() != want {
				t.Errorf("%q: %v, %v; want %s", s, got, err, want)
			}
		})
	}
	for s, words := range map[string][]string{
		"":                               {"domain is empty"},
		"https://u@example.com":          {"domain", "user information"},
		"downloads.example.com/a":        {"domain", "contains a path"},
		"127.0.0.1":                      {"IP address", "endpoint"},
		"http://[::1]:9000":              {"IP address", "http://[::1]:9000"},
		"b.oss-cn-hangzhou.aliyuncs.com": {"Remove domain", "endpoint_type"},
		"OSS-accelerate.Aliyuncs.com":    {"Remove domain"},
		"fc.cn-hangzhou.aliyuncs.com":    {"Remove domain"},
		"aliyuncs.com":                   {"Remove domain"},
	} {
		t.Run(fmt.Sprintf("%.60q", s), func(t *testing.T) {
			got, err := ParseDomain(s)
			if err == nil || got != (Endpoint{}) {
				t.Errorf("%q: %v, %v; want an error", s, got, err)
				return
			}
			for _, w := range words {
				if !strings.Contains(err.Error(), w) {
					t.Errorf("%q lacks %q: %v", s, w, err)
				}
			}
		})
	}
}

// What is accepted is a host within the limits, reads back as itself, and means to net/url what it
// means here.
func FuzzDomain(f *testing.F) {
	for _, s := range []string{
		"downloads.example.com", "http://例子.中国:8080/", "[::1]:443", "127.0.0.1",
		"xn--bcher-kva.example", "a_b", "https://u:p@h/?q#f",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		e, err := ParseEndpoint(s)
		domain, domainErr := ParseDomain(s)
		if domainErr == nil && (err != nil || domain != e || e.IsIP() || strings.HasSuffix(e.Name, serviceDomain)) {
			t.Fatalf("domain %v, endpoint %v, %v", domain, e, err)
		}
		if err != nil {
			if e != (Endpoint{}) || len(err.Error()) > 4*maxInput {
				t.Fatalf("%v beside an error of %d bytes", e, len(err.Error()))
			}
			return
		}
		if again, err := ParseEndpoint(e.String()); err != nil || again != e {
			t.Fatalf("%v reads back as %v, %v", e, again, err)
		}
		u, err := url.Parse(e.String() + "/key")
		if err != nil || u.Host != e.Host() || u.Scheme != e.Scheme || u.Hostname() != e.Name || u.Path != "/key" ||
			u.User != nil {
			t.Fatalf("%v: %v, %v", e, u, err)
		}
		isForeign := strings.ContainsFunc(e.Name, func(r rune) bool { return r >= 0x80 })
		if len(e.Name) > maxName || e.Port < 0 || e.Port > 65535 || isForeign || e.Name != strings.ToLower(e.Name) {
			t.Fatalf("%+v is outside the limits", e)
		}
		target, err := Resolve(Input{Bucket: "examplebucket", Region: "cn-hangzhou", Endpoint: s})
		if err == nil && target.PathStyle != e.IsIP() {
			t.Fatalf("%+v", target)
		}
	})
}
