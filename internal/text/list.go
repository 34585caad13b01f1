package text

import (
	"fmt"
	"slices"
	"strings"
)

const maxNamed = 10 // keys at fault that an error lists

// List gathers the faults of many keys for one message.
type List struct {
	named []string
	count int
}

// Add adds the fault of a key. It ignores nil.
func (f *List) Add(key string, err error) {
	if err == nil {
		return
	}
	f.count++
	if len(f.named) < maxNamed {
		f.named = append(f.named, fmt.Sprintf("  - %s: %v", Quote(key), err))
	}
}

// Len returns how many keys have a fault.
func (f *List) Len() int { return f.count }

// String returns a line for each of the first keys, and one for the number of the others.
func (f List) String() string {
	lines := f.named
	if more := f.count - len(f.named); more > 0 {
		lines = append(slices.Clip(lines), fmt.Sprintf("  - and %s more", Thousands(more)))
	}
	return strings.Join(lines, "\n")
}

// Err returns an error about the keys with a fault among all: "2 of 1,000 keys cannot be signed".
// It is nil if there is none.
func (f List) Err(all int, what string) error {
	if f.count == 0 {
		return nil
	}
	return fmt.Errorf("%s of %s %s:\n\n%s", Thousands(f.count), Thousands(all), what, f)
}
