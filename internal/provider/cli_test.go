package provider

import (
	"archive/zip"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"io/fs"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/hashicorp/go-hclog"
	"github.com/hashicorp/go-plugin"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6/tf6server"

	"github.com/alioss/terraform-provider-alioss/internal/acctest"
)

// cli is a working directory of the real CLI, whose providers run in the test's process and by the
// test's clock. Unlike terraform-plugin-testing it takes every command and flag, and shows exit
// codes, messages and the files as they are.
type cli struct {
	t        *testing.T
	w        *world
	bin      string // path of the CLI
	openTofu bool
	dir      string
	env      []string
	// sink is a provider that takes write-only values and a secret in its block.
	sink *sink
}

// cli returns an empty working directory, or skips the test if no CLI has the features.
func (w *world) cli(t *testing.T, features ...acctest.Feature) *cli {
	t.Helper()
	found := acctest.Require(t, features...)
	t.Setenv("TF_LOG_SDK", "OFF") // as main does
	c := &cli{t: t, w: w, bin: found.Path, openTofu: found.OpenTofu, dir: t.TempDir(), sink: &sink{}}
	attach := map[string]any{}
	for name, server := range map[string]tfprotov6.ProviderServer{
		"alioss/alioss": w.server(t),
		"test/sink":     c.sink.server(t),
	} {
		config := serve(t, name, server)
		attach["registry.terraform.io/"+name], attach["registry.opentofu.org/"+name] = config, config
	}
	reattach, err := json.Marshal(attach)
	if err != nil {
		t.Fatal(err)
	}
	c.env = append(os.Environ(), "TF_REATTACH_PROVIDERS="+string(reattach), "TF_IN_AUTOMATION=1", "TF_LOG=",
		"TF_CLI_ARGS=-no-color",
		"CHECKPOINT_DISABLE=1", "TF_CLI_CONFIG_FILE="+os.DevNull)
	return c
}

// serve serves a provider until the end of the test, and returns what the CLI needs to reach it.
func serve(t *testing.T, name string, server tfprotov6.ProviderServer) any {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	configs, closed := make(chan *plugin.ReattachConfig), make(chan struct{})
	failed := make(chan error, 1)
	go func() {
		failed <- tf6server.Serve(name, func() tfprotov6.ProviderServer {
			return server
		}, tf6server.WithDebug(ctx, configs, closed),
			tf6server.WithGoPluginLogger(hclog.NewNullLogger()), tf6server.WithoutLogStderrOverride())
	}()
	t.Cleanup(func() {
		cancel()
		<-closed
	})
	config := <-configs
	if config == nil {
		t.Fatal(<-failed)
	}
	return map[string]any{
		"Protocol": config.Protocol, "ProtocolVersion": 6, "Pid": config.Pid, "Test": true,
		"Addr": map[string]string{"Network": config.Addr.Network(), "String": config.Addr.String()},
	}
}

const requiredProviders = `
terraform {
  required_providers {
    alioss = { source = "alioss/alioss" }
    sink   = { source = "test/sink" }
  }
}
`

// write replaces the configuration, or skips the test if the CLI does not support what it uses.
func (c *cli) write(config string) {
	c.t.Helper()
	acctest.Require(c.t, acctest.Needs(config)...)
	c.file("main.tf", requiredProviders+config)
}

// file writes a file into the working directory.
func (c *cli) file(name, text string) {
	c.t.Helper()
	path := filepath.Join(c.dir, filepath.FromSlash(name))
	if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o755), os.WriteFile(path, []byte(text), 0o600)); err != nil {
		c.t.Fatal(err)
	}
}

// run runs a command, and returns what it printed, with lines joined that were broken at a width,
// and its exit code.
func (c *cli) run(command ...string) (string, int) {
	c.t.Helper()
	process := exec.CommandContext(c.t.Context(), c.bin, command...)
	process.Dir, process.Env = c.dir, c.env
	output, err := process.CombinedOutput()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		c.t.Fatal(err)
	}
	if bytes.Contains(output, []byte("x-oss-signature=")) {
		c.t.Fatalf("%s shows a URL", strings.Join(command, " "))
	}
	return strings.Join(strings.Fields(strings.ReplaceAll(string(output), "│", " ")), " "), process.ProcessState.ExitCode()
}

// must runs a command that exits with a code.
func (c *cli) must(code int, command ...string) string {
	c.t.Helper()
	output, got := c.run(command...)
	if got != code {
		c.t.Fatalf("%s exits with %d, want %d:\n%s", strings.Join(command, " "), got, code, output)
	}
	return output
}

