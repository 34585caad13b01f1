package osstest

import (
	"fmt"
	"net/http"
	"sync"
	"sync/atomic"
	"time"
)

// Config is what a Server is made from.
type Config struct {
	// Now is the service's clock, called at least once in each request. Nil means time.Now.
	Now func() time.Time

	// Region is the region id of buckets that name none of their own. Empty means cn-hangzhou.
	Region string

	// PrivateHosts are service hosts of a private deployment, such as "oss.example.internal",
	// without port. They accept a bucket both as the first label of the host and as the first
	// segment of the path. "localhost" is always one of them.
	PrivateHosts []string

	// Log, if set, is called with each request before its answer leaves, from the goroutine that
	// serves it. The same warning applies as for Requests: Target and Header are secret.
	Log func(Request)
}

// Server has buckets, objects and access keys, and answers requests for them. It is an
// http.Handler. Start and StartTLS serve it on loopback. All methods may be called from several
// goroutines, also while it serves.
type Server struct {
	now     func() time.Time
	region  string
	private map[string]bool
	report  func(Request)

	mu          sync.RWMutex
	credentials map[string]Credential
	buckets     map[string]*bucket
	domains     map[string]string // custom domain → bucket
	versions    int               // version ids made so far

	logMu    sync.Mutex
	requests []Request
	counts   Counts
	faults   []*Fault
	rewrite  func(Request, *Error)
	serial   atomic.Uint64 // request ids made so far

	net network
}

// New makes a server without buckets and access keys.
func New(c Config) *Server {
	s := &Server{
		now:         c.Now,
		region:      c.Region,
		report:      c.Log,
		private:     map[string]bool{"localhost": true},
		credentials: map[string]Credential{},
		buckets:     map[string]*bucket{},
		domains:     map[string]string{},
		counts:      Counts{},
		net:         newNetwork(),
	}
	if s.now == nil {
		s.now = time.Now //nolint:forbidigo // what a nil Config.Now stands for
	}
	if s.region == "" {
		s.region = "cn-hangzhou"
	}
	for _, h := range c.PrivateHosts {
		s.private[hostName(h)] = true
	}
	return s
}

// Credential is an access key that the service accepts, with its session token if it is a temporary
// one.
type Credential struct {
	AccessKeyID     string
	AccessKeySecret string
	SecurityToken   string    // empty for a long-lived key, otherwise a request must have exactly this token
	Expiration      time.Time // from here on the token is refused, zero for never. Only with SecurityToken
	Disabled        bool      // the key was disabled
	Denied          bool      // the RAM policy of the key's owner denies every operation

	// DeniedActions are RAM actions that the key's owner may not do, of those that Actions lists.
	// HEAD needs what GET needs.
	DeniedActions []string
}

// SetCredential adds an access key, or replaces the one with the same id.
func (s *Server) SetCredential(c Credential) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.credentials[c.AccessKeyID] = c
}

// DeleteCredential forgets an access key.
func (s *Server) DeleteCredential(accessKeyID string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.credentials, accessKeyID)
}

// ServeHTTP answers one request. A Fault that cuts the connection panics with http.ErrAbortHandler,
// as http.Server wants it.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	x := s.begin(w, r)
	if f := s.takeFault(r); f != nil && s.fail(x, f) {
		return
	}
	m, err := readWire(r)
	if err != nil {
		x.refuse(err)
		return
	}
	g, err := s.judge(m, x.start)
	x.entry.Bucket, x.entry.Key = g.address.bucket, g.address.key
	if err != nil {
		x.refuse(err)
		return
	}
	if err := s.operate(x, g); err != nil {
		x.refuse(err)
	}
}

// operate carries out a request whose signature has been accepted.
func (s *Server) operate(x *exchange, g grant) *Error {
	if g.address.key != "" {
		if err := checkKey(g.address.key); err != nil {
			return err
		}
	}
	if err := checkParameters(x.r, g.params); err != nil {
		return err
	}
	if g.address.key == "" {
		if _, isList := g.params.get("list-type"); isList && x.r.Method == http.MethodGet {
			return s.list(x, g)
		}
		return notImplemented("operations on buckets other than ListObjectsV2")
	}
	switch x.r.Method {
	case http.MethodGet, http.MethodHead:
		return s.get(x, g)
	case http.MethodPut:
		return s.put(x, g)
	case http.MethodDelete:
		return s.delete(x, g)
	}
	return methodNotAllowed(x.r.Method, "Object") // [?] for methods that the service does not have
}

// requestID makes the next request id: 24 upper-case hex digits, of which the first eight are the
// second it arrived in.
func (s *Server) requestID(at time.Time) string {
	return fmt.Sprintf("%08X%016X", uint32(at.Unix()), s.serial.Add(1))
}
