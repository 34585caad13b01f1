package e2e

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/alioss/terraform-provider-alioss/internal/acctest"
	"github.com/alioss/terraform-provider-alioss/internal/osstest"
)

// TestClients downloads every hard key with every client that is on the machine, each by the very
// file that the documentation shows (examples/clients), from the stand-in over https. The test runs
// itself a second time in a network and mount namespace of its own, in which the names of OSS lead
// to 127.0.0.1, so that no client needs an option for it.
func TestClients(t *testing.T) {
	if os.Getenv("ALIOSS_CLIENTS") == "" {
		t.Skip("real download clients: make test-clients runs them")
	}
	acctest.Require(t)
	if os.Getenv("ALIOSS_NAMESPACE") == "" {
		enterNamespace(t)
		return
	}
	downloadWithClients(t)
}

// enterNamespace runs the test in a namespace of its own, or skips it if the machine does not allow
// one.
func enterNamespace(t *testing.T) {
	t.Helper()
	if output, err := exec.CommandContext(t.Context(), "unshare", "-nm", "ip", "link", "set", "lo",
		"up").CombinedOutput(); err != nil {
		t.Skipf("no network and mount namespace for real clients here: %v: %s", err, bytes.TrimSpace(output))
	}
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	command := exec.CommandContext(t.Context(), "unshare", "-nm", self, "-test.run=^TestClients$", "-test.v")
	command.Env = append(os.Environ(), "ALIOSS_NAMESPACE=1")
	output, err := command.CombinedOutput()
	t.Logf("in the namespace:\n%s", output)
	if err != nil || !bytes.Contains(output, []byte("--- PASS: TestClients")) {
		t.Error("a client did not get what was uploaded; see above")
	}
}

// names are the hosts that lead to the stand-in.
var names = []string{"examplebucket.oss-cn-hangzhou.aliyuncs.com", "downloads.example.com"}

// client is a way to download a URL into a file.
type client struct {
	name string
	// needs are commands and files without which the client is left out.
	needs []string
	run   func(c *clientRun) error
	// without is a character whose keys the client cannot request, due to a fault of its own, which
	// why describes.
	without, why string
}

// clientRun is one download.
type clientRun struct {
	ctx       context.Context
	work      string // a directory for the client's own files, the same for all its downloads
	examples  string
	ca        string // certificates of the stand-in's authority, in PEM
	trust     string // the same as a Java key store
	url, file string
}

// command runs a command with the URL and the file's name in its environment.
func (c *clientRun) command(name string, args ...string) error {
	command := exec.CommandContext(c.ctx, name, args...)
	command.WaitDelay = time.Second // a client that a script has started outlives the script
	command.Dir = c.work
	command.Env = append(os.Environ(), "URL="+c.url, "FILE="+c.file, "HOME="+c.work,
		"SSL_CERT_FILE="+c.ca, "CURL_CA_BUNDLE="+c.ca, "REQUESTS_CA_BUNDLE="+c.ca, "NODE_EXTRA_CA_CERTS="+c.ca,
		"WGETRC="+filepath.Join(c.work, "wgetrc"), "GS_TLS_CA_FILE="+c.ca, "JAVA_TOOL_OPTIONS=")
	if output, err := command.CombinedOutput(); err != nil {
		return fmt.Errorf("%w: %s", err, strings.ReplaceAll(string(bytes.TrimSpace(output)), c.url, "URL"))
	}
	return nil
}

// download runs a client for one URL, with a time limit of its own, and returns what is in the file
// afterwards.
func (c client) download(t *testing.T, run clientRun) ([]byte, error) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	run.ctx = ctx
	err := c.run(&run)
	got, _ := os.ReadFile(run.file)
	return got, err
}

func (c *clientRun) example(name string) string { return filepath.Join(c.examples, name) }

func (c *clientRun) exists(name string) bool {
	_, err := os.Stat(filepath.Join(c.work, name))
	return err == nil
}

// okHTTP is the place of Debian's libokhttp-java, the nearest relative of Android's HTTP stack.
const okHTTP = "/usr/share/java/okhttp.jar"

// objectiveC is GCC's compiler of Objective-C, which is not in PATH.
const objectiveC = "cc1obj"

// python is Debian's, which finds python3-requests.
const python = "/usr/bin/python3"

