package credentials

import (
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/alioss/terraform-provider-alioss/internal/transport"
)

const (
	roleARN     = "acs:ram::1234567890123456:role/agent"
	otherARN    = "acs:ram::1234567890123456:role/other"
	providerARN = "acs:ram::1234567890123456:oidc-provider/ack"
	oidcToken   = "hushhead.hushbody.hushsign"
)

type vars = map[string]string

// want is what a row of the tables expects: a key with its secret, token and end, or the words of
// an error.
type want struct {
	id, secret, token string
	// end is the credentials' expiration time after the start of the clock, 0 if it is not known or
	// there is none.
	end time.Duration
	// source are words of Credentials.Source, failure words of the error.
	source, failure []string
	// sts, imds and uri are the requests expected there.
	sts, imds, uri int
}

type row struct {
	name   string
	config Config
	vars   vars
	files  map[string]string
	set    func(*world)
	want   want
}

// run runs a table of sources × (key, secret, token, end, temporary) or error.
func run(t *testing.T, rows []row) {
	t.Helper()
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.imds.down = true
			w.sts.oidc[oidcToken] = true
			maps.Copy(w.vars, row.vars)
			maps.Copy(w.files, row.files)
			if row.set != nil {
				row.set(w)
			}
			found, err := w.get(row.config)
			row.want.check(t, w, found, err)
		})
	}
}

func (x want) check(t *testing.T, w *world, found Credentials, err error) {
	t.Helper()
	if len(x.failure) > 0 {
		if err == nil {
			t.Fatalf("found %s, want an error", found.Source)
		}
		for _, words := range x.failure {
			if !strings.Contains(err.Error(), words) {
				t.Errorf("the error does not say %q:\n%v", words, err)
			}
		}
	} else if err != nil {
		t.Fatal(err)
	}
	if id, secret, token := found.AccessKeyID(), found.AccessKeySecret(), found.SecurityToken(); id != x.id ||
		secret != x.secret || token != x.token {
		t.Errorf("got %q %q %q, want %q %q %q", id, secret, token, x.id, x.secret, x.token)
	}
	if found.Temporary() != (x.token != "") {
		t.Errorf("temporary: %v", found.Temporary())
	}
	var end time.Time
	if x.end != 0 {
		end = start.Add(x.end)
	}
	if !found.Expires.Equal(end) || found.Expires.IsZero() != (x.end == 0) {
		t.Errorf("ends %v, want %v", found.Expires, end)
	}
	for _, words := range x.source {
		if !strings.Contains(found.Source, words) {
			t.Errorf("source %q does not say %q", found.Source, words)
		}
	}
	for _, server := range []struct {
		name      string
		got, want int
		log       []string
	}{
		{"STS", w.sts.count(), x.sts, w.sts.log()},
		{"metadata", w.imds.count(), x.imds, w.imds.log()},
		{"URI", w.uri.count(), x.uri, w.uri.log()},
	} {
		if server.got != server.want {
			t.Errorf("%s: %d requests, want %d: %v", server.name, server.got, server.want, server.log)
		}
	}
}

