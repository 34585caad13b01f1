package transport_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/alioss/terraform-provider-alioss/internal/testworld"
	"github.com/alioss/terraform-provider-alioss/internal/transport"
)

// secret is in everything that no error may show.
const secret = "hush"

var limits = transport.Limits{Tries: 3, Pause: 200 * time.Millisecond, Try: 4 * time.Second, All: 10 * time.Second}

// service is a fake transport that counts requests and pauses.
type service struct {
	answer   func(n int, r *http.Request) (*http.Response, error)
	requests int
	pauses   []time.Duration
}

func (s *service) client() transport.Client {
	return transport.Client{
		Transport: testworld.RoundTripper(func(r *http.Request) (*http.Response, error) {
			s.requests++
			return s.answer(s.requests, r)
		}),
		Sleep: func(ctx context.Context, d time.Duration) error {
			s.pauses = append(s.pauses, d)
			return transport.Sleep(ctx, d)
		},
		Limits: limits,
	}
}

func newRequest(ctx context.Context) (*http.Request, error) {
	return http.NewRequestWithContext(ctx, http.MethodGet, "https://service.example/"+secret+"?k="+secret, http.NoBody)
}

func respond(status int, body string) (*http.Response, error) {
	return &http.Response{
		StatusCode: status, Header: http.Header{"X-Id": {"1"}}, Body: io.NopCloser(strings.NewReader(body)),
	}, nil
}

// hang waits for the end of the request, as a service does that drops packets.
func hang(_ int, r *http.Request) (*http.Response, error) {
	<-r.Context().Done()
	return nil, fmt.Errorf("%s: %w", secret, context.Cause(r.Context()))
}

func kindOf(t *testing.T, err error) transport.Kind {
	t.Helper()
	var fault *transport.Error
	if !errors.As(err, &fault) {
		t.Fatalf("got the error %v, want one of this package", err)
	}
	if strings.Contains(fmt.Sprintf("%v %+v %#v", err, fault, fault), secret) {
		t.Errorf("shows a secret: %v", err)
	}
	return fault.Kind
}

func TestTries(t *testing.T) {
	statuses := func(all ...int) func(int, *http.Request) (*http.Response, error) {
		return func(n int, _ *http.Request) (*http.Response, error) { return respond(all[min(n, len(all))-1], secret) }
	}
	broken := func(int, *http.Request) (*http.Response, error) { return nil, errors.New(secret) }
	throttled := func(a *transport.Answer) bool { return a.Status == 400 }
	for name, c := range map[string]struct {
		answer   func(int, *http.Request) (*http.Response, error)
		exchange transport.Exchange
		status   int // of the last answer, 0 for none
		requests int
	}{
		"answer":                   {statuses(200), transport.Exchange{}, 200, 1},
		"refusal":                  {statuses(403), transport.Exchange{}, 403, 1},
		"redirect":                 {statuses(302), transport.Exchange{}, 302, 1},
		"503, then an answer":      {statuses(503, 200), transport.Exchange{}, 200, 2},
		"429, 500, then an answer": {statuses(429, 500, 200), transport.Exchange{}, 200, 3},
		"503 without end":          {statuses(503), transport.Exchange{}, 503, 3},
		"asked for by the caller":  {statuses(400, 200), transport.Exchange{Again: throttled}, 200, 2},
		"not asked for":            {statuses(400, 200), transport.Exchange{}, 400, 1},
		"broken":                   {broken, transport.Exchange{}, 0, 3},
		"broken, once":             {broken, transport.Exchange{Once: true}, 0, 1},
		"503, once":                {statuses(503), transport.Exchange{Once: true}, 503, 3},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := &service{answer: c.answer}
				c.exchange.New = newRequest
				a, err := s.client().Do(t.Context(), c.exchange)
				switch {
				case c.status == 0:
					kindOf(t, err)
				case err != nil:
					t.Fatal(err)
				case a.Status != c.status || a.Body() != secret || a.Truncated || a.Header.Get("X-Id") != "1":
					t.Errorf("got %+v, want status %d and the body", a, c.status)
				}
				want := []time.Duration{limits.Pause, 2 * limits.Pause}[:c.requests-1]
				if s.requests != c.requests || fmt.Sprint(s.pauses) != fmt.Sprint(want) {
					t.Errorf("%d requests and the pauses %v, want %d and %v", s.requests, s.pauses, c.requests, want)
				}
			})
		})
	}
}

