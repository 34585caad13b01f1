package probe_test

import (
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"strings"
	"sync"
	"testing"

	"github.com/alioss/terraform-provider-alioss/internal/osstest"
	"github.com/alioss/terraform-provider-alioss/internal/probe"
)

// cdn serves as a CDN for the stand-in: it sends GET whatever method it receives, as CDNs do, and
// drops headers by drop.
func (w *world) cdn(t *testing.T, drop func(name string) bool) {
	t.Helper()
	back := w.transport
	s := httptest.NewUnstartedServer(&httputil.ReverseProxy{
		Transport: back,
		Rewrite: func(r *httputil.ProxyRequest) {
			r.Out.Method, r.Out.Host = http.MethodGet, r.In.Host
			r.Out.URL.Scheme, r.Out.URL.Host = "http", "examplebucket.oss-cn-hangzhou.aliyuncs.com"
		},
		ModifyResponse: func(r *http.Response) error {
			for name := range r.Header {
				if drop(strings.ToLower(name)) {
					r.Header.Del(name)
				}
			}
			return nil
		},
		ErrorLog: discard,
	})
	s.Start()
	t.Cleanup(s.Close)
	w.transport = w.newTransport(t, s.Listener.Addr().String())
}

// behind is a link for the domain that the CDN serves.
func behind(change func(*link)) link {
	return newLink(func(l *link) {
		l.Scheme, l.Host = "http", "downloads.example.com"
		if change != nil {
			change(l)
		}
	})
}

func nothing(string) bool { return false }

func servicesOwn(name string) bool { return strings.HasPrefix(name, "x-oss-") || name == "server" }

// A link for GET works behind a CDN that turns HEAD into GET, and so does verifying it. A link for
// HEAD does not, and the error blames no keys.
func TestCDN(t *testing.T) {
	w := newWorld(t)
	w.cdn(t, nothing)
	if o, err := w.probe(t, behind(nil)); err != nil || o.Size != 9 || o.CRC64 == "" {
		t.Errorf("got %+v, %v", o, err)
	}
	w.checkRequests(t, osstest.KindGet, 1)
	_, err := w.probe(t, behind(func(l *link) { l.Method = "HEAD" }))
	if e := fault(t, err); e.Kind != probe.RequestChanged || e.EC != "0002-00000201" {
		t.Errorf("got %v, want %q", e, probe.RequestChanged)
	}
	// A secret key that is not the right one is blamed behind a CDN as well.
	_, err = w.probe(t, behind(func(l *link) { l.Key = "agent 2.tar.gz"; l.Query = map[string]string{"versionId": "x"} }))
	if e := fault(t, err); e.Kind != probe.VersionMissing {
		t.Errorf("got %v, want %q", e, probe.VersionMissing)
	}
}

// A CDN that drops the service's headers takes facts away, and neither the object nor the reason of
// a refusal.
func TestCDNDropsHeaders(t *testing.T) {
	w := newWorld(t)
	w.cdn(t, servicesOwn)
	o, err := w.probe(t, behind(nil))
	want := facts(func(o *probe.Object) { o.CRC64, o.StorageClass = "", "" })
	if err != nil || o != want {
		t.Errorf("got %+v, %v; want %+v", o, err, want)
	}
	_, err = w.probe(t, behind(func(l *link) { l.Key = "agent 2.tar.gz" }))
	if e := fault(t, err); e.Kind != probe.ObjectMissing || e.EC != "0026-00000001" || e.Code != "NoSuchKey" {
		t.Errorf("got %v, want %q", e, probe.ObjectMissing)
	}
	w.put(t, osstest.Object{Key: "agent 1.tar.gz", StorageClass: "ColdArchive"})
	_, err = w.probe(t, behind(nil))
	if e := fault(t, err); e.Kind != probe.NotRestored {
		t.Errorf("got %v, want %q", e, probe.NotRestored)
	}
}

