package endpoint

import (
	"strings"
	"unicode"
)

// NearRegion returns the known region that an unknown region id is probably a misspelling of, such
// as "cn-hangzhou" for "cn-hangzou". It is "" for a known id, and for one that is far from all or
// equally near to two. The id is one that ParseRegion returns.
//
// Near means: the known id without its leading "cn-" ("hangzhou"), or one edit away, or two if the
// known id has no number and at least 12 characters ("cn-zhangjiakou"). An edit adds, drops or
// changes a character, or swaps two neighbours. A known id with a number ("eu-west-1") is near only
// to ids that begin with the same word and have the same numbers, since "af-west-1" and "eu-west-3"
// are names of other places and not misspelled.
func NearRegion(id string) string {
	if isRegion(id) {
		return ""
	}
	if full := "cn-" + id; isRegion(full) {
		return full
	}
	word := id[:strings.IndexByte(id, '-')+1]
	for edits := 1; edits <= 2; edits++ {
		var near []string
		for known := range regions {
			numbered := numbers(known) != ""
			switch {
			case numbers(id) != numbers(known), numbered && !strings.HasPrefix(known, word):
			case edits == 2 && (numbered || len(known) < 12):
			case isWithin(edits, id, known):
				near = append(near, known)
			}
		}
		if len(near) == 1 {
			return near[0]
		}
		if len(near) > 1 {
			break
		}
	}
	return ""
}

// numbers returns the digits of an id, and what is between them as "-".
func numbers(id string) string {
	return strings.Join(strings.FieldsFunc(id, func(r rune) bool { return !unicode.IsDigit(r) }), "-")
}

// isWithin reports whether at most n edits make two texts of ASCII the same.
func isWithin(n int, a, b string) bool {
	for a != "" && b != "" && a[0] == b[0] {
		a, b = a[1:], b[1:]
	}
	if a == b || n == 0 {
		return a == b
	}
	return a != "" && isWithin(n-1, a[1:], b) ||
		b != "" && isWithin(n-1, a, b[1:]) ||
		a != "" && b != "" && isWithin(n-1, a[1:], b[1:]) ||
		len(a) > 1 && len(b) > 1 && a[0] == b[1] && a[1] == b[0] && isWithin(n-1, a[2:], b[2:])
}
