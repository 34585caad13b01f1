package credentials

import (
	"context"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"
)

// neighbour is a situation beside those of testdata/cases.json, written as these are.
type neighbour struct {
	name  string
	files map[string]string
	env   map[string]string
	block string
	set   func(*world)

	id       string
	sts      []string
	session  string
	warnings []string
	region   string
	failure  []string
	// not are words that neither the error nor a warning contains.
	not []string
}

func neighbours(t *testing.T, all []neighbour) {
	t.Helper()
	for _, n := range all {
		t.Run(n.name, func(t *testing.T) {
			t.Parallel()
			w := situationWorld(t)
			w.files["/home/u/oidc"] = "oidc-token\n"
			for name, content := range n.files {
				w.files["/home/u/"+name] = expanded(content, w.home, start)
			}
			for name, value := range n.env {
				w.vars[name] = expanded(value, w.home, start)
			}
			if n.set != nil {
				n.set(w)
			}
			source := w.source(blockConfig(t, expanded(n.block, w.home, start)))
			found, err := source.Get(t.Context())
			said := fmt.Sprint(err, source.Notices())
			for _, words := range n.not {
				if strings.Contains(said, words) {
					t.Errorf("it contains %q:\n%s", words, said)
				}
			}
			for _, words := range n.failure {
				if err == nil || !strings.Contains(err.Error(), words) {
					t.Errorf("error %v, want %q", err, words)
				}
			}
			switch {
			case len(n.failure) > 0:
				return
			case err != nil:
				t.Fatal(err)
			}
			if found.AccessKeyID() != n.id {
				t.Errorf("%s signs (%s), want %s", found.AccessKeyID(), found.Source, n.id)
			}
			if calls := w.sts.calls(); !slices.Equal(calls, n.sts) && len(calls)+len(n.sts) > 0 {
				t.Errorf("STS got the requests %q, want %q", calls, n.sts)
			}
			if n.session != "" && w.sts.requests[len(w.sts.requests)-1].Get("RoleSessionName") != n.session {
				t.Errorf("session %q, want %q", w.sts.requests[len(w.sts.requests)-1].Get("RoleSessionName"), n.session)
			}
			var titles []string
			for _, notice := range source.Notices() {
				titles = append(titles, strings.Join(append(slices.Clone(notice.Path), notice.Title), ": "))
				for _, value := range []string{"AK", "SK", "STS."} {
					if strings.Contains(notice.Text, value) {
						t.Errorf("a warning shows a value: %s", notice.Text)
					}
				}
			}
			if !slices.Equal(titles, n.warnings) {
				t.Errorf("warnings %q, want %q", titles, n.warnings)
			}
			if region, origin := source.Region(); region != n.region {
				t.Errorf("region %q of %s, want %q", region, origin, n.region)
			}
		})
	}
}

const (
	// cliFile is a configuration of the CLI with the profiles default, the current one, and prod,
	// whose regions differ.
	cliFile = `{"current":"default","profiles":[` +
		`{"name":"default","mode":"AK","access_key_id":"AKdefault","access_key_secret":"SKdefault",` +
		`"region_id":"cn-hangzhou"},` +
		`{"name":"prod","mode":"AK","access_key_id":"AKprod","access_key_secret":"SKprod","region_id":"cn-beijing"}]}`
	iniKey = "[default]\ntype = access_key\naccess_key_id = AKini\naccess_key_secret = SKini\n"
)

var (
	cli        = map[string]string{".aliyun/config.json": cliFile}
	envAlibaba = map[string]string{
		"ALIBABA_CLOUD_ACCESS_KEY_ID": "AKalibaba", "ALIBABA_CLOUD_ACCESS_KEY_SECRET": "SKalibaba",
	}
	envAlicloud = map[string]string{"ALICLOUD_ACCESS_KEY": "AKalicloud", "ALICLOUD_SECRET_KEY": "SKalicloud"}
	envCLI      = map[string]string{"ALICLOUD_ACCESS_KEY_ID": "AKacc", "ALICLOUD_ACCESS_KEY_SECRET": "SKacc"}
	envOSS      = map[string]string{"OSS_ACCESS_KEY_ID": "AKoss", "OSS_ACCESS_KEY_SECRET": "SKoss"}
	envOIDC     = map[string]string{
		"ALIBABA_CLOUD_ROLE_ARN": "acs:ram::1:role/rrsa", "ALIBABA_CLOUD_OIDC_PROVIDER_ARN": "acs:ram::1:oidc-provider/p",
		"ALIBABA_CLOUD_OIDC_TOKEN_FILE": "@HOME@/oidc",
	}
	metadataOff  = map[string]string{"ALIBABA_CLOUD_ECS_METADATA_DISABLED": "true"}
	outsideCloud = func(w *world) { w.imds.down = true }
)

// both merges variables, or files.
func both(all ...map[string]string) map[string]string {
	merged := map[string]string{}
	for _, one := range all {
		maps.Copy(merged, one)
	}
	return merged
}

// profileP is a configuration of the CLI whose current profile p has these fields.
func profileP(fields string) map[string]string {
	return map[string]string{
		".aliyun/config.json": `{"current":"p","profiles":[{"name":"p","region_id":"cn-hangzhou",` + fields + `}]}`,
	}
}

const (
	notFound = "Credentials Source Not Found"
	another  = "Another Identity In Variables"
	two      = "Two Identities In Variables"
)

