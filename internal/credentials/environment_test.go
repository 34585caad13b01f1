package credentials

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"path/filepath"
	"testing"
	"time"
)

func TestOSEnvironment(t *testing.T) {
	t.Setenv("HTTPS_PROXY", "http://proxy.example:3128")
	t.Setenv("HTTP_PROXY", "http://proxy.example:3128")
	t.Setenv("NO_PROXY", "direct.example")
	t.Setenv("HOME", "/home/someone")
	t.Setenv("ALIBABA_CLOUD_PROFILE", "p")
	e := OSEnvironment(func() time.Time { return start })
	for address, want := range map[string]string{
		"https://sts.cn-hangzhou.aliyuncs.com/": "http://proxy.example:3128",
		"http://uri.example/":                   "http://proxy.example:3128",
		"https://direct.example/":               "",
		"http://127.0.0.1:5/":                   "",
	} {
		u, _ := url.Parse(address)
		proxy, err := e.Transport.(*http.Transport).Proxy(&http.Request{URL: u})
		got := ""
		if proxy != nil {
			got = proxy.String()
		}
		if err != nil || got != want {
			t.Errorf("%s goes through %q (%v), want %q", address, got, err, want)
		}
	}
	if d := e.Transport.(*http.Transport).TLSHandshakeTimeout; d != connectTimeout {
		t.Errorf("a connection may take %s, want %s", d, connectTimeout)
	}
	if d := e.MetadataTransport.(*http.Transport).TLSHandshakeTimeout; d != metadataConnectTimeout {
		t.Errorf("a connection to the metadata service may take %s, want %s", d, metadataConnectTimeout)
	}
	if e.MetadataTransport.(*http.Transport).Proxy != nil {
		t.Error("the metadata service is reached through a proxy")
	}
	if home, err := e.HomeDir(); err != nil || home != "/home/someone" {
		t.Error(home, err)
	}
	if e.Getenv("ALIBABA_CLOUD_PROFILE") != "p" || !e.Now().Equal(start) {
		t.Error("variables or time are not passed on")
	}
}

func TestPath(t *testing.T) {
	t.Parallel()
	known := Environment{HomeDir: func() (string, error) { return "/home/u", nil }}
	for name, want := range map[string]string{
		"~": "/home/u", "~/f": "/home/u/f", "~/.aliyun/config.json": "/home/u/.aliyun/config.json", "/f": "/f", "f": "f",
		"~other/f": "~other/f", "": "",
	} {
		if got, err := known.path(name); err != nil || filepath.ToSlash(got) != want {
			t.Errorf("%q: %q, %v; want %q", name, got, err, want)
		}
	}
	for what, home := range map[string]func() (string, error){
		"no home":         func() (string, error) { return "", nil },
		"no home to know": func() (string, error) { return "", errors.New("hush") },
		"a home to doubt": func() (string, error) { return "/home/u", errors.New("hush") },
	} {
		if got, err := (Environment{HomeDir: home}).path("~/f"); !errors.Is(err, errNoHome) || got != "" {
			t.Errorf("%s: %q, %v", what, got, err)
		}
	}
}

// TestCancelledInAPause ends the context between two tries.
func TestCancelledInAPause(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.uri.fault = status(500, "")
	ctx, cancel := context.WithCancel(t.Context())
	e := w.environment()
	e.Sleep = func(ctx context.Context, d time.Duration) error {
		if d != patience {
			cancel()
		}
		<-ctx.Done()
		return ctx.Err()
	}
	if _, err := New(Config{CredentialsURI: w.uri.URL}, e).Get(ctx); !errors.Is(err, context.Canceled) ||
		w.uri.count() != 1 {
		t.Errorf("%v after %d requests", err, w.uri.count())
	}
}
