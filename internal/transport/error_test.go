package transport_test

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/alioss/terraform-provider-alioss/internal/testworld"
	"github.com/alioss/terraform-provider-alioss/internal/transport"
)

// serve starts a server of TLS, or of plain HTTP.
func serve(t *testing.T, isTLS bool, handler http.HandlerFunc, change func(*tls.Config)) *httptest.Server {
	t.Helper()
	s := httptest.NewUnstartedServer(handler)
	s.Config.ErrorLog = log.New(io.Discard, "", 0)
	if isTLS {
		s.TLS = &tls.Config{MinVersion: tls.VersionTLS12}
		if change != nil {
			change(s.TLS)
		}
		s.StartTLS()
	} else {
		s.Start()
	}
	t.Cleanup(s.Close)
	return s
}

// dialTo makes a transport reach addr whatever the host.
func dialTo(transport *http.Transport, addr string) *http.Transport {
	transport.DialContext = func(ctx context.Context, _, _ string) (net.Conn, error) {
		return (&net.Dialer{}).DialContext(ctx, "tcp", addr)
	}
	return transport
}

// trusting returns a transport that reaches s and trusts its certificate, which is for example.com.
func trusting(s *httptest.Server) *http.Transport {
	roots := x509.NewCertPool()
	if s.Certificate() != nil {
		roots.AddCert(s.Certificate())
	}
	made := dialTo(transport.New(time.Second, nil), s.Listener.Addr().String())
	made.TLSClientConfig = &tls.Config{RootCAs: roots, MinVersion: tls.VersionTLS12}
	return made
}

func through(t *testing.T, scheme, addr string) *http.Transport {
	t.Helper()
	return transport.New(time.Second, http.ProxyURL(&url.URL{
		Scheme: scheme, Host: addr, User: url.UserPassword("agent", secret),
	}))
}

