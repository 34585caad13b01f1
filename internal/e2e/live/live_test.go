package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/alioss/terraform-provider-alioss/internal/acctest"
	"github.com/alioss/terraform-provider-alioss/internal/osstest"
)

func TestMain(m *testing.M) { acctest.Main(m) }

func epoch() time.Time { return time.Date(2026, 11, 26, 12, 0, 0, 0, time.UTC) }

// TestLive runs the program with the built provider and the real CLI against the stand-in.
func TestLive(t *testing.T) {
	t.Parallel()
	acctest.Require(t)
	if runtime.GOOS != "linux" {
		t.Skip("only on Linux can a process be told to trust the stand-in's certificate (SSL_CERT_FILE)")
	}
	provider = t.TempDir()
	if err := buildProvider(t.Context(), provider); err != nil {
		t.Fatal(err)
	}
	t.Run("same", testSame)
	t.Run("difference", testDifference)
	t.Run("failure", testFailure)
	t.Run("stayed", testStayed)
	t.Run("interrupt", testInterrupt)
	t.Run("lost answers", testLostAnswers)
	t.Run("closed public endpoint", testClosedPublicEndpoint)
	t.Run("versioned bucket", testVersionedBucket)
}

// provider is the directory with the provider that TestLive built.
var provider string

// newTestStandin returns a stand-in, and the service for a check of it.
func newTestStandin(t *testing.T) (*standin, service) {
	t.Helper()
	in, err := newStandin()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(in.close)
	s := in.service()
	s.provider = provider
	s.report = filepath.Join(t.TempDir(), "report.md")
	return in, s
}

// checked runs a check and returns its report, its exit status and what it printed.
func checked(ctx context.Context, t *testing.T, s service) (report string, status int, printed string) {
	t.Helper()
	var stdout, stderr bytes.Buffer
	status = run(ctx, s, &stdout, &stderr)
	text, err := os.ReadFile(s.report)
	if err != nil {
		t.Fatalf("no report, exit status %d: %v\n%s%s", status, err, stdout.String(), stderr.String())
	}
	noSecrets(t, string(text)+stdout.String()+stderr.String())
	if strings.Contains(string(text), standinBucket+".oss") || strings.Contains(string(text), standinVersioned) {
		t.Error("the report contains the name of a bucket")
	}
	return string(text), status, stdout.String() + stderr.String()
}

// noSecrets wants a text to contain no access key, token or signature.
func noSecrets(t *testing.T, text string) {
	t.Helper()
	for _, form := range []string{
		`[0-9a-fA-F]{64}`, `x-oss-signature=`, `x-oss-credential=`, `x-oss-security-token=`, `LTAI`, `STS\.`, `CAIS`,
		standinSecret,
		"ExampleSessionSecret", standinRole,
	} {
		if found := regexp.MustCompile(form).FindString(text); found != "" {
			t.Errorf("a text that may be pasted into an issue contains %q", found)
		}
	}
}

// lines are the rows of a report about a statement.
func lines(report, statement string) []string {
	var found []string
	for line := range strings.Lines(report) {
		if cells := strings.Split(line, " | "); len(cells) == 7 && strings.TrimSuffix(cells[1], " ?") == statement {
			found = append(found, strings.TrimSpace(line))
		}
	}
	return found
}

// empty wants nothing of the check to be in the buckets.
func empty(t *testing.T, in *standin) {
	t.Helper()
	for key := range in.written(t) {
		t.Errorf("%q stayed", key)
	}
}

// written are the keys of PUT requests that still have a version.
func (s *standin) written(t *testing.T) map[string]bool {
	t.Helper()
	left := map[string]bool{}
	for _, r := range s.oss.Requests() {
		if _, there := s.oss.Object(r.Bucket, r.Key, ""); there {
			left[r.Key] = true
		}
	}
	return left
}

