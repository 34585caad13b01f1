// Package probe requests facts about objects from OSS: whether a presigned URL gives access to one,
// its facts, and which objects there are under a prefix. If an object cannot be read, the error has
// a kind that a caller can act on.
//
// A presigned URL is a credential, and the answer may come from another server than OSS. So no
// error of this package shows the URL, an error of net/http (which repeats it), or text of the
// answer, but for a code, an EC, a request id and a host that have the form of one. The facts of an
// object are checked against their forms as well.
//
// The answers are those of Alibaba Cloud's pages "Error responses", "GetObject", "HeadObject" and
// "ListObjectsV2". An error comes as XML in the body. An answer to HEAD has no body, and the
// service puts the XML in Base64 into the header x-oss-err.
package probe

import (
	"context"
	"errors"
	"net/http"
	"time"

	"github.com/alioss/terraform-provider-alioss/internal/transport"
)

const (
	// MaxTries is how often a request is sent before its failure is final.
	MaxTries = 3
	// TryTimeout is how long one try of Object may take, from looking up the host to the headers of
	// the answer.
	TryTimeout = 5 * time.Second
	// Timeout is how long all tries of Object and the pauses between them may take together.
	Timeout = 15 * time.Second
	// PageTimeout is how long one page of List may take, with all its tries.
	PageTimeout = 30 * time.Second

	// firstPause is the pause before the second try. The one before the third is twice as long.
	firstPause = 250 * time.Millisecond
	// maxError is how many bytes are read of an error's XML. The longest that the service makes is
	// that of a signature that does not match: it contains what was signed four times, two of them
	// in hexadecimal, and with it the security token.
	maxError = 64 << 10
)

// Client sends the requests. Both fields are required. Several goroutines may use it.
type Client struct {
	// Transport carries the requests. Redirects are not followed.
	Transport http.RoundTripper
	// Sleep waits before a request is repeated. It returns early, with the context's error, when
	// ctx ends.
	Sleep func(ctx context.Context, d time.Duration) error
}

// Object requests the object of a URL that was signed for method, GET or HEAD, and sends headers
// with the request.
//
// It sends what the recipient of the URL will send: a CDN may turn HEAD into GET, and for an
// archived object only GET is refused. A GET requests the first byte, unless headers contain a
// range of their own. If the answer ignores the range, the body is left unread. An empty object is
// no error, whether its answer is 200, 206 or 416.
//
// It tries again after a connection that fails, and after statuses 429 and 5xx. The error is an
// *[Error], or the cause of ctx if that has ended.
func (c Client) Object(ctx context.Context, method, url string, headers map[string]string) (Object, error) {
	if method != http.MethodGet && method != http.MethodHead {
		return Object{}, &Error{Kind: Unsendable}
	}
	send := headerOf(headers)
	isFirstByte := method == http.MethodGet && send.Get("Range") == ""
	if isFirstByte {
		send.Set("Range", "bytes=0-0")
	}
	limits := transport.Limits{Tries: MaxTries, Pause: firstPause, Try: TryTimeout, All: Timeout}
	a, err := c.ask(ctx, limits, method, url, send, func(status int) int64 {
		switch {
		case status == http.StatusPartialContent:
			return 1 // reads an answer of one byte to its end, so that the connection can be used again
		case isSuccess(status):
			return 0
		}
		return maxError
	})
	if err != nil {
		return Object{}, err
	}
	return readObject(a, isFirstByte)
}

// headerOf returns the headers to send. The answer must not be compressed unless they request it.
func headerOf(headers map[string]string) http.Header {
	h := http.Header{"Accept-Encoding": {"identity"}}
	for name, value := range headers {
		h.Set(name, value)
	}
	return h
}

// ask sends a request until it is answered. The error is an *[Error], or the cause of ctx if that
// has ended.
func (c Client) ask(
	ctx context.Context, limits transport.Limits, method, url string, header http.Header, body func(status int) int64,
) (answer, error) {
	a, err := transport.Client{Transport: c.Transport, Sleep: c.Sleep, Limits: limits}.Do(ctx, transport.Exchange{
		New: func(ctx context.Context) (*http.Request, error) {
			request, err := http.NewRequestWithContext(ctx, method, url, nil)
			if err != nil {
				return nil, &Error{Kind: Unsendable}
			}
			request.Header = header.Clone()
			return request, nil
		},
		Body: body,
	})
	var fault *transport.Error
	if errors.As(err, &fault) {
		return answer{}, &Error{Kind: Kind(fault.Kind), Status: fault.Status, After: fault.After}
	}
	if err != nil {
		return answer{}, err
	}
	return answer{method, a.Status, a.Header, a.Body(), a.Truncated}, nil
}

// isSuccess reports whether a status means that the object exists. 304 answers a condition of the
// signed headers.
func isSuccess(status int) bool {
	return status >= 200 && status < 300 || status == http.StatusNotModified
}
