package doctest

import (
	"path"
	"regexp"
	"strings"
	"testing"
)

var (
	title       = regexp.MustCompile(`(?m)^page_title: "(.+)"$`)
	subcategory = regexp.MustCompile(`(?m)^subcategory: "(.+)"$`)
	first       = regexp.MustCompile(`(?m)^# (.+)$`)
	second      = regexp.MustCompile(`(?m)^## (.+)$`)
)

// TestObjectPages holds the page of each data source, resource, ephemeral resource and function to what a reader of the registry looks
// for: a place in the menu, since when it is there, two examples at least, and for a resource whether it can be imported.
func TestObjectPages(t *testing.T) {
	t.Parallel()
	found := map[string]int{}
	for file, text := range pages(t) {
		kind := path.Base(path.Dir(file))
		if !strings.HasPrefix(file, "docs/") || kind == "docs" || kind == "guides" {
			continue
		}
		found[kind]++
		if !subcategory.Match(text) {
			t.Errorf("%s: no subcategory", file)
		}
		if !strings.Contains(string(text), "\nSince version ") {
			t.Errorf("%s does not say since which version it is there", file)
		}
		if kind == "resources" && !strings.Contains(string(text), "\n## Import\n") {
			t.Errorf("%s: no section on import", file)
		}
		blocks, err := blocksOf(file, text)
		must(t, err)
		examples := 0
		for _, b := range blocks {
			if b.language == "terraform" {
				examples++
			}
		}
		if examples < 2 {
			t.Errorf("%s: %d examples, want two at least", file, examples)
		}
	}
	for kind, want := range map[string]int{"data-sources": 2, "resources": 1, "ephemeral-resources": 1, "functions": 1} {
		if found[kind] != want {
			t.Errorf("%d pages of %s, want %d", found[kind], kind, want)
		}
	}
}

// TestGuides wants every guide there, under its own title, and reached from the index page and from README.
func TestGuides(t *testing.T) {
	t.Parallel()
	all := pages(t)
	index, readme := string(all["docs/index.md"]), string(all["README.md"])
	if m := second.FindStringSubmatch(index); len(m) < 2 || m[1] != "Authentication" {
		t.Errorf("the index page begins with %q, and not with authentication", m)
	}
	for name, want := range map[string]string{
		"credentials": "Credentials", "stable-urls": "Stable URLs", "secrets": "Secrets", "many-objects": "Many objects",
		"downloading-and-quoting": "Downloading and quoting", "troubleshooting-403": "Troubleshooting 403",
		"custom-domains-and-endpoints": "Custom domains and endpoints", "migrating": "Coming from other tools",
	} {
		file := "docs/guides/" + name + ".md"
		text, ok := all[file]
		if !ok {
			t.Errorf("no %s", file)
			continue
		}
		for _, pattern := range []*regexp.Regexp{title, first} {
			if m := pattern.FindSubmatch(text); len(m) < 2 || string(m[1]) != want {
				t.Errorf("%s: %s finds %q, want %q", file, pattern, m, want)
			}
		}
		if !strings.Contains(index, "]("+registry+"/guides/"+name+")") {
			t.Errorf("docs/index.md does not link to %s", file)
		}
		if !strings.Contains(readme, "]("+file+")") {
			t.Errorf("README.md does not link to %s", file)
		}
	}
	old := string(all["docs/guides/migrating.md"])
	for _, from := range []string{"PHP SDK", "ossutil", "A script run by the external data source", "google_storage_object_signed_url"} {
		_, section, ok := strings.Cut(old, "\n## "+from+"\n")
		section, _, _ = strings.Cut(section, "\n## ")
		if !ok || !strings.Contains(section, "\nOld:") || !strings.Contains(section, "\nNew:") {
			t.Errorf("docs/guides/migrating.md: no old and new way of %s", from)
		}
	}
}
