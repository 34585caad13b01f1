package e2e

import (
	"archive/zip"
	"bytes"
	"crypto/sha256"
	"debug/buildinfo"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/alioss/terraform-provider-alioss/internal/acctest"
)

// allPlatforms are the systems that a release has an archive for.
var allPlatforms = []string{
	"darwin_amd64", "darwin_arm64",
	"freebsd_386", "freebsd_amd64", "freebsd_arm", "freebsd_arm64",
	"linux_386", "linux_amd64", "linux_arm", "linux_arm64",
	"windows_386", "windows_amd64", "windows_arm64",
}

// release is what goreleaser left in a directory.
type release struct {
	dir       string
	version   string
	date      time.Time // of the commit, in whole seconds
	platforms []string
}

// newRelease reads the directory in ALIOSS_DIST. The test is skipped if the variable is not set:
// only make release-check sets it.
func newRelease(t *testing.T) *release {
	t.Helper()
	dir := os.Getenv("ALIOSS_DIST")
	if dir == "" {
		t.Skip("ALIOSS_DIST names no release files; make release-check builds them and runs this test")
	}
	text, err := os.ReadFile(filepath.Join(dir, "metadata.json"))
	must(t, err)
	var metadata struct {
		ProjectName string `json:"project_name"`
		Version     string
		Commit      string
	}
	must(t, json.Unmarshal(text, &metadata))
	if metadata.ProjectName != "terraform-provider-alioss" || metadata.Version == "" {
		t.Fatalf("metadata.json has %+v", metadata)
	}
	date, err := exec.CommandContext(t.Context(), "git", "-C", "../..", "show", "-s", "--format=%cI",
		metadata.Commit).Output()
	must(t, err)
	r := &release{dir: dir, version: metadata.Version, platforms: allPlatforms}
	if some := os.Getenv("ALIOSS_PLATFORMS"); some != "" {
		r.platforms = strings.Fields(some)
	}
	r.date, err = time.Parse(time.RFC3339, strings.TrimSpace(string(date)))
	must(t, err)
	return r
}

// file is a release file's name: the project's, the version's, and what is given.
func (r *release) file(rest string) string {
	return "terraform-provider-alioss_" + r.version + "_" + rest
}

// unzip returns an archive's files by name.
func (r *release) unzip(t *testing.T, platform string) map[string]*zip.File {
	t.Helper()
	archive, err := zip.OpenReader(filepath.Join(r.dir, r.file(platform+".zip")))
	must(t, err)
	t.Cleanup(func() { _ = archive.Close() })
	files := map[string]*zip.File{}
	for _, f := range archive.File {
		files[f.Name] = f
	}
	return files
}

// binary is the name that the CLI looks for in an archive.
func (r *release) binary(platform string) string {
	name := "terraform-provider-alioss_v" + r.version
	if strings.HasPrefix(platform, "windows_") {
		name += ".exe"
	}
	return name
}

func content(t *testing.T, f *zip.File) []byte {
	t.Helper()
	open, err := f.Open()
	must(t, err)
	text, err := io.ReadAll(open)
	must(t, err)
	must(t, open.Close())
	return text
}

func sum(data []byte) string {
	s := sha256.Sum256(data)
	return hex.EncodeToString(s[:])
}

