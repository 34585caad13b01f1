package provider

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"

	"github.com/alioss/terraform-provider-alioss/internal/osstest"
	"github.com/alioss/terraform-provider-alioss/internal/probe"
	"github.com/alioss/terraform-provider-alioss/internal/signer"
	"github.com/alioss/terraform-provider-alioss/internal/testworld"
)

// connect serves the world's OSS on loopback, so that the provider reaches it under every host
// name.
func (w *world) connect(t testing.TB) *world {
	t.Helper()
	w.transport = testworld.Serve(t, w.oss).Transport
	return w
}

// bucket changes the settings of "examplebucket".
func (w *world) bucket(t testing.TB, change func(*osstest.Bucket)) {
	t.Helper()
	testworld.SetBucket(t, w.oss, change)
}

// verifiedRead is the configuration of a data source that verifies, with more arguments.
func verifiedRead(more args) args {
	return args{"bucket": "examplebucket", "key": "agent 1.tar.gz", "verify": true}.with(more)
}

// checkNothingShown fails if diagnostics contain secret parts of the requests that came.
func (w *world) checkNothingShown(t *testing.T, d []*tfprotov6.Diagnostic) {
	t.Helper()
	text := describe(d)
	secrets := []string{testSecret, testToken, "x-oss-signature=", "x-oss-credential", "%20"}
	for _, r := range w.oss.Requests() {
		u, err := url.Parse(r.Target)
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range []string{"x-oss-signature", "x-oss-security-token", "x-oss-credential"} {
			if s := u.Query().Get(name); s != "" {
				secrets = append(secrets, s)
			}
		}
	}
	for _, s := range secrets {
		if strings.Contains(text, s) {
			t.Errorf("a diagnostic shows %q:\n%s", s, text)
		}
	}
}

