package main

import (
	"context"
	"fmt"
	"log"
	"os"
	"os/exec"
	"regexp"
	"strconv"
	"strings"
)

// goBench is what Go benchmarks have printed, by name without the count of processors, and by unit.
type goBench map[string]map[string][]float64

// processors is what package testing puts behind a benchmark's name.
var processors = regexp.MustCompile(`-\d+$`)

func parseGoBench(output string) goBench {
	g := goBench{}
	for line := range strings.Lines(output) {
		fields := strings.Fields(line)
		if len(fields) < 4 || !strings.HasPrefix(fields[0], "Benchmark") {
			continue
		}
		name := processors.ReplaceAllString(fields[0], "")
		if g[name] == nil {
			g[name] = map[string][]float64{}
		}
		for i := 2; i+1 < len(fields); i += 2 { // behind the name and the number of turns: values, each with its unit
			if value, err := strconv.ParseFloat(fields[i], 64); err == nil {
				g[name][fields[i+1]] = append(g[name][fields[i+1]], value)
			}
		}
	}
	return g
}

// median returns the median of a benchmark; 0 where it has not run.
func (g goBench) median(name, unit string) float64 { return median(g[name][unit]) }

// sign runs the benchmarks of the signer.
func sign(ctx context.Context, runs int) (goBench, error) {
	command := exec.CommandContext(ctx, "go", "test", "-run", "^$", "-bench", "^BenchmarkPresign", "-benchmem", "-benchtime", "300ms",
		"-count", strconv.Itoa(runs), root+"/internal/signer")
	command.Env = append(os.Environ(), "CGO_ENABLED=0")
	apart(command)
	log.Print("benchmarks of the signer")
	output, err := command.CombinedOutput()
	if err != nil {
		return nil, fmt.Errorf("%s: %w\n%s", strings.Join(command.Args, " "), err, output)
	}
	g := parseGoBench(string(output))
	for _, name := range []string{benchOurs, benchSDK, benchAlone, benchParallel} {
		if g[name] == nil {
			return nil, fmt.Errorf("%s: no %s in\n%s", strings.Join(command.Args, " "), name, output)
		}
	}
	return g, nil
}

// The benchmarks that the bars are about (internal/signer/bench_test.go).
const (
	benchOurs     = "BenchmarkPresign/ours"
	benchSDK      = "BenchmarkPresign/sdk"
	benchBare     = "BenchmarkPresign/sdk-signer"
	benchAlone    = "BenchmarkPresignParallel/goroutines=1"
	benchParallel = "BenchmarkPresignParallel/goroutines=8"
)
