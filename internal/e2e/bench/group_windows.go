package main

import "os/exec"

func apart(*exec.Cmd) {}

func killGroup(command *exec.Cmd) error { return command.Process.Kill() }

func withoutCores() error { return nil }
