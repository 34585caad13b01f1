package main

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/alioss/terraform-provider-alioss/internal/acctest"
)

func TestMain(m *testing.M) { acctest.Main(m) }

func TestUnusedLogs(t *testing.T) {
	for _, tt := range []struct {
		environment []string
		isOff       bool
	}{
		{nil, true},
		{[]string{"PATH=/bin", "TF_LOG=", "TF_LOG_PROVIDER=", "TF_LOG_SDK="}, true},
		{[]string{"TF_LOG_CORE=TRACE", "TF_LOG_PATH=/tmp/log", "TF_LOGS=1", "MY_TF_LOG=TRACE"}, true},
		{[]string{"TF_LOG=OFF"}, true},
		{[]string{"TF_LOG=off", "TF_LOG_PROVIDER=OFF", "TF_LOG_PROVIDER_ALIOSS=Off", "TF_LOG_CORE=TRACE"}, true},
		{[]string{"TF_LOG=OFF", "TF_LOG_PROVIDER=TRACE"}, false},
		{[]string{"TF_LOG=OFFICE"}, false}, // to the CLI, what is no level is TRACE
		{[]string{"TF_LOG=TRACE"}, false},
		{[]string{"TF_LOG=JSON"}, false},
		{[]string{"TF_LOG_PROVIDER=DEBUG"}, false},
		{[]string{"TF_LOG_PROVIDER_ALIOSS=INFO"}, false},
		{[]string{"TF_LOG_SDK=TRACE"}, false},
		{[]string{"TF_LOG_SDK=OFF"}, false},
		{[]string{"TF_LOG_SDK_FRAMEWORK=TRACE"}, false},
		{[]string{"TF_LOG_SDK_PROTO=TRACE"}, false},
	} {
		t.Run(strings.Join(tt.environment, " "), func(t *testing.T) {
			var want []string
			if tt.isOff {
				want = []string{"TF_LOG_SDK", "TF_LOG_PROVIDER_ALIOSS"}
			}
			if got := unusedLogs(tt.environment); !slices.Equal(got, want) {
				t.Errorf("%q: %q are off, want %q", tt.environment, got, want)
			}
		})
	}
}

// The logs of the framework and of the provider come from the built provider under the real CLI if
// they are requested, and only then. How they are switched is the framework's, so that a test of
// without logs alone would not notice a change.
func TestLogsOnRequest(t *testing.T) {
	cli := acctest.Require(t)
	dir := t.TempDir()
	build(t, dir)
	write(t, dir, "cli.tfrc", `
provider_installation {
  dev_overrides {
    "registry.terraform.io/alioss/alioss" = "`+filepath.ToSlash(dir)+`"
    "registry.opentofu.org/alioss/alioss" = "`+filepath.ToSlash(dir)+`"
  }
  direct {}
}`)
	write(t, dir, "main.tf", `
terraform {
  required_providers {
    alioss = { source = "alioss/alioss" }
  }
}
provider "alioss" {
  region     = "cn-hangzhou"
  access_key = "LTAI5tExampleKeyId000001"
  secret_key = "example-secret-of-the-tests-0001"
}
data "alioss_presigned_url" "one" {
  bucket = "examplebucket"
  key    = "a"
}
data "alioss_presigned_urls" "many" {
  bucket = "examplebucket"
  keys   = ["a", "b"]
}`)
	const (
		trace  = "Calling provider defined Provider Configure"
		signed = "Signed with OSS Signature V4"
	)
	for _, tt := range []struct {
		variables []string
		logged    map[string]bool
	}{
		{[]string{"TF_LOG=TRACE"}, map[string]bool{trace: true, signed: true}},
		{[]string{"TF_LOG_PROVIDER=TRACE"}, map[string]bool{trace: true, signed: true}},
		{[]string{"TF_LOG_PROVIDER=DEBUG"}, map[string]bool{signed: true}},
		{[]string{"TF_LOG_CORE=TRACE"}, nil},
	} {
		log := filepath.Join(t.TempDir(), "log")
		command := exec.CommandContext(t.Context(), cli.Path, "plan", "-input=false", "-no-color")
		command.Dir = dir
		command.Env = append(withoutLogs(os.Environ()), "TF_CLI_CONFIG_FILE="+filepath.Join(dir, "cli.tfrc"),
			"TF_LOG_PATH="+log)
		command.Env = append(command.Env, tt.variables...)
		if output, err := command.CombinedOutput(); err != nil {
			t.Fatalf("%s: %v\n%s", tt.variables, err, output)
		}
		text, err := os.ReadFile(log)
		if err != nil {
			t.Fatal(err)
		}
		for _, message := range []string{trace, signed} {
			if got := bytes.Contains(text, []byte(message)); got != tt.logged[message] {
				t.Errorf("%s: the log of %d bytes holds %q: %t, want %t", tt.variables, len(text), message, got, tt.logged[message])
			}
		}
		for _, secret := range []string{"example-secret-of-the-tests-0001", "x-oss-signature=", "x-oss-signature%3D"} {
			if bytes.Contains(text, []byte(secret)) {
				t.Errorf("%s: the log holds %q", tt.variables, secret)
			}
		}
	}
}

// maxBinaryBytes bounds the provider's binary: every init and every download of it pays. A provider
// of this framework with nothing in it has 17.9 MB. More than the bound was linked in by accident,
// as an SDK of the service would be (TestLinked).
const maxBinaryBytes = 22_000_000

func TestBinarySize(t *testing.T) {
	if runtime.GOOS != "linux" || runtime.GOARCH != "amd64" {
		t.Skip("the bound is that of linux/amd64")
	}
	info, err := os.Stat(build(t, t.TempDir()))
	if err != nil {
		t.Fatal(err)
	}
	if info.Size() > maxBinaryBytes {
		t.Errorf("the binary has %d bytes, want at most %d; go list -deps . shows what is linked", info.Size(),
			maxBinaryBytes)
	}
	t.Logf("%d bytes", info.Size())
}

// build builds the provider into a directory.
func build(t *testing.T, dir string) string {
	t.Helper()
	binary := filepath.Join(dir, "terraform-provider-alioss")
	command := exec.CommandContext(t.Context(), "go", "build", "-trimpath", "-buildvcs=false", "-ldflags", "-s -w", "-o",
		binary, ".")
	command.Env = append(os.Environ(), "CGO_ENABLED=0")
	if output, err := command.CombinedOutput(); err != nil {
		t.Fatalf("go build: %v\n%s", err, output)
	}
	return binary
}

func write(t *testing.T, dir, name, text string) {
	t.Helper()
	if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

// withoutLogs returns an environment without the variables that request logs.
func withoutLogs(environment []string) []string {
	var rest []string
	for _, variable := range environment {
		if !strings.HasPrefix(variable, "TF_LOG") {
			rest = append(rest, variable)
		}
	}
	return rest
}
