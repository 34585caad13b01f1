package doctest

import (
	"bytes"
	"encoding/base64"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/alioss/terraform-provider-alioss/internal/osstest"
)

// machine runs what an example hands to a machine, in directories of its own in place of the
// system's.
type machine struct {
	dir string
	env []string
}

// system are the system's directories that examples write to.
var system = []string{"/opt", "/var/log", "/etc/agent", "/model", "/tmp"}

func newMachine(t *testing.T, w *world) *machine {
	t.Helper()
	m := &machine{dir: t.TempDir()}
	for _, dir := range append([]string{"/home", "/job"}, system...) {
		must(t, os.MkdirAll(m.dir+dir, 0o755))
	}
	m.env = append(w.env(), "PATH="+os.Getenv("PATH"), "LC_ALL=C.UTF-8", "HOME="+m.dir+"/home", "TMPDIR="+m.dir+"/tmp")
	return m
}

// systemPath finds paths below the system's directories.
var systemPath = regexp.MustCompile(`(^|[^\w/.])(` + strings.Join(system, "|") + `)\b`)

// inside puts the machine's directories into a text in place of the system's.
func (m *machine) inside(text string) string {
	return systemPath.ReplaceAllString(text, "${1}"+m.dir+"${2}")
}

// script runs a script in the directory /job.
func (m *machine) script(t *testing.T, text, stdin string, variables, args []string) (string, error) {
	t.Helper()
	file := m.dir + "/script"
	write(t, file, text)
	command := exec.CommandContext(t.Context(), "sh", append([]string{file}, args...)...)
	command.Dir, command.Stdin = m.dir+"/job", strings.NewReader(stdin)
	command.Env = append(slices.Clone(m.env), variables...)
	output, err := command.CombinedOutput()
	return string(output), err
}

// hasFile reports whether a file of the machine has this content, or for nil whether it exists.
func (m *machine) hasFile(path string, want []byte) bool {
	got, err := os.ReadFile(m.dir + path)
	return err == nil && (want == nil || bytes.Equal(got, want))
}

// troubles are what may befall a download.
var troubles = map[string]func(t *testing.T, w *world){
	"the link has expired": func(_ *testing.T, w *world) { w.ahead.Store(int64(8 * 24 * time.Hour)) },
	"the connection is cut off": func(_ *testing.T, w *world) {
		w.Inject(osstest.Fault{Short: 20})
	},
	"the archive was changed, in the same length": func(t *testing.T, w *world) {
		for _, key := range []string{"agent/agent-1.4.2.tar.gz", "agent/agent.tar.gz"} {
			w.replace(t, key, archive("CONTENT of "+key+"\n"))
		}
	},
	"the archive was changed": func(t *testing.T, w *world) {
		for _, key := range []string{"agent/agent-1.4.2.tar.gz", "agent/agent.tar.gz"} {
			w.replace(t, key, archive(strings.Repeat("something else ", 1000)))
		}
	},
}

// scripts are what examples hand to machines: a script that installs the file "agent".
var scripts = []struct {
	place   string
	output  string   // name of the output, empty for the user data of an instance
	file    string   // where the script installs the file
	unaware []string // troubles, by a part of their names, that the script has no means to notice
}{
	{place: "examples/data-sources/alioss_presigned_url/script.tf", output: "script", file: "/home/agent/agent"},
	{place: "examples/data-sources/alioss_presigned_url/checksum.tf", output: "script", file: "/home/agent/agent"},
	{place: "examples/complete/getting-started/main.tf", file: "/opt/agent/agent"},
	{place: "examples/complete/ecs-user-data/main.tf", file: "/opt/agent"},
	{place: "examples/complete/replace-on-content/main.tf", file: "/opt/agent", unaware: []string{"in the same length"}},
	{place: "examples/resources/alioss_presigned_url/server.tf", file: "/opt/agent", unaware: []string{"was changed"}},
	{place: "examples/resources/alioss_presigned_url/release.tf", file: "/opt/agent", unaware: []string{"was changed"}},
}

