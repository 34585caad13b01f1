package credentials

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/alioss/terraform-provider-alioss/internal/osstest"
	"github.com/alioss/terraform-provider-alioss/internal/testworld"
)

// Every secret of the tests contains the word hush and every AccessKey id the word AKID, so that
// one search finds both in places where they must not be.
const (
	secretMark = "hush"
	keyMark    = "AKID"
)

// start is the fake clock's first instant.
var start = time.Date(2026, 5, 4, 3, 2, 1, 0, time.UTC)

// world is a fake outside world: variables, files, a clock, and servers on loopback.
type world struct {
	t     testing.TB
	vars  map[string]string
	files map[string]string
	// unreadable are files that may not be read.
	unreadable map[string]bool
	home       string
	// signIn answers as any sign-in host, nil for none.
	signIn *signIn

	sts  *fakeSTS
	imds *fakeIMDS
	uri  *fakeURI

	clock *testworld.Clock
	// patience lets a source's patience end, when it is closed.
	patience chan struct{}

	mu     sync.Mutex
	slept  []time.Duration
	lines  []line
	dialed []string // hosts that were connected to, for STS and URI
}

func newWorld(t testing.TB) *world {
	return &world{
		t: t, vars: map[string]string{}, files: map[string]string{}, unreadable: map[string]bool{},
		home: "/home/u", clock: testworld.NewClock(start), patience: make(chan struct{}),
		sts: newFakeSTS(t, ""), imds: newFakeIMDS(t, ""), uri: newFakeURI(t, ""),
	}
}

func (w *world) machine() *testworld.Machine {
	return &testworld.Machine{Variables: w.vars, Files: w.files, Unreadable: w.unreadable, Home: w.home}
}

func (w *world) environment() Environment {
	m := w.machine()
	return Environment{
		Getenv:   m.Getenv,
		HomeDir:  m.HomeDir,
		ReadFile: m.ReadFile,
		Now:      w.clock.Now,
		Sleep: func(ctx context.Context, d time.Duration) error {
			if d == patience {
				select {
				case <-w.patience:
				case <-ctx.Done():
				}
				return ctx.Err()
			}
			w.mu.Lock()
			defer w.mu.Unlock()
			w.slept = append(w.slept, d)
			return ctx.Err()
		},
		Log:               w.log,
		Transport:         w.transport(),
		MetadataTransport: &http.Transport{DialContext: w.dial(func(string) string { return w.imds.address() })},
	}
}

// transport reaches the fake STS and the sign-in service by their hosts, and the other loopback
// servers by their own addresses.
func (w *world) transport() *http.Transport {
	return &http.Transport{
		DialContext: w.dial(func(address string) string {
			switch {
			case strings.HasSuffix(address, ".aliyuncs.com:443"):
				return w.sts.address()
			case slices.Contains([]string{"signin.example:443", "oauth.aliyun.com:443", "oauth.alibabacloud.com:443"}, address):
				if w.signIn == nil {
					return ""
				}
				return w.signIn.address()
			case address == casesURI:
				return w.uri.Listener.Addr().String()
			}
			return address
		}),
		TLSClientConfig: &tls.Config{RootCAs: theAuthority().Pool()},
	}
}

func (w *world) dial(target func(address string) string) func(context.Context, string, string) (net.Conn, error) {
	return func(ctx context.Context, network, address string) (net.Conn, error) {
		w.mu.Lock()
		w.dialed = append(w.dialed, address)
		w.mu.Unlock()
		to := target(address)
		if to == "" {
			return nil, &net.OpError{Op: "dial", Net: network, Err: errors.New("no route to host")}
		}
		return (&net.Dialer{}).DialContext(ctx, network, to)
	}
}

// line is a line in the log.
type line struct {
	level, message string
	fields         map[string]any
}

func (w *world) log(_ context.Context, level, message string, fields map[string]any) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.lines = append(w.lines, line{level, message, fields})
}

