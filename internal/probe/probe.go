// Package probe asks OSS whether an object is there and may be read: by one HEAD request on a presigned URL. It says why where it is not,
// in kinds that a caller can act on.
//
// A presigned URL is a credential, and what answers need not be OSS. So no error of this package holds the URL, an error of net/http (which
// repeats it), or text of the answer, but for a code, an EC, a request id and a host that have the form of one.
//
// The answers are those of Alibaba Cloud's pages "Error responses" and "HeadObject". A HEAD has no body: the service puts the XML of an error
// in Base64 into the header x-oss-err.
package probe

import (
	"context"
	"net/http"
	"net/http/httptrace"
	"strings"
	"sync/atomic"
	"time"
)

const (
	// MaxTries is how often the request is sent before its failure is final.
	MaxTries = 3
	// TryTimeout is how long one try may take, from looking up the host to the headers of the answer.
	TryTimeout = 5 * time.Second
	// Timeout is how long all tries and the pauses between them may take together.
	Timeout = 15 * time.Second

	// firstPause is the pause before the second try; the one before the third is twice as long.
	firstPause = 250 * time.Millisecond
)

// Client sends the requests. Both fields are required. Several goroutines may use it.
type Client struct {
	// Transport carries the requests. Redirects are not followed.
	Transport http.RoundTripper
	// Sleep waits before a request is repeated. It returns early, with the context's error, when ctx ends.
	Sleep func(ctx context.Context, d time.Duration) error
}

// Object is what the service says of an object that may be read.
type Object struct {
	// StorageClass is one of the service's, such as "Standard" or "ColdArchive"; empty where the answer names none.
	StorageClass string
	// Restored tells whether a copy of an archived object can be read for the time being.
	Restored bool
	// RestoredUntil is when that copy goes; zero where the answer does not say.
	RestoredUntil time.Time
}

// Archived tells whether the object is of a class that must be restored before it can be read, and has no restored copy. A bucket with direct
// read of archived objects serves the class "Archive" all the same, and the answer does not say whether it does.
func (o Object) Archived() bool {
	switch o.StorageClass {
	case ClassArchive, ClassColdArchive, ClassDeepColdArchive:
		return !o.Restored
	}
	return false
}

// The storage classes that must be restored before they can be read.
const (
	ClassArchive         = "Archive"
	ClassColdArchive     = "ColdArchive"
	ClassDeepColdArchive = "DeepColdArchive"
)

// Object asks for the object that a URL signed for HEAD opens, sending headers with the request. It tries again after a connection that fails, and
// after statuses 429 and 5xx. The error is an *Error, or the cause of ctx where that has ended.
func (c Client) Object(ctx context.Context, url string, headers map[string]string) (Object, error) {
	all, cancel := context.WithTimeout(ctx, Timeout)
	defer cancel()
	pause := firstPause
	var last *Error
	for try := 1; ; try++ {
		o, fault := c.try(all, url, headers)
		if ctx.Err() != nil {
			return Object{}, context.Cause(ctx)
		}
		if fault == nil {
			return o, nil
		}
		// What the time for all tries cut short says less than the try before it.
		if last == nil || all.Err() == nil {
			last = fault
		}
		if !fault.retry || try == MaxTries || all.Err() != nil || c.Sleep(all, pause) != nil {
			break
		}
		pause *= 2
	}
	if ctx.Err() != nil {
		return Object{}, context.Cause(ctx)
	}
	return Object{}, last
}

// try sends the request once.
func (c Client) try(ctx context.Context, url string, headers map[string]string) (Object, *Error) {
	ctx, cancel := context.WithTimeout(ctx, TryTimeout)
	defer cancel()
	var connected atomic.Bool
	request, err := http.NewRequestWithContext(httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{
		GotConn: func(httptrace.GotConnInfo) { connected.Store(true) },
	}), http.MethodHead, url, nil)
	if err != nil {
		return Object{}, &Error{Kind: Unsendable}
	}
	for name, value := range headers {
		request.Header.Set(name, value)
	}
	// A RoundTripper follows no redirects, and its errors do not repeat the URL by themselves, as those of http.Client do.
	response, err := c.Transport.RoundTrip(request)
	if err != nil {
		return Object{}, describe(err, connected.Load())
	}
	_ = response.Body.Close() // unread: the answer to a HEAD has none, and of anything else nothing is wanted
	return read(response)
}

// read tells an object from a refusal.
func read(response *http.Response) (Object, *Error) {
	h := response.Header
	status := response.StatusCode
	found := status >= 200 && status < 300 || status == http.StatusNotModified
	if !found || !fromOSS(h) {
		return Object{}, refusal(status, h)
	}
	o := Object{}
	if class := h.Get("x-oss-storage-class"); storageClass.MatchString(class) {
		o.StorageClass = class
	}
	o.Restored, o.RestoredUntil = readRestore(h.Get("x-oss-restore"))
	return o, nil
}

// fromOSS tells whether an answer is the service's: every one carries x-oss-request-id. The server of a domain that is bound to no bucket, a
// proxy or a login page may answer 200 as well.
func fromOSS(h http.Header) bool { return h.Get("x-oss-request-id") != "" }

// readRestore reads x-oss-restore: ongoing-request="true" while an object is being restored, ongoing-request="false" and an expiry-date (an
// HTTP date) once it is.
func readRestore(value string) (restored bool, until time.Time) {
	if !strings.Contains(value, `ongoing-request="false"`) {
		return false, time.Time{}
	}
	_, rest, _ := strings.Cut(value, `expiry-date="`)
	date, _, _ := strings.Cut(rest, `"`)
	until, err := http.ParseTime(date)
	if err != nil {
		return true, time.Time{}
	}
	return true, until.UTC()
}
