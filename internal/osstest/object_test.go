package osstest_test

import (
	"crypto/md5"
	"encoding/base64"
	"fmt"
	"hash/crc64"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/alioss/terraform-provider-alioss/internal/osstest"
)

// The headers of a success (oss-domain §3.3), the same for GET and HEAD.
func TestObjectHeaders(t *testing.T) {
	f := newFixture(t)
	body := []byte("<p>中</p>")
	f.object("examplebucket", osstest.Object{
		Key: "dir/a b.txt", Body: body, ContentType: "text/html", StorageClass: "IA",
		LastModified: time.Date(2025, 1, 2, 3, 4, 5, 6, time.UTC),
		Header:       map[string]string{"Cache-Control": "no-cache"}, Meta: map[string]string{"author": "me"},
	})
	sum := md5.Sum(body)
	want := map[string]string{
		"Content-Type": "text/html", "Content-Length": strconv.Itoa(len(body)), "Accept-Ranges": "bytes",
		"ETag": fmt.Sprintf("%q", fmt.Sprintf("%X", sum)), "Last-Modified": "Thu, 02 Jan 2025 03:04:05 GMT",
		"Content-MD5": base64.StdEncoding.EncodeToString(sum[:]), "x-oss-object-type": "Normal", "x-oss-storage-class": "IA",
		"x-oss-hash-crc64ecma": strconv.FormatUint(crc64.Checksum(body, crc64.MakeTable(crc64.ECMA)), 10),
		"x-oss-meta-author":    "me", "Cache-Control": "no-cache", "x-oss-version-id": "", "x-oss-ec": "",
		"Server": "AliyunOSS", "Date": "Sun, 01 Mar 2026 00:00:30 GMT", "x-oss-server-time": "0",
	}
	for _, method := range []string{"GET", "HEAD"} {
		a := f.send(newLink(func(l *link) { l.method = method }), "")
		a.want(t, 200, "", "")
		for name, value := range want {
			if got := a.Header.Get(name); got != value {
				t.Errorf("%s: %s %q, want %q", method, name, got, value)
			}
		}
		if id := a.Header.Get("x-oss-request-id"); len(id) != 24 || strings.Trim(id, "0123456789ABCDEF") != "" {
			t.Errorf("request id %q", id)
		}
		if got := string(a.body); (method == "GET") != (got == string(body)) {
			t.Errorf("%s: body %q", method, got)
		}
	}
	// CRC-64/XZ of the standard check string, by the catalogue of CRC algorithms: the service's
	// checksum is this one.
	f.object("examplebucket", osstest.Object{Key: "dir/a b.txt", Body: []byte("123456789")})
	a := f.send(newLink(nil), "")
	if got := a.Header.Get("x-oss-hash-crc64ecma"); got != strconv.FormatUint(0x995dc9bbdf1939fa, 10) {
		t.Errorf("crc64 %s", got)
	}
	if got := a.Header.Get("Content-Type"); got != "application/octet-stream" {
		t.Errorf("content type %q", got)
	}
}

// An error's frame (oss-domain §3.1).
func TestErrorFrame(t *testing.T) {
	f := newFixture(t)
	a := f.send(newLink(func(l *link) { l.key = "no <such> & key" }), "")
	a.want(t, 404, "NoSuchKey", "0026-00000001")
	if a.err.Key != "no <such> & key" || a.err.RequestId != a.Header.Get("x-oss-request-id") ||
		a.err.HostId != "examplebucket.oss-cn-hangzhou.aliyuncs.com" ||
		a.err.Message != "The specified key does not exist." ||
		a.err.RecommendDoc != "https://api.aliyun.com/troubleshoot?q=0026-00000001" {
		t.Errorf("%+v\n%s", a.err, a.body)
	}
	order := []string{"<Code>", "<Message>", "<RequestId>", "<HostId>", "<Key>", "<EC>", "<RecommendDoc>"}
	at := 0
	for _, name := range order {
		i := strings.Index(string(a.body), name)
		if i < at {
			t.Errorf("%s out of order in\n%s", name, a.body)
		}
		at = i
	}
	if a.Header.Get("Server") != "AliyunOSS" || a.Header.Get("x-oss-server-time") == "" {
		t.Errorf("headers %v", a.Header)
	}

	f.now.Set(signedAt.Add(2 * time.Hour))
	a = f.send(newLink(nil), "")
	if a.err.Expires != "2026-03-01T00:59:30.000Z" || a.err.ServerTime != "2026-03-01T01:59:30.000Z" {
		t.Errorf("expired: %+v", a.err)
	}
	f.now.Set(signedAt)
	f.SetCredential(osstest.Credential{AccessKeyID: keyID, AccessKeySecret: secret, Denied: true})
	if a = f.send(newLink(nil), ""); a.err.AccessDeniedDetail.NoPermissionType != "ExplicitDeny" {
		t.Errorf("denied: %s", a.body)
	}
}