// The exit codes of plan.
const (
	same    = 0
	changes = 2
)

// plan saves a plan with -detailed-exitcode.
func (c *cli) plan(code int, flags ...string) string {
	c.t.Helper()
	return c.must(code, append([]string{"plan", "-input=false", "-detailed-exitcode", "-out=saved"}, flags...)...)
}

// apply applies the saved plan.
func (c *cli) apply() string {
	c.t.Helper()
	return c.must(0, "apply", "-input=false", "saved")
}

// both plans and applies.
func (c *cli) both() string {
	c.t.Helper()
	return c.must(0, "apply", "-input=false", "-auto-approve")
}

// planned returns what the saved plan does, by address: "update url expires_at signing_time" names
// what is unknown.
func (c *cli) planned() map[string]string {
	c.t.Helper()
	process := exec.CommandContext(c.t.Context(), c.bin, "show", "-json", "saved")
	process.Dir, process.Env = c.dir, c.env
	output, err := process.Output()
	if err != nil {
		c.t.Fatal(err)
	}
	var plan struct {
		ResourceChanges []struct {
			Address string
			Change  struct {
				Actions      []string
				AfterUnknown map[string]any `json:"after_unknown"`
			}
		} `json:"resource_changes"`
	}
	if err := json.Unmarshal(output, &plan); err != nil {
		c.t.Fatal(err)
	}
	actions := map[string]string{}
	for _, r := range plan.ResourceChanges {
		if r.Change.Actions[0] == "no-op" {
			continue
		}
		words := slices.Clone(r.Change.Actions)
		for _, name := range slices.Sorted(maps.Keys(r.Change.AfterUnknown)) {
			if r.Change.AfterUnknown[name] == true {
				words = append(words, name)
			}
		}
		actions[r.Address] = strings.Join(words, " ")
	}
	return actions
}

// plans holds what the saved plan does, beside nothing, against what is wanted.
func (c *cli) plans(want map[string]string) {
	c.t.Helper()
	if got := c.planned(); !maps.Equal(got, want) {
		c.t.Fatalf("the plan does\n%v\nwant\n%v", got, want)
	}
}

// opensText checks that OSS accepts a URL from the wire now, for a GET of a key.
func (w *world) opensText(t *testing.T, url, key string) {
	t.Helper()
	if err := w.accepted("GET", key, nil).CheckValue(url); err != nil {
		t.Fatal(err)
	}
}

// attributes returns the attributes of an instance in the state file.
func (c *cli) attributes(address string) map[string]any {
	c.t.Helper()
	var state struct {
		Resources []struct {
			Module, Mode, Type, Name string
			Instances                []struct {
				IndexKey   any `json:"index_key"`
				Attributes map[string]any
			}
		}
	}
	text, err := os.ReadFile(filepath.Join(c.dir, "terraform.tfstate"))
	if err != nil {
		c.t.Fatal(err)
	}
	if err := json.Unmarshal(text, &state); err != nil {
		c.t.Fatal(err)
	}
	for _, r := range state.Resources {
		name := strings.TrimPrefix(r.Module+"."+r.Type+"."+r.Name, ".")
		if r.Mode == "data" {
			name = strings.TrimPrefix(r.Module+".data."+r.Type+"."+r.Name, ".")
		}
		for _, i := range r.Instances {
			key := ""
			if i.IndexKey != nil {
				b, err := json.Marshal(i.IndexKey)
				if err != nil {
					c.t.Fatal(err)
				}
				key = "[" + string(b) + "]"
			}
			if name+key == address {
				return i.Attributes
			}
		}
	}
	c.t.Fatalf("the state holds no %s", address)
	return nil
}

func (c *cli) url(address string) string {
	c.t.Helper()
	url, _ := c.attributes(address)["url"].(string)
	return url
}

// holding returns the files of the working directory that contain a text, plan files unpacked.
func (c *cli) holding(text string) []string {
	c.t.Helper()
	var found []string
	err := filepath.WalkDir(c.dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		content, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		parts := map[string][]byte{d.Name(): content}
		if archive, err := zip.NewReader(bytes.NewReader(content), int64(len(content))); err == nil {
			for _, f := range archive.File {
				r, err := f.Open()
				if err != nil {
					return err
				}
				if parts[d.Name()+":"+f.Name], err = io.ReadAll(r); err != nil {
					return err
				}
			}
		}
		for name, part := range parts {
			if bytes.Contains(part, []byte(text)) {
				found = append(found, name)
			}
		}
		return nil
	})
	if err != nil {
		c.t.Fatal(err)
	}
	slices.Sort(found)
	return found
}