// runMachines runs the scripts of applied examples, once as it should be and once in each trouble.
// In trouble a script fails, and installs nothing.
func runMachines(t *testing.T, s state, applied []block) {
	t.Helper()
	for _, tool := range []string{"sh", "curl", "tar", "sha256sum", "md5sum"} {
		if !found(tool) {
			t.Logf("no machine is tried: %s is not on this machine", tool)
			return
		}
	}
	tried := 0
	for _, c := range scripts {
		example := strings.TrimSpace(readExample(t, strings.TrimPrefix(c.place, "examples/")))
		i := slices.IndexFunc(applied, func(b block) bool { // a page may show it
			return b.place == c.place || b.dir == "" && strings.TrimSpace(b.text) == example
		})
		if i < 0 {
			t.Logf("%s is left out", c.place)
			continue
		}
		text, ok := s.output(applied[i], c.output)
		if c.output == "" {
			var encoded string
			encoded, ok = s.attribute(applied[i], "alicloud_instance", "user_data")
			decoded, err := base64.StdEncoding.DecodeString(encoded)
			must(t, err)
			text = string(decoded)
		}
		if !ok {
			t.Errorf("%s hands over no script", c.place)
			continue
		}
		tried++
		w := newWorld(t)
		m := newMachine(t, w)
		if output, err := m.script(t, m.inside(text), "", nil, nil); err != nil || !m.hasFile(c.file, nil) {
			log, _ := os.ReadFile(m.dir + "/var/log/agent-install.log")
			t.Errorf("%s: %v: %s%s", c.place, err, output, log)
		}
		for name, trouble := range troubles {
			if slices.ContainsFunc(c.unaware, func(of string) bool { return strings.Contains(name, of) }) {
				continue
			}
			w := newWorld(t)
			trouble(t, w)
			m := newMachine(t, w)
			_, err := m.script(t, m.inside(text), "", nil, nil)
			if err == nil {
				t.Errorf("%s: %s, and the script succeeds", c.place, name)
			}
			if m.hasFile(c.file, nil) {
				t.Errorf("%s: %s, and the script installs what it downloaded", c.place, name)
			}
		}
	}
	uploadByOutput(t, s, applied)
	mirrorByOutput(t, s, applied)
	t.Logf("%d of %d scripts tried, each as it should be and in up to %d troubles", tried, len(scripts), len(troubles))
}

// uploadByOutput runs the command that upload.tf hands over: as it should be, and after the link
// has expired.
func uploadByOutput(t *testing.T, s state, applied []block) {
	t.Helper()
	example := strings.TrimSpace(readExample(t, "data-sources", "alioss_presigned_url", "upload.tf"))
	i := slices.IndexFunc(applied, func(b block) bool { return strings.TrimSpace(b.text) == example })
	if i < 0 {
		t.Error("upload.tf is not applied")
		return
	}
	text, _ := s.output(applied[i], "upload")
	w := newWorld(t)
	m := newMachine(t, w)
	write(t, m.dir+"/job/report.json", "{}")
	if output, err := m.script(t, text, "", nil, nil); err != nil {
		t.Errorf("upload.tf: %v: %s", err, output)
	}
	if o, ok := w.Object("examplebucket", "incoming/report.json", ""); !ok || string(o.Body) != "{}" ||
		o.ContentType != "application/json" {
		t.Errorf("upload.tf: stored %q as %s", o.Body, o.ContentType)
	}
	w = newWorld(t)
	troubles["the link has expired"](t, w)
	m = newMachine(t, w)
	write(t, m.dir+"/job/report.json", "{}")
	if output, err := m.script(t, text, "", nil, nil); err == nil {
		t.Errorf("upload.tf: the link has expired, and the command succeeds: %s", output)
	}
}

// mirrorByOutput hands the applied list of examples/complete/release-mirror to its script, and the
// applied link of examples/complete/upload to its own.
func mirrorByOutput(t *testing.T, s state, applied []block) {
	t.Helper()
	for _, c := range []struct{ dir, output, script string }{
		{"complete/release-mirror", "downloads", "mirror.sh"},
		{"complete/upload", "upload_url", "upload.sh"},
	} {
		i := slices.IndexFunc(applied, func(b block) bool { return b.dir == c.dir })
		if i < 0 {
			t.Logf("%s is left out", c.dir)
			continue
		}
		text, ok := s.output(applied[i], c.output)
		w := newWorld(t)
		m := newMachine(t, w)
		write(t, m.dir+"/job/boot.log.gz", "a log")
		output, err := m.script(
			t,
			readExample(t, c.dir, c.script),
			text,
			[]string{"URL=" + text, "FILE=boot.log.gz"},
			[]string{"1.4.2"},
		)
		if !ok || err != nil {
			t.Errorf("%s: %v: %s", c.dir, err, output)
		}
		if c.script == "upload.sh" {
			if o, stored := w.Object("examplebucket", "logs/app-1/boot.log.gz", ""); !stored || string(o.Body) != "a log" {
				t.Errorf("%s: nothing is stored", c.dir)
			}
			continue
		}
		for _, name := range mirrored {
			if !m.hasFile("/job/1.4.2/"+name, content("releases/1.4.2/"+name)) {
				t.Errorf("%s: no %s", c.dir, name)
			}
		}
	}
}