func TestVersions(t *testing.T) {
	f := newFixture(t)
	f.bucket(osstest.Bucket{Name: "examplebucket", Versioning: osstest.VersioningEnabled})
	first := f.object("examplebucket", osstest.Object{Key: "v", Body: []byte("one")})
	f.object("examplebucket", osstest.Object{Key: "v", Body: []byte("two"), VersionID: "CAEQgiven"})
	marker := f.object("examplebucket", osstest.Object{Key: "gone", DeleteMarker: true})
	f.object("examplebucket", osstest.Object{Key: "old", Body: []byte("null version"), VersionID: "null"})
	if first == "" || first == "null" || marker == first {
		t.Fatalf("version ids %q and %q", first, marker)
	}
	get := func(key string, query ...string) answer {
		return f.send(newLink(func(l *link) {
			l.key = key
			for i := 0; i+1 < len(query); i += 2 {
				l.query[query[i]] = query[i+1]
			}
		}), "")
	}
	tests := []struct {
		a      answer
		status int
		code   string
		ec     string
		body   string
		id     string
		marker string
	}{
		{a: get("v"), status: 200, body: "two", id: "CAEQgiven"},
		{a: get("v", "versionId", "CAEQgiven"), status: 200, body: "two", id: "CAEQgiven"},
		{a: get("v", "versionId", first), status: 200, body: "one", id: first},
		{a: get("v", "versionId", "caeqgiven"), status: 404, code: "NoSuchVersion", ec: "0026-00000001"},
		{a: get("none", "versionId", first), status: 404, code: "NoSuchVersion", ec: "0026-00000001"},
		{a: get("v", "versionId", ""), status: 400, code: "InvalidArgument", ec: "0012-00000201"},
		{a: get("old", "versionId", "null"), status: 200, body: "null version", id: "null"},
		{a: get("dir/a b.txt"), status: 200, body: "hello, world", id: "null"},
		{a: get("gone"), status: 404, code: "NoSuchKey", ec: "0026-00000001", id: marker, marker: "true"},
		{a: get("gone", "versionId", marker), status: 405, code: "MethodNotAllowed", id: marker, marker: "true"},
	}
	for i, tt := range tests {
		t.Run(fmt.Sprint(i), func(t *testing.T) {
			tt.a.want(t, tt.status, tt.code, tt.ec)
			if tt.status == 200 && string(tt.a.body) != tt.body {
				t.Errorf("%d: body %q", i, tt.a.body)
			}
			if got := tt.a.Header.Get("x-oss-version-id"); got != tt.id {
				t.Errorf("%d: version id %q, want %q", i, got, tt.id)
			}
			if got := tt.a.Header.Get("x-oss-delete-marker"); got != tt.marker {
				t.Errorf("%d: delete marker %q", i, got)
			}
		})
	}
	if a := tests[9].a; a.Header.Get("Allow") != "DELETE" || a.err.ResourceType != "DeleteMarker" ||
		a.err.Method != "GET" {
		t.Errorf("%v %+v", a.Header, a.err)
	}
	f.bucket(osstest.Bucket{Name: "plainbucket"})
	f.send(newLink(func(l *link) {
		l.bucket, l.host = "plainbucket", "plainbucket.oss-cn-hangzhou.aliyuncs.com"
		l.query["versionId"] = "null"
	}), "").want(t, 400, "InvalidArgument", "0012-00000301")
}

