package provider

import (
	"runtime"
	"strings"
	"testing"
)

// A plan validates and reads by the thousand: none of these calls compiles a regular expression,
// neither ours nor the framework's, once the first has been made. Compiling allocates, and the
// memory profile shows the place.
func TestCallsCompileNoRegularExpression(t *testing.T) {
	rate := runtime.MemProfileRate
	t.Cleanup(func() { runtime.MemProfileRate = rate })
	for _, bm := range benchmarks(1, 30) {
		t.Run(bm.name, func(t *testing.T) {
			s := newWorld(t).configured(t, nil)
			config := s.dynamic(schemaOf("data", bm.typeName), bm.config)
			call := func() {
				if d, err := s.validateRaw("data", bm.typeName, config); err != nil || len(d) > 0 {
					t.Fatal(err, describe(d))
				}
				if _, d, err := s.signRaw("data", bm.typeName, config); err != nil || len(d) > 0 {
					t.Fatal(err, describe(d))
				}
			}
			call()
			runtime.MemProfileRate = 1
			before := allocated()
			call()
			after := allocated()
			runtime.MemProfileRate = rate
			for stack, n := range after {
				if n > before[stack] && strings.Contains(names(stack), "\nregexp.compile\n") {
					t.Fatalf("a call compiled a regular expression:\n%s", names(stack))
				}
			}
		})
	}
}

// allocated counts allocations by their stacks.
func allocated() map[[32]uintptr]int64 {
	for range 2 { // the profile is that of the last but one collection
		runtime.GC()
	}
	var records []runtime.MemProfileRecord
	for n, ok := runtime.MemProfile(nil, true); !ok; {
		records = make([]runtime.MemProfileRecord, n+100)
		n, ok = runtime.MemProfile(records, true)
		records = records[:min(n, len(records))]
	}
	counts := map[[32]uintptr]int64{}
	for _, r := range records {
		counts[r.Stack0] += r.AllocObjects
	}
	return counts
}

// names returns the functions of a stack, a line each.
func names(stack [32]uintptr) string {
	var b strings.Builder
	frames := runtime.CallersFrames((&runtime.StackRecord{Stack0: stack}).Stack())
	for more := true; more; {
		var f runtime.Frame
		f, more = frames.Next()
		b.WriteString(f.Function + "\n")
	}
	return b.String()
}
