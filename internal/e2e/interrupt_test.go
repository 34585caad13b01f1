package e2e

import (
	"bytes"
	"net/http"
	"net/http/httptest"
	"os/exec"
	"runtime"
	"strings"
	"testing"
	"time"
)

const oneURL = `
provider "alioss" {}
data "alioss_presigned_url" "one" {
  bucket = "examplebucket"
  key    = "k"
}
output "url" {
  sensitive = true
  value     = data.alioss_presigned_url.one.url
}
`

// without returns the workspace's environment without some variables.
func (w *workspace) without(names ...string) []string {
	var env []string
	for _, variable := range w.env {
		name, _, _ := strings.Cut(variable, "=")
		keep := true
		for _, n := range names {
			keep = keep && n != name
		}
		if keep {
			env = append(env, variable)
		}
	}
	return env
}

// TestInterrupted interrupts a plan while the provider waits for a credentials URI that never
// answers. The plan must end within a second, long before the fetch gives up by itself: the server
// sees the connection go. A busy machine gets three tries: what waits for a time limit of its own
// is late in all of them.
func TestInterrupted(t *testing.T) {
	const limit = time.Second
	took := interrupted(t)
	for try := 1; try < 3 && took > limit; try++ {
		took = min(took, interrupted(t))
	}
	if took > limit {
		t.Errorf("the plan ended %s after the interrupt, want at most %s", took, limit)
	}
}

// interrupted interrupts a plan, and returns how long after that it ended.
func interrupted(t *testing.T) time.Duration {
	t.Helper()
	if runtime.GOOS == "windows" {
		t.Skip("there is no SIGINT to send on Windows")
	}
	w := newWorkspace(t)
	requests, gone := make(chan struct{}, 10), make(chan struct{}, 10)
	uri := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		requests <- struct{}{}
		<-r.Context().Done()
		gone <- struct{}{}
	}))
	t.Cleanup(uri.Close)
	w.env = append(w.without("OSS_ACCESS_KEY_ID", "OSS_ACCESS_KEY_SECRET"), "ALIBABA_CLOUD_CREDENTIALS_URI="+uri.URL+
		"/credentials")
	w.config(t, oneURL)

	command := exec.CommandContext(t.Context(), w.cli.Path, "plan", "-no-color", "-lock=false")
	command.Dir, command.Env = w.dir, w.env
	var output bytes.Buffer
	command.Stdout, command.Stderr = &output, &output
	ownGroup(command)
	must(t, command.Start())
	done := make(chan error, 1)
	go func() { done <- command.Wait() }()
	select {
	case <-requests:
	case err := <-done:
		t.Fatalf("the plan ended before it requested credentials: %v\n%s", err, &output)
	}
	began := time.Now()
	must(t, interrupt(command))
	err := <-done
	took := time.Since(began)
	if err == nil {
		t.Error("an interrupted plan succeeded")
	}
	<-gone
	if len(requests) > 0 {
		t.Errorf("the URI got %d more requests after the interrupt", len(requests))
	}
	t.Logf("%s: ended %d ms after the interrupt", w.cli, took.Milliseconds())
	if text := output.String(); strings.Contains(text, "panic") || !strings.Contains(text, "nterrupt") {
		t.Errorf("the CLI printed:\n%s", text)
	}
	return took
}

// TestNoHome plans without HOME and with one that is not there: keys from the environment need
// neither, and if there are none, the error lists the places in which it has looked.
func TestNoHome(t *testing.T) {
	w := newWorkspace(t)
	w.config(t, oneURL)
	w.env = append(w.without("HOME"), "TF_DATA_DIR="+t.TempDir())
	for _, home := range [][]string{nil, {"HOME="}, {"HOME=/nonexistent/home"}} {
		if _, stderr, err := w.try(t, home, "plan", "-no-color"); err != nil {
			t.Errorf("plan with %q: %v\n%s", home, err, stderr)
		}
	}
	w.env = w.without("OSS_ACCESS_KEY_ID", "OSS_ACCESS_KEY_SECRET")
	for _, home := range [][]string{nil, {"HOME=/nonexistent/home"}} {
		_, stderr, err := w.try(t, home, "plan", "-no-color")
		if err == nil || !strings.Contains(stderr, "OSS_ACCESS_KEY_ID") || strings.Contains(stderr, "panic") {
			t.Errorf("plan with %q and without keys: %v\n%s", home, err, stderr)
		}
	}
}
