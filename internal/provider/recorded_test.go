package provider

import (
	"encoding/json"
	"flag"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

// After a change that is meant: go test ./internal/provider -run TestRecorded -record, and look at
// the difference.
var record = flag.Bool("record", false,
	"write testdata/answers.json and testdata/texts.json from what the provider answers")

// answer is what the provider answers to one call: the titles and paths of its diagnostics, and the
// values that it returns.
type answer struct {
	Diagnostics []string       `json:"diagnostics,omitempty"`
	Values      map[string]any `json:"values,omitempty"`

	texts []string
}

func newAnswer(r result, d []*tfprotov6.Diagnostic) answer {
	a := answer{}
	for _, one := range d {
		title := one.Severity.String() + " " + one.Summary
		if at := pathOf(one); at != "" {
			title += " at " + shortName(at)
		}
		a.Diagnostics = append(a.Diagnostics, title)
		a.texts = append(a.texts, one.Detail)
	}
	for name, value := range r {
		if !value.IsNull() && !hasError(d) {
			if a.Values == nil {
				a.Values = map[string]any{}
			}
			a.Values[name] = plain(value)
		}
	}
	return a
}

// plain returns a value as in JSON, unknown ones as "(known after apply)".
func plain(v tftypes.Value) any {
	switch {
	case !v.IsKnown():
		return "(known after apply)"
	case v.IsNull():
		return nil
	case v.Type().Is(tftypes.Map{}) || v.Type().Is(tftypes.Object{}):
		var elements map[string]tftypes.Value
		_ = v.As(&elements)
		all := map[string]any{}
		for name, element := range elements {
			all[shortName(name)] = plain(element)
		}
		return all
	case v.Type().Is(tftypes.String):
		var s string
		_ = v.As(&s)
		return fmt.Sprintf("%+q", shortName(s))
	case v.Type().Is(tftypes.List{}) || v.Type().Is(tftypes.Tuple{}) || v.Type().Is(tftypes.Set{}):
		var elements []tftypes.Value
		_ = v.As(&elements)
		all := make([]any, len(elements))
		for i, element := range elements {
			all[i] = plain(element)
		}
		return all
	}
	return v.String()
}

// shortName keeps the files small if a value has the greatest length.
func shortName(s string) string {
	if len(s) > 1<<10 {
		return fmt.Sprintf("%d bytes", len(s))
	}
	return s
}

// recorded are the answers to good and bad configurations, by name: those of the data source and of
// the resource, and those of the other forms to what only they have. That the forms answer alike is
// tested elsewhere. One block is enough for bad input and for keys, which it has no part in.
func recorded(t *testing.T) map[string]answer {
	t.Helper()
	answers := map[string]answer{}
	for block, provider := range map[string]args{
		"key": nil, "session": {
			"access_key": "STS.example", "secret_key": testSecret, "security_token": "token",
		}, "unknown": {"region": unknown},
		"internal": {"endpoint_type": "internal"},
	} {
		w := newWorld(t)
		for name, config := range recordedConfigs() {
			isRow, isKey := strings.HasPrefix(name, "row "), strings.HasPrefix(name, "key")
			if (isRow || isKey) && block != "key" {
				continue
			}
			first := true
			for _, f := range forms {
				if !f.has(config) || !first && (isRow || isKey || f.name != "resource") {
					continue
				}
				first = false
				s := w.session(t) // warnings are given once
				at := fmt.Sprintf("%s, %s, %s", block, f.name, name)
				whole := f.with(config)
				if isRow {
					answers[at+", validate"] = newAnswer(nil, f.validate(s, whole))
					continue
				}
				if d := s.configure(provider); len(d) > 0 {
					t.Fatal(describe(d))
				}
				switch f.kind {
				case "data":
					answers[at+", read"] = newAnswer(s.read(f.typeName, whole))
				case "ephemeral":
					answers[at+", open"] = newAnswer(s.open(f.typeName, whole))
				case "resource":
					m := &managed{session: s, schema: schemaOf("resource", managedURL), world: w, provider: provider}
					p := m.planned(whole)
					answers[at+", plan"] = newAnswer(p.after, p.diagnostics)
				}
			}
		}
	}
	return answers
}

// recordedConfigs are good and bad configurations by name.
func recordedConfigs() map[string]args {
	configs := map[string]args{
		"least": {}, "rotating": {"rotate_every": "15m"}, "null": {"expiry": "2h", "not_after": nil},
		"deadline": {"not_after": "2026-03-01T12:30:00Z"}, "expired": {"signing_time": "2025-01-01T00:00:00+01:00"},
		"early":         {"signing_time": "2027-01-01T00:00:00Z"},
		"content-type":  {"response_headers": map[string]string{"content-type": "text/plain"}},
		"late deadline": {"not_after": "2027-01-01T00:00:00Z"},
		"everything": {
			"traffic_limit": 819_200, "request_payer": true, "bind_host": true,
			"headers": map[string]string{"Content-Type": "a", "X-Own": "b"},
			"query":   map[string]string{"a": "b", "c": ""}, "process": "image/resize,w_200", "filename": "für dich.txt",
			"version": "CAEQ",
		},
		"kept": {"renew": false, "keepers": map[string]string{"a": "b"}, "renew_before": "10m"},
	}
	for _, name := range []string{
		"bucket", "key", "keys", "versions", "expiry", "domain", "region", "endpoint_type", "endpoint", "method", "headers",
		"response_headers", "process", "traffic_limit", "request_payer", "query", "bind_host", "version", "filename",
		"not_after", "rotate_every", "signing_time", "renew_before", "renew",
		"keepers", "verify",
	} {
		configs["unknown "+name] = args{name: unknown}
	}
	for i, r := range badLinks() {
		configs["row "+rowName(i, r)] = r.config
	}
	for _, key := range slices.Sorted(maps.Keys(hardKeys)) {
		configs["key "+key] = args{"key": hardKeys[key]}
		configs["keys "+key] = args{"keys": tupleOf("plain", hardKeys[key])}
	}
	for _, d := range slices.Concat(placeDeliveries(), parameterDeliveries(), uploads()) {
		configs[d.name] = d.config
	}
	return configs
}

// What the provider answers stays: values, titles and paths in one file, the texts of diagnostics
// in another.
func TestRecorded(t *testing.T) {
	t.Parallel()
	got := recorded(t)
	texts := map[string][]string{}
	for name, a := range got {
		if len(a.texts) > 0 {
			texts[name] = a.texts
		}
	}
	if *record {
		writeJSON(t, "answers.json", got)
		writeJSON(t, "texts.json", texts)
		return
	}
	want, wantTexts := map[string]json.RawMessage{}, map[string][]string{}
	readJSON(t, "answers.json", &want)
	readJSON(t, "texts.json", &wantTexts)
	for name := range got {
		if _, ok := want[name]; !ok {
			t.Errorf("%s: not recorded", name)
		}
	}
	for name, recorded := range want {
		now, err := json.Marshal(got[name])
		if err != nil {
			t.Fatal(err)
		}
		if string(now) != string(recorded) {
			t.Errorf("%s: answers\n%s\nand was recorded with\n%s", name, now, recorded)
		}
		if !slices.Equal(texts[name], wantTexts[name]) {
			t.Errorf("%s: says\n%q\nand was recorded with\n%q", name, texts[name], wantTexts[name])
		}
	}
}

// writeJSON writes a file with a line for each name.
func writeJSON[T any](t *testing.T, name string, values map[string]T) {
	t.Helper()
	text := "{\n"
	for i, key := range slices.Sorted(maps.Keys(values)) {
		k, err := json.Marshal(key)
		if err != nil {
			t.Fatal(err)
		}
		v, err := json.Marshal(values[key])
		if err != nil {
			t.Fatal(err)
		}
		if i > 0 {
			text += ",\n"
		}
		text += string(k) + ": " + string(v)
	}
	if err := os.WriteFile(filepath.Join("testdata", name), []byte(text+"\n}\n"), 0o600); err != nil {
		t.Fatal(err)
	}
}

func readJSON(t *testing.T, name string, into any) {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("testdata", name))
	if err == nil {
		err = json.Unmarshal(text, into)
	}
	if err != nil {
		t.Fatal(err)
	}
}
