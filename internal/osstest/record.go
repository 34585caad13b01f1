package osstest

import (
	"maps"
	"net/http"
	"slices"
	"strings"
	"time"
)

// maxRequests is how many requests the log keeps.
const maxRequests = 10_000

// A Request is an entry of the server's log: what came, and what became of it. Target and Header
// contain signatures and tokens: never print them.
type Request struct {
	Time   time.Time // by the server's clock
	Kind   Kind
	Method string
	Target string // request target as it arrived: raw path and raw query
	Host   string
	Header http.Header
	TLS    bool
	Bucket string // empty if the host named none
	Key    string // decoded
	Status int    // 0 if the connection was cut or left hanging
	Code   string // empty for a success
	EC     string
}

// Kind is the operation that a request is for, whatever its result.
type Kind string

// The kinds of requests.
const (
	KindList   Kind = "ListObjectsV2" // one page
	KindGet    Kind = "GetObject"
	KindHead   Kind = "HeadObject"
	KindPut    Kind = "PutObject"
	KindDelete Kind = "DeleteObject"
	KindOther  Kind = "other"
)

// kindOf returns the kind, from the method and from list-type in the query.
func kindOf(method, target string) Kind {
	switch method {
	case http.MethodGet:
		_, query, _ := strings.Cut(target, "?")
		for piece := range strings.SplitSeq(query, "&") {
			if name, _, _ := strings.Cut(piece, "="); name == "list-type" {
				return KindList
			}
		}
		return KindGet
	case http.MethodHead:
		return KindHead
	case http.MethodPut:
		return KindPut
	case http.MethodDelete:
		return KindDelete
	}
	return KindOther
}

// Counts are numbers of requests by their kind.
type Counts map[Kind]int

// Counts returns how many requests of each kind came since the server was made, or since Reset.
// Those that a fault met or that were refused count as well. Unlike Requests it forgets none.
func (s *Server) Counts() Counts {
	s.logMu.Lock()
	defer s.logMu.Unlock()
	return maps.Clone(s.counts)
}

// Requests returns the latest requests, oldest first, at most 10,000. A request is in the log
// before its answer leaves.
func (s *Server) Requests() []Request {
	s.logMu.Lock()
	defer s.logMu.Unlock()
	return slices.Clone(s.requests)
}

// Reset empties the log, sets the counts to zero, and takes back all faults and Rewrite.
func (s *Server) Reset() {
	s.logMu.Lock()
	defer s.logMu.Unlock()
	s.requests, s.counts, s.faults, s.rewrite = nil, Counts{}, nil, nil
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
	s.counts[r.Kind]++
}