func TestVerifyFindings(t *testing.T) {
	t.Parallel()
	refused := func(r osstest.Refusal) func(*testing.T, *world) {
		return func(t *testing.T, w *world) { w.bucket(t, func(b *osstest.Bucket) { b.Refusal = r }) }
	}
	off := func(d time.Duration) func(*testing.T, *world) { // a clock for the provider that is not the service's
		return func(_ *testing.T, w *world) { w.clock = testworld.NewClock(start.Add(d)) }
	}
	fails := func(err error) func(*testing.T, *world) {
		return func(_ *testing.T, w *world) {
			w.transport = &http.Transport{
				DialTLSContext: func(context.Context, string, string) (net.Conn, error) { return nil, err },
			}
		}
	}
	const version = "CAEQEhiBgIDmgPf8mxgiIDA1YjZlNDIxY2ZmMzQ1MmU5MTM1Y2M4Yzk4NjIx"
	for name, c := range map[string]struct {
		setup   func(*testing.T, *world)
		config  args
		summary string
		detail  []string
	}{
		"object missing": {
			config: args{"key": "agent 2.tar.gz"}, summary: `Object Not Found at AttributeName("key")`,
			detail: []string{
				`There is no object "agent 2.tar.gz" in bucket "examplebucket".`,
				"The answer was 404 NoSuchKey, EC 0026-00000001, request ",
			},
		},
		"version missing": {
			config: args{"version": version}, summary: `Version Not Found at AttributeName("version")`,
			detail: []string{`version "` + version + `" of object "agent 1.tar.gz"`, "404 NoSuchVersion"},
		},
		"object deleted": {
			setup:   func(t *testing.T, w *world) { w.put(t, osstest.Object{Key: "agent 1.tar.gz", DeleteMarker: true}) },
			summary: `Object Deleted at AttributeName("key")`, detail: []string{"delete marker"},
		},
		"version deleted": {
			setup: func(t *testing.T, w *world) {
				w.put(t, osstest.Object{Key: "agent 1.tar.gz", DeleteMarker: true, VersionID: version})
			},
			config: args{"version": version}, summary: `Version Not Readable at AttributeName("version")`,
			detail: []string{"405 MethodNotAllowed"},
		},
		"bucket missing": {
			config: args{"bucket": "other-bucket"}, summary: `Bucket Not Found at AttributeName("bucket")`,
			detail: []string{`There is no bucket "other-bucket".`},
		},
		"policy": {
			setup: refused(osstest.RefusedByPolicy), summary: `Access Denied at AttributeName("verify")`,
			detail: []string{
				`A policy of bucket "examplebucket" does not let`, "https://api.alibabacloud.com/troubleshoot?q=0003-00000101",
			},
		},
		"ACL": {
			setup: refused(osstest.RefusedByACL), summary: `Access Denied at AttributeName("verify")`,
			detail: []string{"An ACL", "oss:GetObject on it"},
		},
		"ACL of a version": {
			setup: func(t *testing.T, w *world) {
				w.put(t, osstest.Object{Key: "agent 1.tar.gz", Denied: true, VersionID: version})
			},
			config: args{"version": version}, summary: `Access Denied at AttributeName("verify")`,
			detail: []string{"oss:GetObjectVersion on it"},
		},
		"RAM": {
			setup: func(_ *testing.T, w *world) {
				w.oss.SetCredential(osstest.Credential{AccessKeyID: testKey, AccessKeySecret: testSecret, Denied: true})
			},
			summary: `Access Denied at AttributeName("verify")`,
			detail:  []string{"A RAM policy does not let", "OSS_ACCESS_KEY_ID"},
		},
		"requester pays": {
			setup:   func(t *testing.T, w *world) { w.bucket(t, func(b *osstest.Bucket) { b.RequesterPays = true }) },
			summary: `Requester Pays at AttributeName("request_payer")`, detail: []string{"Set request_payer to true"},
		},
		"public endpoint": {
			setup: func(t *testing.T, w *world) {
				w.bucket(t, func(b *osstest.Bucket) { b.PublicEndpointForbidden = true })
			},
			summary: `Public Endpoint Forbidden at AttributeName("domain")`,
			detail:  []string{"custom domain", "EC 0048-00000401"},
		},
		"host of another region": {
			setup:   func(t *testing.T, w *world) { w.bucket(t, func(b *osstest.Bucket) { b.Region = "cn-beijing" }) },
			summary: `Wrong Region at AttributeName("region")`,
			detail: []string{
				`not in region "cn-hangzhou"`, `It is in region "cn-beijing" (oss-cn-beijing.aliyuncs.com). Set region to that.`,
			},
		},
		"scope of another region": {
			config:  args{"domain": "downloads.example.com", "region": "cn-beijing"},
			summary: `Wrong Region at AttributeName("region")`,
			detail:  []string{`not in region "cn-beijing"`, "does not contain the right region", "EC 0002-00000226"},
		},
		"key unknown": {
			setup:   func(_ *testing.T, w *world) { w.oss.DeleteCredential(testKey) },
			summary: `AccessKey Refused at AttributeName("verify")`, detail: []string{"OSS_ACCESS_KEY_ID"},
		},
		"secret wrong, with a token": {
			setup: func(_ *testing.T, w *world) {
				w.variables["OSS_SESSION_TOKEN"] = testToken
				w.oss.SetCredential(osstest.Credential{AccessKeyID: testKey, AccessKeySecret: "another", SecurityToken: testToken})
			},
			summary: `Signature Refused at AttributeName("verify")`,
			detail:  []string{"Most often the AccessKey secret does not belong to the AccessKey ID"},
		},
		"token expired": {
			setup: func(_ *testing.T, w *world) {
				w.variables["OSS_SESSION_TOKEN"] = testToken
				w.oss.SetCredential(osstest.Credential{
					AccessKeyID: testKey, AccessKeySecret: testSecret, SecurityToken: testToken, Expiration: start,
				})
			},
			summary: `Security Token Expired at AttributeName("verify")`, detail: []string{"has expired"},
		},
		"clock behind": {
			setup: off(-20 * time.Minute), summary: `Request Expired at AttributeName("verify")`,
			detail: []string{
				"The clock of this machine shows 2026-03-01T11:40:00Z, which is 20m0s behind the clock of OSS " +
					"(2026-03-01T12:00:00Z).",
			},
		},
		"clock ahead": {
			setup: off(15*time.Minute + time.Second), summary: `Request Too Early at AttributeName("verify")`,
			detail: []string{
				"The clock of this machine shows 2026-03-01T12:15:01Z, which is 15m1s ahead of the clock of OSS " +
					"(2026-03-01T12:00:00Z).",
			},
		},
		"unavailable": {
			setup:   func(_ *testing.T, w *world) { w.oss.Inject(osstest.Fault{Status: 503}) },
			summary: `Service Unavailable at AttributeName("verify")`,
			detail:  []string{"leave verify out", "503 ServiceUnavailable"},
		},
		"domain not bound, over https": {
			config: args{"domain": "unbound.example.com"}, summary: `Certificate Refused at AttributeName("domain")`,
			detail: []string{`must be mapped to bucket "examplebucket"`, "leave verify out"},
		},
		"domain not bound, over http": {
			config: args{"domain": "http://unbound.example.com"}, summary: `Verification Refused at AttributeName("verify")`,
			detail: []string{`must be mapped to bucket "examplebucket"`},
		},
		"DNS": {
			setup:  fails(&net.OpError{Op: "dial", Err: &net.DNSError{Err: "no such host", IsNotFound: true}}),
			config: args{"endpoint_type": "internal"}, summary: `Host Not Reachable at AttributeName("endpoint_type")`,
			detail: []string{
				"The host examplebucket.oss-cn-hangzhou-internal.aliyuncs.com has no address", "leave verify out",
				"only machines in VPCs of its region",
			},
		},
		"endpoint out of reach": {
			setup:  fails(&net.OpError{Op: "dial", Err: errors.New("no route to host")}),
			config: args{"endpoint": "https://oss.example.internal"}, summary: `Host Not Reachable at AttributeName("endpoint")`,
			detail: []string{"cannot reach the host examplebucket.oss.example.internal"},
		},
		"host out of reach": {
			setup:   fails(errors.New("https://agent 1.tar.gz?x-oss-signature=0123")),
			summary: `Host Not Reachable at AttributeName("verify")`,
			detail:  []string{"closed the connection without an answer"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t).connect(t)
			w.put(t, osstest.Object{Key: "agent 1.tar.gz", Body: []byte("agent")})
			if c.setup != nil {
				c.setup(t, w)
			}
			r, d := w.configured(t, nil).read("alioss_presigned_url", verifiedRead(c.config))
			text := describe(d)
			if len(d) != 1 || !strings.HasPrefix(text, "error "+c.summary+": ") {
				t.Errorf("got\n%swant one error %q", text, c.summary)
			}
			for _, want := range c.detail {
				if !strings.Contains(text, want) {
					t.Errorf("got\n%swant %q in it", text, want)
				}
			}
			if u := r.text("url"); u != "" {
				t.Error("a URL was given in spite of the error")
			}
			w.checkNothingShown(t, d)
		})
	}
}

