package credentials

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"regexp"
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

var modes = []string{
	modeAK, modeStsToken, modeRamRoleArn, modeRoleOnInstance, modeEcsRamRole, modeOIDC, modeChainable,
	modeCredentialsURI, modeCloudSSO, modeOAuth, modeExternal,
}

const useOther = "use a RAM user's AccessKey (mode AK) or a role (mode RamRoleArn)"

// refusedModes are those that the Alibaba Cloud CLI writes and this package does not support, each
// with the way out.
var refusedModes = map[string]string{
	"RsaKeyPair":  "key pairs exist on the international site only and are deprecated; " + useOther,
	"BearerToken": "a bearer token cannot sign; " + useOther,
	"Anonymous":   "an anonymous profile has no key to sign with; " + useOther,
}

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

// describe returns the words for the profile in Credentials.Source.
func (p profile) describe(file profileFile) string {
	return fmt.Sprintf("profile %s of %s", text.Quote(p.Name), text.Quote(file.path))
}

// chooseProfile chooses a profile of a file. named reports whether the user names it. The error is
// a lacksProfile, or the reason why the profile cannot sign, as far as it can be found without the
// network.
func (f finder) chooseProfile(file profileFile, name string, named bool) (candidate, error) {
	p, ok, err := file.lookup(name, named)
	if err == nil && !ok {
		return candidate{}, lacksProfile{name}
	}
	c := candidate{place: profile{Name: name}.describe(file)}
	if err == nil {
		p, err = f.filled(p)
	}
	if err == nil {
		c.profile, c.family = p, p.keysFrom
		c.replaced = f.wantsRole() && (p.Mode == modeRamRoleArn || p.Mode == modeRoleOnInstance)
		c.fetch, err = f.openProfile(file, p, nil, c.replaced)
	}
	if err != nil {
		return candidate{}, faultOf{c.place, err}
	}
	c.remote = p.Mode != modeAK && p.Mode != modeStsToken
	return c, nil
}

