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
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/hashicorp/go-version"

	"github.com/alioss/terraform-provider-alioss/internal/acctest"
)

// needsOSS finds configurations for which the provider sends requests to OSS or STS. It finds them
// by a proxy and a certificate authority in the environment, which Go's library reads on Linux.
var needsOSS = regexp.MustCompile(`(?m)^\s*(verify|pin_version)\s*= (true|terraform)|^  prefix +=|\bassume_role \{`)

// sift returns the blocks that the CLI can read, and logs for the others why it cannot.
func (w *workplace) sift(t *testing.T, blocks []block) []block {
	t.Helper()
	var good []block
	for _, b := range blocks {
		reason := ""
		for _, f := range acctest.Needs(b.text) {
			if !w.cli.Supports(f) {
				reason = w.cli.String() + " lacks " + f.Name
			}
		}
		if m := requiredVersion.FindStringSubmatch(b.text); m != nil {
			constraint, err := version.NewConstraint(m[1])
			must(t, err)
			if !constraint.Check(w.cli.Version.Core()) {
				reason = w.cli.String() + " is not " + m[1]
			}
		}
		if reason == "" {
			good = append(good, b)
			continue
		}
		t.Logf("left out %s: %s", b.place, reason)
	}
	if 2*len(good) < len(blocks) && w.cli.Supports(acctest.WriteOnly) {
		t.Errorf("%s runs only %d of %d blocks", w.cli, len(good), len(blocks))
	}
	return good
}

// TestTerraform runs every Terraform block of the pages, and every example.
func TestTerraform(t *testing.T) {
	t.Parallel()
	w := newWorkplace(t)
	blocks := pageBlocks(t, "terraform", "hcl")
	blocks = w.sift(t, append(blocks, examples(t, blocks)...))

	formatted := filepath.Join(w.dir, "fmt")
	var validate, apply []block
	for _, b := range blocks {
		if b.dir == "" {
			write(t, filepath.Join(formatted, b.name+".tf"), b.text)
		}
		if b.verdict != excused {
			validate = append(validate, b)
		}
		if b.verdict == run && (runtime.GOOS == "linux" || !needsOSS.MatchString(b.text)) {
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
		if !w.cli.Supports(acctest.Ephemeral) {
			return // an old CLI formats otherwise, or cannot read, what is newer than it
		}
		examples, err := filepath.Abs(filepath.Join(root, "examples"))
		must(t, err)
		w.terraform(t, w.dir, "fmt", "-check", "-diff", "-recursive", examples)
	})
	t.Run("validate", func(t *testing.T) {
		t.Parallel()
		dir := filepath.Join(w.dir, "validate")
		w.install(t, dir, validate)
		w.validate(t, dir)
	})
	t.Run("apply", func(t *testing.T) {
		t.Parallel()
		dir := filepath.Join(w.dir, "apply")
		world := newWorld(t)
		w := world.around(w)
		w.install(t, dir, apply)
		w.terraform(t, dir, "apply", "-auto-approve", "-no-color", "-compact-warnings")
		shown := parseState(t, w.terraform(t, dir, "show", "-json"))
		world.download(t, shown, apply)
		runMachines(t, shown, apply)
		if w.cli.Supports(acctest.NullMaps) { // older ones plan {} in place of a null map
			w.leavesServers(t, dir)
		}
	})
	t.Run("pipeline", func(t *testing.T) {
		t.Parallel()
		w.pipeline(t, blocks)
	})
	t.Run("test files", func(t *testing.T) {
		t.Parallel()
		w.testFiles(t)
	})
}

// later returns the workplace at a later plan: another key signs, so that every link is another
// one, and other providers have newer images and zones.
func (w *workplace) later() *workplace {
	inside := *w
	inside.env = append(slices.Clone(w.env), "OSS_ACCESS_KEY_ID="+laterKey, laterRound+"=2")
	return &inside
}

// actions plans, and returns what is to be done with the resources of a type, by their addresses.
func (w *workplace) actions(t *testing.T, dir, of string) map[string][]string {
	t.Helper()
	w.terraform(t, dir, "plan", "-out", "later", "-no-color", "-compact-warnings")
	var plan struct {
		Changes []struct {
			Address, Type string
			Change        struct{ Actions []string }
		} `json:"resource_changes"`
	}
	must(t, json.Unmarshal([]byte(from(t, w.terraform(t, dir, "show", "-json", "later"), `{"format_version"`)), &plan))
	found := map[string][]string{}
	for _, c := range plan.Changes {
		if c.Type == of {
			found[c.Address] = c.Change.Actions
		}
	}
	return found
}

var (
	noAction = []string{"no-op"}
	replaced = []string{"delete", "create"}
)

