package credentials

import (
	"context"
	"fmt"
	"time"

	"github.com/alioss/terraform-provider-alioss/internal/text"
)

const actionOIDC = "AssumeRoleWithOIDC"

// oidcRole is a role that an OIDC token assumes.
type oidcRole struct {
	role
	// provider is the ARN of the OIDC provider, providerFrom is the name of its origin.
	provider, providerFrom string
	// token is the token itself, empty for the content of file.
	token Secret
	file  string
}

// assumeByOIDC requests a session of the role from STS. The request is not signed: the token
// identifies the caller.
func (f finder) assumeByOIDC(ctx context.Context, r oidcRole, source string) (Credentials, error) {
	form := r.form()
	form["OIDCProviderArn"] = r.provider
	form["OIDCToken"] = r.token.Reveal()
	query := func(now time.Time) map[string]string { return stsQuery(actionOIDC, now) }
	words := fmt.Sprintf("role %s, assumed with an OIDC token (%s)", r.arn, source)
	return f.requestSTS(ctx, r.role, words, query, form, r.token.Reveal())
}

// oidcToken returns the token of a role: itself, or the content of its file. If the file does not
// exist, the error is a notThere.
func (f finder) oidcToken(r oidcRole) (Secret, error) {
	if !r.token.IsEmpty() {
		return r.token, checkOIDCToken(r.token.Reveal())
	}
	_, content, err := f.environment.readText("OIDC token file", r.file)
	if err != nil {
		return Secret{}, err
	}
	token := NewSecret(string(content)).trimmed()
	return token, after("OIDC token file "+text.Quote(r.file)+" cannot be used", checkOIDCToken(token.Reveal()))
}
