package provider

import (
	"bytes"
	"crypto/md5"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/alioss/terraform-provider-alioss/internal/osstest"
)

// delivery is a link, and the answer that its recipient gets.
type delivery struct {
	name   string
	config args
	// provider is "" for an empty provider block, or "private".
	provider string
	// send is the body of an upload.
	send string
	// status, body and header describe the answer: 200 and the object's body if they are zero. header
	// lists headers that must be among the answer's headers.
	status int
	body   string
	header map[string]string
	// query lists what must be among the decoded parameters of the URL, after it is verified.
	query map[string]string
	// after looks at what the request left behind.
	after func(w *world) error
}

// hardKeys are names of objects that have broken links before.
var hardKeys = map[string]string{
	"plain":             "agent/agent-1.4.2.tar.gz",
	"space":             "a b/c d.txt",
	"outer spaces":      " a ",
	"plus":              "a+b++c",
	"percent":           "100%",
	"percent encoded":   "a%20b",
	"encoded slash":     "a%2Fb",
	"bad percent":       "a%zz%",
	"hash":              "a#b",
	"question":          "?a?b",
	"ampersand":         "a&b=c&",
	"unreserved":        "a-b_c.d~e",
	"marks":             "a*b!c'd(e)f",
	"delimiters":        "a;b:c@d,e$f",
	"brackets":          "a[b]{c}<d>|^`",
	"cjk":               "安装包/代理 程序.tar.gz",
	"emoji":             "🚀/👩‍💻.txt",
	"arabic":            "ملف.txt",
	"cyrillic":          "Привет, мир",
	"longest":           strings.Repeat("a", 1023),
	"longest cjk":       strings.Repeat("中", 341),
	"quotes":            `a"b'c"`,
	"backslash":         `a\b\\c`,
	"double slash":      "a//b///c",
	"trailing slash":    "directory/",
	"trailing slashes":  "directory//",
	"tab":               "a\tb",
	"line break":        "a\nb\r",
	"control":           "a\x01b\x7f",
	"hcl interpolation": "a${b}c",
	"hcl directive":     "a%{if b}c",
	"hidden file":       ".hidden/...",
	"dots":              "a..b/...c/d..",
	"nbsp":              "a\u00a0b\u2028c",
	"zero width":        "a\u200bb\ufeffc",
	"query in key":      "a?x-oss-signature=b&x-oss-expires=1",
	"address":           "https://example.com/a?b#c",
	"percent dots":      "a/%2e%2e/b",
	"shell":             "$(rm -rf)`a`;&&",
}

// bodyOf returns the content of the object of a key.
func bodyOf(key string) string { return "content of " + fmt.Sprintf("%x", key) }

// deliveries stores objects, and returns links to them of every kind.
func deliveries(t testing.TB, w *world) []delivery {
	t.Helper()
	for _, b := range []osstest.Bucket{
		{
			Name: "examplebucket", Versioning: osstest.VersioningEnabled,
			Domains: []string{"downloads.example.com", "xn--ghq880n.example.com"},
		},
		{Name: "bucket-in-virginia", Region: "us-east-1"},
		{Name: "bucket-of-requesters", RequesterPays: true},
	} {
		if err := w.oss.SetBucket(b); err != nil {
			t.Fatal(err)
		}
		if b.Name != "examplebucket" {
			if _, err := w.oss.PutObject(b.Name, osstest.Object{Key: "a", Body: []byte(bodyOf("a"))}); err != nil {
				t.Fatal(err)
			}
		}
	}
	var all []delivery
	for name, key := range hardKeys {
		w.put(t, osstest.Object{Key: key, Body: []byte(bodyOf(key))})
		all = append(all, delivery{name: "key " + name, config: args{"key": key}})
	}
	old := w.put(t, osstest.Object{Key: "versions", Body: []byte("first")})
	w.put(t, osstest.Object{Key: "versions", Body: []byte("second")})
	w.put(t, osstest.Object{Key: "a", Body: []byte(bodyOf("a")), ContentType: "text/plain"})
	gone := w.put(t, osstest.Object{Key: "deleted", Body: []byte("gone")})
	w.put(t, osstest.Object{Key: "deleted", DeleteMarker: true})
	for _, key := range []string{"to delete", "to delete by version"} {
		w.put(t, osstest.Object{Key: key, Body: []byte(key)})
	}
	doomed := w.put(t, osstest.Object{Key: "to delete by version", Body: []byte("2")})

	all = append(all, placeDeliveries()...)
	all = append(all, parameterDeliveries()...)
	all = append(all, uploads()...)
	return append(all,
		delivery{name: "version current", config: args{"key": "versions"}, body: "second"},
		delivery{
			name: "version old", config: args{"key": "versions", "version": old}, body: "first",
			query: map[string]string{"versionId": old},
		},
		delivery{name: "version of a deleted object", config: args{"key": "deleted", "version": gone}, body: "gone"},
		delivery{name: "version HEAD", config: args{"key": "versions", "version": old, "method": "HEAD"}, body: "-"},
		delivery{name: "deleted object", config: args{"key": "deleted"}, status: http.StatusNotFound, body: "NoSuchKey"},
		delivery{
			name: "missing object", config: args{"key": "no such object"}, status: http.StatusNotFound, body: "NoSuchKey",
		},
		delivery{
			name: "delete", config: args{"key": "to delete", "method": "DELETE"}, status: http.StatusNoContent, body: "-",
			after: func(w *world) error { return absent(w, "to delete", "") },
		},
		delivery{
			name: "delete version", config: args{"key": "to delete by version", "method": "DELETE", "version": doomed},
			status: http.StatusNoContent,
			body:   "-", after: func(w *world) error { return absent(w, "to delete by version", doomed) },
		},
	)
}