// TestBlockThatIsNotThere: a source that the configuration names and that is not on this machine
// can be replaced by variables, with a warning, and by nothing else. One that is there and refuses
// is an error.
func TestBlockThatIsNotThere(t *testing.T) {
	t.Parallel()
	const (
		role = "ecs_role_name = \"held-role\"\n"
		uri  = "credentials_uri = \"http://127.0.0.1:8099/c\"\n"
		oidc = "assume_role_with_oidc {\noidc_provider_arn = \"acs:ram::1:oidc-provider/p\"\nrole_arn = " +
			"\"acs:ram::1:role/x\"\noidc_token_file = \"/none\"\n}\n"
	)
	refused := func(w *world) { w.uri.Close() }
	neighbours(t, []neighbour{
		{
			name: "file, OIDC variables", env: envOIDC, block: "profile = \"p\"\n", id: "STS.AssumeRoleWithOIDC",
			sts: []string{"AssumeRoleWithOIDC(oidc→rrsa)"}, warnings: []string{"profile: " + notFound},
		},
		{
			name: "file, OSS_ variables", env: envOSS, block: "profile = \"p\"\n", id: "AKoss",
			warnings: []string{"profile: " + notFound},
		},
		{
			name: "named file", env: envAlibaba, block: "shared_credentials_file = \"/none\"\n", id: "AKalibaba",
			warnings: []string{"shared_credentials_file: " + notFound},
		},
		{
			name: "file below a file", env: both(envAlibaba, map[string]string{"HOME": "/dev/null"}), block: "profile = \"p\"\n",
			id: "AKalibaba", warnings: []string{"profile: " + notFound}, set: func(w *world) { w.home = "" },
		},
		{
			name: "file of a variable", files: cli,
			env: both(envAlibaba, map[string]string{"ALIBABA_CLOUD_CONFIG_FILE": "/none"}), block: "profile = \"prod\"\n",
			id: "AKalibaba", warnings: []string{"profile: " + notFound},
		},
		{
			name: "no variables", block: "profile = \"p\"\n",
			failure: []string{
				"no credentials were found", `profile "p": file "~/.aliyun/config.json" does not exist`, "OSS_ACCESS_KEY_ID",
			},
		},
		{
			name: "neither default files nor the metadata service", files: cli, env: metadataOff, block: role,
			failure: []string{"no credentials were found", "ALIBABA_CLOUD_ECS_METADATA_DISABLED"},
			not:     []string{"default places"},
		},
		{
			name: "half a family in its place", env: map[string]string{"ALIBABA_CLOUD_ACCESS_KEY_ID": "AKalibaba"},
			block: "profile = \"p\"\n", failure: []string{"ALIBABA_CLOUD_ACCESS_KEY_ID is set without " +
				"ALIBABA_CLOUD_ACCESS_KEY_SECRET", `profile "p": file "~/.aliyun`},
		},
		{
			name: "role on top of what takes its place", env: envAlibaba,
			block: "profile = \"p\"\nassume_role {\nrole_arn = \"acs:ram::1:role/B\"\n}\n", id: "STS.AssumeRole",
			sts: []string{"AssumeRole(AKalibaba→B)"}, warnings: []string{"profile: " + notFound},
		},

		{
			name: "no such profile", files: cli, env: envAlibaba, block: "profile = \"nope\"\n",
			failure: []string{`There is no profile "nope"`, "aliyun configure --profile nope"},
		},
		{
			name: "empty file", files: map[string]string{".aliyun/config.json": " \n"}, env: envAlibaba,
			block: "profile = \"p\"\n", failure: []string{`has no profile "p"`},
		},
		{
			name: "file without current", files: map[string]string{"c.json": `{"current":"p","profiles":[]}`}, env: envAlibaba,
			block: "shared_credentials_file = \"~/c.json\"\n", failure: []string{`has no profile "p"`},
		},
		{
			name: "profile that cannot sign", files: profileP(`"mode":"BearerToken"`), env: envAlibaba,
			block: "profile = \"p\"\n", failure: []string{"BearerToken"},
		},
		{
			name:  "current profile that cannot sign, of a named file",
			files: map[string]string{"c.json": `{"current":"p","profiles":[{"name":"p","mode":"Passkey"}]}`}, env: envAlibaba,
			block: "shared_credentials_file = \"~/c.json\"\n", failure: []string{"Passkey"},
		},
		{
			name: "login that has expired",
			files: profileP(`"mode":"CloudSSO","cloud_sso_sign_in_url":"https://sso.invalid/x","cloud_sso_account_id":"1",` +
				`"cloud_sso_access_config":"a"`), env: envAlibaba, block: "profile = \"p\"\n",
			failure: []string{"login has expired", "aliyun configure --mode CloudSSO --profile p"},
		},
		{
			name: "broken file", files: map[string]string{".aliyun/config.json": "{"}, env: envAlibaba,
			block: "profile = \"p\"\n", failure: []string{"not a configuration of the Alibaba Cloud CLI"},
		},
		{
			name: "file that may not be read", env: envAlibaba, block: "shared_credentials_file = \"/f\"\n",
			set: func(w *world) { w.unreadable["/f"] = true }, failure: []string{"may not be read"},
		},
		{
			name:  "ossutil's file is none of the CLI's profiles",
			files: map[string]string{".ossutilconfig": "[default]\naccessKeyID = AKini\naccessKeySecret = SKini\n"},
			env:   envAlibaba, block: "profile = \"p\"\n", id: "AKalibaba", warnings: []string{"profile: " + notFound},
		},
		{
			name:  "profile in ossutil's file",
			files: map[string]string{".ossutilconfig": "[profile p]\naccessKeyID = AKini\naccessKeySecret = SKini\n"},
			block: "profile = \"p\"\n", id: "AKini",
		},

		{
			name: "metadata service switched off, OIDC variables", env: both(envOIDC, metadataOff), block: role,
			id: "STS.AssumeRoleWithOIDC", sts: []string{"AssumeRoleWithOIDC(oidc→rrsa)"},
			warnings: []string{"ecs_role_name: " + notFound},
		},
		{
			name: "metadata service out of reach", env: envAlibaba, block: role, set: outsideCloud, id: "AKalibaba",
			warnings: []string{"ecs_role_name: " + notFound},
		},
		{
			name: "metadata service out of reach, two families", env: both(envAlibaba, envAlicloud), block: role,
			set: outsideCloud, id: "AKalicloud", warnings: []string{two, "ecs_role_name: " + notFound},
		},
		{
			name: "metadata service that is there", env: envAlibaba, block: role, id: "STS.imds",
			warnings: []string{"ecs_role_name: " + another},
		},
		{
			name: "metadata service without a role", env: envAlibaba, block: role, set: func(w *world) { w.imds.role = "" },
			failure: []string{`no RAM role "held-role"`},
		},
		{
			name: "metadata service that fails", env: envAlibaba, block: role,
			set: func(w *world) { w.imds.fault = status(500, "") }, failure: []string{"status 500"},
		},
		{
			name: "profile on an instance, out of reach", files: profileP(`"mode":"EcsRamRole"`), env: envAlibaba,
			block: "profile = \"p\"\n", set: outsideCloud, id: "AKalibaba", region: "cn-hangzhou",
			warnings: []string{"profile: " + notFound},
		},

		{
			name: "URI whose host refuses", env: envAlibaba, block: uri, set: refused, id: "AKalibaba",
			warnings: []string{"credentials_uri: " + notFound},
		},
		{
			name: "URI that is there", env: envAlibaba, block: uri, id: "STS.uri",
			warnings: []string{"credentials_uri: " + another},
		},
		{
			name: "URI that answers with an error", env: envAlibaba, block: uri,
			set: func(w *world) { w.uri.fault = status(503, "") }, failure: []string{"status 503"},
		},
		{
			name: "URI that answers nonsense", env: envAlibaba, block: uri, set: func(w *world) { w.uri.body = "x" },
			failure: []string{"127.0.0.1:8099"},
		},

		{
			name: "OIDC token file", env: envAlibaba, block: oidc, id: "AKalibaba",
			warnings: []string{"assume_role_with_oidc: " + notFound},
		},
		{
			name: "OIDC token file, other token", env: both(envOIDC, envAlibaba), block: oidc, id: "AKalibaba",
			warnings: []string{"assume_role_with_oidc: " + notFound},
		},
		{
			name: "OIDC without token", env: envAlibaba,
			block: "assume_role_with_oidc {\noidc_provider_arn = \"acs:ram::1:oidc-provider/p\"\nrole_arn = " +
				"\"acs:ram::1:role/x\"\n}\n", id: "AKalibaba", warnings: []string{"assume_role_with_oidc: " + notFound},
		},
		{
			name: "OIDC left to variables that are not set", env: envAlibaba, block: "assume_role_with_oidc {\n}\n",
			id: "AKalibaba", warnings: []string{"assume_role_with_oidc: " + notFound},
		},
		{
			name: "OIDC token without role", env: both(envAlibaba, map[string]string{"ALIBABA_CLOUD_OIDC_TOKEN": "oidc-token"}),
			block:   "assume_role_with_oidc {\n}\n",
			failure: []string{"credentials from assume_role_with_oidc cannot be used. It names no role"},
		},
		{
			name: "profile on an instance, switched off", files: profileP(`"mode":"EcsRamRole"`),
			env: both(envAlibaba, metadataOff), block: "profile = \"p\"\n", id: "AKalibaba",
			warnings: []string{"profile: " + notFound},
		},
		{
			name: "OIDC role refused", env: envAlibaba,
			block: "assume_role_with_oidc {\noidc_provider_arn = \"acs:ram::1:oidc-provider/p\"\nrole_arn = " +
				"\"acs:ram::1:role/forbidden\"\noidc_token_file = \"@HOME@/wrong\"\n}\n",
			files: map[string]string{"wrong": "other-token"},
			failure: []string{
				"Role acs:ram::1:role/forbidden, which role_arn of assume_role_with_oidc asks for", "AuthenticationFail",
			},
		},
	})
}

