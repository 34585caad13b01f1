package provider

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/alioss/terraform-provider-alioss/internal/presign"
	"github.com/alioss/terraform-provider-alioss/internal/probe"
	"github.com/alioss/terraform-provider-alioss/internal/text"
)

const (
	maxKeys = 100_000
	// maxMessageBytes is the longest message of the plugin protocol (terraform-plugin-go, tf6server),
	// less a MiB for everything but the configuration, objects and URLs.
	maxMessageBytes = 256<<20 - 1<<20
)

func newDataPresignedURLs() *form {
	return newForm("Creates presigned URLs for many objects of one bucket in one read, all signed at the same time. "+
		"They are signed at each plan, unless `rotate_every` or `signing_time` keeps them the same. Use it instead of "+
		"`for_each` over `alioss_presigned_url`, whose cost in Terraform grows with the square of their number.",
		(*client).readMany,
		[]attributes{urlAttributes, notAfterAttribute, timingAttributes, manyAttributes, prefixAttributes},
		checkPrefix, checkMany)
}

// manyAttributes are the attributes of many objects. Collections in configuration are dynamic: the
// core converts a tuple to a list, in time that grows with the square of its length.
var manyAttributes = attributes{
	"keys": {
		typ: tftypes.DynamicPseudoType,
		description: fmt.Sprintf("Names of the objects, not percent-encoded, as a list, tuple or set of strings. Valid "+
			"values are 1 to %s strings, each like `key` of `alioss_presigned_url`. Repeated keys count once. Convert "+
			"numbers with `tostring`. Conflicts with `prefix`. One of them is required.",
			text.Thousands(maxKeys)),
	},
	"versions": {
		typ: tftypes.DynamicPseudoType,
		description: "Version IDs by key, as an object or a map. Defaults to the version that is current when the URL is " +
			"used, for keys without a version or with null. Conflicts with `prefix`.",
	},
	"urls": {
		usage:       computed,
		typ:         textMap,
		sensitive:   true,
		description: "Presigned URLs by key. Anyone who has a URL can use it until it expires.",
	},
}

func checkMany(config values) faults {
	m, found := manyObjectsOf(config)
	if found.failed() {
		return found
	}
	found = append(found, invalid(presign.CheckKeys(m.keys), "keys")...)
	if m.versions == nil {
		return found
	}
	isComplete := !m.unknown && config.isNull("prefix")
	found = append(found, invalid(presign.CheckVersions(m.versions, m.keys, isComplete), "versions")...)
	if config.text("method") == "PUT" {
		found = append(found, invalid(errors.New("versions cannot be used with method \"PUT\", which creates a new version. "+
			"Leave versions out"), "versions")...)
	}
	return found
}

func (c *client) readMany(ctx context.Context, s *signing) (values, faults) {
	m, found := manyObjectsOf(s.config) // it is checked
	objects, isListed := tftypes.NewValue(listingType, nil), s.config.isGiven("prefix")
	if isListed {
		var listed []probe.Listed
		if listed, found = c.list(ctx, s); found.failed() {
			return nil, found
		}
		objects = listedValue(listed)
		for _, o := range listed {
			m.keys = append(m.keys, o.Key) // keys is null
			s.room -= len(o.Key) + listedBytes
		}
	}
	s.objects = presign.Objects(m.keys, m.versions)
	if found = append(found, c.signObjects(ctx, s)...); found.failed() {
		return nil, found
	}
	if err := presign.UnusualKeys(m.keys, s.request.Method); err != nil && !isListed {
		found = append(found, warningAt(titleUnusual, err.Error()+"\n\nIf they are, ignore this warning.", "keys")...)
	}
	urls := make(map[string]tftypes.Value, len(s.URLs))
	for i, o := range s.objects {
		urls[o.Key] = textValue(s.URLs[i])
	}
	results := s.results()
	results["urls"], results["objects"] = tftypes.NewValue(textMap, urls), objects
	return results, found
}

// listedBytes is the most that a message contains for an element of objects beside its key.
const listedBytes = 256