func TestRange(t *testing.T) {
	const whole = "hello, world" // 12 bytes
	tests := []struct {
		header   string
		standard bool
		status   int
		content  string
		body     string
	}{
		{"", false, 200, "", whole},
		{"bytes=0-4", false, 206, "bytes 0-4/12", "hello"},
		{"bytes=7-", false, 206, "bytes 7-11/12", "world"},
		{"bytes=-5", false, 206, "bytes 7-11/12", "world"},
		{"bytes=11-11", false, 206, "bytes 11-11/12", "d"},
		{"bytes=-12", false, 206, "bytes 0-11/12", whole},
		{"bytes=0-12", false, 200, "", whole},
		{"bytes=12-", false, 200, "", whole},
		{"bytes=-13", false, 200, "", whole},
		{"bytes=-0", false, 200, "", whole},
		{"bytes=5-4", false, 200, "", whole},
		{"bytes=0-1,3-4", false, 200, "", whole},
		{"bytes=-", false, 200, "", whole},
		{"bytes=a-b", false, 200, "", whole},
		{"lines=0-1", false, 200, "", whole},
		{"bytes=7-100", true, 206, "bytes 7-11/12", "world"},
		{"bytes=-100", true, 206, "bytes 0-11/12", whole},
		{"bytes=12-", true, 416, "bytes */12", ""},
		{"bytes=12-20", true, 416, "bytes */12", ""},
		{"bytes=-0", true, 416, "bytes */12", ""},
		{"bytes=2-1", true, 200, "", whole},
	}
	f := newFixture(t)
	for _, tt := range tests {
		t.Run(tt.header, func(t *testing.T) {
			l := newLink(func(l *link) {
				if tt.standard {
					l.headers["x-oss-range-behavior"] = "standard"
				}
			})
			a := f.send(l, "", "Range", tt.header)
			if a.StatusCode != tt.status || a.Header.Get("Content-Range") != tt.content ||
				tt.status < 300 && string(a.body) != tt.body {
				t.Errorf("%q standard %t: got %d %q %q", tt.header, tt.standard, a.StatusCode, a.Header.Get("Content-Range"),
					a.body)
			}
			if tt.status == 416 && a.err.Code != "InvalidRange" {
				t.Errorf("%q: %s", tt.header, a.body)
			}
		})
	}
	f.object("examplebucket", osstest.Object{Key: "dir/a b.txt"})
	for _, header := range []string{"bytes=0-", "bytes=-1", "bytes=0-0"} {
		if a := f.send(newLink(nil), "", "Range", header); a.StatusCode != 200 || len(a.body) != 0 {
			t.Errorf("empty object, %q: %d", header, a.StatusCode)
		}
	}
}

func TestConditions(t *testing.T) {
	f := newFixture(t)
	modified := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	f.object("examplebucket", osstest.Object{Key: "dir/a b.txt", Body: []byte("x"), LastModified: modified})
	at := func(d time.Duration) string { return modified.Add(d).Format(http.TimeFormat) }
	const tag = `"9DD4E461268C8034F5C8564E155C67A6"` // MD5 of "x"
	tests := []struct {
		headers []string
		status  int
	}{
		{[]string{"If-None-Match", tag}, 304},
		{[]string{"If-None-Match", strings.ToLower(strings.Trim(tag, `"`))}, 304},
		{[]string{"If-None-Match", `"a", ` + tag}, 304},
		{[]string{"If-None-Match", "*"}, 304},
		{[]string{"If-None-Match", `"a"`}, 200},
		{[]string{"If-None-Match", `"a"`, "If-Modified-Since", at(time.Hour)}, 200},
		{[]string{"If-Modified-Since", at(0)}, 304},
		{[]string{"If-Modified-Since", at(-time.Second)}, 200},
		{[]string{"If-Modified-Since", "yesterday"}, 200},
		{[]string{"If-Match", tag}, 200},
		{[]string{"If-Match", `"a"`}, 412},
		{[]string{"If-Match", tag, "If-Unmodified-Since", at(-time.Hour)}, 200},
		{[]string{"If-Unmodified-Since", at(0)}, 200},
		{[]string{"If-Unmodified-Since", at(-time.Second)}, 412},
	}
	for _, tt := range tests {
		t.Run(strings.Join(tt.headers, " "), func(t *testing.T) {
			a := f.send(newLink(nil), "", tt.headers...)
			if a.StatusCode != tt.status {
				t.Errorf("%q: got %d, want %d", tt.headers, a.StatusCode, tt.status)
			}
			if tt.status == 304 && (len(a.body) > 0 || a.Header.Get("ETag") != tag) {
				t.Errorf("%q: 304 with %q and %v", tt.headers, a.body, a.Header)
			}
			if tt.status == 412 && a.err.Code != "PreconditionFailed" {
				t.Errorf("%q: %s", tt.headers, a.body)
			}
		})
	}
}