// TestWarnings: there is a warning if there are two identities, and otherwise none.
func TestWarnings(t *testing.T) {
	t.Parallel()
	pair := "access_key = \"AKb\"\nsecret_key = \"SKb\"\n"
	same := map[string]string{"ALIBABA_CLOUD_ACCESS_KEY_ID": "AKprod", "ALIBABA_CLOUD_ACCESS_KEY_SECRET": "SKprod"}
	ram := `"mode":"RamRoleArn","access_key_id":"AKr","access_key_secret":"SKr","ram_role_arn":"acs:ram::1:role/r"`
	neighbours(t, []neighbour{
		{name: "OSS_ before others", env: both(envOSS, envAlibaba), id: "AKoss", warnings: []string{two}},
		{name: "the CLI's pair before others", env: both(envCLI, envAlibaba), id: "AKacc", warnings: []string{two}},
		{name: "two pairs of ALICLOUD_", env: both(envCLI, envAlicloud), id: "AKalicloud", warnings: []string{two}},
		{
			name: "families with one ID", env: both(envAlicloud, map[string]string{
				"ALIBABA_CLOUD_ACCESS_KEY_ID": "AKalicloud\n", "ALIBABA_CLOUD_ACCESS_KEY_SECRET": "SKalicloud",
			}), id: "AKalicloud",
		},
		{
			name: "half a family behind a whole one",
			env:  both(envAlicloud, map[string]string{"ALIBABACLOUD_ACCESS_KEY_ID": "AKnodash"}), id: "AKalicloud",
		},
		{
			name: "token behind a whole family", env: both(envAlicloud, map[string]string{"ALIBABA_CLOUD_SECURITY_TOKEN": "T"}),
			id: "AKalicloud",
		},
		{name: "access_key beside variables", env: both(envAlicloud, envAlibaba), block: pair, id: "AKb"},
		{
			name: "profile beside OSS_", files: cli, env: envOSS, block: "profile = \"prod\"\n", id: "AKprod",
			region: "cn-beijing",
		},
		{
			name: "profile beside the CLI's pair, which alicloud does not read", files: cli, env: envCLI,
			block: "profile = \"prod\"\n", id: "AKprod", region: "cn-beijing",
		},
		{
			name: "profile beside half a family", files: cli, env: map[string]string{"ALIBABA_CLOUD_ACCESS_KEY_ID": "AKalibaba"},
			block: "profile = \"prod\"\n", id: "AKprod", region: "cn-beijing",
		},
		{
			name: "profile beside halves that alicloud joins", files: cli,
			env:   map[string]string{"ALIBABA_CLOUD_ACCESS_KEY_ID": "AKalibaba", "ALICLOUD_SECRET_KEY": "SKalibaba"},
			block: "profile = \"prod\"\n", id: "AKprod", region: "cn-beijing", warnings: []string{"profile: " + another},
		},
		{
			name: "profile beside its own key", files: cli, env: same, block: "profile = \"prod\"\n", id: "AKprod",
			region: "cn-beijing",
		},
		{
			name: "role of a profile beside its own key", files: profileP(ram),
			env: map[string]string{"ALICLOUD_ACCESS_KEY": "AKr", "ALICLOUD_SECRET_KEY": "SKr"}, block: "profile = \"p\"\n",
			id: "STS.AssumeRole", sts: []string{"AssumeRole(AKr→r)"}, region: "cn-hangzhou",
		},
		{
			name: "role of a profile beside another key", files: profileP(ram), env: envAlicloud, block: "profile = \"p\"\n",
			id: "STS.AssumeRole", sts: []string{"AssumeRole(AKr→r)"}, region: "cn-hangzhou",
			warnings: []string{"profile: " + another},
		},
		{
			name: "file of the block beside variables", files: cli, env: envAlibaba,
			block: "shared_credentials_file = \"~/.aliyun/config.json\"\n", id: "AKdefault", region: "cn-hangzhou",
			warnings: []string{"shared_credentials_file: " + another},
		},
		{
			name: "profile filled from variables", files: profileP(`"mode":"AK"`), env: envAlibaba, block: "profile = \"p\"\n",
			id: "AKalibaba", region: "cn-hangzhou",
		},
		{
			name: "profile filled from a family with a token", files: profileP(`"mode":"AK"`),
			env: map[string]string{
				"ALICLOUD_ACCESS_KEY": "STS.x", "ALICLOUD_SECRET_KEY": "SKx", "ALICLOUD_SECURITY_TOKEN": "Tx",
			}, block: "profile = \"p\"\n", id: "STS.x", region: "cn-hangzhou",
		},
		{
			name: "profile filled from one of two families", files: profileP(`"mode":"AK"`), env: both(envAlicloud, envAlibaba),
			block: "profile = \"p\"\n", id: "AKalicloud", region: "cn-hangzhou", warnings: []string{two},
		},
		{
			name: "variables beside a profile of a variable", files: cli,
			env: both(envAlibaba, map[string]string{"ALICLOUD_PROFILE": "prod"}), id: "AKalibaba",
		},
		{
			name: "OIDC variables beside a profile", files: cli, env: envOIDC, block: "profile = \"prod\"\n", id: "AKprod",
			region: "cn-beijing",
		},
	})
}

