package credentials

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/alioss/terraform-provider-alioss/internal/testworld"
	"github.com/alioss/terraform-provider-alioss/internal/transport"
)

// TestFaultsOfServers puts every fault in front of STS, of the metadata service and of a
// credentials URI.
func TestFaultsOfServers(t *testing.T) {
	t.Parallel()
	const good = ""
	huge := `{"AccessKeyId":"` + strings.Repeat("hush", transport.MaxBody/4) + `"}`
	faults := []struct {
		name  string
		fault fault
		// sts, imds, uri are the words of the error, good for none. tries are requests to STS and URI,
		// imdsTries to the metadata service with a named role.
		sts, imds, uri   string
		tries, imdsTries int
	}{
		{"500 once", firstOnly(1, status(500, "hush")), good, good, good, 2, 3},
		{"503 twice", firstOnly(2, status(503, "hush")), good, good, good, 3, 4},
		{"500 for good", status(500, "hush"), "status 500", "status 500", "status 500", 3, 6},
		{"429 once", firstOnly(1, status(429, "hush")), good, good, good, 2, 3},
		{"429 for good", status(429, "hush"), "status 429", "status 429", "status 429", 3, 6},
		{"404", status(404, "hush"), "status 404", "no RAM role", "status 404", 1, 2},
		{"302", func(_ int, w http.ResponseWriter, _ *http.Request) bool {
			w.Header().Set("Location", "http://hush.example/hush")
			w.WriteHeader(302)
			return true
		}, "status 302", "status 302", "redirects (status 302), which is not followed", 1, 2},
		{"200 with garbage", status(200, "\x00hush"), "something other", "something other", "something other", 1, 2},
		{"200 with nothing", status(200, ""), "something other", "something other", "something other", 1, 2},
		{"200 with an empty object", status(200, "{}"), "lacks AccessKeyId", "lacks AccessKeyId", "lacks AccessKeyId", 1, 2},
		{"200 with null", status(200, "null"), "lacks AccessKeyId", "lacks AccessKeyId", "lacks AccessKeyId", 1, 2},
		{"200 without end", endless, "larger than 1 MiB", "larger than 1 MiB", "larger than 1 MiB", 1, 2},
		{"500 with too much", status(500, huge), "larger than 1 MiB", "larger than 1 MiB", "larger than 1 MiB", 3, 6},
		{"cut once", firstOnly(1, cut), good, good, good, 2, 2},
		{"cut for good", cut, "broke off", "broke off", "broke off", 3, 2},
	}
	for _, test := range faults {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			for _, server := range []struct {
				name, words string
				tries       int
				set         func(*world) (Config, *server)
			}{
				{"STS", test.sts, test.tries, func(w *world) (Config, *server) {
					return Config{
						AccessKey: "AKID", SecretKey: NewSecret("hush"), AssumeRole: &AssumeRole{RoleARN: roleARN},
					}, &w.sts.server
				}},
				{
					"metadata", test.imds, test.imdsTries, func(w *world) (Config, *server) {
						return Config{ECSRoleName: "agent"}, &w.imds.server
					},
				},
				{
					"URI", test.uri, test.tries, func(w *world) (Config, *server) {
						return Config{CredentialsURI: w.uri.URL + "/hush"}, &w.uri.server
					},
				},
			} {
				w := newWorld(t)
				config, s := server.set(w)
				s.fault = test.fault
				_, err := w.get(config)
				switch {
				case server.words == good && err != nil:
					t.Errorf("%s: %v", server.name, err)
				case server.words != good && (err == nil || !strings.Contains(err.Error(), server.words)):
					t.Errorf("%s: error %v does not contain %q", server.name, err, server.words)
				}
				if s.count() != server.tries {
					t.Errorf("%s: %d requests, want %d: %v", server.name, s.count(), server.tries, s.log())
				}
				for i, pause := range w.slept {
					if max := 2 * firstPause; pause > max {
						t.Errorf("%s: pause %d is %s, want at most %s", server.name, i, pause, max)
					}
				}
			}
		})
	}
}

