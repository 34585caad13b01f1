//go:build unix && !linux

package credentials

import "syscall"

// dieWithUs does nothing: no other system but Linux can do it for this package.
func dieWithUs(*syscall.SysProcAttr) {}
