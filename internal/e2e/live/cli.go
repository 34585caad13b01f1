package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"github.com/alioss/terraform-provider-alioss/internal/acctest"
)

// block is a data source of a configuration.
type block struct {
	// many makes it alioss_presigned_urls.
	many bool
	// provider is the alias of the provider block, empty for the one without.
	provider  string
	arguments map[string]any
}

// text returns a text argument, or "" if there is none.
func (b *block) text(argument string) string {
	s, _ := b.arguments[argument].(string)
	return s
}

// signed is what a block returned.
type signed struct {
	URL       string            `json:"url"`
	URLs      map[string]string `json:"urls"`
	Headers   map[string]string `json:"signed_headers"`
	ExpiresAt string            `json:"expires_at"`
	Object    *struct {
		Size      int64  `json:"size"`
		ETag      string `json:"etag"`
		VersionID string `json:"version_id"`
	} `json:"object"`
	// refused is the error of a block that returned nothing.
	refused *diagnostic
}

// diagnostic is an error of the CLI.
type diagnostic struct {
	Severity string `json:"severity"`
	Summary  string `json:"summary"`
	Detail   string `json:"detail"`
	Address  string `json:"address"`
}

// workspace is the directory in which the CLI runs with the built provider.
type workspace struct {
	cli acctest.CLI
	dir string
	env []string
	// providers are the provider blocks of every configuration.
	providers []any
}

// newWorkspace builds the provider, unless there is a directory with one.
func newWorkspace(ctx context.Context, s service) (*workspace, error) {
	cli, err := acctest.Find()
	if err != nil {
		return nil, err
	}
	dir, err := os.MkdirTemp("", "alioss-live-")
	if err != nil {
		return nil, err
	}
	w := &workspace{cli: cli, dir: dir}
	provider := s.provider
	if provider == "" {
		provider = filepath.Join(dir, "provider")
		if err := buildProvider(ctx, provider); err != nil {
			w.remove()
			return nil, err
		}
	}
	path, rc := filepath.ToSlash(provider), filepath.Join(dir, "cli.tfrc")
	text := fmt.Sprintf("provider_installation {\n  dev_overrides {\n    %q = %q\n    %q = %q\n  }\n}\n",
		"registry.terraform.io/alioss/alioss", path, acctest.OpenTofuHost+"/alioss/alioss", path)
	if err := os.WriteFile(rc, []byte(text), 0o600); err != nil {
		w.remove()
		return nil, err
	}
	w.env = append(append([]string{}, s.env...), "CHECKPOINT_DISABLE=1", "TF_IN_AUTOMATION=1", "TF_INPUT=0",
		"TF_CLI_CONFIG_FILE="+rc)
	return w, nil
}

// buildProvider builds the provider of this tree into a directory.
func buildProvider(ctx context.Context, dir string) error {
	build := exec.CommandContext(ctx, "go", "build", "-trimpath", "-buildvcs=false", "-o",
		filepath.Join(dir, "terraform-provider-alioss"),
		"github.com/alioss/terraform-provider-alioss")
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if output, err := build.CombinedOutput(); err != nil {
		return fmt.Errorf("go build: %w\n%s", err, output)
	}
	return nil
}

// remove deletes all files, of which states contain URLs.
func (w *workspace) remove() { _ = os.RemoveAll(w.dir) }

// sign applies blocks, and returns what each returned. A block that is refused does not keep the
// others from being signed. The error is of the CLI as a whole.
func (w *workspace) sign(ctx context.Context, name string, blocks []block) ([]signed, error) {
	results := make([]signed, len(blocks))
	dir := filepath.Join(w.dir, name)
	if err := os.Mkdir(dir, 0o700); err != nil {
		return nil, err
	}
	for range blocks { // each turn takes out at least one block
		configuration, err := json.Marshal(w.configuration(blocks, results))
		if err != nil {
			return nil, err
		}
		if err := os.WriteFile(filepath.Join(dir, "main.tf.json"), configuration, 0o600); err != nil {
			return nil, err
		}
		output, err := w.run(ctx, dir, "apply", "-auto-approve", "-input=false", "-no-color", "-json")
		if ctx.Err() != nil {
			return nil, context.Cause(ctx)
		}
		if err == nil {
			return results, w.outputs(ctx, dir, results)
		}
		if !takeOut(output, results) {
			return nil, fmt.Errorf("%s apply: %w\n%s", w.cli, err, diagnosticsOf(output))
		}
	}
	return results, nil
}

