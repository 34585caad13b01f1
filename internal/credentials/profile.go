package credentials

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/alioss/terraform-provider-alioss/internal/text"
)

// Modes of the Alibaba Cloud CLI.
const (
	modeAK             = "AK"
	modeStsToken       = "StsToken"
	modeRamRoleArn     = "RamRoleArn"
	modeRoleOnInstance = "RamRoleArnWithRoleName"
	modeEcsRamRole     = "EcsRamRole"
	modeOIDC           = "OIDC"
	modeChainable      = "ChainableRamRoleArn"
	modeCredentialsURI = "CredentialsURI"
	modeCloudSSO       = "CloudSSO"
	modeOAuth          = "OAuth"
	modeExternal       = "External"
)

// mode is a mode that the Alibaba Cloud CLI writes.
type mode struct {
	name     string
	iniType  string   // its type in the ini files of Alibaba's credentials libraries, if any
	required []string // the fields that it needs. A role also needs ram_role_arn
	// open prepares the keys of a profile or, for a role, those that assume it. A mode without it is
	// not supported, and wayOut is what to use in its place.
	open   func(finder, profile) (fetcher, error)
	wayOut string
}

func modes() []mode {
	pair := []string{"access_key_id", "access_key_secret"}
	oidc := []string{"oidc_provider_arn", "oidc_token_file", "ram_role_arn"}
	const (
		other    = "Use a RAM user's AccessKey (mode AK) or a role (mode RamRoleArn)"
		noRSAKey = "key pairs exist on the international site only and are deprecated. " + other
	)
	return []mode{
		{modeAK, "access_key", pair, finder.openKeys, ""},
		{modeStsToken, "sts", append(pair, "sts_token"), finder.openKeys, ""},
		{modeRamRoleArn, "ram_role_arn", pair, finder.openKeys, ""},
		{modeRoleOnInstance, "", nil, finder.openNamedInstanceRole, ""},
		{modeEcsRamRole, "ecs_ram_role", nil, finder.openNamedInstanceRole, ""},
		{modeOIDC, "oidc_role_arn", oidc, finder.openOIDCProfile, ""},
		{modeChainable, "", []string{"source_profile"}, finder.openSource, ""},
		{modeCredentialsURI, "credentials_uri", []string{"credentials_uri"}, finder.openURIProfile, ""},
		{modeCloudSSO, "", nil, finder.openLogin, ""},
		{modeOAuth, "", nil, finder.openLogin, ""},
		{modeExternal, "", []string{"process_command"}, finder.openExternal, ""},
		{"RsaKeyPair", "rsa_key_pair", nil, nil, noRSAKey},
		{"BearerToken", "bearer", nil, nil, "a bearer token cannot sign. " + other},
		{"Anonymous", "", nil, nil, "an anonymous profile has no key to sign with. " + other},
	}
}

// profile has the fields of the Alibaba Cloud CLI's configuration file. Times are in Unix seconds.
type profile struct {
	Name            string `json:"name"`
	Mode            string `json:"mode"`
	AccessKeyID     string `json:"access_key_id"`
	AccessKeySecret Secret `json:"access_key_secret"`
	STSToken        Secret `json:"sts_token"`
	STSExpiration   int64  `json:"sts_expiration"`
	STSRegion       string `json:"sts_region"`
	STSEndpoint     string `json:"sts_endpoint"`
	EnableVPC       bool   `json:"enable_vpc"`
	RegionID        string `json:"region_id"`
	RoleName        string `json:"ram_role_name"`
	RoleARN         string `json:"ram_role_arn"`
	SessionName     string `json:"ram_session_name"`
	ExpiredSeconds  int64  `json:"expired_seconds"`
	ExternalID      string `json:"external_id"`
	Policy          string `json:"policy"`
	SourceProfile   string `json:"source_profile"`
	OIDCProviderARN string `json:"oidc_provider_arn"`
	OIDCTokenFile   string `json:"oidc_token_file"`
	OIDCToken       Secret `json:"oidc_token"`
	CredentialsURI  string `json:"credentials_uri"`
	ProcessCommand  string `json:"process_command"`

	CloudSSOSignInURL    string `json:"cloud_sso_sign_in_url"`
	CloudSSOAccountID    string `json:"cloud_sso_account_id"`
	CloudSSOAccessConfig string `json:"cloud_sso_access_config"`
	CloudSSOToken        Secret `json:"access_token"`
	CloudSSOTokenExpire  int64  `json:"cloud_sso_access_token_expire"`
	OAuthSite            string `json:"oauth_site_type"`
	OAuthToken           Secret `json:"oauth_access_token"`
	OAuthTokenExpire     int64  `json:"oauth_access_token_expire"`

	keysFrom family // the variables that have filled the keys, if any
	file     *profileFile
	place    string   // describes the profile and its file
	through  []string // the names of the profiles that led to this one
}

