package main

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"strings"
	"time"

	"github.com/alioss/terraform-provider-alioss/internal/acctest"
	"github.com/alioss/terraform-provider-alioss/internal/endpoint"
)

// row is one line of the table: a link, what a recipient does with it, and the statement that it is
// about.
type row struct {
	statement string
	// or are statements of which one may apply in place of it, as for accounts to which another rule
	// applies.
	or []string
	// did describes what was done.
	did string
	// skip is the reason why it is not tested, or "" if it is.
	skip string
	// block is the link. Several rows may share one.
	block *block
	// key chooses among the URLs of a block of many.
	key string
	// body is what a PUT uploads.
	body string
	// send changes the request. If it is nil, the request is sent as intended.
	send func(*request)
	// expired sends the request after the URL has expired.
	expired bool
	// fromProvider returns the answer to a request of the provider itself, without one of a recipient.
	fromProvider func(signed) answer
	// want returns what is wrong with an answer although status, Code and EC are right. It may be nil.
	want func(answer) string
	// soft reports whether the link works although want finds something.
	soft bool
	// inconclusive returns why an answer is no result, or "" if it is one. It may be nil.
	inconclusive func(answer) string
	// then keeps what later rows need. It may be nil.
	then func(signed, answer)
	// standin is the reason why the stand-in cannot answer, or "" if it can.
	standin string
}

// result is what came of a row.
type result string

const (
	same      result = "same"
	differs   result = "pages differ"
	failed    result = "FAILED"
	notTested result = "not tested"
	cannot    result = "stand-in cannot answer"
)

// outcome is a row with its answer.
type outcome struct {
	statement, did string
	answer         answer
	result         result
	remark         string
}

// object is something that was uploaded, or a delete marker.
type object struct {
	bucket, key, version string
	// lost reports whether the answer with the version got lost.
	lost bool
}

// check is a run.
type check struct {
	service

	w          *workspace
	log        io.Writer
	statements map[string]statement
	// base is what every key begins with.
	base string
	// host is that of the links in general. via is the domain that they need, if the public endpoint
	// is closed to the account.
	host, via string
	// begun reports whether the first upload was answered in a way that lets the other steps run.
	begun bool
	// versioned reports whether the bucket has versioning.
	versioned bool
	// ids are version IDs that later rows need.
	ids map[string]string
	// tokens are those of the role's sessions, as they are in URLs.
	tokens []string
	// skew is how far the service's clock is ahead of this one.
	skew     time.Duration
	outcomes []outcome
	stored   []object
	stayed   []string
	// problems are faults outside the rows that make the run fail. notes are further remarks for the
	// reader.
	problems, notes []string
	secrets         secrets
}

// run makes a whole check and returns the exit status.
func run(ctx context.Context, s service, stdout, stderr io.Writer) int {
	c := &check{
		service: s, log: stderr, statements: statements(), ids: map[string]string{}, secrets: secrets{},
		base: "alioss-live-check/" + strings.ToLower(rand.Text()[:12]) + "/",
	}
	if err := c.place(); err != nil {
		fmt.Fprintln(stderr, "live:", err)
		return exitUsage
	}
	w, err := newWorkspace(ctx, s)
	if errors.Is(err, acctest.ErrNoCLI) && s.standin {
		fmt.Fprintln(stdout, "live check with the stand-in: SKIPPED,", err)
		return exitSame
	}
	if err != nil {
		fmt.Fprintln(stderr, "live:", err)
		return exitUsage
	}
	defer w.remove()
	c.w = w
	w.providers = c.providers()

	c.runSteps(ctx)
	if ctx.Err() != nil {
		c.problems = append(c.problems, "The run was interrupted.")
	}
	// Uploaded objects are deleted whatever happened, and the report is written.
	cleanup, cancel := context.WithTimeout(context.WithoutCancel(ctx), cleanupTimeout)
	defer cancel()
	c.cleanUp(cleanup)

	report := c.secrets.scrub(c.report(c.now()))
	if s.report == "" {
		if s.standin && c.status() == exitSame {
			report = "Pages and stand-in agree. ALIOSS_LIVE_REPORT=FILE writes the table.\n"
		}
		fmt.Fprint(stdout, report)
	} else if err := os.WriteFile(s.report, []byte(report), 0o600); err != nil {
		fmt.Fprintln(stderr, "live:", err)
		return exitFailed
	}
	fmt.Fprintln(stderr, "live check:", c.summary())
	return c.status()
}

