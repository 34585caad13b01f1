package provider

import (
	"slices"
	"sync"
)

// once records the warnings of this run of the provider, so that a thousand instances of one data
// source do not show the same one a thousand times. Several goroutines may use it.
type once struct {
	mu    sync.Mutex
	given []string
}

// onceNote is the last sentence of every warning of once, which is shown at one of the addresses
// that it applies to.
const onceNote = " This warning is shown once per run and applies to all affected URLs."

// maxRemembered bounds the recorded warnings. Later ones are shown each time.
const maxRemembered = 1000

// warn returns a warning, unless one with this title was shown for one of its subjects. Subjects
// are the parts of the text that do not change from instance to instance. Without a subject, it is
// the whole text.
func (o *once) warn(title, detail string, subjects ...string) faults {
	if len(subjects) == 0 {
		subjects = []string{detail}
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	before := false
	for _, subject := range subjects {
		key := title + "\n" + subject
		switch {
		case slices.Contains(o.given, key):
			before = true
		case len(o.given) < maxRemembered:
			o.given = append(o.given, key)
		}
	}
	if before {
		return nil
	}
	return warningAt(title, detail+onceNote)
}
