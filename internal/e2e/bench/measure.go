package main

import (
	"bufio"
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
	"syscall"
	"time"
)

// measure runs every case, round by round.
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
			wall, _, err := b.plan(ctx, i, "bin")
			if err != nil {
				return fmt.Errorf("%s: %w", c.name, err)
			}
			c.wall = append(c.wall, wall)
			log.Printf("round %d of %d: %-40s %7.2f s", round+1, b.runs, c.name, wall)
		}
		if err := b.startBoth(ctx); err != nil {
			return err
		}
	}
	for i, c := range b.cases {
		if !c.ours {
			continue
		}
		if err := b.observe(ctx, i, c); err != nil {
			return fmt.Errorf("%s: %w", c.name, err)
		}
		log.Printf("provider: %-40s %7.2f s CPU, %4.0f MiB", c.name, c.provider.CPU, c.provider.MiB)
	}
	return b.spawn(ctx)
}

func (b *bench) caseDir(i int) string { return filepath.Join(b.dir, fmt.Sprintf("case%d", i)) }

// plan plans a case, and returns wall-clock time and CPU time of the CLI and of what it has started, in seconds.
func (b *bench) plan(ctx context.Context, i int, rc string, variables ...string) (wall, cpu float64, err error) {
	command := exec.CommandContext(ctx, b.cli.Path, "plan", "-input=false", "-no-color", "-lock=false")
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
	started := time.Now()
	output, err := command.CombinedOutput()
	if err != nil {
		return 0, 0, fmt.Errorf("plan: %w\n%s", err, output)
	}
	return time.Since(started).Seconds(), (command.ProcessState.UserTime() + command.ProcessState.SystemTime()).Seconds(), nil
}

// usage is what processes of the provider cost.
type usage struct {
	CPU float64 // user and system, in seconds
	MiB float64 // the largest peak of resident memory
}

const (
	// shimTarget names the directory of the providers to a shim, and shimReport the file that it appends a usage to.
	shimTarget = "ALIOSS_BENCH_TARGET"
	shimReport = "ALIOSS_BENCH_REPORT"
)

// shim runs the provider of its own name, and notes what it cost.
func shim() int {
	command := exec.CommandContext(context.Background(), filepath.Join(os.Getenv(shimTarget), filepath.Base(os.Args[0])), os.Args[1:]...)
	command.Stdin, command.Stdout, command.Stderr = os.Stdin, os.Stdout, os.Stderr
	err := command.Run()
	u := usage{CPU: (command.ProcessState.UserTime() + command.ProcessState.SystemTime()).Seconds()}
	if r, ok := command.ProcessState.SysUsage().(*syscall.Rusage); ok {
		u.MiB = float64(r.Maxrss) / 1024
	}
	line, _ := json.Marshal(u)
	report, openErr := os.OpenFile(os.Getenv(shimReport), os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o600)
	if openErr != nil {
		return 1
	}
	defer report.Close()
	if _, writeErr := report.Write(append(line, '\n')); err != nil || writeErr != nil {
		return 1
	}
	return 0
}

// observe plans a case through shims.
func (b *bench) observe(ctx context.Context, i int, c *benchCase) error {
	report := filepath.Join(b.caseDir(i), "usage")
	_, cpu, err := b.plan(ctx, i, "shim", shimTarget+"="+filepath.Join(b.dir, "bin"), shimReport+"="+report)
	if err != nil {
		return err
	}
	text, err := os.ReadFile(report)
	if err != nil {
		return err
	}
	for line := range strings.Lines(string(text)) {
		var u usage
		if err := json.Unmarshal([]byte(line), &u); err != nil {
			return err
		}
		c.provider.CPU += u.CPU
		c.provider.MiB = max(c.provider.MiB, u.MiB)
	}
	c.cpu = cpu - c.provider.CPU
	return nil
}

// startBoth measures how long the provider and the bare one take from their start to the line with which a plugin shakes hands, in
// turn.
func (b *bench) startBoth(ctx context.Context) error {
	const starts = 10
	for range starts {
		for _, name := range []string{"bare", "alioss"} {
			ms, err := handshake(ctx, b.provider(name))
			if err != nil {
				return fmt.Errorf("start of %s: %w", name, err)
			}
			b.starts[name] = append(b.starts[name], ms)
		}
	}
	return nil
}

func handshake(ctx context.Context, path string) (float64, error) {
	command := exec.CommandContext(ctx, path)
	// The cookie tells a plugin that it was not started by hand (terraform-plugin-go, tf6server).
	command.Env = append(os.Environ(), "TF_PLUGIN_MAGIC_COOKIE=d602bf8f470bc67ca7faa0386276bbdd4330efaf76d1a219cb4d6991ca9872b2",
		"PLUGIN_PROTOCOL_VERSIONS=6")
	stdout, err := command.StdoutPipe()
	if err != nil {
		return 0, err
	}
	started := time.Now()
	if err := command.Start(); err != nil {
		return 0, err
	}
	line, err := bufio.NewReader(stdout).ReadString('\n')
	ms := time.Since(started).Seconds() * 1000
	if killErr := command.Process.Kill(); killErr != nil {
		return 0, killErr
	}
	_ = command.Wait() // it was killed
	if err == nil && !strings.Contains(line, "|grpc|") {
		err = fmt.Errorf("the line %q is no handshake", line)
	}
	return ms, err
}

// processes is what it costs to start a process for every URL, ten at a time, as Terraform runs data sources.
type processes struct {
	what string
	wall float64 // of 100, in seconds
}

const parallelism = 10

// spawn measures the bare cost of processes such as the external data source starts.
func (b *bench) spawn(ctx context.Context) error {
	for _, p := range []struct {
		what    string
		command []string
	}{
		{"`sh -c :`, a script that does nothing", []string{"sh", "-c", ":"}},
		{"a static Go program that signs one URL", []string{filepath.Join(b.dir, "bin", "signone")}},
	} {
		if _, err := exec.LookPath(p.command[0]); err != nil {
			continue
		}
		const n = 100
		started := time.Now()
		var wait sync.WaitGroup
		errs := make([]error, parallelism)
		for worker := range parallelism {
			wait.Go(func() {
				for range n / parallelism {
					errs[worker] = errors.Join(errs[worker], exec.CommandContext(ctx, p.command[0], p.command[1:]...).Run())
				}
			})
		}
		wait.Wait()
		if err := errors.Join(errs...); err != nil {
			return err
		}
		b.processes = append(b.processes, processes{p.what, time.Since(started).Seconds()})
	}
	return nil
}
