package credentials

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/alioss/terraform-provider-alioss/internal/transport"
)

const (
	// maxTries is how often a request is sent before its failure is final.
	maxTries = 3
	// firstPause is the pause before the second try. Each further one is twice as long.
	firstPause = 200 * time.Millisecond
	// serviceLimit is how long one source waits for services: for all requests, tries and pauses
	// together. The metadata service has a smaller limit of its own within it.
	serviceLimit = 10 * time.Second
)

// errLargeAnswer is the error for an answer that is too long to be one with keys.
var errLargeAnswer = fmt.Errorf("the answer is larger than %d MiB", transport.MaxBody>>20)

// exchange sends a request until it is answered, within what is left of the search's time.
func (f finder) exchange(ctx context.Context, x transport.Exchange) (*transport.Answer, error) {
	limits := transport.Limits{Tries: maxTries, Pause: firstPause, Try: serviceLimit, All: serviceLimit}
	if f.waited != nil {
		limits.All -= *f.waited
		defer func(begin time.Time) { *f.waited += f.environment.Now().Sub(begin) }(f.environment.Now())
	}
	a, err := f.environment.send(ctx, f.environment.Transport, limits, x)
	var fault *transport.Error
	if errors.As(err, &fault) && fault.Kind == transport.NoAnswer {
		fault.After = serviceLimit // an earlier request may have used up a part of it
	}
	return a, err
}

// send sends a request. An answer that is too long is an error.
func (e Environment) send(
	ctx context.Context, carrier http.RoundTripper, limits transport.Limits, x transport.Exchange,
) (*transport.Answer, error) {
	a, err := transport.Client{Transport: carrier, Sleep: e.Sleep, Limits: limits}.Do(ctx, x)
	if err == nil && a.Truncated {
		return nil, errLargeAnswer
	}
	return a, err
}
