package probe_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/alioss/terraform-provider-alioss/internal/osstest"
	"github.com/alioss/terraform-provider-alioss/internal/probe"
	"github.com/alioss/terraform-provider-alioss/internal/signer"
	"github.com/alioss/terraform-provider-alioss/internal/testworld"
	"github.com/alioss/terraform-provider-alioss/internal/text"
	"github.com/alioss/terraform-provider-alioss/internal/transport"
)

// listLink is what the pages of a listing are signed from.
func listLink(change func(*link)) link {
	return newLink(func(l *link) {
		l.Key, l.Argument = "", "prefix"
		if change != nil {
			change(l)
		}
	})
}

func keysOf(l probe.Listing) []string {
	keys := make([]string, len(l.Objects))
	for i, o := range l.Objects {
		keys[i] = o.Key
	}
	return keys
}

func (w *world) list(t *testing.T, prefix string, limit int) (probe.Listing, error) {
	t.Helper()
	return w.client().List(t.Context(), listLink(nil), prefix, limit)
}

func TestList(t *testing.T) {
	w := newWorld(t)
	until := time.Date(2026, 3, 2, 8, 12, 33, 0, time.UTC)
	for _, o := range []osstest.Object{
		{Key: "p/"},
		{Key: "p/archived", StorageClass: "ColdArchive"},
		{Key: "p/gone", Body: []byte("x")},
		{Key: "p/gone", DeleteMarker: true},
		{Key: "p/old", Body: []byte("x")},
		{Key: "p/old", Body: []byte("123456789")},
		{Key: "p/restored", StorageClass: "Archive", Restored: true, RestoredTill: until},
		{Key: "p/restoring", StorageClass: "Archive", Restoring: true},
		{Key: "p/slash/", Body: []byte("no placeholder")},
		{Key: "q"},
	} {
		o.LastModified = modified
		w.put(t, o)
	}
	l, err := w.list(t, "p/", 100)
	if err != nil {
		t.Fatalf("got %+v, %v", l, err)
	}
	const empty = "D41D8CD98F00B204E9800998ECF8427E"
	object := func(key string, size int64, etag, class string, archived bool) probe.Listed {
		return probe.Listed{Key: key, Archived: archived, Object: probe.Object{
			Size: size, ETag: etag, LastModified: modified, StorageClass: class,
		}}
	}
	want := []probe.Listed{
		object("p/", 0, empty, "Standard", false),
		object("p/archived", 0, empty, "ColdArchive", true),
		object("p/old", 9, "25F9E794323B453885F5181F1B624D0B", "Standard", false),
		object("p/restored", 0, empty, "Archive", false),
		object("p/restoring", 0, empty, "Archive", true),
		object("p/slash/", 14, "DCD7E5A0BAD575C79FD0DF2F0447C1F5", "Standard", false),
	}
	if !slices.Equal(l.Objects, want) {
		t.Errorf("got  %+v\nwant %+v", l.Objects, want)
	}
	if l, err := w.list(t, "none", 100); err != nil || len(l.Objects) != 0 {
		t.Errorf("got %+v, %v; want no object", l, err)
	}
	if l, err := w.list(t, "", 100); err != nil || len(l.Objects) != 8 {
		t.Errorf("got %+v, %v; want the whole bucket", l, err)
	}
}

