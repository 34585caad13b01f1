package credentials

import (
	"os/exec"
	"strconv"
	"syscall"
)

// openWithoutWait is for pipes with a name in the file system, which Windows does not have.
const openWithoutWait = 0

// isolate lets the end of its context kill a command with its children.
func isolate(command *exec.Cmd) {
	command.SysProcAttr = &syscall.SysProcAttr{CreationFlags: syscall.CREATE_NEW_PROCESS_GROUP}
	command.Cancel = func() error {
		// The tree first: without its root it cannot be found any more.
		_ = exec.Command("taskkill", "/T", "/F", "/PID", strconv.Itoa(command.Process.Pid)).Run()
		return command.Process.Kill()
	}
}
