package e2e

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/alioss/terraform-provider-alioss/internal/osstest"
)

// patience is how long a client may take for one download, and the browser for one step, on a busy
// machine.
const patience = 3 * time.Minute

// pageKey is the object that contains the documentation's page. The browser opens it with a
// presigned URL on the custom domain.
const pageKey = "page.html"

// fileName is a name for the argument filename that file systems and browsers keep as it is.
const fileName = "报告 100% 'final' (1) + 2.txt"

// downloadWithBrowser downloads every hard key in headless Chromium by
// examples/clients/browser.html: fetch, blob, a link element with download. Then it follows a plain
// link whose URL carries the argument filename. The files' names on disk are compared too.
//
// Page and links have different origins, so the bucket needs a CORS rule. The stand-in has no such
// rules. A stored header on the object has the same effect, and an object without it must stay out
// of the page's reach.
func downloadWithBrowser(t *testing.T, oss *osstest.Server, made applied, base, ca, examples string) {
	const fetched, linked = "Chromium, fetch", "Chromium, link"
	for _, command := range []string{"chromium", "certutil"} {
		if _, err := exec.LookPath(command); err != nil {
			t.Logf("%-22s left out: %s is not on this machine", fetched, command)
			t.Logf("%-22s left out: %s is not on this machine", linked, command)
			return
		}
	}
	page, err := os.ReadFile(filepath.Join(examples, "browser.html"))
	must(t, err)
	put := func(key, contentType string, body []byte, header map[string]string) {
		_, err := oss.PutObject("examplebucket", osstest.Object{
			Key: key, Body: body, ContentType: contentType, Header: header,
		})
		must(t, err)
	}
	put(pageKey, "text/html; charset=utf-8", page, nil)

	ctx := t.Context()
	began := time.Now()
	b := startChromium(ctx, t, base, ca)
	must(t, b.open(ctx, made.Page))

	if err := b.evaluate(ctx, call("download", made.URLs[hardKeys[0]], "unreachable.txt")); err == nil {
		t.Error("Chromium: the page read an object of another origin without a CORS rule")
	}
	for _, key := range hardKeys {
		put(key, "", body(key), map[string]string{"Access-Control-Allow-Origin": "https://downloads.example.com"})
	}
	// A download that is given up, as on a machine that is too slow, is not mistaken for the next one.
	late, cancel := context.WithCancel(ctx)
	cancel()
	if err := b.download(late, call("download", made.URLs[hardKeys[1]], "late.bin"), "late.bin",
		body(hardKeys[1])); err == nil {
		t.Error("Chromium: a download that had no time at all succeeded")
	}
	good := 0
	for i, key := range hardKeys {
		name := fmt.Sprintf("file %d.bin", i)
		if err := b.download(ctx, call("download", made.URLs[key], name), name, body(key)); err != nil {
			t.Errorf("%s, key %q: %v", fetched, key, err)
			continue
		}
		good++
	}
	t.Logf("%-22s %d of %d keys, %.1f s", fetched, good, len(hardKeys), time.Since(began).Seconds())

	const follow = `((url) => { const a = document.createElement("a"); a.href = url; document.body.append(a); a.click() })`
	if err := b.download(ctx, call(follow, made.Named), fileName, body(hardKeys[0])); err != nil {
		t.Errorf("%s: %v", linked, err)
		return
	}
	t.Logf("%-22s saved as %q, the argument filename", linked, fileName)
}

// call is a call of a function in JavaScript.
func call(function string, args ...string) string {
	var b bytes.Buffer
	b.WriteString(function + "(")
	for i, arg := range args {
		if i > 0 {
			b.WriteString(", ")
		}
		text, _ := json.Marshal(arg)
		b.Write(text)
	}
	return b.String() + ")"
}

// browser is Chromium, driven by the DevTools protocol over two pipes.
type browser struct {
	out      io.Writer
	messages chan message
	events   []message // that came before the one waited for
	home     string
	page     string // that is open
	session  string
	sent     int
}

// message is an answer (ID) or an event (Method) of the DevTools protocol.
type message struct {
	ID     int             `json:"id,omitempty"`
	Method string          `json:"method,omitempty"`
	Params json.RawMessage `json:"params,omitempty"`
	Result json.RawMessage `json:"result,omitempty"`
	Error  *struct {
		Message string `json:"message"`
	} `json:"error,omitempty"`
}

func startChromium(ctx context.Context, t *testing.T, base, ca string) *browser {
	t.Helper()
	home := filepath.Join(base, "browser")
	nss := filepath.Join(home, ".pki", "nssdb")
	b := &browser{home: home, messages: make(chan message, 100)}
	must(t, os.MkdirAll(nss, 0o700))
	for _, args := range [][]string{{"-N", "--empty-password"}, {"-A", "-n", "osstest", "-t", "C,,", "-i", ca}} {
		if output, err := exec.CommandContext(ctx, "certutil", append([]string{"-d", "sql:" + nss},
			args...)...).CombinedOutput(); err != nil {
			t.Fatalf("certutil: %v: %s", err, output)
		}
	}
	in, out, err := os.Pipe()
	must(t, err)
	answers, chromium, err := os.Pipe()
	must(t, err)
	command := exec.CommandContext(ctx, "chromium", "--headless", "--no-sandbox", "--disable-gpu",
		"--disable-dev-shm-usage", "--no-first-run",
		"--disable-background-networking", "--no-proxy-server", "--remote-debugging-pipe",
		"--user-data-dir="+filepath.Join(home, "profile"))
	command.Env = append(os.Environ(), "HOME="+home, "XDG_CONFIG_HOME="+home, "XDG_CACHE_HOME="+home)
	command.ExtraFiles = []*os.File{in, chromium}
	must(t, command.Start())
	t.Cleanup(func() {
		_ = b.do(context.WithoutCancel(ctx), "Browser.close", nil, nil)
		_ = command.Wait()
	})
	must(t, in.Close())
	must(t, chromium.Close())
	b.out = out
	go func() {
		defer close(b.messages)
		r := bufio.NewReader(answers)
		for {
			text, err := r.ReadBytes(0)
			if err != nil {
				return
			}
			var m message
			if json.Unmarshal(text[:len(text)-1], &m) == nil {
				b.messages <- m
			}
		}
	}()
	var target struct{ TargetID, SessionID string }
	must(t, b.do(ctx, "Target.createTarget", map[string]any{"url": "about:blank"}, &target))
	must(t, b.do(ctx, "Target.attachToTarget", map[string]any{"targetId": target.TargetID, "flatten": true}, &target))
	b.session = target.SessionID
	must(t, b.do(ctx, "Page.enable", nil, nil))
	return b
}

