package main

import (
	"cmp"
	"debug/buildinfo"
	"fmt"
	"io"
	"maps"
	"os"
	"runtime"
	"slices"
	"strings"
	"time"
)

// median returns the middle of values, the mean of two where there is no one middle.
func median(values []float64) float64 {
	sorted := slices.Sorted(slices.Values(values))
	n := len(sorted)
	if n == 0 {
		return 0
	}
	return (sorted[(n-1)/2] + sorted[n/2]) / 2
}

// spread returns how far the runs lie apart: the highest over the lowest.
func spread(values []float64) float64 {
	if len(values) == 0 || slices.Min(values) == 0 {
		return 0
	}
	return slices.Max(values) / slices.Min(values)
}

func (b *bench) named(name string) *benchCase {
	for _, c := range b.cases {
		if c.name == name {
			return c
		}
	}
	return nil
}

// report writes the document. The error names the bars that are missed.
func (b *bench) report(w io.Writer) error {
	out := &strings.Builder{}
	b.head(out)
	b.table(out)
	b.ratios(out)
	b.signer(out)
	b.start(out)
	b.alternatives(out)
	b.kept(out)
	b.growth(out)
	b.core(out)
	if _, err := io.WriteString(w, out.String()); err != nil {
		return err
	}
	if len(b.missed) > 0 {
		return fmt.Errorf("bars missed: %s", strings.Join(b.missed, "; "))
	}
	return nil
}

// verdict says whether a bar is met, and keeps it in mind where it is missed.
func (b *bench) verdict(bar string, met bool) string {
	if met {
		return bar + ": met"
	}
	b.missed = append(b.missed, bar)
	return bar + ": **missed**"
}

func (b *bench) head(w io.Writer) {
	fmt.Fprintf(w, "# Benchmarks\n\nWritten by `make bench%s` (`internal/e2e/bench`). Times are of one machine; what carries over to others are the ratios, each of two "+
		"medians of the same run.\n\n", b.flags())
	load, _ := os.ReadFile("/proc/loadavg")
	fmt.Fprintf(w, "%s, %s, %s/%s, %d cores (GOMAXPROCS %d), %s; medians of %d runs of `plan` without state, all cases in turn; the whole took %s; load at "+
		"the end %s.\nLibraries: %s.\n\n", time.Now().UTC().Format(time.DateOnly), b.cli, runtime.GOOS, runtime.GOARCH, runtime.NumCPU(),
		runtime.GOMAXPROCS(0), runtime.Version(), b.runs, time.Since(b.began).Round(time.Second), cmp.Or(firstFields(string(load), 3), "unknown"),
		b.libraries())
}

// flags are those of the command line that change what is measured, as make takes them.
func (b *bench) flags() string {
	var flags []string
	for _, f := range []struct{ name, value string }{{"only", b.only}, {"skip", b.skip}} {
		if f.value != "" {
			flags = append(flags, fmt.Sprintf("-%s %q", f.name, f.value))
		}
	}
	if b.external != "" {
		flags = append(flags, "-external …/terraform-provider-external")
	}
	if b.runs != defaultRuns {
		flags = append(flags, fmt.Sprintf("-runs %d", b.runs))
	}
	if len(flags) == 0 {
		return ""
	}
	return " BENCHARGS='" + strings.Join(flags, " ") + "'"
}

func firstFields(s string, n int) string {
	fields := strings.Fields(s)
	return strings.Join(fields[:min(n, len(fields))], " ")
}

// libraries names the versions of the libraries that serve the protocol.
func (b *bench) libraries() string {
	info, err := buildinfo.ReadFile(b.provider("alioss"))
	if err != nil {
		return "unknown"
	}
	var names []string
	for _, m := range info.Deps {
		switch name := strings.TrimPrefix(m.Path, "github.com/hashicorp/"); name {
		case "terraform-plugin-framework", "terraform-plugin-go", "go-plugin", "google.golang.org/grpc":
			names = append(names, name+" "+m.Version)
		}
	}
	return strings.Join(names, ", ")
}