// maxTurns is how often what is left is deleted: an object has at most three versions and a delete
// marker whose answers got lost.
const maxTurns = 6

// cleanupTimeout is how long deleting may take, after an interrupt as well.
const cleanupTimeout = 5 * time.Minute

// place finds out the host of the links, and refuses what the provider would refuse.
func (c *check) place() error {
	target, err := endpoint.Resolve(endpoint.Input{
		Bucket: c.config.bucket, Region: c.config.region, Endpoint: c.config.endpoint,
		Type: endpoint.Type(c.config.endpointType),
	})
	if err != nil {
		return err
	}
	c.host, c.config.region = target.Host, target.Region
	return nil
}

// The aliases of the provider blocks.
const (
	sessionA   = "session_a"
	sessionB   = "session_b"
	unknownKey = "unknown_key"
)

// providers are the provider blocks.
func (c *check) providers() []any {
	with := func(more map[string]any) map[string]any {
		provider := map[string]any{"region": c.config.region}
		if c.config.endpoint != "" {
			provider["endpoint"] = c.config.endpoint
		}
		if c.config.endpointType != "" {
			provider["endpoint_type"] = c.config.endpointType
		}
		for name, value := range more {
			provider[name] = value
		}
		return provider
	}
	all := []any{with(nil), with(map[string]any{
		"alias": unknownKey, "access_key": "LTAI5tNoSuchKeyLiveCheck", "secret_key": "NoSuchSecretOfTheLiveCheck0000",
	})}
	if c.config.roleARN != "" {
		for _, alias := range []string{sessionA, sessionB} {
			all = append(all, with(map[string]any{"alias": alias, "assume_role": map[string]any{
				"role_arn": c.config.roleARN, "session_name": "alioss-live-check-" + alias, "session_expiration": 900,
			}}))
		}
	}
	return all
}

// runSteps runs the steps in order. Each step signs its links together, and may use the results of
// the steps before it.
func (c *check) runSteps(ctx context.Context) {
	steps := []struct {
		name string
		rows func() []row
	}{
		{"first", c.first},
		{"uploads", c.uploads},
		{"links", c.links},
		{"verified", c.verified},
		{"sessions", c.sessions},
		{"expiry", c.expiry},
	}
	for i, step := range steps {
		fmt.Fprintf(c.log, "live check: %s, %d of %d\n", step.name, i+1, len(steps))
		c.runStep(ctx, step.name, step.rows())
		if ctx.Err() != nil {
			return
		}
		if i == 0 && !c.begun {
			c.problems = append(c.problems, "The first upload failed, so nothing else was tested.")
			return
		}
	}
}

// runStep signs the links of rows, and tests the rows.
func (c *check) runStep(ctx context.Context, name string, rows []row) {
	var blocks []block
	at := map[*block]int{}
	for _, r := range rows {
		if _, known := at[r.block]; r.skip == "" && !known {
			at[r.block] = len(blocks)
			blocks = append(blocks, *r.block)
		}
	}
	var results []signed
	var err error
	if len(blocks) > 0 {
		results, err = c.w.sign(ctx, name, blocks)
	}
	if err != nil && ctx.Err() == nil {
		fmt.Fprintln(c.log, c.secrets.scrub(err.Error()))
		c.problems = append(c.problems, fmt.Sprintf("The CLI signed no links of the step %q.", name))
	}
	for _, s := range results {
		c.secrets.addFrom(s)
	}
	for _, r := range rows {
		o := outcome{statement: r.statement, did: r.did}
		switch {
		case ctx.Err() != nil:
			o.result, o.remark = notTested, "interrupted"
		case r.skip != "":
			o.result, o.remark = notTested, r.skip
		case err != nil:
			o.result, o.remark = failed, "not signed"
		default:
			o = c.runRow(ctx, r, results[at[r.block]])
		}
		c.outcomes = append(c.outcomes, o)
	}
}

