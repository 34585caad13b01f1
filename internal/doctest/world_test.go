package doctest

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/json"
	"encoding/pem"
	"errors"
	"io"
	"log"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/alioss/terraform-provider-alioss/internal/osstest"
	"github.com/alioss/terraform-provider-alioss/internal/signer"
)

const (
	testKey    = "LTAI5tExampleKeyId000001"
	testSecret = "example-secret-of-the-tests-0001"
	laterKey   = "LTAI5tExampleKeyId000002" // another key with the same secret
)

// session is what the world's STS gives whoever assumes a role. Real tokens are as long.
var session = osstest.Credential{
	AccessKeyID: "STS.ExampleSessionKeyId0001", AccessKeySecret: "example-session-secret-of-tests",
	SecurityToken: strings.Repeat("CAISexample/security+token", 60) + "==",
}

// world is OSS and STS behind every host, for commands that find them through a proxy: commands
// keep the names that the documentation uses.
type world struct {
	*osstest.Server

	base  string // https://127.0.0.1:port, which serves any name
	proxy string // http://127.0.0.1:port, a proxy that leads every host there
	home  string // a home directory with the certificate authority and the configuration of clients
	ca    string // the authority's certificate, a PEM file

	ahead atomic.Int64 // how far the service's clock is ahead, a time.Duration
}

// newWorld starts a world with the objects that the documentation names.
func newWorld(t *testing.T) *world {
	t.Helper()
	w := &world{home: t.TempDir()}
	w.Server = osstest.New(osstest.Config{Now: w.now})
	t.Cleanup(func() { must(t, w.Close()) })
	w.SetCredential(osstest.Credential{AccessKeyID: testKey, AccessKeySecret: testSecret})
	w.SetCredential(osstest.Credential{AccessKeyID: laterKey, AccessKeySecret: testSecret})
	w.SetCredential(session)
	for _, key := range []string{
		"agent/agent-1.4.2.tar.gz", "agent/agent.tar.gz", "agent/checksums.txt", "builds/main/app.tar.gz",
		"releases/1.4.2/app.tar.gz", "releases/1.4.2/app.deb", "releases/1.4.2/docs/manual.pdf", "config/app.json",
	} {
		w.have(t, "examplebucket", "cn-hangzhou", "", key, "")
	}
	authority := newAuthority(t)
	w.ca = filepath.Join(w.home, "ca.pem")
	write(t, w.ca, authority.pem)

	service := httptest.NewUnstartedServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		if strings.HasPrefix(r.Host, "sts.") || strings.HasPrefix(r.Host, "sts-vpc.") {
			w.assume(rw, r)
			return
		}
		w.ServeHTTP(rw, r)
	}))
	service.Config.ErrorLog = log.New(io.Discard, "", 0)
	service.TLS = &tls.Config{MinVersion: tls.VersionTLS12, GetCertificate: authority.certificate}
	service.StartTLS()
	t.Cleanup(service.Close)
	w.base = service.URL

	proxy := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		connect(rw, r, strings.TrimPrefix(w.base, "https://"))
	}))
	t.Cleanup(proxy.Close)
	w.proxy = proxy.URL

	write(t, filepath.Join(w.home, "wgetrc"), "ca_certificate = "+w.ca+"\n")
	write(t, filepath.Join(w.home, ".aliyun", "config.json"), profiles)
	return w
}

// now is the service's clock.
func (w *world) now() time.Time { return time.Now().Add(time.Duration(w.ahead.Load())) }

// env returns variables by which the CLI, the provider, curl, wget and Python find the world.
func (w *world) env() []string {
	return []string{
		"HOME=" + w.home,
		"HTTPS_PROXY=" + w.proxy,
		"https_proxy=" + w.proxy,
		"NO_PROXY=",
		"no_proxy=",
		"SSL_CERT_FILE=" + w.ca,
		"CURL_CA_BUNDLE=" + w.ca,
		"REQUESTS_CA_BUNDLE=" + w.ca,
		"WGETRC=" + filepath.Join(w.home, "wgetrc"),
	}
}

// around returns the workplace with the world outside of it.
func (w *world) around(place *workplace) *workplace {
	inside := *place
	inside.env = append(slices.Clone(place.env), w.env()...)
	return &inside
}

