package credentials

import (
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"maps"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/alioss/terraform-provider-alioss/internal/testworld"
)

// update writes the tables of testdata, and those in the guide, in place of comparing them.
var update = flag.Bool("update", false, "write the tables that are made from the tests' data")

// checkTable compares a table with testdata/<name>.md, and with the part of the guide between the
// marks of that name.
func checkTable(t *testing.T, name, table string) {
	t.Helper()
	path := filepath.Join("testdata", name+".md")
	if *update {
		writeFile(t, path, table, 0o644)
	}
	if stored, err := os.ReadFile(path); err != nil || string(stored) != table {
		t.Errorf("%s is out of date (%v): go test ./internal/credentials -run %s -update", path, err, t.Name())
	}
	guide := filepath.Join("..", "..", "templates", "guides", "authentication-reference.md.tmpl")
	page, err := os.ReadFile(guide)
	if os.IsNotExist(err) {
		t.Skipf("there is no %s yet", guide)
	}
	begin, end := "<!-- "+name+" -->\n", "<!-- /"+name+" -->\n"
	before, rest, isOpen := strings.Cut(string(page), begin)
	_, after, isClosed := strings.Cut(rest, end)
	if err != nil || !isOpen || !isClosed {
		t.Fatalf("%s has no part between %q and %q (%v)", guide, begin, end, err)
	}
	wanted := before + begin + table + end + after
	if *update {
		writeFile(t, guide, wanted, 0o644)
	} else if string(page) != wanted {
		t.Errorf("the table %s of %s is out of date: go test ./internal/credentials -run %s -update", name, guide, t.Name())
	}
}

// TestSituationsTable makes the guide's table of situations: what the provider block, the
// environment and the files contain, and the signing source, as in a run.
func TestSituationsTable(t *testing.T) {
	var b strings.Builder
	b.WriteString("| situation | who signs |\n|---|---|\n")
	var rows []string
	for _, s := range situations(t) {
		cells := slices.DeleteFunc([]string{blockCell(s), variablesCell(s), filesCell(t, s)}, func(c string) bool {
			return c == "–"
		})
		if len(cells) == 0 {
			cells = []string{"nothing"}
		}
		row := fmt.Sprintf("| %s | %s |\n", strings.Join(cells, "<br>"), s.signer(t))
		if !slices.Contains(rows, row) {
			rows = append(rows, row)
		}
	}
	b.WriteString(strings.Join(rows, ""))
	checkTable(t, "situations", b.String())
}

// code is a cell's text in code, with the home directory as ~.
func code(s string) string {
	return "`" + strings.ReplaceAll(strings.ReplaceAll(s, "@HOME@", "~"), "\n", `\n`) + "`"
}

func cell(parts []string) string {
	if len(parts) == 0 {
		return "–"
	}
	return strings.Join(parts, "<br>")
}

// blockCell lists the arguments of the block, and those of a block in it in braces.
func blockCell(s situation) string {
	var parts, inner []string
	in := ""
	for line := range strings.Lines(s.Block) {
		line = strings.TrimSpace(line)
		switch {
		case strings.HasSuffix(line, " {"):
			in, inner = strings.TrimSuffix(line, " {"), nil
		case line == "}":
			parts = append(parts, code(strings.Join(append(append([]string{in, "{"}, strings.Join(inner, ", ")), "}"), " ")))
			in = ""
		case in != "":
			if name, value, _ := strings.Cut(line, " = "); strings.HasSuffix(name, "_arn") && value != `""` {
				line = name
			}
			inner = append(inner, line)
		default:
			parts = append(parts, code(line))
		}
	}
	return cell(parts)
}

// variablesCell lists the variables: a pair by its first, the OIDC variables as one, others with a
// value with a meaning.
func variablesCell(s situation) string {
	left := maps.Clone(s.Env)
	delete(left, "ALIBABA_CLOUD_ECS_METADATA_DISABLED")
	var parts []string
	for _, v := range families {
		if left[v.id] != "" && left[v.secret] != "" {
			name := code(v.id) + " and its secret"
			if strings.Contains(left[v.id], "\n") {
				name += ", with a line break"
			}
			parts = append(parts, name)
			delete(left, v.id)
			delete(left, v.secret)
			delete(left, v.token)
		}
	}
	if left["ALIBABA_CLOUD_ROLE_ARN"] != "" && left["ALIBABA_CLOUD_OIDC_PROVIDER_ARN"] != "" &&
		left["ALIBABA_CLOUD_OIDC_TOKEN_FILE"] != "" {
		parts = append(parts, "the OIDC variables")
		delete(left, "ALIBABA_CLOUD_ROLE_ARN")
		delete(left, "ALIBABA_CLOUD_OIDC_PROVIDER_ARN")
		delete(left, "ALIBABA_CLOUD_OIDC_TOKEN_FILE")
	}
	for _, name := range slices.Sorted(maps.Keys(left)) {
		if strings.HasSuffix(name, "_PROFILE") || strings.HasSuffix(name, "_PROCESS") {
			name += "=" + left[name]
		}
		parts = append(parts, code(name))
	}
	if strings.Contains(s.Block, "ecs_role_name") && s.Env["ALIBABA_CLOUD_ECS_METADATA_DISABLED"] == "true" {
		parts = append(parts, code("ALIBABA_CLOUD_ECS_METADATA_DISABLED=true"))
	}
	return cell(parts)
}