func TestConfigured(t *testing.T) {
	t.Parallel()
	pair := Config{AccessKey: "AKID", SecretKey: NewSecret("hush")}
	session := Config{AccessKey: "STS.AKID", SecretKey: NewSecret("hush"), SecurityToken: NewSecret("hush-token")}
	uriVariable := func(w *world) { w.vars["ALIBABA_CLOUD_CREDENTIALS_URI"] = w.uri.URL }
	run(t, []row{
		{name: "pair", config: pair, want: want{id: "AKID", secret: "hush", source: []string{"access_key and secret_key"}}},
		{name: "session", config: session, want: want{id: "STS.AKID", secret: "hush", token: "hush-token"}},
		{
			name: "beats every variable", config: pair,
			vars: vars{
				"OSS_ACCESS_KEY_ID": "AKID-1", "OSS_ACCESS_KEY_SECRET": "hush1", "OSS_SESSION_TOKEN": "hush-t",
				"ALIBABA_CLOUD_PROFILE": "missing", "ALIBABA_CLOUD_ROLE_ARN": roleARN, "ALIBABA_CLOUD_ROLE_SESSION_NAME": "ci",
				"ALIBABA_CLOUD_OIDC_PROVIDER_ARN": providerARN, "ALIBABA_CLOUD_OIDC_TOKEN": oidcToken,
			},
			set: uriVariable, want: want{id: "AKID", secret: "hush"},
		},
		{
			name: "takes no token from a variable", config: pair,
			vars: vars{
				"ALICLOUD_SECURITY_TOKEN": "hush-t", "ALIBABA_CLOUD_SECURITY_TOKEN": "hush-t", "OSS_SESSION_TOKEN": "hush-t",
			},
			want: want{id: "AKID", secret: "hush"},
		},
		{
			name: "takes no secret from a variable", config: Config{AccessKey: "AKID"},
			vars: vars{"ALICLOUD_SECRET_KEY": "hush", "OSS_ACCESS_KEY_SECRET": "hush"},
			want: want{failure: []string{"access_key is set, but secret_key is missing"}},
		},
		{
			name: "secret alone", config: Config{SecretKey: NewSecret("hush")},
			want: want{failure: []string{"secret_key is set, but access_key is missing"}},
		},
		{
			name: "temporary key without token", config: Config{AccessKey: "STS.AKID", SecretKey: NewSecret("hush")},
			want: want{failure: []string{"security_token", `begins with "STS."`}},
		},
		{
			name: "line breaks around the keys", config: Config{AccessKey: " AKID\n", SecretKey: NewSecret("hush\r\n")},
			want: want{id: "AKID", secret: "hush"},
		},
		{
			name: "two sources", config: Config{AccessKey: "AKID", SecretKey: NewSecret("hush"), Profile: "p"},
			want: want{failure: []string{"access_key and profile exclude each other"}},
		},

		{
			name: "instance role", config: Config{ECSRoleName: "agent"},
			set:  func(w *world) { w.imds.down = false },
			vars: vars{"OSS_ACCESS_KEY_ID": "AKID-1", "OSS_ACCESS_KEY_SECRET": "hush1"},
			want: want{
				id: "STS.AKID", secret: "hush", token: "hush-token", end: 6 * time.Hour, source: []string{"instance role agent"},
				imds: 2,
			},
		},
		{
			name: "instance role that is not there", config: Config{ECSRoleName: "other"},
			set:  func(w *world) { w.imds.down = false },
			want: want{failure: []string{`no RAM role "other"`}, imds: 2},
		},
		{
			name: "instance role outside", config: Config{ECSRoleName: "agent"},
			want: want{failure: []string{"the instance role agent", "cannot be reached"}},
		},
		{
			name: "instance role switched off", config: Config{ECSRoleName: "agent"},
			vars: vars{"ALIBABA_CLOUD_ECS_METADATA_DISABLED": "True"},
			set:  func(w *world) { w.imds.down = false }, want: want{failure: []string{"ALIBABA_CLOUD_ECS_METADATA_DISABLED"}},
		},
		{
			name: "instance role that is an ARN", config: Config{ECSRoleName: roleARN},
			want: want{failure: []string{"ecs_role_name", "not an ARN"}},
		},

		{
			name: "OIDC token", config: Config{AssumeRoleWithOIDC: &AssumeRoleWithOIDC{
				OIDCProviderARN: providerARN, OIDCToken: NewSecret(oidcToken), RoleARN: roleARN, SessionExpiration: 900,
			}},
			vars: vars{"OSS_ACCESS_KEY_ID": "AKID-1", "OSS_ACCESS_KEY_SECRET": "hush1"},
			want: want{
				id: "STS.AKID-2", secret: "hush-2", token: "hush-token-2", end: 15 * time.Minute,
				source: []string{roleARN, "OIDC token"}, sts: 1,
			},
		},
		{
			name: "OIDC token with a line break",
			config: Config{
				AssumeRoleWithOIDC: &AssumeRoleWithOIDC{
					OIDCProviderARN: providerARN, OIDCToken: NewSecret(oidcToken + "\n"), RoleARN: roleARN,
				},
			},
			want: want{id: "STS.AKID-2", secret: "hush-2", token: "hush-token-2", end: time.Hour, sts: 1},
		},
		{
			name: "OIDC token file", config: Config{AssumeRoleWithOIDC: &AssumeRoleWithOIDC{
				OIDCProviderARN: providerARN,
				OIDCTokenFile:   "~/token", RoleARN: roleARN,
			}},
			files: map[string]string{"/home/u/token": oidcToken + "\n"},
			want:  want{id: "STS.AKID-2", secret: "hush-2", token: "hush-token-2", end: time.Hour, sts: 1},
		},
		{
			name: "OIDC token beats the file", config: Config{AssumeRoleWithOIDC: &AssumeRoleWithOIDC{
				OIDCProviderARN: providerARN, OIDCToken: NewSecret(oidcToken), OIDCTokenFile: "/none", RoleARN: roleARN,
			}},
			want: want{id: "STS.AKID-2", secret: "hush-2", token: "hush-token-2", end: time.Hour, sts: 1},
		},
		{
			name: "OIDC file of the block beats the token of the environment",
			config: Config{
				AssumeRoleWithOIDC: &AssumeRoleWithOIDC{OIDCProviderARN: providerARN, OIDCTokenFile: "/token", RoleARN: roleARN},
			},
			vars: vars{"ALIBABA_CLOUD_OIDC_TOKEN": "hush-other"}, files: map[string]string{"/token": oidcToken},
			want: want{id: "STS.AKID-2", secret: "hush-2", token: "hush-token-2", end: time.Hour, sts: 1},
		},
		{
			name: "OIDC block filled by the environment", config: Config{AssumeRoleWithOIDC: &AssumeRoleWithOIDC{}},
			vars: vars{
				"ALIBABA_CLOUD_OIDC_PROVIDER_ARN": providerARN, "ALIBABA_CLOUD_OIDC_TOKEN_FILE": "/token",
				"ALIBABA_CLOUD_ROLE_ARN": roleARN,
			},
			files: map[string]string{"/token": oidcToken},
			want:  want{id: "STS.AKID-2", secret: "hush-2", token: "hush-token-2", end: time.Hour, sts: 1},
		},
		{
			name: "OIDC without role", config: Config{AssumeRoleWithOIDC: &AssumeRoleWithOIDC{
				OIDCProviderARN: providerARN,
				OIDCToken:       NewSecret(oidcToken),
			}},
			want: want{failure: []string{"role_arn", "ALIBABA_CLOUD_ROLE_ARN"}},
		},
		{
			name:   "OIDC without provider",
			config: Config{AssumeRoleWithOIDC: &AssumeRoleWithOIDC{RoleARN: roleARN, OIDCToken: NewSecret(oidcToken)}},
			want:   want{failure: []string{"oidc_provider_arn"}},
		},
		{
			name: "OIDC without token", config: Config{AssumeRoleWithOIDC: &AssumeRoleWithOIDC{
				RoleARN:         roleARN,
				OIDCProviderARN: providerARN,
			}},
			want: want{failure: []string{"there is no OIDC token"}},
		},
		{
			name: "OIDC file missing", config: Config{AssumeRoleWithOIDC: &AssumeRoleWithOIDC{
				RoleARN:         roleARN,
				OIDCProviderARN: providerARN, OIDCTokenFile: "/none",
			}},
			want: want{failure: []string{`"/none" does not exist`}},
		},
		{
			name: "OIDC file without home",
			config: Config{
				AssumeRoleWithOIDC: &AssumeRoleWithOIDC{RoleARN: roleARN, OIDCProviderARN: providerARN, OIDCTokenFile: "~/t"},
			},
			set: func(w *world) { w.home = "" }, want: want{failure: []string{`"~/t"`, "home directory"}},
		},
		{
			name: "OIDC file empty", config: Config{AssumeRoleWithOIDC: &AssumeRoleWithOIDC{
				RoleARN:         roleARN,
				OIDCProviderARN: providerARN, OIDCTokenFile: "/t",
			}},
			files: map[string]string{"/t": "\n"}, want: want{failure: []string{"4 to 20,000 characters, got 0"}},
		},
		{
			name: "OIDC role by the environment that is no ARN",
			config: Config{
				AssumeRoleWithOIDC: &AssumeRoleWithOIDC{OIDCProviderARN: providerARN, OIDCToken: NewSecret(oidcToken)},
			},
			vars: vars{"ALIBABA_CLOUD_ROLE_ARN": "agent"},
			want: want{failure: []string{`ALIBABA_CLOUD_ROLE_ARN must have the form acs:ram::<account>:role/<name>`}},
		},
		{
			name:   "OIDC token by the environment with a blank",
			config: Config{AssumeRoleWithOIDC: &AssumeRoleWithOIDC{OIDCProviderARN: providerARN, RoleARN: roleARN}},
			vars:   vars{"ALIBABA_CLOUD_OIDC_TOKEN": "hush token"},
			want:   want{failure: []string{"OIDC token contains", "blank"}},
		},
		{
			name: "OIDC token ended", config: Config{AssumeRoleWithOIDC: &AssumeRoleWithOIDC{
				OIDCProviderARN: providerARN, OIDCToken: NewSecret("hushold.hushold2.hushold3"), RoleARN: roleARN,
			}},
			want: want{
				failure: []string{"STS at sts.aliyuncs.com answered", "AuthenticationFail.OIDCToken.Expired", "Request a new one"},
				sts:     1,
			},
		},
	})
}

