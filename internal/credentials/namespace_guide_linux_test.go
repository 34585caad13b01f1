package credentials

import (
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/alioss/terraform-provider-alioss/internal/acctest"
	"github.com/alioss/terraform-provider-alioss/internal/signer"
)

const (
	cliVariable = "ALIOSS_TEST_CLI"
	rcVariable  = "ALIOSS_TEST_RC"
)

// TestNamespaceGuide applies the examples of the guide "Authenticating" whose keys come from a
// service, with the built provider and the real CLI, in the namespace of TestNamespace. The guide's
// other examples are applied by package doctest.
func TestNamespaceGuide(t *testing.T) {
	if os.Getenv(stageVariable) == "inside" {
		insideGuide(t)
		return
	}
	cli, rc := builtProvider(t)
	enterNamespace(t, cliVariable+"="+cli.Path, rcVariable+"="+rc)
}

// builtProvider builds the provider, and returns the CLI and the path of a configuration file by
// which it takes that provider.
func builtProvider(t *testing.T) (cli acctest.CLI, rc string) {
	t.Helper()
	cli = acctest.Require(t)
	directory := t.TempDir()
	build := exec.CommandContext(t.Context(), "go", "build", "-buildvcs=false", "-o", filepath.Join(directory,
		"terraform-provider-alioss"), "../..")
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if output, err := build.CombinedOutput(); err != nil {
		t.Fatalf("go build: %v\n%s", err, output)
	}
	rc = filepath.Join(directory, "cli.tfrc")
	writeFile(t, rc, fmt.Sprintf("provider_installation {\n  dev_overrides {\n    %q = %q\n    %q = %q\n  }\n}\n",
		"registry.terraform.io/alioss/alioss", directory, acctest.OpenTofuHost+"/alioss/alioss", directory), 0o644)
	return cli, rc
}

func insideGuide(t *testing.T) {
	n := newNamespace(t)
	n.imds.role = "deployer"
	const accountARN = "acs:ram::1234567890123456:role/artifact-reader"
	pair := []string{"OSS_ACCESS_KEY_ID=AKID", "OSS_ACCESS_KEY_SECRET=hush"}
	for _, test := range []struct {
		heading   string
		block     int // among the Terraform blocks below the heading
		variables []string
		// left is what the URL has left when it is signed.
		left      time.Duration
		endsFirst bool
		// requests are parameters of the one request to STS, nil for none.
		requests map[string]string
		imds     int
	}{
		{
			heading: "GitHub Actions", variables: n.oidcVariables(), left: 12 * time.Hour, endsFirst: true,
			requests: map[string]string{
				"Action": "AssumeRoleWithOIDC", "RoleArn": roleARN, "OIDCToken": oidcToken, "RoleSessionName": "deploy",
				"DurationSeconds": "43200",
			},
		},
		{heading: "ECS instance", left: 6 * time.Hour, endsFirst: true, imds: 2},
		{
			heading: "ACK", variables: n.oidcVariables(), left: 50 * time.Minute,
			requests: map[string]string{"Action": "AssumeRoleWithOIDC", "RoleArn": roleARN, "OIDCToken": oidcToken},
		},
		{
			heading: "Another account", variables: pair, left: 3 * time.Hour,
			requests: map[string]string{
				"Action": "AssumeRole", "AccessKeyId": "AKID", "RoleArn": accountARN, "ExternalId": "deploy-7f3a",
				"DurationSeconds": "14400",
			},
		},
	} {
		t.Run(fmt.Sprint(test.heading, test.block), func(t *testing.T) {
			n.t = t
			sts, imds := n.sts.count(), n.imds.count()
			output, link, end := n.apply(guideBlock(t, test.heading, test.block), append(test.variables, n.trust))
			if first := strings.Contains(output, "Warning: Credentials End First"); first != test.endsFirst {
				t.Errorf("warns that the credentials end first: %v:\n%s", first, output)
			}
			if strings.Contains(output, secretMark) {
				t.Errorf("shows a secret: %s", output)
			}
			if left := time.Until(end); left > test.left || left < test.left-5*time.Minute {
				t.Errorf("%s is left, want %s less what the test has taken", left, test.left)
			}
			parsed, err := signer.Parse(link)
			if err != nil {
				t.Fatal(err)
			}
			if !parsed.SecurityTokenUsed || !strings.HasPrefix(parsed.AccessKeyID, "STS.AKID") {
				t.Errorf("signed by %q", parsed.AccessKeyID)
			}
			n.checkAsked(sts, imds, test.requests, test.imds)
		})
	}
}