// leavesServers wants a later plan to leave every server of an applied configuration alone:
// alicloud stops and starts a server whose user data change, and replaces the system disk of one
// whose image does.
func (w *workplace) leavesServers(t *testing.T, dir string) {
	t.Helper()
	servers := w.later().actions(t, dir, "alicloud_instance")
	for address, actions := range servers {
		if !slices.Equal(actions, noAction) {
			t.Errorf("%s: a later plan wants to %q", address, actions)
		}
	}
	if len(servers) < 5 {
		t.Errorf("only %d servers in the documentation", len(servers))
	}
	t.Logf("a later plan leaves %d servers alone", len(servers))
}

// TestReplacedServers wants a server to be replaced when what it is made for changes, and not when
// a link does.
func TestReplacedServers(t *testing.T) {
	t.Parallel()
	if runtime.GOOS != "linux" {
		t.Skip("the provider finds OSS by a proxy and a certificate authority in the environment, which Go reads on Linux")
	}
	w := newWorkplace(t)
	for place, change := range map[string]func(t *testing.T, oss *world, dir string, b block){
		"examples/complete/replace-on-content/main.tf": func(t *testing.T, oss *world, _ string, _ block) {
			oss.replace(t, "agent/agent.tar.gz", archive("the next agent\n"))
		},
		"examples/resources/alioss_presigned_url/release.tf": func(t *testing.T, _ *world, dir string, b block) {
			file := filepath.Join(dir, "blocks", b.name, "main.tf")
			write(t, file, strings.ReplaceAll(b.text, `"1.4.2"`, `"1.5.0"`))
		},
	} {
		blocks := slices.DeleteFunc(examples(t, nil), func(b block) bool { return b.place != place })
		if blocks = w.sift(t, blocks); len(blocks) == 0 {
			continue
		}
		oss := newWorld(t)
		in, dir := oss.around(w), filepath.Join(w.dir, blocks[0].name)
		in.install(t, dir, blocks)
		in.terraform(t, dir, "apply", "-auto-approve", "-no-color", "-compact-warnings")
		want := func(when string, want []string) {
			t.Helper()
			servers := in.later().actions(t, dir, "alicloud_instance")
			for address, actions := range servers {
				if !slices.Equal(actions, want) {
					t.Errorf("%s: %s, and the plan wants to %q", address, when, actions)
				}
			}
			if len(servers) != 1 {
				t.Errorf("%s: %d servers", place, len(servers))
			}
		}
		want("the link is another one", noAction)
		change(t, oss, dir, blocks[0])
		want("what the server is made for has changed", replaced)
	}
}

// validate wants a configuration to be valid, and none of its arguments to be deprecated.
func (w *workplace) validate(t *testing.T, dir string) {
	t.Helper()
	output, err := w.command(t.Context(), dir, "validate", "-json")
	if err != nil {
		t.Errorf("%s validate: %v", w.cli, err)
	}
	var result struct {
		Diagnostics []struct {
			Severity, Summary, Detail string
			Range                     struct{ Filename string }
		}
	}
	must(t, json.Unmarshal([]byte(from(t, output, "{")), &result))
	for _, d := range result.Diagnostics {
		if d.Severity == "error" || strings.Contains(strings.ToLower(d.Summary+d.Detail), "deprecated") {
			t.Errorf("%s: %s: %s", d.Range.Filename, d.Summary, d.Detail)
		}
	}
}

// pipeline runs the steps of the pipeline's workflow that run the CLI.
func (w *workplace) pipeline(t *testing.T, blocks []block) {
	t.Helper()
	if !slices.ContainsFunc(blocks, func(b block) bool { return b.dir == "complete/ci-pipeline" }) {
		t.Skip("the example is left out")
	}
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
	world := newWorld(t)
	inside := world.around(w)
	for _, step := range steps {
		if !strings.HasPrefix(step, "init") { // overridden providers are not installed
			inside.terraform(t, dir, strings.Fields(step)...)
		}
	}
	link := from(t, inside.terraform(t, dir, "output", "-raw", "-no-color", "artifact_url"), "https://")
	before := string(content("builds/main/app.tar.gz"))
	if _, got := world.get(t, link); got != before {
		t.Error("the applied plan left no link to the artifact")
	}
	// The next build uploads its artifact. The link that was handed over still opens the one
	// before.
	world.replace(t, "builds/main/app.tar.gz", []byte("the next build\n"))
	if _, got := world.get(t, link); got != before {
		t.Error("the pinned link opens another build's artifact")
	}
}

// testFiles runs the examples' test files.
func (w *workplace) testFiles(t *testing.T) {
	t.Helper()
	if !w.cli.Supports(acctest.ModuleTest) || !w.cli.Supports(acctest.Functions) {
		t.Skipf("%s lacks %s", w.cli, acctest.ModuleTest.Name)
	}
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
}

// terraformStep finds the steps of a workflow that run the CLI, with their arguments.
var terraformStep = regexp.MustCompile(`(?m)^ +- run: terraform (.+)$`)