func TestConfiguredURI(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		path, body string
		want       want
	}{
		"all fields": {
			"/hush?key=hush", sessionJSON("Success", "2026-05-04T03:32:01Z"),
			want{id: "STS.AKID", secret: "hush", token: "hush-token", end: 30 * time.Minute, uri: 1},
		},
		"without code": {
			"/", sessionJSON("", "2026-05-04T03:32:01Z"),
			want{id: "STS.AKID", secret: "hush", token: "hush-token", end: 30 * time.Minute, uri: 1},
		},
		"without end": {
			"/", sessionJSON("Success", ""), want{id: "STS.AKID", secret: "hush", token: "hush-token", uri: 1},
		},
		"end with offset": {
			"/", sessionJSON("Success", "2026-05-04T11:32:01+08:00"),
			want{id: "STS.AKID", secret: "hush", token: "hush-token", end: 30 * time.Minute, uri: 1},
		},
		"end unreadable": {"/", sessionJSON("Success", "soon"), want{failure: []string{"neither an instant"}, uri: 1}},
		"ended": {
			"/", sessionJSON("Success", "2026-05-04T03:02:00Z"),
			want{failure: []string{"expire at 2026-05-04T03:02:00Z", "Renew"}, uri: 1},
		},
		"ends in a minute": {
			"/", sessionJSON("Success", "2026-05-04T03:03:01Z"), want{failure: []string{"within a minute"}, uri: 1},
		},
		"ends just later": {
			"/", sessionJSON("Success", "2026-05-04T03:03:02Z"),
			want{id: "STS.AKID", secret: "hush", token: "hush-token", end: 61 * time.Second, uri: 1},
		},
		"other code": {"/", sessionJSON("RoleNotFound", ""), want{failure: []string{"code RoleNotFound"}, uri: 1}},
		"odd code":   {"/", sessionJSON("hush hush", ""), want{failure: []string{"code other than Success"}, uri: 1}},
		"not JSON":   {"/", "hush", want{failure: []string{"something other than credentials"}, uri: 1}},
		"numbers": {
			"/", `{"AccessKeyId":"AKID","AccessKeySecret":5}`,
			want{failure: []string{"something other than credentials"}, uri: 1},
		},
		"empty object": {"/", `{}`, want{failure: []string{"lacks AccessKeyId"}, uri: 1}},
		"null":         {"/", `null`, want{failure: []string{"lacks AccessKeyId"}, uri: 1}},
		"without id": {
			"/", `{"AccessKeySecret":"hush","SecurityToken":"hush"}`, want{failure: []string{"lacks"}, uri: 1},
		},
		"without secret": {"/", `{"AccessKeyId":"AKID","SecurityToken":"hush"}`, want{failure: []string{"lacks"}, uri: 1}},
		"of 1 MiB": {
			"/", padded(transport.MaxBody), want{id: "STS.AKID", secret: "hush", token: "hush-token", uri: 1},
		},
		"of a byte more": {"/", padded(transport.MaxBody + 1), want{failure: []string{"larger than 1 MiB"}, uri: 1}},
		"without token": {
			"/", `{"AccessKeyId":"AKID","AccessKeySecret":"hush"}`, want{failure: []string{"lacks"}, uri: 1},
		},
		"blank in the key": {
			"/", `{"AccessKeyId":"AKID x","AccessKeySecret":"hush","SecurityToken":"hush"}`,
			want{failure: []string{"the AccessKey ID contains a blank"}, uri: 1},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.uri.body = test.body
			found, err := w.get(Config{CredentialsURI: w.uri.URL + test.path})
			test.want.check(t, w, found, err)
			if strings.Contains(found.Source, "hush") {
				t.Errorf("source shows the address: %s", found.Source)
			}
		})
	}
	t.Run("not an address", func(t *testing.T) {
		t.Parallel()
		for _, uri := range []string{
			"ftp://host/hush", "127.0.0.1/hush", "http://", "http://a b/hush", "file:///etc/passwd",
		} {
			w := newWorld(t)
			found, err := w.get(Config{CredentialsURI: uri})
			want{failure: []string{"credentials_uri", "http:// or https://"}}.check(t, w, found, err)
		}
	})
}

