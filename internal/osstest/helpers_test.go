package osstest_test

import (
	"bufio"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/xml"
	"io"
	"maps"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/alioss/terraform-provider-alioss/internal/osstest"
	"github.com/alioss/terraform-provider-alioss/internal/testworld"
)

const (
	keyID  = "AKIDtest"
	secret = "secret-of-test"
)

var signedAt = time.Date(2026, 2, 28, 23, 59, 30, 0, time.UTC)

// A link is what a URL is signed from: the test's own signer, written from the specification and
// sharing nothing with the package.
type link struct {
	method, scheme, host, path string // path as it is in the URL, made from key if empty
	bucket, key                string
	region, product            string
	id, secret                 string
	at                         time.Time
	day                        string // in the credential, if it shall differ from at's
	expires                    string
	query                      map[string]string
	headers                    map[string]string // the caller's, lower-case
	additional                 []string          // lower-case, sorted
}

func newLink(change func(*link)) link {
	l := link{
		method: "GET", scheme: "https", host: "examplebucket.oss-cn-hangzhou.aliyuncs.com",
		bucket: "examplebucket", key: "dir/a b.txt", region: "cn-hangzhou", product: "oss",
		id: keyID, secret: secret, at: signedAt, expires: "3600",
		query: map[string]string{}, headers: map[string]string{},
	}
	if change != nil {
		change(&l)
	}
	return l
}

// parameters are all query parameters but the signature, decoded.
func (l link) parameters() map[string]string {
	q := maps.Clone(l.query)
	day := l.day
	if day == "" {
		day = l.at.Format("20060102")
	}
	q["x-oss-signature-version"] = "OSS4-HMAC-SHA256"
	q["x-oss-credential"] = l.id + "/" + day + "/" + l.region + "/" + l.product + "/aliyun_v4_request"
	q["x-oss-date"] = l.at.Format("20060102T150405Z")
	q["x-oss-expires"] = l.expires
	if len(l.additional) > 0 {
		q["x-oss-additional-headers"] = strings.Join(l.additional, ";")
	}
	for name, value := range l.query { // the case under test may put a signature's parameter in another form
		q[name] = value
	}
	maps.DeleteFunc(q, func(_, value string) bool { return value == "-" })
	return q
}

func escape(s string) string { return strings.ReplaceAll(url.QueryEscape(s), "+", "%20") }

// canonicalQuery is sorted by encoded name. A name with an empty value has no "=".
func canonicalQuery(parameters map[string]string) string {
	byName := map[string]string{}
	for name, value := range parameters {
		text := escape(name)
		if value != "" {
			text += "=" + escape(value)
		}
		byName[escape(name)] = text
	}
	var parts []string
	for _, name := range slices.Sorted(maps.Keys(byName)) {
		parts = append(parts, byName[name])
	}
	return strings.Join(parts, "&")
}

func (l link) signature() string {
	var lines []string
	for name, value := range l.headers {
		if name == "content-type" || name == "content-md5" || strings.HasPrefix(name, "x-oss-") ||
			slices.Contains(l.additional, name) {
			lines = append(lines, name+":"+strings.TrimSpace(value)+"\n")
		}
	}
	if slices.Contains(l.additional, "host") {
		lines = append(lines, "host:"+l.host+"\n")
	}
	slices.Sort(lines)
	uri := strings.ReplaceAll(escape("/"+l.bucket+"/"+l.key), "%2F", "/")
	request := l.method + "\n" + uri + "\n" + canonicalQuery(l.parameters()) + "\n" + strings.Join(lines, "") + "\n" +
		strings.Join(l.additional, ";") + "\nUNSIGNED-PAYLOAD"
	hash := sha256.Sum256([]byte(request))
	p := l.parameters()
	scope := strings.TrimPrefix(p["x-oss-credential"], l.id+"/")
	text := "OSS4-HMAC-SHA256\n" + p["x-oss-date"] + "\n" + scope + "\n" + hex.EncodeToString(hash[:])
	k := []byte("aliyun_v4" + l.secret)
	for _, part := range append(strings.Split(scope, "/"), text) {
		h := hmac.New(sha256.New, k)
		io.WriteString(h, part)
		k = h.Sum(nil)
	}
	return hex.EncodeToString(k)
}

func (l link) url() string {
	path := l.path
	if path == "" {
		path = "/" + strings.ReplaceAll(escape(l.key), "%2F", "/")
	}
	return l.scheme + "://" + l.host + path + "?" + canonicalQuery(l.parameters()) + "&x-oss-signature=" + l.signature()
}

