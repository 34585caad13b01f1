package osstest

import (
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// A Fault makes the server fail a number of requests before it looks at them. Exactly one of
// Status, Hang, Cut and Short chooses how.
type Fault struct {
	Count int                        // how many requests, 0 for all until Reset
	Match func(r *http.Request) bool // which requests, nil for all
	// answer this status with the service's XML: 500 InternalError, 503 ServiceUnavailable, 429 …
	Status int
	Code   string        // with Status: the code in place of the usual one
	EC     string        // with Status: the EC, empty to send none
	Header http.Header   // with Status: further headers, such as Location
	After  time.Duration // with Status: the Retry-After header, in whole seconds, 0 to send none
	Hang   bool          // never answer, until the client disconnects or the server is closed
	Cut    bool          // close the connection without an answer
	Short  int           // send headers that announce a body, this many bytes of it, then close the connection

	used int
}

// Inject adds a fault. Faults are tried in the order in which they were injected. Used-up ones are
// skipped.
func (s *Server) Inject(f Fault) {
	s.logMu.Lock()
	defer s.logMu.Unlock()
	s.faults = append(s.faults, &f)
}

// Rewrite gives every refusal to change before it leaves: its status, code, EC and message. It
// makes a stand-in that is wrong on purpose, which a check of the answers must find. Nil takes it
// back. change is called from the goroutines that serve.
func (s *Server) Rewrite(change func(r Request, e *Error)) {
	s.logMu.Lock()
	defer s.logMu.Unlock()
	s.rewrite = change
}

// rewritten returns what Rewrite makes of a refusal.
func (s *Server) rewritten(r Request, e *Error) *Error {
	s.logMu.Lock()
	change := s.rewrite
	s.logMu.Unlock()
	if change == nil {
		return e
	}
	changed := *e
	change(r, &changed)
	return &changed
}

// takeFault returns the fault for a request, or nil.
func (s *Server) takeFault(r *http.Request) *Fault {
	s.logMu.Lock()
	defer s.logMu.Unlock()
	for _, f := range s.faults {
		if (f.Count > 0 && f.used >= f.Count) || (f.Match != nil && !f.Match(r)) {
			continue
		}
		f.used++
		return f
	}
	return nil
}

// fail applies the fault, and reports whether the request has been answered.
func (s *Server) fail(x *exchange, f *Fault) bool {
	switch {
	case f.Hang:
		s.record(x.entry)
		select {
		case <-x.r.Context().Done():
		case <-s.net.closed:
		}
		panic(http.ErrAbortHandler)
	case f.Cut:
		s.record(x.entry)
		panic(http.ErrAbortHandler)
	case f.Short > 0:
		x.w.Header().Set("Content-Length", strconv.Itoa(2*f.Short))
		x.send(http.StatusOK)
		x.write([]byte(strings.Repeat("x", f.Short)))
		_ = http.NewResponseController(x.w).Flush()
		panic(http.ErrAbortHandler)
	case f.Status != 0:
		e := newError(f.Status, "InternalError", "", "We encountered an internal error. Please try again.")
		switch f.Status {
		case http.StatusServiceUnavailable:
			e.Code, e.Message = "ServiceUnavailable", "Please reduce your request rate."
		case http.StatusTooManyRequests:
			e.Code, e.Message = "TooManyRequests", "Please reduce your request rate."
		}
		if f.Code != "" {
			e.Code, e.Message = f.Code, "The answer was made to order."
		}
		e.EC = f.EC
		e.header = f.Header.Clone()
		if f.After > 0 {
			if e.header == nil {
				e.header = http.Header{}
			}
			e.header.Set("Retry-After", fmt.Sprint(int(f.After.Seconds())))
		}
		x.refuse(e)
		return true
	}
	return false
}