var profileOf = regexp.MustCompile(`(?m)(?:^\s*profile = "|_PROFILE=)([^"\s]+)`)

// filesCell lists the files with the requested profile or, if there is none, the current one, and
// adds whether the machine is an instance with a role.
func filesCell(t *testing.T, s situation) string {
	var parts []string
	for _, path := range slices.Sorted(maps.Keys(s.Files)) {
		if strings.HasSuffix(path, ".sh") {
			continue
		}
		text := code("~/" + path)
		if content := s.Files[path]; strings.HasPrefix(content, "{") {
			text += ", " + profileWords(t, s, content)
		}
		parts = append(parts, text)
	}
	if s.Env["ALIBABA_CLOUD_ECS_METADATA_DISABLED"] != "true" {
		parts = append(parts, "an ECS instance with a role")
	}
	return cell(parts)
}

// profileWords describes a profile of a configuration of the CLI, and its mode.
func profileWords(t *testing.T, s situation, content string) string {
	file, err := parseJSONProfiles([]byte(expanded(content, "~", start)))
	if err != nil {
		t.Fatal(err)
	}
	name := file.current
	requests := s.Block
	for variable, value := range s.Env {
		if strings.HasSuffix(variable, "_PROFILE") {
			requests += "\n" + variable + "=" + value
		}
	}
	if m := profileOf.FindStringSubmatch(requests); m != nil {
		name = m[1]
	}
	p, ok, err := file.lookup(name, false)
	var raw struct{ Current string }
	switch {
	case err != nil:
		t.Fatal(err)
	case !ok:
		return "without the profile " + code(name)
	case json.Unmarshal([]byte(expanded(content, "~", start)), &raw) == nil && raw.Current == "":
		return "without `current`, profile " + code(name) + " of mode " + p.Mode
	}
	words := "profile " + code(name) + " of mode " + p.Mode
	if expire := max(p.CloudSSOTokenExpire, p.OAuthTokenExpire); expire != 0 && expire < start.Unix() {
		words += ", login expired"
	}
	if p.STSExpiration > start.Unix() {
		words += ", stored session valid"
	}
	return words
}

var roleWords = regexp.MustCompile(`role acs:ram::\d+:role/([^\s,]+)`)

// signer runs a situation and returns the signing source, or that it is an error.
func (s situation) signer(t *testing.T) string {
	w, source := s.world(t)
	found, err := source.Get(t.Context())
	if err != nil {
		if len(s.Want.Error) == 0 {
			t.Fatal(err)
		}
		return "an error about " + code(strings.Join(s.Want.Error, " "))
	}
	words := strings.ReplaceAll(found.Source, w.home, "~")
	words = roleWords.ReplaceAllString(words, "role `$1`")
	words = strings.NewReplacer(`"~/`, "`~/", `.json"`, ".json`", `.ini"`, ".ini`", `credentials"`, "credentials`",
		`config"`, "config`").Replace(words)
	for _, v := range families {
		words = strings.ReplaceAll(words, v.pair(), code(v.id)+" and its secret")
	}
	if len(source.Notices()) > 0 {
		words += ", with a warning"
	}
	return words
}