func (l link) header() http.Header {
	h := http.Header{}
	for name, value := range l.headers {
		h.Set(name, value)
	}
	return h
}

// A fixture is a server that listens on both schemes, with a clock that the test moves.
type fixture struct {
	*osstest.Server
	t      *testing.T
	client *http.Client
	plain  string // host:port
	now    *testworld.Clock
}

func newFixture(t *testing.T) *fixture {
	t.Helper()
	f := &fixture{t: t, now: testworld.NewClock(signedAt.Add(time.Minute))}
	f.Server = osstest.New(osstest.Config{Now: f.now.Now, PrivateHosts: []string{"oss.private.example"}})
	f.SetCredential(osstest.Credential{AccessKeyID: keyID, AccessKeySecret: secret})
	f.bucket(osstest.Bucket{Name: "examplebucket", Domains: []string{"downloads.example.com"}})
	f.object("examplebucket", osstest.Object{Key: "dir/a b.txt", Body: []byte("hello, world"), ContentType: "text/plain"})
	base, err := f.Start("")
	if err != nil {
		t.Fatal(err)
	}
	f.plain = strings.TrimPrefix(base, "http://")
	f.client = testworld.Serve(t, f.Server)
	return f
}

func (f *fixture) bucket(b osstest.Bucket) {
	f.t.Helper()
	if err := f.SetBucket(b); err != nil {
		f.t.Fatal(err)
	}
}

func (f *fixture) object(bucket string, o osstest.Object) string {
	f.t.Helper()
	id, err := f.PutObject(bucket, o)
	if err != nil {
		f.t.Fatal(err)
	}
	return id
}

// An answer is a response with its body and, for an error, the content of the XML.
type answer struct {
	*http.Response
	body []byte
	err  fault
}

// fault mirrors the elements of an error's body.
type fault struct {
	Code, Message, RequestId, HostId, EC, RecommendDoc       string
	Key, BucketName, Bucket, Endpoint, Method, ResourceType  string
	OSSAccessKeyId, SignatureProvided, StringToSign          string
	StringToSignBytes, CanonicalRequest, Expires, ServerTime string
	AccessDeniedDetail                                       struct{ NoPermissionType string }
}

// send makes a request through the server's client. extra contains headers as name, value, ….
func (f *fixture) send(l link, body string, extra ...string) answer {
	f.t.Helper()
	return f.sendURL(l.method, l.url(), l.header(), body, extra...)
}

func (f *fixture) sendURL(method, rawURL string, header http.Header, body string, extra ...string) answer {
	f.t.Helper()
	var content io.Reader
	if body != "" {
		content = strings.NewReader(body)
	}
	r, err := http.NewRequest(method, rawURL, content)
	if err != nil {
		f.t.Fatal(err)
	}
	maps.Copy(r.Header, header)
	for i := 0; i+1 < len(extra); i += 2 {
		r.Header.Set(extra[i], extra[i+1])
	}
	resp, err := f.client.Do(r)
	if err != nil {
		f.t.Fatal(err)
	}
	return read(f.t, resp)
}

// raw sends a request byte for byte over a connection of its own.
func (f *fixture) raw(method, text string) answer {
	f.t.Helper()
	c, err := net.Dial("tcp", f.plain)
	if err != nil {
		f.t.Fatal(err)
	}
	defer c.Close()
	if _, err := io.WriteString(c, text); err != nil {
		f.t.Fatal(err)
	}
	resp, err := http.ReadResponse(bufio.NewReader(c), &http.Request{Method: method})
	if err != nil {
		f.t.Fatal(err)
	}
	return read(f.t, resp)
}

func read(t *testing.T, resp *http.Response) answer {
	t.Helper()
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	a := answer{Response: resp, body: body}
	if resp.Header.Get("Content-Type") == "application/xml" && len(body) > 0 {
		if err := xml.Unmarshal(body, &a.err); err != nil {
			t.Fatalf("error body: %v\n%s", err, body)
		}
	}
	return a
}

// want checks status, code and EC of an answer.
func (a answer) want(t *testing.T, status int, code, ec string) {
	t.Helper()
	if a.StatusCode != status || a.err.Code != code || a.err.EC != ec || a.Header.Get("x-oss-ec") != ec {
		t.Errorf("got %d %q EC %q (header %q), want %d %q EC %q", a.StatusCode, a.err.Code, a.err.EC,
			a.Header.Get("x-oss-ec"), status, code, ec)
	}
}
