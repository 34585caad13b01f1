package main

import (
	"debug/buildinfo"
	"fmt"
	"io"
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

// bar is a ratio that is not to grow beyond a limit.
type bar struct {
	what, over string
	limit      float64
}

func (b *bench) report(w io.Writer) error {
	out := &strings.Builder{}
	b.head(out)
	b.table(out)
	b.bars(out)
	b.start(out)
	b.alternatives(out)
	b.growth(out)
	_, err := io.WriteString(w, out.String())
	return err
}

func (b *bench) head(w io.Writer) {
	load, _ := os.ReadFile("/proc/loadavg")
	fmt.Fprintf(w, "%s, %s, %s/%s, %d cores (GOMAXPROCS %d), %s; medians of %d runs of `plan` without state, all cases in turn; load at the end %s.\n"+
		"Libraries: %s.\n\n", time.Now().UTC().Format(time.DateOnly), b.cli, runtime.GOOS, runtime.GOARCH, runtime.NumCPU(), runtime.GOMAXPROCS(0),
		runtime.Version(), b.runs, firstFields(string(load), 3), b.libraries())
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
	fmt.Fprint(w, "| plan | median | slowest ÷ fastest | over 1 URL | provider CPU | CLI CPU | provider's peak memory |\n|---|---|---|---|---|---|---|\n")
	for _, c := range b.cases {
		over, cpu, cli, memory := "", "", "", ""
		if one != nil {
			over = fmt.Sprintf("%.2f", median(c.wall)/median(one.wall))
		}
		if c.ours {
			cpu, cli, memory = fmt.Sprintf("%.2f s", c.provider.CPU), fmt.Sprintf("%.2f s", c.cpu), fmt.Sprintf("%.0f MiB", c.provider.MiB)
		}
		fmt.Fprintf(w, "| %s | %.2f s | %.2f | %s | %s | %s | %s |\n", c.name, median(c.wall), spread(c.wall), over, cpu, cli, memory)
	}
}

func (b *bench) bars(w io.Writer) {
	fmt.Fprint(w, "\n## Ratios and their bars\n\n| ratio | measured | bar |\n|---|---|---|\n")
	for _, r := range []bar{
		{name1000, nameData1000, 2.2},
		{nameMany10k, nameOne, 4},
		{nameMany100k, nameMany10k, 12},
		{nameManySet10k, nameMany10k, 0},
		{nameVersions10k, nameMany10k, 0},
		{nameTraced, name1000, 0},
		{nameEach, name1000, 0},
		{nameDataEach, nameData1000, 0},
		{nameList10k, nameDynamic10k, 0},
		{nameSet1k, nameDynamic1k, 0},
	} {
		what, over := b.named(r.what), b.named(r.over)
		if what == nil || over == nil {
			continue
		}
		ratio, verdict := median(what.wall)/median(over.wall), ""
		switch {
		case r.limit != 0 && ratio <= r.limit:
			verdict = fmt.Sprintf("at most %g: met", r.limit)
		case r.limit != 0:
			verdict = fmt.Sprintf("at most %g: **missed**", r.limit)
		}
		fmt.Fprintf(w, "| %s ÷ %s | %.2f | %s |\n", r.what, r.over, ratio, verdict)
	}
	if many := b.named(nameMany100k); many != nil {
		fmt.Fprintf(w, "| provider's peak memory with 100,000 URLs | %.0f MiB | at most 1024 MiB: %s |\n", many.provider.MiB, metOrMissed(many.provider.MiB <= 1024))
	}
}

func metOrMissed(met bool) string {
	if met {
		return "met"
	}
	return "**missed**"
}

func (b *bench) start(w io.Writer) {
	ours, bare := b.starts["alioss"], b.starts["bare"]
	more := median(ours) - median(bare)
	fmt.Fprintf(w, "\n## Start\n\nFrom the start of the process to the plugin's handshake, median of %d, in turn: %.1f ms (fastest %.1f ms), and for a provider "+
		"with nothing in it %.1f ms (fastest %.1f ms): %.1f ms more (bar: 5 ms: %s). The binary has %.1f MB.\n", len(ours), median(ours),
		slices.Min(ours), median(bare), slices.Min(bare), more, metOrMissed(more <= 5), float64(b.binarySize)/1e6)
}

func (b *bench) alternatives(w io.Writer) {
	fmt.Fprint(w, "\n## One process for every URL\n\nThe `external` data source starts a program for each URL. Its provider is not measured here, only what the "+
		"processes cost by themselves, ten at a time, before any of them signs anything and before the cost of a data source by `count`:\n\n"+
		"| process | 1,000 of them | over what 1,000 URLs add to a plan by count | over what 10,000 URLs add in one read |\n|---|---|---|---|\n")
	one, counted, many := b.named(nameOne), b.named(name1000), b.named(nameMany10k)
	for _, p := range b.processes {
		thousand := p.wall * 10
		fmt.Fprintf(w, "| %s | %.2f s |", p.what, thousand)
		if one != nil && counted != nil && many != nil {
			fmt.Fprintf(w, " %.2f | %.2f |", thousand/(median(counted.wall)-median(one.wall)), 10*thousand/(median(many.wall)-median(one.wall)))
		}
		fmt.Fprintln(w)
	}
}

// growth extends what was measured to 10⁶ URLs.
func (b *bench) growth(w io.Writer) {
	one, many, most := b.named(nameOne), b.named(nameMany10k), b.named(nameMany100k)
	if one == nil || many == nil || most == nil {
		return
	}
	step := (median(most.wall) - median(many.wall)) / 90_000
	fmt.Fprintf(w, "\n## Growth\n\nFrom 10,000 to 100,000 URLs in one read a URL adds %.0f µs to a plan, %.0f µs of CPU in the provider and %.0f µs in the CLI, and "+
		"%.1f KiB to the provider's peak memory. By that measure 10⁶ URLs take %.0f s in ten configurations one after the other on this machine.\n",
		step*1e6, (most.provider.CPU-many.provider.CPU)/90_000*1e6, (most.cpu-many.cpu)/90_000*1e6, (most.provider.MiB-many.provider.MiB)*1024/90_000,
		10*median(most.wall))
}
