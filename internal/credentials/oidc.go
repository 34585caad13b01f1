package credentials

import (
	"github.com/alioss/terraform-provider-alioss/internal/text"
)

// oidcRole is a role that an OIDC token assumes.
type oidcRole struct {
	role
	// provider is the ARN of the OIDC provider.
	provider setting
	// token is the token itself, empty for the content of file.
	token Secret
	file  string
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
