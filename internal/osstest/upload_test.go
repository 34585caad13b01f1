package osstest_test

import (
	"crypto/md5"
	"encoding/base64"
	"strings"
	"testing"

	"github.com/alioss/terraform-provider-alioss/internal/osstest"
)

func putLink(change func(*link)) link {
	return newLink(func(l *link) {
		l.method, l.key = "PUT", "up/loaded"
		if change != nil {
			change(l)
		}
	})
}

func TestPut(t *testing.T) {
	f := newFixture(t)
	sum := md5.Sum([]byte("data"))
	l := putLink(func(l *link) {
		l.headers = map[string]string{
			"content-type": "text/plain", "content-md5": base64.StdEncoding.EncodeToString(sum[:]),
			"x-oss-meta-author": "me", "x-oss-storage-class": "IA", "cache-control": "no-cache",
		}
	})
	a := f.send(l, "data")
	a.want(t, 200, "", "")
	if len(a.body) > 0 || a.Header.Get("ETag") != `"8D777F385D3DFEC8815D20F7496026DC"` ||
		a.Header.Get("x-oss-version-id") != "" ||
		a.Header.Get("Content-MD5") != l.headers["content-md5"] || a.Header.Get("x-oss-hash-crc64ecma") == "" {
		t.Errorf("body %q, headers %v", a.body, a.Header)
	}
	o, ok := f.Object("examplebucket", "up/loaded", "")
	if !ok || string(o.Body) != "data" || o.ContentType != "text/plain" || o.Meta["author"] != "me" ||
		o.StorageClass != "IA" ||
		o.Header["Cache-Control"] != "no-cache" || !o.LastModified.Equal(f.now.Now()) {
		t.Errorf("%+v", o)
	}
	f.send(l, "other").want(t, 400, "InvalidDigest", "")

	bare := putLink(nil)
	f.send(bare, "data", "Content-Type", "text/plain").want(t, 403, "SignatureDoesNotMatch", "0002-00000201")
	host := " HTTP/1.1\r\nHost: " + bare.host + "\r\nConnection: close\r\n"
	target := strings.TrimPrefix(bare.url(), "https://"+bare.host)
	f.raw("PUT", "PUT "+target+host+"\r\n").want(t, 411, "MissingContentLength", "")
	f.raw("PUT", "PUT "+target+host+"Content-Length: 0\r\n\r\n").want(t, 200, "", "")
	f.raw("PUT", "PUT "+target+host+"Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n").want(t, 200, "", "")
	if o, _ := f.Object("examplebucket", "up/loaded", ""); string(o.Body) != "abc" || o.VersionID != "null" {
		t.Errorf("%+v", o)
	}
	f.raw("PUT", "PUT "+target+host+"Transfer-Encoding: chunked\r\n\r\nzz\r\n").want(t, 400, "IncompleteBody", "")
	f.raw("PUT", "PUT "+target+host+"Expect: 100-continue\r\nContent-Length: 300000000\r\n\r\n").want(t, 400,
		"EntityTooLarge", "")
}

func TestForbidOverwrite(t *testing.T) {
	f := newFixture(t)
	l := putLink(func(l *link) { l.headers["x-oss-forbid-overwrite"] = "true" })
	f.send(l, "one").want(t, 200, "", "")
	f.send(l, "two").want(t, 409, "FileAlreadyExists", "0026-00000002")
	allowed := putLink(func(l *link) { l.headers["x-oss-forbid-overwrite"] = "false" })
	f.send(allowed, "three").want(t, 200, "", "")
	f.bucket(osstest.Bucket{Name: "examplebucket", Versioning: osstest.VersioningEnabled})
	f.send(l, "four").want(t, 200, "", "")
	if o, _ := f.Object("examplebucket", "up/loaded", ""); string(o.Body) != "four" {
		t.Errorf("body %q", o.Body)
	}
}

// PUT and DELETE in the three states of versioning.
func TestPutAndDeleteVersions(t *testing.T) {
	f := newFixture(t)
	del := newLink(func(l *link) { l.method, l.key = "DELETE", "up/loaded" })
	version := func(id string) link {
		return newLink(func(l *link) { l.method, l.key, l.query["versionId"] = "DELETE", "up/loaded", id })
	}
	get := newLink(func(l *link) { l.key = "up/loaded" })

	f.send(putLink(nil), "never").want(t, 200, "", "")
	f.send(version("null"), "").want(t, 400, "InvalidArgument", "0012-00000301")
	a := f.send(del, "")
	a.want(t, 204, "", "")
	if a.Header.Get("x-oss-version-id") != "" || a.Header.Get("x-oss-delete-marker") != "" {
		t.Errorf("headers %v", a.Header)
	}
	f.send(get, "").want(t, 404, "NoSuchKey", "0026-00000001")
	f.send(del, "").want(t, 204, "", "")

	f.bucket(osstest.Bucket{Name: "examplebucket", Versioning: osstest.VersioningEnabled})
	first := f.send(putLink(nil), "one").Header.Get("x-oss-version-id")
	second := f.send(putLink(nil), "two").Header.Get("x-oss-version-id")
	if !strings.HasPrefix(first, "CAEQ") || len(first) != 64 || first == second {
		t.Errorf("version ids %q, %q", first, second)
	}
	a = f.send(del, "")
	marker := a.Header.Get("x-oss-version-id")
	if a.StatusCode != 204 || a.Header.Get("x-oss-delete-marker") != "true" || marker == "" {
		t.Errorf("%d %v", a.StatusCode, a.Header)
	}
	f.send(get, "").want(t, 404, "NoSuchKey", "0026-00000001")
	a = f.send(version(marker), "")
	if a.StatusCode != 204 || a.Header.Get("x-oss-delete-marker") != "true" || a.Header.Get("x-oss-version-id") != marker {
		t.Errorf("%d %v", a.StatusCode, a.Header)
	}
	if a = f.send(get, ""); string(a.body) != "two" {
		t.Errorf("body %q", a.body)
	}
	f.send(version(second), "").want(t, 204, "", "")
	if a = f.send(get, ""); string(a.body) != "one" {
		t.Errorf("body %q", a.body)
	}
	f.send(version("none"), "").want(t, 204, "", "")
	f.send(version(""), "").want(t, 400, "InvalidArgument", "0012-00000201")

	f.bucket(osstest.Bucket{Name: "examplebucket", Versioning: osstest.VersioningSuspended})
	if id := f.send(putLink(nil), "three").Header.Get("x-oss-version-id"); id != "null" {
		t.Errorf("suspended: version id %q", id)
	}
	f.send(putLink(nil), "four")
	if a = f.send(del, ""); a.Header.Get("x-oss-version-id") != "null" || a.Header.Get("x-oss-delete-marker") != "true" {
		t.Errorf("suspended: %v", a.Header)
	}
	f.send(version("null"), "").want(t, 204, "", "")
	if a = f.send(get, ""); string(a.body) != "one" {
		t.Errorf("body %q", a.body)
	}
}

func TestOtherMethods(t *testing.T) {
	f := newFixture(t)
	f.send(newLink(func(l *link) { l.method = "PATCH" }), "").want(t, 405, "MethodNotAllowed", "")
	a := f.send(newLink(func(l *link) { l.method = "POST" }), "", "Content-Type", "a/b")
	a.want(t, 403, "SignatureDoesNotMatch", "0002-00000201")
}
