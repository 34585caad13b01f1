package credentials

import (
	"regexp"
	"sync"
)

// pattern is a regular expression that is compiled at its first use: a run of the provider uses few
// of them, and compiling all of them would slow down the start of every run.
type pattern struct{ compiled func() *regexp.Regexp }

func newPattern(expression string) pattern {
	return pattern{sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(expression) })}
}

// MatchString is that of regexp.Regexp.
func (p pattern) MatchString(s string) bool { return p.compiled().MatchString(s) }
