package credentials

import (
	"regexp"
	"sync"
)

// pattern is a regular expression that is compiled at its first use, since a run needs few of them.
type pattern struct{ compiled func() *regexp.Regexp }

func newPattern(expression string) pattern {
	return pattern{sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(expression) })}
}

func (p pattern) MatchString(s string) bool { return p.compiled().MatchString(s) }
