//go:build unix

package credentials

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// pipe makes a named pipe.
func pipe(t *testing.T) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "pipe")
	if err := syscall.Mkfifo(path, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// TestFilesThatAreNone gives a pipe without a writer, a directory and an endless device in place of
// every file. None of them may be waited for.
func TestFilesThatAreNone(t *testing.T) {
	t.Parallel()
	link := filepath.Join(t.TempDir(), "link")
	if err := os.Symlink("/dev/zero", link); err != nil {
		t.Fatal(err)
	}
	for what, path := range map[string]string{
		"pipe": pipe(t), "directory": t.TempDir(), "device": "/dev/zero", "link to a device": link,
	} {
		for name, set := range map[string]func(*world) Config{
			"profile": func(*world) Config { return Config{SharedCredentialsFile: path} },
			"token": func(*world) Config {
				return Config{
					AssumeRoleWithOIDC: &AssumeRoleWithOIDC{RoleARN: roleARN, OIDCProviderARN: providerARN, OIDCTokenFile: path},
				}
			},
			"variable": func(w *world) Config {
				w.vars["ALIBABA_CLOUD_CREDENTIALS_FILE"] = path
				return Config{}
			},
		} {
			w := newWorld(t)
			config := set(w)
			e := w.environment()
			e.ReadFile = readFile
			if _, err := New(config, e).Get(t.Context()); err == nil ||
				!strings.Contains(err.Error(), "is not a regular file") {
				t.Errorf("%s as %s: %v", what, name, err)
			}
		}
	}
}

// lifeline is a pipe that every process of a command keeps open.
type lifeline struct {
	path   string
	file   *os.File
	reader *bufio.Reader
}

func newLifeline(t *testing.T) *lifeline {
	t.Helper()
	path := pipe(t)
	// Opened for both, so that the opening does not wait for a writer.
	file, err := os.OpenFile(path, os.O_RDWR|syscall.O_NONBLOCK, 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = file.Close() })
	return &lifeline{path, file, bufio.NewReader(file)}
}

// line waits for a line that a process writes.
func (l *lifeline) line(t *testing.T) string {
	t.Helper()
	if err := l.file.SetReadDeadline(time.Now().Add(time.Minute)); err != nil {
		t.Fatal(err)
	}
	text, err := l.reader.ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	return strings.TrimSpace(text)
}

// checkDead waits until no process but this one has the pipe open.
func (l *lifeline) checkDead(t *testing.T) {
	t.Helper()
	reader, err := os.OpenFile(l.path, os.O_RDONLY|syscall.O_NONBLOCK, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = reader.Close() }()
	_ = l.file.Close()
	if err := reader.SetReadDeadline(time.Now().Add(20 * time.Second)); err != nil {
		t.Fatal(err)
	}
	if _, err := io.Copy(io.Discard, reader); err != nil {
		t.Errorf("a process of the command is still there: %v", err)
	}
}

// TestCommandEndsWithItsCaller leaves a command in every way, with a child of it that continues for
// an hour.
func TestCommandEndsWithItsCaller(t *testing.T) {
	t.Parallel()
	stopped := errors.New("stopped")
	for name, c := range map[string]struct {
		script string
		limit  time.Duration
		cancel bool
		want   string
	}{
		"interrupt":       {"sleep 3600 & echo ready >&3; wait", time.Hour, true, "stopped"},
		"interrupt alone": {"echo ready >&3; exec sleep 3600", time.Hour, true, "stopped"},
		"deaf":            {"trap '' INT TERM HUP; sleep 3600 & echo ready >&3; wait", time.Hour, true, "stopped"},
		"limit": {
			"sleep 3600 & echo ready >&3; wait", 100 * time.Millisecond, false,
			"its process_command gave no answer within 100ms",
		},
		"too much": {
			"sleep 3600 & echo ready >&3; while :; do echo hush-hush-hush-hush-hush-hush-hush-hush-hush-hush; done", time.Hour,
			false, "its process_command wrote more than 1 MiB",
		},
		"too much, deaf": {
			"trap '' PIPE; sleep 3600 & echo ready >&3; while :; do echo hush-hush-hush-hush-hush-hush-hush-hush " +
				"2>/dev/null; done",
			time.Hour, false, "its process_command wrote more than 1 MiB",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			alive := newLifeline(t)
			ctx, cancel := context.WithCancelCause(t.Context())
			defer cancel(nil)
			if c.cancel {
				go func() {
					if alive.line(t) == "ready" {
						cancel(stopped)
					}
				}()
			}
			output, err := runCommand(ctx, c.limit, []string{
				"/bin/sh", "-c", fmt.Sprintf("exec 3>%s; %s", alive.path, c.script),
			})
			if output != nil || err == nil || err.Error() != c.want {
				t.Errorf("got %q, %v; want %q", output, err, c.want)
			}
			alive.checkDead(t)
		})
	}
}

// TestOutputHeldOpen: a command that has answered and ended is not waited for, though a child keeps
// its output open.
func TestOutputHeldOpen(t *testing.T) {
	t.Parallel()
	output, err := runCommand(t.Context(), time.Hour, []string{"/bin/sh", "-c", "sleep 3600 & echo $!"})
	var child int
	if _, scanned := fmt.Sscan(string(output), &child); err != nil || scanned != nil {
		t.Fatalf("got %q, %v; want the id of the child", output, err)
	}
	if err := syscall.Kill(child, syscall.SIGKILL); err != nil {
		t.Errorf("the child is not there any more: %v", err)
	}
}

// TestCommandGroup: an interrupt of the terminal goes to the group of the CLI, and does not hit the
// command.
func TestCommandGroup(t *testing.T) {
	t.Parallel()
	output, err := runCommand(t.Context(), time.Hour, []string{"/bin/sh", "-c", "echo $$; ps -o pgid= -p $$"})
	var id, group int
	if _, scanned := fmt.Sscan(string(output), &id, &group); err != nil || scanned != nil || id != group ||
		group == syscall.Getpgrp() {
		t.Errorf("got %q, %v; want a group of its own", output, err)
	}
}
