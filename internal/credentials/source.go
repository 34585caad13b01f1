package credentials

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/alioss/terraform-provider-alioss/internal/signer"
)

const (
	endMargin = time.Minute // how long credentials must be valid to be returned
	// failureHold is how long a failure is kept, so that many callers do not wait for it one by one.
	failureHold = time.Minute
)

// Credentials are keys and their origin. No printed form shows a secret.
type Credentials struct {
	signer.Credentials
	// Expires is when the keys expire, zero for long-lived keys, and if it is not known.
	Expires time.Time
	// Source describes the origin of the keys, in words for the user.
	Source string
	// LengthArgument is the setting for the session's length, as in "session_expiration of
	// assume_role". It is empty if the length cannot be chosen.
	LengthArgument string
}

// ExpiryUnknown reports whether the keys expire at a time that is not known, within 12 hours.
func (c Credentials) ExpiryUnknown() bool {
	return isTemporaryKey(c.AccessKeyID()) && c.Expires.IsZero()
}

// checkExpiry returns an error for keys that expire within endMargin.
func (e Environment) checkExpiry(c Credentials) error {
	if c.Expires.IsZero() || c.Expires.After(e.Now().Add(endMargin)) {
		return nil
	}
	return advise("renew them", fmt.Errorf("the keys expire at %s, which has passed or comes within a minute",
		c.Expires.UTC().Format(time.RFC3339)))
}

// Source finds credentials at their first use. Several goroutines may use it.
type Source struct {
	config      Config
	environment Environment

	mu       sync.Mutex
	found    finding // after a failure, without its keys
	failure  error
	failedAt time.Time
	search   *search

	region func() (region, origin string)
}

// search is shared by all callers that wait for it.
type search struct {
	done    chan struct{} // closed when found and err are set
	cancel  context.CancelFunc
	callers int // guarded by Source.mu
	found   finding
	err     error
}

// New returns a source of credentials. It reads no file and sends no request.
func New(config Config, environment Environment) *Source {
	s := &Source{config: config.trimmed(), environment: environment}
	s.region = sync.OnceValues(s.chooseRegion)
	return s
}

// Get returns credentials that are valid for more than a minute, if their expiration time is known.
// Calls at the same time share one search, and later ones get the same credentials until they
// expire within a minute. Then the same source is used again. A failure is kept for a minute.
//
// If ctx ends, this caller stops waiting. The search itself ends with its last caller, without a
// failure for others. The error is one of ctx, or an [*Error].
func (s *Source) Get(ctx context.Context) (Credentials, error) {
	if err := ctx.Err(); err != nil {
		return Credentials{}, context.Cause(ctx)
	}
	s.mu.Lock()
	switch {
	case !s.found.IsZero() && s.environment.checkExpiry(s.found.Credentials) == nil:
		defer s.mu.Unlock()
		return s.found.Credentials, nil
	case s.failure != nil && s.environment.Now().Sub(s.failedAt) < failureHold:
		defer s.mu.Unlock()
		return Credentials{}, s.failure
	}
	if s.search == nil {
		s.start(ctx)
	}
	run := s.search
	run.callers++
	s.mu.Unlock()

	select {
	case <-run.done:
		return run.found.Credentials, run.err
	case <-ctx.Done():
		s.release(run)
		return Credentials{}, context.Cause(ctx)
	}
}

// start begins a search that continues after its first caller has gone.
func (s *Source) start(ctx context.Context) {
	ctx, cancel := context.WithCancel(context.WithoutCancel(ctx))
	run := &search{done: make(chan struct{}), cancel: cancel}
	s.search = run
	f := finder{config: s.config, environment: s.environment, chosen: s.found.place}
	go func() {
		defer cancel()
		found, err := f.find(ctx)
		s.mu.Lock()
		defer s.mu.Unlock()
		run.found, run.err = found, err
		if s.search == run {
			s.search = nil
			s.failure, s.failedAt = err, s.environment.Now()
			if err == nil {
				s.logSigner(ctx, found.Credentials)
				if s.found.place == "" {
					s.found = found
				}
			}
			s.found.Credentials = found.Credentials
		}
		close(run.done)
	}()
}

// release removes a caller from a search, and ends the search with the last one.
func (s *Source) release(run *search) {
	s.mu.Lock()
	defer s.mu.Unlock()
	run.callers--
	if run.callers == 0 {
		run.cancel()
		if s.search == run {
			s.search = nil
		}
	}
}

// logSigner logs the signing source, at INFO only the first time.
func (s *Source) logSigner(ctx context.Context, found Credentials) {
	until := "until they are revoked"
	switch {
	case !found.Expires.IsZero():
		until = found.Expires.UTC().Format(time.RFC3339)
	case found.Temporary():
		until = "not known"
	}
	level := LevelInfo
	if s.found.place != "" {
		level = LevelDebug
	}
	s.environment.log(ctx, level, "Found credentials", map[string]any{"source": found.Source, "valid_until": until})
}

// Notices returns the warnings about the credentials that Get returned last, sorted by path and
// title. There are none before Get has returned credentials.
func (s *Source) Notices() []Notice {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.found.notices)
}

// Region returns the region_id of the profile that will sign, and its origin. It reads the
// environment and files, at the first call, and sends no request. The region is empty if no profile
// will sign, if it has no region_id, or if the choice fails. origin is then the reason.
func (s *Source) Region() (region, origin string) { return s.region() }

func (s *Source) chooseRegion() (region, origin string) {
	c, err := finder{config: s.config, environment: s.environment}.choose()
	switch {
	case err != nil:
		return "", "no credentials are chosen"
	case c.profile.Name == "":
		return "", "the credentials come from no profile, but from " + c.place
	case c.profile.RegionID == "":
		return "", "no region_id in " + c.place
	}
	return c.profile.RegionID, "region_id of " + c.place
}
