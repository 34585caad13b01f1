package provider

import (
	"fmt"
	"runtime"
	"sync"
	"testing"
)

// A process keeps nothing of a read: after six reads of 100,000 keys, what lives is what lived
// after one.
func TestReadsKeepNothing(t *testing.T) {
	const slack = 20 << 20
	s := newWorld(t).unwitnessed(t)
	keys := make([]string, maxKeys)
	for i := range keys {
		keys[i] = fmt.Sprintf("release/part-%06d.tar.gz", i)
	}
	config := s.dynamic(schemaOf("data", bulkURLs), args{"bucket": "examplebucket", "keys": listOf(keys...)})
	live := func() uint64 {
		var m runtime.MemStats
		runtime.GC()
		runtime.GC() // what the first one finalised
		runtime.ReadMemStats(&m)
		return m.HeapAlloc
	}
	read := func() {
		answer, d, err := s.signRaw("data", bulkURLs, config)
		if err != nil || len(d) > 0 || len(answer.MsgPack) < maxKeys*300 {
			t.Error(err, describe(d))
		}
	}
	read()
	first := live()
	for _, atOnce := range []int{1, 2, 2} {
		var reads sync.WaitGroup
		for range atOnce {
			reads.Go(read)
		}
		reads.Wait()
	}
	last := live()
	t.Logf("%d MiB live after one read, %d MiB after six", first>>20, last>>20)
	if last > first+slack {
		t.Errorf("%d MiB live after one read, and %d MiB after six", first>>20, last>>20)
	}
	runtime.KeepAlive(s)
}
