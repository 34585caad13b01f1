package osstest

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"math/big"
	"net"
	"sync"
	"time"
)

// Certificates are valid in this span, whatever clock a test or a client uses.
var (
	notBefore = time.Date(1990, 1, 1, 0, 0, 0, 0, time.UTC)
	notAfter  = time.Date(2049, 12, 31, 23, 59, 59, 0, time.UTC)
)

// Authority signs certificates for host names when a client requests one.
type Authority struct {
	cert *x509.Certificate
	key  *ecdsa.PrivateKey

	mu     sync.Mutex
	leaves map[string]*tls.Certificate
}

// CAPEM returns the certificate of the server's authority, in PEM, for clients that shall trust it
// (curl --cacert). Each Server makes its own.
func (s *Server) CAPEM() ([]byte, error) {
	a, err := s.authority()
	if err != nil {
		return nil, err
	}
	return a.PEM(), nil
}

// authority returns the server's authority, made on first use.
func (s *Server) authority() (*Authority, error) {
	s.net.mu.Lock()
	defer s.net.mu.Unlock()
	var err error
	if s.net.authority == nil {
		s.net.authority, err = NewAuthority()
	}
	return s.net.authority, err
}

// NewAuthority makes an authority, for other services that a test runs beside the stand-in.
func NewAuthority() (*Authority, error) {
	template := &x509.Certificate{
		SerialNumber:          big.NewInt(1),
		Subject:               pkix.Name{CommonName: "osstest authority"},
		NotBefore:             notBefore,
		NotAfter:              notAfter,
		KeyUsage:              x509.KeyUsageCertSign | x509.KeyUsageCRLSign,
		IsCA:                  true,
		BasicConstraintsValid: true,
		MaxPathLenZero:        true,
	}
	cert, key, err := issue(template, nil, nil)
	if err != nil {
		return nil, err
	}
	return &Authority{cert: cert, key: key, leaves: map[string]*tls.Certificate{}}, nil
}

// PEM returns the authority's own certificate.
func (a *Authority) PEM() []byte {
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: a.cert.Raw})
}

// Pool returns what a client trusts that trusts nothing but the authority.
func (a *Authority) Pool() *x509.CertPool {
	pool := x509.NewCertPool()
	pool.AddCert(a.cert)
	return pool
}

// Config returns the configuration of a TLS server with certificates for every requested name. A
// client that names none, as one does that dials an address, gets the one for localhost.
func (a *Authority) Config() (*tls.Config, error) {
	local, err := a.leaf("localhost")
	if err != nil {
		return nil, err
	}
	return &tls.Config{
		MinVersion: tls.VersionTLS12,
		// crypto/tls takes this one, and does not call GetCertificate, if the client names no host.
		Certificates: []tls.Certificate{*local},
		GetCertificate: func(hello *tls.ClientHelloInfo) (*tls.Certificate, error) {
			return a.leaf(hostName(hello.ServerName))
		},
	}, nil
}

// leaf returns the certificate for a host name. The one for localhost names the loopback addresses
// as well.
func (a *Authority) leaf(name string) (*tls.Certificate, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if c := a.leaves[name]; c != nil {
		return c, nil
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(int64(len(a.leaves)) + 2),
		Subject:      pkix.Name{CommonName: "osstest"},
		NotBefore:    notBefore,
		NotAfter:     notAfter,
		DNSNames:     []string{name},
		KeyUsage:     x509.KeyUsageDigitalSignature,
		ExtKeyUsage:  []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
	}
	if name == "localhost" {
		template.IPAddresses = []net.IP{net.IPv4(127, 0, 0, 1), net.IPv6loopback}
	}
	cert, key, err := issue(template, a.cert, a.key)
	if err != nil {
		return nil, err
	}
	c := &tls.Certificate{Certificate: [][]byte{cert.Raw, a.cert.Raw}, PrivateKey: key, Leaf: cert}
	a.leaves[name] = c
	return c, nil
}

// issue makes a key and a certificate for it. Without a parent the certificate is self-signed.
func issue(template, parent *x509.Certificate, signer *ecdsa.PrivateKey) (*x509.Certificate, *ecdsa.PrivateKey, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, nil, fmt.Errorf("certificate %q: %w", template.Subject.CommonName, err)
	}
	if parent == nil {
		parent, signer = template, key
	}
	der, err := x509.CreateCertificate(rand.Reader, template, parent, &key.PublicKey, signer)
	if err != nil {
		return nil, nil, fmt.Errorf("certificate %q: %w", template.Subject.CommonName, err)
	}
	cert, err := x509.ParseCertificate(der)
	return cert, key, err
}
