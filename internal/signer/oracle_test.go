package signer

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"math/rand/v2"
	"net/http"
	"net/url"
	"os"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	osscredentials "github.com/aliyun/alibabacloud-oss-go-sdk-v2/oss/credentials"
	osssigner "github.com/aliyun/alibabacloud-oss-go-sdk-v2/oss/signer"
)

const (
	oracleCases = 20_000 // of a normal run
	oracleSeed  = 1      // ALIOSS_SOAK_SEED sets another one
	oracleChunk = 5_000  // cases that run in one bubble
	oracleShown = 5      // differences that a chunk shows
)

// TestOracle signs generated requests by this package and by the official Go SDK, and compares
// string to sign, signature and URL. The string to sign contains the digest of the canonical
// request, so that is compared too.
//
// The SDK dates every URL with time.Now, which in a bubble of synctest is a fake clock: it begins
// with the year 2000 and moves by time.Sleep, so that both sign at the same chosen instant.
//
// What the SDK writes otherwise in all URLs is undone before the comparison, and counted: see
// sdkURL. Inputs on which the SDK deviates from the specification are not generated. Each has its
// case in TestDeviations.
func TestOracle(t *testing.T) { runOracle(t, oracleCases) }

// TestSoak is TestOracle with the number of cases that ALIOSS_SOAK_CASES sets.
func TestSoak(t *testing.T) {
	cases := oracleNumber(t, "ALIOSS_SOAK_CASES", 0)
	if cases == 0 {
		t.Skip("ALIOSS_SOAK_CASES is not set")
	}
	runOracle(t, cases)
}

// runOracle works on as many cores as there are. Seed and number of a chunk make its cases,
// whichever core it comes to.
func runOracle(t *testing.T, cases uint64) {
	seed := oracleNumber(t, "ALIOSS_SOAK_SEED", oracleSeed)
	var tally oracleTally
	var next atomic.Uint64
	t.Run("workers", func(t *testing.T) {
		for worker := range runtime.GOMAXPROCS(0) {
			t.Run(strconv.Itoa(worker), func(t *testing.T) {
				t.Parallel()
				for {
					number := next.Add(1) - 1
					from := number * oracleChunk
					if from >= cases {
						return
					}
					rnd := rand.New(rand.NewPCG(seed, from))
					chunk := make([]oracleCase, min(oracleChunk, cases-from))
					for i := range chunk {
						chunk[i] = generate(rnd)
					}
					oracleInstants(rnd, chunk)
					var differences []string // reported outside the bubble: a test that fails in one ends its worker
					synctest.Test(t, func(*testing.T) { differences = compareWithSDK(chunk, &tally) })
					for _, difference := range differences {
						t.Errorf("chunk %d, %s", number, difference)
					}
				}
			})
		}
	})
	t.Logf("oracle report: %d cases, %d differences, seed %d", tally.cases.Load(), tally.differences.Load(), seed)
	t.Logf("named and undone: an empty value written k= for k in %d URLs, parameters in the order of raw names in %d",
		tally.emptyValues.Load(), tally.rawOrder.Load())
	if tally.cases.Load() != cases {
		t.Errorf("%d cases were compared, want %d", tally.cases.Load(), cases)
	}
	if cases >= oracleCases && (tally.emptyValues.Load() == 0 || tally.rawOrder.Load() == 0) {
		t.Error("the generated cases hold nothing that the SDK writes otherwise: they are too tame")
	}
}

type oracleTally struct{ cases, differences, emptyValues, rawOrder atomic.Uint64 }

func oracleNumber(t *testing.T, name string, otherwise uint64) uint64 {
	t.Helper()
	s := os.Getenv(name)
	if s == "" {
		return otherwise
	}
	n, err := strconv.ParseUint(s, 10, 64)
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	return n
}

// oracleInstants gives cases their instants, ascending, from 2000 to 2099: most anywhere, some
// beside midnight.
func oracleInstants(rnd *rand.Rand, chunk []oracleCase) {
	first := time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC)
	century := time.Date(2100, 1, 1, 0, 0, 0, 0, time.UTC).Sub(first)
	for i := range chunk {
		at := first.Add(time.Duration(rnd.Int64N(int64(century))))
		if chance(rnd, 10) {
			at = at.Truncate(24 * time.Hour).Add(time.Duration(rnd.IntN(3)) * (24*time.Hour - 1) / 2)
		}
		chunk[i].at = at
	}
	slices.SortFunc(chunk, func(a, b oracleCase) int { return a.at.Compare(b.at) })
}

