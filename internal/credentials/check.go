package credentials

import (
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/url"
	"strings"

	"github.com/alioss/terraform-provider-alioss/internal/text"
)

// Limits from the documentation of STS AssumeRole. The role's own MaxSessionDuration may be lower.
const (
	minSessionSeconds     = 900
	maxSessionSeconds     = 43200
	defaultSessionSeconds = 3600

	minOIDCToken = 4
	maxOIDCToken = 20000
)

var (
	externalIDPattern = newPattern(`^[\w+=,.@:/-]+$`)
	roleNamePattern   = newPattern(`^[A-Za-z0-9._@-]{1,64}$`)
	regionPattern     = newPattern(`^[a-z0-9]+(-[a-z0-9]+)*$`)
	hostPattern       = newPattern(`^[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?$`)
)

// setting is a value and its origin: an argument, a variable or a field of a profile.
type setting struct{ value, from string }

// rule is the form of a setting. Its text continues a sentence that begins with the origin.
type rule struct {
	allows func(value string) bool
	text   string
	// hidden keeps the value out of errors.
	hidden bool
}

func form(expression, text string) rule {
	return rule{newPattern(expression).MatchString, text, false}
}

var (
	roleARNRule     = form(`^acs:ram::[0-9]+:role/[^\s/][^\s]*$`, "must have the form acs:ram::<account>:role/<name>")
	providerARNRule = form(`^acs:ram::[0-9]+:oidc-provider/[^\s/][^\s]*$`,
		"must have the form acs:ram::<account>:oidc-provider/<name>")
	sessionNameRule = form(`^[A-Za-z0-9.@_-]{2,64}$`, "must have 2 to 64 letters, digits and . @ - _")
	roleNameRule    = rule{
		isRoleName, "must be the name of a RAM role, 1 to 64 letters, digits and . _ @ -, and not an ARN", false,
	}
	regionRule     = rule{isRegion, "must be a region ID such as cn-hangzhou", false}
	externalIDRule = rule{isExternalID, "must have 2 to 1224 letters, digits and _ + = , . @ : / -", true}
	policyRule     = rule{isObject, "must be a RAM policy document, a JSON object with Version and Statement", true}
	// Path and query of a credentials URI may be secret, and an endpoint may be a pasted one.
	uriRule = rule{isURI, "must be an http:// or https:// address with a host", true}
	stsRule = rule{isSTS, "is not the host of an STS endpoint such as sts.cn-hangzhou.aliyuncs.com (https only)", true}
)

func isExternalID(id string) bool {
	return len(id) >= 2 && len(id) <= 1224 && externalIDPattern.MatchString(id)
}

func isObject(document string) bool {
	return json.Unmarshal([]byte(document), new(map[string]any)) == nil
}

func isRegion(id string) bool { return len(id) <= 63 && regionPattern.MatchString(id) }

func isURI(uri string) bool {
	u, err := url.Parse(uri)
	return err == nil && (u.Scheme == "http" || u.Scheme == "https") && u.Hostname() != ""
}

// isSTS reports whether an endpoint is a host, perhaps with a port and with https:// before it.
func isSTS(endpoint string) bool {
	host := stsHost(endpoint)
	u, err := url.Parse("https://" + host)
	return err == nil && u.Host == host && (net.ParseIP(u.Hostname()) != nil || hostPattern.MatchString(u.Hostname()))
}

func stsHost(endpoint string) string {
	return strings.TrimSuffix(strings.TrimPrefix(strings.TrimSpace(endpoint), "https://"), "/")
}

// check allows the empty value. Its error shows no value: it may be a secret in the wrong place.
func (r rule) check(s setting) error {
	if s.value == "" || r.allows(s.value) {
		return nil
	}
	return fmt.Errorf("%s %s", s.from, r.text)
}

// ConfigError is one fault of a [Config].
type ConfigError struct {
	// Path is the argument at fault: its name, after that of its block if it has one.
	Path []string
	// Err contains what is wrong and what to do. It shows no secret.
	Err error
}

