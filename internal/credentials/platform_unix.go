//go:build unix

package credentials

import (
	"os/exec"
	"syscall"
)

// openWithoutWait keeps the opening of a pipe from waiting for a writer.
const openWithoutWait = syscall.O_NONBLOCK

// isolate lets the end of its context kill a command with its children. On Linux it also ends with
// this process, even if that is killed.
func isolate(command *exec.Cmd) {
	command.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	dieWithUs(command.SysProcAttr)
	command.Cancel = func() error { return syscall.Kill(-command.Process.Pid, syscall.SIGKILL) }
}