func (b *bench) table(w io.Writer) {
	one := b.named(nameOne)
	fmt.Fprint(w, "CPU is of all processes together; the provider's is part of it, measured in runs of its own (those of `for_each`: one). Memory is the peak, of "+
		"the provider and of the largest process.\n\n| plan | median | slowest ÷ fastest | over 1 URL | CPU | provider's CPU | provider's memory | largest "+
		"memory |\n|---|---|---|---|---|---|---|---|\n")
	for _, c := range b.cases {
		over, cpu, memory := "", "", ""
		if one != nil {
			over = fmt.Sprintf("%.2f", walls(c.plans)/walls(one.plans))
		}
		if c.observed {
			cpu, memory = fmt.Sprintf("%.2f s", cpus(c.provider)), mebibytes(peak(c.provider))
		}
		var times []float64
		for _, p := range c.plans {
			times = append(times, p.Wall)
		}
		fmt.Fprintf(w, "| %s | %.2f s | %.2f | %s | %.2f s | %s | %s | %s |\n", c.name, walls(c.plans), spread(times), over, cpus(c.plans), cpu, memory,
			mebibytes(peak(c.plans)))
	}
}

func mebibytes(n float64) string {
	if n == 0 {
		return "not told here"
	}
	return fmt.Sprintf("%.0f MiB", n)
}

// maxPeakMiB bounds the provider's memory at 100,000 URLs.
const maxPeakMiB = 1024

// bar is a ratio that is not to grow beyond a limit; 0 where it is there to be seen only.
type bar struct {
	what, over string
	limit      float64
}

func bars() []bar {
	return []bar{
		{name1000, nameData1000, 2.2},
		{nameMany10k, nameOne, 4},
		{nameMany100k, nameMany10k, 12},
		{nameOne, nameEmpty, 0},
		{nameOne, nameData1, 0},
		{name100, nameData100, 0},
		{nameMany1000, name1000, 0},
		{nameMany10k, nameData10k, 0},
		{nameMany200k, nameMany100k, 0},
		{nameManySet10k, nameMany10k, 0},
		{nameVersions10k, nameMany10k, 0},
		{nameTraced, name1000, 0},
		{nameCollected, name1000, 0},
		{nameEach, name1000, 0},
		{nameEach, nameMany1000, 0},
		{nameEach, nameDataEach, 0},
		{nameDataEach, nameData1000, 0},
		{nameEachMap, name1000, 0},
		{nameDataEachMap, nameData1000, 0},
		{nameList10k, nameDynamic10k, 0},
		{nameSet1k, nameDynamic1k, 0},
		{nameExternal1, nameOne, 0},
		{nameExternal100, name100, 0},
		{nameExternal1000, name1000, 0},
		{nameExternal1000, nameMany1000, 0},
	}
}

func (b *bench) ratios(w io.Writer) {
	fmt.Fprint(w, "\n## Ratios and their bars\n\n| ratio | measured | bar |\n|---|---|---|\n")
	for _, r := range bars() {
		what, over := b.named(r.what), b.named(r.over)
		if what == nil || over == nil {
			if r.limit != 0 {
				fmt.Fprintf(w, "| %s ÷ %s | not measured | at most %g |\n", r.what, r.over, r.limit)
			}
			continue
		}
		ratio, verdict := walls(what.plans)/walls(over.plans), ""
		if r.limit != 0 {
			verdict = b.verdict(fmt.Sprintf("at most %g", r.limit), ratio <= r.limit)
		}
		fmt.Fprintf(w, "| %s ÷ %s | %.2f | %s |\n", r.what, r.over, ratio, verdict)
	}
	if many := b.named(nameMany100k); many != nil {
		mib, verdict := peak(many.provider), ""
		if mib > 0 {
			verdict = b.verdict(fmt.Sprintf("at most %d MiB", maxPeakMiB), mib <= maxPeakMiB)
		}
		fmt.Fprintf(w, "| provider's memory with %s | %s | %s |\n", nameMany100k, mebibytes(mib), verdict)
	}
}

const (
	minSDKRatio = 8 // the SDK's presigner over ours
	maxAllocs   = 8 // of a plain GET
	maxP99Ratio = 2 // the 99th percentile of one URL under 8 goroutines, over that under one
)