// Check returns the errors of c that can be found without environment, files and network, in the
// order of the arguments in [Config]. A caller that has some values only later leaves these empty
// and drops the faults about them.
func Check(c Config) []ConfigError {
	c = c.trimmed()
	var faults []ConfigError
	add := func(err error, path ...string) {
		if err != nil {
			faults = append(faults, ConfigError{path, err})
		}
	}
	check := func(r rule, value string, path ...string) {
		err := r.check(setting{value, path[len(path)-1]})
		if err != nil && !r.hidden {
			err = fmt.Errorf("%w, got %s", err, text.Quote(value))
		}
		add(err, path...)
	}
	checkPair(c, add)
	checkSources(c, add)
	check(roleNameRule, c.ECSRoleName, "ecs_role_name")
	check(uriRule, c.CredentialsURI, "credentials_uri")
	check(stsRule, c.STSEndpoint, "sts_endpoint")
	check(regionRule, c.Region, "region")
	if r := c.AssumeRole; r != nil {
		const block = "assume_role"
		check(roleARNRule, r.RoleARN, block, "role_arn")
		check(sessionNameRule, r.SessionName, block, "session_name")
		check(policyRule, r.Policy, block, "policy")
		add(c.checkDuration(r.SessionExpiration, block), block, "session_expiration")
		check(externalIDRule, r.ExternalID, block, "external_id")
	}
	if r := c.AssumeRoleWithOIDC; r != nil {
		const block = "assume_role_with_oidc"
		check(providerARNRule, r.OIDCProviderARN, block, "oidc_provider_arn")
		if !r.OIDCToken.IsEmpty() {
			add(checkOIDCToken(r.OIDCToken.Reveal()), block, "oidc_token")
		}
		check(roleARNRule, r.RoleARN, block, "role_arn")
		check(sessionNameRule, r.RoleSessionName, block, "role_session_name")
		check(policyRule, r.Policy, block, "policy")
		add(c.checkDuration(r.SessionExpiration, block), block, "session_expiration")
	}
	return faults
}

// checkPair adds faults of the keys at the argument that must change.
func checkPair(c Config, add func(error, ...string)) {
	keys := c.keys()
	id, secret, token := keys[0] != "", keys[1] != "", keys[2] != ""
	missing := func(name string) string {
		if c.blank(name) {
			return name + " is empty"
		}
		return name + " is missing"
	}
	const oneSource = "Set both, or neither. They must come from one source"
	switch {
	case id && !secret:
		add(fmt.Errorf("access_key is set, but %s. %s", missing("secret_key"), oneSource), "secret_key")
	case secret && !id:
		add(fmt.Errorf("secret_key is set, but %s. %s", missing("access_key"), oneSource), "access_key")
	case token && !id:
		add(errors.New("security_token is set, but access_key and secret_key are not. "+
			"Set the pair that the token was issued with, or remove the token"), "security_token")
	case isTemporaryKey(c.AccessKey) && !token:
		add(fmt.Errorf("%s, but %w", missing("security_token"), errTemporaryKey), "security_token")
	}
	for part, fault := range checkKeys(keyArguments, keys) {
		add(fault, keyArguments[part])
	}
}

// checkSources reports every source beside the first one. A profile and its file are one.
func checkSources(c Config, add func(error, ...string)) {
	sources := c.sources()
	for i, name := range sources {
		if i == 0 || sources[0] == "profile" && name == "shared_credentials_file" {
			continue
		}
		add(fmt.Errorf("%s and %s exclude each other, because credentials must come from one source. Remove one of them",
			sources[0], name), name)
	}
}

func isTemporaryKey(id string) bool { return strings.HasPrefix(id, "STS.") }

var errTemporaryKey = errors.New("an AccessKey ID that begins with \"STS.\" is temporary " +
	"and works only with the security token that was issued with it")

// checkDuration checks the session_expiration of a block: 0 is an error only if it is written.
func (c Config) checkDuration(seconds int64, block string) error {
	if seconds == 0 && c.blank(block+".session_expiration") {
		return fmt.Errorf("session_expiration must be between %d and %d seconds, got 0. To use the default, leave it out",
			minSessionSeconds, maxSessionSeconds)
	}
	return checkDuration("session_expiration", seconds)
}

func checkDuration(name string, seconds int64) error {
	if seconds != 0 && (seconds < minSessionSeconds || seconds > maxSessionSeconds) {
		return fmt.Errorf("%s must be between %d and %d seconds, got %d. The maximum of the role may be lower",
			name, minSessionSeconds, maxSessionSeconds, seconds)
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
