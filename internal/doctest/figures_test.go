package doctest

import (
	"math"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"testing"
)

// maxDeviation is how far a figure in a guide may lie from the one that was measured, which another
// run moves a little.
const maxDeviation = 0.25

// figureRow is a row of a table that gives one plan's time over another's, or what a URL takes in a
// file.
var figureRow = regexp.MustCompile(`(?m)^\| ([^|]+ ÷ [^|]+|(?:state|plan file), [^|]+) \| ([\d.]+)(?: bytes)? \|`)

// TestFigures compares the figures of the guide with those that make bench has measured, row by row
// of the same name.
func TestFigures(t *testing.T) {
	const hint = "; make bench > BENCHMARKS.md measures them"
	measured := figuresOf(t, "BENCHMARKS.md")
	guide := figuresOf(t, filepath.Join("docs", "guides", "signing-many-objects.md"))
	if len(guide) == 0 {
		t.Fatal("the guide has no figures")
	}
	for name, said := range guide {
		was, ok := measured[name]
		switch {
		case !ok:
			t.Errorf("%q is %v by the guide, and not in BENCHMARKS.md%s", name, said, hint)
		case math.Abs(said-was) > maxDeviation*was:
			t.Errorf("%q is %v by the guide, and %v was measured%s", name, said, was, hint)
		}
	}
}

// figuresOf returns the figures in the tables of a file of this repository by the names of their
// rows.
func figuresOf(t *testing.T, name string) map[string]float64 {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("..", "..", name))
	if err != nil {
		t.Fatalf("%v; make bench > BENCHMARKS.md writes the measurements", err)
	}
	figures := map[string]float64{}
	for _, m := range figureRow.FindAllStringSubmatch(string(text), -1) {
		figure, err := strconv.ParseFloat(m[2], 64)
		if err != nil {
			t.Fatal(err)
		}
		figures[m[1]] = figure
	}
	return figures
}