// TestKinds meets each failure where it arises: in net, crypto/tls and net/http.
func TestKinds(t *testing.T) {
	dialing := func(err error) func(*testing.T) http.RoundTripper {
		return func(*testing.T) http.RoundTripper {
			return &http.Transport{DialContext: func(context.Context, string, string) (net.Conn, error) {
				return nil, &net.OpError{Op: "dial", Net: "tcp", Err: err}
			}}
		}
	}
	proxy := func(status int) func(*testing.T) http.RoundTripper {
		return func(t *testing.T) http.RoundTripper {
			s := serve(t, false, func(w http.ResponseWriter, _ *http.Request) { http.Error(w, secret, status) }, nil)
			return through(t, "http", s.Listener.Addr().String())
		}
	}
	fine := func(http.ResponseWriter, *http.Request) {}
	abort := func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }
	for name, c := range map[string]struct {
		transport func(*testing.T) http.RoundTripper
		host      string // example.com if empty
		want      transport.Error
		text      string // the kind's own if empty
		connected bool
		requests  int
	}{
		"host unknown": {
			transport: dialing(&net.DNSError{Err: "no such host " + secret, Name: secret, IsNotFound: true}),
			want:      transport.Error{Kind: transport.HostUnknown}, requests: 1,
		},
		"DNS out of order": {
			transport: dialing(&net.DNSError{Err: "server misbehaving " + secret, IsTemporary: true}),
			want:      transport.Error{Kind: transport.HostUnresolved}, requests: 2,
		},
		"DNS too slow": {
			transport: dialing(&net.DNSError{Err: secret, IsTimeout: true}),
			want:      transport.Error{Kind: transport.HostUnresolved}, requests: 2,
		},
		"no route": {
			transport: dialing(errors.New("no route to host " + secret)),
			want:      transport.Error{Kind: transport.Unreachable}, requests: 2,
		},
		"no connection in time": {
			transport: dialing(context.DeadlineExceeded),
			want:      transport.Error{Kind: transport.NoConnection}, requests: 2,
		},
		"TLS handshake not in time": {
			transport: func(t *testing.T) http.RoundTripper {
				l, err := net.Listen("tcp", "127.0.0.1:0")
				if err != nil {
					t.Fatal(err)
				}
				t.Cleanup(func() { _ = l.Close() })
				made := dialTo(transport.New(time.Second, nil), l.Addr().String())
				made.TLSHandshakeTimeout = time.Millisecond
				return made
			},
			want: transport.Error{Kind: transport.NoConnection}, requests: 2,
		},
		"no answer in time": {
			transport: func(t *testing.T) http.RoundTripper {
				stop := make(chan struct{})
				s := serve(t, true, func(http.ResponseWriter, *http.Request) { <-stop }, nil)
				t.Cleanup(func() { close(stop) })
				made := trusting(s)
				made.ResponseHeaderTimeout = time.Millisecond
				return made
			},
			want: transport.Error{Kind: transport.NoAnswer, After: limits.Try}, text: "no answer came within 4s",
			connected: true, requests: 2,
		},
		"refused": {
			transport: func(t *testing.T) http.RoundTripper {
				return dialTo(transport.New(time.Second, nil), testworld.ClosedPort(t))
			},
			want: transport.Error{Kind: transport.ConnectionRefused}, requests: 2,
		},
		"proxy not there": {
			transport: func(t *testing.T) http.RoundTripper { return through(t, "http", testworld.ClosedPort(t)) },
			want:      transport.Error{Kind: transport.ProxyUnreachable}, requests: 2,
		},
		"SOCKS proxy not there": {
			transport: func(t *testing.T) http.RoundTripper { return through(t, "socks5", testworld.ClosedPort(t)) },
			want:      transport.Error{Kind: transport.ProxyUnreachable}, requests: 2,
		},
		"SOCKS proxy refuses": {
			transport: func(t *testing.T) http.RoundTripper { return through(t, "socks5", refusingSOCKS(t)) },
			want:      transport.Error{Kind: transport.ProxyRefused}, requests: 2,
		},
		"proxy forbids": {
			transport: proxy(http.StatusForbidden),
			want:      transport.Error{Kind: transport.ProxyRefused, Status: 403},
			text:      "the proxy refused the connection with status 403", connected: true, requests: 1,
		},
		"proxy wants a password": {
			transport: proxy(http.StatusProxyAuthRequired),
			want:      transport.Error{Kind: transport.ProxyRefused, Status: 407},
			text:      "the proxy refused the connection with status 407", connected: true, requests: 1,
		},
		"proxy does not reach the host": {
			transport: proxy(http.StatusBadGateway),
			want:      transport.Error{Kind: transport.ProxyRefused, Status: 502},
			text:      "the proxy refused the connection with status 502", requests: 2,
		},
		"authority unknown": {
			transport: func(t *testing.T) http.RoundTripper {
				made := trusting(serve(t, true, fine, nil))
				made.TLSClientConfig.RootCAs = x509.NewCertPool()
				return made
			},
			want: transport.Error{Kind: transport.CertificateUnknown}, connected: true, requests: 1,
		},
		"certificate of another host": {
			transport: func(t *testing.T) http.RoundTripper { return trusting(serve(t, true, fine, nil)) },
			host:      "unbound.example.org",
			want:      transport.Error{Kind: transport.CertificateHost}, connected: true, requests: 1,
		},
		"certificate expired": {
			transport: func(t *testing.T) http.RoundTripper {
				made := trusting(serve(t, true, fine, nil))
				made.TLSClientConfig.Time = func() time.Time { return time.Date(2200, 1, 1, 0, 0, 0, 0, time.UTC) }
				return made
			},
			want: transport.Error{Kind: transport.CertificateInvalid}, connected: true, requests: 1,
		},
		"plain HTTP where TLS is meant": {
			transport: func(t *testing.T) http.RoundTripper { return trusting(serve(t, false, fine, nil)) },
			want:      transport.Error{Kind: transport.NoTLS}, connected: true, requests: 1,
		},
		"TLS alert": {
			transport: func(t *testing.T) http.RoundTripper {
				made := trusting(serve(t, true, fine, func(c *tls.Config) { c.MinVersion = tls.VersionTLS13 }))
				made.TLSClientConfig.MaxVersion = tls.VersionTLS12
				return made
			},
			want: transport.Error{Kind: transport.NoTLS}, connected: true, requests: 1,
		},
		"broken off": {
			transport: func(t *testing.T) http.RoundTripper { return trusting(serve(t, true, abort, nil)) },
			want:      transport.Error{Kind: transport.Broken}, connected: true, requests: 2,
		},
		"broken off in the body": {
			transport: func(t *testing.T) http.RoundTripper {
				return trusting(serve(t, true, func(w http.ResponseWriter, r *http.Request) {
					w.Header().Set("Content-Length", "100")
					_, _ = w.Write([]byte(secret))
					abort(w, r)
				}, nil))
			},
			want: transport.Error{Kind: transport.Broken}, connected: true, requests: 2,
		},
		"headers too large": {
			transport: func(t *testing.T) http.RoundTripper {
				return trusting(serve(t, true, func(w http.ResponseWriter, _ *http.Request) {
					w.Header().Set("X-Large", strings.Repeat(secret, 1<<16))
				}, nil))
			},
			want: transport.Error{Kind: transport.Broken}, connected: true, requests: 2,
		},
		"an error that repeats all": {
			transport: func(*testing.T) http.RoundTripper {
				return testworld.RoundTripper(func(r *http.Request) (*http.Response, error) {
					return nil, &url.Error{Op: "Get", URL: r.URL.String(), Err: errors.New(secret)}
				})
			},
			want: transport.Error{Kind: transport.Broken}, connected: true, requests: 2,
		},
	} {
		t.Run(name, func(t *testing.T) {
			carrier := c.transport(t)
			if made, ok := carrier.(*http.Transport); ok {
				t.Cleanup(made.CloseIdleConnections)
			}
			host := "example.com"
			if c.host != "" {
				host = c.host
			}
			requests := 0
			_, err := transport.Client{
				Transport: carrier, Sleep: func(context.Context, time.Duration) error { return nil },
				Limits: transport.Limits{Tries: 2, Try: limits.Try, All: limits.All},
			}.Do(t.Context(), transport.Exchange{New: func(ctx context.Context) (*http.Request, error) {
				requests++
				return http.NewRequestWithContext(ctx, http.MethodGet, "https://"+host+"/"+secret, http.NoBody)
			}})
			kindOf(t, err)
			var fault *transport.Error
			errors.As(err, &fault)
			text := c.text
			if text == "" {
				text = string(c.want.Kind)
			}
			if *fault != c.want || fault.Error() != text || fault.Connected() != c.connected || requests != c.requests {
				t.Errorf("got %+v (%q), connected %t, after %d requests; want %+v (%q), %t, %d",
					*fault, fault, fault.Connected(), requests, c.want, text, c.connected, c.requests)
			}
			if !slices.Contains(transport.Kinds(), fault.Kind) {
				t.Errorf("Kinds lacks %q", fault.Kind)
			}
		})
	}
}

