package main

import (
	"context"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/alioss/terraform-provider-alioss/internal/osstest"
	"github.com/alioss/terraform-provider-alioss/internal/testworld"
)

// The stand-in's buckets, keys and names.
const (
	standinKey       = "LTAI5tLiveCheckExample01"
	standinSecret    = "ExampleSecretOfTheLiveCheck001"
	standinBucket    = "live-check"
	standinVersioned = "live-check-versioned"
	standinDomain    = "downloads.example.com"
	standinRole      = "acs:ram::1234567890123456:role/live-check"
)

// standin is the stand-in of OSS with what the provider needs to find it behind the service's own
// names: a proxy that leads every name to it, an STS, and the certificates of both.
type standin struct {
	oss   *osstest.Server
	sts   *httptest.Server
	proxy *http.Server
	dir   string
	env   []string
	ahead atomic.Int64 // how far the clock was moved, in nanoseconds

	mu       sync.Mutex
	sessions int
}

// newStandin serves on loopback.
func newStandin() (*standin, error) {
	dir, err := os.MkdirTemp("", "alioss-standin-")
	if err != nil {
		return nil, err
	}
	s := &standin{dir: dir}
	s.oss = osstest.New(osstest.Config{Now: s.clock})
	s.sts = httptest.NewTLSServer(http.HandlerFunc(s.assumeRole))
	if err := s.start(); err != nil {
		s.close()
		return nil, err
	}
	return s, nil
}

func (s *standin) start() error {
	s.oss.SetCredential(osstest.Credential{AccessKeyID: standinKey, AccessKeySecret: standinSecret})
	for _, b := range []osstest.Bucket{
		{Name: standinBucket, Domains: []string{standinDomain}, RestrictedDownloads: true},
		{Name: standinVersioned, Versioning: osstest.VersioningEnabled},
	} {
		if err := s.oss.SetBucket(b); err != nil {
			return err
		}
	}
	s.forbid()
	address, err := s.oss.StartTLS("")
	if err != nil {
		return err
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	proxy := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		testworld.Connect(w, r, strings.TrimPrefix(address, "https://"))
	})
	s.proxy = &http.Server{Handler: proxy, ReadHeaderTimeout: time.Minute}
	go func() { _ = s.proxy.Serve(listener) }()

	ca, err := s.oss.CAPEM()
	if err != nil {
		return err
	}
	ca = append(ca, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: s.sts.Certificate().Raw})...)
	file := filepath.Join(s.dir, "ca.pem")
	if err := os.WriteFile(file, ca, 0o600); err != nil {
		return err
	}
	proxyURL := "http://" + listener.Addr().String()
	s.env = []string{
		"PATH=" + os.Getenv("PATH"), "HOME=" + s.dir, "LC_ALL=C.UTF-8", "ALIBABA_CLOUD_ECS_METADATA_DISABLED=true",
		"OSS_ACCESS_KEY_ID=" + standinKey, "OSS_ACCESS_KEY_SECRET=" + standinSecret,
		"ALIBABA_CLOUD_STS_ENDPOINT=" + strings.TrimPrefix(s.sts.URL, "https://"),
		"HTTPS_PROXY=" + proxyURL, "HTTP_PROXY=" + proxyURL, "SSL_CERT_FILE=" + file,
	}
	return nil
}

// forbid makes the stand-in refuse the requests that the policy in CONTRIBUTING.md forbids.
func (s *standin) forbid() {
	s.oss.Inject(osstest.Fault{
		Match: func(r *http.Request) bool {
			return r.Method == http.MethodGet && strings.Contains(r.URL.Path, "/forbidden/")
		},
		Status: http.StatusForbidden, Code: "AccessDenied", EC: "0003-00000201",
	})
}

// assumeRole answers as STS does, each time with another session.
func (s *standin) assumeRole(w http.ResponseWriter, r *http.Request) {
	if action := r.FormValue("Action"); action != "AssumeRole" || r.FormValue("RoleArn") != standinRole ||
		r.FormValue("AccessKeyId") != standinKey {
		w.WriteHeader(http.StatusForbidden)
		_, _ = io.WriteString(w, `{"Code":"NoPermission"}`)
		return
	}
	s.mu.Lock()
	s.sessions++
	n := s.sessions
	s.mu.Unlock()
	c := osstest.Credential{
		AccessKeyID:     fmt.Sprintf("STS.NLiveCheckExample%04d", n),
		AccessKeySecret: fmt.Sprintf("ExampleSessionSecret%010d", n),
		SecurityToken:   fmt.Sprintf("CAISExampleTokenOfTheLiveCheck%04d", n), Expiration: s.clock().Add(time.Hour),
	}
	s.oss.SetCredential(c)
	_ = json.NewEncoder(w).Encode(map[string]any{"Credentials": map[string]string{
		"AccessKeyId": c.AccessKeyID, "AccessKeySecret": c.AccessKeySecret, "SecurityToken": c.SecurityToken,
		"Expiration": c.Expiration.UTC().Format(time.RFC3339),
	}})
}

// clock is the stand-in's.
func (s *standin) clock() time.Time { return time.Now().Add(time.Duration(s.ahead.Load())) }

// service returns the stand-in as a service to test.
func (s *standin) service() service {
	client, err := s.oss.Client()
	if err != nil {
		panic(err) // the certificate was made at the start
	}
	return service{
		config: config{
			bucket: standinBucket, region: "cn-hangzhou", domain: standinDomain, versionedBucket: standinVersioned,
			roleARN: standinRole,
		},
		standin: true,
		env:     s.env,
		client:  recipient(client.Transport),
		now:     time.Now,
		wait: func(_ context.Context, until time.Time, _ time.Duration) error {
			s.ahead.Store(int64(max(0, time.Until(until))))
			return nil
		},
	}
}

// close ends all servers.
func (s *standin) close() {
	if s.proxy != nil {
		_ = s.proxy.Close()
	}
	s.sts.Close()
	_ = s.oss.Close()
	_ = os.RemoveAll(s.dir)
}
