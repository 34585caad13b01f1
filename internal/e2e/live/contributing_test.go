package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

func file(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(root, name))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// TestContributing compares the section with the program: every variable, and the policy with that
// of the example.
func TestContributing(t *testing.T) {
	t.Parallel()
	_, section, found := strings.Cut(file(t, "CONTRIBUTING.md"), "\n## Live check\n")
	if !found {
		t.Fatal("CONTRIBUTING.md has no section about the live check")
	}
	workflow, example := file(t, ".github/workflows/live.yml"), file(t, "examples/live-check/main.tf")
	for _, v := range variables {
		if !strings.Contains(section, "`"+v.name+"`") {
			t.Errorf("the section does not contain %s", v.name)
		}
		if !strings.Contains(workflow, "          "+v.name+": ${{ ") {
			t.Errorf("the workflow does not set %s", v.name)
		}
	}
	_, text, _ := strings.Cut(section, "```json\n")
	text, _, _ = strings.Cut(text, "```")
	var policy struct {
		Statement []struct {
			Effect           string
			Action, Resource []string
		}
	}
	if err := json.Unmarshal([]byte(text), &policy); err != nil {
		t.Fatal(err)
	}
	if len(policy.Statement) != 3 {
		t.Fatalf("the policy has %d statements", len(policy.Statement))
	}
	// The example's document, statement by statement.
	_, document, _ := strings.Cut(example, `resource "alicloud_ram_policy" "objects" {`)
	document, _, _ = strings.Cut(document, "\n}\n")
	written := regexp.MustCompile(
		`(?s)Effect\s*= "(\w+)"\s+Action\s*= \[(.*?)\]\s+Resource\s*= \[for bucket in local.buckets : "(.*?)"\]`,
	).FindAllStringSubmatch(document, -1)
	if len(written) != len(policy.Statement) {
		t.Fatalf("the example's policy has %d statements, and that of the section %d", len(written), len(policy.Statement))
	}
	for i, s := range policy.Statement {
		actions := regexp.MustCompile(`oss:\w+`).FindAllString(written[i][2], -1)
		resource := strings.NewReplacer("${bucket}", "examplebucket", "${local.prefix}",
			"alioss-live-check/").Replace(written[i][3])
		if s.Effect != written[i][1] || !slices.Equal(s.Action, actions) || !slices.Equal(s.Resource, []string{resource}) {
			t.Errorf("statement %d is %v in the section, and %s %v %s in the example", i+1, s, written[i][1], actions, resource)
		}
	}
	if !strings.Contains(section, "alioss-live-check/<random>/") ||
		!strings.HasPrefix(sample().base, "alioss-live-check/") {
		t.Error("the section names another prefix than the program")
	}
}

// TestWorkflow checks that the workflow may do only this: started by hand, no more than reading the
// repository and an OIDC token.
func TestWorkflow(t *testing.T) {
	t.Parallel()
	workflow := file(t, ".github/workflows/live.yml")
	for _, want := range []string{
		"\non:\n  workflow_dispatch:\n\n", "\npermissions: {}\n", "    environment: live\n",
		"    permissions:\n      contents: read\n      id-token: write", "uses: aliyun/configure-aliyun-credentials-action@",
	} {
		if !strings.Contains(workflow, want) {
			t.Errorf("the workflow does not contain %q", want)
		}
	}
	for _, unwanted := range []string{"secrets.", "pull_request", "schedule:", "  push:", "write-all"} {
		if strings.Contains(workflow, unwanted) {
			t.Errorf("the workflow contains %q", unwanted)
		}
	}
	for _, use := range regexp.MustCompile(`uses: (\S+)`).FindAllStringSubmatch(workflow, -1) {
		if !regexp.MustCompile(`@[0-9a-f]{40}$`).MatchString(use[1]) {
			t.Errorf("%s is not pinned by its commit", use[1])
		}
	}
}
