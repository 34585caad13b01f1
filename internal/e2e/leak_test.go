package e2e

import (
	"archive/zip"
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/alioss/terraform-provider-alioss/internal/acctest"
)

const leakToken = "CAISexample+token/of=the&leak/test=="

// leakConfig uses every form. The ephemeral URL reaches a provisioner, which writes it to a file
// that only the test reads.
const leakConfig = `
variable "bad" {
  default = ""
  sensitive = true
}
variable "expiry" { default = "1h" }
variable "noted" {}
provider "alioss" {}
data "alioss_presigned_url" "one" {
  bucket = "examplebucket"
  key    = "with space.txt"
  expiry = var.expiry
}
data "alioss_presigned_urls" "many" {
  bucket = "examplebucket"
  keys   = ["a+b=c&d.txt", "#1 what?.txt"]
}
resource "alioss_presigned_url" "kept" {
  bucket = "examplebucket"
  key    = "a//b/"
}
ephemeral "alioss_presigned_url" "passing" {
  bucket = "examplebucket"
  key    = "back\\slash;semi,comma@at:colon.txt"
  expiry = "2h"
}
resource "terraform_data" "use" {
  provisioner "local-exec" {
    command     = "printf %s \"$URL\" > \"$NOTED\""
    environment = { URL = ephemeral.alioss_presigned_url.passing.url, NOTED = var.noted }
  }
}
output "parsed" {
  sensitive = true
  value     = provider::alioss::parse_presigned_url(var.bad == "" ? data.alioss_presigned_url.one.url : var.bad)
}
output "urls" {
  sensitive = true
  value = concat(
    [data.alioss_presigned_url.one.url, alioss_presigned_url.kept.url],
    values(data.alioss_presigned_urls.many.urls),
  )
}
`

// leftovers are the files below the directories, by name, with their content.
func leftovers(t *testing.T, directories ...string) map[string]string {
	t.Helper()
	left := map[string]string{}
	for _, directory := range directories {
		must(t, filepath.WalkDir(directory, func(name string, entry fs.DirEntry, err error) error {
			if err != nil || !entry.Type().IsRegular() {
				return err
			}
			text, err := os.ReadFile(name)
			left[name] = string(text)
			return err
		}))
	}
	return left
}

