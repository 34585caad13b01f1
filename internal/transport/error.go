package transport

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/http"
	"strings"
	"syscall"
	"time"
)

// Kind is the reason why no answer came. Its text is an English clause.
type Kind string

// Why no answer came.
const (
	HostUnknown        Kind = "the host name is not known"
	HostUnresolved     Kind = "the host name cannot be resolved"
	Unreachable        Kind = "the host cannot be reached"
	ConnectionRefused  Kind = "the connection was refused"
	NoConnection       Kind = "no connection was established in time"
	NoAnswer           Kind = "no answer came in time"
	Broken             Kind = "the connection broke off"
	ProxyUnreachable   Kind = "the proxy cannot be reached"
	ProxyRefused       Kind = "the proxy refused the connection"
	CertificateHost    Kind = "the server's certificate belongs to another host"
	CertificateUnknown Kind = "the server's certificate comes from an authority that this machine does not trust"
	CertificateInvalid Kind = "the server's certificate is not valid"
	NoTLS              Kind = "no TLS connection was established"
)

// Kinds returns all kinds.
func Kinds() []Kind {
	return []Kind{
		HostUnknown, HostUnresolved, Unreachable, ConnectionRefused, NoConnection, NoAnswer, Broken,
		ProxyUnreachable, ProxyRefused, CertificateHost, CertificateUnknown, CertificateInvalid, NoTLS,
	}
}

// Error is the reason why no answer came. It shows nothing of the request, and of what the other
// side sent only a proxy's status.
type Error struct {
	Kind Kind
	// Status is the proxy's, with ProxyRefused. It is 0 if the proxy gave none.
	Status int
	// After is the time waited, with NoAnswer. It is 0 if that is not known.
	After time.Duration
}

func (e *Error) Error() string {
	switch {
	case e.Kind == NoAnswer && e.After > 0:
		return fmt.Sprintf("no answer came within %s", e.After)
	case e.Kind == ProxyRefused && e.Status > 0:
		return fmt.Sprintf("%s with status %d", e.Kind, e.Status)
	}
	return string(e.Kind)
}

// Connected reports whether the service was reached, or a proxy that forbids it. A proxy that
// answers with 5xx cannot reach the host, or cannot resolve its name.
func (e *Error) Connected() bool {
	switch e.Kind {
	case HostUnknown, HostUnresolved, Unreachable, ConnectionRefused, NoConnection, ProxyUnreachable:
		return false
	case ProxyRefused:
		return e.forbidden()
	}
	return true
}

// forbidden reports whether a proxy refuses on purpose.
func (e *Error) forbidden() bool { return e.Status > 0 && e.Status < http.StatusInternalServerError }

// temporary reports whether another try may do better.
func (e *Error) temporary() bool {
	switch e.Kind {
	case HostUnknown, CertificateHost, CertificateUnknown, CertificateInvalid, NoTLS:
		return false
	case ProxyRefused:
		return !e.forbidden()
	}
	return true
}

// Describe returns the reason why a request has no answer, from the error of a [http.RoundTripper]
// or of reading a body. connected reports whether there was a connection to the service. Nothing of
// err is kept.
func Describe(err error, connected bool) *Error {
	var (
		own      *Error
		dns      *net.DNSError
		op       *net.OpError
		verify   *tls.CertificateVerificationError
		unknown  x509.UnknownAuthorityError
		hostname x509.HostnameError
		record   tls.RecordHeaderError
		timeout  net.Error
	)
	if errors.As(err, &own) {
		return own
	}
	name := ""
	if errors.As(err, &op) {
		name = op.Op
	}
	isLate := errors.As(err, &timeout) && timeout.Timeout()
	return &Error{Kind: func() Kind {
		switch {
		case name == "proxyconnect":
			return ProxyUnreachable
		case strings.HasPrefix(name, "socks "):
			return ProxyRefused
		case errors.As(err, &dns) && dns.IsNotFound:
			return HostUnknown
		case errors.As(err, &dns):
			return HostUnresolved
		case errors.As(err, &hostname):
			return CertificateHost
		case errors.As(err, &unknown):
			return CertificateUnknown
		case errors.As(err, &verify):
			return CertificateInvalid
		case name == "remote error", name == "local error", errors.As(err, &record), errors.Is(err, http.ErrSchemeMismatch):
			return NoTLS // the names are those of alerts of crypto/tls
		case isLate && connected:
			return NoAnswer
		case isLate:
			return NoConnection
		case errors.Is(err, syscall.ECONNREFUSED):
			return ConnectionRefused
		case name == "dial":
			return Unreachable
		}
		return Broken
	}()}
}
