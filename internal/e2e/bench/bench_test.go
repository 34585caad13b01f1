package main

import (
	"slices"
	"strings"
	"testing"
)

func TestMedian(t *testing.T) {
	for _, tt := range []struct {
		values []float64
		want   float64
	}{
		{nil, 0},
		{[]float64{3}, 3},
		{[]float64{9, 1, 2}, 2},
		{[]float64{4, 1, 100, 2}, 3},
	} {
		if got := median(tt.values); got != tt.want {
			t.Errorf("median(%v) is %v, want %v", tt.values, got, tt.want)
		}
	}
}

// measured is a run in which every case took a second, but for those named.
func measured(seconds map[string]float64) *bench {
	b := &bench{options: options{runs: 1}, starts: map[string][]float64{startBare: {4}, startFramework: {5}, startOurs: {9}}}
	b.signing = parseGoBench(`goos: linux
BenchmarkPresign/ours-2         	  100000	      2000 ns/op	     536 B/op	       8 allocs/op
BenchmarkPresign/sdk-2          	   10000	     16000 ns/op	   11260 B/op	     155 allocs/op
BenchmarkPresignParallel/goroutines=1-2	  100000	      2100 ns/op	      2000 p50-ns	      3000 p99-ns	     536 B/op	       3 allocs/op
BenchmarkPresignParallel/goroutines=8-2	  100000	      2100 ns/op	      2000 p50-ns	      6000 p99-ns	     536 B/op	       3 allocs/op
PASS
`)
	for _, c := range cases("signone") {
		wall, ok := seconds[c.name]
		if !ok {
			wall = 1
		}
		c.plans = []cost{{Wall: wall, CPU: wall}}
		if c.observed {
			c.provider = []cost{{CPU: 0.1, MiB: 1024}}
		}
		if c.name == nameMany100k {
			c.provider[0].MiB = max(1024, 1024*seconds["memory"])
		}
		b.cases = append(b.cases, &c)
	}
	return b
}

// Each bar is met at its limit, and missed beyond it: in the document, and by the program's end.
func TestBars(t *testing.T) {
	for _, tt := range []struct {
		name   string
		change func(*bench)
		at     map[string]float64
		missed string
	}{
		{name: "none", at: map[string]float64{name1000: 2.2, nameMany10k: 4, nameMany100k: 48}},
		{name: "by count", at: map[string]float64{name1000: 2.21}, missed: "at most 2.2"},
		{name: "10,000", at: map[string]float64{nameMany10k: 4.1}, missed: "at most 4"},
		{name: "100,000", at: map[string]float64{nameMany100k: 12.1}, missed: "at most 12"},
		{name: "memory", at: map[string]float64{"memory": 1.01}, missed: "at most 1024 MiB"},
		{name: "start", change: func(b *bench) { b.starts[startOurs] = []float64{9.1} }, missed: "at most 5 ms"},
		{name: "SDK", change: func(b *bench) { b.signing[benchSDK]["ns/op"] = []float64{15_900} }, missed: "at least 8"},
		{name: "allocations", change: func(b *bench) { b.signing[benchOurs]["allocs/op"] = []float64{9} }, missed: "at most 8"},
		{name: "p99", change: func(b *bench) { b.signing[benchParallel]["p99-ns"] = []float64{6100} }, missed: "at most 2"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			b := measured(tt.at)
			if tt.change != nil {
				tt.change(b)
			}
			var out strings.Builder
			err := b.report(&out)
			if tt.missed == "" {
				if err != nil || strings.Contains(out.String(), "missed") || strings.Count(out.String(), ": met") != 8 {
					t.Errorf("error %v, want none, and 8 bars met in\n%s", err, out.String())
				}
				return
			}
			if err == nil || err.Error() != "bars missed: "+tt.missed {
				t.Errorf("error %v, want that %q is missed", err, tt.missed)
			}
			if strings.Count(out.String(), "| "+tt.missed+": **missed** |") != 1 || strings.Count(out.String(), ": met") != 7 {
				t.Errorf("the document does not say that one bar is missed and 7 are met:\n%s", out.String())
			}
		})
	}
}

// A bar whose cases were left out is not met.
func TestBarsNotMeasured(t *testing.T) {
	b := measured(nil)
	b.cases = slices.DeleteFunc(b.cases, func(c *benchCase) bool { return c.name == nameData1000 })
	var out strings.Builder
	if err := b.report(&out); err != nil {
		t.Fatal(err)
	}
	if want := "| " + name1000 + " ÷ " + nameData1000 + " | not measured | at most 2.2 |"; !strings.Contains(out.String(), want) {
		t.Errorf("no %q in\n%s", want, out.String())
	}
}