func (b *bench) signer(w io.Writer) {
	g := b.signing
	fmt.Fprintf(w, "\n## The signer\n\nMedians of %d runs of `go test -bench ^BenchmarkPresign -benchmem ./internal/signer`, without Terraform. `sdk` is `Client.Presign` "+
		"of the official Go SDK, `sdk-signer` its bare signer on a request that is built.\n\n| benchmark | time | allocations | bytes |\n|---|---|---|---|\n", b.runs)
	for _, name := range slices.Sorted(maps.Keys(g)) {
		if strings.HasPrefix(name, "BenchmarkPresignRatio") || strings.HasPrefix(name, "BenchmarkPresignParallel") {
			continue // what they report are figures of their own, below
		}
		fmt.Fprintf(w, "| %s | %.2f µs | %.0f | %.0f |\n", strings.TrimPrefix(name, "Benchmark"), g.median(name, "ns/op")/1000, g.median(name, "allocs/op"), g.median(name, "B/op"))
	}
	fmt.Fprint(w, "\n| ratio | measured | bar |\n|---|---|---|\n")
	ours := g.median(benchOurs, "ns/op")
	sdk := g.median(benchSDK, "ns/op") / ours
	fmt.Fprintf(w, "| SDK's time ÷ ours | %.1f | %s |\n", sdk, b.verdict(fmt.Sprintf("at least %d", minSDKRatio), sdk >= minSDKRatio))
	fmt.Fprintf(w, "| bare SDK signer's time ÷ ours | %.1f | |\n", g.median(benchBare, "ns/op")/ours)
	allocs := g.median(benchOurs, "allocs/op")
	fmt.Fprintf(w, "| allocations of a plain GET | %.0f | %s |\n", allocs, b.verdict(fmt.Sprintf("at most %d", maxAllocs), allocs <= maxAllocs))
	alone, parallel := g.median(benchAlone, "p99-ns"), g.median(benchParallel, "p99-ns")
	fmt.Fprintf(w, "| 99th percentile under 8 goroutines (%.1f µs) ÷ under one (%.1f µs) | %.2f | %s |\n", parallel/1000, alone/1000, parallel/alone,
		b.verdict(fmt.Sprintf("at most %d", maxP99Ratio), parallel <= maxP99Ratio*alone))
}

// maxStartMs bounds what a start takes beyond a bare handshake.
const maxStartMs = 5

func (b *bench) start(w io.Writer) {
	bare := median(b.starts[startBare])
	fmt.Fprintf(w, "\n## Start\n\nFrom the start of the process to the plugin's handshake, median of %d, in turn.\n\n"+
		"| process | binary | median | fastest | beyond go-plugin | bar |\n|---|---|---|---|---|---|\n", len(b.starts[startOurs]))
	for _, s := range []struct{ name, what string }{
		{startBare, "go-plugin with nothing in it"}, {startFramework, "a provider of terraform-plugin-framework with nothing in it"}, {startOurs, "alioss"},
	} {
		ms, verdict := median(b.starts[s.name]), ""
		if s.name == startOurs {
			verdict = b.verdict(fmt.Sprintf("at most %d ms", maxStartMs), ms-bare <= maxStartMs)
		}
		fmt.Fprintf(w, "| %s | %.1f MB | %.1f ms | %.1f ms | %.1f ms | %s |\n", s.what, float64(b.sizes[s.name])/1e6, ms, slices.Min(b.starts[s.name]), ms-bare, verdict)
	}
}

func (b *bench) alternatives(w io.Writer) {
	fmt.Fprint(w, "\n## One process for every URL\n\n")
	if b.external == "" {
		fmt.Fprint(w, "The `external` data source starts a program for each URL. Its provider was not at hand (`-external` names a binary of it), so that what stands "+
			"here is what the processes cost by themselves, ten at a time")
	} else {
		fmt.Fprintf(w, "The `external` data source (%s) starts a program for each URL: here a static Go program with the signer of this provider in it, than which a "+
			"script in Python, a shell or a cloud's CLI is slower. Its plans stand in the tables above, and below what the processes cost by themselves, ten at a "+
			"time", module(b.external))
	}
	fmt.Fprint(w, ", before the cost of a data source by `count`.\n\n| process | 1,000 of them | over what 1,000 URLs add to a plan by count | over what 1,000 URLs "+
		"add in one read of 10,000 |\n|---|---|---|---|\n")
	one, counted, many := b.named(nameOne), b.named(name1000), b.named(nameMany10k)
	for _, p := range b.processes {
		if len(p.walls) == 0 {
			continue
		}
		thousand := median(p.walls) * 1000 / spawned
		fmt.Fprintf(w, "| %s | %.2f s |", p.what, thousand)
		for _, added := range []float64{addedBy(one, counted, 1000), addedBy(one, many, 10_000)} {
			if added > 0 {
				fmt.Fprintf(w, " %.1f |", thousand/(1000*added))
			} else {
				fmt.Fprint(w, " |")
			}
		}
		fmt.Fprintln(w)
	}
}

// addedBy is what one of n URLs adds to a plan, in seconds; 0 where it was not measured.
func addedBy(one, many *benchCase, n float64) float64 {
	if one == nil || many == nil {
		return 0
	}
	return (walls(many.plans) - walls(one.plans)) / n
}

