package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"time"
)

// measure runs every case, round by round, and then looks closer at some.
func (b *bench) measure(ctx context.Context) error {
	for i, c := range b.cases {
		dir := b.caseDir(i)
		if err := os.Mkdir(dir, 0o700); err != nil {
			return err
		}
		for name, text := range c.files() {
			if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
				return err
			}
		}
	}
	b.starts = map[string][]float64{}
	for round := range b.runs {
		for i, c := range b.cases {
			spent, err := b.plan(ctx, i, "bin")
			if err != nil {
				return fmt.Errorf("%s: %w", c.name, err)
			}
			c.plans = append(c.plans, spent)
			log.Printf("round %d of %d: %-50s %7.2f s", round+1, b.runs, c.name, spent.Wall)
		}
		if err := errors.Join(b.startAll(ctx), b.spawn(ctx)); err != nil {
			return err
		}
	}
	for i, c := range b.cases {
		for run := range b.runs {
			if !c.observed || c.slow && run > 0 {
				break
			}
			if err := b.observe(ctx, i, c); err != nil {
				return fmt.Errorf("%s: %w", c.name, err)
			}
		}
		if c.observed {
			log.Printf("provider: %-50s %7.2f s CPU, %4.0f MiB", c.name, cpus(c.provider), peak(c.provider))
		}
	}
	var err error
	if b.signing, err = sign(ctx, b.runs); err != nil {
		return err
	}
	if err := b.profile(ctx); err != nil {
		return err
	}
	// Last, for a state changes what a plan costs.
	for i, c := range b.cases {
		if err := b.keep(ctx, i, c); err != nil {
			return fmt.Errorf("%s: %w", c.name, err)
		}
	}
	return nil
}

func (b *bench) caseDir(i int) string { return filepath.Join(b.dir, fmt.Sprintf("case%d", i)) }

// command returns a command of the CLI on a case, with the providers of a CLI configuration and nothing of this machine's own.
func (b *bench) command(ctx context.Context, i int, rc string, arguments []string, variables ...string) *exec.Cmd {
	command := exec.CommandContext(ctx, b.cli.Path, arguments...)
	command.Dir = b.caseDir(i)
	for _, variable := range os.Environ() {
		name, _, _ := strings.Cut(variable, "=")
		if !strings.HasPrefix(name, "TF_") && !strings.HasPrefix(name, "OSS_") && !strings.HasPrefix(name, "ALI") {
			command.Env = append(command.Env, variable)
		}
	}
	command.Env = append(append(command.Env, "TF_CLI_CONFIG_FILE="+b.rc(rc), "CHECKPOINT_DISABLE=1", "ALIBABA_CLOUD_ECS_METADATA_DISABLED=true"),
		variables...)
	command.Env = append(command.Env, b.cases[i].variables...)
	apart(command)
	return command
}

func planArguments(more ...string) []string {
	return append([]string{"plan", "-input=false", "-no-color", "-lock=false"}, more...)
}

// plan plans a case, and returns what that cost.
func (b *bench) plan(ctx context.Context, i int, rc string, variables ...string) (cost, error) {
	return timed(b.command(ctx, i, rc, planArguments(), variables...))
}

func timed(command *exec.Cmd) (cost, error) {
	started := time.Now()
	output, err := command.CombinedOutput()
	wall := time.Since(started).Seconds()
	if err != nil {
		return cost{}, fmt.Errorf("%s: %w\n%s", strings.Join(command.Args, " "), err, output)
	}
	spent := costOf(command.ProcessState)
	spent.Wall = wall
	return spent, nil
}

// costOf is what a process cost that has ended, without its time on the wall.
func costOf(ended *os.ProcessState) cost {
	return cost{CPU: (ended.UserTime() + ended.SystemTime()).Seconds(), MiB: peakMiB(ended)}
}

const (
	// shimTarget names the directory of the providers to a shim, and shimReport the file that it appends a cost to.
	shimTarget = "ALIOSS_BENCH_TARGET"
	shimReport = "ALIOSS_BENCH_REPORT"
)