func TestResponseOverrides(t *testing.T) {
	f := newFixture(t)
	f.object("examplebucket", osstest.Object{
		Key: "k", Body: []byte("0123"), Header: map[string]string{"Cache-Control": "stored", "Expires": "stored"},
	})
	override := newLink(func(l *link) {
		l.key = "k"
		l.query["response-cache-control"] = "no-store"
		l.query["response-content-disposition"] = `attachment; filename="a b+c.txt"; filename*=UTF-8''%E4%B8%AD.txt`
		l.query["response-content-encoding"] = "identity"
		l.query["response-content-language"] = "zh-CN"
		l.query["response-expires"] = ""
	})
	want := map[string]string{
		"Cache-Control":       "no-store",
		"Content-Disposition": `attachment; filename="a b+c.txt"; filename*=UTF-8''%E4%B8%AD.txt`,
		"Content-Encoding":    "identity", "Content-Language": "zh-CN", "Expires": "stored",
	}
	for _, a := range []answer{f.send(override, ""), f.send(override, "", "Range", "bytes=1-2")} {
		for name, value := range want {
			if got := a.Header.Get(name); got != value {
				t.Errorf("%d: %s %q, want %q", a.StatusCode, name, got, value)
			}
		}
	}
	override.key = "none"
	if a := f.send(override, ""); a.Header.Get("Content-Disposition") != "" {
		t.Errorf("an error carries an override: %v", a.Header)
	}
	typed := newLink(func(l *link) { l.query["response-content-type"] = "text/x" })
	a := f.send(typed, "")
	a.want(t, 400, "InvalidRequest", "0017-00000902")
	if a.err.Message != "Can not override response header on content-type" {
		t.Errorf("message %q", a.err.Message)
	}
	typed.method = "HEAD"
	if a := f.send(typed, ""); a.StatusCode != 200 || a.Header.Get("Content-Type") != "text/x" {
		t.Errorf("HEAD: %d %q", a.StatusCode, a.Header.Get("Content-Type"))
	}
}

func TestStorageClasses(t *testing.T) {
	tests := []struct {
		class            string
		restored, direct bool
		get              int
	}{
		{"Standard", false, false, 200},
		{"IA", false, false, 200},
		{"Archive", false, false, 403},
		{"Archive", true, false, 200},
		{"Archive", false, true, 200},
		{"ColdArchive", false, false, 403},
		{"ColdArchive", false, true, 403},
		{"ColdArchive", true, false, 200},
		{"DeepColdArchive", false, false, 403},
	}
	for _, tt := range tests {
		t.Run(fmt.Sprintf("%s, restored %t, read directly %t", tt.class, tt.restored, tt.direct), func(t *testing.T) {
			f := newFixture(t)
			f.bucket(osstest.Bucket{Name: "examplebucket", ArchiveDirectRead: tt.direct})
			f.object("examplebucket", osstest.Object{Key: "dir/a b.txt", StorageClass: tt.class, Restored: tt.restored})
			a := f.send(newLink(nil), "")
			if a.StatusCode != tt.get {
				t.Errorf("%+v: GET %d", tt, a.StatusCode)
			}
			if tt.get == 403 {
				a.want(t, 403, "InvalidObjectState", "0016-00000404")
			}
			a = f.send(newLink(func(l *link) { l.method = "HEAD" }), "")
			if a.StatusCode != 200 || a.Header.Get("x-oss-storage-class") != tt.class ||
				(a.Header.Get("x-oss-restore") != "") != tt.restored {
				t.Errorf("%+v: HEAD %d %v", tt, a.StatusCode, a.Header)
			}
		})
	}
}

func TestRestrictedDownloads(t *testing.T) {
	f := newFixture(t)
	f.bucket(osstest.Bucket{Name: "examplebucket", RestrictedDownloads: true, Domains: []string{"downloads.example.com"}})
	types := map[string]string{
		"page": "text/html; charset=utf-8", "picture": "image/png", "text": "text/plain",
		"app": "application/vnd.android.package-archive",
	}
	for key, contentType := range types {
		f.object("examplebucket", osstest.Object{Key: key, ContentType: contentType})
	}
	for key := range types {
		for _, host := range []string{"examplebucket.oss-cn-hangzhou.aliyuncs.com", "downloads.example.com"} {
			a := f.send(newLink(func(l *link) { l.key, l.host = key, host }), "")
			restricted := host != "downloads.example.com" && key != "text"
			switch {
			case restricted && key == "app":
				a.want(t, 400, "ApkDownloadForbidden", "0048-00000200")
			case a.StatusCode != 200, (a.Header.Get("x-oss-force-download") == "true") != restricted,
				(a.Header.Get("Content-Disposition") == "attachment") != restricted:
				t.Errorf("%s on %s: %d %v", key, host, a.StatusCode, a.Header)
			}
		}
	}
	named := newLink(func(l *link) {
		l.key, l.query["response-content-disposition"] = "page", "attachment; filename=x"
	})
	if a := f.send(named, ""); a.Header.Get("Content-Disposition") != "attachment; filename=x" {
		t.Errorf("disposition %q", a.Header.Get("Content-Disposition"))
	}
}