// recognizedMode returns the profile's mode. Without one, it is that of the fields, as the Alibaba
// Cloud CLI recognizes it (its AutoModeRecognition).
func (p profile) recognizedMode() string {
	key := p.AccessKeyID != "" && !p.AccessKeySecret.IsEmpty()
	switch {
	case p.Mode != "":
		return p.Mode
	case key && !p.STSToken.IsEmpty():
		return modeStsToken
	case key && p.RoleARN != "":
		return modeRamRoleArn
	case key:
		return modeAK
	case p.RoleName != "":
		return modeEcsRamRole
	case p.ProcessCommand != "":
		return modeExternal
	case p.OIDCProviderARN != "" && p.OIDCTokenFile != "" && p.RoleARN != "":
		return modeOIDC
	case p.CloudSSOSignInURL != "":
		return modeCloudSSO
	}
	return modeAK
}

// filled returns a profile whose empty fields the environment fills. A long-lived key signs without
// token, as for the SDK and the alicloud provider, even if an earlier mode has left one.
func (f finder) filled(p profile) (profile, error) {
	p.AccessKeyID, p.RegionID = strings.TrimSpace(p.AccessKeyID), strings.TrimSpace(p.RegionID)
	if p.Mode == modeAK || p.Mode == modeRamRoleArn && p.AccessKeyID != "" && !isTemporaryKey(p.AccessKeyID) {
		p.STSToken, p.STSExpiration = Secret{}, 0
	}
	fill := func(field *string, variables []string) {
		*field = f.environment.or(setting{value: *field}, variables...).value
	}
	switch p.Mode {
	case modeAK, modeStsToken, modeRamRoleArn:
		if p.AccessKeyID != "" || !p.AccessKeySecret.IsEmpty() || !p.STSToken.IsEmpty() {
			break
		}
		v, err := f.firstFamily()
		if errors.As(err, new(absence)) {
			break
		}
		if err != nil {
			return p, err
		}
		keys := f.environment.keys(v)
		p.keysFrom, p.STSExpiration = v, 0
		p.AccessKeyID, p.AccessKeySecret, p.STSToken = keys[0], NewSecret(keys[1]), NewSecret(keys[2])
		if p.Mode == modeAK && !p.STSToken.IsEmpty() {
			p.Mode = modeStsToken
		}
	case modeCredentialsURI:
		fill(&p.CredentialsURI, uriVariables)
	case modeEcsRamRole, modeRoleOnInstance:
		fill(&p.RoleName, roleNameVariables)
	case modeOIDC:
		fill(&p.OIDCProviderARN, oidcProviderVariables)
		p.OIDCToken, p.OIDCTokenFile = f.oidcTokenOf(p.OIDCToken, p.OIDCTokenFile)
	}
	if p.isRole() || p.Mode == modeOIDC {
		fill(&p.RoleARN, oidcRoleVariables)
		fill(&p.ExternalID, externalIDVariables)
	}
	return p, nil
}

// isRole reports whether the profile assumes a role with keys.
func (p profile) isRole() bool {
	return p.Mode == modeRamRoleArn || p.Mode == modeRoleOnInstance || p.Mode == modeChainable
}

// openProfile prepares the keys of a profile. The error is why it cannot sign, as far as that is
// known without the network.
func (f finder) openProfile(p profile) (fetcher, error) {
	base, err := f.openBase(p)
	if err != nil || !p.isRole() {
		return base, err
	}
	r := p.role()
	r.session = f.environment.or(r.session, oidcSessionVariables...)
	if err := cmp.Or(p.require("ram_role_arn"), r.check()); err != nil {
		return nil, err
	}
	if r.host, err = f.hostOfSTS(p); err != nil {
		return nil, err
	}
	return func(ctx context.Context) (Credentials, error) {
		found, err := base(ctx)
		if err != nil {
			return Credentials{}, err
		}
		assumed, err := f.assume(ctx, found, r)
		return assumed, after(r.notAssumed(), err)
	}, nil
}

// openBase prepares the keys with which the profile assumes its role, or its own if it has none.
func (f finder) openBase(p profile) (fetcher, error) {
	var supported []string
	for _, m := range modes() {
		switch {
		case m.name == p.Mode && m.open == nil:
			return nil, advise(m.wayOut, fmt.Errorf("its mode %s is not supported", p.Mode))
		case m.name == p.Mode:
			if err := p.require(m.required...); err != nil {
				return nil, err
			}
			return m.open(f, p)
		case m.open != nil:
			supported = append(supported, m.name)
		}
	}
	return nil, advise("use one of the modes "+strings.Join(supported, ", "),
		fmt.Errorf("its mode%s is not known", quotedWord(p.Mode)))
}