// TestEnd checks that every wait keeps to its limit, by a clock that only moves while all wait.
func TestEnd(t *testing.T) {
	for name, c := range map[string]struct {
		answer func(int, *http.Request) (*http.Response, error)
		change func(*transport.Limits)
		want   string
		took   time.Duration
	}{
		"no answer": {hang, func(*transport.Limits) {}, string(transport.NoConnection), limits.All},
		"one try takes all the time": {
			hang, func(l *transport.Limits) { l.Try = time.Minute }, string(transport.NoConnection), limits.All,
		},
		"two tries": {
			hang, func(l *transport.Limits) { l.Tries = 2 }, string(transport.NoConnection), 2*limits.Try + limits.Pause,
		},
		"pause too long": {
			func(int, *http.Request) (*http.Response, error) { return nil, errors.New(secret) },
			func(l *transport.Limits) { l.Pause = time.Minute }, string(transport.Broken), limits.All,
		},
		"the last try is cut short": {
			func(n int, r *http.Request) (*http.Response, error) {
				if n < 3 {
					<-r.Context().Done()
					return nil, errors.New(secret)
				}
				return hang(n, r)
			},
			func(*transport.Limits) {}, string(transport.Broken), limits.All,
		},
		"body without end": {
			func(_ int, r *http.Request) (*http.Response, error) {
				return &http.Response{StatusCode: 200, Body: io.NopCloser(drip{r.Context()})}, nil
			},
			func(l *transport.Limits) { l.Tries = 1 }, "no answer came within 4s", limits.Try,
		},
		"body that takes all the time": {
			func(_ int, r *http.Request) (*http.Response, error) {
				return &http.Response{StatusCode: 200, Body: io.NopCloser(drip{r.Context()})}, nil
			},
			func(l *transport.Limits) { l.Try = time.Minute }, "no answer came within 10s", limits.All,
		},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := &service{answer: c.answer}
				client := s.client()
				c.change(&client.Limits)
				begin := time.Now()
				_, err := client.Do(t.Context(), transport.Exchange{New: newRequest})
				kindOf(t, err)
				if err.Error() != c.want || time.Since(begin) != c.took {
					t.Errorf("got %q after %s, want %q after %s", err, time.Since(begin), c.want, c.took)
				}
			})
		})
	}
}

// drip is a body that sends a byte a second.
type drip struct{ ctx context.Context }

func (d drip) Read(p []byte) (int, error) {
	if err := transport.Sleep(d.ctx, time.Second); err != nil {
		return 0, err
	}
	p[0] = 'h'
	return 1, nil
}

func TestCancelled(t *testing.T) {
	stopped := errors.New("stopped")
	for name, answer := range map[string]func(context.CancelCauseFunc) func(int, *http.Request) (*http.Response, error){
		"in a request": func(cancel context.CancelCauseFunc) func(int, *http.Request) (*http.Response, error) {
			return func(n int, r *http.Request) (*http.Response, error) {
				cancel(stopped)
				return hang(n, r)
			}
		},
		"in a pause": func(cancel context.CancelCauseFunc) func(int, *http.Request) (*http.Response, error) {
			return func(int, *http.Request) (*http.Response, error) {
				time.AfterFunc(limits.Pause/2, func() { cancel(stopped) })
				return respond(503, "")
			}
		},
		"with an answer": func(cancel context.CancelCauseFunc) func(int, *http.Request) (*http.Response, error) {
			return func(int, *http.Request) (*http.Response, error) {
				cancel(stopped)
				return respond(200, "")
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				ctx, cancel := context.WithCancelCause(t.Context())
				defer cancel(nil)
				s := &service{answer: answer(cancel)}
				if _, err := s.client().Do(ctx, transport.Exchange{New: newRequest}); !errors.Is(err, stopped) || s.requests != 1 {
					t.Errorf("got %v after %d requests, want the cause after one", err, s.requests)
				}
			})
		})
	}
}

