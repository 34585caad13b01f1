package doctest

import (
	"context"
	"crypto/sha256"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/alioss/terraform-provider-alioss/internal/acctest"
)

// hosts are the registries of the two CLIs.
var hosts = []string{"registry.terraform.io", acctest.OpenTofuHost}

// workplace is a directory in which the CLI works with the provider of this tree, the stubs, and
// nothing more of the machine.
type workplace struct {
	cli acctest.CLI
	dir string
	env []string
}

// newWorkplace builds the provider. The test is skipped if there is no CLI.
func newWorkplace(t *testing.T) *workplace {
	t.Helper()
	cli := acctest.Require(t)
	w := &workplace{cli: cli, dir: t.TempDir()}

	bin := t.TempDir()
	build := exec.CommandContext(
		t.Context(),
		"go",
		"build",
		"-buildvcs=false",
		"-o",
		filepath.Join(bin, "alioss", "terraform-provider-alioss"+exe()),
		".",
	)
	build.Dir = root
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if output, err := build.CombinedOutput(); err != nil {
		t.Fatalf("go build: %v\n%s", err, output)
	}
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	sources := map[string]string{"alioss": "alioss/alioss"}
	for name, s := range stubs {
		sources[name] = s.source
		must(t, os.MkdirAll(filepath.Join(bin, name), 0o755))
		must(t, os.Symlink(self, filepath.Join(bin, name, "terraform-provider-"+name+exe())))
	}
	var rc strings.Builder
	rc.WriteString("provider_installation {\n  dev_overrides {\n")
	for name, source := range sources {
		for _, host := range hosts {
			fmt.Fprintf(&rc, "    %q = %q\n", host+"/"+source, filepath.ToSlash(filepath.Join(bin, name)))
		}
	}
	rc.WriteString("  }\n}\n")
	write(t, filepath.Join(bin, "rc"), rc.String())
	write(t, filepath.Join(bin, "cli", "README"), "terraform and tofu are the CLI under test\n")
	for _, name := range []string{"terraform", "tofu"} {
		must(t, os.Symlink(cli.Path, filepath.Join(bin, "cli", name+exe())))
	}

	w.env = []string{
		"PATH=" + filepath.Join(bin, "cli") + string(os.PathListSeparator) + os.Getenv("PATH"),
		"HOME=" + t.TempDir(), "TMPDIR=" + t.TempDir(), "LC_ALL=C.UTF-8",
		"CHECKPOINT_DISABLE=1", "TF_CLI_CONFIG_FILE=" + filepath.Join(bin, "rc"), "TF_IN_AUTOMATION=1", "TF_INPUT=0",
		"ALIBABA_CLOUD_ECS_METADATA_DISABLED=true", "ALIBABA_CLOUD_REGION=cn-hangzhou",
		"OSS_ACCESS_KEY_ID=" + testKey, "OSS_ACCESS_KEY_SECRET=" + testSecret,
	}
	return w
}

// copyTree copies what a build needs, and returns variables with which Go builds there without the
// network.
func copyTree(t *testing.T, to string) []string {
	t.Helper()
	for _, pattern := range []string{"*.go", "go.mod", "go.sum", "GNUmakefile"} {
		files, err := filepath.Glob(filepath.Join(root, pattern))
		must(t, err)
		for _, file := range files {
			text, err := os.ReadFile(file)
			must(t, err)
			write(t, filepath.Join(to, filepath.Base(file)), string(text))
		}
	}
	must(t, os.CopyFS(filepath.Join(to, "internal"), os.DirFS(filepath.Join(root, "internal"))))
	directories, err := exec.CommandContext(t.Context(), "go", "env", "GOCACHE", "GOMODCACHE").Output()
	must(t, err)
	caches := strings.Fields(string(directories))
	return []string{"GOCACHE=" + caches[0], "GOMODCACHE=" + caches[1], "GOPROXY=off", "GOFLAGS=-buildvcs=false"}
}

func exe() string {
	if runtime.GOOS == "windows" {
		return ".exe"
	}
	return ""
}

// command runs the CLI in a directory, and returns what it printed.
func (w *workplace) command(ctx context.Context, dir string, args ...string) (string, error) {
	command := exec.CommandContext(ctx, w.cli.Path, args...)
	command.Dir, command.Env = dir, w.env
	output, err := command.CombinedOutput()
	return string(output), err
}

// terraform runs the CLI and wants it to succeed.
func (w *workplace) terraform(t *testing.T, dir string, args ...string) string {
	t.Helper()
	output, err := w.command(t.Context(), dir, args...)
	if err != nil {
		if i := strings.Index(output, "\nError:"); i >= 0 {
			output = output[i:] // past the plan
		}
		t.Fatalf("%s %s: %v\n%s", w.cli, strings.Join(args, " "), err, output)
	}
	return output
}

// from returns the output from where a text begins: before it stand warnings of development
// overrides.
func from(t *testing.T, output, start string) string {
	t.Helper()
	i := strings.Index(output, start)
	if i < 0 {
		t.Fatalf("no %s in the output", start)
	}
	return output[i:]
}

