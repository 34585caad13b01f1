package credentials

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"strings"

	"github.com/alioss/terraform-provider-alioss/internal/text"
)

// Limits of STS sessions, from the documentation of STS AssumeRole. The role has an upper bound of
// its own (MaxSessionDuration), which only the service can check.
const (
	MinSessionSeconds     = 900
	MaxSessionSeconds     = 43200
	DefaultSessionSeconds = 3600
)

const (
	minOIDCToken = 4
	maxOIDCToken = 20000
)

var (
	roleARNPattern     = newPattern(`^acs:ram::[0-9]+:role/[^\s/][^\s]*$`)
	providerARNPattern = newPattern(`^acs:ram::[0-9]+:oidc-provider/[^\s/][^\s]*$`)
	sessionNamePattern = newPattern(`^[A-Za-z0-9.@_-]{2,64}$`)
	externalIDPattern  = newPattern(`^[\w+=,.@:/-]+$`)
	roleNamePattern    = newPattern(`^[A-Za-z0-9._@-]{1,64}$`)
	regionPattern      = newPattern(`^[a-z0-9]+(-[a-z0-9]+)*$`)
)

// ConfigError is one fault of a [Config].
type ConfigError struct {
	// Path is the argument at fault: one name, or for an argument of a block two ("assume_role",
	// "role_arn").
	Path []string
	// Err contains what is wrong and what to do. It shows no secret.
	Err error
}

func (e ConfigError) Error() string { return strings.Join(e.Path, ".") + ": " + e.Err.Error() }

func (e ConfigError) Unwrap() error { return e.Err }

// Check returns the errors of c that can be found without environment, files and network: keys
// without their other half, keys that cannot be right, two sources at once, and values outside
// their limits. The faults are in the order of the arguments in [Config]. A caller that has some
// values only later leaves these empty and drops the faults about them.
func Check(c Config) []ConfigError {
	c = c.trimmed()
	var faults []ConfigError
	add := func(err error, path ...string) {
		if err != nil {
			faults = append(faults, ConfigError{path, err})
		}
	}
	checkPair(c, add)
	checkSources(c, add)
	if c.ECSRoleName != "" && !isRoleName(c.ECSRoleName) {
		add(fmt.Errorf("ecs_role_name %w, got %s", errRoleName, text.Quote(c.ECSRoleName)), "ecs_role_name")
	}
	if c.CredentialsURI != "" {
		_, err := parseURI(c.CredentialsURI)
		add(err, "credentials_uri")
	}
	if c.STSEndpoint != "" {
		_, err := parseSTSEndpoint("sts_endpoint", c.STSEndpoint)
		add(err, "sts_endpoint")
	}
	if c.Region != "" && !isRegion(c.Region) {
		add(fmt.Errorf("%s %w", text.Quote(c.Region), errRegion), "region")
	}
	if r := c.AssumeRole; r != nil {
		const block = "assume_role"
		add(optional(r.RoleARN, checkRoleARN), block, "role_arn")
		add(optional(r.SessionName, checkSessionName("session_name")), block, "session_name")
		add(optional(r.Policy, checkPolicy), block, "policy")
		add(c.checkDuration(r.SessionExpiration, block), block, "session_expiration")
		add(optional(r.ExternalID, checkExternalID), block, "external_id")
	}
	if r := c.AssumeRoleWithOIDC; r != nil {
		const block = "assume_role_with_oidc"
		add(optional(r.OIDCProviderARN, checkProviderARN), block, "oidc_provider_arn")
		add(optional(r.OIDCToken.Reveal(), checkOIDCToken), block, "oidc_token")
		add(optional(r.RoleARN, checkRoleARN), block, "role_arn")
		add(optional(r.RoleSessionName, checkSessionName("role_session_name")), block, "role_session_name")
		add(optional(r.Policy, checkPolicy), block, "policy")
		add(c.checkDuration(r.SessionExpiration, block), block, "session_expiration")
	}
	return faults
}

// keyArguments are the arguments of ID, secret and token.
var keyArguments = [3]string{"access_key", "secret_key", "security_token"}

// checkPair reports what is wrong with the keys of the configuration, at the argument that must
// change.
func checkPair(c Config, add func(error, ...string)) {
	key, secret, token := c.AccessKey != "", !c.SecretKey.IsEmpty(), !c.SecurityToken.IsEmpty()
	// missing describes how an argument is missing: left out, or written as the empty text.
	missing := func(name string) string {
		if c.blank(name) {
			return name + " is empty"
		}
		return name + " is missing"
	}
	const oneSource = "Set both, or neither. They must come from one source"
	switch {
	case key && !secret:
		add(errors.New("access_key is set, but "+missing("secret_key")+". "+oneSource), "secret_key")
	case secret && !key:
		add(errors.New("secret_key is set, but "+missing("access_key")+". "+oneSource), "access_key")
	case token && !key:
		add(errors.New("security_token is set, but access_key and secret_key are not. "+
			"Set the pair that the token was issued with, or remove the token"), "security_token")
	case key && isTemporaryKey(c.AccessKey) && !token:
		add(fmt.Errorf("%s, but %w", missing("security_token"), errTemporaryKey), "security_token")
	}
	for part, fault := range checkKeys(c.AccessKey, c.SecretKey.Reveal(), c.SecurityToken.Reveal()) {
		if fault != nil {
			add(fmt.Errorf("%s %w", keyArguments[part], fault), keyArguments[part])
		}
	}
}