func TestEnvironmentFamilies(t *testing.T) {
	t.Parallel()
	var rows []row
	for i, n := range families {
		rows = append(rows,
			row{
				name: n.id + " pair", vars: vars{n.id: "AKID", n.secret: "hush"},
				want: want{id: "AKID", secret: "hush", source: []string{n.id}},
			},
			row{
				name: n.id + " session", vars: vars{n.id: "STS.AKID", n.secret: "hush", n.token: "hush-token"},
				want: want{id: "STS.AKID", secret: "hush", token: "hush-token", source: []string{n.id}},
			},
			row{
				name: n.id + " temporary key without token", vars: vars{n.id: "STS.AKID", n.secret: "hush"},
				want: want{failure: []string{n.token + " is missing"}},
			},
			row{
				name: n.id + " with line breaks", vars: vars{n.id: "\tSTS.AKID\n", n.secret: "hush\r\n", n.token: " hush-token "},
				want: want{id: "STS.AKID", secret: "hush", token: "hush-token"},
			},
			row{
				name: n.id + " with a blank", vars: vars{n.id: "AKID", n.secret: "hush hush"},
				want: want{failure: []string{n.secret + " contains a blank"}},
			},
		)
		for j, m := range families {
			both := vars{n.id: "AKID-n", n.secret: "hush-n", m.id: "AKID-m", m.secret: "hush-m"}
			switch {
			case i < j:
				rows = append(rows,
					row{name: n.id + " before " + m.id, vars: both, want: want{id: "AKID-n", secret: "hush-n"}},
					row{
						name: n.id + " beside half of " + m.id, vars: vars{n.id: "AKID-n", n.secret: "hush-n", m.id: "AKID-m"},
						want: want{id: "AKID-n", secret: "hush-n"},
					},
				)
				if n.token != m.token {
					rows = append(rows, row{
						name: n.id + " beside the token of " + m.id, vars: vars{n.id: "AKID-n", n.secret: "hush-n", m.token: "hush-t"},
						want: want{id: "AKID-n", secret: "hush-n"},
					})
				}
			case i > j:
				rows = append(rows, row{
					name: n.id + " after half of " + m.id, vars: vars{n.id: "AKID-n", n.secret: "hush-n", m.id: "AKID-m"},
					want: want{failure: []string{m.id + " is set without " + m.secret}},
				})
				if n.token != m.token {
					rows = append(rows, row{
						name: n.id + " with the token of " + m.id, vars: vars{n.id: "STS.AKID-n", n.secret: "hush-n", m.token: "hush-t"},
						want: want{failure: []string{n.token + " is missing"}},
					})
				}
			}
			if i != j {
				rows = append(rows, row{
					name: n.id + " never with the secret of " + m.id, vars: vars{n.id: "AKID", m.secret: "hush"},
					want: want{failure: []string{n.id + " is set without " + n.secret, m.secret + " is set without " + m.id}},
				})
			}
		}
	}
	run(t, rows)
}