// TestTimeOuts measures, on a fake clock, how long a machine waits for servers that never answer.
func TestTimeOuts(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		config  Config
		waited  time.Duration
		failure string
	}{
		// PUT for a token, then GET for the role's name, each once.
		"metadata service": {Config{}, 2 * metadataTimeout, "no answer came within 1.5s"},
		"named role":       {Config{ECSRoleName: "agent"}, 2 * metadataTimeout, "no answer came within 1.5s"},
		"STS": {
			Config{
				AccessKey: "AKID", SecretKey: NewSecret("hush"), AssumeRole: &AssumeRole{RoleARN: roleARN},
			}, serviceLimit, "STS at sts.aliyuncs.com failed, because no answer came within 10s",
		},
		"URI": {
			Config{CredentialsURI: "http://uri.example/hush"},
			serviceLimit,
			"the credentials URI at uri.example failed, because no answer came within 10s",
		},
	} {
		for where, carrier := range map[string]http.RoundTripper{"before the answer": &hang{}, "within the answer": stuck{}} {
			t.Run(name+", "+where, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					e := hangingEnvironment(&world{t: t, vars: vars{}, clock: testworld.NewClock(start)})
					e.Transport, e.MetadataTransport = carrier, carrier
					begin := time.Now()
					_, err := New(test.config, e).Get(t.Context())
					if waited := time.Since(begin); waited != test.waited {
						t.Errorf("waited %s, want %s", waited, test.waited)
					}
					if err == nil || !strings.Contains(err.Error(), test.failure) {
						t.Errorf("error %v does not contain %q", err, test.failure)
					}
				})
			})
		}
	}
}

// stuck is a server that begins an answer and never ends it.
type stuck struct{}

func (stuck) RoundTrip(r *http.Request) (*http.Response, error) {
	return &http.Response{StatusCode: 200, Body: io.NopCloser(stuckBody{r.Context()}), Request: r}, nil
}

type stuckBody struct{ ctx context.Context }

func (b stuckBody) Read([]byte) (int, error) {
	<-b.ctx.Done()
	return 0, b.ctx.Err()
}

// slow is a server that answers every request late, with a fault that allows another try.
type slow time.Duration

func (s slow) RoundTrip(r *http.Request) (*http.Response, error) {
	if err := transport.Sleep(r.Context(), time.Duration(s)); err != nil {
		return nil, err
	}
	return &http.Response{StatusCode: 503, Body: http.NoBody, Request: r}, nil
}

// TestMetadataLimit: whatever the service does, nobody waits for it longer than metadataLimit,
// which is below 5 s.
func TestMetadataLimit(t *testing.T) {
	t.Parallel()
	if metadataLimit >= 5*time.Second {
		t.Errorf("the limit is %s", metadataLimit)
	}
	synctest.Test(t, func(t *testing.T) {
		e := hangingEnvironment(&world{t: t, vars: vars{}, clock: testworld.NewClock(start)})
		e.MetadataTransport = slow(metadataTimeout - time.Millisecond)
		begin := time.Now()
		_, err := New(Config{}, e).Get(t.Context())
		if waited := time.Since(begin); waited != metadataLimit {
			t.Errorf("waited %s, want %s", waited, metadataLimit)
		}
		if err == nil || !strings.Contains(err.Error(), "no answer came within 4.5s") {
			t.Error(err)
		}
	})
}

// failing is a transport without connection.
type failing struct{ err error }

func (f failing) RoundTrip(*http.Request) (*http.Response, error) { return nil, f.err }

func TestConnectionErrors(t *testing.T) {
	t.Parallel()
	dial := func(err error) error { return &net.OpError{Op: "dial", Net: "tcp", Err: err} }
	for name, test := range map[string]struct {
		err     error
		failure string
		tries   int
	}{
		"unknown host": {
			dial(&net.DNSError{Err: "no such host hush", Name: "hush", IsNotFound: true}),
			"host name is not known. If the region has no such host", 1,
		},
		"no resolver": {
			dial(&net.DNSError{Err: "server misbehaving hush", Name: "hush", IsTemporary: true}),
			"host name cannot be resolved. If the region", 3,
		},
		"proxy":       {&net.OpError{Op: "proxyconnect", Err: errors.New("hush")}, "the proxy cannot be reached", 3},
		"dial time":   {dial(context.DeadlineExceeded), "no connection was established in time", 3},
		"unreachable": {dial(errors.New("hush")), "the host cannot be reached", 3},
		"certificate": {
			&tls.CertificateVerificationError{Err: x509.HostnameError{Certificate: &x509.Certificate{}, Host: "hush"}},
			"certificate belongs to another host", 1,
		},
		"other": {errors.New("hush"), "the connection broke off", 3},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			e := w.environment()
			e.Transport = failing{test.err}
			_, err := New(Config{
				AccessKey: "AKID", SecretKey: NewSecret("hush"), AssumeRole: &AssumeRole{RoleARN: roleARN},
			}, e).Get(t.Context())
			if err == nil || !strings.Contains(err.Error(), test.failure) {
				t.Fatalf("error %v does not contain %q", err, test.failure)
			}
			checkHidden(t, err.Error())
			if advice := name != "certificate" && name != "other"; advice != strings.Contains(err.Error(),
				"set another with sts_endpoint") {
				t.Errorf("whether another host may help: %v", err)
			}
			if tries := len(w.slept) + 1; tries != test.tries {
				t.Errorf("%d tries, want %d", tries, test.tries)
			}
		})
	}
}

