package signer

import (
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/alioss/terraform-provider-alioss/internal/osstest"
)

// service is a stand-in at an instant that is configured for a request: its key, and its bucket in
// its region under its host.
func service(r *Request, c Credentials, at time.Time) (*osstest.Server, error) {
	host := (&url.URL{Host: r.Host}).Hostname()
	s := osstest.New(osstest.Config{Now: func() time.Time { return at }, PrivateHosts: []string{host}})
	s.SetCredential(osstest.Credential{
		AccessKeyID: c.AccessKeyID(), AccessKeySecret: c.AccessKeySecret(),
		SecurityToken: c.SecurityToken(),
	})
	b := osstest.Bucket{Name: r.Bucket, Region: r.Region}
	if _, err := netip.ParseAddr(host); err != nil && r.Product != productCloudBox && !r.PathStyle {
		b.Domains = []string{host}
	}
	return s, s.SetBucket(b)
}

// accepted wants a URL to be accepted from the wire at its own instant, with the headers that its
// holder is told to send, and to say what the request said.
func accepted(r *Request, c Credentials, at time.Time, u string, headers map[string]string) error {
	s, err := service(r, c, at.Truncate(time.Second))
	if err != nil {
		return err
	}
	v, err := s.Verify(r.Method, u, httpHeaders(headers))
	if err != nil {
		return err
	}
	if v.Bucket != r.Bucket || v.Key != r.Key || v.AccessKeyID != c.AccessKeyID() {
		return fmt.Errorf("it opens %q of %q by %q", v.Key, v.Bucket, v.AccessKeyID)
	}
	for name := range v.Query {
		if _, ours := r.Query[name]; !ours && !OwnsParameter(name) {
			return fmt.Errorf("it has a parameter %q of nobody", name)
		}
	}
	for name, value := range r.Query {
		if v.Query[name] != value {
			return fmt.Errorf("parameter %q arrives as %q, not as %q", name, v.Query[name], value)
		}
	}
	return nil
}

func httpHeaders(headers map[string]string) http.Header {
	h := http.Header{}
	for name, value := range headers {
		h.Set(name, value)
	}
	return h
}

// TestWire has the inputs of TestOracle accepted from the wire: the stand-in is a reading of the
// specification that shares no code with the signer, nor with the SDK. Two of its inputs no service
// takes: a CloudBox under a host that is none, and an AccessKey id with a slash, a blank or a
// control character; they get a host of their own, and another id.
func TestWire(t *testing.T) {
	rnd := rand.New(rand.NewPCG(oracleSeed, 1))
	chunk := make([]oracleCase, oracleCases)
	for i := range chunk {
		chunk[i] = generate(rnd)
	}
	oracleInstants(rnd, chunk)
	differences := 0
	for i := range chunk {
		c := &chunk[i]
		r := &c.request
		if r.Product == productCloudBox {
			r.Region, r.Host, r.PathStyle = "cb-123", r.Bucket+".cb-123.cn-hangzhou.oss-cloudbox.aliyuncs.com", false
		}
		if strings.ContainsFunc(c.id, func(c rune) bool { return c <= ' ' || c == '/' || c == 0x7f }) {
			c.id = testID
		}
		credentials := NewCredentials(c.id, c.secret, c.token)
		u, headers, err := Presign(*r, credentials, c.at)
		if err == nil {
			err = accepted(r, credentials, c.at, u, headers)
		}
		if err != nil {
			if differences++; differences <= oracleShown {
				t.Errorf("case %d: %v\nrequest %+v\nat %v: %s", i, err, *r, c.at, u)
			}
		}
	}
	t.Logf("from the wire: %d cases, %d differences, seed %d", len(chunk), differences, oracleSeed)
}