// Keys that are hard to write arrive byte for byte, those too that no client can request.
func TestListHardKeys(t *testing.T) {
	w := newWorld(t)
	keys := []string{
		" ", "\x01\x1f\x7f", "\t\n", "+", "%", "%2F", "%25", "a&b", "a<b>", "\"'", "a//b", "中文/é", "e\u0301", "😀", "]]>",
		"a+b%20c d", "\u2028", "\ufeff", "\\back", "a/./b", "a/../b", "/leading", "\xff\xfe", "a/\xc3",
		strings.Repeat("長", 341),
	}
	for _, key := range keys {
		w.put(t, osstest.Object{Key: key, AnyKey: true})
	}
	keys = append(keys, "agent 1.tar.gz")
	slices.Sort(keys)
	if l, err := w.list(t, "", 100); err != nil || !slices.Equal(keysOf(l), keys) {
		t.Errorf("got %q, %v; want %q", keysOf(l), err, keys)
	}
	for _, prefix := range []string{"a&", "a<", "+", "%2", "%", "中", "😀", "\x01", "a//", " "} {
		t.Run(prefix, func(t *testing.T) {
			if l, err := w.list(t, prefix, 100); err != nil || len(l.Objects) == 0 ||
				!strings.HasPrefix(l.Objects[0].Key, prefix) {
				t.Errorf("prefix %q: got %q, %v", prefix, keysOf(l), err)
			}
		})
	}
}

// 25,000 objects come in 25 requests.
func TestListManyObjects(t *testing.T) {
	w := newWorld(t)
	const n = 25_000
	for i := range n {
		w.put(t, osstest.Object{Key: "many/" + strconv.Itoa(i)})
	}
	w.put(t, osstest.Object{Key: "many/folder/"})
	l, err := w.list(t, "many/", n)
	if err != nil || len(l.Objects) != n+1 || !slices.IsSorted(keysOf(l)) {
		t.Fatalf("got %d objects, %v", len(l.Objects), err)
	}
	w.checkRequests(t, osstest.KindList, 26)
	for i, r := range w.oss.Requests() {
		u, err := url.Parse(r.Target)
		if err != nil {
			t.Fatal(err)
		}
		if q := u.Query(); q.Has("continuation-token") != (i > 0) || q.Get("max-keys") != "1000" ||
			q.Get("encoding-type") != "url" || q.Get("list-type") != "2" || q.Get("prefix") != "many/" ||
			q.Get("x-oss-expires") != "900" {
			t.Errorf("page %d was asked for by %v", i+1, q)
		}
	}
	// One more than is allowed is an error, as soon as it is known.
	for limit, pages := range map[int]int{n - 1: 25, 9_999: 10, 10_000: 11, 1: 1, 0: 1} {
		w.oss.Reset()
		l, err := w.list(t, "many/", limit)
		want := fmt.Sprintf(`at most %s objects, got more for "many/" (%d pages read)`, text.Thousands(limit), pages)
		if e := fault(t, err); e.Kind != probe.TooManyObjects || !strings.Contains(e.Error(), want) || l.Objects != nil {
			t.Errorf("limit %d: got %d objects, %v", limit, len(l.Objects), err)
		}
		w.checkRequests(t, osstest.KindList, pages)
	}
}

// Placeholders do not count as objects, and do not come without end.
func TestListPlaceholders(t *testing.T) {
	w := newWorld(t)
	for i := range 8 {
		w.put(t, osstest.Object{Key: fmt.Sprintf("p/%d/", i)})
	}
	for limit, want := range map[int]bool{4: true, 3: false} {
		if l, err := w.list(t, "p/", limit); (err == nil) != want {
			t.Errorf("limit %d: got %d objects, %v", limit, len(l.Objects), err)
		}
	}
}