// logged returns the lines of a level, and checks that none shows a secret or a key.
func (w *world) logged(level string) []line {
	w.t.Helper()
	w.mu.Lock()
	defer w.mu.Unlock()
	var lines []line
	for _, l := range w.lines {
		checkHidden(w.t, fmt.Sprint(l))
		if l.level == level {
			lines = append(lines, l)
		}
	}
	return lines
}

func (w *world) source(config Config) *Source { return New(config, w.environment()) }

// get calls Get once, and checks that neither result nor error shows a secret or a key.
func (w *world) get(config Config) (Credentials, error) {
	w.t.Helper()
	found, err := w.source(config).Get(w.t.Context())
	if err != nil {
		checkHidden(w.t, err.Error())
	}
	checkHidden(w.t, found.Source)
	return found, err
}

func checkHidden(t testing.TB, text string) {
	t.Helper()
	for _, mark := range []string{secretMark, keyMark} {
		if strings.Contains(text, mark) {
			t.Errorf("shows a secret or a key: %s", text)
		}
	}
}

// config is a CLI configuration whose current profile is p. profiles is the JSON of the profiles.
func cliConfig(current, profiles string) string {
	return `{"current":"` + current + `","profiles":[` + profiles + `],"meta_path":""}`
}

const cliPath = "/home/u/.aliyun/config.json"

// theAuthority serves all tests: making keys takes time.
var theAuthority = sync.OnceValue(func() *osstest.Authority {
	a, err := osstest.NewAuthority()
	if err != nil {
		panic(err)
	}
	return a
})

// fault answers a request in place of the server, if it returns true. n counts requests from 1.
type fault func(n int, w http.ResponseWriter, r *http.Request) bool

// server counts requests and lets a fault answer first.
type server struct {
	*httptest.Server
	mu       sync.Mutex
	requests []string
	fault    fault
}

func (s *server) address() string { return s.Listener.Addr().String() }

// listen prepares the server at an address, or at any of loopback if that is empty. Its log, about
// connections that a test breaks on purpose, is dropped.
func (s *server) listen(t testing.TB, address string, handler http.HandlerFunc) {
	t.Helper()
	s.Server = httptest.NewUnstartedServer(handler)
	s.Config.ErrorLog = log.New(io.Discard, "", 0)
	t.Cleanup(s.Close)
	if address == "" {
		return
	}
	listener, err := net.Listen("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	s.Listener.Close()
	s.Listener = listener
}

// startTLS serves with a certificate of theAuthority.
func (s *server) startTLS(t testing.TB) {
	t.Helper()
	config, err := theAuthority().Config()
	if err != nil {
		t.Fatal(err)
	}
	s.TLS = config
	s.StartTLS()
}

func (s *server) log() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]string(nil), s.requests...)
}

func (s *server) count() int { return len(s.log()) }

func (s *server) handle(w http.ResponseWriter, r *http.Request, what string, answer http.HandlerFunc) {
	s.mu.Lock()
	s.requests = append(s.requests, what)
	n := len(s.requests)
	f := s.fault
	s.mu.Unlock()
	if f != nil && f(n, w, r) {
		return
	}
	answer(w, r)
}

// Faults.

func status(code int, body string) fault {
	return func(_ int, w http.ResponseWriter, _ *http.Request) bool {
		w.WriteHeader(code)
		_, _ = w.Write([]byte(body))
		return true
	}
}

// cut ends the connection in the middle of the answer.
func cut(_ int, w http.ResponseWriter, _ *http.Request) bool {
	w.Header().Set("Content-Length", "1000")
	_, _ = w.Write([]byte(`{"AccessKeyId":"AKID`))
	panic(http.ErrAbortHandler)
}

// endless answers until the client has had enough.
func endless(_ int, w http.ResponseWriter, _ *http.Request) bool {
	piece := []byte(strings.Repeat(secretMark, 1<<14))
	for {
		if _, err := w.Write(piece); err != nil {
			return true
		}
	}
}

// firstOnly lets f answer the first n requests.
func firstOnly(n int, f fault) fault {
	return func(i int, w http.ResponseWriter, r *http.Request) bool { return i <= n && f(i, w, r) }
}
