package credentials

import (
	"maps"
	"slices"
	"strings"
	"testing"
	"time"
)

func TestRoleOnTop(t *testing.T) {
	t.Parallel()
	pair := Config{AccessKey: "AKID", SecretKey: NewSecret("hush")}
	on := func(base Config, r AssumeRole) Config { base.AssumeRole = &r; return base }
	env := vars{"ALIBABA_CLOUD_ACCESS_KEY_ID": "AKID", "ALIBABA_CLOUD_ACCESS_KEY_SECRET": "hush"}
	with := func(more vars) vars { v := maps.Clone(env); maps.Copy(v, more); return v }
	session := want{
		id: "STS.AKID-2", secret: "hush-2", token: "hush-token-2", end: time.Hour,
		source: []string{"role " + roleARN + ", assumed with"}, sts: 1,
	}
	of := func(end time.Duration) want { x := session; x.end = end; return x }
	base := want{id: "AKID", secret: "hush"}
	run(t, []row{
		{name: "on a pair", config: on(pair, AssumeRole{RoleARN: roleARN}), want: session},
		{
			name: "of 15 minutes", config: on(pair, AssumeRole{RoleARN: roleARN, SessionExpiration: 900}),
			want: of(15 * time.Minute),
		},
		{
			name: "of 12 hours", config: on(pair, AssumeRole{RoleARN: roleARN, SessionExpiration: 43200}),
			want: of(12 * time.Hour),
		},
		{
			name: "on a session", config: on(Config{
				AccessKey: "STS.AKID", SecretKey: NewSecret("hush"), SecurityToken: NewSecret("hush-token"),
			}, AssumeRole{RoleARN: roleARN}), want: session,
		},
		{name: "on variables", config: on(Config{}, AssumeRole{RoleARN: roleARN}), vars: env, want: session},
		{
			name: "on a profile that is a role", config: on(Config{Profile: "p"}, AssumeRole{RoleARN: roleARN}),
			files: map[string]string{
				cliPath: cliConfig(
					"p", `{"name":"p","mode":"RamRoleArn","access_key_id":"AKID","access_key_secret":"hush","ram_role_arn":"`+
						otherARN+`"}`,
				),
			},
			want: want{
				id: "STS.AKID-2", secret: "hush-2", token: "hush-token-2", end: time.Hour, source: []string{roleARN}, sts: 1,
			},
		},
		{
			name: "on OIDC", config: on(Config{
				AssumeRoleWithOIDC: &AssumeRoleWithOIDC{
					OIDCProviderARN: providerARN, RoleARN: otherARN, OIDCToken: NewSecret(oidcToken),
				},
			}, AssumeRole{RoleARN: roleARN}),
			want: want{
				id: "STS.AKID-3", secret: "hush-3", token: "hush-token-3", end: time.Hour, source: []string{roleARN, otherARN},
				sts: 2,
			},
		},
		{
			name: "on an instance role", config: on(Config{ECSRoleName: "agent"}, AssumeRole{RoleARN: roleARN}),
			set:  func(w *world) { w.imds.down = false },
			want: want{id: "STS.AKID-2", secret: "hush-2", token: "hush-token-2", end: time.Hour, imds: 2, sts: 1},
		},
		{
			name: "ARN of the environment", config: on(pair, AssumeRole{}),
			vars: vars{"ALIBABA_CLOUD_ROLE_ARN": otherARN, "ALICLOUD_ASSUME_ROLE_ARN": roleARN}, want: session,
		},
		{
			name: "ARN of the other variable", config: on(pair, AssumeRole{}), vars: vars{"ALIBABA_CLOUD_ROLE_ARN": roleARN},
			want: session,
		},
		{
			name: "no ARN", config: on(pair, AssumeRole{}),
			want: want{failure: []string{"assume_role", "role_arn", "ALIBABA_CLOUD_ROLE_ARN"}},
		},
		{
			name: "ARN of the environment that is none", config: on(pair, AssumeRole{}),
			vars: vars{"ALIBABA_CLOUD_ROLE_ARN": "agent"},
			want: want{failure: []string{`ALIBABA_CLOUD_ROLE_ARN must have the form acs:ram::<account>:role/<name>`}},
		},
		{
			name: "length of the environment", config: on(pair, AssumeRole{RoleARN: roleARN}),
			vars: vars{"ALICLOUD_ASSUME_ROLE_SESSION_EXPIRATION": "1800"}, want: of(30 * time.Minute),
		},
		{
			name: "length of the environment that is none", config: on(pair, AssumeRole{RoleARN: roleARN}),
			vars: vars{"ALICLOUD_ASSUME_ROLE_SESSION_EXPIRATION": "1h"},
			want: want{failure: []string{"ALICLOUD_ASSUME_ROLE_SESSION_EXPIRATION", "whole number"}},
		},
		{
			name: "length of the environment beyond the limit", config: on(pair, AssumeRole{RoleARN: roleARN}),
			vars: vars{"ALICLOUD_ASSUME_ROLE_SESSION_EXPIRATION": "60"},
			want: want{failure: []string{"between 900 and 43200"}},
		},
		{
			name: "length beyond the limit", config: on(pair, AssumeRole{RoleARN: roleARN, SessionExpiration: 43201}),
			want: want{failure: []string{"session_expiration", "between 900 and 43200"}},
		},

		{
			name: "ALIBABA_CLOUD_ROLE_ARN alone assumes nothing", vars: with(vars{"ALIBABA_CLOUD_ROLE_ARN": roleARN}),
			want: base,
		},
		{
			name: "ALIBABA_CLOUD_ROLE_SESSION_NAME alone assumes nothing",
			vars: with(vars{"ALIBABA_CLOUD_ROLE_SESSION_NAME": "ci"}), want: base,
		},
		{
			name: "both variables assume nothing",
			vars: with(vars{"ALIBABA_CLOUD_ROLE_ARN": roleARN, "ALIBABA_CLOUD_ROLE_SESSION_NAME": "ci"}), want: base,
		},
		{
			name: "both variables do not touch a configured pair", config: pair,
			vars: vars{"ALIBABA_CLOUD_ROLE_ARN": roleARN, "ALIBABA_CLOUD_ROLE_SESSION_NAME": "ci"}, want: base,
		},
		{
			name: "both variables do not touch a configured profile", config: Config{Profile: "p"},
			vars: vars{"ALIBABA_CLOUD_ROLE_ARN": roleARN, "ALIBABA_CLOUD_ROLE_SESSION_NAME": "ci"},
			files: map[string]string{
				cliPath: cliConfig("p", `{"name":"p","mode":"AK","access_key_id":"AKID","access_key_secret":"hush"}`),
			}, want: base,
		},
		{
			name: "both variables do not touch a configured instance role", config: Config{ECSRoleName: "agent"},
			set:  func(w *world) { w.imds.down = false },
			vars: vars{"ALIBABA_CLOUD_ROLE_ARN": roleARN, "ALIBABA_CLOUD_ROLE_SESSION_NAME": "ci"},
			want: want{id: "STS.AKID", secret: "hush", token: "hush-token", end: 6 * time.Hour, imds: 2},
		},
		{
			name: "both variables do not touch a configured OIDC role",
			vars: vars{"ALIBABA_CLOUD_ROLE_ARN": otherARN, "ALIBABA_CLOUD_ROLE_SESSION_NAME": "ci"},
			config: Config{
				AssumeRoleWithOIDC: &AssumeRoleWithOIDC{
					OIDCProviderARN: providerARN, RoleARN: roleARN, OIDCToken: NewSecret(oidcToken),
				},
			},
			want: want{id: "STS.AKID-2", secret: "hush-2", token: "hush-token-2", end: time.Hour, sts: 1},
		},
		{
			name: "with OIDC complete the role is that of OIDC",
			vars: vars{
				"ALIBABA_CLOUD_ROLE_ARN": roleARN, "ALIBABA_CLOUD_ROLE_SESSION_NAME": "ci",
				"ALIBABA_CLOUD_OIDC_PROVIDER_ARN": providerARN, "ALIBABA_CLOUD_OIDC_TOKEN": oidcToken,
			},
			want: want{
				id: "STS.AKID-2", secret: "hush-2", token: "hush-token-2", end: time.Hour, source: []string{"OIDC"}, sts: 1,
			},
		},
		{
			name: "with OIDC complete, keys stay as they are",
			vars: with(vars{
				"ALIBABA_CLOUD_ROLE_ARN": roleARN, "ALIBABA_CLOUD_ROLE_SESSION_NAME": "ci",
				"ALIBABA_CLOUD_OIDC_PROVIDER_ARN": providerARN, "ALIBABA_CLOUD_OIDC_TOKEN": oidcToken,
			}),
			want: base,
		},

		{
			name: "end by the answer", config: on(pair, AssumeRole{RoleARN: roleARN}), want: of(10 * time.Minute),
			set: func(w *world) {
				w.sts.end = func(requests time.Time, _ time.Duration) string {
					return requests.Add(10 * time.Minute).Format(time.RFC3339)
				}
			},
		},
		{
			name: "end by an answer with an offset", config: on(pair, AssumeRole{RoleARN: roleARN}), want: of(10 * time.Minute),
			set: func(w *world) {
				w.sts.end = func(requests time.Time, _ time.Duration) string {
					return requests.Add(10 * time.Minute).In(time.FixedZone("", 8*3600)).Format(time.RFC3339)
				}
			},
		},
		{
			name: "no end in the answer", config: on(pair, AssumeRole{RoleARN: roleARN, SessionExpiration: 1800}),
			want: of(30 * time.Minute),
			set:  func(w *world) { w.sts.end = func(time.Time, time.Duration) string { return "" } },
		},
		{
			name: "unreadable end in the answer", config: on(pair, AssumeRole{RoleARN: roleARN}),
			want: want{failure: []string{"neither an instant"}, sts: 1},
			set:  func(w *world) { w.sts.end = func(time.Time, time.Duration) string { return "tomorrow" } },
		},
		{
			name: "session that has ended", config: on(pair, AssumeRole{RoleARN: roleARN}),
			want: want{failure: []string{"within a minute"}, sts: 1},
			set: func(w *world) {
				w.sts.end = func(requests time.Time, _ time.Duration) string { return requests.Format(time.RFC3339) }
			},
		},
	})
}

