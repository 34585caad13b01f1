package provider

import (
	"sync"
	"testing"
)

// Instances that warn at the same moment give one warning, and not none: each of the two subjects
// is new to exactly one of them.
func TestOnceAtTheSameMoment(t *testing.T) {
	t.Parallel()
	for range 2000 {
		var o once
		var mu sync.Mutex
		var group sync.WaitGroup
		given := 0
		for range 8 {
			group.Go(func() {
				n := len(o.warn("Title", "detail", "first", "second"))
				mu.Lock()
				defer mu.Unlock()
				given += n
			})
		}
		if group.Wait(); given != 1 {
			t.Fatalf("%d warnings", given)
		}
	}
}
