package credentials

import (
	"cmp"
	"log/slog"
	"slices"
	"strings"
)

// redacted is every printed form of a secret.
const redacted = "(sensitive)"

// Secret is text that no verb of package fmt, no encoder and no logger prints, also not when the
// Secret is a field of another struct. The zero value is the empty text.
type Secret struct {
	text *string
}

// NewSecret returns text as a Secret.
func NewSecret(text string) Secret {
	if text == "" {
		return Secret{}
	}
	return Secret{&text}
}

// Reveal returns the text.
func (s Secret) Reveal() string {
	if s.text == nil {
		return ""
	}
	return *s.text
}

// IsEmpty reports whether the text is empty.
func (s Secret) IsEmpty() bool { return s.text == nil }

// String never shows the text.
func (s Secret) String() string { return redacted }

// GoString never shows the text.
func (s Secret) GoString() string { return redacted }

// LogValue never shows the text.
func (s Secret) LogValue() slog.Value { return slog.StringValue(redacted) }

// MarshalText never shows the text. encoding/json uses it too.
func (s Secret) MarshalText() ([]byte, error) { return []byte(redacted), nil }

// UnmarshalText takes text as the Secret, without white space around it.
func (s *Secret) UnmarshalText(text []byte) error {
	*s = NewSecret(string(text)).trimmed()
	return nil
}

func (s Secret) trimmed() Secret { return NewSecret(strings.TrimSpace(s.Reveal())) }

// Config is the user's configuration of credentials. A field that is empty or zero is not set.
// [Check] finds the errors that do not depend on the environment.
type Config struct {
	// AccessKey, SecretKey and, for temporary credentials, SecurityToken are the keys themselves.
	// White space around them does not count.
	AccessKey     string
	SecretKey     Secret
	SecurityToken Secret

	// Profile is the name of a profile, SharedCredentialsFile the path of the file that contains it.
	// ~/ is the home directory.
	Profile               string
	SharedCredentialsFile string

	// ECSRoleName is the RAM role of the ECS instance, whose keys come from the metadata service.
	ECSRoleName string
	// CredentialsURI is an http or https address that returns temporary credentials.
	CredentialsURI string

	// AssumeRole is assumed with the credentials found, if it is not nil.
	AssumeRole         *AssumeRole
	AssumeRoleWithOIDC *AssumeRoleWithOIDC // may be nil

	// STSEndpoint is the host of STS, as in "sts-vpc.cn-hangzhou.aliyuncs.com".
	STSEndpoint string
	// Region is a region ID as in "cn-hangzhou", of the configuration or the environment. It chooses
	// the host of STS, before the profile's region_id, if no endpoint and no region of STS is set.
	Region string

	// Blank are the arguments that are written in the configuration, but as the empty text or 0:
	// "secret_key", "assume_role.session_expiration". Most of them count as not set. A blank
	// assume_role.role_arn means no role, and a blank session_expiration is an error.
	Blank []string
}

func (c Config) blank(argument string) bool { return slices.Contains(c.Blank, argument) }

var keyArguments = [3]string{"access_key", "secret_key", "security_token"}

func (c Config) keys() [3]string {
	return [3]string{c.AccessKey, c.SecretKey.Reveal(), c.SecurityToken.Reveal()}
}

// sources returns the arguments of the sources that are set, in the order in which they count.
func (c Config) sources() []string {
	var set []string
	for _, source := range []struct {
		argument string
		isSet    bool
	}{
		{"access_key", c.keys() != [3]string{}},
		{"profile", c.Profile != ""},
		{"shared_credentials_file", c.SharedCredentialsFile != ""},
		{"ecs_role_name", c.ECSRoleName != ""},
		{"credentials_uri", c.CredentialsURI != ""},
		{"assume_role_with_oidc", c.AssumeRoleWithOIDC != nil},
	} {
		if source.isSet {
			set = append(set, source.argument)
		}
	}
	return set
}

func (c Config) source() string { return cmp.Or(c.sources()...) }

// trimmed cuts off white space around keys. Keys of white space alone are blank.
func (c Config) trimmed() Config {
	before := c.keys()
	c.AccessKey, c.ECSRoleName = strings.TrimSpace(c.AccessKey), strings.TrimSpace(c.ECSRoleName)
	c.SecretKey, c.SecurityToken = c.SecretKey.trimmed(), c.SecurityToken.trimmed()
	for part, key := range c.keys() {
		if key == "" && before[part] != "" {
			c.Blank = append(slices.Clip(c.Blank), keyArguments[part])
		}
	}
	if c.AssumeRoleWithOIDC != nil {
		role := *c.AssumeRoleWithOIDC
		role.OIDCToken = role.OIDCToken.trimmed()
		c.AssumeRoleWithOIDC = &role
	}
	return c
}

// AssumeRole is a RAM role to assume with other credentials (STS AssumeRole).
type AssumeRole struct {
	// RoleARN is acs:ram::<account>:role/<name>. If it is empty, it is that of the environment, or
	// there is no role: see [Config].Blank.
	RoleARN string
	// SessionName is 2 to 64 of letters, digits and . @ - _, or empty for that of the environment, or
	// "terraform".
	SessionName string
	// Policy is a RAM policy document, in JSON, that narrows the session.
	Policy string
	// SessionExpiration is the session's length in seconds, 900 to 43200. If it is 0, it is that of
	// the environment, of the profile whose role this one replaces, or 3600.
	SessionExpiration int64
	// ExternalID is 2 to 1224 of letters, digits and _ + = , . @ : / -.
	ExternalID string
}

func (r AssumeRole) role() role {
	const block = " of assume_role"
	return role{
		arn: setting{r.RoleARN, "role_arn" + block}, session: setting{r.SessionName, "session_name" + block},
		policy: r.Policy, externalID: r.ExternalID, seconds: r.SessionExpiration, secondsFrom: "session_expiration" + block,
	}
}

// AssumeRoleWithOIDC is a RAM role to assume with an OIDC token (STS AssumeRoleWithOIDC). Empty
// fields but Policy and SessionExpiration come from the environment.
type AssumeRoleWithOIDC struct {
	// OIDCProviderARN is acs:ram::<account>:oidc-provider/<name>.
	OIDCProviderARN string
	// OIDCToken has 4 to 20000 characters, and precedence over OIDCTokenFile, the path of its file.
	OIDCToken     Secret
	OIDCTokenFile string
	// The limits of the others are those of AssumeRole. A SessionExpiration of 0 means 3600.
	RoleARN           string
	RoleSessionName   string
	Policy            string
	SessionExpiration int64
}

func (r AssumeRoleWithOIDC) role() oidcRole {
	const block = " of assume_role_with_oidc"
	return oidcRole{
		role: role{
			arn: setting{r.RoleARN, "role_arn" + block}, session: setting{r.RoleSessionName, "role_session_name" + block},
			policy: r.Policy, seconds: r.SessionExpiration, secondsFrom: "session_expiration" + block,
		},
		provider: setting{r.OIDCProviderARN, "oidc_provider_arn" + block}, token: r.OIDCToken, file: r.OIDCTokenFile,
	}
}
