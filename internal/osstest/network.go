package osstest

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"sync"
	"time"
)

// network is what a Server listens on.
type network struct {
	mu        sync.Mutex
	servers   []*http.Server
	plain     string // address of the first plain listener
	secure    string // address of the first TLS listener
	authority *Authority
	closeOnce sync.Once
	closed    chan struct{}
}

func newNetwork() network { return network{closed: make(chan struct{})} }

// Start serves plain HTTP at addr, "host:port", and returns the base URL, such as
// "http://127.0.0.1:40123". An empty addr means "127.0.0.1:0", port 0 any free one. Addresses that
// are not loopback are refused.
func (s *Server) Start(addr string) (string, error) {
	l, err := listenLoopback(addr)
	if err != nil {
		return "", err
	}
	s.serve(l, &s.net.plain)
	return "http://" + l.Addr().String(), nil
}

// StartTLS serves HTTPS as Start serves HTTP. The certificates come from the server's own
// authority, CAPEM: one for the name that the client requests, if the service would have one:
// service hosts, bound custom domains, private hosts, localhost, and one for 127.0.0.1, ::1 and
// localhost for all others.
func (s *Server) StartTLS(addr string) (string, error) {
	a, err := s.authority()
	if err != nil {
		return "", err
	}
	l, err := listenLoopback(addr)
	if err != nil {
		return "", err
	}
	s.serve(tls.NewListener(l, &tls.Config{
		MinVersion: tls.VersionTLS12,
		NextProtos: []string{"http/1.1"},
		GetCertificate: func(hello *tls.ClientHelloInfo) (*tls.Certificate, error) {
			if s.hasCertificate(hello.ServerName) {
				return a.leaf(hostName(hello.ServerName))
			}
			return a.leaf("localhost")
		},
	}), &s.net.secure)
	return "https://" + l.Addr().String(), nil
}

// hasCertificate reports whether the service would have a certificate for a name.
func (s *Server) hasCertificate(name string) bool {
	s.mu.RLock()
	defer s.mu.RUnlock()
	_, err := s.parseHost(name)
	return name != "" && err == nil
}

func listenLoopback(addr string) (net.Listener, error) {
	if addr == "" {
		addr = "127.0.0.1:0"
	}
	host, _, err := net.SplitHostPort(addr)
	if err != nil {
		return nil, fmt.Errorf("address %q: %w", addr, err)
	}
	if ip := net.ParseIP(host); host != "localhost" && (ip == nil || !ip.IsLoopback()) {
		return nil, fmt.Errorf("address %q: the stand-in serves loopback only, such as 127.0.0.1:0", addr)
	}
	return net.Listen("tcp", addr)
}

func (s *Server) serve(l net.Listener, addr *string) {
	h := &http.Server{
		Handler:                      s,
		DisableGeneralOptionsHandler: true,
		ReadHeaderTimeout:            time.Minute,
		ErrorLog:                     log.New(io.Discard, "", 0),
	}
	s.net.mu.Lock()
	s.net.servers = append(s.net.servers, h)
	if *addr == "" {
		*addr = l.Addr().String()
	}
	s.net.mu.Unlock()
	go func() { _ = h.Serve(l) }()
}

// Close stops serving, also requests that a Fault keeps hanging. The server still answers as an
// http.Handler.
func (s *Server) Close() error {
	s.net.closeOnce.Do(func() { close(s.net.closed) })
	s.net.mu.Lock()
	defer s.net.mu.Unlock()
	var errs []error
	for _, h := range s.net.servers {
		errs = append(errs, h.Close())
	}
	s.net.servers = nil
	return errors.Join(errs...)
}

// Client returns an HTTP client for which every host of every URL is this server: http goes to the
// first address of Start, https to that of StartTLS, verified against the server's authority under
// the URL's host name. It follows no redirects and uses no proxy.
func (s *Server) Client() (*http.Client, error) {
	a, err := s.authority()
	if err != nil {
		return nil, err
	}
	roots := a.Pool()
	dial := func(ctx context.Context, addr *string) (net.Conn, error) {
		s.net.mu.Lock()
		to := *addr
		s.net.mu.Unlock()
		if to == "" {
			return nil, errors.New("the stand-in is not started for this scheme")
		}
		return (&net.Dialer{}).DialContext(ctx, "tcp", to)
	}
	return &http.Client{
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		Transport: &http.Transport{
			DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) { return dial(ctx, &s.net.plain) },
			DialTLSContext: func(ctx context.Context, _, addr string) (net.Conn, error) {
				c, err := dial(ctx, &s.net.secure)
				if err != nil {
					return nil, err
				}
				t := tls.Client(c, &tls.Config{RootCAs: roots, ServerName: hostName(addr), MinVersion: tls.VersionTLS12})
				if err := t.HandshakeContext(ctx); err != nil {
					return nil, errors.Join(err, c.Close())
				}
				return t, nil
			},
		},
	}, nil
}
