package credentials

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"
)

const actionOIDC = "AssumeRoleWithOIDC"

// oidcRole is a role that an OIDC token assumes.
type oidcRole struct {
	role
	provider string
	// token is the token itself; empty for the content of file.
	token Secret
	file  string
}

// missingOIDCVariables names the environment variables that OIDC lacks.
func (f finder) missingOIDCVariables() []string {
	var missing []string
	for _, names := range [][]string{
		{"ALIBABA_CLOUD_OIDC_PROVIDER_ARN"},
		{"ALIBABA_CLOUD_ROLE_ARN"},
		{"ALIBABA_CLOUD_OIDC_TOKEN", "ALIBABA_CLOUD_OIDC_TOKEN_FILE"},
	} {
		if _, name := f.environment.first(names...); name == "" {
			missing = append(missing, strings.Join(names, " or "))
		}
	}
	return missing
}

// fromOIDCVariables assumes the role of the environment. One variable that serves nothing but OIDC makes the others
// necessary; ALIBABA_CLOUD_ROLE_ARN serves the role on top as well.
func (f finder) fromOIDCVariables(ctx context.Context) (Credentials, error) {
	missing := f.missingOIDCVariables()
	var set []string
	for _, name := range []string{"ALIBABA_CLOUD_OIDC_PROVIDER_ARN", "ALIBABA_CLOUD_OIDC_TOKEN", "ALIBABA_CLOUD_OIDC_TOKEN_FILE"} {
		if f.environment.Getenv(name) != "" {
			set = append(set, name)
		}
	}
	switch {
	case len(missing) == 0:
		return f.fromOIDCBlock(ctx, AssumeRoleWithOIDC{}, "OIDC by environment variables")
	case len(set) > 0:
		return Credentials{}, fmt.Errorf("%s set without %s; OIDC needs a provider, a role and a token: set all, or none",
			strings.Join(set, " and "), strings.Join(missing, " and "))
	}
	return Credentials{}, absentf("not set: %s", strings.Join(missing, ", "))
}

func (f finder) fromConfiguredOIDC(ctx context.Context) (Credentials, error) {
	return f.fromOIDCBlock(ctx, *f.config.AssumeRoleWithOIDC, "the configuration's assume_role_with_oidc")
}

// fromOIDCBlock assumes the role of a block whose empty fields the environment fills.
func (f finder) fromOIDCBlock(ctx context.Context, b AssumeRoleWithOIDC, source string) (Credentials, error) {
	e := f.environment
	r := oidcRole{
		role:     role{arn: b.RoleARN, session: f.sessionName(b.RoleSessionName), policy: b.Policy, seconds: b.SessionExpiration},
		provider: b.OIDCProviderARN,
		token:    b.OIDCToken,
		file:     b.OIDCTokenFile,
	}
	if r.arn == "" {
		r.arn = e.Getenv("ALIBABA_CLOUD_ROLE_ARN")
	}
	if r.provider == "" {
		r.provider = e.Getenv("ALIBABA_CLOUD_OIDC_PROVIDER_ARN")
	}
	if r.token.IsEmpty() && r.file == "" {
		r.token, r.file = NewSecret(e.Getenv("ALIBABA_CLOUD_OIDC_TOKEN")), e.Getenv("ALIBABA_CLOUD_OIDC_TOKEN_FILE")
	}
	switch {
	case r.arn == "":
		return Credentials{}, errors.New("no role is named: give role_arn, or set ALIBABA_CLOUD_ROLE_ARN")
	case r.provider == "":
		return Credentials{}, errors.New("no OIDC provider is named: give oidc_provider_arn, or set ALIBABA_CLOUD_OIDC_PROVIDER_ARN")
	case r.token.IsEmpty() && r.file == "":
		return Credentials{}, errors.New("there is no OIDC token: give oidc_token or oidc_token_file, or set ALIBABA_CLOUD_OIDC_TOKEN or ALIBABA_CLOUD_OIDC_TOKEN_FILE")
	}
	var err error
	if r.host, err = f.stsHost(profile{}); err != nil {
		return Credentials{}, err
	}
	return f.assumeByOIDC(ctx, r, source)
}

// assumeByOIDC asks STS for a session of the role. The request is not signed: the token stands for the caller.
func (f finder) assumeByOIDC(ctx context.Context, r oidcRole, source string) (Credentials, error) {
	token, err := f.oidcToken(r)
	if err != nil {
		return Credentials{}, err
	}
	if err := errors.Join(r.check(), checkProviderARN(r.provider)); err != nil {
		return Credentials{}, err
	}
	form := r.form()
	form["OIDCProviderArn"] = r.provider
	form["OIDCToken"] = token
	query := func(now time.Time) map[string]string { return stsQuery(actionOIDC, now) }
	return f.askSTS(ctx, r.role, fmt.Sprintf("role %s, assumed with an OIDC token (%s)", clip(r.arn), source), query, form, token)
}

func (f finder) oidcToken(r oidcRole) (string, error) {
	if !r.token.IsEmpty() {
		if err := checkOIDCToken(r.token.Reveal()); err != nil {
			return "", fmt.Errorf("the OIDC token: %w", err)
		}
		return r.token.Reveal(), nil
	}
	path, err := f.environment.path(r.file)
	if err != nil {
		return "", fmt.Errorf("OIDC token file %q: %w", r.file, err)
	}
	content, err := f.environment.readText(path)
	if err != nil {
		return "", fmt.Errorf("OIDC token file %q: %s", path, describeFile(err))
	}
	token := strings.TrimSpace(string(content))
	if err := checkOIDCToken(token); err != nil {
		return "", fmt.Errorf("OIDC token file %q: %w", path, err)
	}
	return token, nil
}
