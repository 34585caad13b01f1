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

// Kind is the reason why no answer came, an English clause.
type Kind string

// The kinds, all of which [Kinds] returns.
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

// Error shows nothing of the request, and of what the other side sent only a proxy's status.
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

func (e *Error) temporary() bool {
	switch e.Kind {
	case HostUnknown, CertificateHost, CertificateUnknown, CertificateInvalid, NoTLS:
		return false
	case ProxyRefused:
		return !e.forbidden()
	}
	return true
}

// Describe returns why a request has no answer, from the error of its round trip or of its body.
// connected reports whether there was a connection to the service. Nothing of err is kept.
func Describe(err error, connected bool) *Error {
	if own, ok := errors.AsType[*Error](err); ok {
		return own
	}
	return &Error{Kind: kindOf(err, connected)}
}

func kindOf(err error, connected bool) Kind {
	operation := ""
	if fault, ok := errors.AsType[*net.OpError](err); ok {
		operation = fault.Op
	}
	dns, isDNS := errors.AsType[*net.DNSError](err)
	timeout, ok := errors.AsType[net.Error](err)
	isLate := ok && timeout.Timeout()
	switch {
	case operation == "proxyconnect":
		return ProxyUnreachable
	case strings.HasPrefix(operation, "socks "):
		return ProxyRefused
	case isDNS && dns.IsNotFound:
		return HostUnknown
	case isDNS:
		return HostUnresolved
	case errors.As(err, new(x509.HostnameError)):
		return CertificateHost
	case errors.As(err, new(x509.UnknownAuthorityError)):
		return CertificateUnknown
	case errors.As(err, new(*tls.CertificateVerificationError)):
		return CertificateInvalid
	case operation == "remote error", operation == "local error": // alerts of crypto/tls
		return NoTLS
	case errors.As(err, new(tls.RecordHeaderError)), errors.Is(err, http.ErrSchemeMismatch):
		return NoTLS
	case isLate && connected:
		return NoAnswer
	case isLate:
		return NoConnection
	case errors.Is(err, syscall.ECONNREFUSED):
		return ConnectionRefused
	case operation == "dial":
		return Unreachable
	}
	return Broken
}
