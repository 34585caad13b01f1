// Package acctest finds the CLI that acceptance tests run, Terraform or OpenTofu, and checks what
// it can do.
package acctest

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"testing"

	"github.com/hashicorp/go-version"
)

// OpenTofuHost is the registry in which OpenTofu looks for providers. TF_ACC_PROVIDER_HOST names it
// to the test framework.
const OpenTofuHost = "registry.opentofu.org"

// CLI is a Terraform or OpenTofu command.
type CLI struct {
	Path     string
	OpenTofu bool
	Version  *version.Version
}

// String is the product's name with its version.
func (c CLI) String() string {
	product := "Terraform"
	if c.OpenTofu {
		product = "OpenTofu"
	}
	return product + " " + c.Version.String()
}

// Feature is something that CLIs have learned at some version.
type Feature struct {
	Name                string
	Terraform, OpenTofu string // the first versions that have it, such as "1.8.0"
}

// Oldest is what every CLI has that the documentation promises to work with.
var Oldest = Feature{"protocol 6", "1.0.0", "1.6.0"}

// The features that this provider uses beyond protocol 6. Version numbers alone do not compare:
// Terraform 1.10 has ephemeral resources, OpenTofu 1.10 has not.
var (
	Functions  = Feature{"provider functions", "1.8.0", "1.7.0"}
	Ephemeral  = Feature{"ephemeral resources", "1.10.0", "1.11.0"}
	WriteOnly  = Feature{"write-only arguments", "1.11.0", "1.11.0"}
	Checks     = Feature{"check blocks", "1.5.0", "1.6.0"}
	Test       = Feature{"test files", "1.6.0", "1.6.0"}
	ModuleTest = Feature{"mocked providers in test files", "1.7.0", "1.8.0"}
)

// The features that only the configurations of tests use. OpenTofu began with them.
var (
	Conditions   = Feature{"preconditions, postconditions and replace_triggered_by", "1.2.0", "1.6.0"}
	Optional     = Feature{"optional attributes, timecmp, startswith and endswith", "1.3.0", "1.6.0"}
	Data         = Feature{"terraform_data", "1.4.0", "1.6.0"}
	NewResults   = Feature{"new values for results in ignore_changes", "1.2.6", "1.6.0"}
	NullMaps     = Feature{"null maps that stay null beside ignore_changes", "1.1.0", "1.6.0"}
	ShownMarks   = Feature{"sensitive attributes in what show prints", "1.4.6", "1.6.0"}
	ImportBlocks = Feature{"import blocks, strcontains and plantimestamp", "1.5.0", "1.6.0"}
)

// marks are words of configurations, each with the feature that it shows.
var marks = []struct {
	pattern *regexp.Regexp
	feature Feature
}{
	{regexp.MustCompile(`\bprovider::`), Functions},
	{regexp.MustCompile(`(?m)^\s*ephemeral "`), Ephemeral},
	{regexp.MustCompile(`\bephemeral\s*=\s*true\b|\bterraform\.applying\b`), Ephemeral},
	{regexp.MustCompile(`(?m)^\s*\w+_wo\s*=`), WriteOnly},
	{regexp.MustCompile(`(?m)^\s*check "`), Checks},
	{regexp.MustCompile(`(?m)^run "`), Test},
	{regexp.MustCompile(`(?m)^(mock_provider|override_(resource|data)) `), ModuleTest},
	{regexp.MustCompile(`\b(precondition|postcondition) \{|\breplace_triggered_by\b`), Conditions},
	{regexp.MustCompile(`\b(optional|timecmp|startswith|endswith)\(`), Optional},
	{regexp.MustCompile(`\bterraform_data\b`), Data},
	{regexp.MustCompile(`(?m)^\s*import \{|\b(strcontains|plantimestamp)\(`), ImportBlocks},
}

// Needs returns the features that a configuration uses, so far as its words show them.
func Needs(config string) []Feature {
	var needed []Feature
	for _, m := range marks {
		if m.pattern.MatchString(config) {
			needed = append(needed, m.feature)
		}
	}
	return needed
}

// Supports reports whether the CLI has a feature.
func (c CLI) Supports(f Feature) bool {
	since := f.Terraform
	if c.OpenTofu {
		since = f.OpenTofu
	}
	return c.Version.Core().GreaterThanOrEqual(version.Must(version.NewVersion(since)))
}

// ErrNoCLI is the error if there is neither CLI.
var ErrNoCLI = errors.New("neither terraform nor tofu is in PATH, and TF_ACC_TERRAFORM_PATH names none")

// Find returns the CLI that TF_ACC_TERRAFORM_PATH names, otherwise terraform or tofu from PATH. The
// error is ErrNoCLI if there is none.
func Find() (CLI, error) {
	path := os.Getenv("TF_ACC_TERRAFORM_PATH")
	for _, name := range []string{"terraform", "tofu"} {
		if path == "" {
			path, _ = exec.LookPath(name)
		}
	}
	if path == "" {
		return CLI{}, ErrNoCLI
	}
	command := exec.CommandContext(context.Background(), path, "version")
	command.Env = append(os.Environ(), "CHECKPOINT_DISABLE=1", "TF_CLI_CONFIG_FILE="+os.DevNull, "TF_LOG=")
	output, err := command.Output()
	if err != nil {
		return CLI{}, fmt.Errorf("%s version: %w", path, err)
	}
	return parse(path, string(output))
}

var versionLine = regexp.MustCompile(`(?m)^(Terraform|OpenTofu) v(\S+)`)

func parse(path, output string) (CLI, error) {
	m := versionLine.FindStringSubmatch(output)
	if m == nil {
		line, _, _ := strings.Cut(output, "\n")
		return CLI{}, fmt.Errorf("%s version: neither Terraform nor OpenTofu says so in %q", path, line)
	}
	v, err := version.NewVersion(m[2])
	if err != nil {
		return CLI{}, fmt.Errorf("%s version: %w", path, err)
	}
	return CLI{Path: path, OpenTofu: m[1] == "OpenTofu", Version: v}, nil
}

// Main is for TestMain. It points the test framework to the CLI that is there, so that it downloads
// none, and to the registry of that CLI. It also keeps the CLI from phoning home and from reading
// the user's configuration.
func Main(m *testing.M) {
	set := func(name, value string) {
		if err := os.Setenv(name, value); err != nil {
			panic(err)
		}
	}
	set("CHECKPOINT_DISABLE", "1")
	set("TF_CLI_CONFIG_FILE", os.DevNull)
	set("ALIBABA_CLOUD_ECS_METADATA_DISABLED", "true")
	if cli, err := Find(); err == nil {
		set("TF_ACC_TERRAFORM_PATH", cli.Path)
		if cli.OpenTofu && os.Getenv("TF_ACC_PROVIDER_HOST") == "" {
			set("TF_ACC_PROVIDER_HOST", OpenTofuHost)
		}
	}
	os.Exit(m.Run())
}

// Require returns the CLI, or skips the test with the reason: acceptance tests need TF_ACC, a CLI,
// and one that has the features.
func Require(t testing.TB, features ...Feature) CLI {
	t.Helper()
	if os.Getenv("TF_ACC") == "" {
		t.Skip("acceptance test: set TF_ACC=1 to run it with terraform or tofu")
	}
	cli, err := Find()
	if errors.Is(err, ErrNoCLI) {
		t.Skip("acceptance test: " + err.Error())
	}
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range features {
		if !cli.Supports(f) {
			t.Skipf("%s lacks %s", cli, f.Name)
		}
	}
	return cli
}
