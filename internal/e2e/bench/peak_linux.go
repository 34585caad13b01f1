package main

import (
	"os"
	"syscall"
)

// peakMiB is the peak of resident memory of a process that has ended, or of the largest of those that it has waited for.
func peakMiB(ended *os.ProcessState) float64 {
	if usage, ok := ended.SysUsage().(*syscall.Rusage); ok {
		return float64(usage.Maxrss) / 1024
	}
	return 0
}
