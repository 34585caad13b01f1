package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log"
	"maps"
	"os"
	"os/exec"
	"path"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"syscall"
	"time"
)

// profile is where the goroutines of the CLI were at work in plans of a case that were stopped at instants spread over their length.
// No profiler is needed for that, and the CLI is the one that users have: the Go runtime answers SIGQUIT with all stacks.
type profile struct {
	name    string
	samples int
	places  map[string]int // where → samples in which a goroutine was at work there
}

// profile stops plans of those cases whose cost is said to be the core's, and of those to compare with.
func (b *bench) profile(ctx context.Context) error {
	if runtime.GOOS == "windows" {
		return nil
	}
	if err := withoutCores(); err != nil {
		return err
	}
	for i, c := range b.cases {
		if !slices.Contains([]string{name1000, nameEach, nameEachMap, nameList10k, nameMany100k}, c.name) {
			continue
		}
		const seconds = 30 // of plans, about
		length := walls(c.plans)
		n := min(max(int(2*seconds/length), 6), 30)
		p := profile{name: c.name, places: map[string]int{}}
		for sample := range n {
			at := time.Duration(0.95 * length * (float64(sample) + 0.5) / float64(n) * float64(time.Second))
			stacks, err := b.stop(ctx, i, at)
			if err != nil {
				return fmt.Errorf("profile of %s: %w", c.name, err)
			}
			if stacks == "" {
				continue
			}
			p.samples++
			for _, place := range atWork(stacks) {
				p.places[place]++
			}
		}
		log.Printf("profile: %-50s %3d samples", c.name, p.samples)
		b.profiles = append(b.profiles, p)
	}
	return nil
}

// stop plans a case, stops the plan after a time, and returns its stacks; "" where the plan was faster.
func (b *bench) stop(ctx context.Context, i int, after time.Duration) (string, error) {
	command := b.command(ctx, i, "bin", planArguments(), "GOTRACEBACK=crash")
	var stderr bytes.Buffer
	command.Stderr = &stderr
	command.WaitDelay = time.Second // for the providers, which hold on to standard error
	if err := command.Start(); err != nil {
		return "", err
	}
	select {
	case <-ctx.Done():
	case <-time.After(after):
	}
	if err := command.Process.Signal(syscall.SIGQUIT); err != nil && !errors.Is(err, os.ErrProcessDone) {
		return "", err
	}
	waitErr := command.Wait()
	_ = killGroup(command) // the providers that are left, if any
	if waitErr == nil || ctx.Err() != nil {
		return "", ctx.Err()
	}
	var exit *exec.ExitError
	if text := stderr.String(); strings.Contains(text, "SIGQUIT") {
		return text, nil
	} else if errors.As(waitErr, &exit) {
		return "", fmt.Errorf("%w\n%s", waitErr, text)
	}
	return "", waitErr
}

// The places that are no function of the core's.
const (
	placeWaiting   = "at rest: the provider's turn, or the end"
	placeCollector = "garbage collection"
	placeOther     = "elsewhere"
)

// stackHeader begins the stack of a goroutine, with its state in brackets.
var stackHeader = regexp.MustCompile(`^goroutine \d+ .*\[(.*)\]:$`)

// working are the states of goroutines at work: the one that the signal interrupts, and those that the runtime then halts.
var working = []string{"running", "runnable", "preempted", "GC worker (active)"}

// atWork returns where goroutines are at work by the text of their stacks, each place once.
func atWork(stacks string) []string {
	places := map[string]bool{}
	for block := range strings.SplitSeq(stacks, "\n\n") {
		var running bool
		var frames []string
		for line := range strings.Lines(block) {
			line = strings.TrimRight(line, "\n")
			if m := stackHeader.FindStringSubmatch(line); m != nil {
				running = slices.ContainsFunc(working, func(state string) bool { return strings.HasPrefix(m[1], state) })
				frames = nil
				continue
			}
			if arguments := strings.LastIndexByte(line, '('); running && arguments > 0 && !strings.HasPrefix(line, "\t") && !strings.HasPrefix(line, "created by ") {
				frames = append(frames, line[:arguments])
			}
		}
		if place := placeOf(frames); running && place != "" {
			places[place] = true
		}
	}
	if len(places) == 0 {
		return []string{placeWaiting}
	}
	return slices.Sorted(maps.Keys(places))
}

// placeOf names the innermost function of the core's own in a stack, and what that has called; "" where that is no work.
func placeOf(frames []string) string {
	for i, frame := range frames {
		switch {
		case frame == "runtime.bgsweep":
			return "" // always ready to run, for what nobody else wants to do
		case strings.HasPrefix(frame, "runtime.gcBgMarkWorker"):
			return placeCollector
		case !strings.HasPrefix(frame, "github.com/hashicorp/terraform/") && !strings.HasPrefix(frame, "github.com/opentofu/opentofu/"):
			continue
		}
		place := "`" + path.Base(frame) + "`"
		if i > 0 && !strings.HasPrefix(frames[i-1], "runtime.") {
			place += " → `" + path.Base(frames[i-1]) + "`"
		}
		return place
	}
	if len(frames) == 0 {
		return ""
	}
	return placeOther
}