// absent wants no object of a key, or no such version of it.
func absent(w *world, key, version string) error {
	if o, ok := w.oss.Object("examplebucket", key, version); ok && !o.DeleteMarker {
		return errors.New("the object is still there")
	}
	return nil
}

// placeDeliveries are links by every kind of host.
func placeDeliveries() []delivery {
	at := func(name, host string, config args) delivery {
		config["key"] = "a"
		return delivery{name: name, config: config, header: map[string]string{"": host}}
	}
	return []delivery{
		at("public", "https://examplebucket.oss-cn-hangzhou.aliyuncs.com", args{}),
		at("region as location", "https://examplebucket.oss-cn-hangzhou.aliyuncs.com", args{"region": "oss-cn-hangzhou"}),
		at("another region", "https://bucket-in-virginia.oss-us-east-1.aliyuncs.com",
			args{"bucket": "bucket-in-virginia", "region": "us-east-1"}),
		at("internal", "https://examplebucket.oss-cn-hangzhou-internal.aliyuncs.com", args{"endpoint_type": "internal"}),
		at("accelerate", "https://examplebucket.oss-accelerate.aliyuncs.com", args{"endpoint_type": "accelerate"}),
		at("accelerate overseas", "https://examplebucket.oss-accelerate-overseas.aliyuncs.com",
			args{"endpoint_type": "accelerate-overseas"}),
		at("dual stack", "https://examplebucket.cn-hangzhou.oss.aliyuncs.com", args{"endpoint_type": "dual-stack"}),
		at("endpoint", "https://examplebucket.oss-cn-hangzhou.aliyuncs.com",
			args{"endpoint": "oss-cn-hangzhou.aliyuncs.com"}),
		at("endpoint http", "http://examplebucket.oss-cn-hangzhou.aliyuncs.com",
			args{"endpoint": "http://oss-cn-hangzhou.aliyuncs.com"}),
		at("endpoint IPv4", "https://127.0.0.1:8443", args{"endpoint": "https://127.0.0.1:8443"}),
		at("endpoint IPv6", "https://[::1]:8443", args{"endpoint": "https://[::1]:8443"}),
		at("domain", "https://downloads.example.com", args{"domain": "downloads.example.com"}),
		at("domain upper case", "https://downloads.example.com", args{"domain": "HTTPS://Downloads.Example.com"}),
		at("domain http", "http://downloads.example.com", args{"domain": "http://downloads.example.com"}),
		at("domain port", "https://downloads.example.com:8443", args{"domain": "downloads.example.com:8443"}),
		at("domain international", "https://xn--ghq880n.example.com", args{"domain": "下载.example.com"}),
		at("bound host", "https://examplebucket.oss-cn-hangzhou.aliyuncs.com", args{"bind_host": true}),
		at("bound domain with port", "https://downloads.example.com:8443", args{
			"domain":    "downloads.example.com:8443",
			"bind_host": true,
		}),
		at("bound IP address", "https://127.0.0.1:8443", args{"endpoint": "https://127.0.0.1:8443", "bind_host": true}),
		{
			name: "path style", config: args{"key": "a"}, provider: "private",
			header: map[string]string{"": "https://localhost:8443"},
		},
		{name: "path style bound", config: args{"key": "directory//", "bind_host": true}, provider: "private"},
	}
}

