// Package text formats the parts of messages that all packages share: quoted values, sentences,
// numbers.
package text

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

const (
	maxQuoted   = 80              // bytes of a value that a message shows
	maxSearched = maxQuoted + 512 // bytes that are searched for secrets: also a name that begins there
)

// secretStart finds where a pasted URL may begin to be secret: its query, and every parameter of a
// signature or of user information, however they are escaped.
var secretStart = regexp.MustCompile(
	`(?i)\?|%3f|//[^/@\s]*@|(?:x-oss-|\b)(?:signature|credential|security-token|ossaccesskeyid)(?:=|%3d|-version)`,
)

// Quote returns a value that a user gave, in quotes, for a message or a log line. A presigned URL,
// pasted in the wrong place, shows nothing from its query on. A long value shows its first 80
// bytes. What is cut is followed by the value's length in bytes.
func Quote(s string) string {
	shown := s
	if at := secretStart.FindStringIndex(s[:min(len(s), maxSearched)]); at != nil {
		shown = s[:at[0]]
	}
	if len(shown) > maxQuoted {
		shown = shown[:maxQuoted]
		for len(shown) > 0 && !utf8.RuneStart(s[len(shown)]) && utf8.ValidString(s) {
			shown = shown[:len(shown)-1]
		}
	}
	if shown == s {
		return strconv.Quote(s)
	}
	return fmt.Sprintf("%q… (%d bytes)", shown, len(s))
}

// Sentence returns an error's text with a full stop at its end, and with a capital at its start
// unless it starts with the name of an argument (a word with an underscore, or one of names).
func Sentence(err error, names ...string) string {
	s := err.Error()
	word, _, _ := strings.Cut(s, " ")
	isName := strings.Contains(word, "_") || slices.Contains(names, word)
	if first, size := utf8.DecodeRuneInString(s); !isName && first != utf8.RuneError {
		s = string(unicode.ToUpper(first)) + s[size:]
	}
	if !strings.HasSuffix(s, ".") && !strings.HasSuffix(s, "?") {
		s += "."
	}
	return s
}

// Thousands returns a number with a comma between each three digits.
func Thousands(n int) string {
	s := strconv.Itoa(n)
	for i := len(s) - 3; i > 0 && s[i-1] != '-'; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}
