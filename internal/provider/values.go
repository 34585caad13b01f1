package provider

import (
	"math/big"

	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

// values are the attributes of a configuration, plan, state or result, by name.
type values map[string]tftypes.Value

// isNull reports whether an attribute is null, or not in the form.
func (v values) isNull(name string) bool { return v[name].IsNull() }

// isUnknown reports whether an attribute is not known yet, whole or in part.
func (v values) isUnknown(name string) bool { return !v[name].IsFullyKnown() }

// isGiven reports whether an attribute is known, and not null.
func (v values) isGiven(name string) bool { return !v[name].IsNull() && v[name].IsKnown() }

// firstGiven returns the first attribute that is given, or "".
func (v values) firstGiven(names ...string) string {
	for _, name := range names {
		if v.isGiven(name) {
			return name
		}
	}
	return ""
}

// text returns a known string, or "" for any other attribute.
func (v values) text(name string) string { return textOf(v[name]) }

// flag reports whether an attribute is known and true.
func (v values) flag(name string) bool { return valueAs[bool](v[name]) }

// number returns a known number, or nil for any other attribute.
func (v values) number(name string) *big.Float { return valueAs[*big.Float](v[name]) }

// integer returns a known whole number, or 0 for any other attribute.
func (v values) integer(name string) int64 {
	if f := v.number(name); f != nil {
		if n, exact := f.Int64(); exact == big.Exact {
			return n
		}
	}
	return 0
}

// elements returns the elements of a known map, or the attributes of a known object or block, and
// nil for any other attribute.
func (v values) elements(name string) values { return valuesOf(v[name]) }

// texts returns the known elements of a map of strings, or nil if there are none.
func (v values) texts(name string) map[string]string {
	elements := v.elements(name)
	if len(elements) == 0 {
		return nil
	}
	texts := make(map[string]string, len(elements))
	for key := range elements {
		if elements.isGiven(key) {
			texts[key] = elements.text(key)
		}
	}
	return texts
}

// textOf returns a known string, or "" for any other value.
func textOf(v tftypes.Value) string { return valueAs[string](v) }

// valuesOf returns the elements of a known object or map, or nil for any other value.
func valuesOf(v tftypes.Value) values { return valueAs[map[string]tftypes.Value](v) }

// valueAs returns a known value of the type that tftypes converts to T, or the zero T for any other.
func valueAs[T any](v tftypes.Value) (zero T) {
	if !v.IsKnown() || v.IsNull() {
		return zero
	}
	t := new(T)
	if v.As(t) != nil {
		return zero
	}
	return *t
}

func textValue(s string) tftypes.Value { return tftypes.NewValue(tftypes.String, s) }

// optionalText returns null for "".
func optionalText(s string) tftypes.Value {
	if s == "" {
		return tftypes.NewValue(tftypes.String, nil)
	}
	return textValue(s)
}

// mapValue returns a map of strings, empty for nil.
func mapValue(texts map[string]string) tftypes.Value {
	elements := make(map[string]tftypes.Value, len(texts))
	for name, s := range texts {
		elements[name] = textValue(s)
	}
	return tftypes.NewValue(textMap, elements)
}

// equal reports whether two values of one type are the same.
func equal(a, b tftypes.Value) bool {
	if a.IsKnown() && b.IsKnown() && !a.IsNull() && !b.IsNull() && a.Type().Is(tftypes.String) &&
		b.Type().Is(tftypes.String) {
		return textOf(a) == textOf(b)
	}
	return a.Equal(b)
}
