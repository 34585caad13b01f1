package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"runtime"
	"slices"
	"strings"
	"time"
)

// compare measures a row, pair by pair. The side that is measured first changes from pair to pair.
func (b *bench) compare(ctx context.Context, c *comparison, runs int) error {
	if c.runs > 0 {
		runs = min(runs, c.runs)
	}
	type side struct {
		subject *subject
		with    string
		into    *[]float64
	}
	sides := []side{{b.subjects[c.what], ours, &c.whats}, {b.subjects[c.over], ours, &c.overs}}
	if c.over == theFloor {
		sides[1].subject, sides[1].with = b.subjects[c.what], floor
	}
	for i := range runs {
		for _, s := range sides {
			value, err := b.measure(ctx, s.subject, s.with, c.by)
			if err != nil {
				return fmt.Errorf("%s with %s: %w", s.subject.name, s.with, err)
			}
			*s.into = append(*s.into, value)
		}
		slices.Reverse(sides)
		log.Printf("%d of %d: %s: %s", i+1, runs, c, c.values(c.whats[i], c.overs[i]))
	}
	if c.what == namePrefix10k {
		b.listed = len(b.oss.Requests()) / runs
	}
	return nil
}

// measure does what a subject is about once, with a provider, and returns seconds or MiB.
func (b *bench) measure(ctx context.Context, s *subject, with string, by measure) (float64, error) {
	dir, err := b.prepare(ctx, s, with)
	if err != nil {
		return 0, err
	}
	arguments := planArguments
	switch s.act {
	case replan:
		arguments = append(slices.Clone(planArguments), "-detailed-exitcode") // a change is exit code 2, and an error here
	case apply:
		arguments = applyArguments
		if err := os.Remove(filepath.Join(dir, stateFile)); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return 0, err
		}
	}
	report := filepath.Join(dir, "peak")
	command := b.command(ctx, dir, with, s.env, arguments...)
	if by == byMemory {
		env := append(slices.Clone(s.env), shimTarget+"="+filepath.Join(b.dir, with), shimReport+"="+report)
		command = b.command(ctx, dir, observed, env, arguments...)
	}
	started := time.Now()
	if err := finish(command); err != nil {
		return 0, err
	}
	switch by {
	case byCPU:
		return cpuSeconds(command.ProcessState), nil
	case byTime:
		return time.Since(started).Seconds(), nil
	default:
		return highest(report)
	}
}

const stateFile = "terraform.tfstate"

var (
	planArguments  = []string{"plan", "-input=false", "-no-color", "-lock=false"}
	applyArguments = []string{"apply", "-input=false", "-no-color", "-lock=false", "-auto-approve"}
)

// prepare makes a subject's directory for a provider, if it is not there, with the state that it
// needs.
func (b *bench) prepare(ctx context.Context, s *subject, with string) (string, error) {
	dir := filepath.Join(b.dir, strings.NewReplacer(" ", "-", ",", "", "'", "").Replace(s.name)+"-"+with)
	if err := os.Mkdir(dir, 0o700); errors.Is(err, fs.ErrExist) {
		return dir, nil
	} else if err != nil {
		return "", err
	}
	for name, text := range s.files() {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			return "", err
		}
	}
	if s.act == replan {
		return dir, finish(b.command(ctx, dir, with, s.env, applyArguments...))
	}
	return dir, nil
}

// command returns a command of the CLI with the providers of a directory, and nothing of this
// machine's own configuration.
func (b *bench) command(ctx context.Context, dir, with string, env []string, arguments ...string) *exec.Cmd {
	command := exec.CommandContext(ctx, b.cli.Path, arguments...)
	command.Dir = dir
	for _, variable := range os.Environ() {
		name, _, _ := strings.Cut(variable, "=")
		ours := strings.HasPrefix(name, "TF_") || strings.HasPrefix(name, "OSS_") || strings.HasPrefix(name, "ALI")
		if !ours && name != "GOGC" && name != "GOMEMLIMIT" {
			command.Env = append(command.Env, variable)
		}
	}
	command.Env = append(command.Env, "CHECKPOINT_DISABLE=1", "ALIBABA_CLOUD_ECS_METADATA_DISABLED=true",
		"TF_CLI_CONFIG_FILE="+filepath.Join(b.dir, with+".tfrc"))
	command.Env = append(command.Env, env...)
	// An interrupted CLI ends its providers. They do not notice that a CLI was killed.
	command.Cancel = func() error { return command.Process.Signal(os.Interrupt) }
	return command
}

// finish runs a command to its end. The error contains its output.
func finish(command *exec.Cmd) error {
	if output, err := command.CombinedOutput(); err != nil {
		return fmt.Errorf("%s: %w\n%s", strings.Join(command.Args, " "), err, output)
	}
	return nil
}

// cpuSeconds is the CPU time of a process that has ended, with all that it has waited for: the CLI
// waits for its providers.
func cpuSeconds(ended *os.ProcessState) float64 {
	return (ended.UserTime() + ended.SystemTime()).Seconds()
}

const (
	// shimTarget names to a shim the directory of the provider that it runs, and shimReport the
	// file for the provider's peak of memory.
	shimTarget = "ALIOSS_BENCH_TARGET"
	shimReport = "ALIOSS_BENCH_REPORT"
)

// shim runs the provider, and notes its peak of memory.
func shim() int {
	binary := filepath.Join(os.Getenv(shimTarget), "terraform-provider-alioss")
	command := exec.CommandContext(context.Background(), binary, os.Args[1:]...)
	command.Stdin, command.Stdout, command.Stderr = os.Stdin, os.Stdout, os.Stderr
	runErr := command.Run()
	if command.ProcessState == nil {
		return 1
	}
	report, err := os.OpenFile(os.Getenv(shimReport), os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o600)
	if err != nil {
		return 1
	}
	defer report.Close()
	if _, err := fmt.Fprintln(report, peakMiB(command.ProcessState)); err != nil || runErr != nil {
		return 1
	}
	return 0
}

// peakMiB is the peak of resident memory of a process that has ended, or 0 if the system has
// another unit or no such figure. Not every system has the type of the field, so it is found by its
// name.
func peakMiB(ended *os.ProcessState) float64 {
	usage := reflect.Indirect(reflect.ValueOf(ended.SysUsage()))
	if runtime.GOOS != "linux" || usage.Kind() != reflect.Struct {
		return 0
	}
	return float64(usage.FieldByName("Maxrss").Int()) / 1024
}

// highest returns the highest peak in a shim's report, and removes it: a plan starts the provider
// several times.
func highest(report string) (peak float64, err error) {
	file, err := os.Open(report)
	if err != nil {
		return 0, err
	}
	defer file.Close()
	for mib := 0.0; err == nil; _, err = fmt.Fscan(file, &mib) {
		peak = max(peak, mib)
	}
	if peak == 0 {
		return 0, errors.New("this system does not tell a process's peak of memory")
	}
	return peak, os.Remove(report)
}

// weigh applies a subject, and returns how many bytes the state takes for each of its URLs.
func (b *bench) weigh(ctx context.Context, name string, urls int64) (int64, error) {
	dir, err := b.prepare(ctx, b.subjects[name], ours)
	if err != nil {
		return 0, err
	}
	if err := finish(b.command(ctx, dir, ours, nil, applyArguments...)); err != nil {
		return 0, err
	}
	info, err := os.Stat(filepath.Join(dir, stateFile))
	if err != nil {
		return 0, err
	}
	return info.Size() / urls, nil
}
