package signer

import (
	"log/slog"
	"sync/atomic"
)

// redacted is what every printed form of a secret reads.
const redacted = "(sensitive)"

// Credentials are what a request is signed with: an AccessKey pair, and for temporary credentials
// the STS token that belongs to it. The zero value is empty and signs nothing.
//
// The values sit behind a function, so that no verb of package fmt, no encoder and no logger
// reaches them, also in an unexported field of another struct, whose methods fmt does not call. A
// pointer is not enough: fmt follows one if the verb does not fit, as %s does not. A value may be
// copied and used by several goroutines.
type Credentials struct{ reveal func() *secret }

type secret struct {
	accessKeyID, accessKeySecret, securityToken string

	keys atomic.Pointer[[]*signingKey] // derived so far
}

// NewCredentials returns credentials of an AccessKey pair. The security token is empty for a
// long-lived key.
func NewCredentials(accessKeyID, accessKeySecret, securityToken string) Credentials {
	s := &secret{accessKeyID: accessKeyID, accessKeySecret: accessKeySecret, securityToken: securityToken}
	s.keys.Store(new([]*signingKey))
	return Credentials{func() *secret { return s }}
}

// IsZero reports whether there is no complete AccessKey pair to sign with.
func (c Credentials) IsZero() bool { return c.AccessKeyID() == "" || c.AccessKeySecret() == "" }

// AccessKeyID is the public half of the pair. It is part of every URL that the credentials sign.
func (c Credentials) AccessKeyID() string { return c.values().accessKeyID }

// AccessKeySecret is the secret half of the pair, for a caller that must sign something other than
// a URL with it, such as a request for a role.
func (c Credentials) AccessKeySecret() string { return c.values().accessKeySecret }

// SecurityToken is the STS token, empty for a long-lived key.
func (c Credentials) SecurityToken() string { return c.values().securityToken }

func (c Credentials) values() *secret {
	if c.reveal == nil {
		return &secret{}
	}
	return c.reveal()
}

// Temporary reports whether the credentials contain an STS token, and so expire by themselves.
func (c Credentials) Temporary() bool { return c.SecurityToken() != "" }

// String never shows a value.
func (c Credentials) String() string { return redacted }

// GoString never shows a value.
func (c Credentials) GoString() string { return redacted }

// LogValue never shows a value.
func (c Credentials) LogValue() slog.Value { return slog.StringValue(redacted) }

// MarshalText never shows a value. encoding/json uses it too.
func (c Credentials) MarshalText() ([]byte, error) { return []byte(redacted), nil }