// tooLarge returns the error for URLs of which only the first fit have room in one message.
func tooLarge(config values, objects, fit, limit int) faults {
	name, wayOut := "keys", fmt.Sprintf("Split keys over several blocks, for example with chunklist(keys, %d)",
		max(1, fit*9/10))
	if config.isGiven("prefix") {
		name, wayOut = "prefix", "Choose a longer prefix, and use several blocks"
	}
	return invalid(fmt.Errorf("%s contains %s keys, whose URLs together exceed %d MiB, the limit of a provider's "+
		"answer. %s", name, text.Thousands(objects), limit>>20, wayOut), name)
}

// manyObjects are the objects of the arguments keys and versions.
type manyObjects struct {
	// keys are the known keys, each once, in the order of the configuration.
	keys []string
	// versions are the known versions by key, nil if the argument is not set.
	versions map[string]string
	// unknown reports whether a key or version is not known yet.
	unknown bool
}

func manyObjectsOf(config values) (m manyObjects, found faults) {
	found = invalid(m.readKeys(config["keys"]), "keys")
	return m, append(found, invalid(m.readVersions(config["versions"]), "versions")...)
}

func (m *manyObjects) readKeys(v tftypes.Value) error {
	if !v.IsKnown() || v.IsNull() {
		m.unknown = !v.IsKnown()
		return nil // a missing required argument has an error of its own
	}
	var elements []tftypes.Value
	if v.As(&elements) != nil {
		return fmt.Errorf("keys must be a list, tuple or set of strings, got %s. Write [key] for a single key, and "+
			"keys(map) or values(map) for a map", typeName(v))
	}
	switch n := len(elements); {
	case n == 0:
		return errors.New(
			"keys is empty. If it may be empty, set count = length(local.keys) > 0 ? 1 : 0 in this block")
	case n > maxKeys:
		return fmt.Errorf("keys must have at most %s elements, got %s. Split them over several blocks, for example with "+
			"chunklist(keys, %d)", text.Thousands(maxKeys), text.Thousands(n), maxKeys)
	}
	m.keys = make([]string, 0, len(elements))
	seen := make(map[string]bool, len(elements))
	for i, element := range elements {
		key, known, err := stringOf(element)
		switch {
		case err != nil && v.Type().Is(tftypes.Set{}):
			return fmt.Errorf("keys must contain only strings, got %w", err)
		case err != nil:
			return fmt.Errorf("keys must contain only strings, got %w at index %d", err, i)
		case !known:
			m.unknown = true
		case !seen[key]:
			seen[key] = true
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
	if v.As(&elements) != nil {
		return fmt.Errorf("versions must be an object or map of version IDs by key, got %s. "+
			"Write { \"key\" = \"version ID\" }", typeName(v))
	}
	m.versions = make(map[string]string, len(elements))
	for _, key := range slices.Sorted(maps.Keys(elements)) {
		if elements[key].IsNull() {
			continue
		}
		version, known, err := stringOf(elements[key])
		switch {
		case err != nil:
			return fmt.Errorf("versions must contain only strings or null, got %w for key %s", err, text.Quote(key))
		case !known:
			m.unknown = true
		default:
			m.versions[key] = version
		}
	}
	return nil
}

// stringOf returns a string. The error is a noun phrase for a value that is none.
func stringOf(v tftypes.Value) (s string, known bool, err error) {
	mayBeString := v.Type().Is(tftypes.String) || !v.IsKnown() && v.Type().Is(tftypes.DynamicPseudoType)
	switch {
	case v.IsNull():
		return "", false, errors.New("null")
	case !mayBeString:
		return "", false, errors.New(typeName(v))
	}
	return textOf(v), v.IsKnown(), nil
}

// typeName returns a type in the language of configurations, with its article.
func typeName(v tftypes.Value) string {
	name, _, _ := strings.Cut(strings.TrimPrefix(v.Type().String(), "tftypes."), "[") // tftypes.List[tftypes.String]
	article := "a "
	if name == "Object" {
		article = "an "
	}
	return article + strings.ToLower(name)
}
