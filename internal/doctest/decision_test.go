package doctest

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// decision is the question that the table of forms answers, and the reason for each row.
const decision = "One question decides: *what must happen to the consumer when the URL changes?*"

// TestDecision wants the table of forms, which examples/fragments/decision.md contains once for
// all, on each page that leads a reader to a form: after its question, and nowhere in another
// wording.
func TestDecision(t *testing.T) {
	t.Parallel()
	fragment, err := os.ReadFile(filepath.Join(root, "examples", "fragments", "decision.md"))
	must(t, err)
	table := strings.TrimSpace(string(fragment))
	if rows := strings.Count(table, "\n") + 1; rows != 6 {
		t.Errorf("the table has %d lines, want a heading, its rule and four forms", rows)
	}
	heading, _, _ := strings.Cut(table, "\n")
	all := pages(t)
	for _, file := range []string{
		"docs/index.md", "docs/data-sources/presigned_url.md", "docs/guides/keeping-urls-stable.md",
	} {
		text := string(all[file])
		if n := strings.Count(text, decision+"\n\n"+table+"\n"); n != 1 {
			t.Errorf("%s: the question and its table are there %d times, want once and word for word", file, n)
		}
	}
	for file, page := range all {
		if text := string(page); !strings.HasPrefix(file, "templates/") &&
			strings.Count(text, heading) != strings.Count(text, table) {
			t.Errorf("%s: a table of forms in another wording than examples/fragments/decision.md", file)
		}
	}
}
