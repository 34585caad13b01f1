package doctest

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/alioss/terraform-provider-alioss/internal/osstest"
)

// TestTerraform runs every Terraform block of the pages, and every example.
func TestTerraform(t *testing.T) {
	t.Parallel()
	w := newWorkplace(t)
	blocks := pageBlocks(t, "terraform", "hcl")
	blocks = append(blocks, examples(t, blocks)...)

	formatted := filepath.Join(w.dir, "fmt")
	var validate, apply []block
	for _, b := range blocks {
		if b.dir == "" {
			write(t, filepath.Join(formatted, b.name+".tf"), b.text)
		}
		if b.verdict != excused {
			validate = append(validate, b)
		}
		if b.verdict == run {
			apply = append(apply, b)
		}
		if b.verdict != run {
			t.Logf("%s %s: %s", b.verdict, b.place, b.reason)
		}
	}
	t.Logf("%s: %d blocks and examples, of which %d run, %d validated only, %d excused",
		w.cli, len(blocks), len(apply), len(validate)-len(apply), len(blocks)-len(validate))

	t.Run("fmt", func(t *testing.T) {
		t.Parallel()
		w.terraform(t, w.dir, "fmt", "-check", "-diff", "-recursive", formatted)
		examples, err := filepath.Abs(filepath.Join(root, "examples"))
		must(t, err)
		w.terraform(t, w.dir, "fmt", "-check", "-diff", "-recursive", examples)
	})
	t.Run("validate", func(t *testing.T) {
		t.Parallel()
		dir := filepath.Join(w.dir, "validate")
		w.install(t, dir, validate)
		w.terraform(t, dir, "validate", "-no-color")
	})
	t.Run("apply", func(t *testing.T) {
		t.Parallel()
		dir := filepath.Join(w.dir, "apply")
		oss := newOSS(t)
		w := oss.around(t, w)
		w.install(t, dir, apply)
		w.terraform(t, dir, "apply", "-auto-approve", "-no-color", "-compact-warnings")
		oss.download(t, w.terraform(t, dir, "show", "-json"), apply)
	})
	t.Run("pipeline", func(t *testing.T) {
		t.Parallel()
		dir := filepath.Join(w.dir, "pipeline")
		must(t, os.CopyFS(dir, os.DirFS(filepath.Join(root, "examples", "complete", "ci-pipeline"))))
		workflow, err := os.ReadFile(filepath.Join(dir, "github-actions.yml"))
		must(t, err)
		var steps []string
		for _, m := range terraformStep.FindAllStringSubmatch(string(workflow), -1) {
			steps = append(steps, m[1])
		}
		if want := []string{"init", "plan", "init", "apply"}; !slices.EqualFunc(steps, want, strings.HasPrefix) {
			t.Fatalf("the pipeline runs terraform %q, want %q", steps, want)
		}
		for _, step := range steps {
			if !strings.HasPrefix(step, "init") { // overridden providers are not installed
				w.terraform(t, dir, strings.Fields(step)...)
			}
		}
		if link := w.terraform(t, dir, "output", "-raw", "-no-color", "artifact_url"); !strings.Contains(link, "x-oss-signature=") {
			t.Error("the applied plan left no URL")
		}
	})
	t.Run("test files", func(t *testing.T) {
		t.Parallel()
		files, err := filepath.Glob(filepath.Join(root, "examples", "*", "*", "tests", "*.tftest.hcl"))
		must(t, err)
		if len(files) == 0 {
			t.Fatal("no test files below examples/")
		}
		top := filepath.Join(w.dir, "testfiles")
		must(t, os.CopyFS(top, os.DirFS(filepath.Join(root, "examples"))))
		var dirs []string
		runs := map[string]int{}
		for _, file := range files {
			dir, err := filepath.Rel(filepath.Join(root, "examples"), filepath.Dir(filepath.Dir(file)))
			must(t, err)
			if !slices.Contains(dirs, dir) {
				dirs = append(dirs, dir)
			}
			text, err := os.ReadFile(file)
			must(t, err)
			runs[dir] += strings.Count(string(text), "\nrun \"")
		}
		for _, dir := range dirs {
			w.terraform(t, filepath.Join(top, dir), "get", "-no-color")
			output := w.terraform(t, filepath.Join(top, dir), "test", "-no-color")
			if !strings.Contains(output, fmt.Sprintf("%d passed, 0 failed", runs[dir])) {
				t.Errorf("%s: not every one of %d runs passed:\n%s", dir, runs[dir], output)
			}
			t.Logf("%s: %s", filepath.ToSlash(dir), lastLine(output))
		}
	})
}

// terraformStep finds the steps of a workflow that run the CLI, with their arguments.
var terraformStep = regexp.MustCompile(`(?m)^ +- run: terraform (.+)$`)

func lastLine(text string) string {
	lines := strings.Split(strings.TrimSpace(text), "\n")
	return lines[len(lines)-1]
}

// oss is the stand-in, with the objects that the documentation names.
type oss struct {
	*osstest.Server

	tls string // address of https
}

