package doctest

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"errors"
	"io"
	"log"
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
	"github.com/alioss/terraform-provider-alioss/internal/testworld"
)

const (
	testKey    = testworld.Key
	testSecret = testworld.Secret
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
	authority, err := osstest.NewAuthority()
	must(t, err)
	w.ca = filepath.Join(w.home, "ca.pem")
	write(t, w.ca, string(authority.PEM()))

	service := httptest.NewUnstartedServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		if strings.HasPrefix(r.Host, "sts.") || strings.HasPrefix(r.Host, "sts-vpc.") {
			w.assume(rw, r)
			return
		}
		w.ServeHTTP(rw, r)
	}))
	service.Config.ErrorLog = log.New(io.Discard, "", 0)
	service.TLS, err = authority.Config()
	must(t, err)
	service.StartTLS()
	t.Cleanup(service.Close)
	w.base = service.URL

	proxy := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		testworld.Connect(rw, r, strings.TrimPrefix(w.base, "https://"))
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
