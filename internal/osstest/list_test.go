package osstest_test

import (
	"encoding/xml"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/alioss/terraform-provider-alioss/internal/osstest"
)

// page mirrors the elements of a listing.
type page struct {
	XMLName                                          xml.Name `xml:"ListBucketResult"`
	Name, Prefix, StartAfter, ContinuationToken      string
	MaxKeys                                          int
	EncodingType, IsTruncated, NextContinuationToken string
	KeyCount                                         int
	Contents                                         []struct {
		Key, LastModified, ETag, Type, StorageClass, RestoreInfo string
		Size                                                     int
	}
}

func newList(query map[string]string) link {
	return newLink(func(l *link) {
		l.key = ""
		maps.Copy(l.query, query)
		l.query["list-type"] = "2"
	})
}

// list requests a page.
func (f *fixture) list(query map[string]string) page {
	f.t.Helper()
	a := f.send(newList(query), "")
	var p page
	if a.StatusCode != http.StatusOK || xml.Unmarshal(a.body, &p) != nil {
		f.t.Fatalf("got %d %s", a.StatusCode, a.body)
	}
	if p.KeyCount != len(p.Contents) || p.Name != "examplebucket" ||
		(p.IsTruncated == "true") != (p.NextContinuationToken != "") {
		f.t.Errorf("got %+v", p)
	}
	return p
}

func (p page) keys() []string {
	var keys []string
	for _, c := range p.Contents {
		keys = append(keys, c.Key)
	}
	return keys
}

// all walks through the pages and returns the decoded keys.
func (f *fixture) all(query map[string]string) (keys []string, pages int) {
	f.t.Helper()
	query = maps.Clone(query)
	for {
		p := f.list(query)
		pages++
		for _, key := range p.keys() {
			if p.EncodingType == "url" {
				key = unescape(f.t, key)
			}
			keys = append(keys, key)
		}
		if p.IsTruncated == "false" {
			return keys, pages
		}
		query["continuation-token"] = p.NextContinuationToken
		if p.EncodingType == "url" {
			query["continuation-token"] = unescape(f.t, p.NextContinuationToken)
		}
	}
}

