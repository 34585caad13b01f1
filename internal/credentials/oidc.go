package credentials

import (
	"errors"

	"github.com/alioss/terraform-provider-alioss/internal/text"
)

// oidcRole is a role that an OIDC token assumes.
type oidcRole struct {
	role
	// provider is the ARN of the OIDC provider, providerFrom is the name of its origin.
	provider, providerFrom string
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
	path, content, err := f.environment.readText(r.file)
	file := "OIDC token file " + text.Quote(path)
	if err != nil {
		var failure fileError
		err = at(file, err)
		if errors.As(err, &failure) && failure.missing {
			err = notThere{err}
		}
		return Secret{}, err
	}
	token := NewSecret(string(content)).trimmed()
	return token, at(file, checkOIDCToken(token.Reveal()))
}