func TestOrder(t *testing.T) {
	t.Parallel()
	// Each step takes away the source that the step before found, from the first to the last.
	w := newWorld(t)
	w.sts.oidc[oidcToken] = true
	w.imds.session = sessionJSON("Success", start.Add(time.Hour).Format(time.RFC3339))
	w.files[cliPath] = cliConfig("default",
		`{"name":"default","mode":"AK","access_key_id":"AKID-file","access_key_secret":"hush"}`)
	w.files["/config.json"] = cliConfig("current",
		`{"name":"current","mode":"AK","access_key_id":"AKID-c","access_key_secret":"hush"},{"name":"named","mode":"AK",`+
			`"access_key_id":"AKID-n","access_key_secret":"hush"}`)
	for _, name := range []string{".alibabacloud/credentials", ".alibabacloud/credentials.ini", ".ossutilconfig"} {
		w.files["/home/u/"+name] = "[default]\naccess_key_id = AKID-i\naccess_key_secret = hush\n"
	}
	w.files["/token"] = oidcToken
	maps.Copy(w.vars, vars{
		"OSS_ACCESS_KEY_ID": "AKID-oss", "OSS_ACCESS_KEY_SECRET": "hush",
		"ALICLOUD_ACCESS_KEY_ID": "AKID-cli", "ALICLOUD_ACCESS_KEY_SECRET": "hush",
		"ALIBABA_CLOUD_ACCESS_KEY_ID": "AKID-alibaba", "ALIBABA_CLOUD_ACCESS_KEY_SECRET": "hush",
		"ALICLOUD_ACCESS_KEY": "AKID-alicloud", "ALICLOUD_SECRET_KEY": "hush",
		"ALIBABACLOUD_ACCESS_KEY_ID": "AKID-alibabacloud", "ALIBABACLOUD_ACCESS_KEY_SECRET": "hush",
		"ALIBABA_CLOUD_OIDC_PROVIDER_ARN": providerARN, "ALIBABA_CLOUD_OIDC_TOKEN_FILE": "/token",
		"ALIBABA_CLOUD_ROLE_ARN":        roleARN,
		"ALIBABA_CLOUD_CREDENTIALS_URI": w.uri.URL, "ALIBABA_CLOUD_ECS_METADATA": "agent",
		"ALIBABA_CLOUD_PROFILE": "named", "ALIBABA_CLOUD_CONFIG_FILE": "/config.json",
	})
	steps := []struct {
		source string
		remove func()
	}{
		{"OSS_ACCESS_KEY_ID", func() { delete(w.vars, "OSS_ACCESS_KEY_ID"); delete(w.vars, "OSS_ACCESS_KEY_SECRET") }},
		{"ALICLOUD_ACCESS_KEY ", func() { delete(w.vars, "ALICLOUD_ACCESS_KEY"); delete(w.vars, "ALICLOUD_SECRET_KEY") }},
		{"ALICLOUD_ACCESS_KEY_ID", func() {
			delete(w.vars, "ALICLOUD_ACCESS_KEY_ID")
			delete(w.vars, "ALICLOUD_ACCESS_KEY_SECRET")
		}},
		{"ALIBABA_CLOUD_ACCESS_KEY_ID", func() {
			delete(w.vars, "ALIBABA_CLOUD_ACCESS_KEY_ID")
			delete(w.vars, "ALIBABA_CLOUD_ACCESS_KEY_SECRET")
		}},
		{"ALIBABACLOUD_ACCESS_KEY_ID", func() {
			delete(w.vars, "ALIBABACLOUD_ACCESS_KEY_ID")
			delete(w.vars, "ALIBABACLOUD_ACCESS_KEY_SECRET")
		}},
		{"OIDC environment variables", func() {
			delete(w.vars, "ALIBABA_CLOUD_OIDC_TOKEN_FILE")
			delete(w.vars, "ALIBABA_CLOUD_OIDC_PROVIDER_ARN")
		}},
		{`profile "named"`, func() { delete(w.vars, "ALIBABA_CLOUD_PROFILE") }},
		{`profile "current" of "/config.json"`, func() { delete(w.files, "/config.json") }},
		{"credentials URI", func() { delete(w.vars, "ALIBABA_CLOUD_CREDENTIALS_URI") }},
		{"instance role agent", func() { delete(w.vars, "ALIBABA_CLOUD_ECS_METADATA") }},
		{`profile "default" of "/home/u/.aliyun/config.json"`, func() { delete(w.files, cliPath) }},
		{
			`profile "default" of "/home/u/.alibabacloud/credentials"`, func() {
				delete(w.files, "/home/u/.alibabacloud/credentials")
			},
		},
		{
			`profile "default" of "/home/u/.alibabacloud/credentials.ini"`, func() {
				delete(w.files, "/home/u/.alibabacloud/credentials.ini")
			},
		},
		{`profile "default" of "/home/u/.ossutilconfig"`, func() { delete(w.files, "/home/u/.ossutilconfig") }},
		{"instance role agent", func() { w.imds.down = true }},
	}
	for _, step := range steps {
		found, err := w.get(Config{})
		if err != nil {
			t.Fatalf("%s: %v", step.source, err)
		}
		if !strings.Contains(found.Source, step.source) {
			t.Errorf("found %q, want %q", found.Source, step.source)
		}
		step.remove()
	}
	_, err := w.get(Config{})
	text := err.Error()
	at := -1
	for _, place := range []string{
		"no credentials were found",
		"keys in environment variables: none of OSS_ACCESS_KEY_ID, ALICLOUD_ACCESS_KEY, ALICLOUD_ACCESS_KEY_ID, " +
			"ALIBABA_CLOUD_ACCESS_KEY_ID, ALIBABACLOUD_ACCESS_KEY_ID is set",
		"they lack ALIBABA_CLOUD_OIDC_PROVIDER_ARN, ALIBABA_CLOUD_OIDC_TOKEN or ALIBABA_CLOUD_OIDC_TOKEN_FILE",
		`file "/config.json" does not exist`,
		"ALIBABA_CLOUD_CREDENTIALS_URI, ALIBABACLOUD_CREDENTIALS_URI is set",
		"ALICLOUD_ECS_ROLE_NAME, ALIBABA_CLOUD_ECS_METADATA is set",
		`file "~/.aliyun/config.json" does not exist. File "~/.alibabacloud/credentials" does not exist. ` +
			`File "~/.alibabacloud/credentials.ini" does not exist. File "~/.ossutilconfig"`,
		"the metadata service of an ECS instance: the request to the metadata service failed, because the host cannot be " +
			"reached",
	} {
		next := strings.Index(text, place)
		if next <= at {
			t.Errorf("%q is missing or out of order in:\n%s", place, text)
		}
		at = next
	}
}