func TestRequestThatIsNone(t *testing.T) {
	s := &service{}
	want := errors.New("no request")
	_, err := s.client().Do(t.Context(), transport.Exchange{New: func(context.Context) (*http.Request, error) {
		return nil, want
	}})
	if !errors.Is(err, want) || s.requests != 0 {
		t.Errorf("got %v after %d requests, want %v after none", err, s.requests, want)
	}
}

func TestEachTryMakesItsRequest(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &service{answer: func(int, *http.Request) (*http.Response, error) { return respond(503, "") }}
		made := 0
		_, err := s.client().Do(t.Context(), transport.Exchange{New: func(ctx context.Context) (*http.Request, error) {
			made++
			return newRequest(ctx)
		}})
		if err != nil || made != 3 {
			t.Errorf("%d requests were made and the error is %v, want 3 and none", made, err)
		}
	})
}

func TestBody(t *testing.T) {
	for name, c := range map[string]struct {
		size      int
		limit     func(int) int64
		want      int
		truncated bool
	}{
		"empty":              {0, nil, 0, false},
		"at the limit":       {transport.MaxBody, nil, transport.MaxBody, false},
		"over the limit":     {transport.MaxBody + 1, nil, transport.MaxBody, true},
		"at a limit of 10":   {10, func(int) int64 { return 10 }, 10, false},
		"over a limit of 10": {11, func(int) int64 { return 10 }, 10, true},
		"unread":             {11, func(int) int64 { return 0 }, 0, false},
		"by status":          {11, func(status int) int64 { return int64(status) - 195 }, 5, true},
	} {
		t.Run(name, func(t *testing.T) {
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				_, _ = w.Write(make([]byte, c.size))
			}))
			defer server.Close()
			client := transport.Client{Transport: transport.New(time.Second, nil), Sleep: transport.Sleep, Limits: limits}
			a, err := client.Do(t.Context(),
				transport.Exchange{Body: c.limit, New: func(ctx context.Context) (*http.Request, error) {
					return http.NewRequestWithContext(ctx, http.MethodGet, server.URL, http.NoBody)
				}})
			if err != nil {
				t.Fatal(err)
			}
			if len(a.Body()) != c.want || a.Truncated != c.truncated {
				t.Errorf("%d bytes, truncated %t; want %d, %t", len(a.Body()), a.Truncated, c.want, c.truncated)
			}
		})
	}
}

// TestBodyIsHidden prints an answer in every way that a careless caller might.
func TestBodyIsHidden(t *testing.T) {
	s := &service{answer: func(int, *http.Request) (*http.Response, error) { return respond(200, secret) }}
	a, err := s.client().Do(t.Context(), transport.Exchange{New: newRequest})
	if err != nil || a.Body() != secret {
		t.Fatalf("got %v and %v, want the body", a, err)
	}
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x"} {
		for _, value := range []any{a, *a, struct{ a *transport.Answer }{a}, struct{ a transport.Answer }{*a}} {
			if printed := fmt.Sprintf(verb, value); strings.Contains(printed, secret) || strings.Contains(printed, "104 117") {
				t.Errorf("%s shows the body: %s", verb, printed)
			}
		}
	}
}

// TestNoRedirect asks a server that would send the request, and what it carries, elsewhere.
func TestNoRedirect(t *testing.T) {
	requests := 0
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		requests++
		http.Redirect(w, r, "/elsewhere", http.StatusTemporaryRedirect)
	}))
	defer server.Close()
	client := transport.Client{Transport: transport.New(time.Second, nil), Sleep: transport.Sleep, Limits: limits}
	a, err := client.Do(t.Context(), transport.Exchange{New: func(ctx context.Context) (*http.Request, error) {
		return http.NewRequestWithContext(ctx, http.MethodGet, server.URL, http.NoBody)
	}})
	if err != nil || a.Status != http.StatusTemporaryRedirect || requests != 1 {
		t.Errorf("got %v, %v after %d requests, want the redirect itself", a, err, requests)
	}
}
