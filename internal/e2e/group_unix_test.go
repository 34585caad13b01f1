//go:build unix

package e2e

import (
	"os/exec"
	"syscall"
)

// ownGroup gives a command and its children a process group of their own.
func ownGroup(command *exec.Cmd) { command.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} }

// interrupt does what Ctrl-C does in a terminal: SIGINT goes to the whole group. Terraform 1.0
// starts itself a second time, and the first process ignores the signal, so that one that is sent
// to it alone has no effect.
func interrupt(command *exec.Cmd) error { return syscall.Kill(-command.Process.Pid, syscall.SIGINT) }
