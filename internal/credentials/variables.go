package credentials

import (
	"errors"
	"fmt"
	"slices"
	"strings"
)

// Environment variables, in the order of the search. The families OSS_, ALICLOUD_, ALIBABA_CLOUD_
// and ALIBABACLOUD_ have the same order everywhere. Names that no program of Alibaba Cloud reads
// are left out.
var (
	roleARNVariables     = []string{"ALICLOUD_ASSUME_ROLE_ARN", "ALIBABA_CLOUD_ROLE_ARN"}
	sessionNameVariables = []string{"ALICLOUD_ASSUME_ROLE_SESSION_NAME", "ALIBABA_CLOUD_ROLE_SESSION_NAME"}
	expirationVariable   = "ALICLOUD_ASSUME_ROLE_SESSION_EXPIRATION"

	oidcProviderVariables = []string{"ALIBABA_CLOUD_OIDC_PROVIDER_ARN", "ALIBABACLOUD_OIDC_PROVIDER_ARN"}
	oidcRoleVariables     = []string{"ALIBABA_CLOUD_ROLE_ARN", "ALIBABACLOUD_ROLE_ARN"}
	oidcTokenVariables    = []string{"ALIBABA_CLOUD_OIDC_TOKEN"}
	oidcFileVariables     = []string{"ALIBABA_CLOUD_OIDC_TOKEN_FILE", "ALIBABACLOUD_OIDC_TOKEN_FILE"}
	// hcpTokenVariable is set by HCP Terraform, for any cloud, and so comes last.
	hcpTokenVariable     = "TFC_WORKLOAD_IDENTITY_TOKEN"
	oidcSessionVariables = []string{"ALIBABA_CLOUD_ROLE_SESSION_NAME"}

	profileVariables = []string{"ALICLOUD_PROFILE", "ALIBABA_CLOUD_PROFILE", "ALIBABACLOUD_PROFILE"}
	fileVariables    = []string{
		"ALIBABA_CLOUD_CONFIG_FILE", "ALICLOUD_SHARED_CREDENTIALS_FILE", "ALIBABA_CLOUD_CREDENTIALS_FILE",
	}
	uriVariables = []string{
		"ALICLOUD_CREDENTIALS_URI", "ALIBABA_CLOUD_CREDENTIALS_URI", "ALIBABACLOUD_CREDENTIALS_URI",
	}
	roleNameVariables = []string{"ALICLOUD_ECS_ROLE_NAME", "ALIBABA_CLOUD_ECS_METADATA"}

	externalIDVariables = []string{"ALIBABA_CLOUD_EXTERNAL_ID", "ALIBABACLOUD_EXTERNAL_ID"}

	profileSwitches = []string{"ALIBABA_CLOUD_CLI_PROFILE_DISABLED", "ALIBABA_CLOUD_IGNORE_PROFILE"}
)

const (
	metadataSwitch = "ALIBABA_CLOUD_ECS_METADATA_DISABLED"
	externalSwitch = "ALIBABA_CLOUD_DISABLE_EXTERNAL_PROCESS"
)

// family is a group of environment variables: a pair and its token.
type family struct{ id, secret, token string }

// families are all, in their order. The pair with ACCESS_KEY_ID in the ALICLOUD_ family is the
// CLI's.
var families = [...]family{
	{"OSS_ACCESS_KEY_ID", "OSS_ACCESS_KEY_SECRET", "OSS_SESSION_TOKEN"},
	{"ALICLOUD_ACCESS_KEY", "ALICLOUD_SECRET_KEY", "ALICLOUD_SECURITY_TOKEN"},
	{"ALICLOUD_ACCESS_KEY_ID", "ALICLOUD_ACCESS_KEY_SECRET", "ALICLOUD_SECURITY_TOKEN"},
	{"ALIBABA_CLOUD_ACCESS_KEY_ID", "ALIBABA_CLOUD_ACCESS_KEY_SECRET", "ALIBABA_CLOUD_SECURITY_TOKEN"},
	{"ALIBABACLOUD_ACCESS_KEY_ID", "ALIBABACLOUD_ACCESS_KEY_SECRET", "ALIBABACLOUD_SECURITY_TOKEN"},
}

// alicloudFamilies are those of which the alicloud provider uses the first ID and the first secret,
// even of different families (its provider.go, access_key and secret_key).
var alicloudFamilies = []family{families[1], families[3], families[4]}

func (v family) String() string { return "environment variables " + v.pair() }

func (v family) names() [3]string { return [3]string{v.id, v.secret, v.token} }

func (v family) pair() string { return v.id + " and " + v.secret }

// completeFamilies returns the families whose pair is set, in their order.
func (f finder) completeFamilies() []family {
	var complete []family
	for _, v := range families {
		if f.environment.variable(v.id) != "" && f.environment.variable(v.secret) != "" {
			complete = append(complete, v)
		}
	}
	return complete
}

// firstFamily returns the family whose keys sign: the first that is complete, unless one before it
// is incomplete. The error is an absence if none has a pair.
func (f finder) firstFamily() (family, error) {
	e := f.environment
	var halves, tokens []string
	for _, v := range families {
		id, secret := e.variable(v.id) != "", e.variable(v.secret) != ""
		switch {
		case id && secret && len(halves) == 0:
			return v, nil
		case id && !secret:
			halves = append(halves, v.id+" is set without "+v.secret)
		case secret && !id:
			halves = append(halves, v.secret+" is set without "+v.id)
		case !id && e.variable(v.token) != "" && len(halves) == 0:
			if note := v.token + " alone is no key"; len(tokens) == 0 || tokens[len(tokens)-1] != note {
				tokens = append(tokens, note)
			}
		}
	}
	if len(halves) > 0 {
		return family{}, advise("set both variables of one pair, and neither of the other pairs",
			fmt.Errorf("%s, but they must come from one family of variables", strings.Join(halves, ", and ")))
	}
	reason := "none of " + familyIDs() + " is set"
	if len(tokens) > 0 {
		return family{}, absence{reason: reason + "; " + strings.Join(tokens, ", "), held: true}
	}
	return family{}, nothing(reason)
}