// client returns a client for the world.
func (w *world) client(t *testing.T) *http.Client {
	t.Helper()
	pem, err := os.ReadFile(w.ca)
	must(t, err)
	pool := x509.NewCertPool()
	pool.AppendCertsFromPEM(pem)
	proxy, err := url.Parse(w.proxy)
	must(t, err)
	transport := &http.Transport{
		Proxy:           http.ProxyURL(proxy),
		TLSClientConfig: &tls.Config{RootCAs: pool, MinVersion: tls.VersionTLS12},
	}
	t.Cleanup(transport.CloseIdleConnections)
	return &http.Client{Transport: transport}
}

// have makes sure that an object is there, and its bucket, bound to a domain.
func (w *world) have(t *testing.T, bucket, region, domain, key, version string) {
	t.Helper()
	b := osstest.Bucket{Name: bucket, Region: region, Versioning: osstest.VersioningEnabled}
	if bucket == "examplebucket" {
		b.Domains = append(b.Domains, cacheDomain)
	}
	if domain != "" && domain != cacheDomain {
		b.Domains = append(b.Domains, domain)
	}
	must(t, w.SetBucket(b))
	if _, ok := w.Object(bucket, key, version); !ok {
		_, err := w.PutObject(bucket, osstest.Object{Key: key, VersionID: version, Body: content(key)})
		must(t, err)
	}
}

// content is the body of an object that a test has put there for the documentation: what archives
// contain is a file "agent".
func content(key string) []byte {
	if strings.HasSuffix(key, ".tar.gz") {
		return archive("content of " + key + "\n")
	}
	return []byte("content of " + key + "\n")
}

// archive returns a tar.gz with a file "agent". Texts of one length give archives of one length.
func archive(text string) []byte {
	var buffer bytes.Buffer
	packed, err := gzip.NewWriterLevel(&buffer, gzip.NoCompression)
	if err != nil {
		panic(err)
	}
	files := tar.NewWriter(packed)
	err = files.WriteHeader(&tar.Header{Name: "agent", Mode: 0o644, Size: int64(len(text))})
	if _, e := files.Write([]byte(text)); e != nil {
		err = e
	}
	if err = errors.Join(err, files.Close(), packed.Close()); err != nil {
		panic(err)
	}
	return buffer.Bytes()
}

// replace uploads a new version of an object.
func (w *world) replace(t *testing.T, key string, body []byte) {
	t.Helper()
	_, err := w.PutObject("examplebucket", osstest.Object{Key: key, Body: body})
	must(t, err)
}

// get downloads, and returns the status and the body.
func (w *world) get(t *testing.T, link string) (int, string) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, link, http.NoBody)
	must(t, err)
	resp, err := w.client(t).Do(req)
	must(t, err)
	body, err := io.ReadAll(resp.Body)
	must(t, err)
	must(t, resp.Body.Close())
	return resp.StatusCode, string(body)
}

// profiles is the configuration of the Alibaba Cloud CLI that the pages speak of.
const profiles = `{"current": "production", "profiles": [
  {"name": "production", "mode": "AK", "access_key_id": "` + testKey + `", "access_key_secret": "` + testSecret + `"},
  {"name": "downloads", "mode": "AK", "access_key_id": "` + testKey + `", "access_key_secret": "` + testSecret + `"}
]}`

// assume answers AssumeRole only.
func (w *world) assume(rw http.ResponseWriter, r *http.Request) {
	if err := r.ParseForm(); err != nil || r.Form.Get("Action") != "AssumeRole" ||
		!strings.HasPrefix(r.Form.Get("RoleArn"), "acs:ram::") {
		http.Error(rw, `{"Code": "InvalidParameter"}`, http.StatusBadRequest)
		return
	}
	err := json.NewEncoder(rw).Encode(map[string]any{"RequestId": "1", "Credentials": map[string]string{
		"AccessKeyId":     session.AccessKeyID,
		"AccessKeySecret": session.AccessKeySecret,
		"SecurityToken":   session.SecurityToken,
		"Expiration":      w.now().Add(time.Hour).UTC().Format(time.RFC3339),
	}})
	if err != nil {
		log.Print(err)
	}
}