// The request of verify is that of the recipient, but for its time, processing and all but the
// first byte.
func TestVerifyRequest(t *testing.T) {
	w := newWorld(t).connect(t)
	version := w.put(t, osstest.Object{Key: "agent 1.tar.gz", Body: []byte("agent")})
	s := w.configured(t, nil)
	for name, c := range map[string]struct {
		config args
		extra  []string // parameters beyond those of every signature
		header map[string]string
	}{
		"plain": {},
		"all": {
			config: args{
				"version": version, "filename": "agent.tar.gz", "process": "image/resize,w_200", "traffic_limit": 819_200,
				"request_payer": true, "response_headers": map[string]string{"cache-control": "no-store"}, "bind_host": true,
				"query":   map[string]string{"x-oss-ac-source-ip": "203.0.113.1", "from": "terraform"},
				"headers": map[string]string{"x-oss-meta-a": "b", "Accept-Language": "en"},
			},
			extra: []string{
				"versionId", "x-oss-additional-headers", "x-oss-request-payer", "x-oss-traffic-limit",
				"response-content-disposition", "response-cache-control", "x-oss-ac-source-ip", "from",
			},
			header: map[string]string{"X-Oss-Meta-A": "b", "Accept-Language": "en"},
		},
		"domain": {config: args{"domain": "downloads.example.com"}},
		"HEAD":   {config: args{"method": "HEAD"}},
	} {
		t.Run(name, func(t *testing.T) {
			w.oss.Reset()
			r, d := s.read("alioss_presigned_url", verifiedRead(c.config))
			if len(d) > 0 || r.text("url") == "" {
				t.Fatalf("got\n%s\nwant a URL and no diagnostics", describe(d))
			}
			requests := w.oss.Requests()
			method, status, bytes := http.MethodGet, http.StatusPartialContent, "bytes=0-0"
			if c.config["method"] != nil {
				method, status, bytes = http.MethodHead, http.StatusOK, ""
			}
			if len(requests) != 1 || requests[0].Method != method || requests[0].Status != status ||
				requests[0].Header.Get("Range") != bytes {
				t.Fatalf("%v came, want one %s for %q that is answered %d", requests, method, bytes, status)
			}
			link, err := url.Parse(r.text("url"))
			if err != nil {
				t.Fatal(err)
			}
			if requests[0].Host != link.Host {
				t.Errorf("host %q was asked, want %q", requests[0].Host, link.Host)
			}
			asked, err := url.Parse(requests[0].Target)
			if err != nil {
				t.Fatal(err)
			}
			want := append([]string{
				"x-oss-credential", "x-oss-date", "x-oss-expires", "x-oss-signature", "x-oss-signature-version",
			}, c.extra...)
			slices.Sort(want)
			if got := slices.Sorted(maps.Keys(asked.Query())); !slices.Equal(got, want) {
				t.Errorf("the parameters are %v, want %v", got, want)
			}
			for name, value := range c.header {
				if got := requests[0].Header.Get(name); got != value {
					t.Errorf("header %s is %q, want %q", name, got, value)
				}
			}
		})
	}
}

