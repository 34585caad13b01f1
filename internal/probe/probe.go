// Package probe requests facts about objects from OSS: whether a presigned URL gives access to one,
// its facts, and which objects there are under a prefix. An [Error] words what was found for the
// user who configured the URL, and contains the argument at fault.
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
	"maps"
	"net/http"
	"time"

	"github.com/alioss/terraform-provider-alioss/internal/signer"
	"github.com/alioss/terraform-provider-alioss/internal/transport"
)

const (
	// MaxTries is how often a request is sent before its failure is final.
	MaxTries = 3
	// TryTimeout is how long one try of Object may take, from DNS to the headers of the answer.
	TryTimeout = 5 * time.Second
	// Timeout is how long all tries of Object and the pauses between them may take together.
	Timeout = 15 * time.Second
	// PageTimeout is how long one page of List may take, with all its tries.
	PageTimeout = 30 * time.Second

	// The request of Object is valid as long as the URL, within these limits in seconds. The lower one
	// leaves room for tries. The upper one, which pages of List have too, is the service's tolerance
	// towards the other side, so that a clock counts as wrong from 15 minutes in both directions.
	minExpires = 60
	maxExpires = 900

	// firstPause is the pause before the second try. The one before the third is twice as long.
	firstPause = 250 * time.Millisecond
	// maxError is how many bytes are read of an error's XML. The longest, SignatureDoesNotMatch, has
	// what was signed four times, two of them in hexadecimal, and with it the security token.
	maxError = 64 << 10
)

// Client sends the requests. All fields are required. Several goroutines may use it.
type Client struct {
	// Transport carries the requests. Redirects are not followed.
	Transport http.RoundTripper
	// Sleep waits before a request is repeated. When ctx ends, it returns its error early.
	Sleep func(ctx context.Context, d time.Duration) error
	// Now returns the time to sign for, which is the present: what is asked is about the object, and
	// not about the time of its URL.
	Now func() time.Time
}

// Request is what the recipient of a URL will send, with what errors about it show.
type Request struct {
	// Request is that of the URL. A version of the object is in its Query, as versionId.
	signer.Request

	Credentials signer.Credentials
	Source      string // describes the credentials
	// Argument is the argument that asks for the request: verify, pin_version or prefix.
	Argument     string
	HostArgument string // the argument that chose the host, or "" if none did

	at time.Time // when it was signed
}

// Object requests the object of a URL for GET or HEAD, without processing.
//
// It sends what the recipient of the URL will send: a CDN may turn HEAD into GET, and for an
// archived object only GET is refused. A GET requests the first byte, unless the URL is signed with
// a range of its own. If the answer ignores the range, the body is left unread. An empty object is
// no error, whether its answer is 200, 206 or 416.
//
// It tries again after a connection that fails, and after statuses 429 and 5xx. The error is an
// *[Error], that of signing, or the cause of ctx if that has ended.
func (c Client) Object(ctx context.Context, r Request) (Object, error) {
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		return Object{}, errUnsendable
	}
	r.Expires = min(max(r.Expires, minExpires), maxExpires)
	r.Query = maps.Clone(r.Query)
	delete(r.Query, "x-oss-process")
	a, err := c.ask(ctx, r)
	if err != nil {
		return Object{}, err
	}
	return readObject(a)
}

// Version returns the id of the current version of an object. It is an error if the object has
// none, or if the next upload may replace it. Other errors are those of [Client.Object].
func (c Client) Version(ctx context.Context, r Request) (string, error) {
	o, err := c.Object(ctx, r)
	switch {
	case err != nil:
		return "", err
	case o.VersionID == "null":
		return "", &Error{Kind: VersionReplaceable, Request: r}
	case o.VersionID == "" && r.HostArgument == "domain":
		return "", &Error{Kind: VersionRemoved, Request: r}
	case o.VersionID == "":
		return "", &Error{Kind: NotVersioned, Request: r}
	}
	return o.VersionID, nil
}

// errUnsendable is the error for a request that no checked URL can be. It shows nothing of it.
var errUnsendable = errors.New("the request cannot be sent")

// ask signs a request and sends it until it is answered. The error is that of Object.
func (c Client) ask(ctx context.Context, r Request) (answer, error) {
	r.at = c.Now()
	url, headers, err := signer.Presign(r.Request, r.Credentials, r.at)
	if err != nil {
		return answer{}, err
	}
	header := http.Header{"Accept-Encoding": {"identity"}} // unless the URL is signed with another
	for name, value := range headers {
		header.Set(name, value)
	}
	isFirstByte := r.Method == http.MethodGet && !r.OnBucket && header.Get("Range") == ""
	if isFirstByte {
		header.Set("Range", "bytes=0-0")
	}
	limits := transport.Limits{Tries: MaxTries, Pause: firstPause, Try: TryTimeout, All: Timeout}
	if r.OnBucket {
		limits.Try, limits.All = PageTimeout, PageTimeout
	}
	a, err := transport.Client{Transport: c.Transport, Sleep: c.Sleep, Limits: limits}.Do(ctx, transport.Exchange{
		New: func(ctx context.Context) (*http.Request, error) {
			request, err := http.NewRequestWithContext(ctx, r.Method, url, nil)
			if err != nil {
				return nil, errUnsendable
			}
			request.Header = header.Clone()
			return request, nil
		},
		Body: func(status int) int64 {
			switch {
			case r.OnBucket && status == http.StatusOK:
				return MaxPage
			case r.OnBucket || !isSuccess(status):
				return maxError
			case status == http.StatusPartialContent:
				return 1 // reads an answer of one byte to its end, so that the connection can be used again
			}
			return 0
		},
	})
	if fault, ok := errors.AsType[*transport.Error](err); ok {
		return answer{}, &Error{Kind: unanswered[fault.Kind], Request: r, Status: fault.Status}
	}
	if err != nil {
		return answer{}, err
	}
	return answer{r, isFirstByte, a.Status, a.Header, a.Body(), a.Truncated}, nil
}

// isSuccess reports whether the object exists. 304 answers a condition of the signed headers.
func isSuccess(status int) bool {
	return status >= 200 && status < 300 || status == http.StatusNotModified
}
