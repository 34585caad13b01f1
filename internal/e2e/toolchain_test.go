package e2e

import (
	"bytes"
	"debug/buildinfo"
	"go/version"
	"os"
	"path/filepath"
	"regexp"
	"testing"
)

// TestToolchain builds the provider and compares the Go version in the binary with the toolchain
// line of go.mod, which carries the patch releases' fixes of net/url, crypto/tls, crypto/x509 and
// encoding/xml. A go command with GOTOOLCHAIN=local ignores that line.
func TestToolchain(t *testing.T) {
	dir := t.TempDir()
	buildProvider(t, dir)
	info, err := buildinfo.ReadFile(filepath.Join(dir, "terraform-provider-alioss"))
	must(t, err)
	if want := toolchain(t); version.Compare(info.GoVersion, want) < 0 {
		t.Errorf("this machine builds with %s, older than the toolchain of go.mod, %s", info.GoVersion, want)
	}
}

// TestReleaseToolchain wants the same of every released binary.
func TestReleaseToolchain(t *testing.T) {
	r := newRelease(t)
	want := toolchain(t)
	for _, platform := range r.platforms {
		info, err := buildinfo.Read(bytes.NewReader(content(t, r.unzip(t, platform)[r.binary(platform)])))
		must(t, err)
		if version.Compare(info.GoVersion, want) < 0 {
			t.Errorf("%s was built with %s, older than the toolchain of go.mod, %s", platform, info.GoVersion, want)
		}
	}
}

// toolchain returns the toolchain line of go.mod, such as "go1.26.8".
func toolchain(t *testing.T) string {
	t.Helper()
	text, err := os.ReadFile("../../go.mod")
	must(t, err)
	line := regexp.MustCompile(`(?m)^toolchain (go\S+)$`).FindSubmatch(text)
	if len(line) != 2 || !version.IsValid(string(line[1])) {
		t.Fatal("go.mod has no toolchain line")
	}
	return string(line[1])
}
