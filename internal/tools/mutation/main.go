// Command mutation changes the code of packages one place at a time and wants their own tests to go red.
//
// All changes of a package, its mutants, are compiled into one test binary, each behind a switch that an environment variable turns on;
// what does not compile fails the command and is never taken for a mutant that the tests have found. Each test without any mutant on tells
// which mutants it reaches, and runs for those alone. Usage, from the top of the tree:
//
//	go run ./internal/tools/mutation [-v] [-list FILE] PACKAGE …
//
// Every mutant that survives, is not reached or is stopped for want of an end is printed, then the counts. With -list, those that survive or
// are not reached must be the rows of FILE, a Markdown table whose first cells are `file: function: change` and how many places that stands
// for; the command fails where they differ.
package main

import (
	"bufio"
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

const (
	onVariable      = "ALIOSS_MUTANT"
	reachedVariable = "ALIOSS_MUTANTS_REACHED"
	// slowTest is from where on a test runs by itself, and only for the mutants that all quicker tests let live.
	slowTest = 300 * time.Millisecond
	// patience is how many times as long as without a mutant a test may take, beside grace.
	patience = 10
	grace    = 20 * time.Second
)

func main() {
	verbose := flag.Bool("v", false, "print every mutant")
	list := flag.String("list", "", "a Markdown `file` that explains every mutant that survives or is not reached")
	flag.Parse()
	if err := run(flag.Args(), *list, *verbose); err != nil {
		fmt.Fprintln(os.Stderr, "mutation:", err)
		os.Exit(1)
	}
}

func run(packages []string, list string, verbose bool) error {
	dir, err := os.MkdirTemp("", "mutation")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	left := map[string]int{}
	for _, name := range packages {
		p, err := load(name)
		if err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		if err := p.test(dir, verbose, left); err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
	}
	if list == "" {
		return nil
	}
	return compare(list, packages, left)
}

// outcome is what the tests make of a mutant.
type outcome string

const (
	killed     outcome = "killed"
	survived   outcome = "SURVIVED"
	timedOut   outcome = "TIMED OUT"
	notReached outcome = "NOT REACHED"
)

// test runs the package's tests once for each of its mutants, and counts in left those that survive or are not reached.
func (p *source) test(dir string, verbose bool, left map[string]int) error {
	began := time.Now()
	binary, err := p.compile(dir)
	if err != nil {
		return err
	}
	p.binary = binary
	tests, err := p.baseline(filepath.Join(dir, "reached"))
	if err != nil {
		return err
	}
	counts := map[outcome]int{}
	for id, m := range p.mutants {
		result, err := p.try(id+1, tests)
		if err != nil {
			return err
		}
		counts[result]++
		if result == survived || result == notReached {
			left[p.name+"/"+m.key()]++
		}
		if verbose || result != killed {
			fmt.Printf("%-11s %s/%s:%d: %s: %s\n", result, p.name, m.file, m.line, m.function, m.change)
		}
	}
	fmt.Printf("%s: %d mutants: %d killed, %d timed out, %d survived, %d not reached; %.0f s\n", p.name, len(p.mutants),
		counts[killed], counts[timedOut], counts[survived], counts[notReached], time.Since(began).Seconds())
	return nil
}

// compile builds the test binary that has all mutants in it.
func (p *source) compile(dir string) (string, error) {
	overlay := map[string]map[string]string{"Replace": {}}
	for name, text := range p.texts {
		file := filepath.Join(dir, p.base+"-"+filepath.Base(name))
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			return "", err
		}
		overlay["Replace"][name] = file
	}
	text, err := json.Marshal(overlay)
	if err != nil {
		return "", err
	}
	file, binary := filepath.Join(dir, p.base+".json"), filepath.Join(dir, p.base+".test")
	if err := os.WriteFile(file, text, 0o600); err != nil {
		return "", err
	}
	if output, err := exec.Command("go", "test", "-c", "-vet=off", "-overlay", file, "-o", binary, p.path).CombinedOutput(); err != nil {
		return "", fmt.Errorf("the mutants do not compile: %w\n%s", err, output)
	}
	return binary, nil
}

