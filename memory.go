package main

import (
	"os"
	"runtime/debug"
)

const (
	// gcPercent lets the heap grow to five times what is in use between two collections: in a large plan the provider makes much that is
	// of no more use at once. The bench program has a plan by Go's default beside it ("garbage collected by Go's default").
	gcPercent = 400
	// memoryLimit is from where on collections come as often as it takes to stay below, in bytes: 100,000 URLs in one read need less.
	memoryLimit = 512 << 20
)

// sparing sets how often garbage is collected, where the environment does not (GOGC, GOMEMLIMIT; package runtime).
func sparing() {
	if os.Getenv("GOGC") == "" && os.Getenv("GOMEMLIMIT") == "" {
		debug.SetGCPercent(gcPercent)
		debug.SetMemoryLimit(memoryLimit)
	}
}
