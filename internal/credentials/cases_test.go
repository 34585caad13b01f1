package credentials

import (
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
)

// casesURI is the credentials URI of the situations.
const casesURI = "127.0.0.1:8099"

// situation is one of testdata/cases.json or more_cases.json: files, variables and a provider
// block, and the identity that must sign. Those of cases.json were run against the alicloud
// provider, the Alibaba Cloud CLI and the SDK's default chain; if this provider differs on purpose,
// want has what it does. Those of more_cases.json follow from the code of the three.
type situation struct {
	Name string `json:"case"`
	// Files are below the home directory. In them and in Env and Block, @HOME@ is that directory,
	// @NOW+3000@ the number of Unix seconds in 3,000 s.
	Files map[string]string
	Env   map[string]string
	// Block are lines of the provider block. Region adds a region to them.
	Block  string
	Region bool
	Want   struct {
		// ID is the AccessKey ID that signs, STS the roles assumed, Session the session name of the
		// last of them.
		ID      string
		STS     []string
		Session string
		Warning bool
		// Error are words that the error contains, empty for success.
		Error []string
	}
}

func situations(t testing.TB) []situation { return situationsOf(t, "cases.json") }

func situationsOf(t testing.TB, file string) []situation {
	t.Helper()
	content, err := os.ReadFile(filepath.Join("testdata", file))
	if err != nil {
		t.Fatal(err)
	}
	var all []situation
	if err := json.Unmarshal(content, &all); err != nil {
		t.Fatal(err)
	}
	return all
}

var nowMark = regexp.MustCompile(`"?@NOW([+-]\d+)@"?`)

// expanded returns text with its marks replaced.
func expanded(text, home string, now time.Time) string {
	text = nowMark.ReplaceAllStringFunc(text, func(mark string) string {
		seconds, _ := strconv.ParseInt(nowMark.FindStringSubmatch(mark)[1], 10, 64)
		return strconv.FormatInt(now.Unix()+seconds, 10)
	})
	return strings.ReplaceAll(text, "@HOME@", home)
}

// TestSituations: in each situation the identity signs that its user expects, with the roles that
// it assumes on the way, and there is a warning if there are two identities, and otherwise none.
func TestSituations(t *testing.T) {
	t.Parallel()
	for _, s := range append(situations(t), situationsOf(t, "more_cases.json")...) {
		t.Run(s.Name, func(t *testing.T) {
			t.Parallel()
			w, source := s.world(t)
			found, err := source.Get(t.Context())
			s.check(t, w, source, found, err)
			if region, origin := source.Region(); !s.Region && region != "cn-hangzhou" {
				t.Errorf("region %q of %s", region, origin)
			}
		})
	}
}

// world returns a world with the situation's files, variables and services, and the source of
// credentials in it.
func (s situation) world(t *testing.T) (*world, *Source) {
	t.Helper()
	w := situationWorld(t)
	w.home = t.TempDir() // commands of External profiles are run from there
	w.files[filepath.Join(w.home, "oidc")] = "oidc-token\n"
	for name, content := range s.Files {
		content = expanded(content, w.home, start)
		w.files[filepath.Join(w.home, name)] = content
		if strings.HasSuffix(name, ".sh") {
			writeFile(t, filepath.Join(w.home, name), content, 0o755)
		}
	}
	for name, value := range s.Env {
		w.vars[name] = expanded(value, w.home, start)
	}
	config := blockConfig(t, expanded(s.Block, w.home, start))
	if s.Region {
		config.Region = "cn-hangzhou"
	}
	return w, w.source(config)
}

func (s situation) check(t *testing.T, w *world, source *Source, found Credentials, err error) {
	t.Helper()
	for _, words := range s.Want.Error {
		if err == nil || !strings.Contains(err.Error(), words) {
			t.Errorf("error %v, want %q", err, words)
		}
	}
	switch {
	case len(s.Want.Error) > 0:
		return
	case err != nil:
		t.Fatal(err)
	}
	if found.AccessKeyID() != s.Want.ID {
		t.Errorf("%s signs (%s), want %s", found.AccessKeyID(), found.Source, s.Want.ID)
	}
	if calls := w.sts.calls(); !slices.Equal(calls, s.Want.STS) {
		t.Errorf("STS got the requests %q, want %q", calls, s.Want.STS)
	}
	if session := s.Want.Session; session != "" &&
		w.sts.requests[len(w.sts.requests)-1].Get("RoleSessionName") != session {
		t.Errorf("session %q, want %q", w.sts.requests[len(w.sts.requests)-1].Get("RoleSessionName"), session)
	}
	if notices := source.Notices(); (len(notices) > 0) != s.Want.Warning {
		t.Errorf("warnings %q, want some: %v", notices, s.Want.Warning)
	}
}

