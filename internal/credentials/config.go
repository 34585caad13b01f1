package credentials

import "log/slog"

// redacted is what every printed form of a secret reads.
const redacted = "(sensitive)"

// Secret is text that no verb of package fmt, no encoder and no logger prints, also not when the Secret is a field of
// another struct. The zero value is the empty text.
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

// IsEmpty tells whether the text is empty.
func (s Secret) IsEmpty() bool { return s.text == nil }

// String never shows the text.
func (s Secret) String() string { return redacted }

// GoString never shows the text.
func (s Secret) GoString() string { return redacted }

// LogValue never shows the text.
func (s Secret) LogValue() slog.Value { return slog.StringValue(redacted) }

// MarshalText never shows the text; encoding/json uses it too.
func (s Secret) MarshalText() ([]byte, error) { return []byte(redacted), nil }

// UnmarshalText takes text as the Secret; encoding/json uses it for strings.
func (s *Secret) UnmarshalText(text []byte) error {
	*s = NewSecret(string(text))
	return nil
}

// Config is what the user's configuration says about credentials. An empty field is one that is not given. [Check] finds
// what is wrong in it, as far as that shows without the environment.
type Config struct {
	// AccessKey, SecretKey and, for temporary credentials, SecurityToken are the keys themselves.
	AccessKey     string
	SecretKey     Secret
	SecurityToken Secret

	// Profile is the name of a profile, SharedCredentialsFile the path of the file that holds it; ~/ is the home directory.
	Profile               string
	SharedCredentialsFile string

	// ECSRoleName is the RAM role of the ECS instance, asked of the metadata service.
	ECSRoleName string
	// CredentialsURI is an http or https address that answers with temporary credentials.
	CredentialsURI string

	// AssumeRole, where not nil, is a role that the credentials found assume.
	AssumeRole *AssumeRole
	// NoRole forbids the role on top that the environment asks for where AssumeRole is nil.
	NoRole bool
	// AssumeRoleWithOIDC, where not nil, is a role that an OIDC token assumes.
	AssumeRoleWithOIDC *AssumeRoleWithOIDC

	// Region is a region id as in "cn-hangzhou". It chooses the host of STS; empty for sts.aliyuncs.com.
	Region string
}

// AssumeRole is a RAM role on top of other credentials (STS AssumeRole).
type AssumeRole struct {
	// RoleARN is acs:ram::<account>:role/<name>; empty for that of the environment.
	RoleARN string
	// SessionName is 2 to 64 of letters, digits and . @ - _; empty for that of the environment, else "terraform".
	SessionName string
	// Policy is a RAM policy document, in JSON, that narrows the session.
	Policy string
	// SessionExpiration is the session's length in seconds, 900 to 43200; 0 for that of the environment, else 3600.
	SessionExpiration int64
	// ExternalID is 2 to 1224 of letters, digits and _ + = , . @ : / -.
	ExternalID string
}

// AssumeRoleWithOIDC is a RAM role by an OIDC token (STS AssumeRoleWithOIDC). Empty fields but Policy and
// SessionExpiration come from the environment.
type AssumeRoleWithOIDC struct {
	// OIDCProviderARN is acs:ram::<account>:oidc-provider/<name>.
	OIDCProviderARN string
	// OIDCToken is the token, 4 to 20000 characters. It wins over OIDCTokenFile, the path of a file that holds it.
	OIDCToken     Secret
	OIDCTokenFile string
	// RoleARN is acs:ram::<account>:role/<name>.
	RoleARN string
	// RoleSessionName is 2 to 64 of letters, digits and . @ - _; empty for that of the environment, else "terraform".
	RoleSessionName string
	// Policy is a RAM policy document, in JSON, that narrows the session.
	Policy string
	// SessionExpiration is the session's length in seconds, 900 to 43200; 0 for 3600.
	SessionExpiration int64
}
