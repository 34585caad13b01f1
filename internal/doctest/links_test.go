package doctest

import (
	"encoding/json"
	"fmt"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"unicode"
)

// registry is where the registry shows docs/. The index page links so: its own address has no slash
// at the end, and a relative link would lead beside it.
const registry = "https://registry.terraform.io/providers/alioss/alioss/latest/docs"

// repository is where files of this tree are for readers of the registry.
const repository = "https://github.com/alioss/terraform-provider-alioss/blob/main/"

var (
	link      = regexp.MustCompile(`\]\(<?([^)>\s]+)>?\)`)
	codeSpan  = regexp.MustCompile("`[^`]*`")
	heading   = regexp.MustCompile(`(?m)^#{1,6} +(.+?)\s*$`)
	nestedRef = regexp.MustCompile(`<a id="([^"]+)">`)
)

// prose returns a page without its blocks.
func prose(page []byte) string {
	var text strings.Builder
	inside := false
	for line := range strings.Lines(string(page)) {
		if strings.HasPrefix(strings.TrimSpace(line), "```") {
			inside = !inside
			continue
		}
		if !inside {
			text.WriteString(line)
		}
	}
	return text.String()
}

// anchors returns what can be linked to on a page: headings as GitHub and the registry name them,
// and explicit anchors.
func anchors(page []byte) map[string]bool {
	found := map[string]bool{}
	text := prose(page)
	for _, m := range heading.FindAllStringSubmatch(text, -1) {
		found[slug(m[1])] = true
	}
	for _, m := range nestedRef.FindAllStringSubmatch(text, -1) {
		found[m[1]] = true
	}
	return found
}

// slug is the anchor of a heading: lower case, hyphens for spaces, otherwise only letters, digits
// and the characters - and _.
func slug(title string) string {
	title = link.ReplaceAllString(strings.ReplaceAll(title, "`", ""), "]")
	return strings.Map(func(r rune) rune {
		switch {
		case r == ' ':
			return '-'
		case unicode.IsLetter(r), unicode.IsDigit(r), r == '-', r == '_':
			return unicode.ToLower(r)
		}
		return -1
	}, title)
}

// TestLinks follows every link that stays within the documentation, anchors included.
func TestLinks(t *testing.T) {
	t.Parallel()
	all := pages(t)
	count := 0
	for file, page := range all {
		if strings.HasPrefix(file, "templates/") {
			continue // docs/ is made of them
		}
		for _, m := range link.FindAllStringSubmatch(codeSpan.ReplaceAllString(prose(page), ""), -1) {
			target, err := resolve(file, m[1])
			switch {
			case err != nil:
				t.Errorf("%s: %v", file, err)
			case target == "":
				continue
			}
			count++
			to, anchor, _ := strings.Cut(target, "#")
			text, isPage := all[to]
			if _, err := os.Stat(filepath.Join(root, filepath.FromSlash(to))); !isPage && err != nil {
				t.Errorf("%s: %s leads to %s, which is not there", file, m[1], to)
			} else if anchor != "" && isPage && !anchors(text)[anchor] {
				t.Errorf("%s: %s: %s has no heading #%s", file, m[1], to, anchor)
			}
		}
	}
	if count < 40 {
		t.Errorf("only %d links found", count)
	}
	t.Logf("%d links within the documentation", count)
}

// resolve returns the file of this tree, with its anchor, that a link on a page leads to, or "" for
// another site.
func resolve(file, target string) (string, error) {
	inDocs := strings.HasPrefix(file, "docs/")
	switch rest, ok := strings.CutPrefix(target, registry); {
	case ok && (rest == "" || rest[0] == '#'):
		return "docs/index.md" + rest, nil
	case ok:
		return page("docs" + rest), nil
	}
	if rest, ok := strings.CutPrefix(target, repository); ok {
		return rest, nil
	}
	switch {
	case strings.Contains(target, "://"), strings.HasPrefix(target, "mailto:"):
		return "", nil
	case strings.HasPrefix(target, "#"):
		return file + target, nil
	case strings.HasPrefix(target, "/"):
		return "", fmt.Errorf("%s: the registry takes a link from the root for one to its own root", target)
	case file == "docs/index.md":
		return "", fmt.Errorf("%s: on the index page the registry needs links by %s", target, registry)
	}
	resolved := path.Join(path.Dir(file), target)
	if !inDocs {
		return resolved, nil
	}
	if strings.Contains(target, ".md") {
		return "", fmt.Errorf("%s: pages of the registry have no .md", target)
	}
	return page(resolved), nil
}

// page puts .md before a link's anchor.
func page(target string) string {
	to, anchor, ok := strings.Cut(target, "#")
	if ok {
		return to + ".md#" + anchor
	}
	return to + ".md"
}

func TestResolve(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ file, target, want string }{
		{"docs/guides/a.md", "b#c-d", "docs/guides/b.md#c-d"},
		{"docs/guides/a.md", "../resources/x", "docs/resources/x.md"},
		{"docs/guides/a.md", "#c", "docs/guides/a.md#c"},
		{"docs/index.md", registry + "/guides/b#c", "docs/guides/b.md#c"},
		{"docs/guides/a.md", registry + "#c", "docs/index.md#c"},
		{"README.md", "docs/index.md", "docs/index.md"},
		{"docs/a.md", "https://example.com/x", ""},
	} {
		if got, err := resolve(test.file, test.target); err != nil || got != test.want {
			t.Errorf("%s in %s: got %q, %v; want %q", test.target, test.file, got, err, test.want)
		}
	}
	for _, test := range [][2]string{
		{"docs/index.md", "guides/a"}, {"docs/guides/a.md", "b.md"}, {"docs/guides/a.md", "/docs/b"},
	} {
		if got, err := resolve(test[0], test[1]); err == nil {
			t.Errorf("%s in %s: no error, got %q", test[1], test[0], got)
		}
	}
	if got, want := slug("Links for longer than 7 days"), "links-for-longer-than-7-days"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

// maxPageBytes is the registry's limit of a page.
const maxPageBytes = 500_000

// TestPages checks what the registry wants of a page, and that JSON in pages is JSON.
func TestPages(t *testing.T) {
	t.Parallel()
	for file, text := range pages(t) {
		if !strings.HasPrefix(file, "docs/") {
			continue
		}
		if len(text) > maxPageBytes {
			t.Errorf("%s: %d bytes, the registry cuts pages at %d", file, len(text), maxPageBytes)
		}
		front, _, _ := strings.Cut(strings.TrimPrefix(string(text), "---\n"), "\n---\n")
		for _, field := range []string{"page_title:", "description:"} {
			if !strings.Contains(front, field) {
				t.Errorf("%s: no %s in the front matter", file, field)
			}
		}
		if strings.Contains(prose(text), "![") {
			t.Errorf("%s: an image, which the registry does not show", file)
		}
	}
	for _, b := range pageBlocks(t, "json") {
		if !json.Valid([]byte(b.text)) {
			t.Errorf("%s: not JSON", b.place)
		}
	}
}