func TestInstanceRole(t *testing.T) {
	t.Parallel()
	const (
		put  = "PUT 100.100.100.200/latest/api/token"
		list = "GET 100.100.100.200/latest/meta-data/ram/security-credentials/"
	)
	for name, test := range map[string]struct {
		vars     vars
		set      func(*fakeIMDS)
		requests []string
		failure  string
	}{
		"v2": {requests: []string{put, list, list + "agent"}},
		"v2 only": {
			set: func(s *fakeIMDS) { s.onlyToken = true }, requests: []string{put, list, list + "agent"},
		},
		"v2 with v1 forbidden": {
			vars: vars{"ALIBABA_CLOUD_IMDSV1_DISABLED": "true"}, requests: []string{put, list, list + "agent"},
		},
		"v1": {
			set: func(s *fakeIMDS) { s.noToken = true }, requests: []string{put, list, list + "agent"},
		},
		"v1 forbidden": {
			vars: vars{"ALIBABA_CLOUD_IMDSV1_DISABLED": "true"}, set: func(s *fakeIMDS) { s.noToken = true },
			requests: []string{put}, failure: "IMDSV1_DISABLED",
		},
		"role named": {
			vars: vars{"ALIBABA_CLOUD_ECS_METADATA": "agent"}, requests: []string{put, list + "agent"},
		},
		"role named as by alicloud": {
			vars: vars{"ALICLOUD_ECS_ROLE_NAME": "agent"}, requests: []string{put, list + "agent"},
		},
		"role named that is not there": {
			vars: vars{"ALIBABA_CLOUD_ECS_METADATA": "x"}, requests: []string{put, list + "x"}, failure: `no RAM role "x"`,
		},
		"no role": {
			set: func(s *fakeIMDS) { s.role = "" }, requests: []string{put, list}, failure: "has no RAM role",
		},
		"switched off": {
			vars: vars{"ALIBABA_CLOUD_ECS_METADATA_DISABLED": "true"}, failure: "ALIBABA_CLOUD_ECS_METADATA_DISABLED is true",
		},
		"named role with a slash": {
			vars:    vars{"ALIBABA_CLOUD_ECS_METADATA": "../x"},
			failure: "ALIBABA_CLOUD_ECS_METADATA must be the name of a RAM role",
		},
		"answers no role's name": {
			set: func(s *fakeIMDS) { s.role = "<html>hush" }, requests: []string{put, list},
			failure: "something other than a role's name",
		},
		"without Code": {
			set:      func(s *fakeIMDS) { s.session = sessionJSON("", "2026-05-04T09:02:01Z") },
			requests: []string{put, list, list + "agent"},
		},
		"other Code": {
			set:      func(s *fakeIMDS) { s.session = sessionJSON("Failed", "2026-05-04T09:02:01Z") },
			requests: []string{put, list, list + "agent"}, failure: "code Failed",
		},
		"nothing in the answer": {
			set: func(s *fakeIMDS) { s.session = "{}" }, requests: []string{put, list, list + "agent"},
			failure: "lacks AccessKeyId",
		},
		"token refused, v1 allowed": {
			set: refuseToken, requests: []string{put, list, list, list + "agent", list + "agent"},
		},
		"token refused, v1 forbidden": {
			vars: vars{"ALIBABA_CLOUD_IMDSV1_DISABLED": "1"}, set: refuseToken, requests: []string{put, list},
			failure: "status 401",
		},
		"role refused": {
			vars: vars{"ALIBABA_CLOUD_ECS_METADATA": "agent"}, set: func(s *fakeIMDS) {
				s.fault = afterToken(status(400, "hush"))
			}, requests: []string{put, list + "agent"}, failure: "status 400",
		},
		"token of another service is no key": {
			set:      func(s *fakeIMDS) { s.fault = firstOnly(1, status(200, "<html>\nhush")) },
			requests: []string{put, list, list + "agent"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			maps.Copy(w.vars, test.vars)
			if test.set != nil {
				test.set(w.imds)
			}
			found, err := w.get(Config{})
			x := want{imds: len(test.requests)}
			if test.failure != "" {
				x.failure = []string{test.failure}
			} else {
				x.id, x.secret, x.token, x.end = "STS.AKID", "hush", "hush-token", 6*time.Hour
			}
			x.check(t, w, found, err)
			if log := w.imds.log(); !slices.Equal(log, test.requests) {
				t.Errorf("request %q, want %q", log, test.requests)
			}
		})
	}
}

