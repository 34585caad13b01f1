package e2e

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/alioss/terraform-provider-alioss/internal/osstest"
)

// ways is a URL as each way hands it on (testdata/ways/main.tf).
type ways struct {
	URL, Shell, Heredoc, YAML, YAMLEncode, JSON, Curl, Systemd, Batch, Markdown string
	CloudInit                                                                   string   `json:"cloud_init"`
	CloudInitV                                                                  []string `json:"cloud_init_v"`
	UserData                                                                    string   `json:"user_data"`
	UserDataRaw                                                                 string   `json:"user_data_raw"`
	EnvFile                                                                     string   `json:"env_file"`
}

// TestWays renders the URL of every hard key in each of the ways in which a URL reaches its holder,
// with the CLI, and downloads by what was rendered. The CLI's yamldecode reads YAML. Shells and
// curl are real. The test itself reads unit files, batch files and Markdown by their rules, since
// the programs for them run on no test machine.
func TestWays(t *testing.T) {
	w := newWorkspace(t)
	oss := newOSS(t)
	_, err := oss.StartTLS("")
	must(t, err)
	config, err := os.ReadFile("testdata/ways/main.tf")
	must(t, err)
	template, err := os.ReadFile("testdata/ways/user-data.yaml.tftpl")
	must(t, err)
	w.config(t, string(config))
	write(t, filepath.Join(w.dir, "user-data.yaml.tftpl"), string(template))
	write(t, filepath.Join(w.dir, "terraform.tfvars.json"), jsonText(t, map[string]any{"keys": hardKeys}))
	w.run(t, "apply", "-auto-approve")
	var rendered map[string]ways
	w.output(t, "ways", &rendered)

	machine := newMachine(t, oss)
	downloads := 0
	for key, r := range rendered {
		check := func(way string, got []byte, err error) {
			t.Helper()
			switch {
			case err != nil:
				t.Errorf("%s, key %q: %v", way, key, err)
			case !bytes.Equal(got, body(key)):
				t.Errorf("%s, key %q: got %d bytes that are not what was uploaded", way, key, len(got))
			default:
				downloads++
			}
		}
		for way, url := range map[string]string{
			"as it is": r.URL, "JSON": r.fromJSON(t), "systemd": r.fromPercent(t, r.Systemd), "Windows batch": r.fromPercent(t,
				r.Batch),
			"Markdown, inline": r.fromMarkdown(t, `\]\(([^()\s]+)\)`), "Markdown, autolink": r.fromMarkdown(t, `<([^<>\s]+)>`),
		} {
			got, err := get(machine.client, url)
			check(way, got, err)
		}
		decoded, err := base64.StdEncoding.DecodeString(r.UserData)
		if err != nil || string(decoded) != r.UserDataRaw {
			t.Errorf("user_data, key %q: base64 does not give the template", key)
		}
		if machine.shell == "" {
			continue
		}
		for way, script := range map[string]string{
			"shell": r.Shell, "here document": r.Heredoc, "templatefile, cloud-init": r.CloudInit, "yamlencode": r.YAML,
		} {
			got, err := machine.run(t, nil, machine.shell, "-c", script)
			check(way, got, err)
		}
		got, err := machine.run(t, nil, machine.shell, "-c", firstCommand(t, string(decoded)))
		check("user_data in base64", got, err)
		got, err = machine.run(t, []string{strings.TrimSuffix(r.EnvFile, "\n")}, machine.shell, "-c",
			`curl -fsS -o file "$URL"`)
		check("environment variable", got, err)
		got, err = machine.run(t, nil, r.CloudInitV[0], r.CloudInitV[1:]...)
		check("cloud-init, list", got, err)
		write(t, filepath.Join(machine.dir, "fetch.conf"), r.Curl)
		got, err = machine.run(t, nil, "curl", "--config", "fetch.conf")
		check("curl --config", got, err)
	}
	each := 14
	if machine.shell == "" {
		each = 6
		t.Log("ways through a shell and curl are left out: sh or curl is not in PATH")
	}
	if want := each * len(hardKeys); downloads != want {
		t.Errorf("%d downloads, want %d", downloads, want)
	}
	t.Logf("%d keys, %d downloads", len(rendered), downloads)
}