// TestLeaks runs every command on every form with logs of every level, good and wrong values alike,
// and searches what is written for the secret key, the session token and the signatures, also
// escaped: standard output and error, the log that the CLI and the provider write, plan and state
// as text, and whatever else the commands leave behind. State and plan file contain the URLs, as
// documented. They must contain neither the secret key nor the ephemeral resource's URL.
func TestLeaks(t *testing.T) {
	w := newWorkspace(t, acctest.Ephemeral)
	noted := filepath.Join(t.TempDir(), "url")
	logs := t.TempDir()
	home, temporary := t.TempDir(), t.TempDir()
	w.env = append(w.env, "OSS_SESSION_TOKEN="+leakToken, "TF_LOG=TRACE", "TF_VAR_noted="+noted, "HOME="+home,
		"TMPDIR="+temporary)
	w.config(t, leakConfig)

	written := map[string]string{}
	// Variables go by the environment: at TRACE the CLI itself logs its command line, which no
	// provider can prevent.
	var variables []string
	run := func(name string, fails bool, args ...string) {
		log := filepath.Join(logs, name)
		stdout, stderr, err := w.try(t, append(variables, "TF_LOG_PATH="+log), append(args, "-no-color")...)
		if (err != nil) != fails {
			t.Fatalf("%s: %v\n%s", name, err, stderr)
		}
		text, err := os.ReadFile(log)
		must(t, err)
		if len(text) == 0 {
			t.Fatalf("%s: there is no log to search", name)
		}
		written[name+": standard output"], written[name+": standard error"], written[name+": log"] = stdout, stderr,
			string(text)
	}
	const badURL = "https://examplebucket.oss-cn-hangzhou.aliyuncs.com/k" +
		"?x-oss-signature=0123456789abcdef0123456789abcdef&x-oss-date=x"
	run("validate", false, "validate")
	run("plan with a wrong expiry", true, "plan", "-var=expiry=8d")
	variables = []string{"TF_VAR_bad=" + badURL}
	run("plan with a wrong URL", true, "plan")
	variables = nil
	run("plan", false, "plan", "-out=saved")
	run("show plan", false, "show", "saved")
	run("apply", false, "apply", "-auto-approve", "saved")
	run("show", false, "show")
	run("plan again", false, "plan")

	var urls []string
	w.env = append(w.env, "TF_LOG=")
	w.output(t, "urls", &urls)
	passing, err := os.ReadFile(noted)
	must(t, err)
	ephemeral := signatureOf(t, string(passing))
	w.env = append(w.env, "TF_LOG=TRACE")

	state := read(t, filepath.Join(w.dir, "terraform.tfstate"))
	plan := unzipped(t, filepath.Join(w.dir, "saved"))
	if !strings.Contains(state, signatureOf(t, urls[0])) || !strings.Contains(plan, signatureOf(t, urls[0])) {
		t.Error("the data source's URL is not where it should be found: the search below proves nothing")
	}
	for _, where := range []struct{ name, text string }{{"state", state}, {"plan file", plan}} {
		noLeak(t, where.name, where.text, "secret key", testSecret)
		noLeak(t, where.name, where.text, "the ephemeral URL's signature", ephemeral)
	}
	run("destroy", false, "destroy", "-auto-approve")
	if left, _ := filepath.Glob(filepath.Join(w.dir, "crash*")); len(left) > 0 {
		t.Errorf("crash reports: %q", left)
	}
	for name := range written {
		if strings.HasSuffix(name, ": log") && !strings.Contains(written[name], "terraform-provider-alioss") {
			t.Errorf("%s: the provider has written nothing into it: the search below proves nothing", name)
		}
	}
	left := leftovers(t, w.dir, home, temporary)
	for _, known := range []string{"saved", "terraform.tfstate", "terraform.tfstate.backup"} {
		if _, ok := left[filepath.Join(w.dir, known)]; !ok {
			t.Errorf("%s is not among the files that are searched", known)
		}
		delete(left, filepath.Join(w.dir, known)) // searched above: they may contain URLs
	}
	for name, text := range left {
		written["file "+name] = text
	}

	for name, text := range written {
		noLeak(t, name, text, "secret key", testSecret)
		noLeak(t, name, text, "session token", leakToken)
		noLeak(t, name, text, "the ephemeral URL's signature", ephemeral)
		noLeak(t, name, text, "a wrong URL's signature", "0123456789abcdef0123456789abcdef")
		for _, u := range urls {
			noLeak(t, name, text, "signature", signatureOf(t, u))
		}
	}
}

// noLeak searches a text for the forms of a secret.
func noLeak(t *testing.T, where, text, what, secret string) {
	t.Helper()
	for form, value := range forms(secret) {
		if at := strings.Index(text, value); at >= 0 {
			line := text[strings.LastIndexByte(text[:at], '\n')+1 : at]
			t.Errorf("%s: %s (%s) behind %.300q", where, what, form, line)
		}
	}
}

// forms are a secret as it may be written: escaped, and in base64 at each of the three places that
// it may have in a longer text.
func forms(secret string) map[string]string {
	all := map[string]string{
		"as it is": secret, "query escaped": url.QueryEscape(secret), "path escaped": url.PathEscape(secret),
		"JSON": strings.NewReplacer("&", `\u0026`).Replace(secret), "hex": hex.EncodeToString([]byte(secret)),
		"escaped twice":         url.QueryEscape(url.QueryEscape(secret)),
		"escaped in lower case": lowerEscapes(url.QueryEscape(secret)),
		"HEX":                   strings.ToUpper(hex.EncodeToString([]byte(secret))),
		"bytes":                 strings.Trim(fmt.Sprintf("%d", []byte(secret)), "[]"),
	}
	for name, encoding := range map[string]*base64.Encoding{
		"base64": base64.RawStdEncoding, "base64, for URLs": base64.RawURLEncoding,
	} {
		for shift := range 3 {
			encoded := encoding.EncodeToString([]byte(strings.Repeat("x", shift) + secret))
			all[name+", shifted by "+string(rune('0'+shift))] = encoded[4*min(shift, 1) : len(encoded)-4]
		}
	}
	return all
}

