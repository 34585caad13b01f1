package probe

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"net"
	"syscall"
)

// describe says why no answer came. Nothing of err is kept: it may show the address, and what the other side sent.
func describe(err error, connected bool) *Error {
	var (
		dns      *net.DNSError
		op       *net.OpError
		verify   *tls.CertificateVerificationError
		unknown  x509.UnknownAuthorityError
		hostname x509.HostnameError
		record   tls.RecordHeaderError
		timeout  net.Error
	)
	again := func(k Kind) *Error { return &Error{Kind: k, retry: true} }
	final := func(k Kind) *Error { return &Error{Kind: k} }
	isOp := errors.As(err, &op)
	alert := isOp && (op.Op == "remote error" || op.Op == "local error") // of crypto/tls
	dialing := isOp && op.Op == "dial"
	late := errors.As(err, &timeout) && timeout.Timeout()
	switch {
	case isOp && op.Op == "proxyconnect":
		return again(ProxyUnreachable)
	case errors.As(err, &dns) && dns.IsNotFound:
		return final(HostUnknown)
	case errors.As(err, &hostname):
		return final(CertificateHost)
	case errors.As(err, &unknown):
		return final(CertificateUnknown)
	case errors.As(err, &verify):
		return final(CertificateInvalid)
	case alert, errors.As(err, &record):
		return final(NoTLS)
	case late && connected:
		return again(NoAnswer)
	case late:
		return again(NoConnection)
	case errors.Is(err, syscall.ECONNREFUSED):
		return again(ConnectionRefused)
	case dialing:
		return again(Unreachable)
	default:
		return again(Broken)
	}
}