// wireRequests are those that TestMutations changes: each way of addressing, and everything that
// can be signed.
func wireRequests() map[string]Request {
	return map[string]Request{
		"plain": plainGET(),
		"hard key, parameters with and without value": changed(func(r *Request) {
			r.Key = "目录/a b+c~%2F'!.txt"
			r.Query = map[string]string{
				"versionId": "CAEQ/+=", "acl": "",
				"response-content-disposition": `attachment; filename="a b+c"`, "|a": "1",
			}
		}),
		"headers": changed(func(r *Request) {
			r.Method = "PUT"
			r.Headers = map[string]string{"Content-Type": "text/plain", "X-Oss-Meta-A": "1", "Abc": "2"}
		}),
		"bound host":   changed(func(r *Request) { r.SignHost = true }),
		"path style":   changed(func(r *Request) { r.Host, r.PathStyle, r.Scheme = "192.0.2.1:9000", true, "http" }),
		"own domain":   changed(func(r *Request) { r.Host = "downloads.example.com:8443" }),
		"bound domain": changed(func(r *Request) { r.Host, r.SignHost = "downloads.example.com:8443", true }),
	}
}

// wired is a URL with the service that accepts it.
type wired struct {
	r       Request
	url     string
	headers http.Header
	service *osstest.Server
}

func newWired(t *testing.T, r Request) wired {
	t.Helper()
	c := NewCredentials(testID, testSecret, testToken)
	u, headers := mustPresign(t, r, c, instant)
	s, err := service(&r, c, instant)
	if err != nil {
		t.Fatal(err)
	}
	return wired{r, u, httpHeaders(headers), s}
}

// ask is what the service answers: "" if it accepts, or the code and EC of its refusal.
func (w wired) ask(method, u string, headers http.Header) string {
	_, err := w.service.Verify(method, u, headers)
	var refusal *osstest.Error
	switch {
	case err == nil:
		return ""
	case errors.As(err, &refusal):
		return strings.TrimSpace(refusal.Code + " " + refusal.EC)
	}
	return err.Error()
}

const mismatch = "SignatureDoesNotMatch 0002-00000201"

// refusedWithout is the service's answer if a parameter of the signature is missing, and
// refusedTwice if one occurs twice.
var refusedWithout = map[string]string{
	"x-oss-signature-version": "InvalidArgument 0002-00000066",
	"x-oss-credential":        "InvalidArgument 0002-00000217",
	"x-oss-date":              "InvalidArgument",
	"x-oss-expires":           "InvalidArgument 0002-00000215",
	"x-oss-signature":         "InvalidArgument 0002-00000219",
	"x-oss-security-token":    "InvalidAccessKeyId 0002-00000902",
}

const refusedTwice = "InvalidArgument"

