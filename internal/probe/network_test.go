package probe_test

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"testing"
	"time"

	"github.com/alioss/terraform-provider-alioss/internal/osstest"
	"github.com/alioss/terraform-provider-alioss/internal/probe"
	"github.com/alioss/terraform-provider-alioss/internal/testworld"
	"github.com/alioss/terraform-provider-alioss/internal/transport"
)

// newTransport returns a transport that dials addr whatever the host, and trusts the stand-in's
// authority.
func (w *world) newTransport(t *testing.T, addr string) *http.Transport {
	t.Helper()
	pem, err := w.oss.CAPEM()
	if err != nil {
		t.Fatal(err)
	}
	roots := x509.NewCertPool()
	if !roots.AppendCertsFromPEM(pem) {
		t.Fatal("the stand-in's certificate cannot be read")
	}
	transport := &http.Transport{
		DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
			return (&net.Dialer{}).DialContext(ctx, "tcp", addr)
		},
		TLSClientConfig: &tls.Config{RootCAs: roots, MinVersion: tls.VersionTLS12},
	}
	t.Cleanup(transport.CloseIdleConnections)
	return transport
}

// listening starts the stand-in's next listener and returns its address.
func listening(t *testing.T, start func(string) (string, error)) string {
	t.Helper()
	base, err := start("")
	if err != nil {
		t.Fatal(err)
	}
	u, err := url.Parse(base)
	if err != nil {
		t.Fatal(err)
	}
	return u.Host
}

var errDNS = &net.OpError{Op: "dial", Err: &net.DNSError{Err: "no such host", Name: "agent", IsNotFound: true}}

// proxied returns a transport that goes through a proxy which answers CONNECT with this status.
func proxied(t *testing.T, status int) http.RoundTripper {
	t.Helper()
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("x-oss-request-id", "agent")
		w.WriteHeader(status)
	}))
	t.Cleanup(s.Close)
	u, err := url.Parse(s.URL)
	if err != nil {
		t.Fatal(err)
	}
	proxy := transport.New(time.Minute, http.ProxyURL(u))
	t.Cleanup(proxy.CloseIdleConnections)
	return proxy
}