// filled returns a profile whose empty fields the environment fills, as the Alibaba Cloud CLI does.
// Key, secret and token come from one family of variables, and only if the profile has neither key
// nor secret. A long-lived key assumes its role without token, as for the SDK and the alicloud
// provider, even if an earlier mode has left one.
func (f finder) filled(p profile) (profile, error) {
	e := f.environment
	p.AccessKeyID, p.RegionID = strings.TrimSpace(p.AccessKeyID), strings.TrimSpace(p.RegionID)
	if p.Mode == modeRamRoleArn && p.AccessKeyID != "" && !isTemporaryKey(p.AccessKeyID) {
		p.STSToken = Secret{}
	}
	fill := func(field *string, variables []string) {
		if *field == "" {
			*field, _ = e.first(variables...)
		}
	}
	switch p.Mode {
	case modeAK, modeStsToken, modeRamRoleArn:
		if p.AccessKeyID != "" || !p.AccessKeySecret.IsEmpty() || !p.STSToken.IsEmpty() && p.Mode != modeAK {
			break
		}
		v, err := f.firstFamily()
		if _, none := asPlace("", err); none {
			break
		}
		if err != nil {
			return profile{}, err
		}
		p.keysFrom, p.STSExpiration = v, 0
		p.AccessKeyID = e.variable(v.id)
		p.AccessKeySecret, p.STSToken = NewSecret(e.variable(v.secret)), NewSecret(e.variable(v.token))
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
	switch p.Mode {
	case modeRamRoleArn, modeRoleOnInstance, modeOIDC, modeChainable:
		fill(&p.RoleARN, oidcRoleVariables)
		fill(&p.ExternalID, externalIDVariables)
	}
	return p, nil
}

// openProfile prepares the keys of a profile of any mode. The error is the reason why it cannot
// sign, as far as it can be found without the network. through are the names of the profiles that
// led here. bare leaves the profile's role out.
func (f finder) openProfile(file profileFile, p profile, through []string, bare bool) (fetcher, error) {
	source := p.describe(file)
	switch p.Mode {
	case modeAK:
		return f.openKeys(p, source, false)
	case modeStsToken:
		return f.openKeys(p, source, true)
	case modeRamRoleArn:
		base, err := f.openKeys(p, source, !p.STSToken.IsEmpty())
		return f.openRole(p, source, base, err, bare)
	case modeRoleOnInstance:
		base, err := f.openNamedInstanceRole(p)
		return f.openRole(p, source, base, err, bare)
	case modeChainable:
		base, err := f.openSource(file, p, append(through, p.Name))
		return f.openRole(p, source, base, err, false)
	case modeEcsRamRole:
		return f.openNamedInstanceRole(p)
	case modeOIDC:
		return f.openOIDCProfile(p, source)
	case modeCredentialsURI:
		if p.CredentialsURI == "" {
			return nil, p.lacks("credentials_uri")
		}
		return f.openURI(p.CredentialsURI, "credentials_uri")
	case modeCloudSSO:
		return f.openCloudSSO(p, source)
	case modeOAuth:
		return f.openOAuth(p, source)
	case modeExternal:
		return f.openExternal(file, p, through)
	}
	if wayOut, known := refusedModes[p.Mode]; known {
		return nil, advise(wayOut, fmt.Errorf("its mode %s is not supported", p.Mode))
	}
	return nil, advise("use one of the modes "+strings.Join(modes, ", "),
		fmt.Errorf("its mode%s is not known", quotedWord(p.Mode)))
}

// openKeys prepares the keys that the profile contains, with the token or without. Keys that have
// expired cannot sign.
func (f finder) openKeys(p profile, source string, withToken bool) (fetcher, error) {
	found, err := p.keys(source, withToken)
	if err == nil && found.endsBy(f.environment.Now().Add(endMargin)) {
		err = found.expired()
	}
	return ready(found), err
}

// keys returns the keys that the profile contains, with the token or without.
func (p profile) keys(source string, withToken bool) (Credentials, error) {
	token := ""
	switch {
	case p.AccessKeyID == "":
		return Credentials{}, p.lacks("access_key_id")
	case p.AccessKeySecret.IsEmpty():
		return Credentials{}, p.lacks("access_key_secret")
	case withToken && p.STSToken.IsEmpty():
		return Credentials{}, p.lacks("sts_token")
	case withToken:
		token = p.STSToken.Reveal()
	}
	names := [3]string{"access_key_id", "access_key_secret", "sts_token"}
	if v := p.keysFrom; v != (family{}) {
		names, source = v.names(), source+", with the "+v.String()
	}
	found, err := static(source, names, p.AccessKeyID, p.AccessKeySecret.Reveal(), token)
	if err == nil && withToken && p.STSExpiration != 0 {
		found.Expires, err = unixEnd(float64(p.STSExpiration))
	}
	return found, err
}

// stored returns the session that the Alibaba Cloud CLI has put into the profile, and whether it is
// valid for another minute. Keys in it that cannot be right are an error.
func (f finder) stored(p profile, source string) (Credentials, bool, error) {
	found, err := p.keys(source, true)
	if errors.As(err, new(wrongKeys)) {
		return Credentials{}, false, err
	}
	return found, err == nil && found.ExpiryKnown() && !found.endsBy(f.environment.Now().Add(endMargin)), nil
}

// openNamedInstanceRole prepares the keys of the instance role of a profile, with or without a
// name.
func (f finder) openNamedInstanceRole(p profile) (fetcher, error) {
	if p.RoleName != "" && !isRoleName(p.RoleName) {
		return nil, fmt.Errorf("ram_role_name %w", errRoleName)
	}
	return f.openInstanceRole(p.RoleName)
}

// openSource prepares the keys of the profile whose keys assume the role of a chain.
func (f finder) openSource(file profileFile, p profile, through []string) (fetcher, error) {
	if p.SourceProfile == "" {
		return nil, p.lacks("source_profile")
	}
	if slices.Contains(through, p.SourceProfile) {
		return nil, fmt.Errorf("its source_profile leads back to itself: %s",
			strings.Join(append(through, p.SourceProfile), " → "))
	}
	next, ok, err := file.lookup(p.SourceProfile, false)
	if err == nil && !ok {
		err = errors.New("there is no such profile in the file")
	}
	if err == nil {
		next, err = f.filled(next)
	}
	var base fetcher
	if err == nil {
		base, err = f.openProfile(file, next, through, false)
	}
	if err != nil {
		return nil, fmt.Errorf("source profile %s: %w", text.Quote(p.SourceProfile), err)
	}
	return func(ctx context.Context) (Credentials, error) {
		found, err := base(ctx)
		if err != nil {
			err = fmt.Errorf("source profile %s: %w", text.Quote(p.SourceProfile), err)
		}
		return found, err
	}, nil
}

// openRole prepares the role of a profile, assumed with the keys of base. bare leaves the role out.
func (f finder) openRole(p profile, source string, base fetcher, err error, bare bool) (fetcher, error) {
	if err != nil || bare {
		return base, err
	}
	r, err := f.roleOfProfile(p, source)
	if err == nil {
		err = r.check()
	}
	if err != nil {
		return nil, err
	}
	return func(ctx context.Context) (Credentials, error) {
		found, err := base(ctx)
		if err != nil {
			return Credentials{}, err
		}
		assumed, err := f.assume(ctx, found, r)
		if err != nil && ctx.Err() == nil {
			err = fmt.Errorf("role %s, which %s asks for, was not assumed: %w", r.arn, r.arnFrom, err)
		}
		return assumed, err
	}, nil
}

func (f finder) roleOfProfile(p profile, source string) (r role, err error) {
	if p.RoleARN == "" {
		return role{}, p.lacks("ram_role_arn")
	}
	r = role{
		arn: p.RoleARN, arnFrom: "its ram_role_arn", policy: p.Policy, externalID: p.ExternalID,
		seconds: p.ExpiredSeconds, secondsFrom: "expired_seconds of " + source,
	}
	r.session, r.sessionFrom = f.environment.or(p.SessionName, "its ram_session_name", oidcSessionVariables...)
	r.host, err = f.stsHost(p)
	return r, err
}

func (f finder) openOIDCProfile(p profile, source string) (fetcher, error) {
	switch {
	case p.OIDCProviderARN == "":
		return nil, p.lacks("oidc_provider_arn")
	case p.OIDCToken.IsEmpty() && p.OIDCTokenFile == "":
		return nil, p.lacks("oidc_token_file")
	}
	r, err := f.roleOfProfile(p, source)
	if err != nil {
		return nil, err
	}
	oidc := oidcRole{
		role: r, provider: p.OIDCProviderARN, providerFrom: "its oidc_provider_arn", token: p.OIDCToken,
		file: p.OIDCTokenFile,
	}
	return f.openOIDCRole(oidc, p, source)
}

// openOIDCRole prepares a role that an OIDC token assumes. The token is read at once: if the file
// does not exist, the error is a notThere.
func (f finder) openOIDCRole(r oidcRole, p profile, source string) (_ fetcher, err error) {
	if r.token, err = f.oidcToken(r); err != nil {
		return nil, err
	}
	if err := r.check(); err != nil {
		return nil, err
	}
	if !providerARNPattern.MatchString(r.provider) {
		return nil, fmt.Errorf("%s %w", r.providerFrom, errProviderARN)
	}
	if r.host, err = f.stsHost(p); err != nil {
		return nil, err
	}
	return func(ctx context.Context) (Credentials, error) {
		found, err := f.assumeByOIDC(ctx, r, source)
		if err != nil && ctx.Err() == nil {
			err = fmt.Errorf("role %s, which %s asks for, was not assumed: %w", r.arn, r.arnFrom, err)
		}
		return found, err
	}, nil
}

// openCloudSSO prepares the session that the CLI stored, as long as it is valid, and then a new one
// with the login's token.
func (f finder) openCloudSSO(p profile, source string) (fetcher, error) {
	if found, ok, err := f.stored(p, source); ok || err != nil {
		return ready(found), err
	}
	for _, field := range []struct{ name, value string }{
		{"cloud_sso_sign_in_url", p.CloudSSOSignInURL},
		{"cloud_sso_account_id", p.CloudSSOAccountID},
		{"cloud_sso_access_config", p.CloudSSOAccessConfig},
	} {
		if field.value == "" {
			return nil, p.lacks(field.name)
		}
	}
	u, err := url.Parse(p.CloudSSOSignInURL)
	if err != nil || u.Hostname() == "" || u.Scheme != "https" {
		return nil, errors.New("its cloud_sso_sign_in_url is not an https:// address")
	}
	if p.CloudSSOToken.IsEmpty() || f.ended(p.CloudSSOTokenExpire) {
		return nil, advise(logIn(p), errors.New("its CloudSSO login has expired"))
	}
	return func(ctx context.Context) (Credentials, error) { return f.fromCloudSSO(ctx, p, u.Host, source) }, nil
}

// openOAuth prepares the session that the CLI stored, as long as it is valid, and then a new one
// with the access token. The access token is not renewed here: the service answers with a new
// refresh token, which would have to be written into the user's file, or the login of the CLI would
// be lost. The CLI itself renews it, at any command.
func (f finder) openOAuth(p profile, source string) (fetcher, error) {
	if found, ok, err := f.stored(p, source); ok || err != nil {
		return ready(found), err
	}
	host, known := oauthHosts[strings.ToUpper(p.OAuthSite)]
	if !known {
		return nil, advise("run: "+p.cli("configure --mode OAuth"),
			errors.New("its oauth_site_type is neither CN nor INTL"))
	}
	if p.OAuthToken.IsEmpty() || f.ended(p.OAuthTokenExpire) {
		return nil, advise(renewOAuth(p), errors.New("its OAuth access token has expired"))
	}
	return func(ctx context.Context) (Credentials, error) { return f.fromOAuth(ctx, p, host, source) }, nil
}

// openExternal prepares the command of a profile. through are the names of the profiles that led
// here.
func (f finder) openExternal(file profileFile, p profile, through []string) (fetcher, error) {
	if f.environment.enabled(externalSwitch) {
		return nil, fmt.Errorf("its process_command is not run, since %s is set", externalSwitch)
	}
	if p.ProcessCommand == "" {
		return nil, p.lacks("process_command")
	}
	arguments, err := splitCommand(p.ProcessCommand, runtime.GOOS == "windows")
	if err != nil {
		return nil, fmt.Errorf("process_command: %w", err)
	}
	return func(ctx context.Context) (Credentials, error) {
		return f.fromExternal(ctx, file, p, arguments, through)
	}, nil
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

// lacks is the error of a profile without a field.
func (p profile) lacks(field string) error {
	return advise("set it in the file, or run: "+p.cli("configure"), fmt.Errorf("it has no %s", field))
}

var wordPattern = regexp.MustCompile(`^[A-Za-z_]{1,32}$`)

// quotedWord returns a blank and the word in quotes, or nothing for text that may be a secret.
func quotedWord(text string) string {
	if !wordPattern.MatchString(text) {
		return ""
	}
	return fmt.Sprintf(" %q", text)
}