func TestListRefusals(t *testing.T) {
	for name, c := range map[string]struct {
		setup  func(*testing.T, *world)
		ask    func(*link)
		kind   probe.Kind
		answer string
	}{
		"no permission": {
			setup: func(_ *testing.T, w *world) {
				w.oss.SetCredential(osstest.Credential{
					AccessKeyID: keyID, AccessKeySecret: secret, DeniedActions: []string{"oss:ListObjects"},
				})
			},
			kind: probe.DeniedByIdentity, answer: "403 AccessDenied, EC 0003-00000201",
		},
		"bucket policy": {
			setup: func(t *testing.T, w *world) {
				w.bucket(t, func(b *osstest.Bucket) { b.Refusal = osstest.RefusedByPolicy })
			},
			kind: probe.DeniedByPolicy, answer: "403 AccessDenied, EC 0003-00000101",
		},
		"ACL": {
			setup: func(t *testing.T, w *world) {
				w.bucket(t, func(b *osstest.Bucket) { b.Refusal = osstest.RefusedByACL })
			},
			kind: probe.DeniedByACL, answer: "403 AccessDenied, EC 0003-00000005",
		},
		"no such bucket": {
			ask:  func(a *link) { a.Bucket, a.Host = "nobucket", "nobucket.oss-cn-hangzhou.aliyuncs.com" },
			kind: probe.BucketMissing, answer: "404 NoSuchBucket, EC 0015-00000101",
		},
		"404 without detail": {
			setup: func(t *testing.T, w *world) {
				w.transport = testworld.RoundTripper(func(*http.Request) (*http.Response, error) {
					return &http.Response{StatusCode: 404, Header: http.Header{"X-Oss-Ec": {""}}, Body: http.NoBody}, nil
				})
			},
			kind: probe.BucketMissing, answer: "404 Not Found",
		},
		"another region": {
			setup: func(t *testing.T, w *world) { w.bucket(t, func(b *osstest.Bucket) { b.Region = "cn-beijing" }) },
			kind:  probe.WrongRegion, answer: "403 AccessDenied, EC 0003-00001403",
		},
		"another region signed": {
			ask:  func(a *link) { a.Region = "cn-beijing" },
			kind: probe.WrongRegion, answer: "400 InvalidArgument, EC 0002-00000226",
		},
		"public endpoint": {
			setup: func(t *testing.T, w *world) {
				w.bucket(t, func(b *osstest.Bucket) { b.PublicEndpointForbidden = true })
			},
			kind: probe.PublicEndpointForbidden, answer: "400 PublicEndpointForbidden, EC 0048-00000401",
		},
		"requester pays": {
			setup: func(t *testing.T, w *world) { w.bucket(t, func(b *osstest.Bucket) { b.RequesterPays = true }) },
			kind:  probe.RequesterPays, answer: "403 AccessDenied",
		},
		"access key": {
			ask:  func(a *link) { a.Credentials = signer.NewCredentials("LTAI5tUnknown", secret, "") },
			kind: probe.KeyUnknown, answer: "403 InvalidAccessKeyId, EC 0002-00000902",
		},
		"secret key": {
			ask:  func(a *link) { a.Credentials = signer.NewCredentials(keyID, "another", "") },
			kind: probe.SignatureMismatch, answer: "403 SignatureDoesNotMatch, EC 0002-00000201",
		},
		"clock": {
			setup: func(_ *testing.T, w *world) { w.clock.Advance(901 * time.Second) },
			kind:  probe.Expired, answer: "403 AccessDenied, EC 0002-00000236",
		},
		"DNS": {
			setup: func(t *testing.T, w *world) {
				w.transport = testworld.RoundTripper(func(*http.Request) (*http.Response, error) { return nil, errDNS })
			},
			kind: probe.Unanswered[transport.HostUnknown],
		},
		"proxy": {
			setup: func(t *testing.T, w *world) { w.transport = proxied(t, http.StatusForbidden) },
			kind:  probe.Unanswered[transport.ProxyRefused], answer: "403 Forbidden",
		},
		"service": {
			setup: func(_ *testing.T, w *world) { w.oss.Inject(osstest.Fault{Status: 503}) },
			kind:  probe.Unavailable, answer: "503 ServiceUnavailable",
		},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			if c.setup != nil {
				c.setup(t, w)
			}
			l, err := w.client().List(t.Context(), listLink(c.ask), "agent", 100)
			var targets []string
			for _, r := range w.oss.Requests() {
				targets = append(targets, r.Target)
			}
			checkSilence(t, err, listLink(c.ask), targets...)
			e := fault(t, err)
			answer := c.answer
			if e.RequestID != "" {
				answer += ", request " + e.RequestID
			}
			if e.Kind != c.kind || e.Answer() != answer || l.Objects != nil {
				t.Errorf("got %q, %q, %+v; want %q, %q", e.Kind, e.Answer(), l, c.kind, answer)
			}
		})
	}
}