// TestReleaseFiles checks the release files against the registry's conventions:
// https://developer.hashicorp.com/terraform/registry/providers/publishing#manually-preparing-a-release
func TestReleaseFiles(t *testing.T) {
	r := newRelease(t)
	manifest, err := os.ReadFile("../../terraform-registry-manifest.json")
	must(t, err)
	want := []string{sum(manifest) + "  " + r.file("manifest.json")}
	for _, platform := range r.platforms {
		archive, err := os.ReadFile(filepath.Join(r.dir, r.file(platform+".zip")))
		if err != nil {
			t.Error(err)
			continue
		}
		want = append(want, sum(archive)+"  "+r.file(platform+".zip"))

		files := r.unzip(t, platform)
		for _, name := range []string{"NOTICE", r.binary(platform)} {
			switch f := files[name]; {
			case f == nil:
				t.Errorf("%s: no %s", platform, name)
			case name != "NOTICE" && f.Mode().Perm() != 0o755:
				t.Errorf("%s: %s has mode %s", platform, name, f.Mode())
			case !f.Modified.Equal(r.date):
				t.Errorf("%s: %s is of %s, not of the commit, %s: the same commit would not give the same bytes", platform, name,
					f.Modified, r.date)
			}
		}
		if f := files["NOTICE"]; f != nil && !bytes.Contains(content(t, f), []byte("\nGo standard library and runtime ")) {
			t.Errorf("%s: NOTICE does not list the licence of Go itself", platform)
		}
		if len(files) != 2 {
			t.Errorf("%s: %d files, want 2", platform, len(files))
		}
	}
	text, err := os.ReadFile(filepath.Join(r.dir, r.file("SHA256SUMS")))
	must(t, err)
	got := strings.Split(strings.TrimSpace(string(text)), "\n")
	slices.Sort(got)
	slices.Sort(want)
	if !slices.Equal(got, want) {
		t.Errorf("SHA256SUMS has\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	archives, err := filepath.Glob(filepath.Join(r.dir, "*.zip"))
	must(t, err)
	if len(archives) != len(r.platforms) {
		t.Errorf("%d archives, want %d: %s", len(archives), len(r.platforms), archives)
	}
	t.Logf("%d archives of version %s: %s", len(archives), r.version, strings.Join(r.platforms, " "))
}

// TestReleaseSignature verifies the signature of SHA256SUMS by the key ring that made it.
func TestReleaseSignature(t *testing.T) {
	r := newRelease(t)
	if os.Getenv("GNUPGHOME") == "" {
		t.Skip("GNUPGHOME names no key ring; make release-check makes one where gpg is there")
	}
	sums := filepath.Join(r.dir, r.file("SHA256SUMS"))
	output, err := exec.CommandContext(t.Context(), "gpg", "--batch", "--verify", sums+".sig", sums).CombinedOutput()
	if err != nil {
		t.Errorf("gpg --verify: %v\n%s", err, output)
	}
	signature, err := os.ReadFile(sums + ".sig")
	must(t, err)
	if bytes.HasPrefix(signature, []byte("-----BEGIN")) {
		t.Error("the signature is armored; the registry takes a binary one")
	}
}

// TestReleaseReproducible builds the binary of this machine's system again, in another directory,
// and wants the same bytes.
func TestReleaseReproducible(t *testing.T) {
	r := newRelease(t)
	platform := runtime.GOOS + "_" + runtime.GOARCH
	released := content(t, r.unzip(t, platform)[r.binary(platform)])

	info, err := buildinfo.Read(bytes.NewReader(released))
	must(t, err)
	settings := map[string]string{}
	for _, s := range info.Settings {
		settings[s.Key] = s.Value
	}
	if settings["-trimpath"] != "true" || settings["CGO_ENABLED"] != "0" {
		t.Errorf("built with %v", settings)
	}
	if settings["vcs.modified"] == "true" {
		t.Skip("the release was built from a tree with uncommitted changes, which a clone does not have")
	}

	clone := filepath.Join(t.TempDir(), "clone")
	output, err := exec.CommandContext(t.Context(), "git", "clone", "--quiet", "../..", clone).CombinedOutput()
	if err != nil {
		t.Fatalf("git clone: %v\n%s", err, output)
	}
	again := filepath.Join(t.TempDir(), "again")
	build := exec.CommandContext(t.Context(), "go", "build", "-trimpath", "-ldflags", "-s -w -X main.version="+r.version,
		"-o", again, ".")
	build.Dir = clone
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if output, err := build.CombinedOutput(); err != nil {
		t.Fatalf("go build: %v\n%s", err, output)
	}
	rebuilt, err := os.ReadFile(again)
	must(t, err)
	if sum(rebuilt) != sum(released) {
		t.Errorf("the same commit gave %s in the release and %s in a clone", sum(released), sum(rebuilt))
	}
}

// TestReleaseInstalls lets the CLI install the release from a mirror in the file system, as
// machines without a registry do, and plans with it. Nothing is overridden.
func TestReleaseInstalls(t *testing.T) {
	r := newRelease(t)
	w := newWorkspace(t)
	host := "registry.terraform.io"
	if w.cli.OpenTofu {
		host = acctest.OpenTofuHost
	}
	platform := runtime.GOOS + "_" + runtime.GOARCH
	archive, err := os.ReadFile(filepath.Join(r.dir, r.file(platform+".zip")))
	must(t, err)
	mirror := t.TempDir()
	write(t, filepath.Join(mirror, host, "alioss", "alioss", r.file(platform+".zip")), string(archive))
	rc := filepath.Join(t.TempDir(), "mirror.tfrc")
	write(t, rc, fmt.Sprintf("provider_installation {\n  filesystem_mirror {\n    path = %q\n  }\n}\n",
		filepath.ToSlash(mirror)))
	w.env = append(w.env, "TF_CLI_CONFIG_FILE="+rc)

	write(t, filepath.Join(w.dir, "main.tf"), fmt.Sprintf(`terraform {
  required_providers {
    alioss = {
      source  = "alioss/alioss"
      version = %q
    }
  }
}

data "alioss_presigned_url" "agent" {
  bucket = "examplebucket"
  key    = "agent/agent-1.4.2.tar.gz"
}

output "url" {
  sensitive = true
  value     = data.alioss_presigned_url.agent.url
}
`, r.version))
	if output := w.run(t, "init", "-no-color"); !strings.Contains(output, "Installed alioss/alioss v"+r.version) {
		t.Errorf("init does not say that it installed %s:\n%s", r.version, output)
	}
	lock, err := os.ReadFile(filepath.Join(w.dir, ".terraform.lock.hcl"))
	must(t, err)
	if want := fmt.Sprintf("provider %q {\n  version     = %q\n", host+"/alioss/alioss",
		r.version); !strings.Contains(string(lock), want) {
		t.Errorf("the lock file does not say %q:\n%s", want, lock)
	}
	w.run(t, "plan", "-no-color", "-out=tfplan")
	var plan struct {
		Planned struct {
			Outputs map[string]struct {
				Value string
			}
		} `json:"planned_values"`
	}
	must(t, json.Unmarshal([]byte(w.run(t, "show", "-json", "tfplan")), &plan))
	if url := plan.Planned.Outputs["url"].Value; !strings.HasPrefix(url,
		"https://examplebucket.oss-cn-hangzhou.aliyuncs.com/agent/agent-1.4.2.tar.gz?") {
		t.Error("the plan of the installed provider holds no URL")
	}
	if output := w.run(t, "version"); !strings.Contains(output, host+"/alioss/alioss v"+r.version) {
		t.Errorf("version does not name the provider:\n%s", output)
	}
	t.Logf("%s installed %s from a mirror and planned with it", w.cli, r.file(platform+".zip"))
}
