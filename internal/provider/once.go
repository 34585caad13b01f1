package provider

import "sync"

// once records the warnings of this run of the provider, so that a thousand instances of one data
// source do not show the same one a thousand times. Several goroutines may use it.
type once struct {
	mu    sync.Mutex
	given map[string]bool
}

// warn returns a warning, unless one with this title was shown for one of its subjects. Subjects
// are the parts of the text that do not change from instance to instance. Without a subject, it is
// the whole text. Its last sentence explains why only one address has it.
func (o *once) warn(title, detail string, subjects ...string) faults {
	if len(subjects) == 0 {
		subjects = []string{detail}
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.given == nil {
		o.given = map[string]bool{}
	}
	before := false
	for _, subject := range subjects {
		key := title + "\n" + subject
		before = before || o.given[key]
		o.given[key] = true
	}
	if before {
		return nil
	}
	return warningAt(title, detail+" This warning is shown once per run and applies to all affected URLs.")
}