var escaped = regexp.MustCompile(`%[0-9A-F]{2}`)

func lowerEscapes(text string) string { return escaped.ReplaceAllStringFunc(text, strings.ToLower) }

// TestForms hides a secret in every form in a longer text, and finds it.
func TestForms(t *testing.T) {
	quoted := strconv.Quote(leakToken)
	for name, text := range map[string]string{
		"JSON":    jsonText(t, map[string]string{"token": leakToken}),
		"a query": "https://example.com/?" + url.Values{"token": {leakToken}}.Encode(), "Go": quoted,
		"hex": fmt.Sprintf("key %x.", leakToken), "HEX": fmt.Sprintf("key %X.", leakToken),
		"bytes": fmt.Sprintf("%d", []byte("key "+leakToken+".")), "base64": base64.StdEncoding.EncodeToString([]byte("key " +
			leakToken + ".")), "base64 of one more": base64.StdEncoding.EncodeToString([]byte("keys " + leakToken + ".")),
		"base64 of two more": base64.StdEncoding.EncodeToString([]byte("keys: " + leakToken + ".")),
		"base64 for URLs":    base64.URLEncoding.EncodeToString([]byte(leakToken)),
		"lower case": "%2b" + strings.ReplaceAll(strings.ReplaceAll(strings.ReplaceAll(strings.ReplaceAll(leakToken,
			"+", "%2b"), "/", "%2f"), "=", "%3d"), "&", "%26"),
	} {
		t.Run(name, func(t *testing.T) {
			if !slices.ContainsFunc(slices.Collect(maps.Values(forms(leakToken))), func(form string) bool {
				return strings.Contains(text, form)
			}) {
				t.Errorf("the secret is not found as %s: %s", name, text)
			}
		})
	}
}

// wrongConfig has wrong values in every form, each with a secret in it. All of them are known to
// validate. The CLI quotes the lines of a configuration in which something is wrong: the secrets
// are in lines of their own, and are sensitive.
const wrongConfig = `
locals {
  url    = sensitive("https://b.cn/k?x-oss-signature=0123456789abcdef0123456789abcdef&x-oss-date=x")
  secret = sensitive("Wrong Secret/Of+the=Leak&Test\n")
}
provider "alioss" {
  PROVIDER
}
data "alioss_presigned_url" "one" {
  LINK
  key = "/k"
}
data "alioss_presigned_urls" "many" {
  LINK
  keys = ["/k", local.url, null]
}
resource "alioss_presigned_url" "kept" {
  LINK
  key          = "/k"
  renew_before = local.url
}
ephemeral "alioss_presigned_url" "passing" {
  LINK
  key = "/k"
}
output "parsed" {
  sensitive = true
  value     = provider::alioss::parse_presigned_url(local.url)
}
`

// wrongValues are arguments that are wrong together, of the provider or of every form.
var wrongValues = []struct{ provider, link string }{
	{link: `bucket = local.url, expiry = local.url, region = local.url, domain = local.url, method = local.url`},
	{
		link: `bucket = "examplebucket", endpoint = local.url, endpoint_type = local.url, query = { "x-oss-signature" = ` +
			`local.url }`,
	},
	{
		link: `bucket = "examplebucket", domain = "u:${local.url}@h", headers = { "content-type" = local.secret }, ` +
			`response_headers = { "cache-control" = local.secret }, traffic_limit = 1`,
	},
	{
		link: `bucket = "examplebucket", headers = { "authorization" = local.url, "x-oss-security-token" = local.secret ` +
			`}, process = local.secret`,
	},
	{
		provider: `access_key = local.secret, secret_key = local.secret, security_token = local.secret`,
		link:     `bucket = "examplebucket"`,
	},
	{provider: `region = local.url, endpoint = local.url, credentials_uri = local.url`, link: `bucket = "examplebucket"`},
}

