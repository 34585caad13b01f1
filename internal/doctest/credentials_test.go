package doctest

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// item is an entry of a list in a doc comment: "1. …" or "- …".
var item = regexp.MustCompile(`^(?:\d+\.|-) +(.*)$`)

// TestCredentialOrder holds the order of credentials on the index page to that of the package's doc comment, word by word.
func TestCredentialOrder(t *testing.T) {
	t.Parallel()
	source, err := os.ReadFile(filepath.Join(root, "internal", "credentials", "doc.go"))
	must(t, err)
	index, err := os.ReadFile(filepath.Join(root, "docs", "index.md"))
	must(t, err)
	plain := func(s string) string {
		s = strings.NewReplacer("`", "", " (below)", "", "[profile](#profiles)", "profile", "[a role on top](#a-role-on-top)", "a role on top").Replace(s)
		return strings.Join(strings.Fields(s), " ")
	}
	_, text, _ := strings.Cut(string(source), "// # Order\n")
	text, _, _ = strings.Cut(text, "// Sources:")
	var items []string
	open := false
	for line := range strings.Lines(text) {
		line = strings.TrimSpace(strings.TrimPrefix(line, "//"))
		m := item.FindStringSubmatch(line)
		switch {
		case m != nil:
			items, open = append(items, m[1]), true
		case line == "" || strings.HasPrefix(line, "#"):
			open = false
		case open:
			items[len(items)-1] += " " + line
		default:
			items, open = append(items, line), true
		}
	}
	page, at := plain(string(index)), 0
	for _, want := range items {
		want = plain(want)
		i := strings.Index(page[at:], want)
		if i < 0 {
			t.Errorf("docs/index.md does not say, in this place: %s", want)
			continue
		}
		at += i
	}
	if len(items) < 15 {
		t.Errorf("only %d statements found in doc.go", len(items))
	}
}