func TestRoleRefused(t *testing.T) {
	t.Parallel()
	on := func(id, secret, token string) Config {
		return Config{
			AccessKey: id, SecretKey: NewSecret(secret), SecurityToken: NewSecret(token),
			AssumeRole: &AssumeRole{RoleARN: roleARN},
		}
	}
	run(t, []row{
		{
			name: "NoPermission", config: on("AKID", "hush", ""), set: func(w *world) { w.sts.denied[roleARN] = true },
			want: want{
				failure: []string{
					"role " + roleARN, "STS at sts.aliyuncs.com answered with status 403 (code NoPermission", "not authorized",
					"0B7E1D0C", "trust policy must allow the caller",
				}, sts: 1,
			},
		},
		{
			name: "root key", config: on("AKID-root", "hush", ""),
			set: func(w *world) { w.sts.callers["AKID-root"] = caller{secret: "hush"} },
			want: want{
				failure: []string{"NoPermission", "Roles may not be assumed by root accounts", "Use one of a RAM user"}, sts: 1,
			},
		},
		{
			name: "unknown key", config: on("AKID-x", "hush", ""),
			want: want{failure: []string{"InvalidAccessKeyId.NotFound", "does not exist"}, sts: 1},
		},
		{
			name: "wrong secret", config: on("AKID", "hushhush", ""),
			want: want{failure: []string{"SignatureDoesNotMatch", "does not belong"}, sts: 1},
		},
		{
			name: "wrong token", config: on("STS.AKID", "hush", "hush-wrong"),
			want: want{failure: []string{"InvalidSecurityToken.MismatchWithAccessKey", "belongs to another key"}, sts: 1},
		},
		{
			name: "answer that is no refusal", config: on("AKID", "hush", ""),
			set:  func(w *world) { w.sts.fault = status(403, "<html>hush</html>") },
			want: want{failure: []string{"STS at sts.aliyuncs.com answered with status 403"}, sts: 1},
		},
		{
			name: "code that is none", config: on("AKID", "hush", ""),
			set:  func(w *world) { w.sts.fault = status(400, `{"Code":"hush hush","Message":"hush"}`) },
			want: want{failure: []string{"with status 400"}, sts: 1},
		},
		{
			name: "redirect", config: on("AKID", "hush", ""), set: func(w *world) { w.sts.fault = status(302, "") },
			want: want{failure: []string{"redirects (status 302)"}, sts: 1},
		},
		{
			name: "garbage with status 200", config: on("AKID", "hush", ""), set: func(w *world) {
				w.sts.fault = status(200, "hush")
			}, want: want{failure: []string{"something other than credentials"}, sts: 1},
		},
		{
			name: "nothing in the answer", config: on("AKID", "hush", ""),
			set: func(w *world) { w.sts.fault = status(200, "{}") }, want: want{failure: []string{"lacks AccessKeyId"}, sts: 1},
		},
		{
			name: "null credentials", config: on("AKID", "hush", ""), set: func(w *world) {
				w.sts.fault = status(200, `{"Credentials":null}`)
			}, want: want{failure: []string{"lacks"}, sts: 1},
		},
		{
			name: "throttled, then well", config: on("AKID", "hush", ""),
			set:  func(w *world) { w.sts.fault = firstOnly(2, status(400, `{"Code":"Throttling.User"}`)) },
			want: want{id: "STS.AKID-2", secret: "hush-2", token: "hush-token-2", end: time.Hour, sts: 3},
		},
		{
			name: "throttled for good", config: on("AKID", "hush", ""),
			set:  func(w *world) { w.sts.fault = status(400, `{"Code":"Throttling.User","Message":"busy"}`) },
			want: want{failure: []string{"Throttling.User", "Try again later"}, sts: 3},
		},
	})
}

