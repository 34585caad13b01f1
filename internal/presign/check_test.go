package presign

import (
	"fmt"
	"mime"
	"strings"
	"testing"
	"unicode/utf8"
)

// expect wants an error that contains words, or none if there are none.
func expect(t *testing.T, where string, err error, words ...string) {
	t.Helper()
	switch {
	case err == nil && len(words) == 0:
	case err == nil || len(words) == 0:
		t.Errorf("%s: %v, want %q", where, err, words)
	default:
		for _, word := range words {
			if !strings.Contains(err.Error(), word) {
				t.Errorf("%s: %v, want %q in it", where, err, word)
			}
		}
		if s := err.Error(); strings.HasSuffix(s, ".") || strings.Contains(s, "Terraform") || !utf8.ValidString(s) {
			t.Errorf("%s: the error is %q", where, s)
		}
	}
}

func TestCheckHeader(t *testing.T) {
	for name, row := range map[string]struct {
		value string
		words []string
	}{
		"Content-Type": {"text/plain", nil}, "x-oss-meta-a": {" b ", nil}, "Range": {"bytes=0-0", nil},
		"If-None-Match":                   {`"a"`, nil},
		strings.Repeat("n", maxNameBytes): {"a", nil}, strings.Repeat("n", maxNameBytes+1): {"a", []string{"256", "257"}},
		"Connection": {"close", []string{`"Connection"`}}, "transfer-encoding": {"chunked", []string{"transfer-encoding"}},
		"TE": {"a", []string{`"TE"`}}, "Expect": {"100-continue", []string{"Expect"}},
		"Proxy-Authorization": {"a", []string{"Proxy-Authorization"}},
		"HOST":                {"a", []string{"bind_host"}}, "x-oss-credential": {"a", []string{"x-oss-credential"}},
		"X-Oss-Signature-Version": {"a", []string{"signature"}}, "authorization": {"a", []string{"authorization"}},
		"": {"a", []string{"name"}}, "a b": {"a", []string{`"a b"`}}, "a_b": {"a", []string{`"a_b"`}},
		"x-a": {"é", []string{`"x-a"`}}, "x-b": {"", []string{`"x-b"`}}, "x-c": {"a\nb", []string{`"x-c"`}},
	} {
		t.Run(name, func(t *testing.T) {
			expect(t, name, CheckHeader(name, row.value), row.words...)
		})
	}
}

func TestCheckQuery(t *testing.T) {
	for name, row := range map[string]struct {
		value string
		words []string
	}{
		"a": {"", nil}, "ünï+code&=": {"中 +/?#%~*!'()", nil}, "x-oss-ac-source-ip": {"203.0.113.1", nil},
		"x-oss-meta": {"a", nil}, "": {"a", []string{"name"}}, strings.Repeat("n", maxNameBytes+1): {"a", []string{"256"}},
		"a b": {"a", []string{`"a b"`}}, "a\u00a0": {"a", []string{"name"}},
		"x-oss-date": {"a", []string{"x-oss-date"}}, "X-OSS-Signature": {"a", []string{"signature"}},
		"versionId": {"a", []string{"version"}}, "X-Oss-Process": {"a", []string{"process"}},
		"x-oss-traffic-limit":   {"1", []string{"traffic_limit"}},
		"x-oss-request-payer":   {"requester", []string{"request_payer"}},
		"response-content-type": {"a", []string{"response_headers", "content-type"}},
		"Response-Expires":      {"a", []string{"response_headers", "expires"}},
		"OSSAccessKeyId":        {"a", []string{"OSSAccessKeyId"}}, "Signature": {"a", []string{"Signature"}},
		"Expires": {"1", []string{"Expires"}}, "security-token": {"1", []string{"security-token"}},
		"a\x00": {"a", []string{"name"}}, "a\xff": {"a", []string{"UTF-8"}},
		"b": {"a\x1fb", []string{"offset 1"}}, "c": {"\xff", []string{"UTF-8"}},
		"d": {strings.Repeat("v", maxParameterBytes+1), []string{"4,096", "4,097"}},
		"e": {strings.Repeat("v", maxParameterBytes), nil},
	} {
		t.Run(name, func(t *testing.T) {
			expect(t, name, CheckQuery(name, row.value), row.words...)
		})
	}
}