// TestProxyRefuses: a proxy that refuses to connect is named, and what it answers and its password
// are not shown.
func TestProxyRefuses(t *testing.T) {
	t.Parallel()
	for status, want := range map[int]struct {
		failure string
		tries   int
	}{
		407: {"STS at sts.aliyuncs.com failed, because the proxy refused the connection with status 407", 1},
		403: {"the proxy refused the connection with status 403", 1},
		502: {"the proxy refused the connection with status 502. If the region has no such host", 3},
	} {
		proxy := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Proxy-Authenticate", `Basic realm="hush"`)
			w.WriteHeader(status)
			_, _ = w.Write([]byte("hush"))
		}))
		t.Cleanup(proxy.Close)
		address, err := url.Parse(proxy.URL)
		if err != nil {
			t.Fatal(err)
		}
		address.User = url.UserPassword("user", "hush")
		w := newWorld(t)
		e := w.environment()
		e.Transport = transport.New(time.Minute, http.ProxyURL(address))
		_, err = New(Config{
			AccessKey: "AKID", SecretKey: NewSecret("hush"), AssumeRole: &AssumeRole{RoleARN: roleARN},
		}, e).Get(t.Context())
		if err == nil || !strings.Contains(err.Error(), want.failure) {
			t.Fatalf("error %v does not contain %q", err, want.failure)
		}
		checkHidden(t, err.Error())
		if tries := len(w.slept) + 1; tries != want.tries {
			t.Errorf("status %d: %d tries, want %d", status, tries, want.tries)
		}
	}
}

// TestStatusOfURI: what redirects is named as such, from the first status of that kind to the last.
// No words of the answer are shown.
func TestStatusOfURI(t *testing.T) {
	t.Parallel()
	for code, redirects := range map[int]bool{300: true, 307: true, 399: true, 400: false, 299: false} {
		w := newWorld(t)
		w.uri.fault = status(code, `{"Code":"hush","Message":"hush","RequestId":"hush"}`)
		_, err := w.get(Config{CredentialsURI: w.uri.URL})
		if err == nil || !strings.Contains(err.Error(), fmt.Sprintf("status %d", code)) ||
			strings.Contains(err.Error(), "redirects") != redirects {
			t.Errorf("status %d: %v", code, err)
		}
	}
}

// TestRedirectOfMetadata: a redirect of the metadata service, as of a network that asks for a login,
// comes without the advice to set its address, which no argument does.
func TestRedirectOfMetadata(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.imds.fault = status(302, "hush")
	_, err := w.get(Config{ECSRoleName: "agent"})
	if err == nil || !strings.Contains(err.Error(), "redirects (status 302)") || strings.Contains(err.Error(), "ddress") {
		t.Errorf("error %v", err)
	}
}

// TestAccept: requests to STS and a credentials URI accept JSON.
func TestAccept(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	var requests []string
	note := func(_ int, _ http.ResponseWriter, r *http.Request) bool {
		requests = append(requests, r.Header.Get("Accept"))
		return false
	}
	w.uri.fault, w.sts.fault = note, note
	if _, err := w.get(Config{CredentialsURI: w.uri.URL, AssumeRole: &AssumeRole{RoleARN: roleARN}}); err != nil {
		t.Error(err)
	}
	if !slices.Equal(requests, []string{"application/json", "application/json"}) {
		t.Errorf("accepted %q", requests)
	}
}

// TestVariablesAndConfiguredURI: variables add no role to the configuration's own credentials URI.
func TestVariablesAndConfiguredURI(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.vars["ALIBABA_CLOUD_ROLE_ARN"], w.vars["ALIBABA_CLOUD_ROLE_SESSION_NAME"] = roleARN, "ci"
	found, err := w.get(Config{CredentialsURI: w.uri.URL})
	if err != nil || found.AccessKeyID() != "STS.AKID" || w.sts.count() != 0 {
		t.Errorf("%v, %v after %d requests to STS", found.Source, err, w.sts.count())
	}
	if want := "the credentials URI at " + strings.TrimPrefix(w.uri.URL, "http://"); found.Source != want {
		t.Errorf("source %q, want %q", found.Source, want)
	}
}

// TestCallerThatEnds: a session that ends within a minute assumes no role, and one that ends later
// does.
func TestCallerThatEnds(t *testing.T) {
	t.Parallel()
	for left, good := range map[time.Duration]bool{
		endMargin - time.Second: false, endMargin: false, endMargin + time.Second: true,
	} {
		w := newWorld(t)
		w.uri.body = sessionJSON("Success", start.Add(left).Format(time.RFC3339))
		_, err := w.get(Config{CredentialsURI: w.uri.URL, AssumeRole: &AssumeRole{RoleARN: roleARN}})
		if (err == nil) != good || !good && !strings.Contains(err.Error(),
			"The keys expire at") {
			t.Errorf("%s left: %v", left, err)
		}
	}
}

