//go:build !unix

package e2e

import (
	"errors"
	"os/exec"
)

func ownGroup(*exec.Cmd) {}

func interrupt(*exec.Cmd) error { return errors.New("there is no SIGINT to send") }
