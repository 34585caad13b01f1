package provider

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/alioss/terraform-provider-alioss/internal/osstest"
	"github.com/alioss/terraform-provider-alioss/internal/testworld"
)

// services are a metadata service, STS and a credentials URI, each with keys of its own.
type services struct{ end map[string]time.Time }

// The keys of a source are its name behind these, so that no two sources share one.
func idOf(source string) string     { return "STS.NExample" + source }
func secretOf(source string) string { return "example-secret-of-" + source }
func tokenOf(source string) string  { return "CAIS+token/of=" + source }

func (s services) RoundTrip(r *http.Request) (*http.Response, error) {
	session := func(source string) map[string]string {
		return map[string]string{
			"Code": "Success", "AccessKeyId": idOf(source), "AccessKeySecret": secretOf(source),
			"SecurityToken": tokenOf(source),
			"Expiration":    s.end[source].Format(time.RFC3339),
		}
	}
	text := ""
	reply := func(v any) {
		body, err := json.Marshal(v)
		if err != nil {
			panic(err)
		}
		text = string(body)
	}
	switch host, path := r.URL.Host, r.URL.Path; {
	case host == "100.100.100.200" && path == "/latest/api/token":
		text = "metadata-token"
	case host == "100.100.100.200" && strings.HasSuffix(path, "/security-credentials/"):
		text = "deployer"
	case host == "100.100.100.200":
		reply(session("instance"))
	case host == "sts.cn-hangzhou.aliyuncs.com":
		reply(map[string]any{"Credentials": session("role")})
	case host == "keys.example":
		reply(session("uri"))
	default:
		return nil, fmt.Errorf("no such host: %s", host)
	}
	return testworld.Answer(r, http.StatusOK, text), nil
}

