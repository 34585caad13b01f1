package e2e

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/alioss/terraform-provider-alioss/internal/acctest"
)

const demo = "../../examples/demo/demo.sh"

func TestDemo(t *testing.T) {
	cli := acctest.Require(t)
	if _, err := exec.LookPath("curl"); err != nil {
		t.Skip("the demo needs curl")
	}
	command := exec.CommandContext(t.Context(), "bash", demo)
	command.Env = append(os.Environ(), "TF_ACC_TERRAFORM_PATH="+cli.Path, "OSS_ENDPOINT=https://elsewhere.example.com",
		"TF_VAR_first_version=other")
	output, err := command.CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, output)
	}
	for _, want := range []string{
		"agent.sh: 27 bytes, the same as uploaded", "agent-first.sh: 41 bytes, the same",
		"agent-domain.sh: 27 bytes, the same", "403 SignatureDoesNotMatch, EC 0002-00000201",
		"403 AccessDenied, EC 0002-00000236",
	} {
		if !strings.Contains(string(output), want) {
			t.Errorf("the demo does not say %q:\n%s", want, output)
		}
	}
	recorded(t, string(output))
	// A signature has 64 hexadecimal digits, and the demo's secret 32.
	if shown := regexp.MustCompile(`[0-9a-f]{32}|x-oss-signature=[^…]`).Find(output); shown != nil {
		t.Errorf("the demo shows a signature or the secret:\n%s", output)
	}
}

// TestDemoWithWrongCLI wants an error with the name of the wrong variable.
func TestDemoWithWrongCLI(t *testing.T) {
	if _, err := exec.LookPath("bash"); err != nil {
		t.Skip("the demo needs bash")
	}
	command := exec.CommandContext(t.Context(), "bash", demo)
	command.Env = append(os.Environ(), "TF_ACC_TERRAFORM_PATH="+filepath.Join(t.TempDir(), "terraform"))
	output, err := command.CombinedOutput()
	if err == nil || !strings.Contains(string(output), "TF_ACC_TERRAFORM_PATH is not a program") {
		t.Errorf("with a CLI that is not there the demo printed (%v):\n%s", err, output)
	}
}

// recorded compares the session in README.md with what the demo prints, less what differs from run
// to run.
func recorded(t *testing.T, output string) {
	t.Helper()
	readme, err := os.ReadFile("../../README.md")
	must(t, err)
	_, session, _ := strings.Cut(string(readme), "```text\n$ make demo\n")
	session, _, ok := strings.Cut(session, "```\n\n<!-- end of demo output -->")
	if !ok {
		t.Fatal("README.md has no session of make demo between its markers")
	}
	for _, varying := range []string{`(Terraform|OpenTofu) v\S+`, `127\.0\.0\.1:\d+`, `\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ`} {
		pattern := regexp.MustCompile(varying)
		session, output = pattern.ReplaceAllString(session, "*"), pattern.ReplaceAllString(output, "*")
	}
	if session != output {
		t.Errorf("README.md shows another session than the demo; run examples/demo/record.sh\nREADME.md:\n%s\nmake demo:\n%s",
			session, output)
	}
	if lines := strings.Count(session, "\n"); lines >= 40 {
		t.Errorf("the session in README.md has %d lines, want fewer than 40", lines)
	}
}

// TestDemoWithoutCLI gives the demo a PATH with the tools that it needs before it looks for a CLI,
// and no CLI.
func TestDemoWithoutCLI(t *testing.T) {
	path := t.TempDir()
	for _, tool := range []string{"bash", "dirname"} {
		file, err := exec.LookPath(tool)
		if err != nil {
			t.Skipf("the demo needs %s", tool)
		}
		must(t, os.Symlink(file, filepath.Join(path, tool)))
	}
	command := exec.CommandContext(t.Context(), filepath.Join(path, "bash"), demo)
	command.Env = []string{"PATH=" + path}
	output, err := command.CombinedOutput()
	if err == nil || !strings.Contains(string(output), "neither terraform nor tofu") ||
		!strings.Contains(string(output), "https://opentofu.org/") ||
		!strings.Contains(string(output), "https://developer.hashicorp.com/terraform/") {
		t.Errorf("without a CLI the demo printed (%v):\n%s", err, output)
	}
}
