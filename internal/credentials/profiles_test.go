package credentials

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

// profileRow is a row whose CLI configuration contains the profiles given, of which "p" is used
// for.
func profileRow(name, profiles string, x want) row {
	return row{
		name: name, config: Config{Profile: "p"}, files: map[string]string{cliPath: cliConfig("p", profiles)}, want: x,
	}
}

func TestProfileModes(t *testing.T) {
	t.Parallel()
	const (
		ak    = `"mode":"AK","access_key_id":"AKID","access_key_secret":"hush"`
		sts   = `"mode":"StsToken","access_key_id":"STS.AKID","access_key_secret":"hush","sts_token":"hush-token"`
		role  = `"ram_role_arn":"` + roleARN + `","ram_session_name":"ci"`
		other = `"ram_role_arn":"` + otherARN + `","ram_session_name":"ci"`
	)
	session := want{id: "STS.AKID-2", secret: "hush-2", token: "hush-token-2", end: time.Hour, sts: 1}
	with := func(x want, change func(*want)) want { change(&x); return x }
	rows := []row{
		profileRow("AK", `{"name":"p",`+ak+`}`, want{
			id: "AKID", secret: "hush", source: []string{`profile "p" of "/home/u/.aliyun/config.json"`},
		}),
		profileRow("AK ignores a token", `{"name":"p",`+ak+`,"sts_token":"hush-old"}`, want{id: "AKID", secret: "hush"}),
		profileRow("AK ignores an end", `{"name":"p",`+ak+`,"sts_expiration":4102444800}`, want{id: "AKID", secret: "hush"}),
		profileRow("AK without secret", `{"name":"p","mode":"AK","access_key_id":"AKID"}`,
			want{failure: []string{"no access_key_secret"}}),
		profileRow("AK without key", `{"name":"p","mode":"AK","access_key_secret":"hush"}`,
			want{failure: []string{"no access_key_id"}}),
		profileRow("AK with a temporary key",
			`{"name":"p","mode":"AK","access_key_id":"STS.AKID","access_key_secret":"hush"}`,
			want{failure: []string{"temporary"}}),
		profileRow("AK with a line break", `{"name":"p","mode":"AK","access_key_id":"AKID","access_key_secret":"hush\n"}`,
			want{id: "AKID", secret: "hush"}),
		profileRow("StsToken", `{"name":"p",`+sts+`}`, want{id: "STS.AKID", secret: "hush", token: "hush-token"}),
		profileRow("StsToken with its end", `{"name":"p",`+sts+fmt.Sprintf(`,"sts_expiration":%d}`,
			start.Add(time.Hour).Unix()),
			want{id: "STS.AKID", secret: "hush", token: "hush-token", end: time.Hour}),
		profileRow("StsToken that has ended", `{"name":"p",`+sts+fmt.Sprintf(`,"sts_expiration":%d}`, start.Unix()),
			want{failure: []string{`profile "p"`, "expire at 2026-05-04T03:02:01Z"}}),
		profileRow("StsToken without token",
			`{"name":"p","mode":"StsToken","access_key_id":"STS.AKID","access_key_secret":"hush"}`,
			want{failure: []string{"no sts_token"}}),
		profileRow("RamRoleArn", `{"name":"p","mode":"RamRoleArn","access_key_id":"AKID","access_key_secret":"hush",`+
			role+`}`,
			with(session, func(x *want) { x.source = []string{roleARN, `profile "p"`} })),
		profileRow("RamRoleArn of 900 s",
			`{"name":"p","mode":"RamRoleArn","access_key_id":"AKID","access_key_secret":"hush","expired_seconds":900,`+role+`}`,
			with(session, func(x *want) { x.end = 15 * time.Minute })),
		profileRow("RamRoleArn of 899 s",
			`{"name":"p","mode":"RamRoleArn","access_key_id":"AKID","access_key_secret":"hush","expired_seconds":899,`+role+`}`,
			want{failure: []string{"between 900 and 43200", "got 899"}}),
		profileRow("RamRoleArn on a token",
			`{"name":"p","mode":"RamRoleArn","access_key_id":"STS.AKID","access_key_secret":"hush","sts_token":"hush-token",`+
				role+`}`, session),
		profileRow("RamRoleArn without role",
			`{"name":"p","mode":"RamRoleArn","access_key_id":"AKID","access_key_secret":"hush"}`,
			want{failure: []string{"no ram_role_arn"}}),
		profileRow("RamRoleArn without keys", `{"name":"p","mode":"RamRoleArn",`+role+`}`,
			want{failure: []string{"no access_key_id"}}),
		profileRow("RamRoleArn with a policy that is none",
			`{"name":"p","mode":"RamRoleArn","access_key_id":"AKID","access_key_secret":"hush","policy":"x",`+role+`}`,
			want{failure: []string{"Policy must be a RAM policy document"}}),
		profileRow("ChainableRamRoleArn", `{"name":"p","mode":"ChainableRamRoleArn","source_profile":"base",`+
			role+`},{"name":"base",`+ak+`}`,
			with(session, func(x *want) { x.source = []string{roleARN, `profile "base"`} })),
		profileRow("chain of three", `{"name":"p","mode":"ChainableRamRoleArn","source_profile":"q",`+
			role+`},{"name":"q","mode":"ChainableRamRoleArn","source_profile":"base",`+other+`},{"name":"base",`+ak+`}`,
			want{
				id: "STS.AKID-3", secret: "hush-3", token: "hush-token-3", end: time.Hour,
				source: []string{roleARN, otherARN, `profile "base"`}, sts: 2,
			}),
		profileRow("cycle of one", `{"name":"p","mode":"ChainableRamRoleArn","source_profile":"p",`+role+`}`,
			want{failure: []string{"leads back to itself (p → p)"}}),
		profileRow("cycle of two", `{"name":"p","mode":"ChainableRamRoleArn","source_profile":"q",`+
			role+`},{"name":"q","mode":"ChainableRamRoleArn","source_profile":"p",`+role+`}`,
			want{failure: []string{"p → q → p"}}),
		profileRow("cycle behind the first", `{"name":"p","mode":"ChainableRamRoleArn","source_profile":"q",`+
			role+`},{"name":"q","mode":"ChainableRamRoleArn","source_profile":"q",`+role+`}`,
			want{failure: []string{"p → q → q"}}),
		profileRow("chain to nowhere", `{"name":"p","mode":"ChainableRamRoleArn","source_profile":"q",`+role+`}`,
			want{failure: []string{`Source profile "q" cannot be used`, `has no profile "q"`}}),
		profileRow("chain without source", `{"name":"p","mode":"ChainableRamRoleArn",`+role+`}`,
			want{failure: []string{"no source_profile"}}),
		profileRow("chain on an ended session", `{"name":"p","mode":"ChainableRamRoleArn","source_profile":"q",`+
			role+`},{"name":"q",`+sts+`,"sts_expiration":1000000000}`,
			want{failure: []string{`Source profile "q" cannot be used. The keys expire at 2001-09-09`}}),
		profileRow("CredentialsURI without address", `{"name":"p","mode":"CredentialsURI"}`,
			want{failure: []string{"no credentials_uri"}}),
		profileRow("EcsRamRole with an odd name", `{"name":"p","mode":"EcsRamRole","ram_role_name":"a/b"}`,
			want{failure: []string{"ram_role_name"}}),
		profileRow("EcsRamRole outside", `{"name":"p","mode":"EcsRamRole"}`,
			want{failure: []string{`profile "p"`, "cannot be reached"}}),
		profileRow("OIDC token in the profile", `{"name":"p","mode":"OIDC","oidc_provider_arn":"`+providerARN+
			`","oidc_token":"`+oidcToken+`",`+role+`}`, session),
		profileRow("OIDC without token", `{"name":"p","mode":"OIDC","oidc_provider_arn":"`+providerARN+`",`+role+`}`,
			want{failure: []string{"no oidc_token_file"}}),
		profileRow("OIDC without provider", `{"name":"p","mode":"OIDC","oidc_token":"`+oidcToken+`",`+role+`}`,
			want{failure: []string{"no oidc_provider_arn"}}),
		profileRow("OIDC with a provider that is no ARN", `{"name":"p","mode":"OIDC","oidc_provider_arn":"x","oidc_token":"`+
			oidcToken+`",`+role+`}`,
			want{failure: []string{"must have the form acs:ram::<account>:oidc-provider"}}),
		profileRow("OIDC without role", `{"name":"p","mode":"OIDC","oidc_provider_arn":"`+providerARN+`","oidc_token":"`+
			oidcToken+`"}`, want{failure: []string{"no ram_role_arn"}}),
		profileRow("no mode", `{"name":"p","access_key_id":"AKID","access_key_secret":"hush"}`,
			want{id: "AKID", secret: "hush"}),
		profileRow("unknown mode", `{"name":"p","mode":"Magic"}`, want{
			failure: []string{`mode "Magic" is not known`, "ChainableRamRoleArn"},
		}),
		profileRow("mode in other letters", `{"name":"p","mode":"ak","access_key_id":"AKID","access_key_secret":"hush"}`,
			want{failure: []string{`mode "ak" is not known`, "AK, StsToken"}}),
		profileRow("mode that is no word", `{"name":"p","mode":"hush hush"}`,
			want{failure: []string{"Its mode is not known"}}),
		profileRow("RamRoleArnWithRoleName without role", `{"name":"p","mode":"RamRoleArnWithRoleName"}`,
			want{failure: []string{"no ram_role_arn"}}),
		profileRow("RsaKeyPair", `{"name":"p","mode":"RsaKeyPair"}`,
			want{failure: []string{"mode RsaKeyPair is not supported", "mode AK"}}),
		profileRow("BearerToken", `{"name":"p","mode":"BearerToken"}`,
			want{failure: []string{"mode BearerToken is not supported"}}),
		profileRow("Anonymous", `{"name":"p","mode":"Anonymous"}`,
			want{failure: []string{"mode Anonymous is not supported"}}),
		profileRow("another profile of odd types does not matter",
			`{"name":5},{"name":"q","expired_seconds":"x"},7,{"name":"p",`+ak+`}`, want{id: "AKID", secret: "hush"}),
		profileRow("the last of two of one name, as for alicloud", `{"name":"p","mode":"Anonymous"},{"name":"p",`+ak+`}`,
			want{id: "AKID", secret: "hush"}),
		profileRow("field of another type", `{"name":"p","expired_seconds":"hush",`+ak+`}`, want{
			failure: []string{
				`profile "p" of "/home/u/.aliyun/config.json" cannot be used. A field is of another type than ` +
					`the Alibaba Cloud CLI writes (expired_seconds)`,
			},
		}),
	}
	ecs := profileRow("EcsRamRole", `{"name":"p","mode":"EcsRamRole","ram_role_name":"agent"}`,
		want{id: "STS.AKID", secret: "hush", token: "hush-token", end: 6 * time.Hour, imds: 2})
	ecs.set = func(w *world) { w.imds.down = false }
	chained := profileRow("role on an instance role", `{"name":"p","mode":"ChainableRamRoleArn","source_profile":"q",`+
		role+`},{"name":"q","mode":"EcsRamRole"}`,
		want{
			id: "STS.AKID-2", secret: "hush-2", token: "hush-token-2", end: time.Hour, source: []string{"instance role agent"},
			imds: 3, sts: 1,
		})
	chained.set = ecs.set
	file := profileRow("OIDC token file", `{"name":"p","mode":"OIDC","oidc_provider_arn":"`+providerARN+
		`","oidc_token_file":"/token",`+role+`}`, session)
	file.files["/token"] = oidcToken
	uri := row{name: "CredentialsURI", config: Config{Profile: "p"}, want: want{
		id: "STS.AKID", secret: "hush",
		token: "hush-token", end: 30 * time.Minute, uri: 1,
	}, set: func(w *world) {
		w.files[cliPath] = cliConfig("p", `{"name":"p","mode":"CredentialsURI","credentials_uri":"`+w.uri.URL+`/hush"}`)
	}}
	run(t, append(rows, ecs, chained, file, uri))
}

