package provider

import (
	"slices"
	"sync"
)

// once remembers the warnings that this run of the provider has given, so that a thousand instances of one data source do
// not give the same one a thousand times. Several goroutines may use it.
type once struct {
	mu    sync.Mutex
	given []string
}

// saidOnce ends every warning of once: it stands at one address, and silence at another is no promise.
const saidOnce = " This warning is shown once per run and applies to all affected URLs."

// maxRemembered bounds what is remembered. What comes later is shown each time.
const maxRemembered = 1000

// warn returns a warning whose title was not given before for any of its subjects: what the text is about, without the
// parts of it that change from instance to instance. Without a subject, that is the whole text.
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
	return warning(title, detail+saidOnce)
}
