package probe_test

import (
	"encoding/base64"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/alioss/terraform-provider-alioss/internal/osstest"
	"github.com/alioss/terraform-provider-alioss/internal/probe"
)

var discard = log.New(io.Discard, "", 0)

// answers serves one answer to all, and counts the requests.
func (w *world) answers(t *testing.T, handler http.HandlerFunc) *atomic.Int32 {
	t.Helper()
	var n atomic.Int32
	s := httptest.NewUnstartedServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		n.Add(1)
		handler(rw, r)
	}))
	s.Config.ErrorLog = discard
	s.Start()
	t.Cleanup(s.Close)
	w.transport = w.newTransport(t, s.Listener.Addr().String())
	return &n
}

// detail answers with the XML of an error as the service does: in the body, or in Base64 in
// x-oss-err for HEAD.
func detail(rw http.ResponseWriter, r *http.Request, status int, xml string) {
	if r.Method == http.MethodHead {
		rw.Header().Set("x-oss-err", encoded(xml))
	}
	rw.Header().Set("Content-Type", "application/xml")
	rw.WriteHeader(status)
	_, _ = io.WriteString(rw, xml)
}

func encoded(xml string) string { return base64.StdEncoding.EncodeToString([]byte(xml)) }

func TestAnswersThatAreNot(t *testing.T) {
	const id = "65F1A2B30000000000000001"
	oss := func(status int, headers ...string) http.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("x-oss-request-id", id)
			xml := ""
			for i := 0; i < len(headers); i += 2 {
				if headers[i] == "XML" {
					xml = headers[i+1]
				} else {
					w.Header().Set(headers[i], headers[i+1])
				}
			}
			if xml == "" {
				w.WriteHeader(status)
				return
			}
			detail(w, r, status, xml)
		}
	}
	plain := func(status int, headers ...string) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) {
			for i := 0; i < len(headers); i += 2 {
				w.Header().Set(headers[i], headers[i+1])
			}
			w.WriteHeader(status)
		}
	}
	for name, c := range map[string]struct {
		handler http.HandlerFunc
		kind    probe.Kind
		answer  string
		tries   int32
	}{
		"200 of another server": {plain(200, "Content-Type", "text/html"), probe.Foreign, "200 OK", 1},
		"404 of another server": {plain(404), probe.Foreign, "404 Not Found", 1},
		"407 of a proxy":        {plain(407), probe.Foreign, "407 Proxy Authentication Required", 1},
		"502 of a proxy":        {plain(502), probe.Unavailable, "502 Bad Gateway", 3},
		"status of no name":     {plain(499), probe.Foreign, "499", 1},
		"redirect":              {plain(302, "Location", "http://login.example.com/agent"), probe.Redirected, "302 Found", 1},
		"redirect by OSS": {
			oss(301, "Location", "https://agent.example.com/"), probe.Redirected, "301 Moved Permanently, request " + id, 1,
		},
		"redirect to the right endpoint": {
			oss(307, "XML", "<Error><Code>TemporaryRedirect</Code><Endpoint>oss-cn-beijing.aliyuncs.com</Endpoint></Error>"),
			probe.WrongRegion, "307 TemporaryRedirect, request " + id, 1,
		},
		"403 without detail": {oss(403), probe.AccessDenied, "403 Forbidden, request " + id, 1},
		"404 without detail": {oss(404), probe.ObjectMissing, "404 Not Found, request " + id, 1},
		"400 without detail": {oss(400), probe.Refused, "400 Bad Request, request " + id, 1},
		"EC alone": {
			oss(403, "x-oss-ec", "0002-00000236"), probe.Expired, "403 Forbidden, EC 0002-00000236, request " + id, 1,
		},
		"redirect forbidden by its code": {
			oss(400, "XML", "<Error><Code>ExternalRedirectForbidden</Code></Error>"),
			probe.RedirectForbidden, "400 ExternalRedirectForbidden, request " + id, 1,
		},
		"redirect forbidden by its EC": {
			oss(400, "x-oss-ec", "0048-00000300"), probe.RedirectForbidden, "400 Bad Request, EC 0048-00000300, request " + id,
			1,
		},
		"Authorization header by its EC": {
			oss(400, "x-oss-ec", "0002-00000039"), probe.AuthorizationAdded, "400 Bad Request, EC 0002-00000039, request " + id,
			1,
		},
		"Authorization header by its message": {
			oss(400, "XML", "<Error><Code>InvalidArgument</Code><Message>The header and the URL request parameter cannot "+
				"include a signature "+
				"at the same time.</Message></Error>"),
			probe.AuthorizationAdded, "400 InvalidArgument, request " + id, 1,
		},
		"changed on its way by its EC": {
			oss(403, "x-oss-ec", "0002-00000040"), probe.RequestChanged, "403 Forbidden, EC 0002-00000040, request " + id, 1,
		},
		"message alone": {
			oss(400, "XML", "<Error><Message>Invalid version id specified</Message></Error>"),
			probe.VersionRefused, "400 Bad Request, request " + id, 1,
		},
		"expired by its message": {
			oss(403, "XML", "<Error><Code>AccessDenied</Code><Message>Request has expired.</Message></Error>"),
			probe.Expired, "403 AccessDenied, request " + id, 1,
		},
		"denied by a policy of the caller": {
			oss(403, "XML", "<Error><Code>AccessDenied</Code><Message>Access denied by bucket "+
				"policy.</Message><AccessDeniedDetail>"+
				"<PolicyType>ResourceGroupLevelIdentityBasedPolicy</PolicyType></AccessDeniedDetail></Error>"),
			probe.DeniedByIdentity, "403 AccessDenied, request " + id, 1,
		},
		"unknown code": {
			oss(400, "XML", "<Error><Code>SomethingNew</Code><Message>signing region</Message></Error>"),
			probe.Refused, "400 SomethingNew, request " + id, 1,
		},
		"no Base64": {oss(404, "x-oss-err", "%%% https://agent ***"), probe.ObjectMissing, "404 Not Found, request " + id, 1},
		"no XML":    {oss(404, "XML", "agent { https://agent }"), probe.ObjectMissing, "404 Not Found, request " + id, 1},
		"cut XML": {
			oss(404, "XML", "<Error><Code>NoSuchBucket</Code><Message>x"), probe.ObjectMissing,
			"404 Not Found, request " + id, 1,
		},
		"other XML": {
			oss(404, "XML", "<html><Code>NoSuchBucket</Code></html>"), probe.ObjectMissing, "404 Not Found, request " + id, 1,
		},
		"entities": {
			oss(404, "XML", `<!DOCTYPE Error [<!ENTITY a "agent">]><Error><Code>&a;</Code></Error>`),
			probe.ObjectMissing, "404 Not Found, request " + id, 1,
		},
		"huge detail": {
			oss(404, "XML", "<Error><Code>NoSuchBucket</Code><Message>"+strings.Repeat("agent", 20_000)+"</Message></Error>"),
			probe.ObjectMissing, "404 Not Found, request " + id, 1,
		},
		"values that are none": {
			oss(403, "x-oss-ec", "https://agent", "x-oss-request-id", "agent\u00a0x-oss-signature", "XML",
				"<Error><Code>https://agent</Code><Message>agent</Message><RequestId>"+secret+"</RequestId><EC>"+token+
					"</EC><Endpoint>agent.example.com</Endpoint></Error>"),
			probe.AccessDenied, "403 Forbidden", 1,
		},
		"hosts that are not the service's": {
			oss(403, "XML", "<Error><Code>AccessDenied</Code><Endpoint>"+strings.Repeat("a.", 200)+
				"aliyuncs.com</Endpoint></Error>"),
			probe.AccessDenied, "403 AccessDenied, request " + id, 1,
		},
		"request id in the detail": {
			func(w http.ResponseWriter, r *http.Request) {
				w.Header().Set("x-oss-request-id", "?")
				detail(w, r, 404, "<Error><Code>NoSuchKey</Code><RequestId> "+id+"\n</RequestId><EC>0026-00000001</EC></Error>")
			},
			probe.ObjectMissing, "404 NoSuchKey, EC 0026-00000001, request " + id, 1,
		},
	} {
		t.Run(name, func(t *testing.T) {
			bothMethods(t, func(t *testing.T, method string, _ osstest.Kind) {
				w := newWorld(t)
				tries := w.answers(t, c.handler)
				_, err := w.probe(t, newLink(func(l *link) { l.Method, l.Scheme = method, "http" }))
				e := fault(t, err)
				if e.Kind != c.kind || e.Answer() != c.answer {
					t.Errorf("got %q, %q; want %q, %q", e.Kind, e.Answer(), c.kind, c.answer)
				}
				if n := tries.Load(); n != c.tries {
					t.Errorf("%d requests came, want %d", n, c.tries)
				}
			})
		})
	}
}

