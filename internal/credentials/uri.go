package credentials

import (
	"context"
	"errors"
	"fmt"
	"net/http"
)

// fromURI fetches credentials. No error shows more of the address than its host: the rest may be a secret.
func (f finder) fromURI(ctx context.Context, uri string) (Credentials, error) {
	u, err := parseURI(uri)
	if err != nil {
		return Credentials{}, err
	}
	a, err := f.environment.do(ctx, exchange{
		transport: f.environment.Transport,
		timeout:   answerTimeout,
		request: func(ctx context.Context) (*http.Request, error) {
			request, err := http.NewRequestWithContext(ctx, http.MethodGet, u.String(), nil)
			if err != nil {
				return nil, errors.New("the credentials URI is not an address")
			}
			request.Header.Set("Accept", "application/json")
			return request, nil
		},
	})
	switch {
	case isUnreachable(err):
		return Credentials{}, notThere{fmt.Errorf("%s: %w", u.Host, err)}
	case err != nil:
		return Credentials{}, fmt.Errorf("%s: %w", u.Host, err)
	case a.status >= 300 && a.status < 400:
		return Credentials{}, fmt.Errorf("%s: redirects (status %d) are not followed; give the final address", u.Host, a.status)
	case a.status != http.StatusOK:
		return Credentials{}, fmt.Errorf("%s: it answered with status %d", u.Host, a.status)
	}
	found, err := parseSession("the credentials URI at "+u.Host, []byte(a.body.Reveal()))
	if err != nil {
		return Credentials{}, fmt.Errorf("%s: %w", u.Host, err)
	}
	return found, nil
}

// isUnreachable reports whether there was no connection at all.
func isUnreachable(err error) bool {
	var failed *transportError
	return errors.As(err, &failed) && !failed.connected
}