func TestRoleParameters(t *testing.T) {
	t.Parallel()
	const policy = `{"Version":"1","Statement":[{"Effect":"Allow","Action":"oss:GetObject",` +
		`"Resource":"acs:oss:*:*:b/*~ +"}]}`
	for name, test := range map[string]struct {
		config Config
		vars   vars
		want   map[string]string
	}{
		"all": {
			config: Config{
				AccessKey: "STS.AKID", SecretKey: NewSecret("hush"), SecurityToken: NewSecret("hush-token"),
				AssumeRole: &AssumeRole{
					RoleARN: roleARN, SessionName: "ci@x.y_z-1", Policy: policy, SessionExpiration: 1000,
					ExternalID: "a=b,c.d@e:f/g-h_i",
				},
			},
			want: map[string]string{
				"Action": "AssumeRole", "RoleArn": roleARN, "RoleSessionName": "ci@x.y_z-1", "Policy": policy,
				"DurationSeconds": "1000", "ExternalId": "a=b,c.d@e:f/g-h_i",
				"SecurityToken": "hush-token", "Timestamp": "2026-05-04T03:02:01Z",
			},
		},
		"defaults": {
			config: Config{AccessKey: "AKID", SecretKey: NewSecret("hush"), AssumeRole: &AssumeRole{RoleARN: roleARN}},
			want: map[string]string{
				"RoleSessionName": "terraform", "Policy": "", "DurationSeconds": "3600", "ExternalId": "", "SecurityToken": "",
			},
		},
		"session name of the environment": {
			config: Config{AccessKey: "AKID", SecretKey: NewSecret("hush"), AssumeRole: &AssumeRole{RoleARN: roleARN}},
			vars:   vars{"ALIBABA_CLOUD_ROLE_SESSION_NAME": "one", "ALICLOUD_ASSUME_ROLE_SESSION_NAME": "two"},
			want:   map[string]string{"RoleSessionName": "two"},
		},
		"session name of the other variable": {
			config: Config{AccessKey: "AKID", SecretKey: NewSecret("hush"), AssumeRole: &AssumeRole{RoleARN: roleARN}},
			vars:   vars{"ALIBABA_CLOUD_ROLE_SESSION_NAME": "one"},
			want:   map[string]string{"RoleSessionName": "one"},
		},
		"OIDC": {
			config: Config{
				AssumeRoleWithOIDC: &AssumeRoleWithOIDC{
					OIDCProviderARN: providerARN, OIDCToken: NewSecret(oidcToken), RoleARN: roleARN, RoleSessionName: "ci",
					Policy: policy, SessionExpiration: 7200,
				},
			},
			want: map[string]string{
				"Action": "AssumeRoleWithOIDC", "OIDCProviderArn": providerARN, "OIDCToken": oidcToken, "RoleArn": roleARN,
				"RoleSessionName": "ci", "Policy": policy, "DurationSeconds": "7200", "AccessKeyId": "", "Signature": "",
				"SignatureMethod": "",
			},
		},
		"OIDC by variables": {
			vars: vars{
				"ALIBABA_CLOUD_OIDC_PROVIDER_ARN": providerARN, "ALIBABA_CLOUD_OIDC_TOKEN": oidcToken,
				"ALIBABA_CLOUD_ROLE_ARN": roleARN, "ALIBABA_CLOUD_ROLE_SESSION_NAME": "pod",
			},
			want: map[string]string{"RoleSessionName": "pod", "DurationSeconds": "3600"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.sts.oidc[oidcToken] = true
			maps.Copy(w.vars, test.vars)
			if _, err := w.get(test.config); err != nil {
				t.Fatal(err)
			}
			w.sts.asked(t, test.want)
		})
	}
}