// TestScriptTestsFindFaults checks that the test of scripts finds what it is there for: a script
// that continues after a failure.
func TestScriptTestsFindFaults(t *testing.T) {
	t.Parallel()
	if !found("curl") || !found("sh") || !found("tar") {
		t.Skip("curl, sh or tar is not in PATH")
	}
	w := newWorld(t)
	link := sign(t, "agent/agent-1.4.2.tar.gz", time.Hour)
	script := "curl -fsS -o agent.tar.gz '" + link + "'\necho '" + sha256Of(content("agent/agent-1.4.2.tar.gz")) +
		"  agent.tar.gz' | sha256sum -c -\ntar -xzf agent.tar.gz -C /opt\n"
	troubles["the archive was changed"](t, w)
	m := newMachine(t, w)
	if output, err := m.script(t, m.inside(script), "", nil, nil); err != nil || !m.hasFile("/opt/agent", nil) {
		t.Errorf("the harm does not show: %v: %s", err, output)
	}
	m = newMachine(t, w)
	if output, err := m.script(t, m.inside("set -e\n"+script), "", nil, nil); err == nil || m.hasFile("/opt/agent", nil) {
		t.Errorf("set -e does not help: %s", output)
	}
}

// TestResume downloads by examples/clients/resume.sh: after an interruption, over files of other
// content, and in trouble.
func TestResume(t *testing.T) {
	t.Parallel()
	if !found("curl") || !found("sh") || !found("sha256sum") {
		t.Skip("curl, sh or sha256sum is not in PATH")
	}
	text := readExample(t, "clients", "resume.sh")
	want := content("agent/agent-1.4.2.tar.gz")
	sum := sha256Of(want)
	link := sign(t, "agent/agent-1.4.2.tar.gz", time.Hour)
	older := []byte("an older file of something else")
	download := func(w *world, m *machine) (string, error) {
		return m.script(t, text, "", []string{"URL=" + link, "FILE=file", "SHA256=" + sum}, nil)
	}
	for name, before := range map[string]struct{ file, part []byte }{
		"nothing is there":            {},
		"the download was cut off":    {part: want[:100]},
		"the part is whole":           {part: want},
		"an older file is there":      {file: older},
		"both are there":              {file: older, part: want[:1]},
		"the part is empty":           {part: []byte{}},
		"the file is there as it was": {file: want},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			m := newMachine(t, w)
			if before.file != nil {
				write(t, m.dir+"/job/file", string(before.file))
			}
			if before.part != nil {
				write(t, m.dir+"/job/file."+sum+".part", string(before.part))
			}
			if output, err := download(w, m); err != nil || !m.hasFile("/job/file", want) {
				t.Errorf("%s: %v: %s", name, err, output)
			}
		})
	}
	for name, part := range map[string][]byte{
		"the part is of something else": []byte("something else"),
		"the part is too long":          append(slices.Clone(want), "more"...),
	} {
		w := newWorld(t)
		m := newMachine(t, w)
		write(t, m.dir+"/job/file", string(older))
		write(t, m.dir+"/job/file."+sum+".part", string(part))
		if output, err := download(w, m); err == nil || !m.hasFile("/job/file", older) {
			t.Errorf("%s: %v: %s", name, err, output)
		}
		if output, err := download(w, m); err != nil || !m.hasFile("/job/file", want) {
			t.Errorf("%s, and once more: %v: %s", name, err, output)
		}
	}
	for name, trouble := range troubles {
		w := newWorld(t)
		trouble(t, w)
		m := newMachine(t, w)
		write(t, m.dir+"/job/file", string(older))
		if output, err := download(w, m); err == nil || !m.hasFile("/job/file", older) {
			t.Errorf("%s: %v: %s", name, err, output)
		} else if strings.Contains(output, "x-oss-signature") {
			t.Errorf("%s: the URL is shown", name)
		}
	}
}

// TestDiagnose wants examples/clients/diagnose.sh to show why a link is refused, and nothing
// secret.
func TestDiagnose(t *testing.T) {
	t.Parallel()
	if !found("curl") {
		t.Skip("curl is not in PATH")
	}
	w := newWorld(t)
	troubles["the link has expired"](t, w)
	m := newMachine(t, w)
	output, err := m.script(
		t,
		readExample(t, "clients", "diagnose.sh"),
		"",
		[]string{"URL=" + sign(t, "agent/checksums.txt", time.Hour)},
		nil,
	)
	must(t, err)
	for _, want := range []string{" 403", "0002-00000236", "x-oss-request-id:"} {
		if !strings.Contains(strings.ToLower(output), want) {
			t.Errorf("no %q in %q", want, output)
		}
	}
	if strings.Contains(output, "x-oss-signature") || strings.Contains(output, testKey) {
		t.Errorf("something secret in %q", output)
	}
	left, err := os.ReadDir(m.dir + "/job")
	must(t, err)
	if len(left) > 0 {
		t.Errorf("%v is left on disk", left)
	}
}

// readExample returns a file below examples/.
func readExample(t *testing.T, path ...string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(append([]string{root, "examples"}, path...)...))
	must(t, err)
	return string(text)
}