// TestSources is the table of sources × (key, token, end, warning): what a URL of two hours becomes
// with the keys of each. The stand-in verifies each URL, which shows that id, secret and token
// belong together.
func TestSources(t *testing.T) {
	t.Parallel()
	const (
		role     = "acs:ram::1234567890123456:role/agent"
		provider = "acs:ram::1234567890123456:oidc-provider/ci"
		asked    = "2026-03-01T14:00:00Z" // the end of the URL itself
	)
	ends := map[string]time.Time{
		"instance": start.Add(time.Hour), "role": start.Add(90 * time.Minute), "uri": start.Add(30 * time.Minute),
		"stored": start.Add(45 * time.Minute),
	}
	at := func(source string) string { return ends[source].Format(time.RFC3339) }
	profile := func(format string, arguments ...any) map[string]string {
		return map[string]string{
			"/home/user/.aliyun/config.json": `{"current":"p","profiles":[{"name":"p",` +
				fmt.Sprintf(format, arguments...) + `}]}`,
		}
	}
	own := fmt.Sprintf(`"access_key_id":%q,"access_key_secret":%q`, testKey, testSecret)
	stored := fmt.Sprintf(`"access_key_id":%q,"access_key_secret":%q,"sts_token":%q`, idOf("stored"), secretOf("stored"),
		tokenOf("stored"))
	storedUntil := stored + fmt.Sprintf(`,"sts_expiration":%d`, ends["stored"].Unix())
	oidc := args{"oidc_provider_arn": provider, "oidc_token": "a-token", "role_arn": role}
	family := func(id, secret, token string) map[string]string {
		return map[string]string{id: idOf("stored"), secret: secretOf("stored"), token: tokenOf("stored")}
	}
	for name, row := range map[string]struct {
		block            args
		variables, files map[string]string
		// keys names the source of the keys, empty for the long-lived key.
		keys string
		end  string
		// warning are words of the one warning, empty for none.
		warning string
	}{
		"key in the block": {block: args{"access_key": testKey, "secret_key": testSecret}, end: asked},
		"STS token in the block": {
			block: args{"access_key": idOf("stored"), "secret_key": secretOf("stored"), "security_token": tokenOf("stored")},
			keys:  "stored", end: asked,
		},
		"OSS variables": {
			variables: family("OSS_ACCESS_KEY_ID", "OSS_ACCESS_KEY_SECRET", "OSS_SESSION_TOKEN"), keys: "stored", end: asked,
		},
		"ALIBABA_CLOUD variables": {
			variables: family("ALIBABA_CLOUD_ACCESS_KEY_ID", "ALIBABA_CLOUD_ACCESS_KEY_SECRET", "ALIBABA_CLOUD_SECURITY_TOKEN"),
			keys:      "stored", end: asked,
		},
		"ALICLOUD variables": {
			variables: family("ALICLOUD_ACCESS_KEY", "ALICLOUD_SECRET_KEY", "ALICLOUD_SECURITY_TOKEN"), keys: "stored",
			end: asked,
		},
		"ALIBABACLOUD variables": {
			variables: family("ALIBABACLOUD_ACCESS_KEY_ID", "ALIBABACLOUD_ACCESS_KEY_SECRET", "ALIBABACLOUD_SECURITY_TOKEN"),
			keys:      "stored", end: asked,
		},
		"variables without token": {
			variables: map[string]string{"ALICLOUD_ACCESS_KEY": testKey, "ALICLOUD_SECRET_KEY": testSecret}, end: asked,
		},
		"profile AK":       {files: profile(`"mode":"AK",%s`, own), end: asked},
		"profile StsToken": {files: profile(`"mode":"StsToken",%s`, stored), keys: "stored", end: asked},
		"profile StsToken, end": {
			files: profile(`"mode":"StsToken",%s`, storedUntil), keys: "stored", end: at("stored"), warning: `profile "p" of`,
		},
		"profile RamRoleArn": {
			files: profile(`"mode":"RamRoleArn","ram_role_arn":%q,%s`, role, own), keys: "role", end: at("role"),
			warning: "role " + role + `, assumed with profile "p"`,
		},
		"profile EcsRamRole": {
			files: profile(`"mode":"EcsRamRole"`), keys: "instance", end: at("instance"), warning: "instance role deployer",
		},
		"profile OIDC": {
			files: profile(`"mode":"OIDC","oidc_provider_arn":%q,"oidc_token":"a-token","ram_role_arn":%q`, provider, role),
			keys:  "role", end: at("role"), warning: "assumed with an OIDC token",
		},
		"profile CredentialsURI": {
			files: profile(`"mode":"CredentialsURI","credentials_uri":"https://keys.example/a"`), keys: "uri", end: at("uri"),
			warning: "the credentials URI at keys.example",
		},
		"profile of a chain": {
			files: profile(
				`"mode":"ChainableRamRoleArn","source_profile":"q","ram_role_arn":%q},{"name":"q","mode":"EcsRamRole"`, role,
			), keys: "role", end: at("role"), warning: "assumed with instance role deployer",
		},
		"profile CloudSSO, stored": {
			files: profile(
				`"mode":"CloudSSO","cloud_sso_sign_in_url":"https://a","cloud_sso_account_id":"1","cloud_sso_access_config":"a",%s`,
				storedUntil,
			), keys: "stored", end: at("stored"), warning: `profile "p" of`,
		},
		"profile OAuth, stored": {
			files: profile(`"mode":"OAuth","oauth_site_type":"CN",%s`, storedUntil), keys: "stored", end: at("stored"),
			warning: `profile "p" of`,
		},
		"profile of the block": {
			block: args{"profile": "p"}, variables: keys(nil), files: profile(`"mode":"EcsRamRole"`), keys: "instance",
			end: at("instance"), warning: "instance role deployer",
		},
		"ini file": {
			block: args{"shared_credentials_file": "/ini"}, files: map[string]string{"/ini": "[default]\ntype = ecs_ram_role\n"},
			keys: "instance", end: at("instance"), warning: "instance role deployer",
		},
		"OIDC variables": {
			variables: map[string]string{
				"ALIBABA_CLOUD_OIDC_PROVIDER_ARN": provider, "ALIBABA_CLOUD_OIDC_TOKEN": "a-token", "ALIBABA_CLOUD_ROLE_ARN": role,
			},
			keys: "role", end: at("role"), warning: "assumed with an OIDC token",
		},
		"assume_role_with_oidc": {
			block: args{"assume_role_with_oidc": oidc}, keys: "role", end: at("role"), warning: "assumed with an OIDC token",
		},
		"metadata service": {
			keys: "instance", end: at("instance"), warning: "instance role deployer (metadata service)",
		},
		"ecs_role_name": {
			block: args{"ecs_role_name": "deployer"}, keys: "instance", end: at("instance"),
			warning: "instance role deployer (metadata service)",
		},
		"credentials URI variable": {
			variables: map[string]string{
				"ALIBABA_CLOUD_CREDENTIALS_URI":       "https://keys.example/a",
				"ALIBABA_CLOUD_ECS_METADATA_DISABLED": "true",
			}, keys: "uri", end: at("uri"),
			warning: "the credentials URI at keys.example",
		},
		"credentials_uri": {block: lent, keys: "uri", end: at("uri"), warning: "the credentials URI at keys.example"},
		"assume_role on a key": {
			block: args{"access_key": testKey, "secret_key": testSecret, "assume_role": args{"role_arn": role}}, keys: "role",
			end: at("role"), warning: "role " + role + ", assumed with access_key",
		},
		"assume_role on a role": {
			block: args{"ecs_role_name": "deployer", "assume_role": args{"role_arn": role}}, keys: "role", end: at("role"),
			warning: "assumed with instance role deployer",
		},
		"role variables": {
			block:     args{"assume_role": args{}},
			variables: keys(map[string]string{"ALIBABA_CLOUD_ROLE_ARN": role, "ALIBABA_CLOUD_ROLE_SESSION_NAME": "ci"}),
			keys:      "role", end: at("role"), warning: "role " + role + ", assumed with environment variables",
		},
		// a block assumes a role
		"role variables alone": {variables: keys(map[string]string{"ALIBABA_CLOUD_ROLE_ARN": role}), end: asked},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.variables, w.files = map[string]string{"OSS_REGION": "cn-hangzhou"}, row.files
			w.with(row.variables)
			w.transport, w.metadata = services{ends}, services{ends}
			id, token := testKey, ""
			if row.keys != "" {
				id, token = idOf(row.keys), tokenOf(row.keys)
				w.oss.SetCredential(osstest.Credential{AccessKeyID: id, AccessKeySecret: secretOf(row.keys), SecurityToken: token})
			}
			r, d := w.configured(t, row.block).read("alioss_presigned_url", anObject(args{"expiry": "2h"}))
			if hasError(d) {
				t.Fatal(describe(d))
			}
			u, err := url.Parse(r.text("url"))
			if err != nil {
				t.Fatal(err)
			}
			key, _, _ := strings.Cut(u.Query().Get("x-oss-credential"), "/")
			if got := u.Query().Get("x-oss-security-token"); key != id || got != token {
				t.Errorf("signed by %q with token %q, want %q with %q", key, got, id, token)
			}
			if got := r.text("expires_at"); got != row.end {
				t.Errorf("expires_at is %s, want %s", got, row.end)
			}
			w.opensText(t, r.text("url"), "a")
			said := describe(d)
			if row.warning == "" {
				if said != "" {
					t.Error(said)
				}
				return
			}
			if len(d) != 1 || !strings.HasPrefix(said, "warning Credentials End First: ") {
				t.Fatal(said)
			}
			// Somebody chooses the length of a role's session, and nobody that of an instance role.
			if advice := "to a longer time"; strings.Contains(said, advice) != (row.keys == "role") {
				t.Errorf("the warning has %q: %t, want it for roles only: %s", advice, row.keys != "role", said)
			}
			for _, words := range []string{asked, row.end, row.warning, "shorter expiry", "RAM user"} {
				if !strings.Contains(said, words) {
					t.Errorf("the warning lacks %q: %s", words, said)
				}
			}
		})
	}
}