// TestNeighboursOfVariables are situations of steps 2 to 5 of the order.
func TestNeighboursOfVariables(t *testing.T) {
	t.Parallel()
	var halves []neighbour
	for _, v := range families {
		halves = append(halves,
			neighbour{
				name: v.id + " alone", env: map[string]string{v.id: "AKx"}, failure: []string{v.id + " is set without " + v.secret},
			},
			neighbour{
				name: v.secret + " alone", env: map[string]string{v.secret: "SKx"},
				failure: []string{v.secret + " is set without " + v.id},
			},
			neighbour{name: v.token + " alone, beside " + v.id, env: map[string]string{v.token: "T"}, id: "STS.imds"},
			neighbour{name: v.id + " of blanks", env: map[string]string{v.id: " \n", v.secret: ""}, id: "STS.imds"},
		)
	}
	neighbours(t, append(halves, []neighbour{
		{
			name: "half before a whole", env: both(envAlibaba, map[string]string{"ALICLOUD_ACCESS_KEY": "AKx"}),
			failure: []string{"ALICLOUD_ACCESS_KEY is set without ALICLOUD_SECRET_KEY"}, not: []string{"ALIBABA_CLOUD"},
		},
		{
			name: "halves around a whole",
			env:  both(envAlibaba, map[string]string{"OSS_ACCESS_KEY_SECRET": "SKx", "ALIBABACLOUD_ACCESS_KEY_ID": "AKx"}),
			failure: []string{
				"OSS_ACCESS_KEY_SECRET is set without OSS_ACCESS_KEY_ID",
				"ALIBABACLOUD_ACCESS_KEY_ID is set without ALIBABACLOUD_ACCESS_KEY_SECRET",
			},
		},
		{
			name:    "halves of the two pairs of ALICLOUD_",
			env:     map[string]string{"ALICLOUD_ACCESS_KEY": "AKx", "ALICLOUD_ACCESS_KEY_SECRET": "SKx"},
			failure: []string{"ALICLOUD_SECRET_KEY", "ALICLOUD_ACCESS_KEY_ID"},
		},
		{
			name: "token of the CLI's pair",
			env: map[string]string{
				"ALICLOUD_ACCESS_KEY_ID": "STS.x", "ALICLOUD_ACCESS_KEY_SECRET": "SKx", "ALICLOUD_SECURITY_TOKEN": "T",
			}, id: "STS.x",
		},
		{
			name: "token of another family", env: map[string]string{
				"ALICLOUD_ACCESS_KEY": "STS.x", "ALICLOUD_SECRET_KEY": "SKx",
				"ALIBABA_CLOUD_SECURITY_TOKEN": "T",
			}, failure: []string{"ALICLOUD_SECURITY_TOKEN is missing"},
		},
		{
			name: "token alone is reported", env: both(metadataOff, map[string]string{"ALIBABA_CLOUD_SECURITY_TOKEN": "T"}),
			failure: []string{"no credentials", "A token alone is no key (ALIBABA_CLOUD_SECURITY_TOKEN)"},
		},
		{
			name:    "token of two pairs is reported once",
			env:     both(metadataOff, map[string]string{"ALICLOUD_SECURITY_TOKEN": "T"}),
			failure: []string{"is set. A token alone is no key (ALICLOUD_SECURITY_TOKEN)\n"},
		},

		{
			name: "OIDC by the token of HCP Terraform, after a file",
			env:  both(envOIDC, map[string]string{"TFC_WORKLOAD_IDENTITY_TOKEN": "wrong-token"}), id: "STS.AssumeRoleWithOIDC",
			sts: []string{"AssumeRoleWithOIDC(oidc→rrsa)"},
		},
		{
			name: "OIDC in the variables of the CLI", env: map[string]string{
				"ALIBABACLOUD_ROLE_ARN":          "acs:ram::1:role/cli",
				"ALIBABACLOUD_OIDC_PROVIDER_ARN": "acs:ram::1:oidc-provider/p", "ALIBABACLOUD_OIDC_TOKEN_FILE": "~/oidc",
			},
			id: "STS.AssumeRoleWithOIDC", sts: []string{"AssumeRoleWithOIDC(oidc→cli)"},
		},
		{
			name: "OIDC without role", env: map[string]string{
				"ALIBABA_CLOUD_OIDC_PROVIDER_ARN": "acs:ram::1:oidc-provider/p",
				"ALIBABA_CLOUD_OIDC_TOKEN":        "oidc-token", "ALICLOUD_ASSUME_ROLE_ARN": "acs:ram::1:role/x",
			}, id: "STS.imds",
		},
		{
			name: "OIDC token file that is not there",
			env:  both(envOIDC, map[string]string{"ALIBABA_CLOUD_OIDC_TOKEN_FILE": "/none"}), id: "STS.imds",
		},
		{
			name:    "incomplete OIDC is reported",
			env:     both(metadataOff, map[string]string{"ALIBABA_CLOUD_OIDC_PROVIDER_ARN": "acs:ram::1:oidc-provider/p"}),
			failure: []string{"they lack ALIBABA_CLOUD_ROLE_ARN, ALIBABA_CLOUD_OIDC_TOKEN or ALIBABA_CLOUD_OIDC_TOKEN_FILE"},
		},
		{
			name: "OIDC role refused", env: both(envOIDC, map[string]string{"ALIBABA_CLOUD_OIDC_TOKEN_FILE": "~/wrong"}),
			files:   both(cli, map[string]string{"wrong": "wrong-token"}),
			failure: []string{"OIDC environment variables", "Role acs:ram::1:role/rrsa, which ALIBABA_CLOUD_ROLE_ARN asks for"},
		},
		{
			name: "OIDC before a profile of a variable", files: cli,
			env: both(envOIDC, map[string]string{"ALICLOUD_PROFILE": "prod"}), id: "STS.AssumeRoleWithOIDC",
			sts: []string{"AssumeRoleWithOIDC(oidc→rrsa)"},
		},

		{
			name: "ALICLOUD_PROFILE first", files: cli,
			env: map[string]string{"ALICLOUD_PROFILE": "prod", "ALIBABA_CLOUD_PROFILE": "default"}, id: "AKprod",
			region: "cn-beijing",
		},
		{name: "profile of a variable without file", env: map[string]string{"ALICLOUD_PROFILE": "prod"}, id: "STS.imds"},
		{
			name: "profile of a variable that cannot sign", files: profileP(`"mode":"Anonymous"`),
			env: map[string]string{"ALICLOUD_PROFILE": "p"}, failure: []string{"Anonymous"},
		},
		{
			name: "profile of a variable before the instance role of one", files: cli,
			env: map[string]string{"ALICLOUD_PROFILE": "prod", "ALICLOUD_ECS_ROLE_NAME": "held-role"}, id: "AKprod",
			region: "cn-beijing",
		},
		{
			name: "profile of a variable, not the current one of the default file", files: cli,
			env: map[string]string{"ALICLOUD_PROFILE": "prod", "ALIBABA_CLOUD_CONFIG_FILE": "/none"}, id: "AKprod",
			region: "cn-beijing",
		},
		{
			name: "profile of a variable whose token may not be read",
			files: profileP(`"mode":"OIDC","oidc_provider_arn":"acs:ram::1:oidc-provider/p","oidc_token_file":"/token",` +
				`"ram_role_arn":"acs:ram::1:role/r"`),
			env: map[string]string{"ALICLOUD_PROFILE": "p", "ALIBABA_CLOUD_CONFIG_FILE": "/none"},
			set: func(w *world) { w.unreadable["/token"] = true }, failure: []string{
				`profile "p" of "/home/u/.aliyun/config.json"`, `"/token" may not be read`,
			},
		},
		{
			name: "profile of a variable in the second file",
			files: map[string]string{
				"c.json": cliFile,
				"c.ini":  "[other]\ntype = access_key\naccess_key_id = AKini\naccess_key_secret = SKini\n",
			},
			env: map[string]string{
				"ALIBABA_CLOUD_PROFILE": "other", "ALIBABA_CLOUD_CONFIG_FILE": "~/c.json",
				"ALIBABA_CLOUD_CREDENTIALS_FILE": "~/c.ini",
			}, id: "AKini",
		},
		{
			name: "switch for profiles, and a named one", files: cli,
			env: map[string]string{"ALICLOUD_PROFILE": "prod", "ALIBABA_CLOUD_IGNORE_PROFILE": "TRUE"}, id: "AKprod",
			region: "cn-beijing",
		},
		{
			name: "switch for profiles", files: cli, env: map[string]string{"ALIBABA_CLOUD_CLI_PROFILE_DISABLED": "true"},
			id: "STS.imds",
		},
		{
			name: "ALIBABA_CLOUD_CONFIG_FILE first", files: map[string]string{"a": cliFile, "b": iniKey},
			env: map[string]string{"ALIBABA_CLOUD_CREDENTIALS_FILE": "~/b", "ALIBABA_CLOUD_CONFIG_FILE": "~/a"}, id: "AKdefault",
			region: "cn-hangzhou",
		},
		{
			name: "second file if the first is not there", files: map[string]string{"b": iniKey},
			env: map[string]string{"ALIBABA_CLOUD_CREDENTIALS_FILE": "~/b", "ALIBABA_CLOUD_CONFIG_FILE": "~/a"}, id: "AKini",
		},
		{
			name:  "second file if the first has no usable profile",
			files: map[string]string{"a": `{"current":"p","profiles":[{"name":"p","mode":"BearerToken"}]}`, "b": iniKey},
			env:   map[string]string{"ALIBABA_CLOUD_CREDENTIALS_FILE": "~/b", "ALICLOUD_SHARED_CREDENTIALS_FILE": "~/a"},
			id:    "AKini",
		},
		{
			name: "broken file of a variable", files: map[string]string{"a": "{"},
			env: map[string]string{"ALIBABA_CLOUD_CONFIG_FILE": "~/a"}, failure: []string{`file "~/a"`, "not JSON from line 1"},
		},

		{
			name: "URI before the instance role", env: map[string]string{
				"ALICLOUD_CREDENTIALS_URI": "http://127.0.0.1:8099/c",
				"ALICLOUD_ECS_ROLE_NAME":   "held-role",
			}, id: "STS.uri",
		},
		{
			name: "URI of a variable that refuses", files: cli,
			env:     map[string]string{"ALIBABA_CLOUD_CREDENTIALS_URI": "http://127.0.0.1:8099/none"},
			failure: []string{"the credentials URI of ALIBABA_CLOUD_CREDENTIALS_URI", "status 404"}, not: []string{"/none"},
		},
		{
			name: "URI of a variable whose host refuses", files: cli,
			env: map[string]string{"ALIBABA_CLOUD_CREDENTIALS_URI": "http://127.0.0.1:8099/c"}, set: func(w *world) {
				w.uri.Close()
			}, failure: []string{"the connection was refused"},
		},
		{
			name: "ALICLOUD_ECS_ROLE_NAME first", env: map[string]string{
				"ALICLOUD_ECS_ROLE_NAME":     "held-role",
				"ALIBABA_CLOUD_ECS_METADATA": "nosuch",
			}, id: "STS.imds",
		},
		{
			name: "instance role of a variable that is not attached", files: cli,
			env:     map[string]string{"ALIBABA_CLOUD_ECS_METADATA": "nosuch"},
			failure: []string{"nosuch", "ALIBABA_CLOUD_ECS_METADATA"},
		},
		{
			name: "instance role of a variable, switched off", files: cli,
			env: both(metadataOff, map[string]string{"ALIBABA_CLOUD_ECS_METADATA": "held-role"}), id: "AKdefault",
			region: "cn-hangzhou",
		},
	}...))
}

