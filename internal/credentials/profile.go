package credentials

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// Modes of the Alibaba Cloud CLI.
const (
	modeAK             = "AK"
	modeStsToken       = "StsToken"
	modeRamRoleArn     = "RamRoleArn"
	modeEcsRamRole     = "EcsRamRole"
	modeOIDC           = "OIDC"
	modeChainable      = "ChainableRamRoleArn"
	modeCredentialsURI = "CredentialsURI"
	modeCloudSSO       = "CloudSSO"
	modeOAuth          = "OAuth"
	modeExternal       = "External"
)

var modes = []string{
	modeAK, modeStsToken, modeRamRoleArn, modeEcsRamRole, modeOIDC, modeChainable, modeCredentialsURI,
	modeCloudSSO, modeOAuth, modeExternal,
}

// refusedModes are those that the Alibaba Cloud CLI writes and this package does not use, each with the way out.
var refusedModes = map[string]string{
	"RamRoleArnWithRoleName": "use a profile of mode ChainableRamRoleArn whose source_profile is of mode EcsRamRole, as the Alibaba Cloud CLI advises itself",
	"RsaKeyPair":             "key pairs exist on the international site only and are deprecated; use a RAM user's AccessKey (mode AK) or a role (mode RamRoleArn)",
	"BearerToken":            "a bearer token cannot sign; use a RAM user's AccessKey (mode AK) or a role (mode RamRoleArn)",
	"Anonymous":              "an anonymous profile has no key to sign with; use a RAM user's AccessKey (mode AK) or a role (mode RamRoleArn)",
}

// profile is one profile. The names of the fields are those of the Alibaba Cloud CLI's configuration file.
type profile struct {
	Name            string `json:"name"`
	Mode            string `json:"mode"`
	AccessKeyID     string `json:"access_key_id"`
	AccessKeySecret Secret `json:"access_key_secret"`
	STSToken        Secret `json:"sts_token"`
	// STSExpiration is when the keys above end, in Unix seconds; 0 where that is not known.
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
	// CloudSSOTokenExpire and OAuthTokenExpire are when the access tokens end, in Unix seconds.
	CloudSSOToken       Secret `json:"access_token"`
	CloudSSOTokenExpire int64  `json:"cloud_sso_access_token_expire"`
	OAuthSite           string `json:"oauth_site_type"`
	OAuthToken          Secret `json:"oauth_access_token"`
	OAuthTokenExpire    int64  `json:"oauth_access_token_expire"`
}

// isEmpty tells whether the profile is one that nobody has filled in, as `aliyun configure` leaves it when it is interrupted.
func (p profile) isEmpty() bool {
	return (p.Mode == "" || p.Mode == modeAK) && p.AccessKeyID == "" && p.AccessKeySecret.IsEmpty() && p.STSToken.IsEmpty()
}

// words says which profile it is, for Credentials.Source.
func (p profile) words(file profileFile) string {
	return fmt.Sprintf("profile %q of %s", p.Name, file.path)
}

// fromProfile returns the credentials of a profile of any mode. through names the profiles that led here.
func (f finder) fromProfile(ctx context.Context, file profileFile, p profile, through []string) (Credentials, error) {
	source := p.words(file)
	switch p.Mode {
	case modeAK:
		return p.keys(source, false)
	case modeStsToken:
		return p.keys(source, true)
	case modeRamRoleArn:
		base, err := p.keys(source, !p.STSToken.IsEmpty())
		if err != nil {
			return Credentials{}, err
		}
		return f.assumeOfProfile(ctx, base, p)
	case modeChainable:
		return f.fromChain(ctx, file, p, append(through, p.Name))
	case modeEcsRamRole:
		if p.RoleName != "" && !isRoleName(p.RoleName) {
			return Credentials{}, fmt.Errorf("ram_role_name: %w", errRoleName)
		}
		return f.instanceRole(ctx, p.RoleName)
	case modeOIDC:
		return f.fromOIDCProfile(ctx, p, source)
	case modeCredentialsURI:
		if p.CredentialsURI == "" {
			return Credentials{}, lacks("credentials_uri")
		}
		return f.fromURI(ctx, p.CredentialsURI)
	case modeCloudSSO:
		return f.fromCloudSSO(ctx, p, source)
	case modeOAuth:
		return f.fromOAuth(ctx, p, source)
	case modeExternal:
		return f.fromExternal(ctx, file, p, through)
	case "":
		return Credentials{}, errors.New("it has no mode: run `aliyun configure` for it")
	}
	if wayOut, known := refusedModes[p.Mode]; known {
		return Credentials{}, fmt.Errorf("its mode %s is not supported: %s", p.Mode, wayOut)
	}
	return Credentials{}, fmt.Errorf("its mode%s is not known; use one of %s", quotedWord(p.Mode), strings.Join(modes, ", "))
}