func TestConnectionRefused(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	address := w.uri.URL
	w.uri.Close()
	_, err := w.get(Config{CredentialsURI: address})
	if err == nil || !strings.Contains(err.Error(), "the connection was refused") || len(w.slept) != 2 {
		t.Errorf("%v after %d pauses", err, len(w.slept))
	}
}

// TestCertificates: STS is reached over TLS only, and a certificate that is not trusted ends it
// without another try.
func TestCertificates(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		set     func(*tls.Config)
		failure string
	}{
		"unknown authority": {
			func(c *tls.Config) { c.RootCAs = x509.NewCertPool() }, "an authority that this machine does not trust",
		},
		"ended": {
			func(c *tls.Config) {
				c.Time = func() time.Time { return start.AddDate(200, 0, 0) }
			}, "the server's certificate is not valid",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			carrier := w.transport()
			test.set(carrier.TLSClientConfig)
			e := w.environment()
			e.Transport = carrier
			_, err := New(Config{
				AccessKey: "AKID", SecretKey: NewSecret("hush"), AssumeRole: &AssumeRole{RoleARN: roleARN},
			}, e).Get(t.Context())
			if err != nil && strings.Contains(err.Error(), "set another with") {
				t.Errorf("another host is advised: %v", err)
			}
			if err == nil || !strings.Contains(err.Error(), test.failure) || len(w.slept) != 0 || w.sts.count() != 0 {
				t.Errorf("%v after %d pauses and %d requests, want %q", err, len(w.slept), w.sts.count(), test.failure)
			}
		})
	}
}

func TestRetryIsSignedAgain(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	// The fake answers the first request and loses the answer: a nonce that came again would be
	// refused.
	w.sts.fault = func(n int, _ http.ResponseWriter, r *http.Request) bool {
		if n == 1 {
			_ = r.ParseForm()
			w.sts.nonces[r.Form.Get("SignatureNonce")] = true
			panic(http.ErrAbortHandler)
		}
		return false
	}
	if _, err := w.get(Config{
		AccessKey: "AKID", SecretKey: NewSecret("hush"), AssumeRole: &AssumeRole{RoleARN: roleARN},
	}); err != nil {
		t.Error(err)
	}
}

// TestRoleNamesThatArePaths: a name that would lead elsewhere is refused, whoever gives it, and no
// request is sent with it.
func TestRoleNamesThatArePaths(t *testing.T) {
	t.Parallel()
	for _, name := range []string{".", ".."} {
		for who, set := range map[string]func(*world) Config{
			"metadata service": func(w *world) Config {
				w.imds.role = name
				return Config{}
			},
			"configuration": func(*world) Config { return Config{ECSRoleName: name} },
			"variable": func(w *world) Config {
				w.vars["ALIBABA_CLOUD_ECS_METADATA"] = name
				return Config{}
			},
			"profile": func(w *world) Config {
				w.files[cliPath] = cliConfig("p", `{"name":"p","mode":"EcsRamRole","ram_role_name":"`+name+`"}`)
				return Config{Profile: "p"}
			},
		} {
			w := newWorld(t)
			_, err := w.get(set(w))
			if err == nil || !strings.Contains(err.Error(), "role") {
				t.Errorf("%s names %q: %v", who, name, err)
			}
			for _, request := range w.imds.log() {
				if who != "metadata service" || !strings.HasSuffix(request, tokenPath) && !strings.HasSuffix(request, rolesPath) {
					t.Errorf("%s names %q: %s got a request", who, name, request)
				}
			}
		}
	}
}

// TestPasswordOfURI: user and password of a credentials URI are sent, and not shown.
func TestPasswordOfURI(t *testing.T) {
	t.Parallel()
	for user, want := range map[string]string{
		"": "", "hush@": "Basic aHVzaDo=", "user:hush@": "Basic dXNlcjpodXNo", ":hush@": "Basic Omh1c2g=",
	} {
		w := newWorld(t)
		sent := "nothing"
		w.uri.fault = func(_ int, _ http.ResponseWriter, r *http.Request) bool {
			sent = r.Header.Get("Authorization")
			return false
		}
		if _, err := w.get(Config{CredentialsURI: strings.Replace(w.uri.URL, "://", "://"+user, 1)}); err != nil ||
			sent != want {
			t.Errorf("%q: sent %q (%v), want %q", user, sent, err, want)
		}
	}
}
