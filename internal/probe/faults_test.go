package probe_test

import (
	"context"
	"errors"
	"net"
	"net/http"
	"slices"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/alioss/terraform-provider-alioss/internal/osstest"
	"github.com/alioss/terraform-provider-alioss/internal/probe"
	"github.com/alioss/terraform-provider-alioss/internal/testworld"
	"github.com/alioss/terraform-provider-alioss/internal/transport"
)

func TestTriesAgain(t *testing.T) {
	once, twice := 250*time.Millisecond, []time.Duration{250 * time.Millisecond, 500 * time.Millisecond}
	for name, c := range map[string]struct {
		fault    osstest.Fault
		want     probe.Kind // empty: the object is found
		answer   string     // likewise
		requests int
		pauses   []time.Duration
	}{
		"500 once":  {fault: osstest.Fault{Status: 500, Count: 1}, requests: 2, pauses: []time.Duration{once}},
		"429 once":  {fault: osstest.Fault{Status: 429, Count: 1}, requests: 2, pauses: []time.Duration{once}},
		"503 twice": {fault: osstest.Fault{Status: 503, Count: 2}, requests: 3, pauses: twice},
		"cut once":  {fault: osstest.Fault{Cut: true, Count: 1}, requests: 2, pauses: []time.Duration{once}},
		"500 always": {
			fault: osstest.Fault{Status: 500}, want: probe.Unavailable, answer: "500 InternalError", requests: 3, pauses: twice,
		},
		"429 always": {
			fault: osstest.Fault{Status: 429}, want: probe.Unavailable, answer: "429 TooManyRequests", requests: 3,
			pauses: twice,
		},
		"cut always": {
			fault: osstest.Fault{Cut: true}, want: probe.Unanswered[transport.Broken], requests: 3, pauses: twice,
		},
		"400 for good": {fault: osstest.Fault{Status: 400}, want: probe.Refused, answer: "400 InternalError", requests: 1},
		"404 for good": {fault: osstest.Fault{Status: 404}, want: probe.Refused, answer: "404 InternalError", requests: 1},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			w.oss.Inject(c.fault)
			o, err := w.probe(t, newLink(nil))
			if c.want == none {
				if err != nil || o.StorageClass != "Standard" {
					t.Errorf("got %+v, %v; want the object", o, err)
				}
			} else {
				e := fault(t, err)
				answer := c.answer
				if answer != "" {
					answer += ", request " + e.RequestID
				}
				if e.Kind != c.want || e.Answer() != answer {
					t.Errorf("got %q, %q; want %q, %q", e.Kind, e.Answer(), c.want, answer)
				}
			}
			w.checkRequests(t, osstest.KindGet, c.requests)
			if !slices.Equal(w.pauses, c.pauses) {
				t.Errorf("the pauses were %v, want %v", w.pauses, c.pauses)
			}
		})
	}
}

func TestTimeouts(t *testing.T) {
	silent := func(context.Context, string, string) (net.Conn, error) {
		client, _ := net.Pipe() // nobody reads at its other end
		return client, nil
	}
	nowhere := func(ctx context.Context, _, _ string) (net.Conn, error) {
		<-ctx.Done()
		return nil, &net.OpError{Op: "dial", Net: "tcp", Err: ctx.Err()}
	}
	for name, c := range map[string]struct {
		transport *http.Transport
		want      probe.Kind
	}{
		"no answer":      {&http.Transport{DialTLSContext: silent}, probe.Unanswered[transport.NoAnswer]},
		"no connection":  {&http.Transport{DialTLSContext: nowhere}, probe.Unanswered[transport.NoConnection]},
		"no TLS in time": {&http.Transport{DialContext: silent}, probe.Unanswered[transport.NoConnection]},
		"slow to connect": {
			&http.Transport{DialContext: silent, TLSHandshakeTimeout: time.Second},
			probe.Unanswered[transport.NoConnection],
		},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var tries atomic.Int32
				client := probe.Client{
					Sleep: transport.Sleep, Now: now,
					Transport: testworld.RoundTripper(func(r *http.Request) (*http.Response, error) {
						tries.Add(1)
						return c.transport.RoundTrip(r)
					}),
				}
				began := time.Now()
				_, err := client.Object(t.Context(), newLink(nil))
				checkSilence(t, err, newLink(nil))
				if e := fault(t, err); e.Kind != c.want || e.Answer() != "" {
					t.Errorf("got %v, want %q", e, c.want)
				}
				if n := tries.Load(); n != probe.MaxTries {
					t.Errorf("%d tries, want %d", n, probe.MaxTries)
				}
				want := probe.Timeout
				if c.transport.TLSHandshakeTimeout != 0 {
					want = 3*time.Second + 750*time.Millisecond
				}
				if took := time.Since(began); took != want {
					t.Errorf("it took %s, want %s", took, want)
				}
				c.transport.CloseIdleConnections()
			})
		})
	}
}

