package main

import (
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"runtime"
	"slices"
	"strings"
	"time"
)

// median returns the middle of values, the mean of two if there is no one middle, and 0 for none.
func median(values []float64) float64 {
	sorted := slices.Sorted(slices.Values(values))
	n := len(sorted)
	if n == 0 {
		return 0
	}
	return (sorted[(n-1)/2] + sorted[n/2]) / 2
}

// ratio is the median of the pairs' ratios.
func (c *comparison) ratio() float64 {
	ratios := make([]float64, len(c.whats))
	for i := range ratios {
		ratios[i] = c.whats[i] / c.overs[i]
	}
	return median(ratios)
}

func (c *comparison) values(what, over float64) string {
	if c.by == byMemory {
		return fmt.Sprintf("%.0f ÷ %.0f MiB", what, over)
	}
	return fmt.Sprintf("%.2f ÷ %.2f s", what, over)
}

// bar words the bar of a row, and reports whether it is met.
func (c *comparison) bar() (string, bool) {
	switch {
	case c.limit == 0:
		return "", true
	case c.ratio() <= c.limit:
		return fmt.Sprintf("at most %.2f: met", c.limit), true
	default:
		return fmt.Sprintf("at most %.2f: **missed**", c.limit), false
	}
}

// alicloudRequests is the number of requests of data alicloud_oss_bucket_objects for n objects,
// counted from its source: a listing for each 100, and two requests for each object.
func alicloudRequests(n int) int { return n/100 + 2*n }

const head = `# Benchmarks

Written by ` + "`make bench`" + ` (internal/e2e/bench). The ratios carry over to other machines, the seconds do not.

Measured on %s with %s, %s/%s, %d cores, %s, in %s. Load before and after: %s, %s.

Each row compares two plans, or two applies. The two are measured in pairs, one right after the other.
A ratio is the median of the ratios of %d pairs (slow rows: %d, for_each over a set: 1). CPU is that of
the CLI and the provider together. Memory is the peak of the provider's process. The floor is a provider
with the same schema that answers constants: what the CLI, gRPC and MessagePack cost with any provider.
It decodes the keys of many URLs, and the state and configuration of managed ones. For those it answers
the prior state.

| what ÷ compared with | ratio | of | bar | medians |
|---|---|---|---|---|
`

// report writes the document. The error names the bars that are missed.
func (b *bench) report(w io.Writer, rows []*comparison, runs int) error {
	var out strings.Builder
	fmt.Fprintf(&out, head, time.Now().UTC().Format(time.DateOnly), b.cli, runtime.GOOS, runtime.GOARCH,
		runtime.NumCPU(), runtime.Version(), time.Since(b.began).Round(time.Second), b.load, load(), runs, min(runs, 3))
	var missed []string
	for _, c := range rows {
		if len(c.whats) == 0 {
			continue
		}
		bar, met := c.bar()
		if !met {
			missed = append(missed, fmt.Sprintf("%s, %s: %.2f, want at most %.2f", c, c.by, c.ratio(), c.limit))
		}
		medians := c.values(median(c.whats), median(c.overs))
		fmt.Fprintf(&out, "| %s | %.2f | %s | %s | %s |\n", c, c.ratio(), c.by, bar, medians)
	}
	if b.listed > 0 {
		theirs := alicloudRequests(10_000)
		fmt.Fprintf(&out, "| %s ÷ alicloud_oss_bucket_objects | %.5f | requests | | %d ÷ %d |\n",
			namePrefix10k, float64(b.listed)/float64(theirs), b.listed, theirs)
	}
	for _, name := range slices.Sorted(maps.Keys(b.weights)) {
		fmt.Fprintf(&out, "| state, %s | %d bytes | each URL | | |\n", name, b.weights[name])
	}
	if _, err := io.WriteString(w, out.String()); err != nil {
		return err
	}
	if len(missed) > 0 {
		return errors.New("bars missed: " + strings.Join(missed, "; "))
	}
	return nil
}

// load returns the load of the machine over the last minute.
func load() string {
	text, _ := os.ReadFile("/proc/loadavg")
	first, _, ok := strings.Cut(string(text), " ")
	if !ok {
		return "unknown"
	}
	return first
}