// takeOut notes the errors of blocks, and reports whether there was one.
func takeOut(output []byte, results []signed) bool {
	found := false
	for _, d := range diagnosticsIn(output) {
		_, name, _ := strings.Cut(d.Address, ".b")
		i := -1
		if _, err := fmt.Sscan(name, &i); err != nil || i < 0 || i >= len(results) || results[i].refused != nil {
			continue
		}
		results[i].refused, found = &d, true
	}
	return found
}

// diagnosticsIn returns the errors among the lines of `apply -json`.
func diagnosticsIn(output []byte) []diagnostic {
	var all []diagnostic
	lines := bufio.NewScanner(bytes.NewReader(output))
	lines.Buffer(nil, 16<<20)
	for lines.Scan() {
		var line struct {
			Diagnostic *diagnostic `json:"diagnostic"`
		}
		if json.Unmarshal(lines.Bytes(), &line) == nil && line.Diagnostic != nil && line.Diagnostic.Severity == "error" {
			all = append(all, *line.Diagnostic)
		}
	}
	return all
}

func diagnosticsOf(output []byte) string {
	var b strings.Builder
	for _, d := range diagnosticsIn(output) {
		fmt.Fprintf(&b, "%s: %s\n", d.Summary, d.Detail)
	}
	return b.String()
}

// configuration is the blocks that were not refused, as JSON syntax of the configuration language.
func (w *workspace) configuration(blocks []block, results []signed) map[string]any {
	one, many, outputs := map[string]any{}, map[string]any{}, map[string]any{}
	for i, b := range blocks {
		if results[i].refused != nil {
			continue
		}
		name, typ, into := fmt.Sprintf("b%d", i), "alioss_presigned_url", one
		if b.many {
			typ, into = "alioss_presigned_urls", many
		}
		arguments := map[string]any{}
		for argument, value := range b.arguments {
			arguments[argument] = literal(value)
		}
		if b.provider != "" {
			arguments["provider"] = "alioss." + b.provider
		}
		into[name] = arguments
		outputs[name] = map[string]any{"sensitive": true, "value": "${data." + typ + "." + name + "}"}
	}
	data := map[string]any{}
	for typ, all := range map[string]map[string]any{"alioss_presigned_url": one, "alioss_presigned_urls": many} {
		if len(all) > 0 {
			data[typ] = all
		}
	}
	return map[string]any{
		"terraform": map[string]any{
			"required_providers": map[string]any{"alioss": map[string]any{"source": "alioss/alioss"}},
		},
		"provider": map[string]any{"alioss": w.providers},
		"data":     data,
		"output":   outputs,
	}
}

// literal keeps the CLI from taking a value for a template.
func literal(value any) any {
	escape := strings.NewReplacer("${", "$${", "%{", "%%{").Replace
	switch v := value.(type) {
	case string:
		return escape(v)
	case []string:
		all := make([]string, len(v))
		for i, s := range v {
			all[i] = escape(s)
		}
		return all
	case map[string]string:
		all := map[string]string{}
		for name, s := range v {
			all[name] = escape(s)
		}
		return all
	}
	return value
}

// outputs reads what the blocks returned.
func (w *workspace) outputs(ctx context.Context, dir string, results []signed) error {
	text, err := w.run(ctx, dir, "output", "-no-color", "-json")
	if err != nil {
		return fmt.Errorf("%s output: %w", w.cli, err)
	}
	values := map[string]struct {
		Value json.RawMessage `json:"value"`
	}{}
	if err := json.Unmarshal(text, &values); err != nil {
		return fmt.Errorf("%s output: %w", w.cli, err)
	}
	for i := range results {
		value, ok := values[fmt.Sprintf("b%d", i)]
		if !ok {
			continue
		}
		if err := json.Unmarshal(value.Value, &results[i]); err != nil {
			return fmt.Errorf("%s output: %w", w.cli, err)
		}
	}
	return nil
}

// run runs the CLI. The error's text is its standard error.
func (w *workspace) run(ctx context.Context, dir string, arguments ...string) ([]byte, error) {
	command := exec.CommandContext(ctx, w.cli.Path, arguments...)
	command.Dir, command.Env = dir, w.env
	// An interrupted CLI ends its providers. They do not notice that a CLI was killed.
	command.Cancel = func() error { return command.Process.Signal(os.Interrupt) }
	command.WaitDelay = time.Minute
	var complaint bytes.Buffer
	command.Stderr = &complaint
	output, err := command.Output()
	if err != nil && complaint.Len() > 0 {
		err = fmt.Errorf("%w\n%s", err, strings.TrimSpace(complaint.String()))
	}
	return output, err
}
