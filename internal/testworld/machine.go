// Package testworld is what the tests of several packages share: a clock that only tests move, a
// machine's variables and files, networks without sockets, and an OSS with one bucket. Only tests
// and test programs import it.
package testworld

import (
	"errors"
	"io/fs"
	"path/filepath"
	"sync"
	"time"
)

// Start is the instant at which a clock of the tests begins, if nothing else matters.
var Start = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

// Clock is a clock that only tests move.
type Clock struct {
	mu  sync.Mutex
	now time.Time
}

// NewClock returns a clock that shows an instant.
func NewClock(at time.Time) *Clock { return &Clock{now: at} }

// Now returns the clock's instant.
func (c *Clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

// Set moves the clock, also backwards.
func (c *Clock) Set(to time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = to
}

// Advance moves the clock forwards.
func (c *Clock) Advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

// Machine is what a program finds on a computer.
type Machine struct {
	// Variables are the environment variables.
	Variables map[string]string
	// Files are the contents of files by their path, which is written with slashes.
	Files map[string]string
	// Unreadable are files that exist but may not be read.
	Unreadable map[string]bool
	// Home is the user's home directory, empty for none.
	Home string
}

// Getenv returns an environment variable, as os.Getenv does.
func (m *Machine) Getenv(name string) string { return m.Variables[name] }

// HomeDir returns the home directory, as os.UserHomeDir does.
func (m *Machine) HomeDir() (string, error) {
	if m.Home == "" {
		return "", errors.New("$HOME is not defined")
	}
	return filepath.FromSlash(m.Home), nil
}

// ReadFile returns the content of a file, as os.ReadFile does.
func (m *Machine) ReadFile(path string) ([]byte, error) {
	name := filepath.ToSlash(path)
	content, ok := m.Files[name]
	switch {
	case m.Unreadable[name]:
		return nil, &fs.PathError{Op: "open", Path: path, Err: fs.ErrPermission}
	case !ok:
		return nil, &fs.PathError{Op: "open", Path: path, Err: fs.ErrNotExist}
	}
	return []byte(content), nil
}