// calls lists the requests to STS, as in "AssumeRole(AKr→r)".
func (s *fakeSTS) calls() []string {
	calls := []string{}
	for _, requests := range s.requests {
		who := requests.Get("AccessKeyId")
		if requests.Get("Action") == actionOIDC {
			who = "oidc"
		}
		role := requests.Get("RoleArn")
		calls = append(calls, fmt.Sprintf("%s(%s→%s)", requests.Get("Action"), who, role[strings.LastIndex(role, "/")+1:]))
	}
	return calls
}

// situationWorld is a world with the services of the situations.
func situationWorld(t testing.TB) *world {
	w := newWorld(t)
	w.serveSituations(start)
	return w
}

// serveSituations makes the services of a world those of the situations.
func (w *world) serveSituations(now time.Time) { serveSituations(w.sts, w.imds, w.uri, now) }

func serveSituations(sts *fakeSTS, imds *fakeIMDS, uri *fakeURI, now time.Time) {
	sts.oidc["oidc-token"] = true
	sts.names = map[string]string{"AssumeRole": "STS.AssumeRole", actionOIDC: "STS.AssumeRoleWithOIDC"}
	for _, name := range []string{
		"alibaba", "alicloud", "nodash", "oss", "acc", "b", "r", "x", "base", "default", "prod", "ini",
	} {
		sts.callers["AK"+name] = caller{secret: "SK" + name}
	}
	sts.callers["STS.r"] = caller{"SKr", "Tr"}
	sts.callers["STS.imds"] = caller{"SKimds", "Timds"}
	sts.callers["STS.uri"] = caller{"SKuri", "Turi"}
	imds.role, imds.onlyToken = "held-role", true
	imds.session = keyJSON("imds", now)
	uri.body = keyJSON("uri", now)
	uri.fault = func(_ int, answer http.ResponseWriter, r *http.Request) bool {
		if r.URL.Path == "/c" {
			return false
		}
		http.NotFound(answer, r)
		return true
	}
}

// keyJSON is the answer of a service with the key STS.<name>, which is valid for an hour.
func keyJSON(name string, now time.Time) string {
	return fmt.Sprintf(`{"Code":"Success","AccessKeyId":"STS.%s","AccessKeySecret":"SK%s","SecurityToken":"T%s",`+
		`"Expiration":%q}`,
		name, name, name, now.Add(time.Hour).UTC().Format(time.RFC3339))
}

// blockConfig reads the lines of a provider block: arguments with texts and numbers, and blocks of
// them.
func blockConfig(t testing.TB, block string) Config {
	t.Helper()
	var c Config
	in := ""
	for line := range strings.Lines(block) {
		line = strings.TrimSpace(line)
		switch name, value, isArgument := strings.Cut(line, " = "); {
		case line == "":
		case line == "}":
			in = ""
		case strings.HasSuffix(line, " {"):
			in = strings.TrimSuffix(line, " {")
			switch in {
			case "assume_role":
				c.AssumeRole = &AssumeRole{}
			case "assume_role_with_oidc":
				c.AssumeRoleWithOIDC = &AssumeRoleWithOIDC{}
			}
			in += "."
		case isArgument:
			setArgument(t, &c, in+name, value)
		default:
			t.Fatalf("not a line of a block: %q", line)
		}
	}
	return c
}

func setArgument(t testing.TB, c *Config, name, value string) {
	t.Helper()
	var seconds int64
	text, err := strconv.Unquote(value)
	if err != nil {
		if seconds, err = strconv.ParseInt(value, 10, 64); err != nil {
			t.Fatalf("%s = %s", name, value)
		}
	}
	if text == "" && seconds == 0 {
		c.Blank = append(c.Blank, name)
	}
	role, oidc := c.AssumeRole, c.AssumeRoleWithOIDC
	switch name {
	case "access_key":
		c.AccessKey = text
	case "secret_key":
		c.SecretKey = NewSecret(text)
	case "security_token":
		c.SecurityToken = NewSecret(text)
	case "profile":
		c.Profile = text
	case "shared_credentials_file":
		c.SharedCredentialsFile = text
	case "ecs_role_name":
		c.ECSRoleName = text
	case "credentials_uri":
		c.CredentialsURI = text
	case "sts_endpoint":
		c.STSEndpoint = text
	case "assume_role.role_arn":
		role.RoleARN = text
	case "assume_role.session_name":
		role.SessionName = text
	case "assume_role.session_expiration":
		role.SessionExpiration = seconds
	case "assume_role_with_oidc.oidc_provider_arn":
		oidc.OIDCProviderARN = text
	case "assume_role_with_oidc.role_arn":
		oidc.RoleARN = text
	case "assume_role_with_oidc.oidc_token_file":
		oidc.OIDCTokenFile = text
	default:
		t.Fatalf("unknown argument %s", name)
	}
}