// A page is requested again after 5xx and after a connection that breaks, before the answer or in
// it.
func TestListTriesAgain(t *testing.T) {
	for name, f := range map[string]osstest.Fault{
		"503": {Status: 503, Count: 2}, "429": {Status: 429, Count: 1}, "cut": {Cut: true, Count: 2},
		"short": {Short: 100, Count: 2},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			for i := range 1001 {
				w.put(t, osstest.Object{Key: fmt.Sprint("n", i)})
			}
			second := func(r *http.Request) bool { return r.URL.Query().Get("continuation-token") != "" }
			f.Match = second
			w.oss.Inject(f)
			l, err := w.list(t, "n", 2000)
			if err != nil || len(l.Objects) != 1001 {
				t.Errorf("got %d objects, %v", len(l.Objects), err)
			}
			w.checkRequests(t, osstest.KindList, 2+f.Count)
			f.Count = 0
			w.oss.Inject(f)
			l, err = w.list(t, "n", 2000)
			want := probe.Unavailable
			if f.Status == 0 {
				want = probe.Unanswered[transport.Broken]
			}
			if e := fault(t, err); e.Kind != want || l.Objects != nil {
				t.Errorf("got %+v, %v; want %q", l, err, want)
			}
		})
	}
}

// listing is a page as the service writes it, with elements in place of those that it names.
func listing(truncated, token string, contents ...string) string {
	return `<?xml version="1.0" encoding="UTF-8"?><ListBucketResult ` +
		`xmlns="http://doc.oss-cn-hangzhou.aliyuncs.com"><Name>b</Name>` +
		"<EncodingType>url</EncodingType><IsTruncated>" + truncated + "</IsTruncated><NextContinuationToken>" + token +
		"</NextContinuationToken>" + strings.Join(contents, "") + "<KeyCount>1</KeyCount></ListBucketResult>"
}

func object(key string) string {
	return "<Contents><Key>" + key +
		"</Key><Size>1</Size><ETag>\"A\"</ETag><LastModified>2026-02-01T08:09:10.000Z</LastModified>" +
		"<StorageClass>IA</StorageClass><Owner><ID>1</ID></Owner></Contents>"
}