// do sends a command and reads its result.
func (b *browser) do(ctx context.Context, method string, params map[string]any, result any) error {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	b.sent++
	command := map[string]any{"id": b.sent, "method": method, "params": params}
	if b.session != "" && !strings.HasPrefix(method, "Browser.") {
		command["sessionId"] = b.session
	}
	text, err := json.Marshal(command)
	if err != nil {
		return err
	}
	if _, err := b.out.Write(append(text, 0)); err != nil {
		return err
	}
	answer, err := b.wait(ctx, func(m message) bool { return m.ID == b.sent })
	switch {
	case err != nil:
		return fmt.Errorf("%s: %w", method, err)
	case answer.Error != nil:
		return fmt.Errorf("%s: %s", method, answer.Error.Message)
	case result == nil:
		return nil
	}
	return json.Unmarshal(answer.Result, result)
}

// wait returns the first message that fits. Events that do not are kept: a download can be complete
// before the answer to what started it.
func (b *browser) wait(ctx context.Context, fits func(message) bool) (message, error) {
	if i := slices.IndexFunc(b.events, fits); i >= 0 {
		m := b.events[i]
		b.events = slices.Delete(b.events, i, i+1)
		return m, nil
	}
	for {
		select {
		case m, ok := <-b.messages:
			switch {
			case !ok:
				return message{}, errors.New("the browser has gone")
			case fits(m):
				return m, nil
			case m.Method != "":
				b.events = append(b.events, m)
			}
		case <-ctx.Done():
			return message{}, ctx.Err()
		}
	}
}

// open opens a page, and ends what the page before it was doing.
func (b *browser) open(ctx context.Context, url string) error {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	b.page, b.events = url, nil
	if err := b.do(ctx, "Page.navigate", map[string]any{"url": url}, nil); err != nil {
		return err
	}
	_, err := b.wait(ctx, func(m message) bool { return m.Method == "Page.loadEventFired" })
	return err
}

// evaluate runs an expression in the page, and waits for its promise.
func (b *browser) evaluate(ctx context.Context, expression string) error {
	var result struct {
		ExceptionDetails *struct {
			Exception struct{ Description string }
		}
	}
	err := b.do(ctx, "Runtime.evaluate", map[string]any{
		"expression": expression, "awaitPromise": true, "userGesture": true,
	}, &result)
	if err == nil && result.ExceptionDetails != nil {
		err = errors.New(result.ExceptionDetails.Exception.Description)
	}
	return err
}

// download runs an expression that starts a download, waits for its end, and compares name and
// content on disk. It has a time limit and a directory of its own. After a failure the page is
// opened again, so that nothing of it is left.
func (b *browser) download(ctx context.Context, expression, name string, want []byte) error {
	limited, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	err := b.saved(limited, expression, name, want)
	if err != nil {
		err = errors.Join(err, b.open(context.WithoutCancel(ctx), b.page))
	}
	return err
}

func (b *browser) saved(ctx context.Context, expression, name string, want []byte) error {
	dir, err := os.MkdirTemp(b.home, "downloads-")
	if err != nil {
		return err
	}
	// The file may still be written after a failure. It is then removed with the browser's home.
	behavior := map[string]any{"behavior": "allow", "downloadPath": dir, "eventsEnabled": true}
	if err := b.do(ctx, "Browser.setDownloadBehavior", behavior, nil); err != nil {
		return err
	}
	b.events = nil
	if err := b.evaluate(ctx, expression); err != nil {
		return err
	}
	var download struct{ GUID, State string }
	event := func(method string, fits func() bool) func(message) bool {
		return func(m message) bool {
			return m.Method == method && json.Unmarshal(m.Params, &download) == nil && fits()
		}
	}
	if _, err := b.wait(ctx, event("Browser.downloadWillBegin", func() bool { return true })); err != nil {
		return fmt.Errorf("no download: %w", err)
	}
	begun := download.GUID
	ended := func() bool { return download.GUID == begun && download.State != "inProgress" }
	if _, err := b.wait(ctx, event("Browser.downloadProgress", ended)); err != nil {
		return fmt.Errorf("no end of the download: %w", err)
	}
	entries, err := os.ReadDir(dir)
	if err != nil {
		return err
	}
	if download.State != "completed" || len(entries) != 1 || entries[0].Name() != name {
		return fmt.Errorf("%s, saved as %q, want %q", download.State, entries, name)
	}
	got, err := os.ReadFile(filepath.Join(dir, name))
	if err != nil {
		return err
	}
	if !bytes.Equal(got, want) {
		return fmt.Errorf("got %d bytes that are not what was uploaded", len(got))
	}
	return nil
}