// compareWithSDK runs in a bubble, from case to case, and returns the first differences.
func compareWithSDK(chunk []oracleCase, tally *oracleTally) []string {
	var differences []string
	for i := range chunk {
		c := &chunk[i]
		time.Sleep(time.Until(c.at))
		if difference := compareCase(c, tally); difference != "" {
			tally.differences.Add(1)
			if len(differences) < oracleShown {
				differences = append(differences, fmt.Sprintf("case %d: %s\nrequest %+v\nid %q, secret %q, token %q, at %v",
					i, difference, c.request, c.id, c.secret, c.token, c.at))
			}
		}
		tally.cases.Add(1)
	}
	return differences
}

// compareCase returns the step at which the two differ, or nothing if they agree.
func compareCase(c *oracleCase, tally *oracleTally) string {
	credentials := NewCredentials(c.id, c.secret, c.token)
	ours, err := c.request.sign(credentials, c.at, new(workspace))
	if err != nil {
		return "we refuse: " + err.Error()
	}
	sdk, err := sdkSign(sdkContext(c))
	if err != nil {
		return "the SDK refuses: " + err.Error()
	}
	step := func(name, ours, sdk string) string {
		return fmt.Sprintf("they differ at the step %q:\nours %q\n SDK %q", name, ours, sdk)
	}
	if got := string(ours.toSign); got != sdk.StringToSign {
		return step("string to sign", got+"\nof "+string(ours.canonical), sdk.StringToSign)
	}
	got, _, err := Presign(c.request, credentials, c.at)
	if err != nil {
		return "we refuse: " + err.Error()
	}
	theirs, emptyValues, rawOrder := sdkURL(sdk.Request.URL)
	if a, b := signatureOf(got), signatureOf(theirs); a != b || !isSignature(a) {
		return step("signature", a, b)
	}
	if got != theirs {
		return step("URL", got, theirs)
	}
	if emptyValues {
		tally.emptyValues.Add(1)
	}
	if rawOrder {
		tally.rawOrder.Add(1)
	}
	return ""
}

// sdkContext is the SDK's form of a case. The SDK is handed a request whose URL is there already:
// the path is encoded by net/url, not by us. Host is signed by the SDK only if it is among the
// headers.
func sdkContext(c *oracleCase) *osssigner.SigningContext {
	r := &c.request
	path := "/" + r.Key
	if r.PathStyle {
		path = "/" + r.Bucket + path
	}
	values := make(url.Values, len(r.Query))
	for name, value := range r.Query {
		values.Set(name, value)
	}
	headers, additional := make(http.Header, len(r.Headers)), slices.Collect(maps.Keys(r.Headers))
	for name, value := range r.Headers {
		headers.Set(name, value)
	}
	if r.SignHost {
		headers.Set("Host", r.Host)
		additional = append(additional, "Host")
	}
	product := cmp.Or(r.Product, defaultProduct)
	return &osssigner.SigningContext{
		Product: &product, Region: &r.Region, Bucket: &r.Bucket, Key: &r.Key, AdditionalHeaders: additional,
		AuthMethodQuery: true,
		Request: &http.Request{
			Method: r.Method, Header: headers,
			URL: &url.URL{Scheme: r.Scheme, Host: r.Host, Path: path, RawPath: netEscapePath(path), RawQuery: values.Encode()},
		},
		Credentials: &osscredentials.Credentials{AccessKeyID: c.id, AccessKeySecret: c.secret, SecurityToken: c.token},
		Time:        c.at.Add(time.Duration(r.Expires) * time.Second),
	}
}

func sdkSign(s *osssigner.SigningContext) (*osssigner.SigningContext, error) {
	return s, (&osssigner.SignerV4{}).Sign(context.Background(), s)
}

// sdkURL writes a URL of the SDK as ours are written, and returns what was different in it: "k="
// for "k", and parameters in the order of their raw names for that of their encoded names.
func sdkURL(u *url.URL) (text string, emptyValues, rawOrder bool) {
	name := func(pair string) string { before, _, _ := strings.Cut(pair, "="); return before }
	byName := func(a, b string) int { return strings.Compare(name(a), name(b)) }
	path, query, _ := strings.Cut(u.String(), "?")
	pairs := strings.Split(query, "&")
	for i, pair := range pairs {
		if strings.HasSuffix(pair, "=") {
			pairs[i], emptyValues = strings.TrimSuffix(pair, "="), true
		}
	}
	rawOrder = !slices.IsSortedFunc(pairs, byName)
	slices.SortStableFunc(pairs, byName)
	return path + "?" + strings.Join(pairs, "&"), emptyValues, rawOrder
}

func signatureOf(u string) string {
	_, rest, _ := strings.Cut(u, "x-oss-signature=")
	signature, _, _ := strings.Cut(rest, "&")
	return signature
}
