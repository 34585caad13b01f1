package credentials

import "syscall"

// dieWithUs kills a process when the thread that started it ends.
func dieWithUs(attributes *syscall.SysProcAttr) { attributes.Pdeathsig = syscall.SIGKILL }