var clients = []client{
	{
		name: "curl", needs: []string{"curl"}, run: func(c *clientRun) error { return c.command("sh", c.example("curl.sh")) },
	},
	{name: "wget", needs: []string{"wget"}, run: func(c *clientRun) error {
		if err := os.WriteFile(filepath.Join(c.work, "wgetrc"), []byte("ca_certificate = "+c.ca+"\n"), 0o600); err != nil {
			return err
		}
		return c.command("sh", c.example("wget.sh"))
	}},
	{
		name: "Python urllib", needs: []string{python},
		run: func(c *clientRun) error { return c.command(python, c.example("download.py")) },
	},
	{
		name: "Python requests", needs: []string{python, "/usr/lib/python3/dist-packages/requests"},
		run: func(c *clientRun) error {
			return c.command(python, c.example("download_requests.py"))
		},
	},
	{
		name: "Node.js fetch", needs: []string{"node"},
		run: func(c *clientRun) error { return c.command("node", c.example("fetch.mjs")) },
	},
	{
		name: "Node.js https", needs: []string{"node"},
		run: func(c *clientRun) error { return c.command("node", c.example("https.mjs")) },
	},
	{name: "Java", needs: []string{"java", "javac", "keytool"}, run: func(c *clientRun) error {
		if !c.exists("Download.class") {
			if err := c.command("javac", "-d", c.work, c.example("Download.java")); err != nil {
				return err
			}
		}
		return c.command("java", "-Djavax.net.ssl.trustStore="+c.trust, "-Djavax.net.ssl.trustStorePassword=changeit", "-cp",
			c.work, "Download")
	}},
	{name: "OkHttp (Android)", needs: []string{"java", "javac", "keytool", okHTTP}, run: func(c *clientRun) error {
		classpath := c.work + ":" + okHTTP + ":/usr/share/java/okio.jar"
		if !c.exists("DownloadOkHttp.class") {
			if err := c.command("javac", "-cp", classpath, "-d", c.work, c.example("DownloadOkHttp.java")); err != nil {
				return err
			}
		}
		return c.command("java", "-Djavax.net.ssl.trustStore="+c.trust, "-Djavax.net.ssl.trustStorePassword=changeit", "-cp",
			classpath, "DownloadOkHttp")
	}},
	{name: "Go", needs: []string{"go"}, run: func(c *clientRun) error {
		if !c.exists("download") {
			build := exec.CommandContext(c.ctx, "go", "build", "-o", filepath.Join(c.work, "download"), c.example("download.go"))
			if output, err := build.CombinedOutput(); err != nil {
				return fmt.Errorf("%w: %s", err, output)
			}
		}
		return c.command("./download")
	}},
	{name: "Objective-C (GNUstep)", needs: []string{"gcc", objectiveC, "gnustep-config"}, run: func(c *clientRun) error {
		if !c.exists("download-objc") {
			if err := c.command("sh", "-c",
				`gcc $(gnustep-config --objc-flags) "$0" -o download-objc $(gnustep-config --base-libs)`,
				c.example("download.m")); err != nil {
				return err
			}
		}
		return c.command("./download-objc")
	}, without: "?", why: "GNUstep's NSURL sends %3F in a path as ?"},
	{
		name: "PowerShell", needs: []string{"pwsh"},
		run: func(c *clientRun) error { return c.command("pwsh", "-NoProfile", "-File", c.example("download.ps1")) },
	},
}

