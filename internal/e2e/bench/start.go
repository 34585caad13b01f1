package main

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"time"
)

// The providers whose start is measured, by the name of their binary.
const (
	startBare      = "bare"
	startFramework = "framework"
	startOurs      = "alioss"
)

// startAll measures how long a plugin with nothing in it, a provider with nothing in it and this one take from their start to the
// line with which a plugin shakes hands, in turn.
func (b *bench) startAll(ctx context.Context) error {
	const starts = 10
	for range starts {
		for _, name := range []string{startBare, startFramework, startOurs} {
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
