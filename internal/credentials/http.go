package credentials

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"syscall"
	"time"
)

const (
	// maxAnswer is the most that is read of an answer, in bytes.
	maxAnswer = 1 << 20
	// maxTries is how often a request is sent before its failure is final.
	maxTries = 3
	// firstPause is the pause before the second try; each further one is twice as long.
	firstPause = 200 * time.Millisecond
	// answerTimeout is how long one try of a request to STS or a credentials URI may take.
	answerTimeout = 10 * time.Second
)

// exchange is one question, asked until it is answered or was asked too often.
type exchange struct {
	transport http.RoundTripper
	// timeout is that of one try.
	timeout time.Duration
	// final is true where a connection error is not worth another try.
	final bool
	// request makes the request of one try: what carries a nonce and a timestamp is made anew.
	request func(context.Context) (*http.Request, error)
	// again tells whether an answer other than status 429 and 5xx asks for another try; may be nil.
	again func(answer) bool
}

type answer struct {
	status int
	body   Secret // it may hold keys
}

// transportError says that no answer came. Its text holds nothing that the other side sent.
type transportError struct {
	text string
	// retry tells whether another try may do better.
	retry bool
	// connected is false where there was no connection at all.
	connected bool
	// silent is true if nothing was answered in time.
	silent bool
}

func (e *transportError) Error() string { return e.text }

// do sends the request, again after connection errors, statuses 429 and 5xx, and returns the last answer.
func (e Environment) do(ctx context.Context, x exchange) (answer, error) {
	pause := firstPause
	for try := 1; ; try++ {
		a, err := x.try(ctx)
		if ctx.Err() != nil {
			return answer{}, context.Cause(ctx)
		}
		var failed *transportError
		again := errors.As(err, &failed) && failed.retry && !x.final ||
			err == nil && (a.status == http.StatusTooManyRequests || a.status >= 500 || x.again != nil && x.again(a))
		if !again || try == maxTries {
			return a, err
		}
		if err := e.Sleep(ctx, pause); err != nil {
			return answer{}, err
		}
		pause *= 2
	}
}

func (x exchange) try(ctx context.Context) (answer, error) {
	ctx, cancel := context.WithTimeout(ctx, x.timeout)
	defer cancel()
	request, err := x.request(ctx)
	if err != nil {
		return answer{}, err
	}
	client := http.Client{
		Transport:     x.transport,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	response, err := client.Do(request)
	if err != nil {
		return answer{}, x.describe(err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(io.LimitReader(response.Body, maxAnswer+1))
	if err != nil {
		return answer{}, x.describe(err)
	}
	if len(body) > maxAnswer {
		return answer{}, &transportError{text: fmt.Sprintf("the answer is larger than %d MiB", maxAnswer>>20), connected: true}
	}
	return answer{response.StatusCode, NewSecret(string(body))}, nil
}

// describe says in words of this package why no answer came: an error of net/http shows the address, and may show what
// the other side sent.
func (x exchange) describe(err error) *transportError {
	var (
		proxy    *transportError
		dns      *net.DNSError
		op       *net.OpError
		verify   *tls.CertificateVerificationError
		unknown  x509.UnknownAuthorityError
		hostname x509.HostnameError
		timeout  net.Error
	)
	isOp := errors.As(err, &op)
	dialing := isOp && op.Op == "dial"
	switch {
	case errors.As(err, &proxy):
		return proxy
	case isOp && op.Op == "proxyconnect":
		return &transportError{text: "the proxy cannot be reached", retry: true}
	case errors.As(err, &dns) && dns.IsNotFound:
		return &transportError{text: "the host name is not known"}
	case errors.As(err, &dns):
		return &transportError{text: "the host name cannot be resolved", retry: true}
	case errors.As(err, &hostname):
		return &transportError{text: "the server's certificate belongs to another host", connected: true}
	case errors.As(err, &unknown):
		return &transportError{text: "the server's certificate comes from an authority that this machine does not trust", connected: true}
	case errors.As(err, &verify):
		return &transportError{text: "the server's certificate is not valid", connected: true}
	case errors.As(err, &timeout) && timeout.Timeout() && dialing:
		return &transportError{text: "no connection was established in time", retry: true}
	case errors.As(err, &timeout) && timeout.Timeout():
		return &transportError{text: fmt.Sprintf("no answer within %s", x.timeout), retry: true, connected: true, silent: true}
	case errors.Is(err, syscall.ECONNREFUSED):
		return &transportError{text: "the connection was refused", retry: true}
	case dialing:
		return &transportError{text: "the host cannot be reached", retry: true}
	default:
		return &transportError{text: "the connection broke off", retry: true, connected: true}
	}
}