func TestAnswersToGET(t *testing.T) {
	type answers struct {
		kind probe.Kind // empty: the object is there
		size int64
	}
	for name, c := range map[string]struct {
		status  int
		headers map[string]string
		want    answers
	}{
		"part":                   {206, map[string]string{"Content-Range": "bytes 0-0/9"}, answers{size: 9}},
		"part of unknown length": {206, map[string]string{"Content-Range": "bytes 0-0/*"}, answers{size: -1}},
		"part of too much": {
			206, map[string]string{"Content-Range": "bytes 0-0/9999999999999999999"}, answers{size: -1},
		},
		"part that is none":       {206, map[string]string{"Content-Range": "agent"}, answers{kind: probe.Foreign}},
		"part without range, OSS": {206, map[string]string{"X-Oss-Ec": ""}, answers{size: -1}},
		"whole, not OSS":          {200, nil, answers{kind: probe.Foreign}},
		"whole, OSS": {
			200, map[string]string{"X-Oss-Request-Id": "1", "Content-Length": "1"}, answers{size: 1},
		},
		"nothing to send":            {416, map[string]string{"Content-Range": "bytes */0"}, answers{}},
		"nothing to send, no length": {416, map[string]string{"X-Oss-Request-Id": "1"}, answers{}},
		"nothing to send, of much":   {416, map[string]string{"Content-Range": "bytes */9"}, answers{size: 9}},
		"nothing to send, not OSS":   {416, nil, answers{kind: probe.Foreign}},
		"weak tag and odd checksum": {
			206, map[string]string{
				"Content-Range": "bytes 0-0/9", "ETag": `W/"a-1"`, "X-Oss-Hash-Crc64ecma": "-1",
			}, answers{size: 9},
		},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			w.answers(t, func(rw http.ResponseWriter, _ *http.Request) {
				for name, value := range c.headers {
					rw.Header().Set(name, value)
				}
				rw.WriteHeader(c.status)
				_, _ = io.WriteString(rw, "a")
			})
			o, err := w.probe(t, behind(nil))
			if c.want.kind != none {
				if e := fault(t, err); e.Kind != c.want.kind {
					t.Errorf("got %v, want %q", e, c.want.kind)
				}
				return
			}
			if err != nil || o.Size != c.want.size || o.CRC64 != "" || c.headers["ETag"] != "" && o.ETag != "a-1" {
				t.Errorf("got %+v, %v; want %+v", o, err, c.want)
			}
		})
	}
}

// An answer that ignores the range costs its headers, however long it is, and one byte leaves the
// connection to the next request.
func TestBodiesAreLeft(t *testing.T) {
	w := newWorld(t)
	whole := true
	left := make(chan struct{})
	var mu sync.Mutex
	connections := map[net.Conn]bool{}
	s := httptest.NewUnstartedServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		rw.Header().Set("x-oss-request-id", "1")
		if !whole {
			rw.Header().Set("Content-Range", "bytes 0-0/9")
			rw.WriteHeader(http.StatusPartialContent)
			_, _ = io.WriteString(rw, "a")
			return
		}
		rw.Header().Set("Content-Length", "1000000000000")
		_ = http.NewResponseController(rw).Flush()
		<-r.Context().Done() // the client has hung up
		close(left)
	}))
	s.Config.ErrorLog = discard
	s.Config.ConnState = func(c net.Conn, state http.ConnState) {
		mu.Lock()
		defer mu.Unlock()
		if state == http.StateActive {
			connections[c] = true
		}
	}
	s.Start()
	t.Cleanup(s.Close)
	w.transport = w.newTransport(t, s.Listener.Addr().String())
	if o, err := w.probe(t, behind(nil)); err != nil || o.Size != 1_000_000_000_000 {
		t.Errorf("got %+v, %v", o, err)
	}
	<-left
	whole = false
	for range 5 {
		if o, err := w.probe(t, behind(nil)); err != nil || o.Size != 9 {
			t.Errorf("got %+v, %v", o, err)
		}
	}
	mu.Lock()
	defer mu.Unlock()
	if len(connections) != 2 {
		t.Errorf("%d connections for six requests, want one that was hung up and one more", len(connections))
	}
}