// parameterDeliveries are downloads by every argument that shapes them.
func parameterDeliveries() []delivery {
	const cjk = "安装 包%.tar.gz"
	return []delivery{
		{
			name: "HEAD", config: args{"key": "a", "method": "HEAD"}, body: "-",
			header: map[string]string{"Content-Type": "text/plain"},
		},
		{
			name: "filename", config: args{"key": "a", "filename": `a "b"; c.txt`},
			header: map[string]string{
				"Content-Disposition": `attachment; filename="a _b_; c.txt"; filename*=UTF-8''a%20%22b%22%3B%20c.txt`,
			},
		},
		{
			name: "filename of another script", config: args{"key": "a", "filename": cjk},
			header: map[string]string{
				"Content-Disposition": `attachment; filename="__ __.tar.gz"; filename*=UTF-8''` +
					strings.ReplaceAll(url.QueryEscape(cjk), "+", "%20"),
			},
		},
		{
			name: "response headers",
			config: args{"key": "a", "response_headers": map[string]string{
				"Cache-Control": "no-store, max-age=0", "content-disposition": "inline", "content-encoding": "identity",
				"content-language": "zh-CN", "expires": "Thu, 01 Jan 1970 00:00:00 GMT",
			}},
			header: map[string]string{
				"Cache-Control": "no-store, max-age=0", "Content-Disposition": "inline", "Content-Encoding": "identity",
				"Content-Language": "zh-CN", "Expires": "Thu, 01 Jan 1970 00:00:00 GMT",
			},
		},
		{
			name:   "response content type",
			config: args{"key": "a", "response_headers": map[string]string{"content-type": "text/html"}},
			status: http.StatusBadRequest, body: "0017-00000902", // as in the warning
		},
		{
			name: "process", config: args{"key": "a", "process": "image/resize,w_200/format,webp"},
			query: map[string]string{"x-oss-process": "image/resize,w_200/format,webp"},
		},
		{
			name: "traffic limit", config: args{"key": "a", "traffic_limit": 819_200},
			query: map[string]string{"x-oss-traffic-limit": "819200"},
		},
		{name: "traffic limit highest", config: args{"key": "a", "traffic_limit": 838_860_800}},
		{
			name: "request payer", config: args{"bucket": "bucket-of-requesters", "key": "a", "request_payer": true},
			query: map[string]string{"x-oss-request-payer": "requester"},
		},
		{
			name: "requester does not pay", config: args{"bucket": "bucket-of-requesters", "key": "a", "request_payer": false},
			status: http.StatusForbidden, body: "AccessDenied",
		},
		{
			name: "query of all scripts", config: args{
				"key":   "a",
				"query": map[string]string{"empty": "", "ünï+code&=": "中 +/?#%~*!'()", "|abc": "", "abc": "d"},
			},
			query: map[string]string{"empty": "", "ünï+code&=": "中 +/?#%~*!'()", "|abc": "", "abc": "d"},
		},
		{
			name: "header range", config: args{"key": "a", "headers": map[string]string{"Range": "bytes=0-6"}},
			status: http.StatusPartialContent, body: "content",
		},
		{
			name: "header custom", config: args{"key": "a", "headers": map[string]string{
				"X-Custom":     "  some value ",
				"x-oss-meta-b": "c",
			}},
		},
		{name: "expiry shortest", config: args{"key": "a", "expiry": "1s"}, query: map[string]string{"x-oss-expires": "1"}},
		{
			name: "expiry longest", config: args{"key": "a", "expiry": "7d"},
			query: map[string]string{"x-oss-expires": "604800"},
		},
		{
			name: "not after", config: args{"key": "a", "not_after": "2026-03-02T20:00:00+08:00"},
			query: map[string]string{"x-oss-expires": "86400"},
		},
		{
			name: "rotation", config: args{"key": "a", "rotate_every": "45m"},
			query: map[string]string{"x-oss-date": "20260301T120000Z"},
		},
		{
			name: "signing time", config: args{"key": "a", "signing_time": "2026-03-01T11:30:00Z"},
			query: map[string]string{"x-oss-date": "20260301T113000Z"},
		},
		{
			name: "everything", config: args{
				"key": hardKeys["cjk"], "expiry": "1d", "domain": "http://downloads.example.com:8080", "region": "cn-hangzhou",
				"filename": "a.txt", "headers": map[string]string{"if-none-match": `"none"`},
				"response_headers": map[string]string{"cache-control": "no-store"},
				"process":          "image/info", "traffic_limit": 1_000_000, "request_payer": true,
				"query": map[string]string{"a": "b"}, "bind_host": true,
			},
			header: map[string]string{"Cache-Control": "no-store"},
		},
	}
}