func lastLine(text string) string {
	lines := strings.Split(strings.TrimSpace(text), "\n")
	return lines[len(lines)-1]
}

var requiredVersion = regexp.MustCompile(`(?m)^\s*required_version = "([^"]+)"`)

// TestRequiredVersions wants a complete example to require a CLI version, and the versions of its
// providers; and a page to name the version that its blocks need beyond the oldest.
func TestRequiredVersions(t *testing.T) {
	t.Parallel()
	for _, b := range examples(t, nil) {
		if b.dir == "" || b.dir == "demo" {
			continue
		}
		m := requiredVersion.FindStringSubmatch(b.text)
		if m == nil {
			t.Errorf("%s: no required_version", b.place)
			continue
		}
		constraint, err := version.NewConstraint(m[1])
		must(t, err)
		for _, f := range append(acctest.Needs(b.text), acctest.Oldest) {
			since := f.Terraform
			first := version.Must(version.NewVersion(since))
			if segments := first.Segments(); segments[1] > 0 {
				before := version.Must(version.NewVersion(fmt.Sprintf("%d.%d.99", segments[0], segments[1]-1)))
				if constraint.Check(before) {
					t.Errorf("%s: required_version %q allows Terraform %s, which lacks %s", b.place, m[1], before, f.Name)
				}
			}
		}
		sources, versions := strings.Count(b.text, "      source  = "), strings.Count(b.text, "      version = ")
		if sources == 0 || sources != versions {
			t.Errorf("%s: %d providers, %d versions of providers", b.place, sources, versions)
		}
	}
	for file, text := range pages(t) {
		if !strings.HasPrefix(file, "docs/") {
			continue
		}
		found, err := blocksOf(file, text)
		must(t, err)
		for _, b := range found {
			if b.language != "terraform" && b.language != "hcl" {
				continue
			}
			needed, by := version.Must(version.NewVersion("1.0.0")), acctest.Oldest
			for _, f := range acctest.Needs(b.text) {
				since := f.Terraform
				if v := version.Must(version.NewVersion(since)); v.GreaterThan(needed) {
					needed, by = v, f
				}
			}
			name := "Terraform " + strings.TrimSuffix(needed.String(), ".0")
			if by != acctest.Oldest && !strings.Contains(string(text), name) {
				t.Errorf("%s uses %s, and the page does not name %s", b.place, by.Name, name)
			}
		}
	}
}

// state is a part of what `show -json` prints.
type state struct {
	Values struct {
		Outputs map[string]struct{ Value any } `json:"outputs"`
		Root    module                         `json:"root_module"`
	} `json:"values"`
}

type module struct {
	Address   string `json:"address"`
	Resources []struct {
		Address string         `json:"address"`
		Type    string         `json:"type"`
		Values  map[string]any `json:"values"`
	} `json:"resources"`
	Children []module `json:"child_modules"`
}

func parseState(t *testing.T, shown string) state {
	t.Helper()
	var s state
	must(t, json.Unmarshal([]byte(from(t, shown, `{"format_version"`)), &s))
	return s
}

// output returns an output of a block's module, as text.
func (s state) output(b block, name string) (string, bool) {
	of, ok := s.Values.Outputs[b.name].Value.(map[string]any)
	if !ok {
		return "", false
	}
	text, ok := of[name].(string)
	return text, ok
}

// attribute returns an attribute of the only resource of a type in a block's module, as text.
func (s state) attribute(b block, kind, name string) (string, bool) {
	for _, m := range s.Values.Root.Children {
		if m.Address != "module."+b.name {
			continue
		}
		for _, r := range m.Resources {
			if text, ok := r.Values[name].(string); ok && r.Type == kind {
				return text, true
			}
		}
	}
	return "", false
}

// download uses every URL of a state, and wants each block whose configuration signs one to have
// given one.
func (w *world) download(t *testing.T, s state, applied []block) {
	t.Helper()
	client := w.client(t)
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
				w.use(t, client, r.Address, text, key, version, fmt.Sprint(link), r.Values["signed_headers"])
			}
		}
		for _, child := range m.Children {
			visit(child)
		}
	}
	visit(s.Values.Root)
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
func (w *world) use(
	t *testing.T,
	client *http.Client,
	address string,
	text func(string) string,
	key, version, link string,
	headers any,
) {
	t.Helper()
	u, err := url.Parse(link)
	must(t, err)
	domain := ""
	if text("domain") != "" {
		domain = u.Hostname() // in punycode
	}
	method := text("method")
	if method == "" {
		method = http.MethodGet
	}
	w.have(t, text("bucket"), text("region"), domain, key, version)
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
	if method == http.MethodGet && string(body) != string(content(key)) {
		t.Errorf("%s: got %d bytes that are not the object's", address, len(body))
	}
}
