package presign

import (
	"slices"
	"strings"
	"testing"
)

func TestObjects(t *testing.T) {
	got := Objects([]string{"b", "a", "c"}, map[string]string{"a": "v", "x": "w"})
	if want := []Object{{"b", ""}, {"a", "v"}, {"c", ""}}; !slices.Equal(got, want) {
		t.Errorf("%v", got)
	}
	if got := Objects(nil, nil); len(got) != 0 {
		t.Errorf("%v", got)
	}
}

func TestCheckKeys(t *testing.T) {
	expect(t, "good", CheckKeys([]string{"a", "中/b c"}))
	expect(t, "none", CheckKeys(nil))
	err := CheckKeys([]string{"/a", "b", "c/../d", "https://x?x-oss-signature=abcdef/.."})
	expect(t, "bad", err, "3", "4", `"/a"`, `"c/../d"`)
	if strings.Contains(err.Error(), "abcdef") || strings.Count(err.Error(), "\n  - ") != 3 {
		t.Error(err)
	}
}

func TestCheckVersions(t *testing.T) {
	keys := []string{"a", "b"}
	expect(t, "good", CheckVersions(map[string]string{"a": "v"}, keys, true))
	expect(t, "none", CheckVersions(nil, keys, true))
	expect(t, "of another key", CheckVersions(map[string]string{"c": "v"}, keys, true), `"c"`, "keys")
	expect(t, "of a key that may come", CheckVersions(map[string]string{"c": "v"}, keys, false))
	err := CheckVersions(map[string]string{"c": "", "a": "a b", "b": "v"}, keys, true)
	expect(t, "bad", err, "2", "3", `"a"`, `"c"`)
	if i, j := strings.Index(err.Error(), `"a"`), strings.Index(err.Error(), `"c"`); i > j {
		t.Errorf("not sorted: %v", err)
	}
}

func TestUnusualKeys(t *testing.T) {
	expect(t, "usual", UnusualKeys([]string{"a", "b/"}, "GET"))
	err := UnusualKeys([]string{"a", "b/", " c", "d%20e"}, "PUT")
	if err == nil {
		t.Fatal("no error")
	}
	for _, word := range []string{"3", "4", `"b/"`, `" c"`, `"d%20e"`} {
		if !strings.Contains(err.Error(), word) {
			t.Errorf("%q lacks %q", err, word)
		}
	}
}