// shim runs the provider of its own name, and notes what it cost.
func shim() int {
	command := exec.CommandContext(context.Background(), filepath.Join(os.Getenv(shimTarget), filepath.Base(os.Args[0])), os.Args[1:]...)
	command.Stdin, command.Stdout, command.Stderr = os.Stdin, os.Stdout, os.Stderr
	runErr := command.Run()
	if command.ProcessState == nil {
		return 1
	}
	line, err := json.Marshal(costOf(command.ProcessState))
	if err != nil {
		return 1
	}
	report, err := os.OpenFile(os.Getenv(shimReport), os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o600)
	if err != nil {
		return 1
	}
	defer report.Close()
	if _, err := report.Write(append(line, '\n')); err != nil || runErr != nil {
		return 1
	}
	return 0
}

// observe plans a case through shims: a plan starts the provider several times, whose CPU adds up.
func (b *bench) observe(ctx context.Context, i int, c *benchCase) error {
	report := filepath.Join(b.caseDir(i), "usage")
	if _, err := b.plan(ctx, i, "shim", shimTarget+"="+filepath.Join(b.dir, "bin"), shimReport+"="+report); err != nil {
		return err
	}
	text, err := os.ReadFile(report)
	if err != nil {
		return err
	}
	var sum cost
	for line := range strings.Lines(string(text)) {
		var one cost
		if err := json.Unmarshal([]byte(line), &one); err != nil {
			return err
		}
		sum.CPU += one.CPU
		sum.MiB = max(sum.MiB, one.MiB)
	}
	c.provider = append(c.provider, sum)
	return os.Remove(report)
}

// keep applies a case, and notes what plan file and state take, and what plans over that state cost.
func (b *bench) keep(ctx context.Context, i int, c *benchCase) error {
	if c.urls == 0 {
		return nil
	}
	const plan, state = "plan.out", "terraform.tfstate"
	if _, err := timed(b.command(ctx, i, "bin", planArguments("-out="+plan))); err != nil {
		return err
	}
	if _, err := timed(b.command(ctx, i, "bin", []string{"apply", "-input=false", "-no-color", "-lock=false", plan})); err != nil {
		return err
	}
	var err error
	if c.planFile, err = size(filepath.Join(b.caseDir(i), plan)); err != nil {
		return err
	}
	if c.state, err = size(filepath.Join(b.caseDir(i), state)); err != nil {
		return err
	}
	log.Printf("state: %-50s %9d bytes, plan file %9d bytes", c.name, c.state, c.planFile)
	for range b.runs {
		if !c.again {
			break
		}
		spent, err := b.plan(ctx, i, "bin")
		if err != nil {
			return err
		}
		c.replans = append(c.replans, spent)
		log.Printf("over state: %-50s %7.2f s", c.name, spent.Wall)
	}
	return nil
}

func size(path string) (int64, error) {
	info, err := os.Stat(path)
	if err != nil {
		return 0, err
	}
	return info.Size(), nil
}

// processes is what it costs to start a process for every URL, ten at a time, as Terraform runs data sources.
type processes struct {
	what    string
	command []string
	walls   []float64 // of spawned processes, in seconds
}

const (
	parallelism = 10
	spawned     = 100
)

// spawn measures the bare cost of processes such as the external data source starts.
func (b *bench) spawn(ctx context.Context) error {
	if b.processes == nil {
		b.processes = []processes{
			{what: "`sh -c :`, a script that does nothing", command: []string{"sh", "-c", ":"}},
			{what: "a static Go program that signs one URL", command: []string{b.program()}},
		}
	}
	for i := range b.processes {
		p := &b.processes[i]
		if _, err := exec.LookPath(p.command[0]); err != nil {
			continue
		}
		started := time.Now()
		var wait sync.WaitGroup
		errs := make([]error, parallelism)
		for worker := range parallelism {
			wait.Go(func() {
				for range spawned / parallelism {
					command := exec.CommandContext(ctx, p.command[0], p.command[1:]...)
					command.Stdin = strings.NewReader(`{"key":"agent/releases/2026/agent-000001.tar.gz"}`)
					errs[worker] = errors.Join(errs[worker], command.Run())
				}
			})
		}
		wait.Wait()
		if err := errors.Join(errs...); err != nil {
			return err
		}
		p.walls = append(p.walls, time.Since(started).Seconds())
	}
	return nil
}