// TestMutations changes what arrives, and wants it accepted or refused as the specification
// requires: accepted exactly if it means what was signed (§3, §4), whatever its spelling.
func TestMutations(t *testing.T) {
	for name, r := range wireRequests() {
		t.Run(name, func(t *testing.T) {
			w := newWired(t, r)
			expect := func(what, method, u string, headers http.Header, want string) {
				t.Helper()
				if got := w.ask(method, u, headers); got != want {
					t.Errorf("%s: answered %q, want %q:\n%s", what, got, want, u)
				}
			}
			expect("as signed", r.Method, w.url, w.headers, "")

			base, query, _ := strings.Cut(w.url, "?")
			pairs := strings.Split(query, "&")
			join := func(pairs []string) string { return base + "?" + strings.Join(pairs, "&") }
			for i, pair := range pairs {
				parameter, _, _ := strings.Cut(pair, "=")
				without := slices.Delete(slices.Clone(pairs), i, i+1)
				want := mismatch
				if refusal, known := refusedWithout[parameter]; known {
					want = refusal
				}
				expect(parameter+" dropped", r.Method, join(without), w.headers, want)
				expect(parameter+" doubled", r.Method, join(append(slices.Clone(pairs), pair)), w.headers, refusedTwice)
				expect(parameter+" doubled beside itself", r.Method, join(slices.Insert(slices.Clone(pairs), i, pair)), w.headers,
					refusedTwice)
				expect(parameter+" first", r.Method, join(append([]string{pair}, without...)), w.headers, "")
				expect(parameter+" last", r.Method, join(append(without, pair)), w.headers, "")
			}
			reversed := slices.Clone(pairs)
			slices.Reverse(reversed)
			expect("parameters reversed", r.Method, join(reversed), w.headers, "")
			rnd := rand.New(rand.NewPCG(1, 2))
			for range 20 {
				rnd.Shuffle(len(pairs), func(i, j int) { pairs[i], pairs[j] = pairs[j], pairs[i] })
				expect("parameters shuffled", r.Method, join(pairs), w.headers, "")
			}
			expect("a parameter added", r.Method, w.url+"&more=1", w.headers, mismatch)
			expect("a bare parameter added", r.Method, w.url+"&more", w.headers, mismatch)

			lower := lowerHex(w.url)
			if lower == w.url {
				t.Fatal("nothing of the URL is in hexadecimal digits")
			}
			expect("hex in lower case", r.Method, lower, w.headers, "")
			expect("the signature in upper case", r.Method,
				strings.Replace(w.url, signatureOf(w.url), strings.ToUpper(signatureOf(w.url)), 1), w.headers, mismatch)
			for i := range len(w.url) {
				if strings.HasPrefix(w.url[i:], "%20") {
					u := w.url[:i] + "+" + w.url[i+len("%20"):]
					expect("+ for a %20", r.Method, u, w.headers, mismatch)
				}
			}

			for _, method := range []string{"GET", "HEAD", "PUT", "DELETE", "POST"} {
				want := mismatch
				if method == r.Method {
					want = ""
				}
				expect("method "+method, method, w.url, w.headers, want)
			}
			w.mutateHeaders(expect)
			w.mutateHost(expect)
		})
	}
}

type expectation func(what, method, u string, headers http.Header, want string)

// mutateHeaders adds headers, and drops and changes those that are signed (§5, §6).
func (w wired) mutateHeaders(expect expectation) {
	with := func(name, value string) http.Header {
		h := maps.Clone(w.headers)
		h.Set(name, value)
		return h
	}
	for _, name := range []string{"Content-Type", "Content-Md5", "X-Oss-Meta-B", "X-Oss-Traffic-Limit", "X-Oss-Date"} {
		if w.headers.Get(name) == "" {
			expect(name+" added", w.r.Method, w.url, with(name, "v"), mismatch)
		}
	}
	for _, name := range []string{
		"Range", "User-Agent", "Accept", "If-None-Match", "X-Other", "Content-Type-Foo",
		"Cookie",
	} {
		expect(name+" added", w.r.Method, w.url, with(name, "v"), "")
	}
	for name := range w.headers {
		without := maps.Clone(w.headers)
		without.Del(name)
		want := mismatch
		if !isDefaultSigned(strings.ToLower(name)) {
			want = "InvalidArgument 0002-00000078"
		}
		expect(name+" dropped", w.r.Method, w.url, without, want)
		expect(name+" changed", w.r.Method, w.url, with(name, "other"), mismatch)
		expect(name+" with blanks around", w.r.Method, w.url, with(name, " "+w.headers.Get(name)+"\t"), "")
	}
}

