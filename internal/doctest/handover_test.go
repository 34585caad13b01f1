package doctest

import (
	"bytes"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/alioss/terraform-provider-alioss/internal/signer"
)

// mirrored are the objects of the release that TestMirror mirrors, by their names below the prefix.
var mirrored = []string{"app.deb", "app.tar.gz", "docs/manual.pdf"}

// listing returns what examples/complete/release-mirror hands to its script.
func listing(t *testing.T) string {
	t.Helper()
	lines := []string{strconv.Itoa(len(mirrored))}
	for _, name := range mirrored {
		key := "releases/1.4.2/" + name
		lines = append(lines, fmt.Sprintf("%d\t%s\t%s", len(content(key)), name, sign(t, key, time.Hour)))
	}
	return strings.Join(lines, "\n") + "\n"
}

// TestMirror mirrors a release by examples/complete/release-mirror/mirror.sh. A mirror that is not
// whole gets no name.
func TestMirror(t *testing.T) {
	t.Parallel()
	if !found("curl") || !found("sh") {
		t.Skip("curl or sh is not in PATH")
	}
	text, list := readExample(t, "complete", "release-mirror", "mirror.sh"), listing(t)
	mirror := func(m *machine, list string) (string, error) { return m.script(t, text, list, nil, []string{"1.4.2"}) }
	whole := func(m *machine) bool {
		for _, name := range mirrored {
			if !m.hasFile("/job/1.4.2/"+name, content("releases/1.4.2/"+name)) {
				return false
			}
		}
		return true
	}
	m := newMachine(t, newWorld(t))
	write(t, m.dir+"/job/1.4.2.part/app.deb", "what an attempt before left behind")
	write(t, m.dir+"/job/1.4.2.part/other", "what an attempt before left behind")
	if output, err := mirror(m, list); err != nil || !whole(m) || m.hasFile("/job/1.4.2/other", nil) {
		t.Fatalf("%v: %s", err, output)
	}
	if output, err := mirror(m, list); err == nil || !whole(m) {
		t.Errorf("a second time: %v: %s", err, output)
	}

	lines := strings.SplitAfter(list, "\n")
	size := strconv.Itoa(len(content("releases/1.4.2/app.deb")))
	for name, bad := range map[string]string{
		"nothing arrives":            "",
		"the list ends early":        strings.Join(lines[:3], ""),
		"the list ends in a line":    list[:len(list)-200],
		"a number without a list":    lines[0],
		"an object has another size": strings.Replace(list, size+"\tapp.deb", "7\tapp.deb", 1),
	} {
		t.Run(name, func(t *testing.T) {
			m := newMachine(t, newWorld(t))
			if output, err := mirror(m, bad); err == nil || m.hasFile("/job/1.4.2/app.deb", nil) {
				t.Errorf("%s: %v: %s", name, err, output)
			}
		})
	}
	for name, trouble := range map[string]func(*testing.T, *world){
		"the link has expired":      troubles["the link has expired"],
		"the connection is cut off": troubles["the connection is cut off"],
		"an object was changed": func(t *testing.T, w *world) {
			w.replace(t, "releases/1.4.2/app.deb", []byte("another package"))
		},
	} {
		w := newWorld(t)
		trouble(t, w)
		m := newMachine(t, w)
		if output, err := mirror(m, list); err == nil || m.hasFile("/job/1.4.2/app.deb", nil) {
			t.Errorf("%s: %v: %s", name, err, output)
		} else if strings.Contains(output, "x-oss-signature") {
			t.Errorf("%s: a URL is shown", name)
		}
	}
}

