package provider

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/alioss/terraform-provider-alioss/internal/signer"
)

const (
	// maxKeys bounds the keys of one read.
	maxKeys = 100_000

	// maxNamedFaults is how many of the keys at fault a diagnostic names.
	maxNamedFaults = 10

	titleKeys     = "Invalid Keys"
	titleVersions = "Invalid Versions"
)

// manyObjects are the objects that keys and versions name.
type manyObjects struct {
	// keys are the known keys, each once, in the order of the configuration.
	keys []string
	// versions are the known versions by key; nil where there is no such argument.
	versions map[string]string
	// unknown says that some key or version is not known yet.
	unknown bool
	// bytes is what keys and versions take in a message of the protocol, at most.
	bytes int
}

// readObjects reads keys and versions, and reports what is not a collection of strings.
func readObjects(keys, versions tftypes.Value, d *diag.Diagnostics) manyObjects {
	var m manyObjects
	addError(d, path.Root("keys"), titleKeys, m.readKeys(keys))
	addError(d, path.Root("versions"), titleVersions, m.readVersions(versions))
	return m
}

var errNoKeys = errors.New("there are no keys; for a data source that is not always there, set count = length(…) > 0 ? 1 : 0")

func (m *manyObjects) readKeys(v tftypes.Value) error {
	if !v.IsKnown() || v.IsNull() {
		m.unknown = !v.IsKnown()
		return nil // the framework says that a required argument is missing
	}
	var elements []tftypes.Value
	isSet := v.Type().Is(tftypes.Set{})
	if !isSet && !v.Type().Is(tftypes.List{}) && !v.Type().Is(tftypes.Tuple{}) {
		return fmt.Errorf("the keys are %s, and not a tuple, list or set of strings; write [ … ] around a single key, and keys( … ) or values( … ) around a map", typeName(v))
	}
	if err := v.As(&elements); err != nil {
		return err
	}
	switch n := len(elements); {
	case n == 0:
		return errNoKeys
	case n > maxKeys:
		return fmt.Errorf("there are %s keys, and one data source takes at most %s; split them over several data sources, with chunklist( … , %d)",
			thousands(n), thousands(maxKeys), maxKeys)
	}
	m.keys = make([]string, 0, len(elements))
	seen := make(map[string]struct{}, len(elements))
	for i, element := range elements {
		key, known, err := text(element)
		switch {
		case err != nil && isSet:
			return fmt.Errorf("a key of the set is %w; every key is a string", err)
		case err != nil:
			return fmt.Errorf("the key at index %d is %w; every key is a string", i, err)
		case !known:
			m.unknown = true
			continue
		}
		m.bytes += stringBytes(key) + len(`"string",`)
		if _, again := seen[key]; !again {
			seen[key] = struct{}{}
			m.keys = append(m.keys, key)
		}
	}
	return nil
}

func (m *manyObjects) readVersions(v tftypes.Value) error {
	if !v.IsKnown() || v.IsNull() {
		m.unknown = m.unknown || !v.IsKnown()
		return nil
	}
	var elements map[string]tftypes.Value
	if !v.Type().Is(tftypes.Map{}) && !v.Type().Is(tftypes.Object{}) {
		return fmt.Errorf("the versions are %s, and not an object or map of key to version; write { \"key\" = \"version\" }", typeName(v))
	}
	if err := v.As(&elements); err != nil {
		return err
	}
	m.versions = make(map[string]string, len(elements))
	for _, key := range slices.Sorted(maps.Keys(elements)) {
		if elements[key].IsNull() {
			continue
		}
		version, known, err := text(elements[key])
		if err != nil {
			return fmt.Errorf("the version of %s is %w; every version is a string or null", shortened(key), err)
		}
		if !known {
			m.unknown = true
			continue
		}
		m.bytes += stringBytes(key) + jsonBytes(key) + len(`:"string",`) + stringBytes(version)
		m.versions[key] = version
	}
	return nil
}

// check reports the keys that no object has, and the versions that no object has or that no key asks for: one diagnostic for each
// argument.
func (m *manyObjects) check(d *diag.Diagnostics) {
	var keys, versions faultList
	for _, key := range m.keys {
		keys.add(key, signer.CheckKey(key))
	}
	wanted := make(map[string]struct{}, len(m.keys))
	for _, key := range m.keys {
		wanted[key] = struct{}{}
	}
	for _, key := range slices.Sorted(maps.Keys(m.versions)) {
		err := checkVersion(m.versions[key])
		if _, ok := wanted[key]; !ok && !m.unknown && err == nil {
			err = errNotInKeys
		}
		versions.add(key, err)
	}
	keys.report(path.Root("keys"), titleKeys, fmt.Sprintf("of %s keys cannot be signed", thousands(len(m.keys))), d)
	versions.report(path.Root("versions"), titleVersions, fmt.Sprintf("of %s versions cannot be signed", thousands(len(m.versions))), d)
}

var errNotInKeys = errors.New("the key has a version, but is not in keys; add it there, or leave its version out")