// TestNeighboursOfDefaultFiles are situations of steps 6 and 7 of the order.
func TestNeighboursOfDefaultFiles(t *testing.T) {
	t.Parallel()
	const ini = ".alibabacloud/credentials"
	login := `"mode":"CloudSSO","cloud_sso_sign_in_url":"https://sso.invalid/x","cloud_sso_account_id":"1",` +
		`"cloud_sso_access_config":"ac","access_token":"AT","cloud_sso_access_token_expire":@NOW-3000@`
	var passed []neighbour
	for name, fields := range map[string]string{
		"unknown mode": `"mode":"Passkey"`, "BearerToken": `"mode":"BearerToken"`, "Anonymous": `"mode":"Anonymous"`,
		"RsaKeyPair": `"mode":"RsaKeyPair"`,
		"no keys":    `"mode":"AK"`, "half a key": `"mode":"AK","access_key_id":"AKx"`, "nothing": `"mode":""`,
		"session without token": `"mode":"StsToken","access_key_id":"STS.x","access_key_secret":"SKx"`,
		"login expired":         login,
		"chain to nowhere":      `"mode":"ChainableRamRoleArn","source_profile":"q","ram_role_arn":"acs:ram::1:role/r"`,
		"role without keys":     `"mode":"RamRoleArn","ram_role_arn":"acs:ram::1:role/r"`,
		"OIDC file that is not there": `"mode":"OIDC","oidc_provider_arn":"acs:ram::1:oidc-provider/p",` +
			`"oidc_token_file":"/none","ram_role_arn":"acs:ram::1:role/r"`,
		"field of another type": `"mode":"AK","expired_seconds":"x"`,
	} {
		passed = append(passed, neighbour{
			name: name + ", next file", files: both(profileP(fields), map[string]string{ini: iniKey}), id: "AKini",
		},
			neighbour{
				name: name + ", is told", files: profileP(fields), env: metadataOff,
				failure: []string{"no credentials were found", `profile "p" of "/home/u/.aliyun/config.json" cannot sign. `},
			})
	}
	neighbours(t, append(passed, []neighbour{
		{
			name: "External switched off", files: both(profileP(`"mode":"External","process_command":"x"`),
				map[string]string{ini: iniKey}), env: map[string]string{"ALIBABA_CLOUD_DISABLE_EXTERNAL_PROCESS": "true"},
			id: "AKini",
		},
		{
			name: "instance role, switched off", files: both(profileP(`"mode":"EcsRamRole"`), map[string]string{ini: iniKey}),
			env: metadataOff, id: "AKini",
		},
		{
			name: "keys that cannot be right are an error",
			files: both(profileP(`"mode":"AK","access_key_id":"abc","access_key_secret":"LTAIx"`),
				map[string]string{ini: iniKey}), failure: []string{"access_key_secret is an AccessKey ID"}, not: []string{"LTAI"},
		},
		{
			name:  "current that is not in the file",
			files: map[string]string{".aliyun/config.json": `{"current":"gone","profiles":[]}`, ini: iniKey}, id: "AKini",
		},
		{
			name: "empty current", files: map[string]string{".aliyun/config.json": strings.Replace(cliFile,
				`"current":"default"`, `"current":""`, 1)}, id: "AKdefault", region: "cn-hangzhou",
		},
		{
			name: "session without mode", files: profileP(`"access_key_id":"STS.x","access_key_secret":"SKx","sts_token":"Tx"`),
			id: "STS.x", region: "cn-hangzhou",
		},
		{
			name: "role without mode", files: profileP(`"access_key_id":"AKr","access_key_secret":"SKr",` +
				`"ram_role_arn":"acs:ram::1:role/r"`), id: "STS.AssumeRole", sts: []string{"AssumeRole(AKr→r)"},
			region: "cn-hangzhou",
		},
		{
			name:  "key without mode, and a role in a variable",
			files: profileP(`"access_key_id":"AKr","access_key_secret":"SKr"`),
			env:   map[string]string{"ALIBABA_CLOUD_ROLE_ARN": "acs:ram::1:role/r"}, id: "AKr", region: "cn-hangzhou",
		},
		{
			name: "broken file", files: map[string]string{".aliyun/config.json": "{"},
			failure: []string{`file "~/.aliyun/config.json"`},
		},
		{
			name: "role refused", files: profileP(`"mode":"RamRoleArn","access_key_id":"AKr","access_key_secret":"SKr",` +
				`"ram_role_arn":"acs:ram::1:role/forbidden"`),
			failure: []string{
				`profile "p" of`, "Role acs:ram::1:role/forbidden, which its ram_role_arn asks for", "NoPermission",
				"The caller needs a policy",
			},
		},
		{
			name: "files in their order", files: map[string]string{
				ini:                             iniKey,
				".alibabacloud/credentials.ini": strings.ReplaceAll(iniKey, "ini", "x"),
				".ossutilconfig":                strings.ReplaceAll(iniKey, "ini", "y"),
			}, id: "AKini",
		},
		{
			name:  "ossutil's file before the metadata service",
			files: map[string]string{".ossutilconfig": "[Credentials]\naccessKeyID=AKx\naccessKeySecret=SKx\n"}, id: "AKx",
		},
		{name: "files before the metadata service", files: cli, id: "AKdefault", region: "cn-hangzhou"},
		{
			name: "metadata service that fails", set: func(w *world) { w.imds.fault = status(500, "") },
			failure: []string{"no credentials were found", "ECS instance: the metadata service answered with status 500"},
		},
		{
			name: "role name of a profile in a variable", files: profileP(`"mode":"EcsRamRole"`),
			env:     map[string]string{"ALIBABA_CLOUD_PROFILE": "p", "ALIBABA_CLOUD_ECS_METADATA": "nosuch"},
			failure: []string{"nosuch"},
		},
		{name: "no home", set: func(w *world) { w.home = "" }, id: "STS.imds"},
	}...))
}