func TestProfileFiles(t *testing.T) {
	t.Parallel()
	ak := func(name string) string {
		return `{"name":"` + name + `","mode":"AK","access_key_id":"AKID-` + name + `","access_key_secret":"hush-` +
			name + `"}`
	}
	found := func(name string) want { return want{id: "AKID-" + name, secret: "hush-" + name} }
	section := func(name string) string {
		return "[" + name + "]\ntype = access_key\naccess_key_id = AKID-" + name + "\naccess_key_secret = hush-" + name + "\n"
	}
	const iniPath = "/home/u/.alibabacloud/credentials"
	two := map[string]string{cliPath: cliConfig("a", ak("a")+","+ak("b")), iniPath: section("default") + section("c")}
	run(t, []row{
		{name: "current", files: two, want: found("a")},
		{
			name: "of the configuration", config: Config{Profile: "b"}, files: two, vars: vars{"ALIBABA_CLOUD_PROFILE": "a"},
			want: found("b"),
		},
		{
			name: "of ALIBABA_CLOUD_PROFILE", files: two, vars: vars{"ALIBABA_CLOUD_PROFILE": "b", "ALIBABACLOUD_PROFILE": "a"},
			want: found("b"),
		},
		{
			name: "of ALICLOUD_PROFILE", files: two, vars: vars{"ALICLOUD_PROFILE": "b", "ALIBABA_CLOUD_PROFILE": "a"},
			want: found("b"),
		},
		{name: "of the second file", config: Config{Profile: "c"}, files: two, want: found("c")},
		{name: "default of the ini file", files: map[string]string{iniPath: section("default")}, want: found("default")},
		{
			name: "ini after an empty CLI profile", want: found("default"),
			files: map[string]string{
				cliPath: cliConfig("default", `{"name":"default","mode":"AK"}`), iniPath: section("default"),
			},
		},
		{
			name: "of neither", config: Config{Profile: "x"}, files: two,
			want: want{
				failure: []string{
					`"~/.aliyun/config.json" has no profile "x"`, `"~/.alibabacloud/credentials" has no profile "x"`,
				},
			},
		},
		{
			name: "variable of neither", vars: vars{"ALIBABA_CLOUD_PROFILE": "x"}, set: func(w *world) { w.imds.down = false },
			want: want{id: "STS.AKID", secret: "hush", token: "hush-token", end: 6 * time.Hour, imds: 3},
		},
		{
			name: "file of the configuration", config: Config{SharedCredentialsFile: "/f"},
			files: map[string]string{"/f": cliConfig("z", ak("z")), cliPath: two[cliPath]}, want: found("z"),
		},
		{
			name: "file under the home directory", config: Config{SharedCredentialsFile: "~/f", Profile: "z"},
			files: map[string]string{"/home/u/f": cliConfig("", ak("z"))}, want: found("z"),
		},
		{
			name: "file of the configuration beats variables", config: Config{SharedCredentialsFile: "/f"},
			vars:  vars{"ALIBABA_CLOUD_CREDENTIALS_FILE": "/g"},
			files: map[string]string{"/f": cliConfig("z", ak("z")), "/g": section("default")}, want: found("z"),
		},
		{
			name:  "ALIBABA_CLOUD_CREDENTIALS_FILE as JSON",
			vars:  vars{"ALIBABA_CLOUD_CREDENTIALS_FILE": "/g", "ALICLOUD_SHARED_CREDENTIALS_FILE": "/h"},
			files: map[string]string{"/g": "\uFEFF\n " + cliConfig("z", ak("z"))}, want: found("z"),
		},
		{
			name: "ALIBABA_CLOUD_CREDENTIALS_FILE as ini", vars: vars{"ALIBABA_CLOUD_CREDENTIALS_FILE": "/g"},
			files: map[string]string{"/g": section("default")}, want: found("default"),
		},
		{
			name: "ini with a byte order mark", vars: vars{"ALIBABA_CLOUD_CREDENTIALS_FILE": "/g"},
			files: map[string]string{"/g": "\uFEFF" + section("default")}, want: found("default"),
		},
		{
			name: "ini with a profile", vars: vars{"ALIBABA_CLOUD_CREDENTIALS_FILE": "/g", "ALIBABA_CLOUD_PROFILE": "c"},
			files: map[string]string{"/g": two[iniPath]}, want: found("c"),
		},
		{
			name: "ALICLOUD_SHARED_CREDENTIALS_FILE", vars: vars{"ALICLOUD_SHARED_CREDENTIALS_FILE": "/g"},
			files: map[string]string{"/g": cliConfig("z", ak("z"))}, want: found("z"),
		},
		{
			name: "ALIBABA_CLOUD_CONFIG_FILE", vars: vars{"ALIBABA_CLOUD_CONFIG_FILE": "/g"},
			files: map[string]string{"/g": cliConfig("z", ak("z"))}, want: found("z"),
		},
		{
			name: "file named that is missing", vars: vars{"ALIBABA_CLOUD_CREDENTIALS_FILE": "/g"},
			set:  func(w *world) { w.imds.down = false },
			want: want{id: "STS.AKID", secret: "hush", token: "hush-token", end: 6 * time.Hour, imds: 3},
		},
		{
			name: "file named that may not be read", config: Config{SharedCredentialsFile: "/g"},
			set:  func(w *world) { w.unreadable["/g"] = true },
			want: want{failure: []string{`file "/g" may not be read`}},
		},
		{
			name: "file named that is empty", config: Config{SharedCredentialsFile: "/g"},
			files: map[string]string{"/g": " \n"}, want: want{failure: []string{`"/g" has no profile "default"`}},
		},
		{
			name: "file named without home", config: Config{SharedCredentialsFile: "~/g"},
			set: func(w *world) { w.home = "" }, want: want{failure: []string{"home directory"}},
		},
		{
			name: "file without current", config: Config{SharedCredentialsFile: "/g"},
			files: map[string]string{"/g": cliConfig("", ak("z"))}, want: want{failure: []string{`has no profile "default"`}},
		},
		{
			name: "empty profile named", config: Config{Profile: "e"},
			files: map[string]string{cliPath: cliConfig("e", `{"name":"e","mode":"AK"}`)},
			want:  want{failure: []string{"no access_key_id"}},
		},
		{name: "default file unreadable is passed over", set: func(w *world) {
			w.unreadable[cliPath] = true
			w.imds.down = false
		}, want: want{id: "STS.AKID", secret: "hush", token: "hush-token", end: 6 * time.Hour, imds: 3}},
		{name: "default file without home is passed over", set: func(w *world) {
			w.home = ""
			w.imds.down = false
		}, want: want{id: "STS.AKID", secret: "hush", token: "hush-token", end: 6 * time.Hour, imds: 3}},
		{
			name: "no profile at all", files: map[string]string{cliPath: `{"current":"p"}`},
			want: want{failure: []string{"no credentials were found", `has no profile "p"`}},
		},
		{
			name: "empty profile has an error", files: map[string]string{cliPath: cliConfig("p", `{"name":"p","mode":""}`)},
			want: want{failure: []string{`profile "p" of "/home/u/.aliyun/config.json" cannot sign. It has no access_key_id`}},
		},
		{
			name:  "faulty current profile is skipped",
			files: map[string]string{cliPath: cliConfig("p", `{"name":"p","mode":"AK","access_key_id":"AKID"}`)},
			set:   func(w *world) { w.imds.down = false },
			want:  want{id: "STS.AKID", secret: "hush", token: "hush-token", end: 6 * time.Hour, imds: 3},
		},
		{
			name: "default files switched off", files: two, vars: vars{"ALIBABA_CLOUD_CLI_PROFILE_DISABLED": "TRUE"},
			want: want{failure: []string{"since ALIBABA_CLOUD_CLI_PROFILE_DISABLED is true"}},
		},
		{
			name: "default files ignored", files: two, vars: vars{"ALIBABA_CLOUD_IGNORE_PROFILE": "TRUE"},
			want: want{failure: []string{"since ALIBABA_CLOUD_IGNORE_PROFILE is true"}},
		},
		{
			name: "switched off, but its file named", config: Config{SharedCredentialsFile: "/f"},
			vars:  vars{"ALIBABA_CLOUD_IGNORE_PROFILE": "true"},
			files: map[string]string{"/f": cliConfig("z", ak("z"))}, want: found("z"),
		},
		{
			name: "switched off, but named", config: Config{Profile: "b"}, files: two,
			vars: vars{"ALIBABA_CLOUD_CLI_PROFILE_DISABLED": "true"}, want: found("b"),
		},
	})
}

