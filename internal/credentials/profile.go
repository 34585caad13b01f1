package credentials

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/url"
	"runtime"
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

// modeName is a mode that the Alibaba Cloud CLI writes, and its type in the ini files of Alibaba's
// credentials libraries, empty if there is none. With a wayOut it is not supported.
type modeName struct{ name, iniType, wayOut string }

var modes = []modeName{
	{modeAK, "access_key", ""},
	{modeStsToken, "sts", ""},
	{modeRamRoleArn, "ram_role_arn", ""},
	{modeRoleOnInstance, "", ""},
	{modeEcsRamRole, "ecs_ram_role", ""},
	{modeOIDC, "oidc_role_arn", ""},
	{modeChainable, "", ""},
	{modeCredentialsURI, "credentials_uri", ""},
	{modeCloudSSO, "", ""},
	{modeOAuth, "", ""},
	{modeExternal, "", ""},
	{"RsaKeyPair", "rsa_key_pair", "key pairs exist on the international site only and are deprecated. " + useOther},
	{"BearerToken", "bearer", "a bearer token cannot sign. " + useOther},
	{"Anonymous", "", "an anonymous profile has no key to sign with. " + useOther},
}

const useOther = "Use a RAM user's AccessKey (mode AK) or a role (mode RamRoleArn)"

// profile is one profile. The names of the fields are those of the Alibaba Cloud CLI's
// configuration file.
type profile struct {
	Name            string `json:"name"`
	Mode            string `json:"mode"`
	AccessKeyID     string `json:"access_key_id"`
	AccessKeySecret Secret `json:"access_key_secret"`
	STSToken        Secret `json:"sts_token"`
	// STSExpiration is when the keys above expire, in Unix seconds, 0 if that is not known.
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
	// CloudSSOTokenExpire and OAuthTokenExpire are when the access tokens expire, in Unix seconds.
	CloudSSOToken       Secret `json:"access_token"`
	CloudSSOTokenExpire int64  `json:"cloud_sso_access_token_expire"`
	OAuthSite           string `json:"oauth_site_type"`
	OAuthToken          Secret `json:"oauth_access_token"`
	OAuthTokenExpire    int64  `json:"oauth_access_token_expire"`

	// keysFrom are the variables that have filled the keys, the zero value for keys of the profile.
	keysFrom family
	// file is the file that contains the profile, place describes both.
	file  *profileFile
	place string
	// through are the names of the profiles that led to this one.
	through []string
}

// recognizedMode returns the profile's mode. For a profile without one, it is the mode that the
// Alibaba Cloud CLI would recognize from the profile's own fields (its AutoModeRecognition).
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