// runRow tests a row.
func (c *check) runRow(ctx context.Context, r row, s signed) outcome {
	if r.fromProvider != nil {
		return c.judge(r, r.fromProvider(s))
	}
	if s.refused != nil {
		fmt.Fprintln(c.log, c.secrets.scrub(s.refused.Summary+": "+s.refused.Detail))
		o := c.judge(r, readDiagnostic(*s.refused))
		if o.statement == r.statement { // no other statement explains it
			o.result, o.remark = failed, "not signed"
		}
		return o
	}
	q := request{method: http.MethodGet, url: s.URL, header: http.Header{}, body: r.body}
	if r.block.many {
		q.url = s.URLs[r.key]
	}
	if method := r.block.text("method"); method != "" {
		q.method = method
	}
	for name, value := range s.Headers {
		q.header.Set(name, value)
	}
	if r.send != nil {
		r.send(&q)
	}
	if r.expired {
		at, err := time.Parse(time.RFC3339, s.ExpiresAt)
		if err != nil || c.wait(ctx, at.Add(2*time.Second), c.skew) != nil {
			return outcome{statement: r.statement, did: r.did, result: notTested, remark: "interrupted"}
		}
	}
	o := object{bucket: r.block.text("bucket"), key: r.block.text("key"), version: r.block.text("version")}
	if q.method == http.MethodPut {
		c.stored = append(c.stored, o) // before it is sent: the answer may get lost
	}
	a := send(ctx, c.client, q)
	if date, err := http.ParseTime(a.header.Get("Date")); err == nil {
		c.skew = date.Sub(c.now()).Truncate(time.Second)
	}
	c.track(q.method, o, a)
	if r.then != nil {
		r.then(s, a)
	}
	return c.judge(r, a)
}

// track records what a request stored in the bucket, or deleted.
func (c *check) track(method string, o object, a answer) {
	id := a.header.Get("x-oss-version-id")
	switch {
	case method == http.MethodPut && a.silence != "":
		c.stored[len(c.stored)-1].lost = true
	case method == http.MethodDelete && a.silence != "" && o.version == "":
		o.lost = true
		c.stored = append(c.stored, o)
	case method == http.MethodPut && a.status >= 300:
		c.stored = c.stored[:len(c.stored)-1] // the service stores nothing of what it refuses
	case method == http.MethodPut:
		c.stored[len(c.stored)-1].version = id
	case method != http.MethodDelete || a.status >= 300 || a.silence != "":
	case o.version == "" && a.header.Get("x-oss-delete-marker") == "true":
		c.stored = append(c.stored, object{bucket: o.bucket, key: o.key, version: id})
	default:
		c.forget(o)
	}
}

// forget removes an object from the list of what is stored.
func (c *check) forget(o object) {
	kept := c.stored[:0]
	for _, other := range c.stored {
		if other != o {
			kept = append(kept, other)
		}
	}
	c.stored = kept
}

// judge compares an answer with the statements of its row.
func (c *check) judge(r row, a answer) outcome {
	o := outcome{statement: r.statement, did: r.did, answer: a, result: same}
	s := c.statements[r.statement]
	for _, other := range r.or {
		if c.statements[other].matches(a) {
			o.statement = other
			return o
		}
	}
	if r.inconclusive != nil {
		if o.remark = r.inconclusive(a); o.remark != "" {
			o.result = notTested
			return o
		}
	}
	if a.silence != "" && !s.works() {
		o.result, o.remark = notTested, "no answer"
		return o
	}
	works := a.status >= 200 && a.status < 400
	wrong := ""
	if r.want != nil && works == s.works() {
		wrong = r.want(a)
	}
	switch {
	case r.standin != "" && c.standin && works:
		o.result, o.remark = cannot, r.standin
	case s.works() && (!works || wrong != "" && !r.soft):
		o.result, o.remark = failed, wrong
	case wrong != "" || !s.matches(a):
		o.result, o.remark = differs, wrong
	}
	return o
}