// checkSources reports every source beside an earlier one.
func checkSources(c Config, add func(error, ...string)) {
	sources := []struct {
		name  string
		given bool
	}{
		{"access_key", c.AccessKey != "" || !c.SecretKey.IsEmpty() || !c.SecurityToken.IsEmpty()},
		{"profile", c.Profile != ""},
		{"shared_credentials_file", c.SharedCredentialsFile != ""},
		{"ecs_role_name", c.ECSRoleName != ""},
		{"credentials_uri", c.CredentialsURI != ""},
		{"assume_role_with_oidc", c.AssumeRoleWithOIDC != nil},
	}
	first := ""
	for _, s := range sources {
		switch {
		case !s.given:
		case first == "":
			first = s.name
		case first == "profile" && s.name == "shared_credentials_file":
		default:
			add(fmt.Errorf("%s and %s exclude each other, because credentials must come from one source. Remove one of them",
				first, s.name), s.name)
		}
	}
}

// at returns err with the name of the part at fault before it.
func at(name string, err error) error {
	if err != nil {
		err = fmt.Errorf("%s: %w", name, err)
	}
	return err
}

func optional(text string, check func(string) error) error {
	if text == "" {
		return nil
	}
	return check(text)
}

// isTemporaryKey reports whether an AccessKey ID is one that STS issued.
func isTemporaryKey(id string) bool { return strings.HasPrefix(id, "STS.") }

var (
	errTemporaryKey = errors.New("an AccessKey ID that begins with \"STS.\" is temporary " +
		"and works only with the security token that was issued with it")
	errRoleName = errors.New("must be the name of a RAM role, 1 to 64 letters, digits and . _ @ -, and not an ARN")
)

// The errors of a value continue a sentence that begins with its name or with the value itself.
// Only values of the configuration are shown: a variable or a file may contain a secret in the
// wrong place.
var (
	errRoleARN     = errors.New("must have the form acs:ram::<account>:role/<name>")
	errProviderARN = errors.New("must have the form acs:ram::<account>:oidc-provider/<name>")
	errSessionName = errors.New("must have 2 to 64 letters, digits and . @ - _")
	errRegion      = errors.New("must be a region ID such as cn-hangzhou")
)

func checkRoleARN(arn string) error {
	if !roleARNPattern.MatchString(arn) {
		return fmt.Errorf("role ARN %w, got %s", errRoleARN, text.Quote(arn))
	}
	return nil
}

func checkProviderARN(arn string) error {
	if !providerARNPattern.MatchString(arn) {
		return fmt.Errorf("OIDC provider ARN %w, got %s", errProviderARN, text.Quote(arn))
	}
	return nil
}

func checkSessionName(argument string) func(string) error {
	return func(name string) error {
		if !sessionNamePattern.MatchString(name) {
			return fmt.Errorf("%s %w, got %s", argument, errSessionName, text.Quote(name))
		}
		return nil
	}
}

func checkExternalID(id string) error {
	if len(id) < 2 || len(id) > 1224 || !externalIDPattern.MatchString(id) {
		return errors.New("external_id must have 2 to 1224 letters, digits and _ + = , . @ : / -")
	}
	return nil
}

func checkPolicy(policy string) error {
	var document map[string]any
	if err := json.Unmarshal([]byte(policy), &document); err != nil {
		return errors.New("policy must be a RAM policy document, a JSON object with Version and Statement")
	}
	return nil
}

// checkDuration checks the session_expiration of a block, in which 0 means not set, unless it is
// written.
func (c Config) checkDuration(seconds int64, block string) error {
	if seconds == 0 && c.blank(block+".session_expiration") {
		return fmt.Errorf("session_expiration must be between %d and %d seconds, got 0. To use the default, leave it out",
			MinSessionSeconds, MaxSessionSeconds)
	}
	return checkDuration("session_expiration", seconds)
}

func checkDuration(name string, seconds int64) error {
	if seconds != 0 && (seconds < MinSessionSeconds || seconds > MaxSessionSeconds) {
		return fmt.Errorf("%s must be between %d and %d seconds, got %d. The maximum of the role may be lower",
			name, MinSessionSeconds, MaxSessionSeconds, seconds)
	}
	return nil
}

func checkOIDCToken(token string) error {
	if n := len(token); n < minOIDCToken || n > maxOIDCToken {
		return fmt.Errorf("OIDC token must have %s to %s characters, got %s",
			text.Thousands(minOIDCToken), text.Thousands(maxOIDCToken), text.Thousands(n))
	}
	if strings.HasPrefix(token, "{") {
		return errors.New("OIDC token is JSON that may contain a token. Write the token alone " +
			"(for GitHub's answer, use jq -r .value)")
	}
	if err := checkText(token); err != nil {
		return fmt.Errorf("OIDC token %w", err)
	}
	return nil
}

func isRegion(id string) bool { return regionPattern.MatchString(id) && len(id) <= 63 }

// parseURI parses a credentials URI. Its errors do not show it: path and query may be secret.
func parseURI(text string) (*url.URL, error) {
	u, err := url.Parse(text)
	if err != nil || (u.Scheme != "http" && u.Scheme != "https") || u.Hostname() == "" {
		return nil, errors.New("credentials URI must be an http:// or https:// address with a host")
	}
	return u, nil
}
