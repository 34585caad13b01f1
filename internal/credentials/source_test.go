package credentials

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptrace"
	"reflect"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/alioss/terraform-provider-alioss/internal/testworld"
	"github.com/alioss/terraform-provider-alioss/internal/transport"
)

// together calls Get from n goroutines at once and returns how many got credentials.
func together(t *testing.T, s *Source, n int) int {
	t.Helper()
	var wait sync.WaitGroup
	var found atomic.Int64
	for range n {
		wait.Go(func() {
			c, err := s.Get(t.Context())
			if err == nil && !c.IsZero() {
				found.Add(1)
			}
		})
	}
	wait.Wait()
	return int(found.Load())
}

func TestThousandCallersOneRequest(t *testing.T) {
	t.Parallel()
	const callers = 1000
	for name, test := range map[string]struct {
		config         Config
		set            func(*world) Config
		sts, imds, uri int
	}{
		"instance role": {set: func(*world) Config { return Config{ECSRoleName: "agent"} }, imds: 2},
		"unnamed role":  {set: func(*world) Config { return Config{} }, imds: 3},
		"URI":           {set: func(w *world) Config { return Config{CredentialsURI: w.uri.URL} }, uri: 1},
		"role on a pair": {set: func(*world) Config {
			return Config{AccessKey: "AKID", SecretKey: NewSecret("hush"), AssumeRole: &AssumeRole{RoleARN: roleARN}}
		}, sts: 1},
		"role on a role": {
			set: func(*world) Config { return Config{ECSRoleName: "agent", AssumeRole: &AssumeRole{RoleARN: roleARN}} }, imds: 2,
			sts: 1,
		},
		"OIDC": {set: func(w *world) Config {
			w.sts.oidc[oidcToken] = true
			return Config{
				AssumeRoleWithOIDC: &AssumeRoleWithOIDC{
					OIDCProviderARN: providerARN, RoleARN: roleARN, OIDCToken: NewSecret(oidcToken),
				},
			}
		}, sts: 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			s := w.source(test.set(w))
			for range 2 {
				if found := together(t, s, callers); found != callers {
					t.Errorf("%d of %d callers got credentials", found, callers)
				}
			}
			if w.sts.count() != test.sts || w.imds.count() != test.imds || w.uri.count() != test.uri {
				t.Errorf("%d, %d, %d requests to STS, metadata, URI; want %d, %d, %d",
					w.sts.count(), w.imds.count(), w.uri.count(), test.sts, test.imds, test.uri)
			}
		})
	}
}

func TestNothingIsAskedBeforeGet(t *testing.T) {
	t.Parallel()
	// An environment without functions: any use of it panics.
	New(Config{ECSRoleName: "agent"}, Environment{})
}

func TestFetchedAgainWhenExpired(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	s := w.source(Config{
		AccessKey: "AKID", SecretKey: NewSecret("hush"), AssumeRole: &AssumeRole{RoleARN: roleARN, SessionExpiration: 900},
	})
	for _, step := range []struct {
		advance  time.Duration
		id       string
		requests int
	}{
		{0, "STS.AKID-2", 1},
		{13*time.Minute + 59*time.Second, "STS.AKID-2", 1}, // 61 s left
		{time.Second, "STS.AKID-3", 2},                     // 60 s left
		{14 * time.Minute, "STS.AKID-4", 3},
		{24 * time.Hour, "STS.AKID-5", 4},
	} {
		w.clock.Advance(step.advance)
		found, err := s.Get(t.Context())
		if err != nil || found.AccessKeyID() != step.id || w.sts.count() != step.requests {
			t.Errorf("at %s: %s after %d requests (%v), want %s after %d", w.clock.Now().Sub(start), found.AccessKeyID(),
				w.sts.count(), err, step.id, step.requests)
		}
	}
}

// Variables that sign in place of a source that does not exist sign again when their session has
// expired, with the same notice.
func TestFetchedAgainInPlaceOfAnother(t *testing.T) {
	t.Parallel()
	variables := map[string]map[string]string{
		"keys": {"ALICLOUD_ACCESS_KEY": "AKID", "ALICLOUD_SECRET_KEY": "hush"},
		"OIDC": {
			"ALIBABA_CLOUD_OIDC_PROVIDER_ARN": providerARN, "ALIBABA_CLOUD_ROLE_ARN": roleARN,
			"ALIBABA_CLOUD_OIDC_TOKEN": oidcToken,
		},
	}
	for name, vars := range variables {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.vars, w.sts.oidc[oidcToken] = vars, true
			w.uri.Close()
			s := w.source(Config{
				CredentialsURI: w.uri.URL, AssumeRole: &AssumeRole{RoleARN: roleARN, SessionExpiration: 900},
			})
			first, err := s.Get(t.Context())
			notices := s.Notices()
			if err != nil || len(notices) != 1 {
				t.Fatal(err, notices)
			}
			w.clock.Advance(15 * time.Minute)
			again, err := s.Get(t.Context())
			if err != nil || again.AccessKeyID() == first.AccessKeyID() {
				t.Errorf("%s, %v", again.AccessKeyID(), err)
			}
			if got := s.Notices(); !reflect.DeepEqual(got, notices) {
				t.Errorf("%+v\nwant %+v", got, notices)
			}
		})
	}
}