// TestManyURLs downloads a prefix with 500 objects by links with a session's token. Together they
// are longer than what Linux allows in one variable of the environment.
func TestManyURLs(t *testing.T) {
	t.Parallel()
	if runtime.GOOS != "linux" || !found("curl") {
		t.Skip("the provider finds OSS by a proxy in the environment, which Go reads on Linux, and the example runs curl")
	}
	const place = "examples/ephemeral-resources/alioss_presigned_urls/prefix.tf"
	w, oss := newWorkplace(t), newWorld(t)
	blocks := slices.DeleteFunc(examples(t, nil), func(b block) bool { return b.place != place })
	if blocks = w.sift(t, blocks); len(blocks) == 0 {
		t.Skip("the CLI has no ephemeral resources")
	}
	for i := range 500 {
		oss.have(t, "examplebucket", "cn-hangzhou", "", fmt.Sprintf("releases/1.4.2/part-%03d", i), "")
	}
	in, dir := oss.around(w), filepath.Join(w.dir, "many")
	in.env = append(in.env, "OSS_ACCESS_KEY_ID="+session.AccessKeyID,
		"OSS_ACCESS_KEY_SECRET="+session.AccessKeySecret, "OSS_SESSION_TOKEN="+session.SecurityToken)
	in.install(t, dir, blocks)
	in.terraform(t, dir, "apply", "-auto-approve", "-no-color", "-compact-warnings")
	for i := range 500 {
		name := fmt.Sprintf("part-%03d", i)
		got, err := os.ReadFile(filepath.Join(dir, "blocks", blocks[0].name, name))
		must(t, err)
		if !bytes.Equal(got, content("releases/1.4.2/"+name)) {
			t.Fatalf("%s is %q", name, got)
		}
	}
}

// TestUpload uploads by examples/complete/upload/upload.sh, as it should be, and when the link does
// not allow it.
func TestUpload(t *testing.T) {
	t.Parallel()
	if !found("curl") || !found("sh") {
		t.Skip("curl or sh is not in PATH")
	}
	text := readExample(t, "complete", "upload", "upload.sh")
	request := signer.Request{
		Method: http.MethodPut, Host: "examplebucket.oss-cn-hangzhou.aliyuncs.com", Key: "logs/app-1/boot.log.gz",
		Headers: map[string]string{"content-type": "application/gzip"},
	}
	other := request
	other.Headers = map[string]string{"content-type": "text/plain"}
	for name, c := range map[string]struct {
		link  string
		ahead time.Duration
		file  bool
		good  bool
	}{
		"as it should be":             {signFor(t, request, time.Hour), 0, true, true},
		"the link has expired":        {signFor(t, request, time.Hour), 2 * time.Hour, true, false},
		"signed for another type":     {signFor(t, other, time.Hour), 0, true, false},
		"the file is not there":       {signFor(t, request, time.Hour), 0, false, false},
		"the link is for downloading": {sign(t, "logs/app-1/boot.log.gz", time.Hour), 0, true, false},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			w.ahead.Store(int64(c.ahead))
			m := newMachine(t, w)
			if c.file {
				write(t, m.dir+"/job/boot.log.gz", "a log")
			}
			output, err := m.script(t, text, "", []string{"URL=" + c.link, "FILE=boot.log.gz"}, nil)
			o, stored := w.Object("examplebucket", "logs/app-1/boot.log.gz", "")
			if (err == nil) != c.good || stored != c.good {
				t.Errorf("%s: %v, stored %t: %s", name, err, stored, output)
			}
			if stored && (string(o.Body) != "a log" || o.ContentType != "application/gzip") {
				t.Errorf("%s: stored %q as %s", name, o.Body, o.ContentType)
			}
			if strings.Contains(output, "x-oss-signature") {
				t.Errorf("%s: the URL is shown", name)
			}
		})
	}
}

var (
	packerInline = regexp.MustCompile(`(?s)\n +inline = \[\n(.*?)\n +\]`)
	packerLine   = regexp.MustCompile(`(?m)^ +("(?:[^"\\]|\\.)*"),$`)
)