// cleanUp deletes what the run stored, and notes what stayed.
func (c *check) cleanUp(ctx context.Context) {
	fmt.Fprintln(c.log, "live check: deleting what was uploaded")
	// A further turn is for answers that got lost, and for delete markers if no version was known.
	for turn := 1; len(c.stored) > 0 && turn <= maxTurns; turn++ {
		if !c.identify(ctx, fmt.Sprint("lost-", turn)) || !c.delete(ctx, fmt.Sprint("clean-up-", turn)) {
			break
		}
	}
	for _, o := range c.stored {
		c.stayed = append(c.stayed, o.key)
	}
	c.lookAgain(ctx)
}

// identify finds the current version of objects of which an answer got lost: deleting such an
// object in a bucket with versioning would only put a delete marker on top. Of several versions of
// a key, it finds one in each turn. It reports whether the CLI signed.
func (c *check) identify(ctx context.Context, name string) bool {
	var blocks []block
	var at []int
	seen := map[object]bool{}
	for i, o := range c.stored {
		if o.lost && !seen[o] {
			seen[o] = true
			at = append(at, i)
			blocks = append(blocks, *c.link(map[string]any{"bucket": o.bucket, "key": o.key, "method": http.MethodHead}))
		}
	}
	if len(blocks) == 0 {
		return true
	}
	results, err := c.w.sign(ctx, name, blocks)
	if err != nil {
		fmt.Fprintln(c.log, c.secrets.scrub(err.Error()))
		return false
	}
	for i, s := range results {
		c.secrets.addFrom(s)
		if s.refused == nil {
			a := send(ctx, c.client, request{method: http.MethodHead, url: s.URL, header: http.Header{}})
			c.stored[at[i]].version = a.header.Get("x-oss-version-id") // that of a delete marker as well
			c.stored[at[i]].lost = false
		}
	}
	return true
}

// delete sends one request to delete each object that is stored, and reports whether the CLI signed
// them. Objects that could not be deleted stay in the list.
func (c *check) delete(ctx context.Context, name string) bool {
	var blocks []block
	var objects []object
	seen := map[object]bool{}
	for _, o := range c.stored {
		if !seen[o] && !o.lost {
			seen[o] = true
			objects = append(objects, o)
			blocks = append(blocks, *c.link(map[string]any{"bucket": o.bucket, "key": o.key, "method": http.MethodDelete},
				version(o.version)))
		}
	}
	results, err := c.w.sign(ctx, name, blocks)
	if err != nil {
		fmt.Fprintln(c.log, c.secrets.scrub(err.Error()))
		return false
	}
	for i, s := range results {
		c.secrets.addFrom(s)
		if s.refused != nil {
			continue
		}
		o := objects[i]
		a := send(ctx, c.client, request{method: http.MethodDelete, url: s.URL, header: http.Header{}})
		if a.silence == "" && a.status < 300 {
			c.forget(o)
		}
		c.track(http.MethodDelete, o, a)
	}
	return true
}

func version(id string) map[string]any {
	if id == "" {
		return nil
	}
	return map[string]any{"version": id}
}

// lookAgain lists what is left below the run's prefix, as far as the signer may list.
func (c *check) lookAgain(ctx context.Context) {
	results, err := c.w.sign(ctx, "left", []block{*c.many(map[string]any{"prefix": c.base, "allow_empty": true})})
	if err != nil || results[0].refused != nil {
		c.notes = append(
			c.notes, "What is left could not be listed. The list of what stayed follows from the answers to DELETE alone.",
		)
		return
	}
	c.secrets.addFrom(results[0])
	for key := range results[0].URLs {
		known := false
		for _, other := range c.stayed {
			known = known || other == key
		}
		if !known {
			c.stayed = append(c.stayed, key)
		}
	}
}

// status is the exit status.
func (c *check) status() int {
	if len(c.stayed) > 0 || len(c.problems) > 0 {
		return exitFailed
	}
	for _, o := range c.outcomes {
		if o.result == failed || o.result == differs && c.standin {
			return exitFailed
		}
	}
	return exitSame
}
