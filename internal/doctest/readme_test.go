package doctest

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode"
)

// TestReadmes wants the example of README.md to be that of the index page, the Chinese README to
// have the same blocks of code, and both to lead to every page of docs/, the Chinese one with a few
// words of Chinese.
func TestReadmes(t *testing.T) {
	t.Parallel()
	all := pages(t)
	code := func(file string) []string {
		blocks, err := blocksOf(file, all[file])
		must(t, err)
		var texts []string
		for _, b := range blocks {
			if b.language != "text" { // a session that make demo-record writes
				texts = append(texts, b.language+"\n"+b.text)
			}
		}
		return texts
	}
	english, chinese := code("README.md"), code("README.zh-CN.md")
	if !slices.Equal(english, chinese) {
		t.Errorf("README.md and README.zh-CN.md have different blocks of code:\n%q\n%q", english, chinese)
	}
	first, err := os.ReadFile(filepath.Join(root, "examples", "provider", "provider.tf"))
	must(t, err)
	if len(english) == 0 || english[0] != "terraform\n"+string(first) {
		t.Errorf("the first block of README.md is not examples/provider/provider.tf")
	}
	for file := range all {
		if !strings.HasPrefix(file, "docs/") {
			continue
		}
		if !strings.Contains(string(all["README.md"]), "]("+file+")") {
			t.Errorf("README.md does not link to %s", file)
		}
		line := regexp.MustCompile(`(?m)^.*\]\(` + regexp.QuoteMeta(file) + `\)(.*)$`).FindSubmatch(all["README.zh-CN.md"])
		if len(line) < 2 || !strings.ContainsFunc(string(line[1]), func(r rune) bool { return unicode.Is(unicode.Han, r) }) {
			t.Errorf("README.zh-CN.md does not link to %s with some words of Chinese", file)
		}
	}
	for _, term := range []string{"预签名 URL", "内网 Endpoint", "自定义域名", "临时访问凭证", "版本控制"} {
		if !strings.Contains(string(all["README.zh-CN.md"]), term) {
			t.Errorf("README.zh-CN.md does not use Alibaba Cloud's term %s", term)
		}
	}
}

// TestReadmeMirror installs a build as README.md describes, in a copy of the tree, and signs with
// it after init, in a configuration that uses a module.
func TestReadmeMirror(t *testing.T) {
	t.Parallel()
	b := newBuilder(t, "README.md", "filesystem_mirror")
	if len(b.blocks) < 2 || !strings.Contains(b.blocks[1].text, "terraform init\nterraform apply\n") {
		t.Fatal("the block with filesystem_mirror is not followed by one with init and apply")
	}
	write(t, filepath.Join(b.dir, "configuration", "main.tf"),
		b.first.text+"\nmodule \"again\" {\n  source = \"./module\"\n}\n")
	write(t, filepath.Join(b.dir, "configuration", "module", "main.tf"), configuration)
	apply := strings.Replace(b.blocks[1].text, "terraform apply", "terraform apply -auto-approve", 1)
	output := b.run(t, apply+"terraform version\nterraform output -raw url\n")
	for _, want := range []string{"alioss/alioss v0.1.0", "x-oss-credential=" + testKey} {
		if !strings.Contains(output, want) {
			t.Errorf("no %s in the output:\n%s", want, output)
		}
	}
}