// keys returns the keys that the profile holds, with the token or without.
func (p profile) keys(source string, withToken bool) (Credentials, error) {
	token := ""
	switch {
	case p.AccessKeyID == "":
		return Credentials{}, lacks("access_key_id")
	case p.AccessKeySecret.IsEmpty():
		return Credentials{}, lacks("access_key_secret")
	case withToken && p.STSToken.IsEmpty():
		return Credentials{}, lacks("sts_token")
	case withToken:
		token = p.STSToken.Reveal()
	}
	found, err := static(source, p.AccessKeyID, p.AccessKeySecret.Reveal(), token)
	if err == nil && withToken && p.STSExpiration != 0 {
		found.Expires, err = unixEnd(float64(p.STSExpiration))
	}
	return found, err
}

// stored returns the session that the Alibaba Cloud CLI has put into the profile, where it holds for another minute.
func (f finder) stored(p profile, source string) (Credentials, bool) {
	found, err := p.keys(source, true)
	ok := err == nil && found.ExpiryKnown() && !found.endsBy(f.environment.Now().Add(endMargin))
	return found, ok
}

// fromChain assumes the profile's role with the credentials of its source profile.
func (f finder) fromChain(ctx context.Context, file profileFile, p profile, through []string) (Credentials, error) {
	if p.SourceProfile == "" {
		return Credentials{}, lacks("source_profile")
	}
	if slices.Contains(through, p.SourceProfile) {
		return Credentials{}, fmt.Errorf("its source_profile leads back to itself: %s", strings.Join(append(through, p.SourceProfile), " → "))
	}
	next, ok, err := file.lookup(p.SourceProfile)
	if err == nil && !ok {
		err = errors.New("there is no such profile in the file")
	}
	var base Credentials
	if err == nil {
		base, err = f.fromProfile(ctx, file, next, through)
	}
	if err != nil {
		return Credentials{}, fmt.Errorf("source profile %q: %w", p.SourceProfile, err)
	}
	return f.assumeOfProfile(ctx, base, p)
}

func (f finder) assumeOfProfile(ctx context.Context, base Credentials, p profile) (Credentials, error) {
	r, err := f.roleOfProfile(p)
	if err != nil {
		return Credentials{}, err
	}
	return f.assume(ctx, base, r)
}

func (f finder) roleOfProfile(p profile) (role, error) {
	if p.RoleARN == "" {
		return role{}, lacks("ram_role_arn")
	}
	host, err := f.stsHost(p)
	return role{
		arn: p.RoleARN, session: f.sessionName(p.SessionName), policy: p.Policy, externalID: p.ExternalID,
		seconds: p.ExpiredSeconds, host: host,
	}, err
}

func (f finder) fromOIDCProfile(ctx context.Context, p profile, source string) (Credentials, error) {
	switch {
	case p.OIDCProviderARN == "":
		return Credentials{}, lacks("oidc_provider_arn")
	case p.OIDCToken.IsEmpty() && p.OIDCTokenFile == "":
		return Credentials{}, lacks("oidc_token_file")
	}
	r, err := f.roleOfProfile(p)
	if err != nil {
		return Credentials{}, err
	}
	return f.assumeByOIDC(ctx, oidcRole{role: r, provider: p.OIDCProviderARN, token: p.OIDCToken, file: p.OIDCTokenFile}, source)
}

func lacks(field string) error {
	return fmt.Errorf("it has no %s: run `aliyun configure` for it", field)
}

var wordPattern = regexp.MustCompile(`^[A-Za-z_]{1,32}$`)

// quotedWord returns a blank and the word in quotes, or nothing for what may be something else than a misspelt word.
func quotedWord(text string) string {
	if !wordPattern.MatchString(text) {
		return ""
	}
	return fmt.Sprintf(" %q", text)
}