// testSame runs everything, and wants pages and stand-in to agree.
func testSame(t *testing.T) {
	t.Parallel()
	in, s := newTestStandin(t)
	report, status, printed := checked(t.Context(), t, s)
	if status != exitSame {
		t.Errorf("exit status %d\n%s\n%s", status, printed, report)
	}
	empty(t, in)
	for _, unwanted := range []string{"| not tested", "| pages differ", "| FAILED"} {
		if i := strings.Index(report, unwanted); i >= 0 {
			t.Errorf("the report contains %q:\n%s", unwanted, report[max(0, i-200):min(len(report), i+200)])
		}
	}
	// A row that the stand-in cannot answer has the reason, and a statement that is not established
	// has a mark.
	if rows := lines(report, "process"); len(rows) != 1 || !strings.Contains(rows[0], "stand-in cannot answer") {
		t.Errorf("the row about process is %q", rows)
	}
	if rows := lines(report, "expired"); len(rows) != 1 || !strings.Contains(rows[0], "| expired ? |") {
		t.Errorf("the row about expired URLs is %q", rows)
	}
	end := report[strings.LastIndex(report, "## Versions"):]
	if !regexp.MustCompile(
		`Provider \S+, (Terraform|OpenTofu) \S+, go\S+, linux/\w+\. Region cn-hangzhou, endpoint public\. \d{4}-\d\d-\d\d ` +
			`\d\d:\d\d UTC\.\n$`,
	).MatchString(end) {
		t.Errorf("the report ends with %q", end)
	}
	for line := range strings.Lines(report) {
		if strings.HasPrefix(line, "|") && len(regexp.MustCompile(`[^\\]\|`).FindAllString(" "+line, -1)) != 8 {
			t.Errorf("a row of the table has other columns: %q", line)
		}
	}
}

// testDifference lets the stand-in answer with another EC, and wants exactly that to show, with
// page and statement.
func testDifference(t *testing.T) {
	t.Parallel()
	in, s := newTestStandin(t)
	in.oss.Rewrite(func(_ osstest.Request, e *osstest.Error) {
		if e.Code == "AccessDenied" && e.EC == "0002-00000236" {
			e.EC = "0002-00009999"
		}
	})
	report, status, _ := checked(t.Context(), t, s)
	rows := lines(report, "expired")
	if len(rows) != 1 || !strings.Contains(rows[0], "| pages differ |") || !strings.Contains(rows[0], "0002-00009999") {
		t.Errorf("the row about expired URLs is %q", rows)
	}
	_, list, found := strings.Cut(report, "## Pages differ\n")
	list, _, _ = strings.Cut(list, "\n## ")
	if !found || strings.Count(list, "\n- ") != 1 ||
		!strings.Contains(list, "- expired (docs/guides/sharing-a-link.md, docs/guides/troubleshooting-access-errors.md): "+
			"the pages have 403 AccessDenied, EC 0002-00000236, "+
			"the answer was 403 AccessDenied, EC 0002-00009999") {
		t.Errorf("the list of differences is %q", list)
	}
	if status != exitFailed {
		t.Errorf("with a stand-in that differs from the pages the exit status is %d", status)
	}
	// The service itself may differ.
	c := sample()
	c.outcomes = []outcome{{statement: "expired", result: differs}}
	if c.status() != exitSame {
		t.Error("a difference between pages and service fails the run")
	}
	empty(t, in)
}

// testFailure lets a link fail that must work, and wants the run to fail, and to clean up all the
// same.
func testFailure(t *testing.T) {
	t.Parallel()
	in, s := newTestStandin(t)
	in.oss.Inject(osstest.Fault{
		Match: func(r *http.Request) bool {
			return r.Method == http.MethodGet && strings.HasSuffix(r.URL.Path, "/plus+plus.txt")
		},
		Status: http.StatusInternalServerError,
	})
	report, status, _ := checked(t.Context(), t, s)
	if status != exitFailed {
		t.Errorf("exit status %d", status)
	}
	bad := 0
	for _, line := range lines(report, "hard-key") {
		if strings.Contains(line, "| FAILED |") && strings.Contains(line, "GET of a key with a plus sign") &&
			strings.Contains(line, "500 InternalError") {
			bad++
		} else if !strings.Contains(line, "| same |") {
			t.Errorf("another row: %s", line)
		}
	}
	if bad != 1 {
		t.Errorf("%d rows say that the link failed", bad)
	}
	empty(t, in)
}

// testStayed lets nothing be deleted below one key, and wants the report to list what stayed.
func testStayed(t *testing.T) {
	t.Parallel()
	in, s := newTestStandin(t)
	in.oss.Inject(osstest.Fault{
		Match: func(r *http.Request) bool {
			return r.Method == http.MethodDelete && strings.HasSuffix(r.URL.Path, "/picture.png")
		},
		Status: http.StatusForbidden, Code: "AccessDenied", EC: "0003-00000201",
	})
	report, status, _ := checked(t.Context(), t, s)
	_, left, _ := strings.Cut(report, "## Clean-up\n")
	if status != exitFailed || !strings.Contains(left, "\n- `\"picture.png\"`\n") || strings.Count(left, "\n- ") != 1 {
		t.Errorf("exit status %d, the report says %q", status, left)
	}
	if left := in.written(t); len(left) != 1 {
		t.Errorf("in the bucket are %v", left)
	}
}

