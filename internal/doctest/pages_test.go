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
)

// TestObjectPages compares the page of each data source, resource, ephemeral resource and function
// with what a reader of the registry looks for: a place in the menu, since when it is there, two
// examples at least, and for a resource whether it can be imported.
func TestObjectPages(t *testing.T) {
	t.Parallel()
	found := map[string]int{}
	for file, text := range pages(t) {
		if !isObject(file) {
			continue
		}
		kind := path.Base(path.Dir(file))
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
		if kind != "functions" && !strings.Contains(string(text), "\n## Arguments by purpose\n") {
			t.Errorf("%s: no table of arguments by purpose", file)
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
	for kind, want := range map[string]int{"data-sources": 2, "resources": 1, "ephemeral-resources": 2, "functions": 1} {
		if found[kind] != want {
			t.Errorf("%d pages of %s, want %d", found[kind], kind, want)
		}
	}
}

var (
	purposes  = regexp.MustCompile(`(?s)\n## Arguments by purpose\n(.*?)\n(?:## |Since )`)
	argument  = regexp.MustCompile("`([a-z_]+)`")
	inSchema  = regexp.MustCompile("(?m)^- `([a-z_]+)` \\(")
	writeable = regexp.MustCompile(`(?s)\n## Schema\n(.*?)\n(?:### Read-Only|<a id=)`)
)

// TestArgumentsByPurpose wants each argument of the schema in the table of its page, and nothing
// other there.
func TestArgumentsByPurpose(t *testing.T) {
	t.Parallel()
	for file, text := range pages(t) {
		if !isObject(file) || strings.HasPrefix(file, "docs/functions/") {
			continue
		}
		table, schema := purposes.FindSubmatch(text), writeable.FindSubmatch(text)
		if table == nil || schema == nil {
			t.Errorf("%s: no table of arguments, or no schema", file)
			continue
		}
		listed, wanted := map[string]bool{}, map[string]bool{}
		for _, m := range argument.FindAllSubmatch(table[1], -1) {
			listed[string(m[1])] = true
		}
		for _, m := range inSchema.FindAllSubmatch(schema[1], -1) {
			wanted[string(m[1])] = true
			if !listed[string(m[1])] {
				t.Errorf("%s: the table of arguments lacks %s", file, m[1])
			}
		}
		for name := range listed {
			if !wanted[name] {
				t.Errorf("%s: the table of arguments has %s, which is no argument", file, name)
			}
		}
	}
}

// TestGuides wants every guide under its own title, and reached from the index page. TestReadmes
// wants them in README.md.
func TestGuides(t *testing.T) {
	t.Parallel()
	all := pages(t)
	index := string(all["docs/index.md"])
	for file, text := range all {
		if path.Dir(file) != "docs/guides" {
			continue
		}
		in, heading := title.FindSubmatch(text), first.FindSubmatch(text)
		if in == nil || heading == nil || string(in[1]) != string(heading[1]) {
			t.Errorf("%s: the title of the menu is %q and that of the page %q", file, in, heading)
		}
		if !strings.Contains(index, "]("+repository+file+")") {
			t.Errorf("docs/index.md does not link to %s", file)
		}
	}
	old := string(all["docs/guides/coming-from-other-tools.md"])
	for _, from := range []string{
		"PHP SDK", "ossutil", "A script run by the external data source", "google_storage_object_signed_url",
	} {
		_, section, ok := strings.Cut(old, "\n## "+from+"\n")
		section, _, _ = strings.Cut(section, "\n## ")
		if !ok || !strings.Contains(section, "\nOld:") || !strings.Contains(section, "\nNew:") {
			t.Errorf("docs/guides/coming-from-other-tools.md: no old and new way of %s", from)
		}
	}
}
