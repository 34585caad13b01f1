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
	near, least, tie := "", maxRegion, false
	word := id[:strings.IndexByte(id, '-')+1]
	for known := range regions {
		limit := 1
		switch {
		case numbers(id) != numbers(known), numbers(known) != "" && !strings.HasPrefix(known, word):
			continue
		case numbers(known) == "" && len(known) >= 12:
			limit = 2
		}
		switch d := distance(id, known); {
		case d > limit || d > least:
		case d == least:
			tie = true
		default:
			near, least, tie = known, d, false
		}
	}
	if tie {
		return ""
	}
	return near
}

// numbers returns the digits of an id, and what is between them as "-".
func numbers(id string) string {
	return strings.Join(strings.FieldsFunc(id, func(r rune) bool { return !unicode.IsDigit(r) }), "-")
}

// distance is the number of edits between two texts of ASCII: the "optimal string alignment" form
// of the Damerau–Levenshtein distance.
func distance(a, b string) int {
	before, last := make([]int, len(b)+1), make([]int, len(b)+1)
	for j := range last {
		last[j] = j
	}
	for i := range len(a) {
		row := make([]int, len(b)+1)
		row[0] = i + 1
		for j := range len(b) {
			change := last[j]
			if a[i] != b[j] {
				change++
			}
			row[j+1] = min(change, last[j+1]+1, row[j]+1)
			if i > 0 && j > 0 && a[i] == b[j-1] && a[i-1] == b[j] {
				row[j+1] = min(row[j+1], before[j-1]+1)
			}
		}
		before, last = last, row
	}
	return last[len(b)]
}