// TestLeaksOfWrongValues gives wrong and secret values to validate, plan, apply and destroy, with
// logs of every level.
func TestLeaksOfWrongValues(t *testing.T) {
	w := newWorkspace(t, acctest.Ephemeral)
	w.env = append(w.env, "OSS_SESSION_TOKEN="+leakToken, "TF_LOG=TRACE")
	lines := func(arguments string) string { return strings.ReplaceAll(arguments, ", ", "\n  ") }
	for i, wrong := range wrongValues {
		w.config(t, strings.NewReplacer("PROVIDER", lines(wrong.provider), "LINK", lines(wrong.link)).Replace(wrongConfig))
		faulty := []string{
			"data.alioss_presigned_url.one", "data.alioss_presigned_urls.many", "alioss_presigned_url.kept",
			"ephemeral.alioss_presigned_url.passing", "parse_presigned_url",
		}
		commands := [][]string{{"validate"}}
		if i == 0 {
			commands = append(commands, []string{"plan"}, []string{"apply", "-auto-approve"},
				[]string{"destroy", "-auto-approve"})
		}
		if wrong.provider != "" {
			faulty = []string{"provider["}
			commands = append(commands, []string{"plan"})
		}
		for _, args := range commands {
			log := filepath.Join(t.TempDir(), "log")
			stdout, stderr, err := w.try(t, []string{"TF_LOG_PATH=" + log}, append(args, "-no-color")...)
			name := fmt.Sprintf("%s of wrong values %d", args[0], i)
			if err == nil || strings.Contains(stderr, "panic") {
				t.Errorf("%s: %v\n%s", name, err, stderr)
			}
			for _, form := range faulty {
				if args[0] == "validate" && !strings.Contains(stderr, form) {
					t.Errorf("%s: no fault is found in %s:\n%s", name, form, stderr)
				}
			}
			for place, text := range map[string]string{
				"standard output": stdout, "standard error": stderr, "log": read(t, log),
			} {
				noLeak(t, name+": "+place, text, "the environment's secret key", testSecret)
				noLeak(t, name+": "+place, text, "session token", leakToken)
				noLeak(t, name+": "+place, text, "a URL's signature", "0123456789abcdef0123456789abcdef")
				noLeak(t, name+": "+place, text, "a wrong secret", "Secret/Of+the=Leak&Test")
			}
		}
	}
}

func signatureOf(t *testing.T, text string) string {
	t.Helper()
	u, err := url.Parse(text)
	if err != nil || len(u.Query().Get("x-oss-signature")) != 64 {
		t.Fatal("a URL has no signature")
	}
	return u.Query().Get("x-oss-signature")
}

func read(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile(name)
	must(t, err)
	return string(text)
}

// unzipped is the content of all files in an archive.
func unzipped(t *testing.T, name string) string {
	t.Helper()
	r, err := zip.OpenReader(name)
	must(t, err)
	defer func() { _ = r.Close() }()
	var all bytes.Buffer
	for _, f := range r.File {
		in, err := f.Open()
		must(t, err)
		_, err = io.Copy(&all, in)
		must(t, err)
	}
	return all.String()
}

