package osstest_test

import (
	"encoding/json"
	"net/http"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/alioss/terraform-provider-alioss/internal/osstest"
)

type published struct {
	Vectors []struct {
		Name   string
		Inputs struct {
			AccessKeyID     string `json:"access_key_id"`
			AccessKeySecret string `json:"access_key_secret"`
			SecurityToken   string `json:"security_token"`
			Region, Product string
			Bucket, Key     string
			Host            string
			SigningTime     time.Time `json:"signing_time"`
			Expires         int       `json:"expires_seconds"`
			Query           map[string]*string
			Headers         map[string]string
			Additional      []string `json:"additional_headers"`
		}
		Expected struct {
			Signature, Credential, URL string
		}
	}
}

func load(t *testing.T, file string, into any) {
	t.Helper()
	b, err := os.ReadFile(file)
	if err == nil {
		err = json.Unmarshal(b, into)
	}
	if err != nil {
		t.Fatal(err)
	}
}

// The figures that the official SDKs publish arrive as PUT requests on a connection, with the bytes
// of the published URL. For the cloud box no URL is published, so its query has an order of the
// test's own.
func TestPublishedFiguresOnTheWire(t *testing.T) {
	var p published
	load(t, "testdata/oss-v4-presign.json", &p)
	if len(p.Vectors) != 4 {
		t.Fatalf("%d vectors, want 4", len(p.Vectors))
	}
	for _, v := range p.Vectors {
		t.Run(v.Name, func(t *testing.T) {
			in := v.Inputs
			f := newFixture(t)
			f.now.Set(in.SigningTime)
			f.SetCredential(osstest.Credential{
				AccessKeyID: in.AccessKeyID, AccessKeySecret: in.AccessKeySecret, SecurityToken: in.SecurityToken,
			})
			f.bucket(osstest.Bucket{Name: in.Bucket, Region: in.Region})
			_, target, ok := strings.Cut(strings.TrimPrefix(v.Expected.URL, "http://"), "/")
			target = "/" + target
			if !ok {
				target = "/" + strings.ReplaceAll(escape(in.Key), "%2F", "/") + "?x-oss-signature=" + v.Expected.Signature +
					"&x-oss-signature-version=OSS4-HMAC-SHA256&x-oss-expires=" + strconv.Itoa(in.Expires) +
					"&x-oss-date=" + in.SigningTime.Format("20060102T150405Z") + "&x-oss-credential=" + escape(v.Expected.Credential) +
					"&x-oss-additional-headers=abc%3bzabc"
				for name, value := range in.Query {
					target += "&" + escape(name)
					if value != nil {
						target += "=" + escape(*value)
					}
				}
			}
			request := "PUT " + target + " HTTP/1.1\r\nHost: " + in.Host + "\r\nContent-Length: 4\r\nConnection: close\r\n"
			header := http.Header{}
			for name, value := range in.Headers {
				request += name + ":  " + value + " \r\n"
				header.Set(name, value)
			}
			f.raw("PUT", request+"\r\ndata").want(t, 200, "", "")
			if o, ok := f.Object(in.Bucket, in.Key, ""); !ok || string(o.Body) != "data" {
				t.Errorf("the object was not stored under %q", in.Key)
			}

			bad := strings.Replace(target, v.Expected.Signature, strings.Repeat("0", 64), 1)
			a := f.raw("PUT", strings.Replace(request, target, bad, 1)+"\r\ndata")
			a.want(t, 403, "SignatureDoesNotMatch", "0002-00000201")
			if got := a.err.StringToSign; !strings.Contains(got, strings.TrimPrefix(v.Expected.Credential, in.AccessKeyID+"/")) {
				t.Errorf("StringToSign %q", got)
			}

			if _, err := f.Verify("PUT", "http://"+in.Host+target, header); err != nil {
				t.Errorf("Verify: %v", err)
			}
			delete(header, http.CanonicalHeaderKey("content-type"))
			if _, err := f.Verify("PUT", "http://"+in.Host+target, header); err == nil {
				t.Error("Verify accepts the URL without its content-type")
			}
		})
	}
}

// URLs that the official Go SDK made, for what no figure is published: GET and HEAD, hard keys,
// versions, response headers, tokens, custom domains, path style.
func TestOfficialSDKsURLs(t *testing.T) {
	var recorded struct {
		Cases []struct {
			Name, Method, URL, Key, Token, Region string
			At                                    time.Time
			Header                                map[string]string
		}
	}
	load(t, "testdata/sdk-presign.json", &recorded)
	if len(recorded.Cases) != 10 {
		t.Fatalf("%d cases, want 10", len(recorded.Cases))
	}
	for _, c := range recorded.Cases {
		t.Run(c.Name, func(t *testing.T) {
			s := osstest.New(osstest.Config{Now: func() time.Time { return c.At }})
			s.SetCredential(osstest.Credential{AccessKeyID: "AKIDsdk", AccessKeySecret: "secret-of-sdk", SecurityToken: c.Token})
			if err := s.SetBucket(osstest.Bucket{
				Name: "examplebucket", Region: c.Region, Domains: []string{"downloads.example.com"},
			}); err != nil {
				t.Fatal(err)
			}
			h := http.Header{}
			for name, value := range c.Header {
				h.Set(name, value)
			}
			v, err := s.Verify(c.Method, c.URL, h)
			if err != nil {
				t.Fatalf("%v\n%s", err, v.CanonicalRequest)
			}
			if v.Key != c.Key || v.Bucket != "examplebucket" || v.AccessKeyID != "AKIDsdk" {
				t.Errorf("key %q of %q by %q", v.Key, v.Bucket, v.AccessKeyID)
			}
			for _, method := range []string{"GET", "HEAD", "PUT", "DELETE"} {
				_, err := s.Verify(method, c.URL, h)
				if (err == nil) != (method == c.Method) {
					t.Errorf("%s for a URL signed for %s: %v", method, c.Method, err)
				}
			}
		})
	}
}