// warn reports the keys that are hardly names of objects, in one warning.
func (m *manyObjects) warn(d *diag.Diagnostics) {
	var unusualKeys faultList
	for _, key := range m.keys {
		if reason := unusual(key); reason != "" {
			unusualKeys.add(key, errors.New(reason))
		}
	}
	if unusualKeys.count > 0 {
		d.AddAttributeWarning(path.Root("keys"), titleUnusualKey, fmt.Sprintf("%s of %s keys are probably not names of objects:\n\n%s\n\n"+
			"If they are, nothing is wrong.", thousands(unusualKeys.count), thousands(len(m.keys)), unusualKeys))
	}
}

// objects returns the objects in the order of keys.
func (m *manyObjects) objects() []object {
	objects := make([]object, len(m.keys))
	for i, key := range m.keys {
		objects[i] = object{key, m.versions[key]}
	}
	return objects
}

// maxMessageBytes is the longest message that the plugin protocol carries (terraform-plugin-go, tf6server), but for a MiB for what
// is not keys, versions and URLs.
const maxMessageBytes = 256<<20 - 1<<20

// checkAnswer refuses URLs that do not fit into one message, by the URL of the first object.
func (m *manyObjects) checkAnswer(objects []object, first string) error {
	size := m.answerBytes(objects, first)
	if size <= maxMessageBytes {
		return nil
	}
	n := max(1, int(float64(len(objects))*0.9*maxMessageBytes/float64(size)))
	return fmt.Errorf("the URLs of %s keys take %s MiB with all that goes with them, and an answer of a provider holds at most %s; split keys over "+
		"several data sources, with chunklist( … , %d) for instance", thousands(len(objects)), thousands(size>>20), thousands(maxMessageBytes>>20), n)
}

// answerBytes is what keys, versions and URLs take in an answer, at most. URLs differ by key and version only.
func (m *manyObjects) answerBytes(objects []object, first string) int {
	own := len(first) - escapedBytes(objects[0])
	size := m.bytes
	for _, o := range objects {
		size += stringBytes(o.key) + own + escapedBytes(o) + maxStringHead
	}
	return size
}

// maxStringHead is what MessagePack puts before a string, at most.
const maxStringHead = 5

func stringBytes(s string) int { return maxStringHead + len(s) }

// jsonBytes is the length of a string in JSON, as encoding/json writes it, at most.
func jsonBytes(s string) int {
	n := len(`""`)
	for _, r := range s {
		switch {
		case r < ' ' || r == '<' || r == '>' || r == '&' || r == '\u2028' || r == '\u2029' || r == '\uFFFD':
			n += len(`\u0000`)
		case r == '"' || r == '\\':
			n += 2
		default:
			n += len(string(r))
		}
	}
	return n
}

// escapedBytes is the length that key and version of an object have in a URL, with the parameter's name.
func escapedBytes(o object) int {
	n := percentEncoded(o.key) - 2*strings.Count(o.key, "/") // a path keeps its slashes
	if o.version != "" {
		n += len("versionId=&") + percentEncoded(o.version)
	}
	return n
}

func percentEncoded(s string) int {
	n := len(s)
	for i := 0; i < len(s); i++ {
		if c := s[i]; (c|0x20 < 'a' || c|0x20 > 'z') && (c < '0' || c > '9') && strings.IndexByte("-_.~", c) < 0 {
			n += len("%00") - 1
		}
	}
	return n
}

// text returns a string. The error is a noun phrase for what is none.
func text(v tftypes.Value) (s string, known bool, err error) {
	switch {
	case v.IsNull():
		return "", false, errors.New("null")
	case !v.IsKnown() && (v.Type().Is(tftypes.DynamicPseudoType) || v.Type().Is(tftypes.String)):
		return "", false, nil
	case !v.Type().Is(tftypes.String):
		return "", false, errors.New(typeName(v))
	}
	err = v.As(&s)
	return s, true, err
}

// typeName is a value's type in the language of configurations, with its article.
func typeName(v tftypes.Value) string {
	names := []struct {
		typ  tftypes.Type
		name string
	}{
		{tftypes.String, "a string"},
		{tftypes.Number, "a number"},
		{tftypes.Bool, "a bool"},
		{tftypes.List{}, "a list"},
		{tftypes.Set{}, "a set"},
		{tftypes.Tuple{}, "a tuple"},
		{tftypes.Map{}, "a map"},
		{tftypes.Object{}, "an object"},
	}
	for _, n := range names {
		if v.Type().Is(n.typ) {
			return n.name
		}
	}
	return "of no known type"
}

// faultList gathers the faults of many keys for one diagnostic.
type faultList struct {
	named []string
	count int
}

func (f *faultList) add(key string, err error) {
	if err == nil {
		return
	}
	f.count++
	if len(f.named) < maxNamedFaults {
		f.named = append(f.named, fmt.Sprintf("  - %s: %v", shortened(key), err))
	}
}

// String is the list of the keys that are named, with the count of the others.
func (f faultList) String() string {
	lines := f.named
	if more := f.count - len(f.named); more > 0 {
		lines = append(slices.Clip(lines), fmt.Sprintf("  - and %s more", thousands(more)))
	}
	return strings.Join(lines, "\n")
}

func (f *faultList) report(at path.Path, title, what string, d *diag.Diagnostics) {
	if f.count > 0 {
		d.AddAttributeError(at, title, fmt.Sprintf("%s %s:\n\n%s", thousands(f.count), what, f))
	}
}

// thousands writes a number with commas.
func thousands(n int) string {
	s := strconv.Itoa(n)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}