// TestPacker runs what examples/complete/packer has Packer run on the machine, and its build.sh
// with a packer that only looks.
func TestPacker(t *testing.T) {
	t.Parallel()
	m := packerInline.FindStringSubmatch(readExample(t, "complete", "packer", "image.pkr.hcl"))
	if m == nil || !found("curl") || !found("sh") || !found("sha256sum") {
		t.Skip("curl, sh or sha256sum is not in PATH")
	}
	script := ""
	for _, line := range packerLine.FindAllStringSubmatch(m[1], -1) {
		text, err := strconv.Unquote(line[1])
		must(t, err)
		script += text + "\n"
	}
	variables := []string{
		"URL=" + sign(t, "agent/agent-1.4.2.tar.gz", time.Hour),
		"SHA256=" + sha256Of(content("agent/agent-1.4.2.tar.gz")),
	}
	machine := newMachine(t, newWorld(t))
	if output, err := machine.script(t, machine.inside(script), "", variables, nil); err != nil ||
		!machine.hasFile("/opt/agent", nil) {
		t.Errorf("%v: %s", err, output)
	}
	for name, trouble := range troubles {
		w := newWorld(t)
		trouble(t, w)
		machine := newMachine(t, w)
		if output, err := machine.script(t, machine.inside(script), "", variables, nil); err == nil ||
			machine.hasFile("/opt/agent", nil) {
			t.Errorf("%s: %v: %s", name, err, output)
		}
	}
}

// standIn puts a command of a given name into a directory, ahead of all others in PATH.
func (w *workplace) standIn(t *testing.T, dir, name, script string) *workplace {
	t.Helper()
	write(t, filepath.Join(dir, name), "#!/bin/sh\n"+script)
	must(t, os.Chmod(filepath.Join(dir, name), 0o755))
	inside := *w
	inside.env = slices.Clone(w.env)
	for i, variable := range inside.env {
		if path, ok := strings.CutPrefix(variable, "PATH="); ok {
			inside.env[i] = "PATH=" + dir + string(os.PathListSeparator) + path
		}
	}
	return &inside
}

// TestPackerBuild hands the link of examples/complete/packer to a command "packer", which finds it
// in its environment only.
func TestPackerBuild(t *testing.T) {
	t.Parallel()
	w := newWorkplace(t)
	if !found("sh") {
		t.Skip("sh is not in PATH")
	}
	const looks = `printf '%s\n' "$*" >arguments; printf '%s' "$PKR_VAR_agent_url" >url` + "\n"
	dir := filepath.Join(w.dir, "packer")
	must(t, os.CopyFS(dir, os.DirFS(filepath.Join(root, "examples", "complete", "packer"))))
	w = newWorld(
		t,
	).around(w).
		standIn(t, filepath.Join(w.dir, "bin"), "packer", looks)
	build := func() (string, error) {
		command := exec.CommandContext(t.Context(), "sh", "build.sh", strings.Repeat("0", 64))
		command.Dir, command.Env = dir, w.env
		output, err := command.CombinedOutput()
		return string(output), err
	}
	if output, err := build(); err != nil {
		t.Fatalf("%v: %s", err, output)
	}
	link, err := os.ReadFile(filepath.Join(dir, "url"))
	must(t, err)
	arguments, err := os.ReadFile(filepath.Join(dir, "arguments"))
	must(t, err)
	if !strings.HasPrefix(string(link), "https://examplebucket.oss-cn-hangzhou-internal.aliyuncs.com/") ||
		strings.Contains(string(arguments), "https") {
		t.Errorf("packer got the URL %q and the arguments %q", link, arguments)
	}
	must(t, os.Remove(filepath.Join(dir, "arguments")))
	write(t, filepath.Join(dir, "main.tf"), "data \"alioss_presigned_url\" \"agent\" {\n}\n")
	if output, err := build(); err == nil {
		t.Errorf("there is no link, and build.sh succeeds: %s", output)
	}
	if _, err := os.Stat(filepath.Join(dir, "arguments")); err == nil {
		t.Error("there is no link, and packer is started")
	}
}

