package credentials

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/alioss/terraform-provider-alioss/internal/text"
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

// assumeByOIDC asks STS for a session of the role. The request is not signed: the token stands for
// the caller.
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
	words := fmt.Sprintf("role %s, assumed with an OIDC token (%s)", r.arn, source)
	return f.askSTS(ctx, r.role, words, query, form, token)
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
		return "", notThere{fmt.Errorf("OIDC token file %s: %w", text.Quote(r.file), err)}
	}
	content, err := f.environment.readText(path)
	if err != nil {
		failure := fileFailure(err)
		err = fmt.Errorf("OIDC token file %s: %w", text.Quote(path), failure)
		if failure.missing {
			err = notThere{err}
		}
		return "", err
	}
	token := strings.TrimSpace(string(content))
	if err := checkOIDCToken(token); err != nil {
		return "", fmt.Errorf("OIDC token file %q: %w", path, err)
	}
	return token, nil
}