var (
	declared   = regexp.MustCompile(`(?m)^variable "(\w+)" \{`)
	referred   = regexp.MustCompile(`\bvar\.(\w+)`)
	comment    = regexp.MustCompile(`(?m)^\s*#.*$`)
	hasDefault = regexp.MustCompile(`(?m)^\s*default\s*=`)

	hasOutput       = regexp.MustCompile(`(?m)^output "`)
	ephemeralOutput = regexp.MustCompile(`(?m)^\s*ephemeral\s*= true`)
)

func sha256Of(body []byte) string { return fmt.Sprintf("%x", sha256.Sum256(body)) }

// variables returns the variables of a configuration that need a value, and those that it uses but
// does not declare.
func variables(text string) (required, undeclared []string) {
	text = comment.ReplaceAllString(text, "")
	known := map[string]bool{}
	for _, m := range declared.FindAllStringSubmatchIndex(text, -1) {
		name := text[m[2]:m[3]]
		known[name] = true
		body, _, _ := strings.Cut(text[m[1]:], "\n}")
		if !hasDefault.MatchString(body) {
			required = append(required, name)
		}
	}
	for _, m := range referred.FindAllStringSubmatch(text, -1) {
		if name := m[1]; !known[name] {
			known[name] = true
			undeclared = append(undeclared, name)
		}
	}
	return append(required, undeclared...), undeclared
}

// values are what variables get by their names. All others get their name.
var values = map[string]string{
	"access_key":      `"` + testKey + `"`,
	"secret_key":      `"` + testSecret + `"`,
	"security_groups": `["sg-example"]`,
	"keys":            `["agent/agent-1.4.2.tar.gz", "agent/checksums.txt"]`,
	"bucket":          `"examplebucket"`,
	"agent_url": `"https://examplebucket.oss-cn-hangzhou.aliyuncs.com/agent.tar.gz?x-oss-additional-headers=host&` +
		`x-oss-credential=LTAI5tExampleKeyId000001%2F20991231%2Fcn-hangzhou%2Foss%2Faliyun_v4_request&` +
		`x-oss-date=20991231T000000Z&x-oss-expires=86400&` +
		`x-oss-signature=0000000000000000000000000000000000000000000000000000000000000000&` +
		`x-oss-signature-version=OSS4-HMAC-SHA256"`,
	"objects":      `{ agent = { key = "agent/agent-1.4.2.tar.gz" } }`,
	"agent_key":    `"agent/agent-1.4.2.tar.gz"`,
	"agent_sha256": fmt.Sprintf("%q", sha256Of(content("agent/agent-1.4.2.tar.gz"))),
	"revision":     "1",
}

// install writes blocks as modules of one configuration, so that one run of the CLI does for all of
// them.
func (w *workplace) install(t *testing.T, dir string, blocks []block) {
	t.Helper()
	must(t, os.CopyFS(filepath.Join(dir, "examples"), os.DirFS(filepath.Join(root, "examples"))))
	main := requiredProviders
	for _, b := range blocks {
		source := "./blocks/" + b.name
		required, undeclared := variables(b.text)
		if b.dir != "" {
			source = "./examples/" + b.dir
		} else {
			harness := ""
			if !strings.Contains(b.text, "required_providers") {
				harness = requiredProviders
			}
			for _, name := range undeclared {
				harness += fmt.Sprintf("variable %q {}\n", name)
			}
			write(t, filepath.Join(dir, "blocks", b.name, "main.tf"), b.text)
			write(t, filepath.Join(dir, "blocks", b.name, "harness.tf"), harness)
		}
		main += fmt.Sprintf("module %q {\n  source = %q\n", b.name, source)
		for _, name := range required {
			value, ok := values[name]
			if !ok {
				value = fmt.Sprintf("%q", name)
			}
			main += fmt.Sprintf("  %s = %s\n", name, value)
		}
		main += "}\n"
		if hasOutput.MatchString(b.text) && !ephemeralOutput.MatchString(b.text) {
			main += fmt.Sprintf("output %q {\n  sensitive = true\n  value     = module.%s\n}\n", b.name, b.name)
		}
	}
	write(t, filepath.Join(dir, "main.tf"), main)
	write(
		t,
		filepath.Join(dir, "examples", "complete", "getting-started", "agent-1.4.2.tar.gz"),
		string(content("agent/agent-1.4.2.tar.gz")),
	)
	w.terraform(t, dir, "get", "-no-color")
}

var requiredProviders = func() string {
	text := "terraform {\n  required_providers {\n    alioss = {\n      source = \"alioss/alioss\"\n    }\n"
	var names []string
	for name := range stubs {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		text += fmt.Sprintf("    %s = {\n      source = %q\n    }\n", name, stubs[name].source)
	}
	return text + "  }\n}\n"
}()

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func write(t *testing.T, path, text string) {
	t.Helper()
	must(t, os.MkdirAll(filepath.Dir(path), 0o755))
	must(t, os.WriteFile(path, []byte(text), 0o600))
}

func TestVariables(t *testing.T) {
	t.Parallel()
	required, undeclared := variables(`variable "a" {
  type = string
}

variable "b" {
  default = "x"
}

# var.not_this
output "c" {
  value = "${var.a} ${var.b} ${var.d}"
}
`)
	if !slices.Equal(required, []string{"a", "d"}) || !slices.Equal(undeclared, []string{"d"}) {
		t.Errorf("got %q and %q", required, undeclared)
	}
}