// The result of a try that was cut short is less precise than the one before it.
func TestTimeForAllTries(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		tries := 0
		client := probe.Client{
			Sleep: transport.Sleep, Now: now,
			Transport: testworld.RoundTripper(func(r *http.Request) (*http.Response, error) {
				if tries++; tries < 3 {
					time.Sleep(4900 * time.Millisecond)
					h := http.Header{"X-Oss-Request-Id": {"65F1A2B30000000000000001"}}
					return &http.Response{StatusCode: 503, Header: h, Body: http.NoBody}, nil
				}
				<-r.Context().Done()
				return nil, r.Context().Err()
			}),
		}
		began := time.Now()
		_, err := client.Object(t.Context(), newLink(nil))
		if e := fault(t, err); e.Kind != probe.Unavailable ||
			e.Answer() != "503 Service Unavailable, request 65F1A2B30000000000000001" {
			t.Errorf("got %v, want the answer to the second try", e)
		}
		if took := time.Since(began); took != probe.Timeout {
			t.Errorf("it took %s, want %s", took, probe.Timeout)
		}
	})
}

func TestPauseEndsWithTheTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		tries := 0
		client := probe.Client{
			Sleep: func(ctx context.Context, _ time.Duration) error { return transport.Sleep(ctx, time.Hour) }, Now: now,
			Transport: testworld.RoundTripper(func(*http.Request) (*http.Response, error) {
				tries++
				return nil, errors.New("cut")
			}),
		}
		began := time.Now()
		_, err := client.Object(t.Context(), newLink(nil))
		if e := fault(t, err); e.Kind != probe.Unanswered[transport.Broken] || tries != 1 {
			t.Errorf("got %v after %d tries, want %q after 1", e, tries, probe.Unanswered[transport.Broken])
		}
		if took := time.Since(began); took != probe.Timeout {
			t.Errorf("it took %s, want %s", took, probe.Timeout)
		}
	})
}

func TestCancelled(t *testing.T) {
	stop := errors.New("the user interrupts")
	for name, c := range map[string]struct {
		sleep     func(cancel func()) func(context.Context, time.Duration) error
		transport func(cancel func()) testworld.RoundTripper
	}{
		"in a try": {
			sleep: func(func()) func(context.Context, time.Duration) error { return transport.Sleep },
			transport: func(cancel func()) testworld.RoundTripper {
				return func(r *http.Request) (*http.Response, error) {
					time.AfterFunc(time.Second, cancel)
					<-r.Context().Done()
					return nil, r.Context().Err()
				}
			},
		},
		"in a pause": {
			sleep: func(cancel func()) func(context.Context, time.Duration) error {
				return func(ctx context.Context, _ time.Duration) error {
					time.AfterFunc(time.Second, cancel)
					return transport.Sleep(ctx, time.Hour)
				}
			},
			transport: func(func()) testworld.RoundTripper {
				return func(*http.Request) (*http.Response, error) { return nil, errors.New("cut") }
			},
		},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				ctx, cancel := context.WithCancelCause(t.Context())
				interrupt := func() { cancel(stop) }
				began := time.Now()
				client := probe.Client{Sleep: c.sleep(interrupt), Transport: c.transport(interrupt), Now: now}
				_, err := client.Object(ctx, newLink(nil))
				if took := time.Since(began); !errors.Is(err, stop) || took != time.Second {
					t.Errorf("got %v after %s, want %q after 1s", err, took, stop)
				}
			})
		})
	}
}
