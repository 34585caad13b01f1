package doctest

import (
	"os"
	"os/exec"
	"runtime"
	"strings"
	"testing"
	"time"
)

// debianPython is the interpreter that has Debian's cloud-init and Ansible.
const debianPython = "/usr/bin/python3"

// needCloudInit skips a test on a machine without cloud-init's code. internal/tools/packages.sh
// installs it.
func needCloudInit(t *testing.T) {
	t.Helper()
	if err := exec.CommandContext(t.Context(), debianPython, "-c", "import cloudinit.util").Run(); err != nil {
		t.Skip("cloud-init is not on this machine")
	}
	if os.Getuid() != 0 {
		t.Skip("cloud-init gives its files to root, and this user cannot")
	}
}

// boot does with a cloud-config what cloud-init does at the first boot: it writes the files, and
// prints the script of runcmd.
const boot = `
import sys, yaml
from cloudinit import util
from cloudinit.config import cc_write_files
config = yaml.safe_load(sys.stdin)
cc_write_files.write_files("doctest", config.get("write_files", []), "root:root")
print(util.shellify(config["runcmd"]))
`

// TestCloudInit boots the machine of examples/complete/cloud-init with cloud-init's own code, as it
// should be and in trouble, in which nothing is to be unpacked.
func TestCloudInit(t *testing.T) {
	t.Parallel()
	needCloudInit(t)
	text := applied(t, "complete/cloud-init", "user_data")
	if !strings.HasPrefix(text, "#cloud-config\n") {
		t.Fatal("the user data begin with another line than #cloud-config")
	}
	ran := func(t *testing.T, w *world) (installed bool, output string, err error) {
		t.Helper()
		m := newMachine(t, w)
		python := exec.CommandContext(t.Context(), debianPython, "-c", boot)
		python.Stdin, python.Stderr = strings.NewReader(m.inside(text)), os.Stderr
		script, err := python.Output()
		must(t, err)
		if info, err := os.Stat(m.dir + "/etc/agent/downloads"); err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("the file with the URLs: %v, %v", info, err)
		}
		output, err = m.script(t, string(script), "", nil, nil)
		return m.hasFile("/opt/agent", nil), output, err
	}
	if installed, output, err := ran(t, newWorld(t)); err != nil || !installed {
		t.Errorf("%v: %s", err, output)
	}
	for name, trouble := range troubles {
		w := newWorld(t)
		trouble(t, w)
		if installed, output, err := ran(t, w); err == nil || installed {
			t.Errorf("%s: the boot goes on (%v), installed %t: %s", name, err, installed, output)
		}
	}
}

// TestCloudInitSchema wants cloud-init to accept the example's cloud-config without a complaint.
func TestCloudInitSchema(t *testing.T) {
	t.Parallel()
	needCloudInit(t)
	file := t.TempDir() + "/user-data"
	write(t, file, applied(t, "complete/cloud-init", "user_data"))
	output, err := exec.CommandContext(t.Context(), "cloud-init", "schema", "--config-file", file).CombinedOutput()
	if err != nil || !strings.Contains(string(output), "Valid cloud-config") {
		t.Errorf("%v: %s", err, output)
	}
}

// include does with user data what cloud-init does at each boot, and prints the parts of which they
// consist.
const include = `
import logging, sys, time
from cloudinit import helpers, user_data
time.sleep = lambda seconds: None
logging.disable(logging.CRITICAL)
processor = user_data.UserDataProcessor(helpers.Paths({"cloud_dir": sys.argv[1], "run_dir": sys.argv[1]}))
for part in processor.process(sys.stdin.read()).walk():
    if not part.is_multipart():
        print(part.get_content_type(), part.get_payload(decode=True).decode())
`

// TestCloudInitInclude boots twice with examples/complete/cloud-init-include, the second time after
// the link has expired.
func TestCloudInitInclude(t *testing.T) {
	t.Parallel()
	needCloudInit(t)
	text := applied(t, "complete/cloud-init-include", "user_data")
	w := newWorld(t)
	w.replace(t, "boot/cloud-config.yaml", []byte("#cloud-config\nruncmd: [[\"true\"]]\n"))
	machine := t.TempDir()
	bootOn := func(dir, text string) (string, error) {
		python := exec.CommandContext(t.Context(), debianPython, "-c", include, dir)
		python.Stdin = strings.NewReader(text)
		python.Env = append(os.Environ(), w.env()...)
		output, err := python.CombinedOutput()
		return string(output), err
	}
	const want = "text/cloud-config #cloud-config\nruncmd"
	if got, err := bootOn(machine, text); err != nil || !strings.Contains(got, want) {
		t.Errorf("first boot: %v: %s", err, got)
	}
	w.ahead.Store(int64(8 * 24 * time.Hour))
	if got, err := bootOn(machine, text); err != nil || !strings.Contains(got, want) {
		t.Errorf("second boot, the link has expired: %v: %s", err, got)
	}
	// The example avoids that #include downloads again at each boot.
	if got, err := bootOn(machine, strings.Replace(text, "#include-once", "#include", 1)); err == nil &&
		strings.Contains(got, want) {
		t.Errorf("#include needs no link at the second boot: %q", got)
	}
}

// applied applies an example without the stubs' help, and returns an output.
func applied(t *testing.T, dir, output string) string {
	t.Helper()
	if runtime.GOOS != "linux" {
		t.Skip("cloud-init needs Linux")
	}
	w := newWorkplace(t)
	blocks := examples(t, nil)
	var wanted []block
	for _, b := range blocks {
		if b.dir == dir {
			wanted = append(wanted, b)
		}
	}
	if wanted = w.sift(t, wanted); len(wanted) == 0 {
		t.Skipf("%s is left out", dir)
	}
	in := newWorld(t).around(w)
	in.install(t, w.dir+"/configuration", wanted)
	in.terraform(t, w.dir+"/configuration", "apply", "-auto-approve", "-no-color", "-compact-warnings")
	text, ok := parseState(t, in.terraform(t, w.dir+"/configuration", "show", "-json")).output(wanted[0], output)
	if !ok {
		t.Fatalf("%s has no output %s", dir, output)
	}
	return text
}
