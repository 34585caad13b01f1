package credentials

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"unicode"
)

// Limits of STS sessions, from the documentation of STS AssumeRole. The upper bound is further that of the role
// (MaxSessionDuration), which only the service knows.
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
	// Path names the argument at fault: one name, or for an argument of a block two ("assume_role", "role_arn").
	Path []string
	// Err says what is wrong and what to do. It shows no secret.
	Err error
}

func (e ConfigError) Error() string { return strings.Join(e.Path, ".") + ": " + e.Err.Error() }

func (e ConfigError) Unwrap() error { return e.Err }

// Check returns what is wrong in c as far as it shows without environment, files and network: keys without their other
// half, two sources at once, and values outside their limits. A caller that knows some values only later leaves these
// empty and drops the faults that name them.
func Check(c Config) []ConfigError {
	var faults []ConfigError
	add := func(err error, path ...string) {
		if err != nil {
			faults = append(faults, ConfigError{path, err})
		}
	}
	key, secret, token := c.AccessKey != "", !c.SecretKey.IsEmpty(), !c.SecurityToken.IsEmpty()
	const oneSource = "key, secret and token come from one source: give both, or neither"
	switch {
	case key && !secret:
		add(errors.New("access_key is given without secret_key; "+oneSource), "secret_key")
	case secret && !key:
		add(errors.New("secret_key is given without access_key; "+oneSource), "access_key")
	case token && !key:
		add(errors.New("security_token is given without access_key and secret_key; a token belongs to the pair that it was issued with"),
			"security_token")
	case key && isTemporaryKey(c.AccessKey) && !token:
		add(errTemporaryKey, "security_token")
	}
	add(checkText(c.AccessKey), "access_key")
	add(checkText(c.SecretKey.Reveal()), "secret_key")
	add(checkText(c.SecurityToken.Reveal()), "security_token")
	checkSources(c, add)
	if c.ECSRoleName != "" && !isRoleName(c.ECSRoleName) {
		add(errRoleName, "ecs_role_name")
	}
	if c.CredentialsURI != "" {
		_, err := parseURI(c.CredentialsURI)
		add(err, "credentials_uri")
	}
	if c.Region != "" {
		add(checkRegion(c.Region), "region")
	}
	if r := c.AssumeRole; r != nil {
		const block = "assume_role"
		add(optional(r.RoleARN, checkRoleARN), block, "role_arn")
		add(optional(r.SessionName, checkSessionName), block, "session_name")
		add(optional(r.Policy, checkPolicy), block, "policy")
		add(checkDuration(r.SessionExpiration), block, "session_expiration")
		add(optional(r.ExternalID, checkExternalID), block, "external_id")
	}
	if r := c.AssumeRoleWithOIDC; r != nil {
		const block = "assume_role_with_oidc"
		add(optional(r.OIDCProviderARN, checkProviderARN), block, "oidc_provider_arn")
		add(optional(r.OIDCToken.Reveal(), checkOIDCToken), block, "oidc_token")
		add(optional(r.RoleARN, checkRoleARN), block, "role_arn")
		add(optional(r.RoleSessionName, checkSessionName), block, "role_session_name")
		add(optional(r.Policy, checkPolicy), block, "policy")
		add(checkDuration(r.SessionExpiration), block, "session_expiration")
	}
	return faults
}

// checkSources reports every source that stands beside an earlier one.
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
			add(fmt.Errorf("%s and %s exclude each other: credentials come from one source; remove one of the two", first, s.name), s.name)
		}
	}
}

func optional(text string, check func(string) error) error {
	if text == "" {
		return nil
	}
	return check(text)
}

// isTemporaryKey tells whether an AccessKey id is one that STS issued.
func isTemporaryKey(id string) bool { return strings.HasPrefix(id, "STS.") }

var (
	errTemporaryKey = errors.New("the key is a temporary one (its id begins with STS.) and has no security token: " +
		"the service refuses it without; give the token that was issued with it")
	errRoleName = errors.New("the name of a RAM role is 1 to 64 of letters, digits and . _ @ -, not an ARN")
)

// checkText refuses what no key, secret or token holds: blanks and control characters, mostly a line break that came along.
func checkText(text string) error {
	if strings.ContainsFunc(text, func(r rune) bool { return unicode.IsSpace(r) || unicode.IsControl(r) }) {
		return errors.New("the value holds a blank, a line break or a control character; remove it (often the last byte of a file or a pasted secret)")
	}
	return nil
}

func checkRoleARN(arn string) error {
	if !roleARNPattern.MatchString(arn) {
		return fmt.Errorf("%q is not the ARN of a RAM role; it reads acs:ram::<account>:role/<name>", clip(arn))
	}
	return nil
}

func checkProviderARN(arn string) error {
	if !providerARNPattern.MatchString(arn) {
		return fmt.Errorf("%q is not the ARN of an OIDC provider; it reads acs:ram::<account>:oidc-provider/<name>", clip(arn))
	}
	return nil
}

func checkSessionName(name string) error {
	if !sessionNamePattern.MatchString(name) {
		return fmt.Errorf("%q is not a session name: 2 to 64 of letters, digits and . @ - _", clip(name))
	}
	return nil
}

func checkExternalID(id string) error {
	if len(id) < 2 || len(id) > 1224 || !externalIDPattern.MatchString(id) {
		return errors.New("an external id is 2 to 1224 of letters, digits and _ + = , . @ : / -")
	}
	return nil
}

func checkPolicy(policy string) error {
	var document map[string]any
	if err := json.Unmarshal([]byte(policy), &document); err != nil {
		return errors.New("the policy is not a JSON object; give a RAM policy document with Version and Statement")
	}
	return nil
}

func checkDuration(seconds int64) error {
	if seconds != 0 && (seconds < MinSessionSeconds || seconds > MaxSessionSeconds) {
		return fmt.Errorf("a session lasts %d to %d seconds (and not longer than the role's own maximum), not %d",
			MinSessionSeconds, MaxSessionSeconds, seconds)
	}
	return nil
}

func checkOIDCToken(token string) error {
	if n := len(token); n < minOIDCToken || n > maxOIDCToken {
		return fmt.Errorf("an OIDC token has %d to %d characters, not %d", minOIDCToken, maxOIDCToken, n)
	}
	if strings.HasPrefix(token, "{") {
		return errors.New("the value is JSON that may hold a token, not the token itself; give that alone (of GitHub's answer: jq -r .value)")
	}
	return checkText(token)
}

func checkRegion(region string) error {
	if !regionPattern.MatchString(region) || len(region) > 63 {
		return fmt.Errorf("%q is not a region id such as cn-hangzhou", clip(region))
	}
	return nil
}

// parseURI parses a credentials URI. Its errors do not show it: path and query may hold a secret.
func parseURI(text string) (*url.URL, error) {
	u, err := url.Parse(text)
	if err != nil || (u.Scheme != "http" && u.Scheme != "https") || u.Hostname() == "" {
		return nil, errors.New("a credentials URI is an http:// or https:// address with a host")
	}
	return u, nil
}

// clip shortens text for an error.
func clip(text string) string {
	const limit = 100
	if runes := []rune(text); len(runes) > limit {
		return string(runes[:limit]) + "…"
	}
	return text
}