func unescape(t *testing.T, s string) string {
	t.Helper()
	s, err := url.PathUnescape(s)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestList(t *testing.T) {
	f := newFixture(t)
	modified := time.Date(2026, 1, 2, 3, 4, 5, 678, time.UTC)
	for _, key := range []string{"a", "a/1", "a/2", "a/3", "b", "dir/"} {
		f.object("examplebucket", osstest.Object{Key: key, Body: []byte("x"), LastModified: modified})
	}
	for name, c := range map[string]struct {
		query map[string]string
		want  []string
		pages int
	}{
		"all":                  {map[string]string{}, []string{"a", "a/1", "a/2", "a/3", "b", "dir/", "dir/a b.txt"}, 1},
		"prefix":               {map[string]string{"prefix": "a/"}, []string{"a/1", "a/2", "a/3"}, 1},
		"prefix that is a key": {map[string]string{"prefix": "a/2"}, []string{"a/2"}, 1},
		"prefix of none":       {map[string]string{"prefix": "a/4"}, nil, 1},
		"one a page":           {map[string]string{"max-keys": "1", "prefix": "a"}, []string{"a", "a/1", "a/2", "a/3"}, 4},
		"two a page, encoded": {
			map[string]string{"max-keys": "2", "encoding-type": "url"},
			[]string{"a", "a/1", "a/2", "a/3", "b", "dir/", "dir/a b.txt"},
			4,
		},
		"start-after":         {map[string]string{"start-after": "a/2"}, []string{"a/3", "b", "dir/", "dir/a b.txt"}, 1},
		"start-after of none": {map[string]string{"start-after": "a/11", "prefix": "a"}, []string{"a/2", "a/3"}, 1},
		"start-after and pages": {
			map[string]string{"start-after": "a", "prefix": "a", "max-keys": "2"}, []string{"a/1", "a/2", "a/3"}, 2,
		},
		"start-after the prefix": {map[string]string{"start-after": "c", "prefix": "a"}, nil, 1},
	} {
		t.Run(name, func(t *testing.T) {
			keys, pages := f.all(c.query)
			if !slices.Equal(keys, c.want) || pages != c.pages {
				t.Errorf("%s: got %q in %d pages, want %q in %d", name, keys, pages, c.want, c.pages)
			}
		})
	}
	p := f.list(map[string]string{"prefix": "a/", "max-keys": "1", "encoding-type": "url", "start-after": "a/"})
	c := p.Contents[0]
	if p.Prefix != "a%2F" || p.StartAfter != "a%2F" || p.MaxKeys != 1 || p.EncodingType != "url" || c.Key != "a%2F1" ||
		c.Size != 1 ||
		c.ETag != `"9DD4E461268C8034F5C8564E155C67A6"` || c.LastModified != "2026-01-02T03:04:05.000Z" ||
		c.StorageClass != "Standard" || c.Type != "Normal" {
		t.Errorf("got %+v", p)
	}
	if p := f.list(map[string]string{}); p.MaxKeys != 100 || p.EncodingType != "" || p.StartAfter != "" {
		t.Errorf("got %+v", p)
	}
}

// A listing shows what there is at its time.
func TestListFollowsChanges(t *testing.T) {
	f := newFixture(t)
	check := func(want ...string) {
		t.Helper()
		if keys, _ := f.all(map[string]string{}); !slices.Equal(keys, want) {
			t.Errorf("got %q, want %q", keys, want)
		}
	}
	check("dir/a b.txt")
	f.object("examplebucket", osstest.Object{Key: "a"})
	check("a", "dir/a b.txt")
	f.send(newLink(func(l *link) { l.method, l.key = "PUT", "b" }), "").want(t, 200, "", "")
	check("a", "b", "dir/a b.txt")
	f.send(newLink(func(l *link) { l.method, l.key = "DELETE", "a" }), "").want(t, 204, "", "")
	check("b", "dir/a b.txt")
}

// Keys that are hard to write arrive byte for byte, in the order of their bytes.
func TestListHardKeys(t *testing.T) {
	f := newFixture(t)
	keys := []string{
		" ", "\x01\x1f\x7f", "\t\n", "+", "%", "%2F", "a&b", "a<b>", "\"'", "a//b", "中文/é", "e\u0301", "😀", "]]>",
		"a+b%20c d", "\u2028", "\ufeff",
		strings.Repeat("長", 341),
	}
	for _, key := range keys {
		f.object("examplebucket", osstest.Object{Key: key})
	}
	for _, key := range []string{"/leading", `\leading`, "\xff\xfe"} {
		f.object("examplebucket", osstest.Object{Key: key, AnyKey: true})
		keys = append(keys, key)
	}
	keys = append(keys, "dir/a b.txt")
	slices.Sort(keys)
	got, pages := f.all(map[string]string{"encoding-type": "url", "max-keys": "5"})
	if !slices.Equal(got, keys) || pages != 5 {
		t.Errorf("got %q in %d pages, want %q", got, pages, keys)
	}
	if got, _ := f.all(map[string]string{"encoding-type": "url", "prefix": "a&"}); !slices.Equal(got, []string{"a&b"}) {
		t.Errorf("got %q", got)
	}
	if got, _ := f.all(map[string]string{"prefix": "a"}); !slices.Equal(got,
		[]string{"a&b", "a+b%20c d", "a//b", "a<b>"}) {
		t.Errorf("without encoding: got %q", got)
	}
}

// Only current objects are listed.
func TestListVersions(t *testing.T) {
	f := newFixture(t)
	f.bucket(osstest.Bucket{Name: "examplebucket", Versioning: osstest.VersioningEnabled})
	for _, key := range []string{"kept", "deleted", "back", "gone"} {
		f.object("examplebucket", osstest.Object{Key: key, Body: []byte("old")})
	}
	f.object("examplebucket", osstest.Object{Key: "kept", Body: []byte("newer")})
	for _, key := range []string{"deleted", "back"} {
		f.object("examplebucket", osstest.Object{Key: key, DeleteMarker: true})
	}
	f.object("examplebucket", osstest.Object{Key: "back", Body: []byte("again!")})
	o, _ := f.Object("examplebucket", "gone", "")
	f.send(newLink(func(l *link) {
		l.method, l.key, l.query["versionId"] = "DELETE", "gone", o.VersionID
	}), "").want(t, 204, "", "")
	p := f.list(map[string]string{})
	if !slices.Equal(p.keys(), []string{"back", "dir/a b.txt", "kept"}) || p.Contents[0].Size != 6 ||
		p.Contents[2].Size != 5 {
		t.Errorf("got %+v", p)
	}
	// A page that begins after a delete marker is none shorter for it.
	if keys, pages := f.all(map[string]string{"max-keys": "1"}); !slices.Equal(keys, p.keys()) || pages != 3 {
		t.Errorf("got %q in %d pages", keys, pages)
	}
}

func TestListRestoreInfo(t *testing.T) {
	f := newFixture(t)
	till := time.Date(2026, 3, 2, 8, 12, 33, 0, time.UTC)
	for _, o := range []osstest.Object{
		{Key: "1", StorageClass: "Archive"},
		{Key: "2", StorageClass: "ColdArchive", Restoring: true},
		{Key: "3", StorageClass: "ColdArchive", Restored: true, RestoredTill: till},
		{Key: "4", StorageClass: "DeepColdArchive", Restored: true},
	} {
		f.object("examplebucket", o)
	}
	want := []string{
		"", `ongoing-request="true"`, `ongoing-request="false", expiry-date="Mon, 02 Mar 2026 08:12:33 GMT"`,
		`ongoing-request="false"`,
	}
	for i, c := range f.list(map[string]string{"max-keys": "4"}).Contents {
		if c.RestoreInfo != want[i] || !strings.HasSuffix(c.StorageClass, "Archive") {
			t.Errorf("got %+v, want %q", c, want[i])
		}
		head := f.send(newLink(func(l *link) { l.method, l.key = "HEAD", c.Key }), "")
		if head.StatusCode != 200 || head.Header.Get("x-oss-restore") != want[i] {
			t.Errorf("HEAD of %s: %d %q, want %q", c.Key, head.StatusCode, head.Header.Get("x-oss-restore"), want[i])
		}
	}
}

func TestListRefusals(t *testing.T) {
	f := newFixture(t)
	for name, c := range map[string]struct {
		query  map[string]string
		status int
		code   string
	}{
		"list-type 1":         {map[string]string{"list-type": "1"}, 400, "InvalidArgument"},
		"max-keys 0":          {map[string]string{"max-keys": "0"}, 400, "InvalidArgument"},
		"max-keys 1001":       {map[string]string{"max-keys": "1001"}, 400, "InvalidArgument"},
		"max-keys no number":  {map[string]string{"max-keys": "all"}, 400, "InvalidArgument"},
		"prefix too long":     {map[string]string{"prefix": strings.Repeat("p", 1024)}, 400, "InvalidArgument"},
		"start-after no UTF8": {map[string]string{"start-after": "\xff"}, 400, "InvalidArgument"},
		"encoding":            {map[string]string{"encoding-type": "base64"}, 400, "InvalidArgument"},
		"token":               {map[string]string{"continuation-token": "dir/a b.txt"}, 400, "InvalidArgument"},
		"token of no key":     {map[string]string{"continuation-token": "C"}, 400, "InvalidArgument"},
		"delimiter":           {map[string]string{"delimiter": "/"}, 501, "NotImplemented"},
		"owners":              {map[string]string{"fetch-owner": "true"}, 501, "NotImplemented"},
		"ACL":                 {map[string]string{"acl": ""}, 501, "NotImplemented"},
	} {
		t.Run(name, func(t *testing.T) {
			l := newList(nil)
			maps.Copy(l.query, c.query)
			f.send(l, "").want(t, c.status, c.code, "")
		})
	}
	f.send(newLink(func(l *link) { l.key = "" }), "").want(t, 501, "NotImplemented", "")
	for _, method := range []string{"HEAD", "PUT", "DELETE"} {
		l := newList(nil)
		l.method = method
		if a := f.send(l, ""); a.StatusCode != 501 {
			t.Errorf("%s: %d", method, a.StatusCode)
		}
	}
	// The bucket is signed with a slash behind it, and with nothing more.
	wrong := newList(nil)
	wrong.path, wrong.key = "/", "list"
	f.send(wrong, "").want(t, 403, "SignatureDoesNotMatch", "0002-00000201")

	f.bucket(osstest.Bucket{Name: "examplebucket", PublicEndpointForbidden: true})
	f.send(newList(nil), "").want(t, 400, "PublicEndpointForbidden", "0048-00000401")
	f.bucket(osstest.Bucket{Name: "examplebucket"})
	f.SetCredential(osstest.Credential{
		AccessKeyID: keyID, AccessKeySecret: secret, DeniedActions: []string{"oss:ListObjects"},
	})
	f.send(newList(nil), "").want(t, 403, "AccessDenied", "0003-00000201")
	f.send(newLink(nil), "").want(t, 200, "", "")
}

func TestDeniedActions(t *testing.T) {
	f := newFixture(t)
	f.bucket(osstest.Bucket{Name: "examplebucket", Versioning: osstest.VersioningEnabled})
	version := f.object("examplebucket", osstest.Object{Key: "k"})
	requests := map[string]link{}
	for name, change := range map[string]func(*link){
		"GET":              func(l *link) {},
		"HEAD":             func(l *link) { l.method = "HEAD" },
		"GET of version":   func(l *link) { l.query["versionId"] = version },
		"HEAD of version":  func(l *link) { l.method, l.query["versionId"] = "HEAD", version },
		"PUT":              func(l *link) { l.method = "PUT" },
		"DELETE":           func(l *link) { l.method, l.key = "DELETE", "other" },
		"DELETE a version": func(l *link) { l.method, l.key, l.query["versionId"] = "DELETE", "other", version },
		"list":             func(l *link) { l.key, l.query["list-type"] = "", "2" },
	} {
		requests[name] = newLink(func(l *link) { l.key = "k"; change(l) })
	}
	for action, denied := range map[string][]string{
		"oss:GetObject":           {"GET", "HEAD"},
		"oss:GetObjectVersion":    {"GET of version", "HEAD of version"},
		"oss:PutObject":           {"PUT"},
		"oss:DeleteObject":        {"DELETE"},
		"oss:DeleteObjectVersion": {"DELETE a version"},
		"oss:ListObjects":         {"list"},
	} {
		t.Run(action, func(t *testing.T) {
			f.SetCredential(osstest.Credential{
				AccessKeyID: keyID, AccessKeySecret: secret, DeniedActions: []string{"oss:Other", action},
			})
			for name, l := range requests {
				a := f.send(l, "")
				if (a.StatusCode == 403) != slices.Contains(denied, name) ||
					a.StatusCode == 403 && a.Header.Get("x-oss-ec") != "0003-00000201" {
					t.Errorf("%s without %s: %d", name, action, a.StatusCode)
				}
			}
		})
	}
}

// The official SDK for Go (v1.6.1) signs the bucket as we read the specification: its URL of a
// listing, recorded at signedAt, is accepted in each style.
func TestOfficialSDKSignsListings(t *testing.T) {
	const query = "?continuation-token=C%2B%2F&encoding-type=url&list-type=2&max-keys=1000&prefix=a%2F%26%20%2B" +
		"&x-oss-credential=AKIDtest%2F20260228%2Fcn-hangzhou%2Foss%2Faliyun_v4_request&x-oss-date=20260228T235930Z&" +
		"x-oss-expires=3600" +
		"&x-oss-signature=2a4f1bb9159ba971250328cb0bd0f5118420ba7c7891842d62954ed535c6a04f&" +
		"x-oss-signature-version=OSS4-HMAC-SHA256"
	f := newFixture(t)
	for _, target := range []string{
		"https://examplebucket.oss-cn-hangzhou.aliyuncs.com/", "http://127.0.0.1/examplebucket/",
		"http://localhost/examplebucket",
	} {
		v, err := f.Verify(http.MethodGet, target+query, nil)
		if err != nil || v.Bucket != "examplebucket" || v.Key != "" ||
			!strings.HasPrefix(v.CanonicalRequest, "GET\n/examplebucket/\ncontinuation-token=C%2B%2F&") {
			t.Errorf("%s: got %+v, %v", target, v, err)
		}
	}
}

// 25,000 objects cost little: a test that needs them needs no patience.
func TestListManyObjects(t *testing.T) {
	f := newFixture(t)
	const n = 25_000
	for i := range n {
		f.object("examplebucket", osstest.Object{Key: fmt.Sprintf("many/%d", i), Body: []byte(strconv.Itoa(i))})
	}
	keys, pages := f.all(map[string]string{"prefix": "many/", "max-keys": "1000", "encoding-type": "url"})
	if len(keys) != n || pages != 25 || !slices.IsSorted(keys) || len(slices.Compact(keys)) != n {
		t.Errorf("%d keys in %d pages, sorted %t", len(keys), pages, slices.IsSorted(keys))
	}
	if got := f.Counts(); got[osstest.KindList] != 25 || len(got) != 1 {
		t.Errorf("counts %v", got)
	}
}

func TestCounts(t *testing.T) {
	f := newFixture(t)
	for method, times := range map[string]int{"GET": 3, "HEAD": 2, "PUT": 1, "DELETE": 1, "PATCH": 1} {
		for range times {
			f.send(newLink(func(l *link) { l.method, l.key = method, "list-type" }), "")
		}
	}
	f.list(map[string]string{})
	f.Inject(osstest.Fault{Count: 1, Status: 503})
	f.send(newList(nil), "").want(t, 503, "ServiceUnavailable", "")
	want := osstest.Counts{
		osstest.KindGet: 3, osstest.KindHead: 2, osstest.KindPut: 1, osstest.KindDelete: 1, osstest.KindOther: 1,
		osstest.KindList: 2,
	}
	if got := f.Counts(); !maps.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
	if r := f.Requests(); r[len(r)-1].Kind != osstest.KindList {
		t.Errorf("got %+v", r[len(r)-1])
	}
	f.Reset()
	if got := f.Counts(); len(got) != 0 {
		t.Errorf("got %v after Reset", got)
	}
}

func TestRewrite(t *testing.T) {
	f := newFixture(t)
	f.Rewrite(func(r osstest.Request, e *osstest.Error) {
		if r.Key == "none" && e.Code == "NoSuchKey" {
			e.Status, e.Code, e.EC = 410, "Gone", "0026-00000009"
		}
	})
	missing := newLink(func(l *link) { l.key = "none" })
	f.send(missing, "").want(t, 410, "Gone", "0026-00000009")
	if r := f.Requests(); r[0].Code != "Gone" || r[0].EC != "0026-00000009" || r[0].Status != 410 {
		t.Errorf("the log holds %+v", r[0])
	}
	f.send(newLink(func(l *link) { l.key = "other" }), "").want(t, 404, "NoSuchKey", "0026-00000001")
	f.Rewrite(nil)
	f.send(missing, "").want(t, 404, "NoSuchKey", "0026-00000001")
}

func TestFaultsMadeToOrder(t *testing.T) {
	f := newFixture(t)
	f.Inject(osstest.Fault{Count: 1, Status: 403, Code: "SignatureDoesNotMatch", EC: "0002-00000040"})
	f.Inject(osstest.Fault{
		Count: 1, Status: 307, Code: "TemporaryRedirect", Header: http.Header{"Location": {"https://example.com/"}},
		After: time.Second,
	})
	f.send(newLink(nil), "").want(t, 403, "SignatureDoesNotMatch", "0002-00000040")
	a := f.send(newLink(nil), "")
	a.want(t, 307, "TemporaryRedirect", "")
	if a.Header.Get("Location") != "https://example.com/" || a.Header.Get("Retry-After") != "1" {
		t.Errorf("got %v", a.Header)
	}
}

func TestRedirectMissing(t *testing.T) {
	f := newFixture(t)
	const to = "https://mirror.example.com/none"
	missing := func(host string) link { return newLink(func(l *link) { l.key, l.host = "none", host }) }
	hosts := map[string]bool{ // whether a restricted bucket refuses there
		"examplebucket.oss-cn-hangzhou.aliyuncs.com": true, "examplebucket.oss-accelerate.aliyuncs.com": true,
		"examplebucket.oss-cn-hangzhou-internal.aliyuncs.com": false, "downloads.example.com": false,
	}
	for _, restricted := range []bool{false, true} {
		f.bucket(osstest.Bucket{
			Name: "examplebucket", Domains: []string{"downloads.example.com"}, RedirectMissing: to,
			RestrictedRedirects: restricted,
		})
		for host, refuses := range hosts {
			a := f.send(missing(host), "")
			if restricted && refuses {
				a.want(t, 400, "ExternalRedirectForbidden", "0048-00000300")
			} else if a.StatusCode != 302 {
				t.Errorf("%s, restricted %t: %d", host, restricted, a.StatusCode)
			}
			if a.Header.Get("Location") != to {
				t.Errorf("%s: sent to %q", host, a.Header.Get("Location"))
			}
		}
		f.send(newLink(nil), "").want(t, 200, "", "")
		f.send(newLink(func(l *link) { l.key, l.method = "none", "PUT" }), "").want(t, 200, "", "")
		f.send(newLink(func(l *link) { l.key, l.method = "none", "DELETE" }), "").want(t, 204, "", "")
	}
}

func TestStandardRanges(t *testing.T) {
	f := newFixture(t)
	f.bucket(osstest.Bucket{Name: "examplebucket", StandardRanges: true})
	f.send(newLink(nil), "", "Range", "bytes=12-20").want(t, 416, "InvalidRange", "")
	f.object("examplebucket", osstest.Object{Key: "dir/a b.txt"})
	if a := f.send(newLink(nil), "", "Range", "bytes=0-0"); a.StatusCode != 416 ||
		a.Header.Get("Content-Range") != "bytes */0" {
		t.Errorf("empty object: %d %q", a.StatusCode, a.Header.Get("Content-Range"))
	}
}