// firstCommand is the first line of runcmd in user data, a plain scalar of YAML.
func firstCommand(t *testing.T, userData string) string {
	t.Helper()
	_, rest, found := strings.Cut(userData, "\nruncmd:\n  - ")
	command, _, _ := strings.Cut(rest, "\n")
	if !found || strings.Contains(command, ": ") || strings.Contains(command, " #") {
		t.Fatal("user data begins with no command that is a plain scalar")
	}
	return command
}

func (w ways) fromJSON(t *testing.T) string {
	t.Helper()
	var v struct{ URL string }
	must(t, json.Unmarshal([]byte(w.JSON), &v))
	return v.URL
}

// fromPercent reads a line in which %% is a percent sign, and a single sign has another meaning.
func (w ways) fromPercent(t *testing.T, line string) string {
	t.Helper()
	m := regexp.MustCompile(`"([^"]*)"$`).FindStringSubmatch(line)
	if m == nil {
		t.Fatal("there is no URL in double quotes")
	}
	if strings.Contains(strings.ReplaceAll(m[1], "%%", ""), "%") || strings.ContainsAny(m[1], "$\\`") {
		t.Error("a unit or batch file would expand something in the URL")
	}
	return strings.ReplaceAll(m[1], "%%", "%")
}

func (w ways) fromMarkdown(t *testing.T, pattern string) string {
	t.Helper()
	m := regexp.MustCompile(pattern).FindStringSubmatch(w.Markdown)
	if m == nil {
		t.Fatalf("Markdown ends the link early: %s does not match", pattern)
	}
	return m[1]
}

// machine is the computer on which the holder of a URL runs commands. curl's own configuration
// leads the names of OSS to the stand-in. The commands themselves stay as they are.
type machine struct {
	client     *http.Client
	dir, shell string
	env        []string
}

func newMachine(t *testing.T, oss *osstest.Server) *machine {
	t.Helper()
	client, err := oss.Client()
	must(t, err)
	m := &machine{client: client, dir: t.TempDir()}
	if _, err := exec.LookPath("curl"); err == nil {
		m.shell, _ = exec.LookPath("sh")
	}
	pem, err := oss.CAPEM()
	must(t, err)
	write(t, filepath.Join(m.dir, "ca.pem"), string(pem))
	address, err := oss.StartTLS("") // a second listener of the same server, for curl
	must(t, err)
	write(t, filepath.Join(m.dir, ".curlrc"), fmt.Sprintf("connect-to = \"::%s\"\ncacert = %q\nproxy = \"\"\n",
		strings.TrimPrefix(address, "https://"), filepath.ToSlash(filepath.Join(m.dir, "ca.pem"))))
	m.env = []string{"PATH=" + os.Getenv("PATH"), "CURL_HOME=" + m.dir, "HOME=" + m.dir}
	return m
}

// run runs a command, and returns the content of the file that it downloaded.
func (m *machine) run(t *testing.T, env []string, name string, args ...string) ([]byte, error) {
	t.Helper()
	file := filepath.Join(m.dir, "file")
	_ = os.Remove(file)
	command := exec.CommandContext(t.Context(), name, args...)
	command.Dir, command.Env = m.dir, append(env, m.env...)
	if output, err := command.CombinedOutput(); err != nil {
		return nil, fmt.Errorf("%w: %s", err, output)
	}
	return os.ReadFile(file)
}

func get(client *http.Client, url string) ([]byte, error) {
	answer, err := client.Get(url)
	if err != nil {
		return nil, err
	}
	defer func() { _ = answer.Body.Close() }()
	if answer.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("the service answered %s", answer.Status)
	}
	return io.ReadAll(answer.Body)
}