// testInterrupt interrupts the check while it uploads, and while it downloads, and wants nothing to
// stay.
func testInterrupt(t *testing.T) {
	t.Parallel()
	for _, at := range []struct {
		method string
		number int
	}{{http.MethodPut, 12}, {http.MethodPut, 36}, {http.MethodGet, 20}} {
		t.Run(fmt.Sprint(at.method, at.number), func(t *testing.T) {
			t.Parallel()
			in, s := newTestStandin(t)
			ctx, interrupt := context.WithCancel(t.Context())
			defer interrupt()
			var mu sync.Mutex
			seen := 0
			in.oss.Inject(osstest.Fault{Match: func(r *http.Request) bool {
				mu.Lock()
				defer mu.Unlock()
				if r.Method == at.method {
					if seen++; seen == at.number {
						interrupt()
					}
				}
				return false
			}, Status: http.StatusTeapot})
			report, status, _ := checked(ctx, t, s)
			if status != exitFailed || !strings.Contains(report, "- The run was interrupted.\n") ||
				!strings.Contains(report, "Nothing stayed.") {
				t.Errorf("exit status %d\n%s", status, report)
			}
			empty(t, in)
		})
	}
}

// losing loses the answers to some requests, after they have been carried out.
type losing struct {
	http.RoundTripper

	lost func(*http.Request) bool
}

func (l losing) RoundTrip(r *http.Request) (*http.Response, error) {
	response, err := l.RoundTripper.RoundTrip(r)
	if err == nil && l.lost(r) {
		response.Body.Close()
		return nil, errors.New("lost: " + r.URL.String())
	}
	return response, err
}

// testLostAnswers loses the answers to uploads and to a deletion in both buckets, and wants nothing
// to stay, no delete marker either.
func testLostAnswers(t *testing.T) {
	t.Parallel()
	in, s := newTestStandin(t)
	s.client.Transport = losing{s.client.Transport, func(r *http.Request) bool {
		name := r.URL.Path[strings.LastIndex(r.URL.Path, "/")+1:]
		return r.Method == http.MethodPut && (name == versionsKey || name == pictureKey) ||
			r.Method == http.MethodDelete && name == goneKey && !r.URL.Query().Has("versionId")
	}}
	report, status, printed := checked(t.Context(), t, s)
	if status != exitFailed || !strings.Contains(report, "no answer: the connection broke off") ||
		!strings.Contains(report, "Nothing stayed.") {
		t.Errorf("exit status %d\n%s\n%s", status, printed, report)
	}
	empty(t, in)
}

// testClosedPublicEndpoint tests an account to which the public endpoint is closed: with a domain,
// the links use that one.
func testClosedPublicEndpoint(t *testing.T) {
	t.Parallel()
	closed := osstest.Bucket{
		Name: standinBucket, Domains: []string{standinDomain}, RestrictedDownloads: true, PublicEndpointForbidden: true,
	}
	t.Run("with a domain", func(t *testing.T) {
		t.Parallel()
		in, s := newTestStandin(t)
		if err := in.oss.SetBucket(closed); err != nil {
			t.Fatal(err)
		}
		report, status, printed := checked(t.Context(), t, s)
		if status != exitSame || !strings.Contains(report, "so the links use the custom domain") ||
			!strings.Contains(report, "endpoint custom domain.") {
			t.Errorf("exit status %d\n%s\n%s", status, printed, report)
		}
		if len(lines(report, "public-endpoint")) == 0 {
			t.Error("no row is about the closed endpoint")
		}
		empty(t, in)
	})
	t.Run("without", func(t *testing.T) {
		t.Parallel()
		in, s := newTestStandin(t)
		closed := closed
		closed.Domains = nil
		if err := in.oss.SetBucket(closed); err != nil {
			t.Fatal(err)
		}
		s.config.domain = ""
		report, status, _ := checked(t.Context(), t, s)
		if status != exitFailed || !strings.Contains(report,
			"Set ALIOSS_LIVE_DOMAIN, or set ALIOSS_LIVE_ENDPOINT_TYPE to internal") {
			t.Errorf("exit status %d\n%s", status, report)
		}
	})
}