// What the bars and ratios name are cases.
func TestBarsNameCases(t *testing.T) {
	names := map[string]bool{}
	for _, c := range cases("signone") {
		if names[c.name] {
			t.Errorf("%q is the name of two cases", c.name)
		}
		names[c.name] = true
	}
	for _, r := range bars() {
		if !names[r.what] || !names[r.over] {
			t.Errorf("%q or %q is no case", r.what, r.over)
		}
	}
}

func TestAtWork(t *testing.T) {
	const stacks = `SIGQUIT: quit
PC=0x83526c m=6 sigcode=0

goroutine 54 gp=0xc000511340 m=6 mp=0xc0001c4708 [running]:
github.com/zclconf/go-cty/cty.Value.RawEquals({{{0x3e832e8?, 0xc00019677f?}}, {0x308f040?, 0xc000a69460?}})
	github.com/zclconf/go-cty@v1.16.0/cty/value_ops.go:428 +0x345 fp=0xc000d878b0 sp=0xc000d87550 pc=0x848885
github.com/zclconf/go-cty/cty.Value.UnmarkDeep({{{0x3e837f0?, 0xc001b6d4f0?}}, {0x3698b00?, 0xc001a5a078?}})
	github.com/zclconf/go-cty@v1.16.0/cty/marks.go:198 +0x1c fp=0xc000d88000 sp=0xc000d87f00 pc=0x851265
github.com/hashicorp/terraform/internal/terraform.(*forEachEvaluator).ResourceValue(0xc000d886c0)
	github.com/hashicorp/terraform/internal/terraform/eval_for_each.go:80 +0x1c fp=0xc000d886c0 sp=0xc000d88600 pc=0x851265
github.com/hashicorp/terraform/internal/dag.(*Walker).walkVertex(0xc0011f7aa0, {0x3765620, 0xc000ce0000}, 0xc0000ffc80)
	github.com/hashicorp/terraform/internal/dag/walk.go:384 +0x1c fp=0xc000d886c0 sp=0xc000d88600 pc=0x851265
created by github.com/hashicorp/terraform/internal/dag.(*Walker).Update in goroutine 14
	github.com/hashicorp/terraform/internal/dag/walk.go:307 +0x1c

goroutine 1 gp=0xc0000061c0 m=nil [select]:
runtime.gopark(0xc00088f810?, 0x2?, 0x8?, 0xe1?, 0xc00088f7bc?)
	runtime/proc.go:424 +0xce fp=0xc00088f690 sp=0xc00088f670 pc=0x4a0a4e
github.com/hashicorp/terraform/internal/command.(*Meta).RunOperation(0xc0006456c0, {0x3e91938?, 0xc00067c960?}, 0xc0007d23c0)
	github.com/hashicorp/terraform/internal/command/meta.go:450 +0x1c

-----

goroutine 20 gp=0xc0002 m=2 mp=0xc0001 [GC worker (active)]:
runtime.gcBgMarkWorker.func2()
	runtime/mgc.go:1500 +0x1c

goroutine 21 gp=0xc0003 m=3 mp=0xc0002 [running]:
runtime.mallocgc(0x10)
	runtime/malloc.go:1000 +0x1c
github.com/opentofu/opentofu/internal/tofu.evaluate(...)
	github.com/opentofu/opentofu/internal/tofu/evaluate.go:10

goroutine 3 gp=0xc000006fc0 m=nil [runnable]:
runtime.goschedIfBusy()
	runtime/proc.go:387 +0x36
runtime.bgsweep(0xc0000cc000)
	runtime/mgcsweep.go:300 +0x151

goroutine 22 gp=0xc0003 m=nil [runnable]:
compress/flate.(*compressor).deflate(0xc0003)
	compress/flate/deflate.go:10
main.main()
	main.go:1
`
	want := []string{"`terraform.(*forEachEvaluator).ResourceValue` → `cty.Value.UnmarkDeep`", "`tofu.evaluate`", placeOther, placeCollector}
	if got := atWork(stacks); !slices.Equal(got, want) {
		t.Errorf("at work are\n%q, want\n%q", got, want)
	}
	if got := atWork("SIGQUIT: quit\n\ngoroutine 1 gp=0xc0000061c0 m=nil [select]:\nruntime.gopark(0x1)\n"); !slices.Equal(got, []string{placeWaiting}) {
		t.Errorf("at rest, it says %q", got)
	}
}