// TestWaitsTable makes the guide's table of requests and waits. Requests are counted in a run that
// succeeds, and waits are measured against services that take a connection and never answer.
func TestWaitsTable(t *testing.T) {
	login := start.Add(time.Hour).Unix()
	role := fmt.Sprintf(`"ram_role_arn":%q`, roleARN)
	pair := `"access_key_id":"AKID","access_key_secret":"hush"`
	rows := []struct {
		source string
		fields string // of profile p, if the source is one
		config Config
		vars   vars
		limit  time.Duration
		// slow lets the metadata service answer, just in time.
		slow bool
	}{
		{source: "`access_key` and `secret_key`", config: Config{AccessKey: "AKID", SecretKey: NewSecret("hush")}},
		{source: "keys in variables", vars: vars{"OSS_ACCESS_KEY_ID": "AKID", "OSS_ACCESS_KEY_SECRET": "hush"}},
		{source: "profile `AK` or `StsToken`", fields: `"mode":"AK",` + pair},
		{
			source: "`assume_role`, in addition to its source", config: Config{
				AccessKey: "AKID", SecretKey: NewSecret("hush"),
				AssumeRole: &AssumeRole{RoleARN: roleARN},
			}, limit: serviceLimit,
		},
		{source: "profile `RamRoleArn`", fields: `"mode":"RamRoleArn",` + pair + "," + role, limit: serviceLimit},
		{
			source: "profile `ChainableRamRoleArn`, one link",
			fields: `"mode":"ChainableRamRoleArn","source_profile":"q",` + role, limit: serviceLimit,
		},
		{
			source: "profile `RamRoleArnWithRoleName`",
			fields: `"mode":"RamRoleArnWithRoleName","ram_role_name":"agent",` + role, limit: serviceLimit, slow: true,
		},
		{
			source: "`assume_role_with_oidc`, OIDC variables, profile `OIDC`",
			vars: vars{
				"ALIBABA_CLOUD_OIDC_PROVIDER_ARN": providerARN, "ALIBABA_CLOUD_OIDC_TOKEN": oidcToken,
				"ALIBABA_CLOUD_ROLE_ARN": roleARN,
			}, limit: serviceLimit,
		},
		{
			source: "`credentials_uri`, its variables, profile `CredentialsURI`",
			config: Config{CredentialsURI: "http://" + casesURI}, limit: serviceLimit,
		},
		{
			source: "`ecs_role_name`, its variables, profile `EcsRamRole` with a role name",
			config: Config{ECSRoleName: "agent"}, limit: metadataLimit,
		},
		{source: "an instance role that nothing names", limit: metadataLimit},
		{
			source: "profile `CloudSSO` or `OAuth`, stored session valid",
			fields: fmt.Sprintf(
				`"mode":"OAuth","access_key_id":"STS.AKID","access_key_secret":"hush","sts_token":"hush-token","sts_expiration":%d`,
				login,
			),
		},
		{
			source: "profile `CloudSSO` or `OAuth`, new session",
			fields: fmt.Sprintf(
				`"mode":"OAuth","oauth_site_type":"CN","oauth_access_token":"hush","oauth_access_token_expire":%d`, login,
			), limit: serviceLimit,
		},
	}
	var b strings.Builder
	b.WriteString("| source | requests | longest wait in all |\n|---|---|---|\n")
	for _, row := range rows {
		files := map[string]string{}
		config := row.config
		if row.fields != "" {
			config.Profile = "p"
			files[cliPath] = cliConfig("p", `{"name":"p",`+row.fields+`},{"name":"q","mode":"AK",`+pair+`}`)
		}
		w := newWorld(t)
		w.sts.oidc[oidcToken] = true
		w.signIn = newSignIn(t, `{"accessKeyId":"STS.AKID","accessKeySecret":"hush","securityToken":"hush-token"}`)
		maps.Copy(w.vars, row.vars)
		maps.Copy(w.files, files)
		if _, err := w.get(config); err != nil {
			t.Fatalf("%s: %v", row.source, err)
		}
		requests := w.sts.count() + w.imds.count() + w.uri.count() + w.signIn.count()
		if waited := silence(t, config, row.vars, files, row.slow); waited > row.limit || waited < row.limit/2 {
			t.Errorf("%s: waited %s, want at most %s", row.source, waited, row.limit)
		}
		wait := "none"
		if row.limit > 0 {
			wait = strings.TrimSuffix(row.limit.String(), "s") + " s"
		}
		fmt.Fprintf(&b, "| %s | %d | %s |\n", row.source, requests, wait)
	}
	fmt.Fprintf(&b, "| profile `External` | 0, and those of the command | %.0f s |\n", commandLimit.Seconds())
	checkTable(t, "waits", b.String())
}

// silence returns how long a search lasts if no service answers. slow lets the metadata service
// answer, just in time.
func silence(t *testing.T, config Config, variables vars, files map[string]string, slow bool) (waited time.Duration) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		w := &world{t: t, vars: variables, files: files, clock: testworld.NewClock(start)}
		environment := hangingEnvironment(w)
		if slow {
			environment.MetadataTransport = slowMetadata{}
		}
		begin := time.Now()
		_, _ = New(config, environment).Get(t.Context())
		waited = time.Since(begin)
	})
	return waited
}

// slowMetadata is a metadata service that answers each request just before its end.
type slowMetadata struct{}

func (slowMetadata) RoundTrip(r *http.Request) (*http.Response, error) {
	time.Sleep(metadataTimeout - time.Millisecond)
	body := sessionJSON("Success", "")
	if r.Method == http.MethodPut {
		body = "token"
	}
	return &http.Response{
		StatusCode: http.StatusOK, Body: io.NopCloser(strings.NewReader(body)), Header: http.Header{},
	}, nil
}