// filled returns a profile whose empty fields the environment fills, as the Alibaba Cloud CLI does.
// Key, secret and token come from one family of variables, and only if the profile has neither key
// nor secret. A long-lived key signs without token, as for the SDK and the alicloud provider, even
// if an earlier mode has left one.
func (f finder) filled(p profile) (profile, error) {
	p.AccessKeyID, p.RegionID = strings.TrimSpace(p.AccessKeyID), strings.TrimSpace(p.RegionID)
	if p.Mode == modeAK || p.Mode == modeRamRoleArn && p.AccessKeyID != "" && !isTemporaryKey(p.AccessKeyID) {
		p.STSToken = Secret{}
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

// openProfile prepares the keys of a profile of any mode. The error is the reason why it cannot
// sign, as far as it can be found without the network.
func (f finder) openProfile(p profile) (fetcher, error) {
	base, err := f.openBase(p)
	if err != nil || !p.isRole() {
		return base, err
	}
	r := p.role()
	r.session = f.environment.or(r.session, oidcSessionVariables...)
	if err := cmp.Or(p.require(setting{r.arn.value, "ram_role_arn"}), r.check()); err != nil {
		return nil, err
	}
	if r.host, err = f.stsHost(p); err != nil {
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

// openBase prepares the keys with which the profile assumes its role or, if it is none, the keys of
// the profile.
func (f finder) openBase(p profile) (fetcher, error) {
	switch p.Mode {
	case modeAK, modeStsToken, modeRamRoleArn:
		found, err := p.keys()
		return ready(found), cmp.Or(err, f.environment.checkExpiry(found))
	case modeRoleOnInstance, modeEcsRamRole:
		if err := roleNameRule.check(setting{p.RoleName, "ram_role_name"}); err != nil {
			return nil, err
		}
		return f.openInstanceRole(p.RoleName)
	case modeChainable:
		return f.openSource(p)
	case modeOIDC:
		return f.openOIDCProfile(p)
	case modeCredentialsURI:
		uri := setting{p.CredentialsURI, "credentials_uri"}
		if err := p.require(uri); err != nil {
			return nil, err
		}
		return f.openURI(uri)
	case modeCloudSSO, modeOAuth:
		return f.openLogin(p)
	case modeExternal:
		return f.openExternal(p)
	}
	var supported []string
	for _, mode := range modes {
		switch {
		case mode.wayOut == "":
			supported = append(supported, mode.name)
		case mode.name == p.Mode:
			return nil, advise(mode.wayOut, fmt.Errorf("its mode %s is not supported", p.Mode))
		}
	}
	return nil, advise("use one of the modes "+strings.Join(supported, ", "),
		fmt.Errorf("its mode%s is not known", quotedWord(p.Mode)))
}

// keys returns the keys that the profile contains.
func (p profile) keys() (Credentials, error) {
	keys := [3]string{p.AccessKeyID, p.AccessKeySecret.Reveal(), p.STSToken.Reveal()}
	names, source := [3]string{"access_key_id", "access_key_secret", "sts_token"}, p.place
	required := []setting{{keys[0], names[0]}, {keys[1], names[1]}}
	if p.Mode == modeStsToken {
		required = append(required, setting{keys[2], names[2]})
	}
	if err := p.require(required...); err != nil {
		return Credentials{}, err
	}
	if v := p.keysFrom; v != (family{}) {
		names, source = v.names(), source+", with the "+v.String()
	}
	found, err := static(source, names, keys)
	if err == nil && keys[2] != "" && p.STSExpiration != 0 {
		found.Expires, err = unixEnd(float64(p.STSExpiration))
	}
	return found, err
}

// openSource prepares the keys of the profile whose keys assume the role of a chain.
func (f finder) openSource(p profile) (fetcher, error) {
	if err := p.require(setting{p.SourceProfile, "source_profile"}); err != nil {
		return nil, err
	}
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

// role returns the role of the profile, without the fields that do not come from it.
func (p profile) role() role {
	return role{
		arn: setting{p.RoleARN, "its ram_role_arn"}, session: setting{p.SessionName, "its ram_session_name"},
		policy: p.Policy, externalID: p.ExternalID, seconds: p.ExpiredSeconds, secondsFrom: "expired_seconds of " + p.place,
	}
}

func (f finder) openOIDCProfile(p profile) (fetcher, error) {
	if err := p.require(setting{p.OIDCProviderARN, "oidc_provider_arn"},
		setting{p.OIDCToken.Reveal() + p.OIDCTokenFile, "oidc_token_file"}, setting{p.RoleARN, "ram_role_arn"}); err != nil {
		return nil, err
	}
	return f.openOIDC(oidcRole{
		role: p.role(), provider: setting{p.OIDCProviderARN, "its oidc_provider_arn"}, token: p.OIDCToken,
		file: p.OIDCTokenFile,
	}, p)
}

// openLogin prepares the session that the CLI stored, as long as it is valid for another minute, and
// then a new one with the login's token.
func (f finder) openLogin(p profile) (fetcher, error) {
	found, err := p.keys()
	switch {
	case errors.As(err, new(wrongKeys)):
		return nil, err
	case err == nil && !found.Expires.IsZero() && f.environment.checkExpiry(found) == nil:
		return ready(found), nil
	case p.Mode == modeOAuth:
		return f.openOAuth(p)
	}
	return f.openCloudSSO(p)
}

func (f finder) openCloudSSO(p profile) (fetcher, error) {
	if err := p.require(setting{p.CloudSSOSignInURL, "cloud_sso_sign_in_url"},
		setting{p.CloudSSOAccountID, "cloud_sso_account_id"},
		setting{p.CloudSSOAccessConfig, "cloud_sso_access_config"}); err != nil {
		return nil, err
	}
	u, err := url.Parse(p.CloudSSOSignInURL)
	if err != nil || u.Hostname() == "" || u.Scheme != "https" {
		return nil, errors.New("its cloud_sso_sign_in_url is not an https:// address")
	}
	if p.CloudSSOToken.IsEmpty() || f.ended(p.CloudSSOTokenExpire) {
		return nil, advise(logIn(p), errors.New("its CloudSSO login has expired"))
	}
	return func(ctx context.Context) (Credentials, error) { return f.fromCloudSSO(ctx, p, u.Host) }, nil
}

func (f finder) openOAuth(p profile) (fetcher, error) {
	host, known := oauthHosts[strings.ToUpper(p.OAuthSite)]
	if !known {
		return nil, advise("run: "+p.cli("configure --mode OAuth"),
			errors.New("its oauth_site_type is neither CN nor INTL"))
	}
	if p.OAuthToken.IsEmpty() || f.ended(p.OAuthTokenExpire) {
		return nil, advise(renewOAuth(p), errors.New("its OAuth access token has expired"))
	}
	return func(ctx context.Context) (Credentials, error) { return f.fromOAuth(ctx, p, host) }, nil
}

// openExternal prepares the command of a profile.
func (f finder) openExternal(p profile) (fetcher, error) {
	if f.environment.enabled(externalSwitch) {
		return nil, fmt.Errorf("its process_command is not run, since %s is set", externalSwitch)
	}
	if err := p.require(setting{p.ProcessCommand, "process_command"}); err != nil {
		return nil, err
	}
	arguments, err := splitCommand(p.ProcessCommand, runtime.GOOS == "windows")
	if err != nil {
		return nil, after("its process_command cannot be run", err)
	}
	return func(ctx context.Context) (Credentials, error) { return f.fromExternal(ctx, p, arguments) }, nil
}

// plainName is a profile's name that needs no quotes in a shell.
var plainName = newPattern(`^[A-Za-z0-9._@-]+$`)

// cli returns a command of the Alibaba Cloud CLI with the profile's name.
func (p profile) cli(command string) string {
	name := p.Name
	if !plainName.MatchString(name) {
		name = text.Quote(name)
	}
	return "aliyun " + command + " --profile " + name
}

// require returns an error for the first of the profile's fields that is empty.
func (p profile) require(fields ...setting) error {
	for _, field := range fields {
		if field.value == "" {
			return advise("set it in the file, or run: "+p.cli("configure"), fmt.Errorf("it has no %s", field.from))
		}
	}
	return nil
}

var wordPattern = newPattern(`^[A-Za-z_]{1,32}$`)

// quotedWord returns a blank and the word in quotes, or nothing for text that may be a secret.
func quotedWord(text string) string {
	if !wordPattern.MatchString(text) {
		return ""
	}
	return fmt.Sprintf(" %q", text)
}