// The request is signed for the present, whatever the URL is signed for.
func TestVerifyTime(t *testing.T) {
	for name, c := range map[string]struct {
		config   args
		expires  string
		warnings int
	}{
		"an hour":    {expires: "900"},
		"seven days": {config: args{"expiry": "7d"}, expires: "900"},
		"minutes":    {config: args{"expiry": "5m"}, expires: "300"},
		"a second":   {config: args{"expiry": "1"}, expires: "60"},
		"past":       {config: args{"signing_time": "2025-01-01T00:00:00Z"}, expires: "900", warnings: 1},
		"future":     {config: args{"signing_time": "2027-01-01T00:00:00Z"}, expires: "900", warnings: 1},
		"rotation":   {config: args{"expiry": "2d", "rotate_every": "1d"}, expires: "900"},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t).connect(t)
			w.put(t, osstest.Object{Key: "agent 1.tar.gz"})
			_, d := w.configured(t, nil).read("alioss_presigned_url", verifiedRead(c.config))
			if hasError(d) || len(d) != c.warnings {
				t.Fatalf("got\n%s\nwant %d warnings", describe(d), c.warnings)
			}
			requests := w.oss.Requests()
			if len(requests) != 1 {
				t.Fatalf("%d requests came, want 1", len(requests))
			}
			asked, err := url.Parse(requests[0].Target)
			if err != nil {
				t.Fatal(err)
			}
			if q := asked.Query(); q.Get("x-oss-date") != "20260301T120000Z" || q.Get("x-oss-expires") != c.expires {
				t.Errorf("signed at %s for %s s, want the present and %s s", q.Get("x-oss-date"), q.Get("x-oss-expires"), c.expires)
			}
		})
	}
}

func TestVerifyStorage(t *testing.T) {
	restored := osstest.Object{StorageClass: "ColdArchive", Restored: true, RestoredTill: start.Add(30 * time.Minute)}
	for name, c := range map[string]struct {
		object osstest.Object
		direct bool // real-time access of Archive objects
		config args
		want   string // the start of the diagnostics, empty if there are none
	}{
		"standard": {object: osstest.Object{StorageClass: "Standard"}},
		"archive": {
			object: osstest.Object{StorageClass: "Archive"},
			want:   `error Object Archived at AttributeName("key"): The object "agent 1.tar.gz"`,
		},
		"direct":        {object: osstest.Object{StorageClass: "Archive"}, direct: true},
		"archive, HEAD": {object: osstest.Object{StorageClass: "Archive"}, config: args{"method": "HEAD"}},
		"cold": {
			object: osstest.Object{StorageClass: "ColdArchive"},
			want:   `error Object Archived at AttributeName("key"): The object`,
		},
		"deep cold": {
			object: osstest.Object{StorageClass: "DeepColdArchive"},
			want:   `error Object Archived at AttributeName("key"): The object`,
		},
		"restored": {object: osstest.Object{StorageClass: "ColdArchive", Restored: true}},
		"restored for shorter": {
			object: restored,
			want:   `warning Restored Copy Expires First at AttributeName("key"): The object`,
		},
		"restored for longer": {object: restored, config: args{"expiry": "30m"}},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t).connect(t)
			w.bucket(t, func(b *osstest.Bucket) { b.ArchiveDirectRead = c.direct })
			c.object.Key, c.object.Body = "agent 1.tar.gz", []byte("agent")
			w.put(t, c.object)
			r, d := w.configured(t, nil).read("alioss_presigned_url", verifiedRead(c.config))
			text := describe(d)
			if !strings.HasPrefix(text, c.want) || (text == "") != (c.want == "") || len(d) > 1 {
				t.Errorf("got\n%swant %q", text, c.want)
			}
			if given := r.text("url") != ""; given == strings.HasPrefix(c.want, "error") {
				t.Errorf("a URL was given: %t", given)
			}
		})
	}
}

