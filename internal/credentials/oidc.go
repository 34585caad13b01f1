package credentials

import (
	"errors"
	"fmt"

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
	token := NewSecret(string(content)).trimmed()
	if err == nil {
		err = checkOIDCToken(token.Reveal())
	}
	if err == nil {
		return token, nil
	}
	failure, _ := errors.AsType[fileError](err)
	err = fmt.Errorf("the OIDC token file %s cannot be used, because %w", text.Quote(path), err)
	if failure.missing {
		err = notThere{err}
	}
	return Secret{}, err
}
