package signer

import (
	"fmt"
	"strings"
	"testing"
)

// The signature's own parameters of a plain GET at the usual instant, as they appear in the
// canonical query.
const plainQuery = "x-oss-credential=LTAI5tTestKeyId%2F20260314%2Fcn-hangzhou%2Foss%2Faliyun_v4_request" +
	"&x-oss-date=20260314T150926Z&x-oss-expires=3600&x-oss-signature-version=OSS4-HMAC-SHA256"

func TestCanonicalRequest(t *testing.T) {
	s, err := new(plainGET()).sign(testCredentials(), instant, new(workspace))
	if err != nil {
		t.Fatal(err)
	}
	want := "GET\n/examplebucket/agent/agent-1.4.2.tar.gz\n" + plainQuery + "\n\n\nUNSIGNED-PAYLOAD"
	if string(s.canonical) != want {
		t.Errorf("canonical request\n got %q\nwant %q", s.canonical, want)
	}
	wantToSign := "OSS4-HMAC-SHA256\n20260314T150926Z\n20260314/cn-hangzhou/oss/aliyun_v4_request\n"
	if got := string(s.toSign); !strings.HasPrefix(got, wantToSign) || len(got) != len(wantToSign)+64 {
		t.Errorf("string to sign\n got %q\nwant %q and 64 digits", got, wantToSign)
	}
}

func TestCanonicalURI(t *testing.T) {
	tests := []struct{ name, key, want string }{
		{"slash stays", "a/b/c", "/a/b/c"},
		{"plus", "a+b", "/a%2Bb"},
		{"space", "a b", "/a%20b"},
		{"tilde stays", "~a~", "/~a~"},
		{"sub-delimiters", "*!'()", "/%2A%21%27%28%29"},
		{"percent", "100%", "/100%25"},
		{"nothing is decoded", "a%2Fb%20c", "/a%252Fb%2520c"},
		{"query and fragment marks", "a?b#c", "/a%3Fb%23c"},
		{"reserved", "&=;:@,$", "/%26%3D%3B%3A%40%2C%24"},
		{"Chinese", "中文", "/%E4%B8%AD%E6%96%87"},
		{"emoji", "🚀", "/%F0%9F%9A%80"},
		{"composed", "\u00e9", "/%C3%A9"},
		{"decomposed is another name", "e\u0301", "/e%CC%81"},
		{"leading slash", "/a", "//a"},
		{"slashes are kept", "a//b///", "/a//b///"},
		{"dot segments are kept", "./a/../b", "/./a/../b"},
		{"backslash", `a\b`, "/a%5Cb"},
		{"quotes", `"'` + "`", "/%22%27%60"},
		{"template marks", "${a}", "/%24%7Ba%7D"},
		{"control bytes", "\x00\t\r\n\x7f", "/%00%09%0D%0A%7F"},
		{"bytes that are no UTF-8", "\xff\xfe", "/%FF%FE"},
		{"published", "1234+-/123/1.txt", "/1234%2B-/123/1.txt"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			r := changed(func(r *Request) { r.Key = test.key })
			if got, want := canonicalSteps(t, r, testCredentials()).uri, "/examplebucket"+test.want; got != want {
				t.Errorf("canonical URI of %q: got %q, want %q", test.key, got, want)
			}
			u, _ := mustPresign(t, r, testCredentials(), instant)
			if want := "https://" + r.Host + test.want + "?"; !strings.HasPrefix(u, want) {
				t.Errorf("URL of %q: got %q, want it to begin with %q", test.key, u, want)
			}
		})
	}
}

// TestEveryByte encodes each byte in a key, a parameter's name and its value.
func TestEveryByte(t *testing.T) {
	const unreserved = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.~"
	for c := range 256 {
		raw := string([]byte{byte(c)})
		inQuery := fmt.Sprintf("%%%02X", c)
		if strings.Contains(unreserved, raw) {
			inQuery = raw
		}
		inPath := inQuery
		if raw == "/" {
			inPath = "/"
		}
		r := changed(func(r *Request) {
			r.Key = "k" + raw
			r.Query = map[string]string{"a" + raw: "v" + raw}
		})
		got := canonicalSteps(t, r, testCredentials())
		if want := "/examplebucket/k" + inPath; got.uri != want {
			t.Errorf("byte 0x%02X in the key: got %q, want %q", c, got.uri, want)
		}
		if want := "a" + inQuery + "=v" + inQuery + "&" + plainQuery; got.query != want {
			t.Errorf("byte 0x%02X in the query: got %q, want %q", c, got.query, want)
		}
	}
}

