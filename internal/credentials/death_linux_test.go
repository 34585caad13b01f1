package credentials

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"testing"
	"time"
)

// TestCommandDiesWithThePlugin kills the process that runs a command, as the CLI does with a plugin
// that does not end.
func TestCommandDiesWithThePlugin(t *testing.T) {
	const variable = "ALIOSS_TEST_LIFELINE"
	if path := os.Getenv(variable); path != "" {
		_, err := runCommand(t.Context(), time.Hour, []string{
			"/bin/sh", "-c", fmt.Sprintf("exec 3>%s; echo ready >&3; exec sleep 3600", path),
		})
		t.Fatal(err)
	}
	alive := newLifeline(t)
	plugin := exec.Command(os.Args[0], "-test.run=^"+t.Name()+"$")
	plugin.Env = append(os.Environ(), variable+"="+alive.path)
	var output bytes.Buffer
	plugin.Stdout, plugin.Stderr = &output, &output
	if err := plugin.Start(); err != nil {
		t.Fatal(err)
	}
	if text := alive.line(t); text != "ready" {
		t.Fatalf("the command said %q: %s", text, output.String())
	}
	if err := plugin.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	if err := plugin.Wait(); err == nil || output.Len() > 0 {
		t.Errorf("the process ended by itself: %s", output.String())
	}
	alive.checkDead(t)
}
