package main

import (
	"os"
	"strings"
	"testing"

	"github.com/alioss/terraform-provider-alioss/internal/acctest"
)

func TestMain(m *testing.M) {
	if os.Getenv(shimTarget) != "" {
		os.Exit(shim())
	}
	acctest.Main(m)
}

// The names in the rows are subjects, each once.
func TestRows(t *testing.T) {
	names := map[string]bool{theFloor: true}
	for _, s := range subjects(1, "") {
		if names[s.name] {
			t.Errorf("%q is the name of two subjects", s.name)
		}
		names[s.name] = true
	}
	for _, c := range comparisons() {
		if !names[c.what] || !names[c.over] {
			t.Errorf("%s: one of the two is no subject", c)
		}
	}
}

// A bar is met at its limit and missed beyond it, in the document and by the program's end. The
// median of the pairs counts.
func TestBars(t *testing.T) {
	for _, tt := range []struct {
		whats   []float64
		row     string
		problem string
	}{
		{[]float64{2.2}, "| 1 URL ÷ the floor | 1.10 | CPU | at most 1.10: met | 2.20 ÷ 2.00 s |", ""},
		{[]float64{9, 2, 2}, "| 1 URL ÷ the floor | 1.00 | CPU | at most 1.10: met | 2.00 ÷ 2.00 s |", ""},
		{
			[]float64{2, 2.6},
			"| 1 URL ÷ the floor | 1.15 | CPU | at most 1.10: **missed** | 2.30 ÷ 2.00 s |",
			"1 URL ÷ the floor, CPU: 1.15, want at most 1.10",
		},
		{nil, "", ""},
	} {
		c := &comparison{what: nameOne, over: theFloor, by: byCPU, limit: 1.10, whats: tt.whats}
		for range tt.whats {
			c.overs = append(c.overs, 2)
		}
		var out strings.Builder
		err := (&bench{}).report(&out, []*comparison{c}, 5)
		if tt.row == "" && strings.Contains(out.String(), "1 URL") || !strings.Contains(out.String(), tt.row) {
			t.Errorf("no row %q in\n%s", tt.row, out.String())
		}
		if tt.problem == "" && err != nil || tt.problem != "" && (err == nil || err.Error() != "bars missed: "+tt.problem) {
			t.Errorf("error %v, want %q", err, tt.problem)
		}
	}
}

// Every kind of measurement runs, with two instances for each thousand: the CLI takes the floor's
// answers, and finds no change where a plan is to have none.
func TestMeasurements(t *testing.T) {
	acctest.Require(t, acctest.Data)
	b, err := newBench(t.Context(), 2)
	if b != nil {
		defer b.close()
	}
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range comparisons() {
		if c.over != theFloor && c.over != nameDataApply && c.what != namePrefix10k && c.what != nameDataEachSet {
			continue
		}
		if err := b.compare(t.Context(), c, 1); err != nil {
			t.Errorf("%s by %s: %v", c, c.by, err)
		}
		if c.what == namePrefix10k && b.listed != 1 {
			t.Errorf("%d requests for 20 objects by prefix, want 1", b.listed)
		}
	}
	if bytes, err := b.weigh(t.Context(), nameMany10k, 20); err != nil || bytes < 300 {
		t.Errorf("a URL takes %d bytes in state: %v", bytes, err)
	}
}