func TestProfileFileThatIsNone(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct{ content, failure string }{
		"broken off": {
			"{\n\"current\":\"p\",\n\"profiles\":[{\"access_key_secret\":\"hush\"", "not JSON from line 3 on",
		},
		"secret in the way":  {`{"current":"p","profiles":[{"name":"p" hush}]}`, "not JSON from line 1 on"},
		"profiles not array": {`{"current":"p","profiles":"hush"}`, "not a configuration of the Alibaba Cloud CLI"},
		"array":              {`["hush"]`, `has no profile "default"`},
		"text":               {"access_key_secret hush\n", "neither JSON of the Alibaba Cloud CLI nor an ini file"},
		"ini without equals": {
			"[default]\naccess_key_secret hush\n", "neither JSON of the Alibaba Cloud CLI nor an ini file",
		},
		"section not closed": {"[default\naccess_key_secret = hush\n", "neither JSON"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for _, config := range []Config{{}, {SharedCredentialsFile: cliPath}} {
				w := newWorld(t)
				w.imds.down = true
				w.files[cliPath] = test.content
				found, err := w.get(config)
				want{failure: []string{test.failure}}.check(t, w, found, err)
			}
		})
	}
}

func TestINIProfiles(t *testing.T) {
	t.Parallel()
	ini := func(name, content string, x want) row {
		return row{
			name: name, config: Config{SharedCredentialsFile: "/ini"}, files: map[string]string{"/ini": content}, want: x,
		}
	}
	session := want{id: "STS.AKID-2", secret: "hush-2", token: "hush-token-2", end: time.Hour, sts: 1}
	long := session
	long.end = 2 * time.Hour
	rows := []row{
		ini("access_key", "[default]\ntype = access_key\naccess_key_id = AKID\naccess_key_secret = hush\n",
			want{id: "AKID", secret: "hush", source: []string{"/ini"}}),
		ini(
			"comments", "# c\n[default] ; d\nenable = true\ntype=access_key ; as written\naccess_key_id: "+
				"AKID\naccess_key_secret = `hush`\n", want{id: "AKID", secret: "hush"},
		),
		ini("a value that looks like a reference",
			"[default]\ntype=access_key\naccess_key_id=AKID\naccess_key_secret=hush%(x)s\n",
			want{id: "AKID", secret: "hush%(x)s"}),
		ini("sts", "[default]\ntype=sts\naccess_key_id=STS.AKID\naccess_key_secret=hush\nsecurity_token=hush-token\n",
			want{id: "STS.AKID", secret: "hush", token: "hush-token"}),
		ini("ram_role_arn", "[default]\ntype=ram_role_arn\naccess_key_id=AKID\naccess_key_secret=hush\nrole_arn="+roleARN+
			"\nrole_session_name=ci\n", session),
		ini("ram_role_arn of 2 h", "[default]\ntype=ram_role_arn\naccess_key_id=AKID\naccess_key_secret=hush\nrole_arn="+
			roleARN+"\nrole_session_expiration=7200\n", long),
		ini("session that is no number", "[default]\ntype=ram_role_arn\nrole_session_expiration=hush\n",
			want{failure: []string{"not a whole number"}}),
		ini("oidc_role_arn", "[default]\ntype=oidc_role_arn\noidc_provider_arn="+providerARN+
			"\noidc_token_file_path=/token\nrole_arn="+roleARN+"\n", session),
		ini("ecs_ram_role", "[default]\ntype=ecs_ram_role\nrole_name=agent\n", want{
			id: "STS.AKID", secret: "hush", token: "hush-token", end: 6 * time.Hour, imds: 2,
		}),
		ini("rsa_key_pair", "[default]\ntype=rsa_key_pair\npublic_key_id=x\n",
			want{failure: []string{"RsaKeyPair is not supported"}}),
		ini("bearer", "[default]\ntype=bearer\n", want{failure: []string{"BearerToken is not supported"}}),
		ini("unknown type", "[default]\ntype=magic\n", want{failure: []string{`Its type "magic" cannot be used`}}),
		ini("type that is no word", "[default]\ntype=hush hush\n", want{failure: []string{"Its type cannot be used"}}),
		ini("without type", "[default]\naccess_key_id=AKID\naccess_key_secret=hush\n", want{id: "AKID", secret: "hush"}),
		ini("empty section", "[default]\n", want{failure: []string{"It has no access_key_id"}}),
		ini("other sections only", "[x]\ntype=access_key\n", want{failure: []string{`no profile "default"`}}),
		ini("a section takes nothing from one above it",
			"[default]\ntype=access_key\naccess_key_id=AKID\n[default.x]\naccess_key_secret=hush\n",
			want{failure: []string{"no access_key_secret"}}),
		{
			name:   "a section below takes nothing from the one above",
			config: Config{SharedCredentialsFile: "/ini", Profile: "team.dev"},
			files: map[string]string{
				"/ini": "[team]\naccess_key_secret=hush\n[team.dev]\ntype=access_key\naccess_key_id=AKID\n",
			}, want: want{failure: []string{"no access_key_secret"}},
		},
	}
	for i := range rows {
		rows[i].set = func(w *world) {
			w.imds.down = false
			w.files["/token"] = oidcToken
		}
	}
	uri := row{
		name: "credentials_uri", config: Config{SharedCredentialsFile: "/ini"},
		want: want{id: "STS.AKID", secret: "hush", token: "hush-token", end: 30 * time.Minute, uri: 1},
		set: func(w *world) {
			w.files["/ini"] = "[default]\ntype=credentials_uri\ncredentials_uri=" + w.uri.URL + "/hush\n"
		},
	}
	run(t, append(rows, uri))
}

// TestWorldReadableFile: a file that everybody may read and write is read, and left as it is.
func TestWorldReadableFile(t *testing.T) {
	t.Parallel()
	directory := t.TempDir()
	path := directory + "/config.json"
	content := cliConfig(
		"p", `{"name":"p","mode":"AK","access_key_id":"AKID","access_key_secret":"hush","output_format":"json",`+
			`"language":"zh"}`,
	)
	writeFile(t, path, content, 0o666)
	w := newWorld(t)
	e := w.environment()
	e.ReadFile = readFile
	found, err := New(Config{SharedCredentialsFile: path}, e).Get(t.Context())
	if err != nil || found.AccessKeyID() != "AKID" {
		t.Fatal(found.AccessKeyID(), err)
	}
	checkFile(t, path, content, 0o666)
	if strings.Contains(found.Source, "hush") {
		t.Error(found.Source)
	}
}