// uploads are links that take an object.
func uploads() []delivery {
	arrived := func(key, body, contentType string) func(w *world) error {
		return func(w *world) error {
			o, ok := w.oss.Object("examplebucket", key, "")
			if !ok || string(o.Body) != body || contentType != "" && o.ContentType != contentType {
				return fmt.Errorf("stored: %v, %q, %q", ok, o.Body, o.ContentType)
			}
			return nil
		}
	}
	sum := md5.Sum([]byte("report"))
	return []delivery{
		{
			name: "upload", config: args{"key": "reports/a b+c.txt", "method": "PUT"}, send: "report", body: "-",
			after: arrived("reports/a b+c.txt", "report", ""),
		},
		{
			name: "upload with headers", send: "report", body: "-",
			config: args{"key": "报告", "method": "PUT", "headers": map[string]string{
				"Content-Type": "text/plain; charset=utf-8", "content-md5": base64.StdEncoding.EncodeToString(sum[:]),
				"X-Oss-Meta-Author": "me",
				"cache-control":     "no-store",
			}},
			after: arrived("报告", "report", "text/plain; charset=utf-8"),
		},
	}
}

// hand uses a link as its holder would, and returns what is wrong with what comes back.
func (d delivery) hand(w *world, client *http.Client, link string, signedHeaders map[string]string) error {
	method, _ := d.config["method"].(string)
	if method == "" {
		method = http.MethodGet
	}
	if c := strings.IndexFunc(link, func(r rune) bool {
		return r <= ' ' || r > '~' || strings.ContainsRune("+\"'<>\\^`{|}", r)
	}); c >= 0 {
		return fmt.Errorf("the URL holds %q", link[c])
	}
	headers := http.Header{}
	for name, value := range signedHeaders {
		headers.Set(name, value)
	}
	v, err := w.oss.Verify(method, link, headers)
	if err != nil && d.status != http.StatusForbidden {
		return fmt.Errorf("verify: %w", err)
	}
	if err != nil {
		v.Key = d.config["key"].(string)
	}
	if key := d.config["key"]; v.Key != key {
		return fmt.Errorf("opens %q, want %q", v.Key, key)
	}
	for name, value := range d.query {
		if got, ok := v.Query[name]; !ok || got != value {
			return fmt.Errorf("query %q is %q, want %q", name, got, value)
		}
	}
	got, body, err := send(client, method, link, headers, d.send)
	if err != nil {
		return err
	}
	want := d.status
	if want == 0 {
		want = http.StatusOK
	}
	if got.StatusCode != want {
		return fmt.Errorf("status %d, want %d: %.300s", got.StatusCode, want, body)
	}
	switch {
	case d.body == "-":
	case d.body == "" && body != bodyOf(v.Key), d.status >= http.StatusBadRequest && !strings.Contains(body, d.body),
		d.body != "" && d.status < http.StatusBadRequest && body != d.body:
		return fmt.Errorf("body %.300q", body)
	}
	for name, value := range d.header {
		if name == "" {
			if !strings.HasPrefix(link, value+"/") {
				return fmt.Errorf("the URL does not begin with %s", value)
			}
		} else if got.Header.Get(name) != value {
			return fmt.Errorf("header %s is %q, want %q", name, got.Header.Get(name), value)
		}
	}
	if d.after != nil {
		return d.after(w)
	}
	return nil
}

// send makes one request with a client that goes to the stand-in whatever the host, and reads the
// answer.
func send(client *http.Client, method, link string, headers http.Header, body string) (*http.Response, string, error) {
	r, err := http.NewRequest(method, link, bytes.NewReader([]byte(body)))
	if err != nil {
		return nil, "", errors.New("the URL cannot be requested")
	}
	maps.Copy(r.Header, headers)
	resp, err := client.Do(r)
	if err != nil {
		return nil, "", err
	}
	defer func() { _ = resp.Body.Close() }()
	text, err := io.ReadAll(resp.Body)
	return resp, string(text), err
}