// TestNeighboursOfRoles are situations with assume_role and roles of profiles.
func TestNeighboursOfRoles(t *testing.T) {
	t.Parallel()
	const (
		onTop = "profile = \"p\"\nassume_role {\nrole_arn = \"acs:ram::1:role/B\"\n}\n"
		ram   = `"mode":"RamRoleArn","access_key_id":"AKr","access_key_secret":"SKr","ram_role_arn":"acs:ram::1:role/A",` +
			`"ram_session_name":"held","expired_seconds":1800`
		chain = `"mode":"ChainableRamRoleArn","source_profile":"q","ram_role_arn":"acs:ram::1:role/A"},{"name":"q",` +
			`"mode":"AK","access_key_id":"AKr","access_key_secret":"SKr"`
	)
	assumed := func(calls ...string) neighbour {
		return neighbour{id: "STS.AssumeRole", sts: calls, region: "cn-hangzhou"}
	}
	of := func(name string, n neighbour, files map[string]string, env map[string]string, block string) neighbour {
		n.name, n.files, n.env, n.block = name, files, env, block
		return n
	}
	named := func(n neighbour, session string) neighbour {
		n.session = session
		return n
	}
	oidcProfile := neighbour{
		name: "over an OIDC profile", files: profileP(`"mode":"OIDC","oidc_provider_arn":"acs:ram::1:oidc-provider/p",` +
			`"oidc_token_file":"~/oidc","ram_role_arn":"acs:ram::1:role/A"`), block: onTop, id: "STS.AssumeRole",
		sts: []string{"AssumeRoleWithOIDC(oidc→A)", "AssumeRole(STS.AssumeRoleWithOIDC→B)"}, region: "cn-hangzhou",
	}
	neighbours(t, []neighbour{
		of("session of the profile whose role is replaced", named(assumed("AssumeRole(AKr→B)"), "held"), profileP(ram), nil,
			onTop),
		of("session of a variable before that of the profile", named(assumed("AssumeRole(AKr→B)"), "env"), profileP(ram),
			map[string]string{"ALIBABA_CLOUD_ROLE_SESSION_NAME": "env"}, onTop),
		of("over a chain, one link more", assumed("AssumeRole(AKr→A)", "AssumeRole(STS.AssumeRole→B)"), profileP(chain), nil,
			onTop),
		of("over an instance's role of a profile", assumed("AssumeRole(STS.imds→B)"),
			profileP(`"mode":"RamRoleArnWithRoleName","ram_role_name":"held-role","ram_role_arn":"acs:ram::1:role/A"`), nil,
			onTop),
		of("over an AK profile", assumed("AssumeRole(AKr→B)"),
			profileP(`"mode":"AK","access_key_id":"AKr","access_key_secret":"SKr"`), nil, onTop),
		oidcProfile,
		of("no role by role_arn = \"\"", assumed("AssumeRole(AKr→A)"), profileP(ram),
			map[string]string{"ALICLOUD_ASSUME_ROLE_ARN": "acs:ram::1:role/C"},
			"profile = \"p\"\nassume_role {\nrole_arn = \"\"\n}\n"),
		of("role of a profile in a variable", assumed("AssumeRole(AKr→env)"),
			profileP(`"mode":"RamRoleArn","access_key_id":"AKr","access_key_secret":"SKr"`),
			map[string]string{"ALIBABA_CLOUD_ROLE_ARN": "acs:ram::1:role/env"}, "profile = \"p\"\n"),
		of("keys of a role's profile in variables", assumed("AssumeRole(AKalibaba→A)"),
			profileP(`"mode":"RamRoleArn","ram_role_arn":"acs:ram::1:role/A"`), envAlibaba, "profile = \"p\"\n"),
		{
			name: "no role anywhere", env: envAlibaba, block: "assume_role {\n}\n",
			failure: []string{
				"assume_role cannot be used. It names no role. Set role_arn, or one of the environment variables " +
					"ALICLOUD_ASSUME_ROLE_ARN and ALIBABA_CLOUD_ROLE_ARN",
			},
		},
		{
			name:  "refused role names what named it",
			env:   both(envAlibaba, map[string]string{"ALICLOUD_ASSUME_ROLE_ARN": "acs:ram::1:role/forbidden"}),
			block: "assume_role {\n}\n", failure: []string{"role acs:ram::1:role/forbidden, which ALICLOUD_ASSUME_ROLE_ARN " +
				"asks for, was not assumed with environment variables ALIBABA_CLOUD_ACCESS_KEY_ID", "NoPermission"},
			not: []string{"Ignored", "configuration"},
		},
		{
			name: "refused role of the block", files: cli,
			block:   "profile = \"prod\"\nassume_role {\nrole_arn = \"acs:ram::1:role/forbidden\"\n}\n",
			failure: []string{"which role_arn of assume_role asks for"}, set: func(w *world) {
				w.sts.denied["acs:ram::1:role/forbidden"] = true
			},
		},
		{
			name:    "session_expiration of a variable",
			env:     both(envAlibaba, map[string]string{"ALICLOUD_ASSUME_ROLE_SESSION_EXPIRATION": "60"}),
			block:   "assume_role {\nrole_arn = \"acs:ram::1:role/B\"\n}\n",
			failure: []string{"ALICLOUD_ASSUME_ROLE_SESSION_EXPIRATION", "900"},
		},
		{
			name: "role alone in variables",
			env: both(envAlicloud, map[string]string{
				"ALICLOUD_ASSUME_ROLE_ARN": "acs:ram::1:role/B", "ALICLOUD_ASSUME_ROLE_SESSION_NAME": "x",
			}), id: "AKalicloud",
		},
	})
}