func TestCheckResponseHeader(t *testing.T) {
	for _, name := range overridable {
		expect(t, name, CheckResponseHeader(name, "a"))
		expect(t, name, CheckResponseHeader(strings.ToUpper(name), "中"))
		expect(t, name, CheckResponseHeader(name, ""), name)
		expect(t, name, CheckResponseHeader(name, "a\r\nb"), name, "offset 1")
	}
	expect(t, "another", CheckResponseHeader("x-a", "a"), `"x-a"`, "content-disposition")
	expect(t, "none", CheckResponseHeader("", "a"), `""`)
	expect(t, "folded", CheckResponseHeader("expire\u017f", "a"), "no other header") // lower case keeps the long s
	expect(t, "long", CheckResponseHeader(strings.Repeat("n", maxNameBytes+1), "a"), "256")
}

func TestCheckFilename(t *testing.T) {
	for name, words := range map[string][]string{
		"a.txt": nil, "报告 é.pdf": nil, "ملف.txt": nil, `a "b"; c%.txt`: nil, strings.Repeat("a", 255): nil, "...": nil,
		"a..b": nil, "🚀.txt": nil, "": {"filename"}, strings.Repeat("a", 256): {"255", "256"},
		strings.Repeat("中", 86): {"258"}, "a/b": {"slash"}, `a\b`: {"backslash"}, ".": {"directory"}, "..": {"directory"},
		"a\nb": {"control"}, "a\x7f": {"control"}, "a\xffb": {"UTF-8"},
		"a\u202egpj.exe": {"filename"}, "a\u202a": {"filename"}, "a\u2066b": {"filename"}, "a\u2069": {"filename"},
		"a\u200e": {"filename"}, "a\u200f": {"filename"}, "a\u061c": {"filename"}, "a\u200b": {"filename"},
		"a\u200d": {"filename"}, "\ufeffa": {"filename"}, "a\u2060b": {"filename"}, "a\u00adb": {"filename"},
		"a\u2028b": {"filename"}, "a\u2029b": {"filename"}, "a\U000e0041": {"filename"}, "a\u180eb": {"filename"},
	} {
		t.Run(fmt.Sprintf("%.40q", name), func(t *testing.T) {
			expect(t, fmt.Sprintf("%+q", name), CheckFilename(name), words...)
		})
	}
}

// A browser reads the name itself (RFC 6266 by package mime), and the fallback is plain ASCII that
// needs no escape.
func TestContentDisposition(t *testing.T) {
	for name, want := range map[string]string{
		"a.txt":         `attachment; filename="a.txt"; filename*=UTF-8''a.txt`,
		`a "b"\ c%.txt`: `attachment; filename="a _b__ c_.txt"; filename*=UTF-8''a%20%22b%22%5C%20c%25.txt`,
		"安装.gz":         `attachment; filename="__.gz"; filename*=UTF-8''%E5%AE%89%E8%A3%85.gz`,
		"é'()*;=@":      `attachment; filename="_'()*;=@"; filename*=UTF-8''%C3%A9%27%28%29%2A%3B%3D%40`,
		"!#$&+-.^_`|~":  "attachment; filename=\"!#$&+-.^_`|~\"; filename*=UTF-8''!#$&+-.^_`|~",
		"🚀":             `attachment; filename="_"; filename*=UTF-8''%F0%9F%9A%80`,
		"AZaz09":        `attachment; filename="AZaz09"; filename*=UTF-8''AZaz09`,
	} {
		t.Run(name, func(t *testing.T) {
			got := ContentDisposition(name)
			if got != want {
				t.Errorf("%q:\n got %s\nwant %s", name, got, want)
			}
			kind, parameters, err := mime.ParseMediaType(strings.Replace(got, `filename="`, `fallback="`, 1))
			if err != nil || kind != "attachment" || parameters["filename"] != name {
				t.Errorf("%q is read as %q, %v", name, parameters["filename"], err)
			}
		})
	}
}

func FuzzContentDisposition(f *testing.F) {
	f.Add("a b.txt")
	f.Add("安装\"\\%")
	f.Fuzz(func(t *testing.T, name string) {
		if CheckFilename(name) != nil {
			return
		}
		got := ContentDisposition(name)
		_, parameters, err := mime.ParseMediaType(strings.Replace(got, `filename="`, `fallback="`, 1))
		if err != nil || parameters["filename"] != name ||
			strings.ContainsFunc(got, func(r rune) bool { return r < ' ' || r > '~' }) {
			t.Errorf("%q gives %s, read as %q, %v", name, got, parameters["filename"], err)
		}
	})
}

func TestCheckMethod(t *testing.T) {
	for _, method := range []string{"GET", "HEAD", "PUT", "DELETE"} {
		expect(t, method, CheckMethod(method))
	}
	for _, method := range []string{"", "get", "POST", "GET ", "PATCH", "OPTIONS"} {
		expect(t, method, CheckMethod(method), "method", "DELETE")
	}
}

