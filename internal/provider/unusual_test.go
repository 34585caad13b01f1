package provider

import (
	"fmt"
	"strings"
	"testing"
)

// "Unusual Key" is shown once for one place, in each form.
func TestUnusualKeyOnce(t *testing.T) {
	for _, row := range []struct {
		config args
		warns  bool
	}{
		{args{"key": " a"}, true},
		{args{"key": "a%20b"}, true},
		{args{"key": "oss://examplebucket/a"}, true},
		{args{"key": "https://example.com/a"}, true},
		{args{"key": "folder/", "method": "PUT"}, true},
		{args{"key": "folder/"}, false},
		{args{"key": "folder/", "method": "DELETE"}, false},
		{args{"key": "a b"}, false},
		{args{"key": "100%"}, false},
	} {
		for form, sign := range signingForms {
			w := newWorld(t)
			var said string
			if form == "resource" { // shown at plan, with the URL that will be signed
				said = describe(w.managed(t, nil).decide(nil, agent(row.config)).diagnostics)
			} else {
				_, d := sign(t, w, nil, agent(row.config))
				said = describe(d)
			}
			if n := strings.Count(said, `warning Unusual Key at AttributeName("key")`); n != 1 && row.warns ||
				n != 0 && !row.warns {
				t.Errorf("%s %v: %s", form, row.config, said)
			}
		}
		for name, call := range map[string]func(*session, args) string{
			"data":      func(s *session, c args) string { _, d := s.read(bulkURLs, c); return describe(d) },
			"ephemeral": func(s *session, c args) string { _, d := s.open(bulkURLs, c); return describe(d) },
		} {
			said := call(newWorld(t).configured(t, nil), manyOf(agent(row.config)))
			if n := strings.Count(said, `warning Unusual Key at AttributeName("keys")`); n != 1 && row.warns ||
				n != 0 && !row.warns {
				t.Errorf("many, %s %v: %s", name, row.config, said)
			}
		}
	}
	// A resource that does not sign has no warning.
	c := newWorld(t).managed(t, nil)
	config := agent(args{"key": " a"})
	c.carryOut(c.decide(nil, config), nil, config)
	if d := c.decide(nil, config); d.action != "none" || len(d.diagnostics) > 0 {
		t.Error(d)
	}
}

// Each form refuses values that servers do not accept: headers of more than 8 KiB together, and
// file names that people see otherwise than they are.
func TestHeadersAndFilenamesAtTheirLimits(t *testing.T) {
	t.Parallel()
	s := newWorld(t).session(t)
	long := strings.Repeat("x", 4000)
	for _, row := range []struct {
		config args
		at     string // "" for none
	}{
		{args{"headers": map[string]string{"x-a": long, "x-b": long}}, ""},
		{args{"headers": map[string]string{"x-a": long, "x-b": long, "x-c": strings.Repeat("x", 171)}}, ""},
		{args{"headers": map[string]string{"x-a": long, "x-b": long, "x-c": strings.Repeat("x", 172)}}, "headers"},
		{args{"headers": map[string]string{"x-a": strings.Repeat("x", 4<<20)}}, "headers"},
		{args{"filename": "a\u202egpj.exe"}, "filename"},
		{args{"filename": "a\u200b.txt"}, "filename"},
		{args{"filename": "\ufeffa.txt"}, "filename"},
		{args{"filename": "a\u2066b"}, "filename"},
		{args{"filename": "a\u2028b"}, "filename"},
		{args{"filename": "a\u00adb"}, "filename"},
		{args{"filename": "报告 é.pdf"}, ""},
		{args{"filename": "ملف.txt"}, ""},
	} {
		t.Run(fmt.Sprintf("%.60v", row.config), func(t *testing.T) {
			for _, f := range forms {
				if !f.has(row.config) {
					continue
				}
				d := f.validate(s, f.with(row.config))
				if (row.at == "") != (len(d) == 0) || row.at != "" &&
					!strings.Contains(describe(d), `at AttributeName("`+row.at+`")`) {
					t.Errorf("%s %.100v: %.300s", f.name, row.config, describe(d))
				}
			}
		})
	}
}
