package osstest

import (
	"net/http"
	"slices"
	"time"
)

// maxRequests is how many requests the log keeps.
const maxRequests = 10_000

// A Request is an entry of the server's log: what came, and what became of it. Target and Header hold signatures and tokens: never
// print them.
type Request struct {
	Time   time.Time // by the server's clock
	Method string
	Target string // request target as it arrived: raw path and raw query
	Host   string
	Header http.Header
	TLS    bool
	Bucket string // empty where the host named none
	Key    string // decoded
	Status int    // 0 where the connection was cut or left hanging
	Code   string // empty for a success
	EC     string
}

// Requests returns the latest requests, oldest first, at most 10,000. A request is in the log before its answer leaves.
func (s *Server) Requests() []Request {
	s.logMu.Lock()
	defer s.logMu.Unlock()
	return slices.Clone(s.requests)
}

// Reset empties the log and takes back all faults.
func (s *Server) Reset() {
	s.logMu.Lock()
	defer s.logMu.Unlock()
	s.requests, s.faults = nil, nil
}

func (s *Server) record(r Request) {
	if s.report != nil {
		s.report(r)
	}
	s.logMu.Lock()
	defer s.logMu.Unlock()
	if len(s.requests) >= maxRequests {
		s.requests = slices.Delete(s.requests, 0, maxRequests/2)
	}
	s.requests = append(s.requests, r)
}
