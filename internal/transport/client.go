package transport

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptrace"
	"net/url"
	"sync/atomic"
	"time"
)

// MaxBody is how many bytes of an answer are read unless an [Exchange] sets another limit.
const MaxBody = 1 << 20

// maxHeader is the largest header of an answer, in bytes. A larger one is a broken connection.
const maxHeader = 64 << 10

// Client sends requests. All fields are required. Several goroutines may use it.
type Client struct {
	// Transport carries the requests. [New] makes one. Redirects are not followed.
	Transport http.RoundTripper
	// Sleep waits before a request is repeated. It returns early, with an error, when ctx ends.
	Sleep  func(ctx context.Context, d time.Duration) error
	Limits Limits
}

// Limits set how often a request is sent and how long that may take.
type Limits struct {
	// Tries is how often a request is sent before its failure is final, at least 1.
	Tries int
	// Pause is the wait before the second try. Each further wait is twice as long.
	Pause time.Duration
	// Try is how long one try may take, from looking up the host to the end of the answer.
	Try time.Duration
	// All is how long all tries and the pauses between them may take together.
	All time.Duration
}

// Exchange is one request and what the caller wants of its answer.
type Exchange struct {
	// New makes the request of one try, so that a nonce or a time stamp is never sent twice. Its error
	// ends the exchange.
	New func(ctx context.Context) (*http.Request, error)
	// Again reports whether an answer other than status 429 and 5xx needs another try. It may be nil.
	Again func(*Answer) bool
	// Once makes a failed connection final. Statuses 429 and 5xx are repeated all the same.
	Once bool
	// Body returns how many bytes are read of the body of an answer with this status; nil means
	// [MaxBody]. Nothing is read of a body if it returns 0.
	Body func(status int) int64
}

// Answer is what a service answered.
type Answer struct {
	Status int
	Header http.Header
	// Truncated reports whether the body goes on after what was read, false if nothing was wanted.
	Truncated bool

	body *string // behind a pointer, since fmt shows the content of an unexported field
}

// Body returns the body as far as it was read. It may contain secrets.
func (a *Answer) Body() string { return *a.body }

// Do sends a request until it is answered, and returns the last answer whatever its status. It
// tries again after connections that fail and after statuses 429 and 5xx.
//
// The error is an *[Error], that of x.New, or the cause of ctx if that has ended.
func (c Client) Do(ctx context.Context, x Exchange) (*Answer, error) {
	all, cancel := context.WithTimeout(ctx, c.Limits.All)
	defer cancel()
	pause := c.Limits.Pause
	var answer *Answer
	var fault error
	for try := 1; ; try++ {
		a, err := c.try(all, x)
		// If the time for all tries cuts the last one short, the result before is more precise.
		if try == 1 || all.Err() == nil {
			answer, fault = a, err
		}
		if try >= c.Limits.Tries || all.Err() != nil || !x.again(a, err) || c.Sleep(all, pause) != nil {
			break
		}
		pause *= 2
	}
	if ctx.Err() != nil {
		return nil, context.Cause(ctx)
	}
	return answer, fault
}

func (x Exchange) again(a *Answer, err error) bool {
	if err != nil {
		fault, ok := errors.AsType[*Error](err)
		return ok && fault.temporary() && !x.Once
	}
	return a.Status == http.StatusTooManyRequests || a.Status >= http.StatusInternalServerError ||
		x.Again != nil && x.Again(a)
}

// try sends the request once. all ends with the time for all tries.
func (c Client) try(all context.Context, x Exchange) (*Answer, error) {
	ctx, cancel := context.WithTimeout(all, c.Limits.Try)
	defer cancel()
	var connected atomic.Bool
	request, err := x.New(httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{
		GotConn: func(httptrace.GotConnInfo) { connected.Store(true) },
	}))
	if err != nil {
		return nil, err
	}
	failed := func(err error, connected bool) error {
		fault := Describe(err, connected)
		if fault.Kind == NoAnswer {
			fault.After = c.Limits.Try
			if all.Err() != nil {
				fault.After = c.Limits.All
			}
		}
		return fault
	}
	// A RoundTripper follows no redirects and sends no cookies, which http.Client may.
	response, err := c.Transport.RoundTrip(request)
	if err != nil {
		return nil, failed(err, connected.Load())
	}
	defer func() { _ = response.Body.Close() }()
	answer := &Answer{Status: response.StatusCode, Header: response.Header, body: new(string)}
	limit := int64(MaxBody)
	if x.Body != nil {
		limit = x.Body(answer.Status)
	}
	if limit <= 0 {
		return answer, nil
	}
	body, err := io.ReadAll(io.LimitReader(response.Body, limit+1))
	if err != nil {
		return nil, failed(err, true)
	}
	if int64(len(body)) > limit {
		body, answer.Truncated = body[:limit], true
	}
	*answer.body = string(body)
	return answer, nil
}

// New returns a transport that gives a connection the time connect, and a TLS handshake as much
// again. proxy is that of [http.Transport] and may be nil.
func New(connect time.Duration, proxy func(*http.Request) (*url.URL, error)) *http.Transport {
	return &http.Transport{
		Proxy:                  proxy,
		OnProxyConnectResponse: proxyAnswer,
		DialContext:            (&net.Dialer{Timeout: connect}).DialContext,
		TLSHandshakeTimeout:    connect,
		ForceAttemptHTTP2:      true,
		MaxResponseHeaderBytes: maxHeader,
		IdleConnTimeout:        30 * time.Second,
		MaxIdleConns:           4,
	}
}

// proxyAnswer replaces the error of net/http, which has the proxy's own words.
func proxyAnswer(_ context.Context, _ *url.URL, _ *http.Request, answer *http.Response) error {
	if answer.StatusCode == http.StatusOK {
		return nil
	}
	return &Error{Kind: ProxyRefused, Status: answer.StatusCode}
}

// Sleep waits for d, or until ctx ends, and then returns the context's cause.
func Sleep(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}