// mutateHost sends the request to other hosts of the bucket, which a bound one refuses (§6).
func (w wired) mutateHost(expect expectation) {
	b := osstest.Bucket{Name: w.r.Bucket, Region: w.r.Region, Domains: []string{
		"downloads.example.com",
		"other.example.com", w.r.Host,
	}}
	if err := w.service.SetBucket(b); err != nil {
		expect(err.Error(), w.r.Method, "", nil, "")
	}
	if w.r.PathStyle { // another host has the bucket in its path as well
		expect("another address", w.r.Method, strings.Replace(w.url, w.r.Host, "198.51.100.7", 1), w.headers, "")
		return
	}
	want := ""
	if w.r.SignHost {
		want = mismatch
	}
	for _, host := range []string{
		"examplebucket.oss-cn-hangzhou-internal.aliyuncs.com", "examplebucket.oss-accelerate.aliyuncs.com",
		"examplebucket.oss-accelerate-overseas.aliyuncs.com",
		"examplebucket.cn-hangzhou.oss.aliyuncs.com", "other.example.com", w.r.Host + "0",
	} {
		if host == w.r.Host+"0" {
			if !strings.Contains(w.r.Host, ":") {
				continue
			}
			host = w.r.Host[:strings.LastIndexByte(w.r.Host, ':')] + ":8444" // a port is of the Host header too
		}
		expect("host "+host, w.r.Method, strings.Replace(w.url, "//"+w.r.Host, "//"+host, 1), w.headers, want)
	}
	other := "http://"
	if w.r.Scheme == "http" {
		other = "https://"
	}
	expect("another scheme", w.r.Method, strings.Replace(w.url, w.r.Scheme+"://", other, 1), w.headers, "")
}

// lowerHex writes the digits of every percent escape in lower case.
func lowerHex(u string) string {
	b := []byte(u)
	for i := range b {
		if b[i] == '%' {
			copy(b[i:], strings.ToLower(string(b[i:i+3])))
		}
	}
	return string(b)
}

// TestEveryChangedByte changes each byte of path and query into others. What is accepted is what
// net/url reads as it read the URL that was signed: path, names and values, and the signature as it
// stands.
func TestEveryChangedByte(t *testing.T) {
	const others = "aZ0/%+&=;?#. ~\x00\x80"
	for name, r := range wireRequests() {
		t.Run(name, func(t *testing.T) {
			w := newWired(t, r)
			want, ok := meaning(w.url)
			if !ok {
				t.Fatal("the URL has no meaning")
			}
			refused, same := 0, 0
			start := strings.Index(w.url, r.Host) + len(r.Host)
			for i := start; i < len(w.url); i++ {
				candidates := others + string(w.url[i]^0x20) + string(w.url[i]+1)
				for j := range len(candidates) {
					u := w.url[:i] + candidates[j:j+1] + w.url[i+1:]
					if u == w.url || i == start && candidates[j] != '?' && candidates[j] != '#' && candidates[j] != '/' {
						continue // the first byte of the path is also the end of the host
					}
					got, read := meaning(u)
					accept := read && got == want
					answer := w.ask(r.Method, u, w.headers)
					if (answer == "") != accept {
						t.Fatalf("byte %d, %q for %q: answered %q, want it accepted: %t\n%s", i, candidates[j], w.url[i], answer, accept,
							u)
					}
					if accept {
						same++
					} else {
						refused++
					}
				}
			}
			if refused < 10*(len(w.url)-start) {
				t.Errorf("%d changes are refused, of %d bytes", refused, len(w.url)-start)
			}
			t.Logf("%d changes of a byte refused, %d that mean the same accepted", refused, same)
		})
	}
}

// meaning is the content of a URL: path and parameters, decoded by net/url, sorted. A URL has none
// if an escape is broken, or if a name occurs twice.
func meaning(u string) (string, bool) {
	u, _, _ = strings.Cut(u, "#")
	_, rest, _ := strings.Cut(u, "://")
	rest, query, _ := strings.Cut(rest, "?")
	host, path, _ := strings.Cut(rest, "/")
	path, err := url.PathUnescape(path)
	if err != nil {
		return "", false
	}
	seen := map[string]bool{}
	var pairs []string
	for pair := range strings.SplitSeq(query, "&") {
		if pair == "" {
			continue
		}
		rawName, rawValue, _ := strings.Cut(pair, "=")
		name, err1 := url.PathUnescape(rawName)
		value, err2 := url.PathUnescape(rawValue)
		if err1 != nil || err2 != nil || seen[name] {
			return "", false
		}
		seen[name] = true
		pairs = append(pairs, fmt.Sprintf("%q=%q", name, value))
	}
	slices.Sort(pairs)
	return fmt.Sprintf("%s %q %q", host, path, pairs), true
}