// TestJob runs the command of the init container of examples/complete/kubernetes-secret/job.yaml.
func TestJob(t *testing.T) {
	t.Parallel()
	_, command, ok := strings.Cut(
		readExample(t, "complete", "kubernetes-secret", "job.yaml"),
		"            - -ec\n            - ",
	)
	command, _, _ = strings.Cut(command, "\n")
	if !ok || !found("curl") || !found("sh") {
		t.Skip("curl or sh is not in PATH")
	}
	variables := []string{"URL=" + sign(t, "agent/agent.tar.gz", time.Hour)}
	m := newMachine(t, newWorld(t))
	if output, err := m.script(t, m.inside(command), "", variables, nil); err != nil ||
		!m.hasFile("/model/model.bin", content("agent/agent.tar.gz")) {
		t.Errorf("%v: %s", err, output)
	}
	for _, name := range []string{"the link has expired", "the connection is cut off"} {
		w := newWorld(t)
		troubles[name](t, w)
		m := newMachine(t, w)
		if output, err := m.script(t, m.inside(command), "", variables, nil); err == nil {
			t.Errorf("%s, and the container succeeds: %s", name, output)
		}
	}
}

// TestAnsible runs the playbook of examples/complete/ansible on this machine: as it should be, a
// second time, over an older file with other content, in check mode, and in trouble.
func TestAnsible(t *testing.T) {
	t.Parallel()
	ansible, err := exec.LookPath("ansible-playbook")
	if err != nil {
		t.Skip("ansible-playbook is not on this machine")
	}
	playbook, err := filepath.Abs(filepath.Join(root, "examples", "complete", "ansible", "playbook.yml"))
	must(t, err)
	want := content("agent/agent-1.4.2.tar.gz")
	link := sign(t, "agent/agent-1.4.2.tar.gz", time.Hour)
	play := func(m *machine, more ...string) (string, error) {
		write(
			t,
			m.dir+"/variables",
			fmt.Sprintf(`{"agent_url": %q, "agent_sha256": %q, "directory": %q, "ansible_python_interpreter": %q}`,
				link, sha256Of(want), m.dir+"/opt/agent", debianPython),
		)
		command := exec.CommandContext(t.Context(), ansible, append([]string{
			"--inventory", "localhost,", "--connection", "local", "--extra-vars", "@" + m.dir + "/variables", "-vvv", playbook,
		}, more...)...)
		command.Dir = m.dir + "/job"
		command.Env = append(slices.Clone(m.env), "ANSIBLE_NOCOLOR=1", "ANSIBLE_LOCALHOST_WARNING=False")
		output, err := command.CombinedOutput()
		return string(output), err
	}
	good := func(m *machine) bool {
		return m.hasFile("/opt/agent/agent.tar.gz", want) && m.hasFile("/opt/agent/agent", nil)
	}

	w := newWorld(t)
	m := newMachine(t, w)
	if output, err := play(m, "--check"); err != nil {
		t.Errorf("check mode: %v: %s", err, output)
	}
	write(t, m.dir+"/opt/agent/agent.tar.gz", "an older file of something else")
	output, err := play(m)
	if err != nil || !good(m) {
		t.Errorf("%v: %s", err, output)
	}
	if output, err := play(m); err != nil || !good(m) || !strings.Contains(output, "changed=0") {
		t.Errorf("a second time: %v: %s", err, output)
	}
	for _, name := range []string{"the link has expired", "the archive was changed, in the same length"} {
		w := newWorld(t)
		troubles[name](t, w)
		m := newMachine(t, w)
		output, err := play(m)
		if err == nil || m.hasFile("/opt/agent/agent", nil) {
			t.Errorf("%s: %v: %s", name, err, output)
		}
		if strings.Contains(output, "x-oss-signature") {
			t.Errorf("%s: the URL is shown", name)
		}
	}
}