func newOSS(t *testing.T) *oss {
	t.Helper()
	s := &oss{Server: osstest.New(osstest.Config{})}
	t.Cleanup(func() { must(t, s.Close()) })
	s.SetCredential(osstest.Credential{AccessKeyID: testKey, AccessKeySecret: testSecret})
	for _, key := range []string{"agent/agent-1.4.2.tar.gz", "agent/checksums.txt", "releases/1.4.2/app.tar.gz"} {
		s.have(t, "examplebucket", "cn-hangzhou", "", key, "")
	}
	_, err := s.Start("")
	must(t, err)
	base, err := s.StartTLS("")
	must(t, err)
	s.tls = strings.TrimPrefix(base, "https://")
	return s
}

// have makes sure that an object is there, and its bucket, bound to a domain.
func (s *oss) have(t *testing.T, bucket, region, domain, key, version string) {
	t.Helper()
	b := osstest.Bucket{Name: bucket, Region: region, Versioning: osstest.VersioningEnabled}
	if domain != "" {
		b.Domains = []string{domain}
	}
	must(t, s.SetBucket(b))
	if _, ok := s.Object(bucket, key, version); !ok {
		_, err := s.PutObject(bucket, osstest.Object{Key: key, VersionID: version, Body: []byte("content of " + key + "\n")})
		must(t, err)
	}
}

// profiles is the configuration of the Alibaba Cloud CLI that the pages speak of.
const profiles = `{"current": "production", "profiles": [
  {"name": "production", "mode": "AK", "access_key_id": "` + testKey + `", "access_key_secret": "` + testSecret + `"},
  {"name": "downloads", "mode": "AK", "access_key_id": "` + testKey + `", "access_key_secret": "` + testSecret + `"}
]}`

// around returns the workplace with an environment in which curl finds the stand-in behind every host.
func (s *oss) around(t *testing.T, w *workplace) *workplace {
	t.Helper()
	home := t.TempDir()
	ca, err := s.CAPEM()
	must(t, err)
	write(t, filepath.Join(home, "ca.pem"), string(ca))
	write(t, filepath.Join(home, ".curlrc"),
		fmt.Sprintf("connect-to = %q\ncacert = %q\nproxy = \"\"\n", "::"+s.tls, filepath.ToSlash(filepath.Join(home, "ca.pem"))))
	write(t, filepath.Join(home, ".aliyun", "config.json"), profiles)
	inside := *w
	inside.env = append(slices.Clone(w.env), "CURL_HOME="+home, "HOME="+home)
	return &inside
}

// module is a part of what `show -json` prints.
type module struct {
	Address   string `json:"address"`
	Resources []struct {
		Address string         `json:"address"`
		Type    string         `json:"type"`
		Values  map[string]any `json:"values"`
	} `json:"resources"`
	Children []module `json:"child_modules"`
}

// download uses every URL of a state, and wants each block whose configuration signs one to have given one.
func (s *oss) download(t *testing.T, shown string, applied []block) {
	t.Helper()
	shown = from(t, shown, `{"format_version"`)
	var state struct {
		Values struct {
			Root module `json:"root_module"`
		} `json:"values"`
	}
	must(t, json.Unmarshal([]byte(shown), &state))
	client, err := s.Client()
	must(t, err)
	gave := map[string]int{}
	var visit func(m module)
	visit = func(m module) {
		for _, r := range m.Resources {
			text := func(name string) string { v, _ := r.Values[name].(string); return v }
			urls := map[string]any{}
			switch r.Type {
			case "alioss_presigned_url":
				urls[text("key")] = text("url")
			case "alioss_presigned_urls":
				urls, _ = r.Values["urls"].(map[string]any)
			default:
				continue
			}
			for key, link := range urls {
				top := strings.Split(m.Address, ".")[1]
				gave[top]++
				version := text("version")
				if versions, ok := r.Values["versions"].(map[string]any); ok {
					version, _ = versions[key].(string)
				}
				s.use(t, client, r.Address, text, key, version, fmt.Sprint(link), r.Values["signed_headers"])
			}
		}
		for _, child := range m.Children {
			visit(child)
		}
	}
	visit(state.Values.Root)
	total := 0
	for _, b := range applied {
		total += gave[b.name]
		if strings.Contains(b.text, "data \"alioss_presigned_url") && gave[b.name] == 0 {
			t.Errorf("%s: no URL in state", b.place)
		}
	}
	t.Logf("%d URLs of %d applied blocks used on the stand-in", total, len(applied))
}

// use sends the request that a URL is for.
func (s *oss) use(t *testing.T, client *http.Client, address string, text func(string) string, key, version, link string, headers any) {
	t.Helper()
	u, err := url.Parse(link)
	must(t, err)
	domain := ""
	if text("domain") != "" {
		domain = u.Hostname() // in punycode
	}
	method := text("method")
	s.have(t, text("bucket"), text("region"), domain, key, version)
	req, err := http.NewRequestWithContext(t.Context(), method, link, strings.NewReader(""))
	must(t, err)
	if signed, ok := headers.(map[string]any); ok {
		for name, value := range signed {
			req.Header.Set(name, fmt.Sprint(value))
		}
	}
	resp, err := client.Do(req)
	must(t, err)
	body, err := io.ReadAll(resp.Body)
	must(t, err)
	must(t, resp.Body.Close())
	if resp.StatusCode/100 != 2 {
		t.Errorf("%s: %s %s answers %s, EC %s", address, method, key, resp.Status, resp.Header.Get("x-oss-ec"))
		return
	}
	if want := "content of " + key + "\n"; method == http.MethodGet && string(body) != want {
		t.Errorf("%s: got %q, want %q", address, body, want)
	}
}