// TestFilledRoles: what a role's profile leaves out comes from variables, and what assume_role
// leaves out from the profile whose role it replaces.
func TestFilledRoles(t *testing.T) {
	t.Parallel()
	const ram = `"mode":"RamRoleArn","access_key_id":"AKr","access_key_secret":"SKr",` +
		`"ram_role_arn":"acs:ram::1:role/A","expired_seconds":1800`
	for name, test := range map[string]struct {
		block string
		env   map[string]string
		want  map[string]string
	}{
		"external ID of a variable": {
			"profile = \"p\"\n",
			map[string]string{"ALIBABA_CLOUD_EXTERNAL_ID": "ext"},
			map[string]string{"RoleArn": "acs:ram::1:role/A", "ExternalId": "ext", "DurationSeconds": "1800"},
		},
		"length of the profile": {
			"profile = \"p\"\nassume_role {\nrole_arn = \"acs:ram::1:role/B\"\n}\n", nil,
			map[string]string{"RoleArn": "acs:ram::1:role/B", "DurationSeconds": "1800", "RoleSessionName": "terraform"},
		},
		"length of the block": {
			"profile = \"p\"\nassume_role {\nrole_arn = \"acs:ram::1:role/B\"\nsession_expiration = 900\n}\n", nil,
			map[string]string{"DurationSeconds": "900"},
		},
		"length of a variable first": {
			"profile = \"p\"\nassume_role {\nrole_arn = \"acs:ram::1:role/B\"\n}\n",
			map[string]string{"ALICLOUD_ASSUME_ROLE_SESSION_EXPIRATION": "3000"},
			map[string]string{"DurationSeconds": "3000"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := situationWorld(t)
			w.files[cliPath] = profileP(ram)[".aliyun/config.json"]
			for variable, value := range test.env {
				w.vars[variable] = value
			}
			if _, err := w.source(blockConfig(t, test.block)).Get(t.Context()); err != nil {
				t.Fatal(err)
			}
			w.sts.asked(t, test.want)
		})
	}
}

// TestRegionOrigin: the region comes with its origin, and no region with the reason. No request is
// sent.
func TestRegionOrigin(t *testing.T) {
	t.Parallel()
	at := func(name string) string { return `profile "` + name + `" of "` + cliPath + `"` }
	for name, test := range map[string]struct {
		files          map[string]string
		env            map[string]string
		block          string
		region, origin string
	}{
		"profile":         {cli, nil, "profile = \"prod\"\n", "cn-beijing", "region_id of " + at("prod")},
		"current profile": {cli, nil, "", "cn-hangzhou", "region_id of " + at("default")},
		"role of a profile": {
			profileP(`"mode":"RamRoleArn","access_key_id":"AKr","access_key_secret":"SKr","ram_role_arn":"acs:ram::1:role/r"`),
			nil, "profile = \"p\"\n", "cn-hangzhou", "region_id of " + at("p"),
		},
		"profile without region": {
			map[string]string{
				".aliyun/config.json": `{"profiles":[{"name":"default","mode":"AK","access_key_id":"AKx",` +
					`"access_key_secret":"SKx"}]}`,
			}, nil, "", "", "no region_id in " + at("default"),
		},
		"keys in variables": {
			cli, envAlibaba, "", "", "the credentials come from no profile, but from environment variables " +
				"ALIBABA_CLOUD_ACCESS_KEY_ID and ALIBABA_CLOUD_ACCESS_KEY_SECRET",
		},
		"block that is not there": {
			nil, envAlibaba, "profile = \"prod\"\n", "",
			"the credentials come from no profile, but from environment variables ALIBABA_CLOUD_ACCESS_KEY_ID and " +
				"ALIBABA_CLOUD_ACCESS_KEY_SECRET",
		},
		"instance role": {
			nil, nil, "", "", "the credentials come from no profile, but from the metadata service of an ECS instance",
		},
		"instance role of a block": {
			cli, nil, "ecs_role_name = \"held-role\"\n", "",
			"the credentials come from no profile, but from the instance role held-role",
		},
		"nothing":             {nil, metadataOff, "", "", "no credentials are chosen"},
		"error":               {cli, map[string]string{"OSS_ACCESS_KEY_ID": "AKx"}, "", "", "no credentials are chosen"},
		"faults of the block": {cli, nil, "profile = \"prod\"\necs_role_name = \"x\"\n", "", "no credentials are chosen"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := situationWorld(t)
			for file, content := range test.files {
				w.files["/home/u/"+file] = content
			}
			for variable, value := range test.env {
				w.vars[variable] = value
			}
			source := w.source(blockConfig(t, test.block))
			for range 2 {
				if region, origin := source.Region(); region != test.region || origin != test.origin {
					t.Errorf("%q of %q, want %q of %q", region, origin, test.region, test.origin)
				}
			}
			if len(w.dialed) > 0 {
				t.Errorf("requests to %v", w.dialed)
			}
		})
	}
}

