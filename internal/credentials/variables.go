package credentials

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"

	"github.com/alioss/terraform-provider-alioss/internal/text"
)

// Environment variables, in the order of the search, if a program of Alibaba Cloud reads them.
var (
	roleARNVariables     = []string{"ALICLOUD_ASSUME_ROLE_ARN", "ALIBABA_CLOUD_ROLE_ARN"}
	sessionNameVariables = []string{"ALICLOUD_ASSUME_ROLE_SESSION_NAME", "ALIBABA_CLOUD_ROLE_SESSION_NAME"}
	expirationVariable   = "ALICLOUD_ASSUME_ROLE_SESSION_EXPIRATION"

	oidcProviderVariables = []string{"ALIBABA_CLOUD_OIDC_PROVIDER_ARN", "ALIBABACLOUD_OIDC_PROVIDER_ARN"}
	oidcRoleVariables     = []string{"ALIBABA_CLOUD_ROLE_ARN", "ALIBABACLOUD_ROLE_ARN"}
	// oidcTokenVariables contain the token or, with _FILE, its path. HCP Terraform sets the last one,
	// for any cloud.
	oidcTokenVariables = []string{
		"ALIBABA_CLOUD_OIDC_TOKEN", "ALIBABA_CLOUD_OIDC_TOKEN_FILE", "ALIBABACLOUD_OIDC_TOKEN_FILE",
		"TFC_WORKLOAD_IDENTITY_TOKEN",
	}
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

// families are in the order of the search. The pair of ALICLOUD_ACCESS_KEY_ID is the CLI's.
var families = [...]family{
	{"OSS_ACCESS_KEY_ID", "OSS_ACCESS_KEY_SECRET", "OSS_SESSION_TOKEN"},
	{"ALICLOUD_ACCESS_KEY", "ALICLOUD_SECRET_KEY", "ALICLOUD_SECURITY_TOKEN"},
	{"ALICLOUD_ACCESS_KEY_ID", "ALICLOUD_ACCESS_KEY_SECRET", "ALICLOUD_SECURITY_TOKEN"},
	{"ALIBABA_CLOUD_ACCESS_KEY_ID", "ALIBABA_CLOUD_ACCESS_KEY_SECRET", "ALIBABA_CLOUD_SECURITY_TOKEN"},
	{"ALIBABACLOUD_ACCESS_KEY_ID", "ALIBABACLOUD_ACCESS_KEY_SECRET", "ALIBABACLOUD_SECURITY_TOKEN"},
}

func (v family) String() string { return "environment variables " + v.pair() }

func (v family) names() [3]string { return [3]string{v.id, v.secret, v.token} }

func (v family) pair() string { return v.id + " and " + v.secret }

func (e Environment) keys(v family) [3]string {
	return [3]string{e.variable(v.id), e.variable(v.secret), e.variable(v.token)}
}

// firstFamily returns the first complete family, unless one before it has half a pair. The error is
// an absence if none has a pair.
func (f finder) firstFamily() (family, error) {
	var ids, halves, tokens []string
	for _, v := range families {
		ids = append(ids, v.id)
		keys := f.environment.keys(v)
		id, secret, token := keys[0] != "", keys[1] != "", keys[2] != ""
		switch {
		case id && secret && len(halves) == 0:
			return v, nil
		case id && !secret:
			halves = append(halves, v.id+" is set without "+v.secret)
		case secret && !id:
			halves = append(halves, v.secret+" is set without "+v.id)
		case token && !id && !slices.Contains(tokens, v.token):
			tokens = append(tokens, v.token)
		}
	}
	if len(halves) > 0 {
		return family{}, advise("set both variables of one pair, and neither of the other pairs",
			fmt.Errorf("%s, but they must come from one family of variables", strings.Join(halves, ", and ")))
	}
	reason := "none of " + strings.Join(ids, ", ") + " is set"
	if len(tokens) > 0 {
		reason += ". A token alone is no key (" + strings.Join(tokens, ", ") + ")"
	}
	return family{}, absence{reason, len(tokens) > 0}
}

func (f finder) fromFamilies() (candidate, error) {
	v, err := f.firstFamily()
	if err != nil {
		return candidate{place: "keys in environment variables"}, err
	}
	found, err := static(v.String(), v.names(), f.environment.keys(v))
	return candidate{place: v.String(), family: v, fetch: ready(found)}, err
}

func (f finder) fromOIDCVariables() (candidate, error) {
	c := candidate{place: "OIDC environment variables"}
	var missing []string
	for _, names := range [][]string{oidcProviderVariables, oidcRoleVariables, oidcTokenVariables} {
		if f.environment.first(names...).value == "" {
			missing = append(missing, names[0])
		}
	}
	if len(missing) > 0 {
		reason := "they lack " + strings.Join(missing, ", ")
		if slices.Contains(missing, oidcTokenVariables[0]) {
			reason += " or " + oidcTokenVariables[1]
		}
		return c, absence{reason, len(missing) < 3}
	}
	fetch, err := f.openOIDC(AssumeRoleWithOIDC{}.role(), profile{place: c.place})
	c.fetch = fetch
	return c, orAbsent(err)
}

// openOIDC prepares a role, with its empty fields from the environment. p is the profile that it
// belongs to, or has only a place. The token is read at once: without one, or if its file does not
// exist, the error is a notThere.
func (f finder) openOIDC(r oidcRole, p profile) (_ fetcher, err error) {
	e := f.environment
	r.arn = e.or(r.arn, oidcRoleVariables...)
	r.session = e.or(r.session, oidcSessionVariables...)
	r.provider = e.or(r.provider, oidcProviderVariables...)
	r.token, r.file = f.oidcTokenOf(r.token, r.file)
	switch {
	case r.token.IsEmpty() && r.file == "":
		return nil, notThere{advise("set oidc_token or oidc_token_file, or one of the environment variables "+
			oidcTokenVariables[0]+" and "+oidcTokenVariables[1], errors.New("there is no OIDC token"))}
	case r.arn.value == "":
		return nil, advise("set role_arn, or the environment variable "+oidcRoleVariables[0], errors.New("it names no role"))
	case r.provider.value == "":
		return nil, advise("set oidc_provider_arn, or the environment variable "+oidcProviderVariables[0],
			errors.New("it names no OIDC provider"))
	}
	if r.token, err = f.oidcToken(r); err != nil {
		return nil, err
	}
	if err := cmp.Or(r.check(), providerARNRule.check(r.provider)); err != nil {
		return nil, err
	}
	if r.host, err = f.hostOfSTS(p); err != nil {
		return nil, err
	}
	return func(ctx context.Context) (Credentials, error) {
		form := url.Values{"OIDCProviderArn": {r.provider.value}, "OIDCToken": {r.token.Reveal()}}
		source := fmt.Sprintf("role %s, assumed with an OIDC token (%s)", r.arn.value, p.place)
		found, err := f.requestSTS(ctx, Credentials{}, r.role, form, source)
		return found, after(r.notAssumed(), err)
	}, nil
}

func (f finder) oidcToken(r oidcRole) (Secret, error) {
	if !r.token.IsEmpty() {
		return r.token, checkOIDCToken(r.token.Reveal())
	}
	_, content, err := f.environment.readText("OIDC token file", r.file)
	if err != nil {
		return Secret{}, err
	}
	token := NewSecret(string(content)).trimmed()
	return token, after("OIDC token file "+text.Quote(r.file)+" cannot be used", checkOIDCToken(token.Reveal()))
}

// oidcTokenOf returns a token or the path of its file, from the environment if both are empty.
func (f finder) oidcTokenOf(token Secret, file string) (Secret, string) {
	if !token.IsEmpty() || file != "" {
		return token, file
	}
	found := f.environment.first(oidcTokenVariables...)
	if strings.HasSuffix(found.from, "_FILE") {
		return Secret{}, found.value
	}
	return NewSecret(found.value), ""
}

func (f finder) fromURIVariable() (candidate, error) {
	uri := f.environment.first(uriVariables...)
	if uri.value == "" {
		return candidate{place: "a credentials URI in an environment variable"}, noneSet(uriVariables)
	}
	fetch, err := f.openURI(uri)
	return candidate{place: "the credentials URI of " + uri.from, fetch: fetch}, err
}

func (f finder) fromRoleNameVariable() (candidate, error) {
	c := candidate{place: "an instance role in an environment variable"}
	name := f.environment.first(roleNameVariables...)
	if name.value == "" {
		return c, noneSet(roleNameVariables)
	}
	if err := roleNameRule.check(name); err != nil {
		return c, err
	}
	fetch, err := f.openInstanceRole(name.value)
	return candidate{place: fmt.Sprintf("the instance role %s of %s", name.value, name.from), fetch: fetch}, orAbsent(err)
}

func noneSet(variables []string) error {
	return absence{reason: "none of " + strings.Join(variables, ", ") + " is set"}
}