func TestSTSHost(t *testing.T) {
	t.Parallel()
	role := `"mode":"RamRoleArn","access_key_id":"AKID","access_key_secret":"hush","ram_role_arn":"` + roleARN + `"`
	for name, test := range map[string]struct {
		region  string
		vars    vars
		profile string // further fields of a RamRoleArn profile, empty for assume_role with a pair
		ini     string // further lines of a profile of that kind in an ini file
		host    string
		failure string
	}{
		"no region": {host: "sts.aliyuncs.com"},
		"region":    {region: "cn-hangzhou", host: "sts.cn-hangzhou.aliyuncs.com"},
		"region of the environment": {
			region: "cn-hangzhou", vars: vars{"ALIBABA_CLOUD_STS_REGION": "cn-beijing"}, host: "sts.cn-beijing.aliyuncs.com",
		},
		"endpoint of the environment": {
			region: "cn-hangzhou", vars: vars{"ALIBABA_CLOUD_STS_ENDPOINT": "sts.eu-central-1.aliyuncs.com"},
			host: "sts.eu-central-1.aliyuncs.com",
		},
		"endpoint with scheme": {
			vars: vars{"ALIBABA_CLOUD_STS_ENDPOINT": "https://sts.eu-central-1.aliyuncs.com/"},
			host: "sts.eu-central-1.aliyuncs.com",
		},
		"vpc": {
			region: "cn-hangzhou", vars: vars{"ALIBABA_CLOUD_VPC_ENDPOINT_ENABLED": "true"},
			host: "sts-vpc.cn-hangzhou.aliyuncs.com",
		},
		"bucket without region": {region: "rg-china-mainland", host: "sts.aliyuncs.com"},
		"vpc, bucket without region": {
			region: "rg-china-mainland", vars: vars{"ALIBABA_CLOUD_VPC_ENDPOINT_ENABLED": "true"}, host: "sts.aliyuncs.com",
		},
		"profile of such a bucket": {
			region: "rg-china-mainland", profile: `,"region_id":"cn-qingdao"`, host: "sts.cn-qingdao.aliyuncs.com",
		},
		"vpc without region": {vars: vars{"ALIBABA_CLOUD_VPC_ENDPOINT_ENABLED": "true"}, host: "sts.aliyuncs.com"},
		"by http": {
			vars: vars{"ALIBABA_CLOUD_STS_ENDPOINT": "http://sts.aliyuncs.com"}, failure: "https only",
		},
		"with a path": {
			vars: vars{"ALIBABA_CLOUD_STS_ENDPOINT": "sts.aliyuncs.com/x"}, failure: "not the host",
		},
		"with a user": {
			vars: vars{"ALIBABA_CLOUD_STS_ENDPOINT": "hush@sts.aliyuncs.com"}, failure: "not the host",
		},
		"with an underscore": {
			vars: vars{"ALIBABA_CLOUD_STS_ENDPOINT": "sts_x.aliyuncs.com"}, failure: "not the host",
		},
		"with a blank": {
			vars: vars{"ALIBABA_CLOUD_STS_ENDPOINT": "sts aliyuncs.com"}, failure: "not the host",
		},
		"region that is a host": {
			vars: vars{"ALIBABA_CLOUD_STS_REGION": "evil.example/"}, failure: "must be a region ID",
		},
		"profile's endpoint": {
			region: "cn-hangzhou", profile: `,"sts_endpoint":"sts.me-east-1.aliyuncs.com","sts_region":"x"`,
			host: "sts.me-east-1.aliyuncs.com",
		},
		"environment beats the profile": {
			vars:    vars{"ALIBABA_CLOUD_STS_ENDPOINT": "sts.aliyuncs.com"},
			profile: `,"sts_endpoint":"sts.me-east-1.aliyuncs.com"`, host: "sts.aliyuncs.com",
		},
		"profile's faulty endpoint": {profile: `,"sts_endpoint":"hush hush"`, failure: "sts_endpoint is not the host"},
		"profile's sts_region": {
			region: "cn-hangzhou", profile: `,"sts_region":"cn-shenzhen","region_id":"cn-qingdao"`,
			host: "sts.cn-shenzhen.aliyuncs.com",
		},
		"configuration before profile": {
			region: "cn-hangzhou", profile: `,"region_id":"cn-qingdao"`, host: "sts.cn-hangzhou.aliyuncs.com",
		},
		"profile's region_id": {profile: `,"region_id":"cn-qingdao"`, host: "sts.cn-qingdao.aliyuncs.com"},
		"profile's vpc": {
			profile: `,"sts_region":"cn-qingdao","enable_vpc":true`, host: "sts-vpc.cn-qingdao.aliyuncs.com",
		},
		"ini":             {ini: "sts_region = cn-qingdao\n", host: "sts.cn-qingdao.aliyuncs.com"},
		"ini's vpc":       {ini: "sts_region = cn-qingdao\nenable_vpc = true\n", host: "sts-vpc.cn-qingdao.aliyuncs.com"},
		"ini without vpc": {ini: "sts_region = cn-qingdao\nenable_vpc = false\n", host: "sts.cn-qingdao.aliyuncs.com"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			maps.Copy(w.vars, test.vars)
			config := Config{Region: test.region, Profile: "p"}
			w.files[cliPath] = cliConfig("p", `{"name":"p",`+role+test.profile+`}`)
			if test.profile == "" {
				config = Config{
					Region: test.region, AccessKey: "AKID", SecretKey: NewSecret("hush"), AssumeRole: &AssumeRole{RoleARN: roleARN},
				}
			}
			if test.ini != "" {
				w.files[cliPath] = "[p]\ntype = ram_role_arn\naccess_key_id = AKID\naccess_key_secret = hush\nrole_arn = " +
					roleARN + "\n" + test.ini
				config = Config{Region: test.region, Profile: "p"}
			}
			_, err := w.get(config)
			switch {
			case test.failure != "":
				if err == nil || !strings.Contains(err.Error(), test.failure) || w.sts.count() != 0 {
					t.Errorf("error %v after %d requests, want %q", err, w.sts.count(), test.failure)
				}
			case err != nil:
				t.Error(err)
			case !slices.Equal(w.sts.hosts, []string{test.host}):
				t.Errorf("requests to %v, want %s", w.sts.hosts, test.host)
			}
		})
	}
}
