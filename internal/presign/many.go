package presign

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/alioss/terraform-provider-alioss/internal/signer"
	"github.com/alioss/terraform-provider-alioss/internal/text"
)

// maxNamed is how many of the keys at fault an error lists.
const maxNamed = 10

// Unique returns keys without repetitions, in their order.
func Unique(keys []string) []string {
	seen := make(map[string]struct{}, len(keys))
	unique := make([]string, 0, len(keys))
	for _, key := range keys {
		if _, again := seen[key]; !again {
			seen[key] = struct{}{}
			unique = append(unique, key)
		}
	}
	return unique
}

// Objects returns the objects of keys, in their order, with the versions that some of them have.
func Objects(keys []string, versions map[string]string) []Object {
	objects := make([]Object, len(keys))
	for i, key := range keys {
		objects[i] = Object{key, versions[key]}
	}
	return objects
}

// CheckKeys returns one error about all keys that no object can have, or nil if there is none.
func CheckKeys(keys []string) error {
	var f List
	for _, key := range keys {
		f.Add(key, signer.CheckKey(key))
	}
	return f.error(len(keys), "keys cannot be signed")
}

// CheckVersions returns one error about all versions that no object can have, or that belong to
// none of the keys. It returns nil if there is none. complete reports whether keys has all keys.
func CheckVersions(versions map[string]string, keys []string, complete bool) error {
	stray := maps.Clone(versions)
	for _, key := range keys {
		delete(stray, key)
	}
	var f List
	for _, key := range slices.Sorted(maps.Keys(versions)) {
		err := CheckVersion(versions[key])
		if _, isStray := stray[key]; isStray && complete && err == nil {
			err = errNotInKeys
		}
		f.Add(key, err)
	}
	return f.error(len(versions), "versions cannot be signed")
}

var errNotInKeys = errors.New("key has a version, but is not in keys. Add it to keys, or leave its version out")

// UnusualKeys returns one error about all keys for which Unusual has a reason, or nil if there is
// none.
func UnusualKeys(keys []string, method string) error {
	var f List
	for _, key := range keys {
		if reason := Unusual(key, method); reason != "" {
			f.Add(key, errors.New(reason))
		}
	}
	return f.error(len(keys), "keys are probably not names of objects")
}

// List gathers the faults of many keys for one message.
type List struct {
	named []string
	count int
}

// Add adds the fault of a key. It ignores nil.
func (f *List) Add(key string, err error) {
	if err == nil {
		return
	}
	f.count++
	if len(f.named) < maxNamed {
		f.named = append(f.named, fmt.Sprintf("  - %s: %v", text.Quote(key), err))
	}
}

// Len returns how many keys have a fault.
func (f *List) Len() int { return f.count }

// String returns a line for each of the first keys, and one for the number of the others.
func (f List) String() string {
	lines := f.named
	if more := f.count - len(f.named); more > 0 {
		lines = append(slices.Clip(lines), fmt.Sprintf("  - and %s more", text.Thousands(more)))
	}
	return strings.Join(lines, "\n")
}

// error returns an error about keys with a fault among all, or nil if there is none.
func (f List) error(all int, what string) error {
	if f.count == 0 {
		return nil
	}
	return fmt.Errorf("%s of %s %s:\n\n%s", text.Thousands(f.count), text.Thousands(all), what, f)
}