func downloadWithClients(t *testing.T) {
	oss := newOSS(t)
	if _, err := oss.StartTLS("127.0.0.1:443"); err != nil {
		t.Fatal(err)
	}
	base := t.TempDir()
	hosts := filepath.Join(base, "hosts")
	write(t, hosts, "127.0.0.1 localhost "+strings.Join(names, " ")+"\n")
	must(t, os.Chmod(hosts, 0o644))
	for _, args := range [][]string{{"ip", "link", "set", "lo", "up"}, {"mount", "--bind", hosts, "/etc/hosts"}} {
		if output, err := exec.CommandContext(t.Context(), args[0], args[1:]...).CombinedOutput(); err != nil {
			t.Fatalf("%v: %v: %s", args, err, output)
		}
	}
	for _, variable := range []string{"http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY"} {
		must(t, os.Unsetenv(variable))
	}
	ca := authority(t, oss, base)
	examples, err := filepath.Abs("../../examples/clients")
	must(t, err)
	made := apply(t)

	ran := 0
	for n, c := range clients {
		if missing := c.missing(); missing != "" {
			t.Logf("%-22s left out: %s is not on this machine", c.name, missing)
			continue
		}
		ran++
		work := filepath.Join(base, fmt.Sprintf("client-%d", n)) // no spaces: gnustep-config does not quote it
		must(t, os.Mkdir(work, 0o755))
		good, tried, began := 0, 0, time.Now()
		for i, key := range hardKeys {
			if c.without != "" && strings.Contains(key, c.without) {
				t.Logf("%-22s key %q left out: %s", c.name, key, c.why)
				continue
			}
			tried++
			got, err := c.download(t, clientRun{
				work: work, examples: examples, ca: ca.pem, trust: ca.trust,
				url: made.URLs[key], file: filepath.Join(work, fmt.Sprintf("file-%d", i)),
			})
			switch {
			case err != nil:
				t.Errorf("%s, key %q: %v", c.name, key, err)
			case !bytes.Equal(got, body(key)):
				t.Errorf("%s, key %q: got %d bytes that are not what was uploaded", c.name, key, len(got))
			default:
				good++
			}
		}
		t.Logf("%-22s %d of %d keys, %.1f s", c.name, good, tried, time.Since(began).Seconds())
	}
	downloadInTrouble(t, oss, base, examples, ca)
	downloadWithBrowser(t, oss, made, base, ca.pem, examples)
	if ran == 0 {
		t.Error("no client is on this machine")
	}
}

// missing returns what the client needs and the machine lacks.
func (c client) missing() string {
	for _, need := range c.needs {
		if need == objectiveC {
			if path, err := exec.CommandContext(context.Background(), "gcc", "-print-prog-name="+need).Output(); err != nil ||
				!bytes.HasPrefix(path, []byte("/")) {
				return "GCC's " + need
			}
		} else if filepath.IsAbs(need) {
			if _, err := os.Stat(need); err != nil {
				return need
			}
		} else if _, err := exec.LookPath(need); err != nil {
			return need
		}
	}
	return ""
}

// trusted are the forms of the authority's certificate that clients read.
type trusted struct{ pem, trust string }

func authority(t *testing.T, oss *osstest.Server, dir string) trusted {
	t.Helper()
	pem, err := oss.CAPEM()
	must(t, err)
	a := trusted{filepath.Join(dir, "ca.pem"), filepath.Join(dir, "trust.jks")}
	must(t, os.WriteFile(a.pem, pem, 0o600))
	if _, err := exec.LookPath("keytool"); err == nil {
		output, err := exec.CommandContext(t.Context(), "keytool", "-importcert", "-noprompt", "-alias", "osstest",
			"-file", a.pem,
			"-keystore", a.trust, "-storepass", "changeit").CombinedOutput()
		if err != nil {
			t.Fatalf("keytool: %v: %s", err, output)
		}
	}
	return a
}

// applied is what a real apply gave.
type applied struct {
	URLs  map[string]string // of the hard keys
	Page  string            // of the browser's page, on the custom domain
	Named string            // of the first hard key, with the argument filename
}

func apply(t *testing.T) applied {
	t.Helper()
	w := newWorkspace(t)
	w.config(t, `
variable "keys" {
  type = set(string)
}
variable "page" {}
variable "name" {}
data "alioss_presigned_url" "file" {
  for_each = var.keys
  bucket   = "examplebucket"
  key      = each.key
}
data "alioss_presigned_url" "page" {
  bucket = "examplebucket"
  key    = var.page
  domain = "downloads.example.com"
}
data "alioss_presigned_url" "named" {
  bucket   = "examplebucket"
  key      = "agent/agent-1.4.2.tar.gz"
  filename = var.name
}
output "made" {
  sensitive = true
  value = {
    URLs  = { for key, link in data.alioss_presigned_url.file : key => link.url }
    Page  = data.alioss_presigned_url.page.url
    Named = data.alioss_presigned_url.named.url
  }
}`)
	write(t, filepath.Join(w.dir, "terraform.tfvars.json"),
		jsonText(t, map[string]any{"keys": hardKeys, "page": pageKey, "name": fileName}))
	w.run(t, "apply", "-auto-approve")
	var made applied
	w.output(t, "made", &made)
	return made
}
