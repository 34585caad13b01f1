package main

import (
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

const root = "../../.."

// marker is beside each statement of a page.
var marker = regexp.MustCompile(`<!-- statement: (.*?) -->`)

// TestStatements compares the markers of the pages with the list, and the text of the pages with
// status, Code and EC.
func TestStatements(t *testing.T) {
	t.Parallel()
	pages := map[string]string{}    // page → text
	marked := map[string][]string{} // id → pages
	err := fs.WalkDir(os.DirFS(root), "templates", func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		text, err := os.ReadFile(filepath.Join(root, path))
		if err != nil {
			return err
		}
		page := strings.TrimSuffix(strings.Replace(path, "templates/", "docs/", 1), ".tmpl")
		pages[page] = string(text)
		for _, m := range marker.FindAllStringSubmatch(string(text), -1) {
			marked[m[1]] = append(marked[m[1]], page)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	list := statements()
	for id, where := range marked {
		if _, known := list[id]; !known {
			t.Errorf("%s has the marker %q, which statements.json does not list", where, id)
		}
	}
	for id, s := range list {
		slices.Sort(marked[id])
		if want := slices.Compact(marked[id]); !slices.Equal(s.Pages, want) {
			t.Errorf("statements.json has the pages %q for %q, and the markers are in %q", s.Pages, id, want)
		}
		var all strings.Builder
		for _, page := range s.Pages {
			all.WriteString(pages[page])
		}
		wanted := append(slices.Clone(s.EC), s.Code)
		if s.Code != "" && s.Status != 0 {
			wanted = append(wanted, fmt.Sprint(s.Status, " `", s.Code, "`"))
		}
		for _, want := range wanted {
			if !strings.Contains(all.String(), want) {
				t.Errorf("the pages of %q do not contain %q", id, want)
			}
		}
	}
}

// TestRows wants each row to be about a statement of the list, and each statement to have a row or
// a reason.
func TestRows(t *testing.T) {
	t.Parallel()
	c := sample()
	tested := map[string]bool{}
	for _, rows := range [][]row{c.first(), c.uploads(), c.links(), c.verified(), c.sessions(), c.expiry()} {
		for _, r := range rows {
			for _, id := range append(slices.Clone(r.or), r.statement) {
				if _, known := c.statements[id]; !known {
					t.Errorf("%q is about %q, which statements.json does not list", r.did, id)
				}
			}
			tested[r.statement] = true
			if r.did == "" || r.block == nil {
				t.Errorf("a row about %q is not complete", r.statement)
			}
		}
	}
	for _, id := range slices.Sorted(maps.Keys(c.statements)) {
		if reason := c.statements[id].Untested; tested[id] == (reason != "") {
			t.Errorf("%q: tested %v, reason for not testing %q", id, tested[id], reason)
		}
	}
	if len(tested) < 35 {
		t.Errorf("the rows are about %d statements, want at least 35", len(tested))
	}
}

// sample is a check that has found everything there is.
func sample() *check {
	return &check{
		service:    service{config: config{bucket: "examplebucket", region: "cn-hangzhou"}, now: epoch},
		statements: statements(), base: "alioss-live-check/sample/", host: "examplebucket.oss-cn-hangzhou.aliyuncs.com",
		ids: map[string]string{}, secrets: secrets{},
	}
}