// TestExpiredInstanceRole: expired keys without configuration are skipped, configured ones are
// an error.
func TestExpiredInstanceRole(t *testing.T) {
	t.Parallel()
	ended := func(w *world) {
		w.imds.down = false
		w.imds.session = sessionJSON("Success", start.Add(time.Minute).Format(time.RFC3339))
	}
	run(t, []row{
		{
			name: "ends just later", want: want{
				id: "STS.AKID", secret: "hush", token: "hush-token",
				end: time.Minute + time.Second, imds: 3,
			},
			set: func(w *world) {
				w.imds.down = false
				w.imds.session = sessionJSON("Success", start.Add(time.Minute+time.Second).Format(time.RFC3339))
			},
		},
		{
			name: "named among the places", set: ended, want: want{failure: []string{
				"no credentials were found", "metadata service of an ECS instance: the keys expire at " +
					"2026-05-04T03:03:01Z",
			}, imds: 3},
		},
		{
			name: "named", config: Config{ECSRoleName: "agent"}, set: ended,
			want: want{
				failure: []string{"credentials from instance role agent", "expire at 2026-05-04T03:03:01Z", "within a minute"},
				imds:    2,
			},
		},
	})
}

// TestMetadataToken: what the service answers to the question for a token is sent on as one, or
// not.
func TestMetadataToken(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		status int
		body   string
		good   bool
	}{
		"token":           {200, "t", true},
		"longest":         {200, strings.Repeat("t", 4096), true},
		"too long":        {200, strings.Repeat("t", 4097), false},
		"empty":           {200, "", false},
		"with a blank":    {200, "t t", false},
		"of a refusal":    {403, "denied", false},
		"of a redirect":   {302, "elsewhere", false},
		"of another kind": {204, "", false},
	} {
		t.Run(name, func(t *testing.T) {
			for _, forbidden := range []bool{false, true} {
				w := newWorld(t)
				var sent []string
				w.imds.fault = func(n int, answer http.ResponseWriter, r *http.Request) bool {
					if n == 1 {
						return status(test.status, test.body)(n, answer, r)
					}
					sent = append(sent, r.Header.Get("X-Aliyun-Ecs-Metadata-Token"))
					return false
				}
				if forbidden {
					w.vars["ALIBABA_CLOUD_IMDSV1_DISABLED"] = "true"
				}
				_, err := w.get(Config{ECSRoleName: "agent"})
				var want []string
				switch {
				case test.good:
					want = []string{test.body}
				case !forbidden:
					want = []string{""}
				}
				if !slices.Equal(sent, want) || (err != nil) != (want == nil) {
					t.Errorf("%s, version 1 forbidden %v: sent %.60q, want %.60q: %v", name, forbidden, sent, want, err)
				}
			}
		})
	}
}

// padded is a session of n bytes.
func padded(n int) string {
	text := sessionJSON("Success", "")
	return text + strings.Repeat(" ", n-len(text))
}

// TestNoMetadataService: outside Alibaba Cloud one attempt to connect is enough.
func TestNoMetadataService(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.imds.down = true
	_, err := w.get(Config{})
	if err == nil || !strings.Contains(err.Error(),
		"the metadata service of an ECS instance: the request to the metadata service failed, because the host cannot be "+
			"reached") ||
		len(w.dialed) != 1 || len(w.slept) != 0 {
		t.Errorf("%v after %d attempts and %d pauses", err, len(w.dialed), len(w.slept))
	}
}

// afterToken lets f answer all requests but that of the token.
func afterToken(f fault) fault {
	return func(n int, w http.ResponseWriter, r *http.Request) bool { return r.Method != "PUT" && f(n, w, r) }
}

// refuseToken is a service that gives a token and then refuses it.
func refuseToken(s *fakeIMDS) {
	s.fault = func(_ int, w http.ResponseWriter, r *http.Request) bool {
		if r.Header.Get("X-Aliyun-Ecs-Metadata-Token") == "" {
			return false
		}
		w.WriteHeader(401)
		return true
	}
}