// TestWaitOfEachSource: a source that takes the place of one that is not there has all of its time.
func TestWaitOfEachSource(t *testing.T) {
	variables := vars{
		"ALIBABA_CLOUD_OIDC_PROVIDER_ARN": providerARN, "ALIBABA_CLOUD_OIDC_TOKEN": oidcToken,
		"ALIBABA_CLOUD_ROLE_ARN": roleARN,
	}
	alone := silence(t, Config{ECSRoleName: "agent"}, nil, nil, false)
	if waited := silence(t, Config{ECSRoleName: "agent"}, variables, nil, false); waited != alone+serviceLimit {
		t.Errorf("waited %s, want %s more than %s", waited, serviceLimit, alone)
	}
}

// TestSTSEndpoint: the configuration's host beats the variable's, and this the profile's, for every
// role.
func TestSTSEndpoint(t *testing.T) {
	t.Parallel()
	const variable = "ALIBABA_CLOUD_STS_ENDPOINT"
	profile := profileP(
		`"mode":"RamRoleArn","access_key_id":"AKr","access_key_secret":"SKr","ram_role_arn":"acs:ram::1:role/A",` +
			`"sts_endpoint":"sts.me-east-1.aliyuncs.com"`,
	)
	for name, test := range map[string]struct {
		block, variable, want string
	}{
		"profile": {"profile = \"p\"\n", "", "sts.me-east-1.aliyuncs.com"},
		"variable": {
			"profile = \"p\"\n", "sts.eu-central-1.aliyuncs.com", "sts.eu-central-1.aliyuncs.com",
		},
		"block": {
			"profile = \"p\"\nsts_endpoint = \"https://sts-vpc.cn-hangzhou.aliyuncs.com/\"\n", "sts.eu-central-1.aliyuncs.com",
			"sts-vpc.cn-hangzhou.aliyuncs.com",
		},
		"profile, for the role on top": {
			"profile = \"p\"\nassume_role {\nrole_arn = \"acs:ram::1:role/B\"\n}\n", "", "sts.me-east-1.aliyuncs.com",
		},
		"block, for the role on top": {
			"profile = \"p\"\nsts_endpoint = \"sts.cn-beijing.aliyuncs.com\"\nassume_role {\nrole_arn = " +
				"\"acs:ram::1:role/B\"\n}\n", "", "sts.cn-beijing.aliyuncs.com",
		},
		"region of the profile, for keys": {
			"shared_credentials_file = \"~/k\"\nassume_role {\nrole_arn = \"acs:ram::1:role/B\"\n}\n", "",
			"sts.cn-beijing.aliyuncs.com",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := situationWorld(t)
			w.files[cliPath] = profile[".aliyun/config.json"]
			w.files["/home/u/k"] = strings.Replace(cliFile, `"current":"default"`, `"current":"prod"`, 1)
			w.vars[variable] = test.variable
			if _, err := w.source(blockConfig(t, test.block)).Get(t.Context()); err != nil {
				t.Fatal(err)
			}
			if !slices.Equal(w.sts.hosts, []string{test.want}) {
				t.Errorf("requests to %v, want %s", w.sts.hosts, test.want)
			}
		})
	}
	t.Run("not a host", func(t *testing.T) {
		t.Parallel()
		for _, endpoint := range []string{"http://sts.aliyuncs.com", "sts.aliyuncs.com/x", "me@sts.aliyuncs.com", "a b"} {
			faults := Check(Config{STSEndpoint: endpoint})
			if len(faults) != 1 || !slices.Equal(faults[0].Path, []string{"sts_endpoint"}) {
				t.Errorf("%q: %v", endpoint, faults)
			}
		}
	})
}

// TestLog: one line at INFO has the signing source and its expiration time. Skipped places are at
// DEBUG.
func TestLog(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.vars["ALIBABA_CLOUD_OIDC_PROVIDER_ARN"] = providerARN
	s := w.source(Config{})
	for range 3 {
		if _, err := s.Get(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	want := []line{
		{
			LevelInfo, "Found credentials", map[string]any{
				"source":      "instance role agent (metadata service)",
				"valid_until": "2026-05-04T09:02:01Z",
			},
		},
	}
	if got := w.logged(LevelInfo); fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("logged %v, want %v", got, want)
	}
	if got := fmt.Sprint(w.logged(LevelDebug)); !strings.Contains(got, "they lack ALIBABA_CLOUD_ROLE_ARN") ||
		strings.Count(got, "Ignored a source of credentials") != 6 {
		t.Errorf("logged %s", got)
	}
	// The next session of the same source is no news for those who do not look for faults.
	w.clock.Advance(6*time.Hour - time.Second)
	w.imds.session = sessionJSON("Success", start.Add(12*time.Hour).Format(time.RFC3339))
	if _, err := s.Get(t.Context()); err != nil || len(w.logged(LevelInfo)) != 1 {
		t.Errorf("%v, logged %v", err, w.logged(LevelInfo))
	}
}

// TestSlowSource: a source that takes longer than two seconds appears in the log while it is waited
// for, and no other does.
func TestSlowSource(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	environment := w.environment()
	said := make(chan struct{})
	environment.Log = func(ctx context.Context, level, message string, fields map[string]any) {
		w.log(ctx, level, message, fields)
		if message == "Waiting for credentials" {
			close(said)
		}
	}
	w.uri.fault = func(int, http.ResponseWriter, *http.Request) bool {
		close(w.patience)
		<-said
		return false
	}
	if _, err := New(Config{CredentialsURI: w.uri.URL}, environment).Get(t.Context()); err != nil {
		t.Fatal(err)
	}
	lines := w.logged(LevelInfo)
	if len(lines) != 2 || fmt.Sprint(lines[0]) != fmt.Sprint(line{
		LevelInfo, "Waiting for credentials", map[string]any{"source": "credentials_uri", "waited": "2s"},
	}) {
		t.Errorf("logged %v", lines)
	}
}

// TestExpiryUnknown: a session key whose expiration time is not known is reported as one.
func TestExpiryUnknown(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for want, config := range map[bool]Config{
		true:  {AccessKey: "STS.AKID", SecretKey: NewSecret("hush"), SecurityToken: NewSecret("hush-token")},
		false: {AccessKey: "AKID", SecretKey: NewSecret("hush")},
	} {
		if found, err := w.get(config); err != nil || found.ExpiryUnknown() != want {
			t.Errorf("%v: %v, want %v", err, found.ExpiryUnknown(), want)
		}
	}
	if found, err := w.get(Config{ECSRoleName: "agent"}); err != nil || found.ExpiryUnknown() {
		t.Errorf("%v: the end of an instance role is known", err)
	}
}