func TestCanonicalQuery(t *testing.T) {
	tests := []struct {
		name  string
		query map[string]string
		want  string
	}{
		{"none", nil, plainQuery},
		{
			"encoded names sort, not raw ones",
			map[string]string{"abc": "", "|abc": "", "+abc": "1"},
			"%2Babc=1&%7Cabc&abc&" + plainQuery,
		},
		{
			"names sort, not pairs",
			map[string]string{"a": "z", "a-b": "1", "a.b": "2", "a b": "3"},
			"a=z&a%20b=3&a-b=1&a.b=2&" + plainQuery,
		},
		{"upper case first", map[string]string{"b": "1", "A": "2", "a": "3", "B": "4"}, "A=2&B=4&a=3&b=1&" + plainQuery},
		{"no numeric order", map[string]string{"10": "a", "9": "b", "1": "c"}, "1=c&10=a&9=b&" + plainQuery},
		{"an empty value has no sign", map[string]string{"acl": ""}, "acl&" + plainQuery},
		{"spaces at the ends stay", map[string]string{" k ": " v "}, "%20k%20=%20v%20&" + plainQuery},
		{"plus and slash", map[string]string{"k": "a+b/c d~*"}, "k=a%2Bb%2Fc%20d~%2A&" + plainQuery},
		{"a value of separators", map[string]string{"k": "a=b&c;d#e?f"}, "k=a%3Db%26c%3Bd%23e%3Ff&" + plainQuery},
		{
			"version",
			map[string]string{"versionId": "CAEQEhiBgIDmgPf8mxgiIDA1"},
			"versionId=CAEQEhiBgIDmgPf8mxgiIDA1&" + plainQuery,
		},
		{"the null version", map[string]string{"versionId": "null"}, "versionId=null&" + plainQuery},
		{
			"response header",
			map[string]string{"response-content-disposition": `attachment; filename="a b.txt"`},
			"response-content-disposition=attachment%3B%20filename%3D%22a%20b.txt%22&" + plainQuery,
		},
		{"process", map[string]string{"x-oss-process": "image/resize,w_100"}, strings.Replace(plainQuery,
			"&x-oss-signature-version", "&x-oss-process=image%2Fresize%2Cw_100&x-oss-signature-version", 1)},
		{
			"after the signature",
			map[string]string{"x-oss-traffic-limit": "819200", "x-oss-request-payer": "requester"},
			strings.Replace(plainQuery,
				"&x-oss-signature-version", "&x-oss-request-payer=requester&x-oss-signature-version", 1) +
				"&x-oss-traffic-limit=819200",
		},
		{"at the end", map[string]string{"~": "1", "z": "2"}, plainQuery + "&z=2&~=1"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			r := changed(func(r *Request) { r.Query = test.query })
			if got := canonicalSteps(t, r, testCredentials()).query; got != test.want {
				t.Errorf("canonical query\n got %q\nwant %q", got, test.want)
			}
		})
	}
}

// TestURLIsWhatWasSigned takes the signature out of URLs and finds the canonical query, byte for
// byte.
func TestURLIsWhatWasSigned(t *testing.T) {
	for _, names := range [][]string{
		nil,
		{"a"},
		{"x-oss-signa"},
		{"x-oss-process", "versionId"},
		{"x-oss-t", "z", "~"},
		{"|", "x-oss-signatur", "x-oss-sig", "x-oss-siz"},
	} {
		t.Run(strings.Join(names, " "), func(t *testing.T) {
			r := changed(func(r *Request) {
				r.Query = map[string]string{}
				for _, name := range names {
					r.Query[name] = "v"
				}
			})
			u, _ := mustPresign(t, r, testCredentials(), instant)
			_, query, _ := strings.Cut(u, "?")
			var rest []string
			signatures := 0
			previous := ""
			for pair := range strings.SplitSeq(query, "&") {
				name, value, _ := strings.Cut(pair, "=")
				if name <= previous {
					t.Errorf("parameters %q: %q stands behind %q", names, name, previous)
				}
				previous = name
				if name == "x-oss-signature" && isSignature(value) {
					signatures++
					continue
				}
				rest = append(rest, pair)
			}
			if signatures != 1 {
				t.Errorf("parameters %q: %d signatures in %q, want 1", names, signatures, query)
			}
			if got, want := strings.Join(rest, "&"), canonicalSteps(t, r, testCredentials()).query; got != want {
				t.Errorf("parameters %q:\nsigned %q\n   URL %q", names, want, got)
			}
		})
	}
}

func TestSecurityToken(t *testing.T) {
	r := plainGET()
	r.Query = map[string]string{"x-oss-s": "1"}
	got := canonicalSteps(t, r, NewCredentials(testID, testSecret, testToken)).query
	want := strings.Replace(plainQuery, "&x-oss-signature-version",
		"&x-oss-s=1&x-oss-security-token=CAIS%2FtOkEn%2Bwith%3Dhard%26bytes~0123456789&x-oss-signature-version", 1)
	if got != want {
		t.Errorf("canonical query with a token\n got %q\nwant %q", got, want)
	}
}

func TestCredentialIsEncoded(t *testing.T) {
	got := canonicalSteps(t, plainGET(), NewCredentials("STS.a/b+c", testSecret, "")).query
	if want := "x-oss-credential=STS.a%2Fb%2Bc%2F20260314%2F"; !strings.HasPrefix(got, want) {
		t.Errorf("canonical query %q, want it to begin with %q", got, want)
	}
}