func TestListAnswers(t *testing.T) {
	object1 := object("p%2F1")
	for name, c := range map[string]struct {
		body   string
		status int
		plain  bool // not the service's
		want   []string
		kind   probe.Kind
	}{
		"one":             {body: listing("false", "", object1), want: []string{"p/1"}},
		"out of order":    {body: listing("false", "", object("p2"), object1), want: []string{"p/1", "p2"}},
		"without headers": {body: listing("false", "", object1), plain: true, want: []string{"p/1"}},
		"no encoding": {
			body: strings.Replace(listing("false", "", object("p%2F+1&amp;")), "url", "", 1), want: []string{"p%2F+1&"},
		},
		"facts that are none": {
			body: listing(
				"false", "", "<Contents><Key>p</Key><Size>0</Size><ETag>?</ETag><StorageClass>?</StorageClass></Contents>",
			), want: []string{"p"},
		},
		"another prefix":   {body: listing("false", "", object1, object("q")), kind: probe.ListingUnreadable},
		"same key twice":   {body: listing("false", "", object1, object1), kind: probe.ListingEndless},
		"plus sign":        {body: listing("false", "", object("p+1")), kind: probe.ListingUnreadable},
		"escape cut":       {body: listing("false", "", object("p%2")), kind: probe.ListingUnreadable},
		"escape of no hex": {body: listing("false", "", object("p%zz")), kind: probe.ListingUnreadable},
		"no key":           {body: listing("false", "", object("")), kind: probe.ListingUnreadable},
		"no size":          {body: listing("false", "", "<Contents><Key>p</Key></Contents>"), kind: probe.ListingUnreadable},
		"size below zero": {
			body: listing("false", "", "<Contents><Key>p</Key><Size>-1</Size></Contents>"), kind: probe.ListingUnreadable,
		},
		"size no number": {
			body: listing("false", "", "<Contents><Key>p</Key><Size>1e3</Size></Contents>"), kind: probe.ListingUnreadable,
		},
		"truncated or not":  {body: listing("", "", object1), kind: probe.ListingUnreadable},
		"no token":          {body: listing("true", "", object1), kind: probe.ListingUnreadable},
		"token broken":      {body: listing("true", "%", object1), kind: probe.ListingUnreadable},
		"cut":               {body: listing("false", "", object1)[:300], kind: probe.ListingUnreadable},
		"control character": {body: listing("false", "", object("p&#1;")), kind: probe.ListingUnreadable},
		"entity": {
			body: strings.Replace(listing("false", "", object("p&e;")), "<Li", `<!DOCTYPE x [<!ENTITY e "e">]><Li`, 1),
			kind: probe.ListingUnreadable,
		},
		"another document": {body: "<html><ListBucketResult/></html>", kind: probe.ListingUnreadable},
		"nothing":          {body: "", kind: probe.ListingUnreadable},
		"text":             {body: "agent", kind: probe.ListingUnreadable},
		"another server":   {body: "<html></html>", plain: true, kind: probe.Foreign},
		"another status":   {body: listing("false", "", object1), status: 206, kind: probe.Refused},
		"redirect":         {status: 302, plain: true, kind: probe.Redirected},
		"too long": {
			body: listing("false", "", object1) + strings.Repeat(" ", probe.MaxPage), kind: probe.ListingUnreadable,
		},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			w.transport = testworld.RoundTripper(func(*http.Request) (*http.Response, error) {
				h := http.Header{}
				if !c.plain {
					h.Set("x-oss-request-id", "65F1A2B30000000000000001")
				}
				status := c.status
				if status == 0 {
					status = 200
				}
				return &http.Response{StatusCode: status, Header: h, Body: io.NopCloser(strings.NewReader(c.body))}, nil
			})
			l, err := w.list(t, "p", 100)
			if c.kind != none {
				if e := fault(t, err); e.Kind != c.kind {
					t.Errorf("got %v, want %q", e, c.kind)
				}
				return
			}
			if err != nil || !slices.Equal(keysOf(l), c.want) {
				t.Errorf("got %q, %v; want %q", keysOf(l), err, c.want)
			}
		})
	}
}

// pages is a transport that answers with page after page.
func pages(page func(n int, token string) string) (http.RoundTripper, *atomic.Int32) {
	n := new(atomic.Int32)
	return testworld.RoundTripper(func(r *http.Request) (*http.Response, error) {
		body := page(int(n.Add(1)), r.URL.Query().Get("continuation-token"))
		return testworld.Answer(r, 200, body, "X-Oss-Request-Id", "1"), nil
	}), n
}

func TestListEndless(t *testing.T) {
	for name, c := range map[string]struct {
		page  func(n int, token string) string
		pages int32
	}{
		"same token": {func(n int, _ string) string { return listing("true", "t", object(fmt.Sprint("p", n))) }, 2},
		"tokens in turns": {
			func(n int, _ string) string { return listing("true", fmt.Sprint(n%3), object(fmt.Sprint("p", n))) }, 4,
		},
		"empty pages": {func(n int, _ string) string { return listing("true", fmt.Sprint(n)) }, 1000},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			transport, n := pages(c.page)
			w.transport = transport
			_, err := w.list(t, "p", 100_000)
			if e := fault(t, err); e.Kind != probe.ListingEndless || n.Load() != c.pages {
				t.Errorf("got %v after %d pages, want %q after %d", e, n.Load(), probe.ListingEndless, c.pages)
			}
		})
	}
	// Empty pages now and then are no end, and a token comes back as it was.
	w := newWorld(t)
	transport, n := pages(func(n int, token string) string {
		if n > 1 && token != fmt.Sprint("a+/ =", n-1) {
			return listing("false", "", object("q"))
		}
		next := strings.NewReplacer("/", "%2F", " ", "%20", "=", "%3D").Replace(fmt.Sprint("a+/ =", n))
		switch {
		case n == 2002:
			return listing("false", "", object("p2002"))
		case n%999 == 0:
			return listing("true", next, object(fmt.Sprint("p", n)))
		}
		return listing("true", next)
	})
	w.transport = transport
	if l, err := w.list(t, "p", 100); err != nil || !slices.Equal(keysOf(l), []string{"p1998", "p2002", "p999"}) ||
		n.Load() != 2002 {
		t.Errorf("got %q in %d pages, %v", keysOf(l), n.Load(), err)
	}
}