// If a server repeats the request, the user sees no part of it.
func TestEchoIsNotShown(t *testing.T) {
	w := newWorld(t)
	status := 418
	w.answers(t, func(rw http.ResponseWriter, r *http.Request) {
		all := "https://" + r.Host + r.RequestURI
		all = strings.ReplaceAll(all, "&", "&amp;")
		for _, name := range []string{
			"x-oss-request-id", "x-oss-ec", "x-oss-storage-class", "x-oss-restore", "x-oss-version-id", "x-oss-hash-crc64ecma",
			"ETag",
			"Last-Modified", "Content-Type", "Content-Range", "Location", "Server",
		} {
			rw.Header().Set(name, r.URL.Query().Get("x-oss-signature")+all)
		}
		detail(rw, r, status, "<Error><Code>"+all+"</Code><Message>"+all+"</Message><RequestId>"+all+"</RequestId><EC>"+all+
			"</EC><Endpoint>"+all+"</Endpoint></Error>")
	})
	bothMethods(t, func(t *testing.T, method string, _ osstest.Kind) {
		status = 418
		_, err := w.probe(t, newLink(func(l *link) { l.Method, l.Scheme = method, "http" }))
		if e := fault(t, err); e.Kind != probe.Refused ||
			!strings.HasSuffix(e.Error(), "below.\n\nThe answer was 418 I'm a teapot.") {
			t.Errorf("got %q", e)
		}
		status = 200
		o, err := w.probe(t, newLink(func(l *link) { l.Method, l.Scheme = method, "http" }))
		o.Size = -1
		if want := (probe.Object{Size: -1, ContentType: "application/xml"}); err != nil ||
			o != want {
			t.Errorf("got %+v, %v; want no fact", o, err)
		}
	})
}