// credentialsConfig has every secret that a provider block or a profile can contain. Each alias has
// one source, and gets a data source that is read if the variable only names it.
const credentialsConfig = `
variable "secret" { sensitive = true }
variable "token" { sensitive = true }
variable "oidc" { sensitive = true }
variable "uri" { sensitive = true }
variable "only" {}
provider "alioss" {
  alias          = "keys"
  access_key     = "STS.NExampleKeyId0001"
  secret_key     = var.secret
  security_token = var.token
}
provider "alioss" {
  alias          = "role"
  access_key     = "STS.NExampleKeyId0001"
  secret_key     = var.secret
  security_token = var.token
  assume_role { role_arn = "acs:ram::1234567890123456:role/agent" }
}
provider "alioss" {
  alias = "oidc"
  assume_role_with_oidc {
    oidc_provider_arn = "acs:ram::1234567890123456:oidc-provider/ci"
    oidc_token        = var.oidc
    role_arn          = "acs:ram::1234567890123456:role/agent"
  }
}
provider "alioss" {
  alias           = "uri"
  credentials_uri = var.uri
}
provider "alioss" {
  alias   = "profile"
  profile = "good"
}
provider "alioss" {
  alias                   = "broken"
  shared_credentials_file = "~/broken.json"
}
`

// TestLeaksOfCredentials searches the output and the log at TRACE for the secrets of provider
// blocks and profiles, of sources that sign and of sources that fail: an STS and a credentials URI
// to which no connection comes about, and a file that is broken off.
func TestLeaksOfCredentials(t *testing.T) {
	w := newWorkspace(t)
	const (
		secret  = "block+secret/of=the&leak/test"
		oidc    = "hidden-head.hidden-body+of=the&leak.hidden-sign"
		path    = "path+of/the=uri&leak"
		profile = "profile+secret/of=the&leak/test"
	)
	home := t.TempDir()
	must(t, os.MkdirAll(filepath.Join(home, ".aliyun"), 0o700))
	file := `{"current":"good","profiles":[{"name":"good","mode":"AK","access_key_id":"LTAI5tExampleKeyId000002",` +
		`"access_key_secret":"` + profile + `"}]}`
	write(t, filepath.Join(home, ".aliyun", "config.json"), file)
	write(t, filepath.Join(home, "broken.json"), strings.TrimSuffix(file, "}]}"))
	// Nobody listens at port 1 of loopback.
	w.env = append(w.env, "OSS_ACCESS_KEY_ID=", "OSS_ACCESS_KEY_SECRET=", "HOME="+home,
		"ALIBABA_CLOUD_STS_ENDPOINT=127.0.0.1:1", "TF_LOG=TRACE",
		"TF_VAR_secret="+secret, "TF_VAR_token="+leakToken, "TF_VAR_oidc="+oidc,
		"TF_VAR_uri=http://127.0.0.1:1/"+url.PathEscape(path))
	failures := map[string]string{
		"keys": "", "profile": "", "role": "assumed with", "oidc": "assume_role_with_oidc", "uri": "credentials_uri",
		"broken": "broken.json",
	}
	config := credentialsConfig
	for source := range failures {
		config += strings.ReplaceAll(`
data "alioss_presigned_url" "NAME" {
  provider = alioss.NAME
  count    = var.only == "NAME" ? 1 : 0
  bucket   = "examplebucket"
  key      = "a"
}
`, "NAME", source)
	}
	w.config(t, config)
	for source, failure := range failures {
		t.Run(source, func(t *testing.T) {
			log := filepath.Join(t.TempDir(), "log")
			stdout, stderr, err := w.try(t, []string{"TF_VAR_only=" + source, "TF_LOG_PATH=" + log}, "plan", "-no-color")
			if (err != nil) != (failure != "") || !strings.Contains(stderr, failure) {
				t.Fatalf("%v, want %q: %s", err, failure, stderr)
			}
			text := read(t, log)
			if !strings.Contains(text, "alioss_presigned_url") {
				t.Fatal("the log does not speak of the data source: the search below proves nothing")
			}
			for name, value := range map[string]string{
				"secret_key": secret, "security_token": leakToken, "oidc_token": oidc, "credentials_uri": path, "profile": profile,
			} {
				for where, text := range map[string]string{"standard output": stdout, "standard error": stderr, "log": text} {
					noLeak(t, where, text, name, value)
				}
			}
		})
	}
}