// module names the module that a binary was built from.
func module(file string) string {
	info, err := buildinfo.ReadFile(file)
	if err != nil {
		return "of unknown version"
	}
	version := info.Main.Version
	for _, s := range info.Settings {
		if s.Key == "vcs.revision" && !strings.HasPrefix(version, "v") {
			version = s.Value
		}
	}
	return strings.TrimSpace(info.Main.Path + " " + version)
}

func (b *bench) kept(w io.Writer) {
	fmt.Fprint(w, "\n## State and plan file\n\nAfter an apply, with nothing but the data source in state: keys of 39 characters (by count 34 to 36), a long-lived AccessKey.\n\n"+
		"| of a URL | measured |\n|---|---|\n")
	for _, c := range b.cases {
		if c.urls > 1 {
			fmt.Fprintf(w, "| state, %s | %.0f bytes |\n| plan file, %s | %.0f bytes |\n", c.name, float64(c.state)/float64(c.urls), c.name,
				float64(c.planFile)/float64(c.urls))
		}
	}
	fmt.Fprint(w, "\nA plan over state reads it, and signs anew.\n\n| ratio | measured |\n|---|---|\n")
	for _, c := range b.cases {
		if c.again {
			fmt.Fprintf(w, "| %s, over state ÷ without | %.2f |\n", c.name, walls(c.replans)/walls(c.plans))
		}
	}
}

// growth extends what was measured to 10⁶ URLs.
func (b *bench) growth(w io.Writer) {
	many, most := b.named(nameMany10k), b.named(nameMany100k)
	if many == nil || most == nil {
		return
	}
	const urls = 100_000 - 10_000
	step := func(of func([]cost) float64, costs func(*benchCase) []cost) float64 {
		return (of(costs(most)) - of(costs(many))) / urls
	}
	plans := func(c *benchCase) []cost { return c.plans }
	provider := func(c *benchCase) []cost { return c.provider }
	fmt.Fprintf(w, "\n## Growth, and 10⁶ URLs\n\nFrom 10,000 to 100,000 URLs in one read, a URL adds to a plan\n\n| time | CPU | provider's CPU | provider's memory | largest "+
		"memory | state |\n|---|---|---|---|---|---|\n| %.0f µs | %.0f µs | %.0f µs | %.1f KiB | %.1f KiB | %.0f bytes |\n\n",
		step(walls, plans)*1e6, step(cpus, plans)*1e6, step(cpus, provider)*1e6, step(peak, provider)*1024, step(peak, plans)*1024,
		float64(most.state-many.state)/urls)
	fmt.Fprint(w, "Extended from that to 10⁶ URLs, none of which was measured:\n\n| how | time | largest memory | state |\n|---|---|---|---|\n")
	fmt.Fprintf(w, "| ten configurations of 100,000, one after the other | %.0f s | %s | ten of %.0f MB |\n", 10*walls(most.plans), mebibytes(peak(most.plans)), float64(most.state)/1e6)
	if two := b.named(nameMany200k); two != nil {
		// A second read of 100,000 adds what eight more are taken to add.
		extend := func(of func([]cost) float64) float64 { return of(two.plans) + 8*(of(two.plans)-of(most.plans)) }
		fmt.Fprintf(w, "| ten reads of 100,000 in one configuration | %.0f s | %s | %.0f MB |\n", extend(walls), mebibytes(extend(peak)), 10*float64(most.state)/1e6)
	}
	fmt.Fprintf(w, "| signed where they are used, one core, no plan | %.1f s | | none |\n", 1e6*b.signing.median(benchOurs, "ns/op")/1e9)
}

// core shows where the core spends its time.
func (b *bench) core(w io.Writer) {
	if len(b.profiles) == 0 {
		return
	}
	fmt.Fprint(w, "\n## Where the core's time goes\n\nPlans stopped by SIGQUIT at instants spread over their length: the innermost function of the CLI's own in the stacks of goroutines "+
		"at work, and what it has called. Several can be at work at once.\n\n| plan | at work | samples |\n|---|---|---|\n")
	for _, p := range b.profiles {
		places := slices.SortedFunc(maps.Keys(p.places), func(x, y string) int { return cmp.Or(p.places[y]-p.places[x], strings.Compare(x, y)) })
		for _, place := range places[:min(5, len(places))] {
			fmt.Fprintf(w, "| %s | %s | %d of %d |\n", p.name, place, p.places[place], p.samples)
		}
	}
}