// testVersionedBucket tests a bucket that has versioning itself, without a domain and a role, with
// a signer that no policy restricts.
func testVersionedBucket(t *testing.T) {
	t.Parallel()
	in, s := newTestStandin(t)
	if err := in.oss.SetBucket(osstest.Bucket{
		Name: standinBucket, RestrictedDownloads: true, Versioning: osstest.VersioningEnabled,
	}); err != nil {
		t.Fatal(err)
	}
	in.oss.Reset() // takes back what forbids
	s.config = config{bucket: standinBucket, region: "oss-cn-hangzhou"}
	report, status, printed := checked(t.Context(), t, s)
	if status != exitSame {
		t.Errorf("exit status %d\n%s\n%s", status, printed, report)
	}
	for _, row := range []struct{ statement, want string }{
		{"forbid-overwrite", "not tested: the bucket has versioning"},
		{"unversioned", "not tested: the bucket has versioning"},
		{"custom-domain", "not tested: ALIOSS_LIVE_DOMAIN is not set"},
		{"temporary", "not tested: ALIOSS_LIVE_ROLE_ARN is not set"},
		{"ram-policy", "not tested: the signer may read it"},
		{"verify-denied", "not tested: the signer may read it"},
		{"no-such-version", "same"},
		{"pin-version", "same"},
	} {
		if rows := lines(report, row.statement); len(rows) == 0 || !strings.Contains(rows[0], "| "+row.want) {
			t.Errorf("%s: want %q, got %q", row.statement, row.want, rows)
		}
	}
	empty(t, in)
}

// TestWithoutBucket wants an error with the missing variables at once.
func TestWithoutBucket(t *testing.T) {
	t.Parallel()
	var stdout, stderr bytes.Buffer
	nothing := func(string) string { return "" }
	if status := start(t.Context(), false, nothing, &stdout, &stderr); status != exitUsage || stdout.Len() > 0 {
		t.Errorf("exit status %d, output %q", status, stdout.String())
	}
	for _, v := range variables {
		if !regexp.MustCompile(`(?m)^  ` + v.name + ` +(required|optional): \S.*$`).MatchString(stderr.String()) {
			t.Errorf("no line for %s in %q", v.name, stderr.String())
		}
	}
	if !strings.HasPrefix(stderr.String(), "The live check needs ALIOSS_LIVE_BUCKET and ALIOSS_LIVE_REGION.") {
		t.Errorf("it begins with %q", stderr.String())
	}
	stderr.Reset()
	wrong := func(name string) string {
		return map[string]string{"ALIOSS_LIVE_BUCKET": "oss://examplebucket", "ALIOSS_LIVE_REGION": "cn-hangzhou"}[name]
	}
	if status := start(t.Context(), false, wrong, &stdout, &stderr); status != exitUsage ||
		!strings.Contains(stderr.String(), "bucket") {
		t.Errorf("exit status %d, output %q", status, stderr.String())
	}
}

// TestScrub puts secrets where none are expected.
func TestScrub(t *testing.T) {
	t.Parallel()
	known := secrets{}
	known.addFrom(signed{
		URL:  "https://h/k?x-oss-credential=AKIDofNoForm%2F20261126&x-oss-signature=short&x-oss-security-token=abc%2Bdef",
		URLs: map[string]string{"k": "https://h/k?x-oss-credential=other&x-oss-signature=brief"},
	})
	text := known.scrub(strings.Join([]string{
		"AKIDofNoForm", "short", "abc%2Bdef", "other", "brief", strings.Repeat("0a", 32), "x-oss-credential=x%2Fy",
		"X-OSS-Signature%3Dzz", "LTAI5tExampleKeyId000001", "STS.NUExampleKeyId000001", "CAISxyz0123456789012345678901234567",
		"kept",
	}, " "))
	if want := strings.TrimSuffix(strings.Repeat("… ", 11), " ") + " kept"; text != want {
		t.Errorf("got %q", text)
	}
	if a := read(403, http.Header{"X-Oss-Ec": {"LTAI5tExampleKeyId000001"}, "X-Oss-Request-Id": {"x-oss-signature=1"}},
		[]byte("<Error><Code>STS.NUExampleKeyId000001</Code></Error>")); a.code+a.ec+a.requestID != "" {
		t.Errorf("of an answer %+v is shown", a)
	}
}