// What the URL of a page is signed with is sent, and a private deployment lists in path style.
func TestListHeaders(t *testing.T) {
	w := newWorld(t)
	l, err := w.client().List(t.Context(), listLink(func(l *link) {
		l.Host, l.Scheme, l.PathStyle = "127.0.0.1", "http", true
		l.Headers = map[string]string{"x-oss-test": "1"}
	}), "agent", 1)
	if err != nil || !slices.Equal(keysOf(l), []string{"agent 1.tar.gz"}) {
		t.Errorf("got %q, %v", keysOf(l), err)
	}
	if r := w.oss.Requests()[0]; r.Header.Get("x-oss-test") != "1" || r.Header.Get("Range") != "" ||
		r.Header.Get("Accept-Encoding") != "identity" {
		t.Errorf("the request was %v", r.Header)
	}
}

func TestListErrorOfSign(t *testing.T) {
	w := newWorld(t)
	_, err := w.client().List(t.Context(), listLink(func(l *link) { l.Credentials = signer.Credentials{} }), "", 1)
	if e := (*probe.Error)(nil); err == nil || errors.As(err, &e) {
		t.Errorf("got %v, want the signer's error", err)
	}
	w.checkRequests(t, osstest.KindList, 0)
}

// A page has 30 seconds, and a listing ends with its caller.
func TestListTimeouts(t *testing.T) {
	slow := testworld.RoundTripper(func(r *http.Request) (*http.Response, error) {
		body, w := io.Pipe()
		context.AfterFunc(r.Context(), func() { _ = w.CloseWithError(r.Context().Err()) })
		return &http.Response{StatusCode: 200, Header: http.Header{"X-Oss-Request-Id": {"1"}}, Body: body}, nil
	})
	for name, c := range map[string]struct {
		carrier http.RoundTripper
		want    probe.Kind
	}{
		"no answer":            {testworld.Silence, probe.Unanswered[transport.NoConnection]},
		"no end of the answer": {slow, probe.Unanswered[transport.NoAnswer]},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				began := time.Now()
				client := probe.Client{Transport: c.carrier, Sleep: transport.Sleep, Now: now}
				_, err := client.List(t.Context(), listLink(nil), "", 1)
				if e := fault(t, err); e.Kind != c.want {
					t.Errorf("got %v, want %q", e, c.want)
				}
				if took := time.Since(began); took != probe.PageTimeout {
					t.Errorf("it took %s, want %s", took, probe.PageTimeout)
				}
			})
			synctest.Test(t, func(t *testing.T) {
				stop := errors.New("the user interrupts")
				ctx, cancel := context.WithCancelCause(t.Context())
				time.AfterFunc(time.Second, func() { cancel(stop) })
				began := time.Now()
				_, err := probe.Client{Transport: c.carrier, Sleep: transport.Sleep, Now: now}.List(ctx, listLink(nil), "", 1)
				if took := time.Since(began); !errors.Is(err, stop) || took != time.Second {
					t.Errorf("got %v after %s", err, took)
				}
			})
		})
	}
}