// connect is a proxy's CONNECT that leads to one address, whatever the host.
func connect(rw http.ResponseWriter, r *http.Request, address string) {
	if r.Method != http.MethodConnect {
		http.Error(rw, "only CONNECT", http.StatusMethodNotAllowed)
		return
	}
	out, err := (&net.Dialer{}).DialContext(r.Context(), "tcp", address)
	if err != nil {
		http.Error(rw, err.Error(), http.StatusBadGateway)
		return
	}
	in, _, err := rw.(http.Hijacker).Hijack()
	if err != nil {
		http.Error(rw, err.Error(), http.StatusInternalServerError)
		return
	}
	tunnel(in, out)
}

// tunnel joins two connections until either has ended.
func tunnel(in, out net.Conn) {
	if _, err := io.WriteString(in, "HTTP/1.1 200 Connection established\r\n\r\n"); err != nil {
		return
	}
	done := make(chan struct{}, 2)
	for _, pair := range [][2]net.Conn{{in, out}, {out, in}} {
		go func() {
			_, _ = io.Copy(pair[0], pair[1]) // an end of either side is the end of both
			done <- struct{}{}
		}()
	}
	<-done
	_ = in.Close()
	_ = out.Close()
	<-done
}

// authority issues certificates for every name.
type authority struct {
	key         *ecdsa.PrivateKey
	certificate func(*tls.ClientHelloInfo) (*tls.Certificate, error)
	pem         string
}

func newAuthority(t *testing.T) authority {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	must(t, err)
	from, until := time.Now().Add(-time.Hour), time.Now().Add(24*time.Hour)
	root := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "doctest"}, NotBefore: from, NotAfter: until,
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign,
	}
	der, err := x509.CreateCertificate(rand.Reader, root, root, key.Public(), key)
	must(t, err)
	a := authority{key: key, pem: string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}))}
	a.certificate = func(hello *tls.ClientHelloInfo) (*tls.Certificate, error) {
		leaf := &x509.Certificate{
			SerialNumber: big.NewInt(2), Subject: pkix.Name{CommonName: hello.ServerName}, NotBefore: from, NotAfter: until,
			DNSNames: []string{hello.ServerName}, KeyUsage: x509.KeyUsageDigitalSignature,
			ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
		}
		if hello.ServerName == "" {
			leaf.DNSNames, leaf.IPAddresses = nil, []net.IP{net.IPv4(127, 0, 0, 1)}
		}
		signed, err := x509.CreateCertificate(rand.Reader, leaf, root, key.Public(), key)
		return &tls.Certificate{Certificate: [][]byte{signed}, PrivateKey: key}, err
	}
	return a
}

// TestWorld wants a request by an OSS host to reach the stand-in through the proxy.
func TestWorld(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	if got, _ := w.get(
		t,
		"https://examplebucket.oss-cn-hangzhou.aliyuncs.com/agent/checksums.txt",
	); got != http.StatusForbidden {
		t.Errorf("got %d without a signature, want 403", got)
	}
}

// sign returns a link to an object of examplebucket, signed now.
func sign(t *testing.T, key string, expiry time.Duration) string {
	t.Helper()
	return signFor(
		t,
		signer.Request{Method: http.MethodGet, Host: "examplebucket.oss-cn-hangzhou.aliyuncs.com", Key: key},
		expiry,
	)
}

// signFor signs a request for an object of examplebucket.
func signFor(t *testing.T, r signer.Request, expiry time.Duration) string {
	t.Helper()
	return signBy(t, r, expiry, osstest.Credential{AccessKeyID: testKey, AccessKeySecret: testSecret})
}

func signBy(t *testing.T, r signer.Request, expiry time.Duration, c osstest.Credential) string {
	t.Helper()
	r.Scheme, r.Region, r.Bucket, r.Expires = "https", "cn-hangzhou", "examplebucket", int64(expiry/time.Second)
	link, _, err := signer.Presign(r, signer.NewCredentials(c.AccessKeyID, c.AccessKeySecret, c.SecurityToken), time.Now())
	must(t, err)
	return link
}