func TestVerifyOnlyIfConfigured(t *testing.T) {
	w := newWorld(t).connect(t)
	s := w.configured(t, nil)
	for _, verify := range []any{nil, false} {
		if _, d := s.read("alioss_presigned_url", args{
			"bucket": "examplebucket", "key": "nothing",
			"verify": verify,
		}); len(d) > 0 {
			t.Error(describe(d))
		}
	}
	// A method that was not known when the configuration was validated.
	_, d := s.read("alioss_presigned_url", verifiedRead(args{"method": "PUT"}))
	if text := describe(d); !strings.HasPrefix(text, `error Invalid Verify at AttributeName("verify")`) {
		t.Errorf("got\n%swant Invalid Verify", text)
	}
	if n := len(w.oss.Requests()); n != 0 {
		t.Errorf("%d requests came, want none", n)
	}
}

// interrupted is a network over which a request takes until the user interrupts it.
type interrupted struct{ cancel func() }

func (i interrupted) RoundTrip(r *http.Request) (*http.Response, error) {
	i.cancel()
	<-r.Context().Done()
	return nil, r.Context().Err()
}

func TestVerifyInterrupted(t *testing.T) {
	w := newWorld(t)
	ctx, cancel := context.WithCancel(t.Context())
	w.transport = interrupted{cancel}
	_, d := w.configured(t, nil).within(ctx).read(managedURL, verifiedRead(nil))
	if text := describe(d); !strings.HasPrefix(text,
		`error Request Interrupted at AttributeName("verify")`) {
		t.Errorf("got\n%swant Request Interrupted", text)
	}
}

func TestVerifyEphemeral(t *testing.T) {
	w := newWorld(t).connect(t)
	s := w.configured(t, nil)
	_, d := s.open("alioss_presigned_url", verifiedRead(nil))
	if text := describe(d); !strings.HasPrefix(text, `error Object Not Found at AttributeName("key")`) {
		t.Errorf("got\n%swant Object Not Found", text)
	}
	w.put(t, osstest.Object{Key: "agent 1.tar.gz"})
	if _, d := s.open("alioss_presigned_url", verifiedRead(nil)); len(d) > 0 {
		t.Error(describe(d))
	}
}

// Every kind of probe makes a diagnostic: a title, the path of an attribute that the form has, and a
// text.
func TestVerifyKinds(t *testing.T) {
	for argument, attributes := range map[string]attributes{
		"verify": newDataPresignedURL().attributes, "pin_version": newDataPresignedURL().attributes,
		"prefix": newDataPresignedURLs().attributes,
	} {
		for _, kind := range probe.Kinds() {
			e := &probe.Error{Kind: kind, Request: probe.Request{
				Request: signer.Request{OnBucket: argument == "prefix"}, Argument: argument,
			}}
			found := probeFaults(fmt.Errorf("wrapped: %w", e), "")
			if len(found) != 1 || found[0].detail != e.Error() || found[0].warning != e.Warning() {
				t.Fatalf("%q: %+v", kind, found)
			}
			if _, ok := attributes[found[0].path[0]]; !ok {
				t.Errorf("%q: there is no attribute %q", kind, found[0].path)
			}
			if title := found[0].title; !strings.EqualFold(title, e.Summary()) || title != titleCase(title) {
				t.Errorf("%q: the title is %q", kind, title)
			}
		}
	}
}

func TestAccVerify(t *testing.T) {
	w := newWorld(t).connect(t)
	config := func(kind, more string) string {
		return fmt.Sprintf(`
%s "alioss_presigned_url" "test" {
  bucket = "examplebucket"
  key    = "agent 1.tar.gz"
  verify = true
  %s
}`, kind, more)
	}
	w.test(t,
		resource.TestStep{
			Config: config("data", ""),
			ExpectError: regexp.MustCompile(
				`Object Not Found(?s:.*)There\s+is\s+no\s+object\s+"agent\s+1.tar.gz"\s+in\s+bucket\s+"examplebucket"`,
			),
		},
		resource.TestStep{
			Config:      config("resource", `region = "cn-beijing"`),
			ExpectError: regexp.MustCompile(`Wrong Region(?s:.*)It\s+is\s+in\s+region\s+"cn-hangzhou"`),
		},
		resource.TestStep{
			PreConfig: func() { w.put(t, osstest.Object{Key: "agent 1.tar.gz"}) },
			Config:    config("data", "") + config("resource", ""),
		},
	)
}