// run runs tests with a mutant on; id 0 is none.
func (p *source) run(limit time.Duration, id int, pattern string, env ...string) ([]byte, error) {
	ctx, cancel := context.WithTimeout(context.Background(), limit)
	defer cancel()
	command := exec.CommandContext(ctx, p.binary, "-test.run="+pattern, "-test.failfast", "-test.timeout=0")
	command.Dir = p.dir
	command.Env = append(append(os.Environ(), onVariable+"="+strconv.Itoa(id)), env...)
	command.WaitDelay = time.Second
	output, err := command.CombinedOutput()
	if ctx.Err() != nil {
		err = ctx.Err()
	}
	return output, err
}

// test is a test without any mutant on.
type test struct {
	pattern string
	took    time.Duration
	reached map[int]bool
}

// baseline runs every test by itself without a mutant, and returns them with the quickest first.
func (p *source) baseline(file string) ([]test, error) {
	names, err := exec.Command(p.binary, "-test.list=.").Output()
	if err != nil {
		return nil, err
	}
	var tests []test
	for _, name := range strings.Fields(string(names)) {
		if strings.HasPrefix(name, "Benchmark") {
			continue
		}
		if err := os.WriteFile(file, nil, 0o600); err != nil {
			return nil, err
		}
		began := time.Now()
		t := test{pattern: "^" + regexp.QuoteMeta(name) + "$", reached: map[int]bool{}}
		output, err := p.run(time.Hour, 0, t.pattern, reachedVariable+"="+file)
		if err != nil {
			return nil, fmt.Errorf("%s fails without a mutant: %w\n%s", name, err, output)
		}
		t.took = time.Since(began)
		text, err := os.ReadFile(file)
		if err != nil {
			return nil, err
		}
		for _, field := range bytes.Fields(text) {
			id, err := strconv.Atoi(string(field))
			if err != nil {
				return nil, err
			}
			t.reached[id] = true
		}
		tests = append(tests, t)
	}
	slices.SortFunc(tests, func(a, b test) int { return cmp.Compare(a.took, b.took) })
	return tests, nil
}

// try runs the tests that reach a mutant with it on: the quick ones together, then the slow ones.
func (p *source) try(id int, tests []test) (outcome, error) {
	var runs []test
	for _, t := range tests {
		if !t.reached[id] {
			continue
		}
		if last := len(runs) - 1; last >= 0 && t.took < slowTest {
			runs[last].pattern += "|" + t.pattern
			runs[last].took += t.took
		} else {
			runs = append(runs, t)
		}
	}
	if len(runs) == 0 {
		return notReached, nil
	}
	for _, t := range runs {
		_, err := p.run(patience*t.took+grace, id, t.pattern)
		var failed *exec.ExitError
		switch {
		case err == nil:
		case errors.Is(err, context.DeadlineExceeded):
			return timedOut, nil
		case errors.As(err, &failed):
			return killed, nil
		default:
			return "", err
		}
	}
	return survived, nil
}

var row = regexp.MustCompile("^\\| `([^`]+)` \\| ([0-9]+) \\| \\S")

// compare wants the rows of a list to be the mutants that are left of the packages.
func compare(list string, packages []string, left map[string]int) error {
	file, err := os.Open(list)
	if err != nil {
		return err
	}
	defer file.Close()
	listed := map[string]int{}
	lines := bufio.NewScanner(file)
	for lines.Scan() {
		if match := row.FindStringSubmatch(lines.Text()); match != nil {
			listed[match[1]], _ = strconv.Atoi(match[2])
		}
	}
	if err := lines.Err(); err != nil {
		return err
	}
	var wrong []string
	for key, n := range left {
		if listed[key] != n {
			wrong = append(wrong, fmt.Sprintf("%d of %s, and %d are explained", n, key, listed[key]))
		}
	}
	for key := range listed {
		named := slices.ContainsFunc(packages, func(p string) bool { return strings.HasPrefix(key, filepath.Base(p)+"/") })
		if named && left[key] == 0 {
			wrong = append(wrong, "none of "+key+", which is explained")
		}
	}
	if len(wrong) == 0 {
		return nil
	}
	slices.Sort(wrong)
	return fmt.Errorf("left, other than %s says:\n  %s", list, strings.Join(wrong, "\n  "))
}
