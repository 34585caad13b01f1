package credentials

import (
	"os/exec"
	"strconv"
	"syscall"
)

// openWithoutWait is for pipes with a name in the file system, which Windows does not have.
const openWithoutWait = 0

// isolate puts a command into a process group of its own, and lets the end of its context kill it
// and the processes that it has started.
func isolate(command *exec.Cmd) {
	command.SysProcAttr = &syscall.SysProcAttr{CreationFlags: syscall.CREATE_NEW_PROCESS_GROUP}
	command.Cancel = func() error {
		// The tree first: without its root it cannot be found any more.
		_ = exec.Command("taskkill", "/T", "/F", "/PID", strconv.Itoa(command.Process.Pid)).Run()
		return command.Process.Kill()
	}
}
