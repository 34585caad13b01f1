package doctest

import (
	"bufio"
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// root is the top of the tree, seen from this package's directory.
var root = filepath.Join("..", "..")

// verdict is what is done with a block.
type verdict int

const (
	run       verdict = iota // validated and applied, or executed
	validated                // validated only
	excused                  // formatted only
)

func (v verdict) String() string { return [...]string{"run", "validated", "excused"}[v] }

// block is a fenced block of a page, or an example.
type block struct {
	name     string // a file name: the place of the block, without separators
	place    string // the place of the block, for people
	language string
	text     string
	dir      string // of an example of several files: its directory below examples/
	verdict  verdict
	reason   string
}

var marker = regexp.MustCompile(`^<!-- doctest: (validated|excused): (.+) -->$`)

// blocksOf returns the fenced blocks of a page.
func blocksOf(file string, page []byte) ([]block, error) {
	var blocks []block
	var open *block
	var text strings.Builder
	var previous, indent string
	lines := bufio.NewScanner(bytes.NewReader(page))
	for n := 1; lines.Scan(); n++ {
		line := lines.Text()
		trimmed := strings.TrimSpace(line)
		switch {
		case open == nil && strings.HasPrefix(trimmed, "```"):
			indent, _, _ = strings.Cut(line, "`")
			open = &block{
				name:     fmt.Sprintf("%s_%d", strings.NewReplacer("/", "_", ".", "_", "-", "_").Replace(file), n),
				place:    fmt.Sprintf("%s:%d", file, n),
				language: strings.TrimPrefix(trimmed, "```"),
			}
			if m := marker.FindStringSubmatch(previous); m != nil {
				open.verdict, open.reason = map[string]verdict{"validated": validated, "excused": excused}[m[1]], m[2]
			} else if strings.Contains(previous, "doctest:") {
				return nil, fmt.Errorf("%s:%d: marker not understood: %s", file, n-1, previous)
			}
		case open != nil && trimmed == "```":
			open.text = text.String()
			blocks = append(blocks, *open)
			open = nil
			text.Reset()
		case open != nil:
			text.WriteString(strings.TrimPrefix(line, indent) + "\n")
		}
		if trimmed != "" {
			previous = trimmed
		}
	}
	if open != nil {
		return nil, fmt.Errorf("%s: the block is not closed", open.place)
	}
	return blocks, lines.Err()
}

// pages returns the Markdown files of the tree, by their paths from its top with slashes.
func pages(t *testing.T) map[string][]byte {
	t.Helper()
	found := map[string][]byte{}
	for _, pattern := range []string{
		"*.md", ".github/*.md", "docs/*.md", "docs/*/*.md", "templates/*.md*", "templates/*/*.md*", "examples/*/*.md",
		"examples/*/*/*.md",
	} {
		files, err := filepath.Glob(filepath.Join(root, filepath.FromSlash(pattern)))
		if err != nil {
			t.Fatal(err)
		}
		for _, file := range files {
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			relative, err := filepath.Rel(root, file)
			if err != nil {
				t.Fatal(err)
			}
			found[filepath.ToSlash(relative)] = text
		}
	}
	return found
}

// pageBlocks returns the blocks of all pages in given languages, each text once: docs/ repeats
// templates/ and examples/. If one of several copies has a marker, it applies to all.
func pageBlocks(t *testing.T, languages ...string) []block {
	t.Helper()
	all := pages(t)
	var files []string
	for file := range all {
		files = append(files, file)
	}
	slices.Sort(files)
	seen := map[string]int{}
	var blocks []block
	for _, file := range files {
		found, err := blocksOf(file, all[file])
		if err != nil {
			t.Fatal(err)
		}
		for _, b := range found {
			if !slices.Contains(languages, b.language) {
				continue
			}
			text := strings.TrimSpace(b.text)
			if i, ok := seen[text]; ok {
				if blocks[i].reason == "" {
					blocks[i].verdict, blocks[i].reason = b.verdict, b.reason
				}
				continue
			}
			seen[text] = len(blocks)
			blocks = append(blocks, b)
		}
	}
	return blocks
}

// exampleMarker is the marker of an example of several files: a comment in its README, or the first
// line of main.tf.
var exampleMarker = regexp.MustCompile(`(?m)^# doctest: (validated|excused): (.+)$`)

// examples returns the content of examples/: single files, less those that a page shows, and
// directories with a main.tf.
func examples(t *testing.T, shown []block) []block {
	t.Helper()
	texts := map[string]bool{}
	for _, b := range shown {
		texts[strings.TrimSpace(b.text)] = true
	}
	var blocks []block
	top := filepath.Join(root, "examples")
	err := filepath.WalkDir(top, func(path string, entry os.DirEntry, err error) error {
		if err != nil || entry.IsDir() || filepath.Ext(path) != ".tf" {
			return err
		}
		relative, err := filepath.Rel(top, path)
		if err != nil {
			return err
		}
		relative = filepath.ToSlash(relative)
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		name := "examples_" + strings.NewReplacer("/", "_", ".", "_", "-", "_").Replace(relative)
		b := block{name: name, place: "examples/" + relative, language: "terraform", text: string(text)}
		if m := exampleMarker.FindStringSubmatch(b.text); m != nil {
			b.verdict, b.reason = map[string]verdict{"validated": validated, "excused": excused}[m[1]], m[2]
		}
		main := filepath.Join(filepath.Dir(path), "main.tf")
		switch _, err := os.Stat(main); {
		case err == nil && filepath.Base(path) == "main.tf":
			b.dir = filepath.ToSlash(filepath.Dir(relative))
			b.text = declarations(t, filepath.Dir(path))
			blocks = append(blocks, b)
		case err == nil: // a further file of that directory
		case !texts[strings.TrimSpace(b.text)]:
			blocks = append(blocks, b)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return blocks
}

// declarations returns all Terraform files of a directory, one after the other.
func declarations(t *testing.T, dir string) string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(dir, "*.tf"))
	if err != nil {
		t.Fatal(err)
	}
	var all strings.Builder
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		all.Write(text)
		all.WriteByte('\n')
	}
	return all.String()
}

func TestBlocksOf(t *testing.T) {
	t.Parallel()
	page := "text\n\n<!-- doctest: validated: no account -->\n```terraform\na = 1\n```\n\n- item\n  ```shell\n  echo\n " +
		"   x\n  ```\n"
	got, err := blocksOf("docs/a-b.md", []byte(page))
	if err != nil {
		t.Fatal(err)
	}
	want := []block{
		{
			name: "docs_a_b_md_4", place: "docs/a-b.md:4", language: "terraform", text: "a = 1\n", verdict: validated,
			reason: "no account",
		},
		{name: "docs_a_b_md_9", place: "docs/a-b.md:9", language: "shell", text: "echo\n  x\n"},
	}
	if !slices.Equal(got, want) {
		t.Errorf("got %+v\nwant %+v", got, want)
	}
	for _, page := range []string{"```hcl\nopen", "<!-- doctest: skipped -->\n```hcl\n```\n"} {
		if got, err := blocksOf("a.md", []byte(page)); err == nil {
			t.Errorf("%q: no error, got %+v", page, got)
		}
	}
}
