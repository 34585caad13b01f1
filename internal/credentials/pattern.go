package credentials

import (
	"regexp"
	"sync"
)

// pattern is a regular expression that is compiled when it is first asked: a run of the provider
// asks few of them, and each costs the start of every run.
type pattern struct{ compiled func() *regexp.Regexp }

func newPattern(expression string) pattern {
	return pattern{sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(expression) })}
}

// MatchString is that of regexp.Regexp.
func (p pattern) MatchString(s string) bool { return p.compiled().MatchString(s) }