func TestNetworkFaults(t *testing.T) {
	fails := func(err error) func(*testing.T, *world) http.RoundTripper {
		return func(*testing.T, *world) http.RoundTripper {
			return &http.Transport{DialContext: func(context.Context, string, string) (net.Conn, error) { return nil, err }}
		}
	}
	for name, c := range map[string]struct {
		transport func(*testing.T, *world) http.RoundTripper
		link      func(*link)
		want      probe.Kind
		answer    string
		pauses    int
	}{
		"host unknown": {
			transport: fails(errDNS),
			want:      probe.Unanswered[transport.HostUnknown],
		},
		"DNS out of order": {
			transport: fails(&net.OpError{
				Op: "dial", Err: &net.DNSError{Err: "server misbehaving", Name: "agent", IsTemporary: true},
			}),
			want: probe.Unanswered[transport.HostUnresolved], pauses: 2,
		},
		"DNS too slow": {
			transport: fails(&net.OpError{Op: "dial", Err: &net.DNSError{Err: "timeout", Name: "agent", IsTimeout: true}}),
			want:      probe.Unanswered[transport.HostUnresolved], pauses: 2,
		},
		"no route": {
			transport: fails(&net.OpError{Op: "dial", Net: "tcp", Err: errors.New("no route to host agent")}),
			want:      probe.Unanswered[transport.Unreachable], pauses: 2,
		},
		"refused": {
			transport: func(t *testing.T, w *world) http.RoundTripper { return w.newTransport(t, testworld.ClosedPort(t)) },
			want:      probe.Unanswered[transport.ConnectionRefused], pauses: 2,
		},
		"proxy": {
			transport: func(t *testing.T, w *world) http.RoundTripper {
				proxy := w.newTransport(t, testworld.ClosedPort(t))
				proxy.Proxy = http.ProxyURL(&url.URL{
					Scheme: "http", Host: "proxy.example.com:3128", User: url.UserPassword("agent", secret),
				})
				return proxy
			},
			want: probe.Unanswered[transport.ProxyUnreachable], pauses: 2,
		},
		"proxy that forbids": {
			transport: func(t *testing.T, _ *world) http.RoundTripper { return proxied(t, http.StatusForbidden) },
			want:      probe.Unanswered[transport.ProxyRefused], answer: "403 Forbidden",
		},
		"proxy that wants a password": {
			transport: func(t *testing.T, _ *world) http.RoundTripper { return proxied(t, http.StatusProxyAuthRequired) },
			want:      probe.Unanswered[transport.ProxyRefused], answer: "407 Proxy Authentication Required",
		},
		"proxy that reaches nobody": {
			transport: func(t *testing.T, _ *world) http.RoundTripper { return proxied(t, http.StatusBadGateway) },
			want:      probe.Unanswered[transport.ProxyRefused], answer: "502 Bad Gateway", pauses: 2,
		},
		"authority unknown": {
			transport: func(t *testing.T, w *world) http.RoundTripper {
				transport := w.newTransport(t, listening(t, w.oss.StartTLS))
				transport.TLSClientConfig.RootCAs = x509.NewCertPool()
				return transport
			},
			want: probe.Unanswered[transport.CertificateUnknown],
		},
		"certificate of another host": {
			transport: func(t *testing.T, w *world) http.RoundTripper { return w.newTransport(t, listening(t, w.oss.StartTLS)) },
			link:      func(l *link) { l.Host = "unbound.example.com" },
			want:      probe.Unanswered[transport.CertificateHost],
		},
		"certificate expired": {
			transport: func(t *testing.T, w *world) http.RoundTripper {
				transport := w.newTransport(t, listening(t, w.oss.StartTLS))
				transport.TLSClientConfig.Time = func() time.Time { return time.Date(2050, 1, 1, 0, 0, 0, 0, time.UTC) }
				return transport
			},
			want: probe.Unanswered[transport.CertificateInvalid],
		},
		"plain HTTP where TLS is meant": {
			transport: func(t *testing.T, w *world) http.RoundTripper { return w.newTransport(t, listening(t, w.oss.Start)) },
			want:      probe.Unanswered[transport.NoTLS],
		},
		"TLS alert": {
			transport: func(t *testing.T, w *world) http.RoundTripper {
				s := httptest.NewUnstartedServer(w.oss)
				s.TLS = &tls.Config{MinVersion: tls.VersionTLS13}
				s.Config.ErrorLog = discard
				s.StartTLS()
				t.Cleanup(s.Close)
				transport := w.newTransport(t, s.Listener.Addr().String())
				transport.TLSClientConfig.MaxVersion = tls.VersionTLS12
				return transport
			},
			want: probe.Unanswered[transport.NoTLS],
		},
		"headers too large": {
			transport: func(t *testing.T, w *world) http.RoundTripper {
				transport := w.newTransport(t, listening(t, w.oss.StartTLS))
				transport.MaxResponseHeaderBytes = 10
				return transport
			},
			want: probe.Unanswered[transport.Broken], pauses: 2,
		},
		"an error that repeats all": {
			transport: func(*testing.T, *world) http.RoundTripper {
				return testworld.RoundTripper(func(r *http.Request) (*http.Response, error) {
					return nil, &url.Error{Op: "Head", URL: r.URL.String(), Err: errors.New(r.URL.RawQuery + secret)}
				})
			},
			want: probe.Unanswered[transport.Broken], pauses: 2,
		},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			w.transport = c.transport(t, w)
			_, err := w.probe(t, newLink(c.link))
			if e := fault(t, err); e.Kind != c.want || e.Answer() != c.answer {
				t.Errorf("got %v, %q; want %q, %q", e, e.Answer(), c.want, c.answer)
			}
			if len(w.pauses) != c.pauses {
				t.Errorf("%d pauses, want %d", len(w.pauses), c.pauses)
			}
		})
	}
}

func TestURLThatIsNone(t *testing.T) {
	w := newWorld(t)
	for _, host := range []string{"bad port", "[::1", ""} {
		if _, err := w.probe(t, newLink(func(l *link) { l.Host = host })); err == nil {
			t.Errorf("host %q is asked", host)
		}
	}
	w.checkRequests(t, osstest.KindGet, 0)
}