func familyIDs() string {
	ids := make([]string, len(families))
	for i, v := range families {
		ids[i] = v.id
	}
	return strings.Join(ids, ", ")
}

// keys returns the credentials of a family.
func (f finder) keysOf(v family) (Credentials, error) {
	e := f.environment
	return static(v.String(), v.names(), e.variable(v.id), e.variable(v.secret), e.variable(v.token))
}

// fromFamilies chooses keys in variables.
func (f finder) fromFamilies() (candidate, error) {
	v, err := f.firstFamily()
	if err != nil {
		return candidate{}, err
	}
	found, err := f.keysOf(v)
	if err != nil {
		return candidate{}, err
	}
	return candidate{place: v.String(), family: v, fetch: ready(found)}, nil
}

// fromOIDCVariables chooses the role of the OIDC variables. An incomplete set is skipped, and so is
// one whose token file does not exist.
func (f finder) fromOIDCVariables() (candidate, error) {
	e := f.environment
	var set, missing []string
	tokens := slices.Concat(oidcTokenVariables, oidcFileVariables, []string{hcpTokenVariable})
	for _, names := range [][]string{oidcProviderVariables, oidcRoleVariables, tokens} {
		if _, name := e.first(names...); name != "" {
			set = append(set, name)
		} else {
			missing = append(missing, names[0])
		}
	}
	if len(missing) > 0 {
		reason := "not set: " + strings.Join(missing, ", ")
		if missing[len(missing)-1] == oidcTokenVariables[0] {
			reason += " or " + oidcFileVariables[0]
		}
		return candidate{}, absence{reason: reason, held: len(set) > 0}
	}
	c, err := f.openOIDC(AssumeRoleWithOIDC{}, oidcPlace)
	if isNotThere(err) {
		return candidate{}, unusable(err)
	}
	return c, err
}

const oidcPlace = "OIDC environment variables"

// openOIDC prepares the role of a block, whose empty fields the environment fills.
func (f finder) openOIDC(b AssumeRoleWithOIDC, place string) (candidate, error) {
	e := f.environment
	const block = " of assume_role_with_oidc"
	r := oidcRole{role: role{policy: b.Policy, seconds: b.SessionExpiration, secondsFrom: "session_expiration" + block}}
	r.arn, r.arnFrom = e.or(b.RoleARN, "role_arn"+block, oidcRoleVariables...)
	r.session, r.sessionFrom = e.or(b.RoleSessionName, "role_session_name"+block, oidcSessionVariables...)
	r.provider, r.providerFrom = e.or(b.OIDCProviderARN, "oidc_provider_arn"+block, oidcProviderVariables...)
	r.token, r.file = f.oidcTokenOf(b.OIDCToken, b.OIDCTokenFile)
	switch {
	case r.token.IsEmpty() && r.file == "":
		return candidate{}, notThere{advise("set oidc_token or oidc_token_file, or one of the environment variables "+
			oidcTokenVariables[0]+" and "+oidcFileVariables[0], errors.New("there is no OIDC token"))}
	case r.arn == "":
		return candidate{}, advise("set role_arn, or the environment variable "+oidcRoleVariables[0],
			errors.New("it names no role"))
	case r.provider == "":
		return candidate{}, advise("set oidc_provider_arn, or the environment variable "+oidcProviderVariables[0],
			errors.New("it names no OIDC provider"))
	}
	fetch, err := f.openOIDCRole(r, profile{}, place)
	return candidate{place: place, fetch: fetch, remote: true}, err
}

// oidcTokenOf returns a token, or the path of its file: the configured ones or, if there are none,
// those of the environment.
func (f finder) oidcTokenOf(token Secret, file string) (Secret, string) {
	if !token.IsEmpty() || file != "" {
		return token, file
	}
	e := f.environment
	if value, _ := e.first(oidcTokenVariables...); value != "" {
		return NewSecret(value), ""
	}
	if path, _ := e.first(oidcFileVariables...); path != "" {
		return Secret{}, path
	}
	return NewSecret(e.variable(hcpTokenVariable)), ""
}

// fromURIVariable chooses the credentials URI of a variable.
func (f finder) fromURIVariable() (candidate, error) {
	uri, name := f.environment.first(uriVariables...)
	if uri == "" {
		return candidate{}, nothing(strings.Join(uriVariables[:2], " and ") + " are not set")
	}
	fetch, err := f.openURI(uri, name)
	return candidate{place: "the credentials URI of " + name, remote: true, fetch: fetch}, err
}

// fromRoleNameVariable chooses the instance role that a variable names. It is skipped if the
// metadata service is disabled.
func (f finder) fromRoleNameVariable() (candidate, error) {
	name, variable := f.environment.first(roleNameVariables...)
	if name == "" {
		return candidate{}, nothing(strings.Join(roleNameVariables, " and ") + " are not set")
	}
	if !isRoleName(name) {
		return candidate{}, fmt.Errorf("%s %w", variable, errRoleName)
	}
	fetch, err := f.openInstanceRole(name)
	if isNotThere(err) {
		return candidate{}, unusable(err)
	}
	place := fmt.Sprintf("the instance role %s, which %s names", name, variable)
	return candidate{place: place, remote: true, fetch: fetch}, err
}