// The signature covers every byte: changing any byte of path or query is refused, unless it means
// the same.
func TestEveryByteCounts(t *testing.T) {
	s := osstest.New(osstest.Config{Now: func() time.Time { return signedAt }})
	s.SetCredential(osstest.Credential{AccessKeyID: keyID, AccessKeySecret: secret})
	if err := s.SetBucket(osstest.Bucket{Name: "examplebucket", Versioning: osstest.VersioningEnabled}); err != nil {
		t.Fatal(err)
	}
	l := newLink(func(l *link) { l.query["versionId"] = "CAEQ"; l.query["empty"] = ""; l.key = "a/中 +.txt" })
	good := l.url()
	want, err := s.Verify("GET", good, nil)
	if err != nil {
		t.Fatal(err)
	}
	start := strings.Index(good, ".com/") + len(".com/")
	refused := 0
	for i := start; i < len(good); i++ {
		for _, c := range []byte("x0%+&=/") {
			if good[i] == c {
				continue
			}
			changed := good[:i] + string(c) + good[i+1:]
			got, err := s.Verify("GET", changed, nil)
			switch {
			case err != nil:
				refused++
			case got.CanonicalRequest != want.CanonicalRequest:
				t.Errorf("accepted, at %d %q:\n%s", i, c, changed)
			}
		}
	}
	if refused < 1900 {
		t.Errorf("only %d changes were refused", refused)
	}
}

// What means the same is accepted: order, case of hex digits, "%2F" for "/" in the path, "name="
// for "name", escapes that need not be.
func TestSpellingsThatMeanTheSame(t *testing.T) {
	s := osstest.New(osstest.Config{Now: func() time.Time { return signedAt }})
	s.SetCredential(osstest.Credential{AccessKeyID: keyID, AccessKeySecret: secret})
	if err := s.SetBucket(osstest.Bucket{Name: "examplebucket"}); err != nil {
		t.Fatal(err)
	}
	l := newLink(func(l *link) { l.query["empty"] = ""; l.query["plus"] = "a+b c"; l.key = "a/b+~中" })
	good := l.url()
	base, query, _ := strings.Cut(good, "?")
	parts := strings.Split(query, "&")
	slices.Reverse(parts)
	tests := []struct {
		name, url string
		ok        bool
	}{
		{"as signed", good, true},
		{"parameters in reverse order", base + "?" + strings.Join(parts, "&"), true},
		{"empty pieces", base + "?&" + query + "&&", true},
		{"lower-case hex", strings.Replace(good, "%E4%B8%AD", "%e4%b8%ad", 1), true},
		{"bytes instead of escapes in the path", strings.Replace(good, "%E4%B8%AD", "中", 1), true},
		{"%2F in the path", strings.Replace(good, "a/b", "a%2Fb", 1), true},
		{"escaped letters", strings.Replace(good, "/a/b", "/%61/%62", 1), true},
		{"~ escaped", strings.Replace(good, "~", "%7E", 1), true},
		{"a raw + in the path", strings.Replace(good, "b%2B", "b+", 1), true},
		{"a raw + for %2B in the query", strings.Replace(good, "a%2Bb", "a+b", 1), true},
		{"a raw + for %20 in the query", strings.Replace(good, "b%20c", "b+c", 1), false},
		{"name= for name", strings.Replace(good, "empty", "empty=", 1), true},
		{"/ in the credential unescaped", strings.Replace(good, "%2Fcn-hangzhou%2F", "/cn-hangzhou/", 1), true},
		{"a fragment", good + "#part", true},
		{"another host of the bucket", strings.Replace(good, "oss-cn-hangzhou.", "oss-accelerate.", 1), true},
		{"port in the host", strings.Replace(good, ".com/", ".com:443/", 1), true},
		{"a doubled parameter", good + "&plus=a%2Bb%20c", false},
		{"a doubled signature", good + "&x-oss-signature=0", false},
		{"a parameter added", good + "&more", false},
		{"a parameter dropped", strings.Replace(good, "empty&", "", 1), false},
		{
			"signature in upper case", base + "?" + strings.Replace(query, "x-oss-signature="+l.signature(),
				"x-oss-signature="+strings.ToUpper(l.signature()), 1), false,
		},
		{"a slash doubled", strings.Replace(good, "/a/", "//a/", 1), false},
		{"name of a parameter in upper case", strings.Replace(good, "plus=", "Plus=", 1), false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if tt.name != "as signed" && tt.url == good {
				t.Fatal("the case changes nothing")
			}
			if _, err := s.Verify("GET", tt.url, nil); (err == nil) != tt.ok {
				t.Errorf("got %v, want accepted: %t", err, tt.ok)
			}
		})
	}
}