func TestCheckTrafficLimit(t *testing.T) {
	for _, n := range []int64{819_200, 819_201, 838_860_800} {
		expect(t, fmt.Sprint(n), CheckTrafficLimit(n))
	}
	for _, n := range []int64{-1, 0, 1, 819_199, 838_860_801, 1 << 62} {
		expect(t, fmt.Sprint(n), CheckTrafficLimit(n), "bit")
	}
}

func TestCheckVersion(t *testing.T) {
	for version, words := range map[string][]string{
		"null": nil, "CAEQEhiBgIDmgPf8mxgiIDA1YjZlNDIxY2ZmMzQ1MmU5MTM1Y2M4Yzk4NjIx": nil, "v/2+": nil,
		strings.Repeat("v", 1023): nil,
		"":                        {"version"}, strings.Repeat("v", 1024): {"1,024"}, " v": {"white space"},
		"v\n": {"white space"}, "a b": {"white space"}, "a\x01": {"control"}, "a\xff": {"UTF-8"},
	} {
		t.Run(fmt.Sprintf("%.40q", version), func(t *testing.T) {
			expect(t, fmt.Sprintf("%.20q", version), CheckVersion(version), words...)
		})
	}
}

func TestCheckProcess(t *testing.T) {
	for process, words := range map[string][]string{
		"image/resize,w_200": nil, "style/a b": nil, "?x": nil, "": {"process"}, "x-oss-process=image/info": {`"image/info"`},
		"?x-oss-process=image/info": {`"image/info"`}, " image/info": {"white space"}, "image/info\n": {"white space"},
		"a\x01b": {"control"}, "a\xff": {"UTF-8"}, strings.Repeat("p", maxParameterBytes+1): {"4,097"},
	} {
		t.Run(fmt.Sprintf("%.40q", process), func(t *testing.T) {
			expect(t, fmt.Sprintf("%.30q", process), CheckProcess(process), words...)
		})
	}
}

func TestUnusual(t *testing.T) {
	for _, row := range []struct {
		key, method string
		words       string // "" if nothing seems wrong
	}{
		{"agent.tar.gz", "", ""},
		{"a b/c", "GET", ""},
		{"100%", "", ""},
		{"a%zz", "", ""},
		{"50%25 off", "", ""},
		{"%/.../x", "", ""},
		{"http/a", "", ""},
		{"a://b", "", ""},
		{"folder/", "", ""},
		{"folder/", "GET", ""},
		{"folder/", "DELETE", ""},
		{"oss://b/k", "", "scheme"},
		{"HTTPS://example.com/a", "", "scheme"},
		{"http://a", "", "scheme"},
		{" a", "", "white space"},
		{"a ", "", "white space"},
		{"a\n", "", "white space"},
		{"a\u00a0", "", "white space"},
		{"a%20b", "", "percent-encoded"},
		{"%E4%B8%AD", "", "percent-encoded"},
		{"a%2Fb", "HEAD", "percent-encoded"},
		{"folder/", "PUT", "slash"},
	} {
		t.Run(fmt.Sprintf("%.40q %s", row.key, row.method), func(t *testing.T) {
			if got := Unusual(row.key, row.method); (got == "") != (row.words == "") || !strings.Contains(got, row.words) {
				t.Errorf("%q %s: %q", row.key, row.method, got)
			}
		})
	}
}

func TestCheckPrefix(t *testing.T) {
	for prefix, words := range map[string][]string{
		"": nil, "release/": nil, "a\x01\n": nil, "中文/é": nil, "a//": nil, " ": nil, "http": nil,
		strings.Repeat("p", 1023): nil, "a?b&c<d>": nil, "..": nil,
		strings.Repeat("p", 1024): {"1023"}, "\xff": {"UTF-8"}, "/a": {`"/a"`}, `\a`: {"backslash"},
		"oss://b/k": {`"oss://b/k"`},
		"https://b.oss-cn-hangzhou.aliyuncs.com/k?x-oss-signature=abc": {"scheme"}, "Http://a": {"scheme"},
	} {
		t.Run(fmt.Sprintf("%.40q", prefix), func(t *testing.T) {
			err := CheckPrefix(prefix)
			expect(t, fmt.Sprintf("%.30q", prefix), err, words...)
			if err != nil && strings.Contains(err.Error(), "abc") {
				t.Errorf("%v", err)
			}
		})
	}
}