// refusingSOCKS starts a SOCKS5 proxy that accepts the user and connects to nothing.
func refusingSOCKS(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			buffer := make([]byte, 512)
			for _, answer := range [][]byte{{5, 2}, {1, 0}, {5, 2, 0, 1, 0, 0, 0, 0, 0, 0}} { // RFC 1928, RFC 1929: not allowed
				if _, err := conn.Read(buffer); err != nil {
					break
				}
				_, _ = conn.Write(answer)
			}
			_ = conn.Close()
		}
	}()
	return l.Addr().String()
}

// TestProxyThatConnects sends a request through a proxy that connects.
func TestProxyThatConnects(t *testing.T) {
	target := serve(t, true, func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte(secret)) }, nil)
	proxy := serve(t, false, func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodConnect || r.Host != "example.com:443" {
			http.Error(w, "not a CONNECT", http.StatusBadRequest)
			return
		}
		testworld.Connect(w, r, target.Listener.Addr().String())
	}, nil)
	carrier := through(t, "http", proxy.Listener.Addr().String())
	t.Cleanup(carrier.CloseIdleConnections)
	carrier.TLSClientConfig = trusting(target).TLSClientConfig
	a, err := transport.Client{Transport: carrier, Sleep: transport.Sleep, Limits: limits}.Do(t.Context(),
		transport.Exchange{
			New: func(ctx context.Context) (*http.Request, error) {
				return http.NewRequestWithContext(ctx, http.MethodGet, "https://example.com/", http.NoBody)
			},
		})
	if err != nil || a.Body() != secret {
		t.Errorf("got %v, %v, want the answer through the proxy", a, err)
	}
}