func (f finder) openKeys(p profile) (fetcher, error) {
	found, err := p.keys()
	return ready(found), cmp.Or(err, f.environment.checkExpiry(found))
}

func (p profile) keys() (Credentials, error) {
	names, source := [3]string{"access_key_id", "access_key_secret", "sts_token"}, p.place
	if v := p.keysFrom; v != (family{}) {
		names, source = v.names(), source+", with the "+v.String()
	}
	found, err := static(source, names, [3]string{p.AccessKeyID, p.AccessKeySecret.Reveal(), p.STSToken.Reveal()})
	if err == nil && p.STSExpiration != 0 {
		found.Expires, err = unixEnd(float64(p.STSExpiration))
	}
	return found, err
}

func (f finder) openNamedInstanceRole(p profile) (fetcher, error) {
	if err := roleNameRule.check(setting{p.RoleName, "ram_role_name"}); err != nil {
		return nil, err
	}
	return f.openInstanceRole(p.RoleName)
}

func (f finder) openURIProfile(p profile) (fetcher, error) {
	return f.openURI(setting{p.CredentialsURI, "credentials_uri"})
}

// openSource prepares the keys of a chain's source_profile.
func (f finder) openSource(p profile) (fetcher, error) {
	through := append(slices.Clip(p.through), p.Name)
	if slices.Contains(through, p.SourceProfile) {
		return nil, fmt.Errorf("its source_profile leads back to itself (%s)",
			strings.Join(append(through, p.SourceProfile), " → "))
	}
	source, err := f.profileOf(p.file, p.SourceProfile, false)
	var base fetcher
	if err == nil {
		source.through = through
		base, err = f.openProfile(source)
	}
	failed := "source profile " + text.Quote(p.SourceProfile) + " cannot be used"
	return func(ctx context.Context) (Credentials, error) {
		found, err := base(ctx)
		return found, after(failed, err)
	}, after(failed, err)
}

func (p profile) role() role {
	return role{
		arn: setting{p.RoleARN, "its ram_role_arn"}, session: setting{p.SessionName, "its ram_session_name"},
		policy: p.Policy, externalID: p.ExternalID, seconds: p.ExpiredSeconds, secondsFrom: "expired_seconds of " + p.place,
	}
}

func (f finder) openOIDCProfile(p profile) (fetcher, error) {
	return f.openOIDC(oidcRole{
		role: p.role(), provider: setting{p.OIDCProviderARN, "its oidc_provider_arn"}, token: p.OIDCToken,
		file: p.OIDCTokenFile,
	}, p)
}

// plainName is a profile's name that needs no quotes in a shell.
var plainName = newPattern(`^[A-Za-z0-9._@-]+$`)

// cli returns a command of the Alibaba Cloud CLI for the profile.
func (p profile) cli(command string) string {
	name := p.Name
	if !plainName.MatchString(name) {
		name = text.Quote(name)
	}
	return "aliyun " + command + " --profile " + name
}

// require returns an error for the first of the fields that is empty.
func (p profile) require(fields ...string) error {
	values := map[string]string{
		"access_key_id": p.AccessKeyID, "access_key_secret": p.AccessKeySecret.Reveal(), "sts_token": p.STSToken.Reveal(),
		"ram_role_arn": p.RoleARN, "source_profile": p.SourceProfile, "credentials_uri": p.CredentialsURI,
		"oidc_provider_arn": p.OIDCProviderARN, "oidc_token_file": p.OIDCToken.Reveal() + p.OIDCTokenFile,
		"cloud_sso_sign_in_url": p.CloudSSOSignInURL, "cloud_sso_account_id": p.CloudSSOAccountID,
		"cloud_sso_access_config": p.CloudSSOAccessConfig, "process_command": p.ProcessCommand,
	}
	for _, field := range fields {
		if values[field] == "" {
			return advise("set it in the file, or run: "+p.cli("configure"), fmt.Errorf("it has no %s", field))
		}
	}
	return nil
}

var wordPattern = newPattern(`^[A-Za-z_]{1,32}$`)

// quotedWord returns a blank and the word in quotes, or nothing for a possible secret.
func quotedWord(text string) string {
	if !wordPattern.MatchString(text) {
		return ""
	}
	return fmt.Sprintf(" %q", text)
}
