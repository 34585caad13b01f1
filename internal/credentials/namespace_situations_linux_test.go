package credentials

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
)

const (
	shardVariable = "ALIOSS_TEST_SHARD"
	// shards is how many namespaces share the situations.
	shards = 2
)

// TestNamespaceSituations plans each situation of testdata/cases.json with the built provider and
// the real CLI, with the services of its README in a namespace: the metadata service and STS at
// their own addresses.
func TestNamespaceSituations(t *testing.T) {
	if os.Getenv(stageVariable) == "inside" {
		insideSituations(t)
		return
	}
	if testing.Short() {
		t.Skip("skipped: the namespace run takes some seconds, and -short is set")
	}
	cli, rc := builtProvider(t)
	for shard := range shards {
		t.Run(fmt.Sprint("shard ", shard), func(t *testing.T) {
			t.Parallel()
			enterNamespaceFor(t, "TestNamespaceSituations", cliVariable+"="+cli.Path, rcVariable+"="+rc,
				shardVariable+"="+strconv.Itoa(shard))
		})
	}
}

func insideSituations(t *testing.T) {
	n := newNamespace(t)
	uri := newFakeURI(t, casesURI)
	now := time.Now()
	serveSituations(n.sts, n.imds, uri, now)
	shard, err := strconv.Atoi(os.Getenv(shardVariable))
	if err != nil {
		t.Fatal(err)
	}
	for i, s := range append(situations(t), situationsOf(t, "more_cases.json")...) {
		if i%shards != shard {
			continue
		}
		t.Run(s.Name, func(t *testing.T) {
			n.t = t
			before := len(n.sts.requests)
			output, err := n.plan(s, now)
			s.checkOutput(t, output, err)
			if len(s.Want.Error) > 0 {
				return
			}
			calls := n.sts.calls()[before:]
			if !slices.Equal(calls, s.Want.STS) {
				t.Errorf("STS got the requests %q, want %q", calls, s.Want.STS)
			}
			if session := s.Want.Session; session != "" &&
				n.sts.requests[len(n.sts.requests)-1].Get("RoleSessionName") != session {
				t.Errorf("session %q, want %q", n.sts.requests[len(n.sts.requests)-1].Get("RoleSessionName"), session)
			}
		})
	}
}

// plan plans one URL in a situation, and returns what the CLI printed.
func (n *namespace) plan(s situation, now time.Time) (string, error) {
	n.t.Helper()
	home := n.t.TempDir()
	writeFile(n.t, filepath.Join(home, "oidc"), "oidc-token\n", 0o600)
	for name, content := range s.Files {
		path := filepath.Join(home, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			n.t.Fatal(err)
		}
		mode := os.FileMode(0o600)
		if strings.HasSuffix(name, ".sh") {
			mode = 0o700
		}
		writeFile(n.t, path, expanded(content, home, now), mode)
	}
	region := ""
	if s.Region {
		region = "  region = \"cn-hangzhou\"\n"
	}
	directory := n.t.TempDir()
	writeFile(n.t, filepath.Join(directory, "main.tf"),
		"terraform {\n  required_providers {\n    alioss = {\n      source = \"alioss/alioss\"\n    }\n  }\n}\n"+
			"provider \"alioss\" {\n"+region+expanded(s.Block, home, now)+"}\n"+
			"data \"alioss_presigned_url\" \"test\" {\n  bucket = \"examplebucket\"\n  key    = \"a\"\n}\n"+
			"output \"id\" {\n  value = nonsensitive(regex(\"x-oss-credential=([^%/]+)\", "+
			"data.alioss_presigned_url.test.url)[0])\n}\n", 0o644)
	ctx, cancel := context.WithTimeout(n.t.Context(), time.Minute)
	defer cancel()
	command := exec.CommandContext(ctx, os.Getenv(cliVariable), "plan", "-no-color", "-refresh=false")
	command.Dir = directory
	command.Env = []string{
		"PATH=" + os.Getenv("PATH"), "HOME=" + home, "CHECKPOINT_DISABLE=1", "TF_IN_AUTOMATION=1", "TF_INPUT=0",
		"TF_CLI_CONFIG_FILE=" + os.Getenv(rcVariable), n.trust,
	}
	for name, value := range s.Env {
		command.Env = append(command.Env, name+"="+expanded(value, home, now))
	}
	output, err := command.CombinedOutput()
	return string(output), err
}

var (
	warned    = regexp.MustCompile(`(?m)Warning: (.*?)\s*$`)
	signedID  = regexp.MustCompile(`(?m)^\s*\+ id = "(.*)"$`)
	boxDrawn  = regexp.MustCompile(`\s*[│|]\s*|\s+`)
	unrelated = []string{"Provider development overrides are in effect", "Credentials End First"}
)

func (s situation) checkOutput(t *testing.T, output string, err error) {
	t.Helper()
	flat := boxDrawn.ReplaceAllString(output, " ")
	for _, words := range s.Want.Error {
		if err == nil || !strings.Contains(flat, words) {
			t.Errorf("%v, want the words %q in:\n%s", err, words, output)
		}
	}
	if len(s.Want.Error) > 0 {
		return
	}
	if m := signedID.FindStringSubmatch(output); err != nil || m == nil || m[1] != s.Want.ID {
		t.Errorf("%v, want %s to sign:\n%s", err, s.Want.ID, output)
	}
	var warnings []string
	for _, m := range warned.FindAllStringSubmatch(output, -1) {
		if !slices.Contains(unrelated, m[1]) {
			warnings = append(warnings, m[1])
		}
	}
	if (len(warnings) > 0) != s.Want.Warning {
		t.Errorf("warnings %q, want some: %v\n%s", warnings, s.Want.Warning, output)
	}
}