func TestFailureIsKeptForAMinute(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.uri.fault = firstOnly(1, status(404, ""))
	s := w.source(Config{CredentialsURI: w.uri.URL})
	if together(t, s, 100) != 0 {
		t.Error("credentials from a 404")
	}
	w.clock.Advance(59 * time.Second)
	if _, err := s.Get(t.Context()); err == nil || w.uri.count() != 1 {
		t.Errorf("%d requests within a minute (%v)", w.uri.count(), err)
	}
	w.clock.Advance(time.Second)
	if _, err := s.Get(t.Context()); err != nil || w.uri.count() != 2 {
		t.Errorf("%d requests after a minute: %v", w.uri.count(), err)
	}
}

// hang is a transport on which no answer ever comes.
type hang struct {
	requests atomic.Int64
	// hangs is how many requests hang if then is not nil. Later ones go to then.
	hangs int64
	then  http.RoundTripper
	// begun, if not nil, receives a value for each request that hangs.
	begun func()
}

func (h *hang) RoundTrip(r *http.Request) (*http.Response, error) {
	if n := h.requests.Add(1); h.then != nil && n > h.hangs {
		return h.then.RoundTrip(r)
	}
	if h.begun != nil {
		h.begun()
	}
	if trace := httptrace.ContextClientTrace(r.Context()); trace != nil {
		trace.GotConn(httptrace.GotConnInfo{})
	}
	<-r.Context().Done()
	return nil, r.Context().Err()
}

func TestCancellation(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := &world{t: t, vars: vars{}, files: map[string]string{}, clock: testworld.NewClock(start)}
		e := hangingEnvironment(w)
		carrier := e.Transport.(*hang)
		s := New(Config{CredentialsURI: "http://uri.example/"}, e)

		// Two callers share a search. The first leaves, the second stays until the request has timed out
		// for good.
		early, leave := context.WithCancel(t.Context())
		var wait sync.WaitGroup
		begin := time.Now()
		wait.Go(func() {
			if _, err := s.Get(early); !errors.Is(err, context.Canceled) || time.Since(begin) != time.Second {
				t.Errorf("first caller after %s: %v", time.Since(begin), err)
			}
		})
		wait.Go(func() {
			_, err := s.Get(t.Context())
			if err == nil || !strings.Contains(err.Error(), "no answer came within 10s") {
				t.Errorf("second caller: %v", err)
			}
		})
		time.Sleep(time.Second)
		leave()
		wait.Wait()
		if n := carrier.requests.Load(); n != 1 {
			t.Errorf("%d requests, want once", n)
		}

		// The only caller leaves: the request ends at once, and no failure stays behind.
		w.clock.Advance(time.Hour)
		for i := range 3 {
			ctx, leave := context.WithTimeout(t.Context(), time.Second)
			if _, err := s.Get(ctx); !errors.Is(err, context.DeadlineExceeded) {
				t.Error(err)
			}
			leave()
			synctest.Wait()
			if n := carrier.requests.Load(); n != int64(i+2) {
				t.Errorf("%d requests, want %d", n, i+2)
			}
		}
		cause := errors.New("interrupted")
		ctx, cancel := context.WithCancelCause(t.Context())
		cancel(cause)
		if _, err := s.Get(ctx); !errors.Is(err, cause) {
			t.Errorf("an ended context: %v", err)
		}
	})
}

// TestCancelledIsNotKept lets the only caller leave a search, and the next one find credentials.
func TestCancelledIsNotKept(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	e := w.environment()
	ctx, cancel := context.WithCancel(t.Context())
	e.Transport = &hang{hangs: 1, then: e.Transport, begun: cancel}
	s := New(Config{CredentialsURI: w.uri.URL}, e)
	if _, err := s.Get(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
	if found, err := s.Get(t.Context()); err != nil || found.IsZero() {
		t.Error(err)
	}
}

// TestCancelledInEveryPlace cancels at each place of the order and expects the caller's error, not
// a finding.
func TestCancelledInEveryPlace(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		config Config
		vars   vars
	}{
		"URI":           {config: Config{CredentialsURI: "http://uri.example/"}},
		"metadata":      {config: Config{ECSRoleName: "agent"}},
		"metadata last": {},
		"role": {
			config: Config{AccessKey: "AKID", SecretKey: NewSecret("hush"), AssumeRole: &AssumeRole{RoleARN: roleARN}},
		},
		"OIDC": {
			vars: vars{
				"ALIBABA_CLOUD_OIDC_PROVIDER_ARN": providerARN, "ALIBABA_CLOUD_OIDC_TOKEN": oidcToken,
				"ALIBABA_CLOUD_ROLE_ARN": roleARN,
			},
		},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := &world{t: t, vars: vars{}, files: map[string]string{}, clock: testworld.NewClock(start)}
				for name, value := range test.vars {
					w.vars[name] = value
				}
				ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
				defer cancel()
				begin := time.Now()
				f := finder{config: test.config, environment: hangingEnvironment(w), waited: new(time.Duration)}
				_, err := f.find(ctx)
				if !errors.Is(err, context.DeadlineExceeded) || time.Since(begin) != 300*time.Millisecond {
					t.Errorf("after %s: %v", time.Since(begin), err)
				}
				var place *Error
				if errors.As(err, &place) {
					t.Errorf("the end of the context is reported as a finding: %v", err)
				}
			})
		})
	}
}

// hangingEnvironment is one whose servers never answer, with pauses and a clock that follow the
// fake clock of a synctest bubble.
func hangingEnvironment(w *world) Environment {
	begin := time.Now()
	w.home = "/home/u"
	m := w.machine()
	return Environment{
		Getenv:            m.Getenv,
		HomeDir:           m.HomeDir,
		ReadFile:          m.ReadFile,
		Now:               func() time.Time { return w.clock.Now().Add(time.Since(begin)) },
		Sleep:             transport.Sleep,
		Transport:         &hang{},
		MetadataTransport: &hang{},
	}
}
