package credentials

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
)

func TestCheck(t *testing.T) {
	t.Parallel()
	hush := NewSecret("hush")
	role := func(r AssumeRole) Config { return Config{AssumeRole: &r} }
	oidc := func(r AssumeRoleWithOIDC) Config { return Config{AssumeRoleWithOIDC: &r} }
	long := func(n int) string { return strings.Repeat("a", n) }
	for name, test := range map[string]struct {
		config Config
		// want are the paths at fault, each with a word of its error.
		want []string
	}{
		"nothing": {Config{}, nil},
		"pair":    {Config{AccessKey: "AKID", SecretKey: hush}, nil},
		"session": {Config{AccessKey: "STS.AKID", SecretKey: hush, SecurityToken: hush}, nil},
		"key alone": {
			Config{AccessKey: "AKID"}, []string{"secret_key: access_key is set, but secret_key is missing"},
		},
		"secret alone": {
			Config{SecretKey: hush}, []string{"access_key: secret_key is set, but access_key is missing"},
		},
		"token alone":   {Config{SecurityToken: hush}, []string{"security_token: security_token is set, but"}},
		"key and token": {Config{AccessKey: "STS.AKID", SecurityToken: hush}, []string{"secret_key: "}},
		"temporary without token": {
			Config{AccessKey: "STS.AKID", SecretKey: hush},
			[]string{"security_token: security_token is missing, but an AccessKey ID"},
		},
		"blanks": {
			Config{AccessKey: "AK ID", SecretKey: NewSecret("hush\nhush"), SecurityToken: NewSecret("hush\x00")},
			[]string{
				"access_key: access_key contains", "secret_key: secret_key contains", "security_token: security_token contains",
			},
		},
		"blanks around": {
			Config{AccessKey: " AKID", SecretKey: NewSecret("hush\n"), SecurityToken: NewSecret("\thush")}, nil,
		},
		"empty secret": {
			Config{AccessKey: "AKID", Blank: []string{"secret_key"}},
			[]string{"secret_key: access_key is set, but secret_key is empty"},
		},
		"secret of blanks": {
			Config{AccessKey: "AKID", SecretKey: NewSecret("\n")},
			[]string{"secret_key: access_key is set, but secret_key is empty"},
		},
		"empty key": {
			Config{SecretKey: hush, Blank: []string{"access_key"}},
			[]string{"access_key: secret_key is set, but access_key is empty"},
		},
		"empty token": {
			Config{
				AccessKey: "STS.AKID", SecretKey: hush, Blank: []string{"security_token"},
			}, []string{"security_token: security_token is empty"},
		},
		"all empty": {
			Config{
				Blank: []string{"access_key", "secret_key", "security_token", "assume_role.role_arn"}, AssumeRole: &AssumeRole{},
			}, nil,
		},
		"0 s": {
			Config{AssumeRole: &AssumeRole{}, Blank: []string{"assume_role.session_expiration"}},
			[]string{"assume_role.session_expiration: session_expiration must be between 900 and 43200 seconds, got 0"},
		},
		"OIDC of 0 s": {
			Config{
				AssumeRoleWithOIDC: &AssumeRoleWithOIDC{}, Blank: []string{"assume_role_with_oidc.session_expiration"},
			}, []string{"assume_role_with_oidc.session_expiration: session_expiration must"},
		},
		"profile and file": {Config{Profile: "p", SharedCredentialsFile: "f"}, nil},
		"file alone":       {Config{SharedCredentialsFile: "f"}, nil},
		"key and profile": {
			Config{AccessKey: "AKID", SecretKey: hush, Profile: "p"}, []string{"profile: access_key and profile exclude"},
		},
		"secret and profile": {
			Config{SecretKey: hush, Profile: "p"},
			[]string{"access_key: secret_key is set, but", "profile: access_key and profile exclude"},
		},
		"token and profile": {
			Config{SecurityToken: hush, Profile: "p"}, []string{"security_token: ", "profile: access_key and profile exclude"},
		},
		"key and file": {
			Config{AccessKey: "AKID", SecretKey: hush, SharedCredentialsFile: "p"},
			[]string{"shared_credentials_file: access_key and shared_credentials_file exclude"},
		},
		"file and instance role": {
			Config{SharedCredentialsFile: "f", ECSRoleName: "r"},
			[]string{"ecs_role_name: shared_credentials_file and ecs_role_name"},
		},
		"all": {
			Config{
				AccessKey: "AKID", SecretKey: hush, Profile: "p", SharedCredentialsFile: "f", ECSRoleName: "r",
				CredentialsURI: "http://h", AssumeRoleWithOIDC: &AssumeRoleWithOIDC{},
			}, []string{
				"profile: ", "shared_credentials_file: ", "ecs_role_name: ", "credentials_uri: ", "assume_role_with_oidc: ",
			},
		},
		"a role goes with any": {Config{Profile: "p", AssumeRole: &AssumeRole{RoleARN: roleARN}}, nil},
		"role name": {
			Config{ECSRoleName: "a b"}, []string{`ecs_role_name: ecs_role_name must be the name of a RAM role`},
		},
		"longest role name":     {Config{ECSRoleName: long(64)}, nil},
		"role name too long":    {Config{ECSRoleName: long(65)}, []string{"ecs_role_name: "}},
		"URI":                   {Config{CredentialsURI: "https://h:1/p?q"}, nil},
		"URI of another scheme": {Config{CredentialsURI: "file:///hush"}, []string{"credentials_uri: "}},
		"region":                {Config{Region: "cn-hangzhou"}, nil},
		"region in capitals":    {Config{Region: "CN-Hangzhou"}, []string{"region: "}},
		"region with a dot":     {Config{Region: "cn-hangzhou.evil"}, []string{"region: "}},
		"longest region":        {Config{Region: long(63)}, nil},
		"region too long":       {Config{Region: long(64)}, []string{"region: "}},
		"role without anything": {role(AssumeRole{}), nil},
		"role": {
			role(AssumeRole{RoleARN: roleARN, SessionName: "ci", Policy: "{}", SessionExpiration: 900, ExternalID: "ab"}), nil,
		},
		"role with a path": {role(AssumeRole{RoleARN: "acs:ram::1:role/a/b"}), nil},
		"role that is a user": {
			role(AssumeRole{RoleARN: "acs:ram::1:user/a"}), []string{`assume_role.role_arn: role_arn must have the form`},
		},
		"role of Amazon": {
			role(AssumeRole{RoleARN: "arn:aws:iam::1:role/a"}), []string{"assume_role.role_arn: "},
		},
		"role without name":         {role(AssumeRole{RoleARN: "acs:ram::1:role/"}), []string{"assume_role.role_arn: "}},
		"session name of 1":         {role(AssumeRole{SessionName: "a"}), []string{"assume_role.session_name: "}},
		"session name of 2":         {role(AssumeRole{SessionName: "a."}), nil},
		"session name of 64":        {role(AssumeRole{SessionName: long(64)}), nil},
		"session name of 65":        {role(AssumeRole{SessionName: long(65)}), []string{"assume_role.session_name: "}},
		"session name with a blank": {role(AssumeRole{SessionName: "a b"}), []string{"assume_role.session_name: "}},
		"policy":                    {role(AssumeRole{Policy: "[]"}), []string{"assume_role.policy: "}},
		"899 s": {
			role(AssumeRole{SessionExpiration: 899}), []string{"assume_role.session_expiration: "},
		},
		"43200 s": {role(AssumeRole{SessionExpiration: 43200}), nil},
		"43201 s": {
			role(AssumeRole{SessionExpiration: 43201}), []string{"assume_role.session_expiration: "},
		},
		"-1 s":                     {role(AssumeRole{SessionExpiration: -1}), []string{"assume_role.session_expiration: "}},
		"external id with a plus":  {role(AssumeRole{ExternalID: "a+b"}), nil},
		"external id of 1":         {role(AssumeRole{ExternalID: "a"}), []string{"assume_role.external_id: "}},
		"external id of 1224":      {role(AssumeRole{ExternalID: long(1224)}), nil},
		"external id of 1225":      {role(AssumeRole{ExternalID: long(1225)}), []string{"assume_role.external_id: "}},
		"external id with a blank": {role(AssumeRole{ExternalID: "a b"}), []string{"assume_role.external_id: "}},
		"OIDC": {
			oidc(AssumeRoleWithOIDC{
				OIDCProviderARN: providerARN, OIDCToken: hush, RoleARN: roleARN, RoleSessionName: "ci", Policy: "{}",
				SessionExpiration: 43200,
			}), nil,
		},
		"OIDC of another kind": {
			oidc(AssumeRoleWithOIDC{OIDCProviderARN: roleARN, RoleARN: providerARN}),
			[]string{"assume_role_with_oidc.oidc_provider_arn: ", "assume_role_with_oidc.role_arn: "},
		},
		"OIDC limits": {
			oidc(AssumeRoleWithOIDC{RoleSessionName: "a", Policy: "x", SessionExpiration: 899}),
			[]string{
				"assume_role_with_oidc.role_session_name: ", "assume_role_with_oidc.policy: ",
				"assume_role_with_oidc.session_expiration: ",
			},
		},
		"OIDC token of 3": {
			oidc(AssumeRoleWithOIDC{OIDCToken: NewSecret("abc")}),
			[]string{"assume_role_with_oidc.oidc_token: OIDC token must have 4 to 20,000 characters, got 3"},
		},
		"OIDC token of 20000": {oidc(AssumeRoleWithOIDC{OIDCToken: NewSecret(long(20000))}), nil},
		"OIDC token of 20001": {
			oidc(AssumeRoleWithOIDC{OIDCToken: NewSecret(long(20001))}), []string{"assume_role_with_oidc.oidc_token: "},
		},
		"OIDC token as GitHub wraps": {
			oidc(AssumeRoleWithOIDC{OIDCToken: NewSecret(`{"count":1,"value":"hush"}`)}),
			[]string{"assume_role_with_oidc.oidc_token: OIDC token is JSON"},
		},
		"OIDC token with a break": {
			oidc(AssumeRoleWithOIDC{OIDCToken: NewSecret("hush\nhush\n")}),
			[]string{"assume_role_with_oidc.oidc_token: OIDC token contains a blank"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var got []string
			for _, fault := range Check(test.config) {
				text := strings.Join(fault.Path, ".") + ": " + fault.Err.Error()
				checkHidden(t, text)
				got = append(got, text)
			}
			if !slices.EqualFunc(got, test.want, strings.HasPrefix) {
				t.Errorf("got %q, want %q", got, test.want)
			}
		})
	}
}

func TestErrorNamesPlaces(t *testing.T) {
	t.Parallel()
	failed := errors.New("broken")
	for want, e := range map[string]*Error{
		"credentials from profile p cannot be used. Broken": {Source: "profile p", Err: failed},
		"credentials from profile p cannot be used. It: broken. Mend it": {
			Source: "profile p", Err: fmt.Errorf("it: %w", advise("mend it", failed)),
		},
		"credentials from profile p cannot be used. Broken.\nIgnored, in this order:\n  - file: odd": {
			Source: "profile p", Err: failed, Places: []Place{{"variables", "not set", false}, {"file", "odd", true}},
		},
	} {
		if got := e.Error(); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}
