package e2e

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/alioss/terraform-provider-alioss/internal/acctest"
	"github.com/alioss/terraform-provider-alioss/internal/osstest"
	"github.com/alioss/terraform-provider-alioss/internal/testworld"
)

func TestMain(m *testing.M) { acctest.Main(m) }

const (
	testKey    = testworld.Key
	testSecret = "Example/Secret+Of=TheTests0001" // of characters that shells and queries must not change
)

// hardKeys are names of objects that clients, shells and templates get wrong first, each with the
// body of its object.
var hardKeys = []string{
	"agent/agent-1.4.2.tar.gz",
	"with space.txt",
	"a+b=c&d.txt",
	"100%25 sure.txt",
	"#1 what?.txt",
	"报告/安装包 📦.bin",
	"it's \"quoted\" `now` $(id).txt",
	"tilde~star*paren(1)!.txt",
	"back\\slash;semi,comma@at:colon.txt",
	"a//b/",
}

func body(key string) []byte { return []byte("the body of " + key + "\n") }

// newOSS returns a stand-in with the bucket "examplebucket" and the hard keys in it.
func newOSS(t testing.TB) *osstest.Server {
	t.Helper()
	s := testworld.NewOSS(t, nil)
	s.SetCredential(osstest.Credential{AccessKeyID: testKey, AccessKeySecret: testSecret})
	for _, key := range hardKeys {
		testworld.Put(t, s, osstest.Object{Key: key, Body: body(key)})
	}
	return s
}

// workspace is a directory in which the CLI runs with the provider that was built from this tree.
type workspace struct {
	cli acctest.CLI
	dir string
	env []string
}

// buildProvider builds the provider into a directory, and returns the file of a CLI configuration
// that uses it.
func buildProvider(t testing.TB, dir string) string {
	t.Helper()
	build := exec.CommandContext(t.Context(), "go", "build", "-buildvcs=false", "-o",
		filepath.Join(dir, "terraform-provider-alioss"), "../..")
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if output, err := build.CombinedOutput(); err != nil {
		t.Fatalf("go build: %v\n%s", err, output)
	}
	rc := filepath.Join(dir, "cli.tfrc")
	write(t, rc, fmt.Sprintf(`provider_installation {
  dev_overrides {
    "registry.terraform.io/alioss/alioss" = %[1]q
    "%[2]s/alioss/alioss" = %[1]q
  }
}
`, filepath.ToSlash(dir), acctest.OpenTofuHost))
	return rc
}

// newWorkspace returns a workspace with keys in the environment. The test is skipped if there is no
// CLI for it.
func newWorkspace(t testing.TB, features ...acctest.Feature) *workspace {
	t.Helper()
	cli := acctest.Require(t, features...)
	return &workspace{cli: cli, dir: t.TempDir(), env: []string{
		"PATH=" + os.Getenv("PATH"), "HOME=" + t.TempDir(), "LC_ALL=C.UTF-8",
		"CHECKPOINT_DISABLE=1", "TF_IN_AUTOMATION=1", "TF_INPUT=0", "TF_CLI_CONFIG_FILE=" + buildProvider(t, t.TempDir()),
		"ALIBABA_CLOUD_ECS_METADATA_DISABLED=true",
		"OSS_ACCESS_KEY_ID=" + testKey, "OSS_ACCESS_KEY_SECRET=" + testSecret, "OSS_REGION=cn-hangzhou",
	}}
}

const requiredProviders = `terraform {
  required_providers {
    alioss = {
      source = "alioss/alioss"
    }
  }
}
`

// config writes the workspace's main.tf, or skips the test if the CLI does not support what it
// uses.
func (w *workspace) config(t testing.TB, text string) {
	t.Helper()
	acctest.Require(t, acctest.Needs(text)...)
	write(t, filepath.Join(w.dir, "main.tf"), requiredProviders+text)
}

// try runs the CLI and returns standard output, standard error and how it ended.
func (w *workspace) try(t testing.TB, env []string, args ...string) (stdout, stderr string, err error) {
	t.Helper()
	command := exec.CommandContext(t.Context(), w.cli.Path, args...)
	command.Dir = w.dir
	command.Env = append(append([]string{}, w.env...), env...)
	var out, diagnostics bytes.Buffer
	command.Stdout, command.Stderr = &out, &diagnostics
	err = command.Run()
	return out.String(), diagnostics.String(), err
}

// run runs the CLI and wants it to succeed.
func (w *workspace) run(t testing.TB, args ...string) string {
	t.Helper()
	stdout, stderr, err := w.try(t, nil, args...)
	if err != nil {
		t.Fatalf("%s %s: %v\n%s", w.cli, strings.Join(args, " "), err, stderr)
	}
	return stdout
}

// output reads an output of the last apply.
func (w *workspace) output(t testing.TB, name string, into any) {
	t.Helper()
	if err := json.Unmarshal([]byte(w.run(t, "output", "-json", name)), into); err != nil {
		t.Fatal(err)
	}
}

func write(t testing.TB, name, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

func jsonText(t testing.TB, v any) string {
	t.Helper()
	text, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