// checkAsked compares the requests since a count of each with those expected: one to STS with these
// parameters, or none.
func (n *namespace) checkAsked(sts, imds int, parameters map[string]string, toMetadata int) {
	n.t.Helper()
	n.t.Logf("%d requests to STS, %d to the metadata service", n.sts.count()-sts, n.imds.count()-imds)
	toSTS := 0
	if parameters != nil {
		toSTS = 1
	}
	if got := n.sts.count() - sts; got != toSTS {
		n.t.Fatalf("%d requests to STS, want %d", got, toSTS)
	}
	if got := n.imds.count() - imds; got != toMetadata {
		n.t.Errorf("%d requests to the metadata service, want %d", got, toMetadata)
	}
	for _, name := range slices.Sorted(maps.Keys(parameters)) {
		if got := n.sts.requests[len(n.sts.requests)-1].Get(name); got != parameters[name] {
			n.t.Errorf("%s is %q, want %q", name, got, parameters[name])
		}
	}
}

var (
	signed   = regexp.MustCompile(`(?m)^(data|resource) "alioss_presigned_url" "(\w+)"`)
	declares = regexp.MustCompile(`(?m)^terraform \{`)
)

// apply applies a configuration in a directory of its own, and returns what the CLI printed, and
// URL and end of the one link. A configuration without a link gets one of a day.
func (n *namespace) apply(config string, variables []string) (output, link string, end time.Time) {
	n.t.Helper()
	if !declares.MatchString(config) {
		config = "terraform {\n  required_providers {\n    alioss = {\n      source = \"alioss/alioss\"\n    }\n  }\n}\n" +
			config
	}
	if !signed.MatchString(config) {
		config += "data \"alioss_presigned_url\" \"test\" {\n  bucket = \"examplebucket\"\n  key    = \"a\"\n  expiry = " +
			"\"24h\"\n}\n"
	}
	m := signed.FindStringSubmatch(config)
	address := strings.TrimPrefix(m[1]+".", "resource.") + "alioss_presigned_url." + m[2]
	config += fmt.Sprintf("output \"link\" {\n  sensitive = true\n  value     = [%s.url, %s.expires_at]\n}\n", address,
		address)
	directory := n.t.TempDir()
	writeFile(n.t, filepath.Join(directory, "main.tf"), config, 0o644)
	run := func(arguments ...string) string {
		n.t.Helper()
		command := exec.CommandContext(n.t.Context(), os.Getenv(cliVariable), arguments...)
		command.Dir = directory
		command.Env = append([]string{
			"PATH=" + os.Getenv("PATH"), "HOME=" + n.directory, "CHECKPOINT_DISABLE=1", "TF_IN_AUTOMATION=1", "TF_INPUT=0",
			"TF_CLI_CONFIG_FILE=" + os.Getenv(rcVariable),
		}, variables...)
		text, err := command.CombinedOutput()
		if err != nil {
			n.t.Fatalf("%v: %v\n%s", arguments, err, text)
		}
		return string(text)
	}
	output = run("apply", "-auto-approve", "-no-color")
	shown := run("output", "-json", "link")
	var result []string
	if err := json.Unmarshal([]byte(shown), &result); err != nil || len(result) != 2 {
		n.t.Fatalf("%v: %s", err, shown)
	}
	end, err := time.Parse(time.RFC3339, result[1])
	if err != nil {
		n.t.Fatal(err)
	}
	return output, result[0], end
}

// guideBlock returns the Terraform block of that number below a heading of the guide.
func guideBlock(t *testing.T, heading string, number int) string {
	t.Helper()
	page, err := os.ReadFile(filepath.Join("..", "..", "docs", "guides", "authenticating.md"))
	if err != nil {
		t.Fatal(err)
	}
	_, section, found := strings.Cut(string(page), "\n## "+heading+"\n")
	section, _, _ = strings.Cut(section, "\n## ")
	blocks := strings.Split(section, "```terraform\n")[1:]
	if !found || number >= len(blocks) {
		t.Fatalf("the guide has no block %d below %q", number, heading)
	}
	text, _, _ := strings.Cut(blocks[number], "```")
	return text
}
