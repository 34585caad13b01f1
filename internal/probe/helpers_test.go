package probe_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/alioss/terraform-provider-alioss/internal/osstest"
	"github.com/alioss/terraform-provider-alioss/internal/probe"
	"github.com/alioss/terraform-provider-alioss/internal/signer"
	"github.com/alioss/terraform-provider-alioss/internal/testworld"
)

const (
	keyID   = testworld.Key
	secret  = testworld.Secret
	stsID   = testworld.SessionKey
	token   = testworld.Token
	version = "CAEQEhiBgIDmgPf8mxgiIDA1YjZlNDIxY2ZmMzQ1MmU5MTM1Y2M4Yzk4NjIx"
)

var (
	signedAt = testworld.Start
	modified = time.Date(2026, 2, 1, 8, 9, 10, 0, time.UTC)
)

// world is a stand-in for OSS on loopback, and a client that reaches it under every host name.
type world struct {
	clock     *testworld.Clock // the stand-in's
	oss       *osstest.Server
	transport http.RoundTripper

	mu     sync.Mutex
	pauses []time.Duration
}

// newWorld has the bucket "examplebucket" in cn-hangzhou, with versions and the domain
// downloads.example.com, and in it the object "agent 1.tar.gz".
func newWorld(t *testing.T) *world {
	t.Helper()
	w := &world{clock: testworld.NewClock(signedAt)}
	w.oss = testworld.NewOSS(t, w.clock.Now)
	w.oss.SetCredential(osstest.Credential{AccessKeyID: stsID, AccessKeySecret: secret, SecurityToken: token})
	w.put(t, osstest.Object{
		Key: "agent 1.tar.gz", Body: []byte("123456789"), ContentType: "application/gzip", LastModified: modified,
	})
	w.transport = testworld.Serve(t, w.oss).Transport
	return w
}

// bucket changes the settings of "examplebucket".
func (w *world) bucket(t *testing.T, change func(*osstest.Bucket)) {
	t.Helper()
	testworld.SetBucket(t, w.oss, change)
}

func (w *world) put(t *testing.T, o osstest.Object) string {
	t.Helper()
	return testworld.Put(t, w.oss, o)
}

func (w *world) client() probe.Client {
	return probe.Client{Transport: w.transport, Now: now, Sleep: func(ctx context.Context, d time.Duration) error {
		w.mu.Lock()
		defer w.mu.Unlock()
		w.pauses = append(w.pauses, d)
		return ctx.Err()
	}}
}

// none is the kind of no error.
var none probe.Kind

func now() time.Time { return signedAt }

// link is what a URL is signed from.
type link = probe.Request

func newLink(change func(*link)) link {
	l := link{
		Request: signer.Request{
			Method: "GET", Scheme: "https", Host: "examplebucket.oss-cn-hangzhou.aliyuncs.com",
			Region: "cn-hangzhou", Bucket: "examplebucket", Key: "agent 1.tar.gz", Expires: 900,
		},
		Credentials: signer.NewCredentials(keyID, secret, ""), Source: "a test", Argument: "verify",
	}
	if change != nil {
		change(&l)
	}
	return l
}

// probe requests the object of a link.
func (w *world) probe(t *testing.T, l link) (probe.Object, error) {
	t.Helper()
	o, err := w.client().Object(t.Context(), l)
	checkSilence(t, err, l)
	return o, err
}

// checkSilence fails if an error contains a part of a URL's query, or its path, but for what the
// user configured and our own words. targets are those of further requests.
func checkSilence(t *testing.T, err error, l link, targets ...string) {
	t.Helper()
	if err == nil {
		return
	}
	own := strings.NewReplacer(
		"https://api.alibabacloud.com/troubleshoot?q=", "", "has no x-oss-request-id", "",
		fmt.Sprintf("object %q", l.Key), "", `under prefix "agent"`, "", fmt.Sprintf("%q", l.Query["versionId"]), "",
	)
	secrets := []string{"https://", "x-oss-", secret, token, keyID, stsID, "agent", "bytes="}
	if url, _, err := signer.Presign(l.Request, l.Credentials, signedAt); err == nil {
		targets = append(targets, url)
	}
	for _, target := range targets {
		_, query, _ := strings.Cut(target, "?")
		secrets = append(secrets, target, query)
		for parameter := range strings.SplitSeq(query, "&") {
			if _, value, _ := strings.Cut(parameter, "="); len(value) > 5 {
				secrets = append(secrets, value)
			}
		}
	}
	for e := err; e != nil; e = errors.Unwrap(e) {
		for _, s := range secrets {
			if strings.Contains(own.Replace(e.Error()), s) {
				t.Errorf("the error shows %q: %s", s, e)
			}
		}
	}
}

// fault returns the error as what it must be.
func fault(t *testing.T, err error) *probe.Error {
	t.Helper()
	var e *probe.Error
	if !errors.As(err, &e) {
		t.Fatalf("the error is %v (%T), want a *probe.Error", err, err)
	}
	return e
}

// checkRequests fails unless exactly n requests came, all of one kind.
func (w *world) checkRequests(t *testing.T, kind osstest.Kind, n int) {
	t.Helper()
	counts := w.oss.Counts()
	if counts[kind] != n || len(counts) > 1 {
		t.Errorf("the requests were %v, want %d of %s", counts, n, kind)
	}
}

// bothMethods runs a test for each of the two methods.
func bothMethods(t *testing.T, test func(t *testing.T, method string, kind osstest.Kind)) {
	t.Run("GET", func(t *testing.T) { test(t, http.MethodGet, osstest.KindGet) })
	t.Run("HEAD", func(t *testing.T) { test(t, http.MethodHead, osstest.KindHead) })
}
