package doctest

import (
	"context"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/alioss/terraform-provider-alioss/internal/osstest"
	"github.com/alioss/terraform-provider-alioss/internal/signer"
)

// cacheDomain is the custom domain of examples/clients/nginx.conf.
const cacheDomain = "downloads.example.com"

// cache is nginx in front of the world, with the configuration that the documentation shows.
type cache struct{ client *http.Client }

// newCache starts nginx. The test is skipped on a machine without it. internal/tools/packages.sh
// installs it.
func newCache(t *testing.T, w *world, site string) cache {
	t.Helper()
	nginx, err := exec.LookPath("nginx")
	if err != nil {
		nginx = "/usr/sbin/nginx"
		if _, err := os.Stat(nginx); err != nil {
			t.Skip("nginx is not on this machine")
		}
	}
	dir, err := os.MkdirTemp("", "nginx") //nolint:usetesting // a path of a socket has at most 107 bytes
	must(t, err)
	t.Cleanup(func() { must(t, os.RemoveAll(dir)) })
	must(t, os.Chmod(dir, 0o755))
	const host = "examplebucket.oss-cn-hangzhou.aliyuncs.com"
	for _, change := range [][2]string{
		{"listen 80;", "listen unix:" + dir + "/socket;"},
		{"/var/cache/nginx/oss", dir + "/cache"},
		{"https://" + host + ";", w.base + ";\n        proxy_ssl_name " + host + ";"},
		{"/etc/ssl/certs/ca-certificates.crt", w.ca},
	} {
		if strings.Count(site, change[0]) != 1 {
			t.Fatalf("the configuration has not one %q", change[0])
		}
		site = strings.Replace(site, change[0], change[1], 1)
	}
	user := ""
	if os.Getuid() == 0 {
		user = "user root;\n" // the workers of another user cannot read the test's files
	}
	temporary := ""
	for _, name := range []string{"client_body", "proxy", "fastcgi", "uwsgi", "scgi"} {
		temporary += name + "_temp_path " + dir + "/" + name + ";\n"
	}
	write(
		t,
		dir+"/nginx.conf",
		user+"pid "+dir+"/pid;\nerror_log "+dir+"/error.log;\nevents {}\nhttp {\naccess_log off;\n"+temporary+site+"}\n",
	)
	run := func(args ...string) {
		args = append([]string{"-p", dir, "-c", dir + "/nginx.conf", "-e", dir + "/error.log"}, args...)
		output, err := exec.CommandContext(context.WithoutCancel(t.Context()), nginx, args...).CombinedOutput()
		if err != nil {
			t.Fatalf("nginx %q: %v: %s", args, err, output)
		}
	}
	run() // returns when it listens
	t.Cleanup(func() { run("-s", "stop") })
	t.Cleanup(func() {
		if text, err := os.ReadFile(dir + "/error.log"); err == nil && t.Failed() {
			t.Logf("%.2000s", text)
		}
	})
	transport := &http.Transport{DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
		return (&net.Dialer{}).DialContext(ctx, "unix", dir+"/socket")
	}}
	t.Cleanup(transport.CloseIdleConnections)
	return cache{&http.Client{Transport: transport}}
}

// send sends a request for a link through the cache.
func (c cache) ask(t *testing.T, method, link string) (int, string) {
	t.Helper()
	req, err := http.NewRequestWithContext(
		t.Context(),
		method,
		strings.Replace(link, "https://", "http://", 1),
		http.NoBody,
	)
	must(t, err)
	resp, err := c.client.Do(req)
	must(t, err)
	body, err := io.ReadAll(resp.Body)
	must(t, err)
	must(t, resp.Body.Close())
	return resp.StatusCode, string(body)
}

// TestCache puts nginx in front of the bucket, as the documentation shows it, and lets links
// expire.
func TestCache(t *testing.T) {
	t.Parallel()
	site := readExample(t, "clients", "nginx.conf")
	const keyed = "$request_method$host$request_uri"
	for name, key := range map[string]string{
		"the whole query is part of the key": keyed,
		"the key has no query":               "$request_method$host$uri",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			must(
				t,
				w.SetBucket(
					osstest.Bucket{Name: "examplebucket", Versioning: osstest.VersioningEnabled, Domains: []string{cacheDomain}},
				),
			)
			nginx := newCache(t, w, strings.Replace(site, keyed, key, 1))
			link := func(method, key string, query map[string]string) string {
				return signFor(t, signer.Request{Method: method, Host: cacheDomain, Key: key, Query: query}, time.Hour)
			}
			private := map[string]string{"response-cache-control": "private, no-store"}
			kept, not := link("GET", "agent/checksums.txt", nil), link("GET", "config/app.json", private)
			head := link("HEAD", "agent/checksums.txt", private)
			temporary := signBy(
				t,
				signer.Request{Method: "GET", Host: cacheDomain, Key: "agent/agent.tar.gz", Query: private},
				time.Hour,
				session,
			)
			unsigned := func(link string) string { before, _, _ := strings.Cut(link, "?"); return before }
			want := func(what, method, link string, status int, body string) {
				t.Helper()
				if got, text := nginx.ask(t, method, link); got != status || body != "" && text != body {
					t.Errorf("%s: %d, want %d", what, got, status)
				}
			}
			for range 2 { // the second time from the cache
				want("a link", "GET", kept, 200, string(content("agent/checksums.txt")))
				want("a link with no-store", "GET", not, 200, string(content("config/app.json")))
				want("a link for HEAD", "HEAD", head, 200, "")
				want("a link of temporary keys", "GET", temporary, 200, string(content("agent/agent.tar.gz")))
			}
			want("no-store, without the query", "GET", unsigned(not), 403, "")
			want("no-store, for another method", "HEAD", not, 403, "")
			want("the same, of temporary keys", "HEAD", temporary, 403, "")
			for _, hard := range []string{"a//b", "季度 报告+1.pdf", "100%/a%2Fb", "a;b,c=d&e"} {
				w.have(t, "examplebucket", "cn-hangzhou", cacheDomain, hard, "")
				want("the key "+hard, "GET", link("GET", hard, private), 200, string(content(hard)))
			}

			w.ahead.Store(int64(2 * time.Hour))
			want("no-store, expired", "GET", not, 403, "")
			// The harm that no-store is there to prevent.
			want("an expired link", "GET", kept, 200, "")
			if key != keyed {
				want("no link at all", "GET", unsigned(kept), 200, "")
			} else {
				want("no link at all", "GET", unsigned(kept), 403, "")
			}
		})
	}
}

// TestNoStoreExample wants the example of links behind a cache to sign what keeps caches from
// keeping the object.
func TestNoStoreExample(t *testing.T) {
	t.Parallel()
	text := readExample(t, "data-sources", "alioss_presigned_url", "no-store.tf")
	if !strings.Contains(text, `cache-control = "private, no-store"`) {
		t.Error("no-store.tf signs another cache-control than the one that TestCache tries")
	}
	if _, err := url.Parse("https://" + cacheDomain); err != nil || !strings.Contains(text, cacheDomain) {
		t.Errorf("no-store.tf is for another domain than %s", cacheDomain)
	}
}
