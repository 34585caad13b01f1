package presign

import (
	"errors"
	"maps"
	"slices"

	"github.com/alioss/terraform-provider-alioss/internal/signer"
	"github.com/alioss/terraform-provider-alioss/internal/text"
)

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
	var f text.List
	for _, key := range keys {
		f.Add(key, signer.CheckKey(key))
	}
	return f.Err(len(keys), "keys cannot be signed")
}

// CheckVersions returns one error about all versions that no object can have, or that belong to
// none of the keys. It returns nil if there is none. complete reports whether keys has all keys.
func CheckVersions(versions map[string]string, keys []string, complete bool) error {
	stray := maps.Clone(versions)
	for _, key := range keys {
		delete(stray, key)
	}
	var f text.List
	for _, key := range slices.Sorted(maps.Keys(versions)) {
		err := CheckVersion(versions[key])
		if _, isStray := stray[key]; isStray && complete && err == nil {
			err = errNotInKeys
		}
		f.Add(key, err)
	}
	return f.Err(len(versions), "versions cannot be signed")
}

var errNotInKeys = errors.New("key has a version, but is not in keys. Add it to keys, or leave its version out")

// UnusualKeys returns one error about all keys for which Unusual has a reason, or nil if there is
// none.
func UnusualKeys(keys []string, method string) error {
	var f text.List
	for _, key := range keys {
		if reason := Unusual(key, method); reason != "" {
			f.Add(key, errors.New(reason))
		}
	}
	return f.Err(len(keys), "keys are probably not names of objects")
}
