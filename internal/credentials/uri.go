package credentials

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"

	"github.com/alioss/terraform-provider-alioss/internal/transport"
)

// openURI prepares the keys of a credentials URI. from is the name of its origin.
func (f finder) openURI(uri, from string) (fetcher, error) {
	u, err := parseURI(from, uri)
	return func(ctx context.Context) (Credentials, error) { return f.fromURI(ctx, u) }, err
}

// fromURI fetches credentials. No error shows more of the address than its host: the rest may be a
// secret.
func (f finder) fromURI(ctx context.Context, u *url.URL) (Credentials, error) {
	a, err := f.exchange(ctx, transport.Exchange{New: func(ctx context.Context) (*http.Request, error) {
		request, err := http.NewRequestWithContext(ctx, http.MethodGet, u.String(), http.NoBody)
		if err != nil {
			return nil, errors.New("the credentials URI is not an address")
		}
		request.Header.Set("Accept", "application/json")
		if password, ok := u.User.Password(); ok || u.User.Username() != "" {
			request.SetBasicAuth(u.User.Username(), password)
		}
		return request, nil
	}})
	switch {
	case isUnreachable(err):
		return Credentials{}, notThere{fmt.Errorf("%s: %w", u.Host, err)}
	case err != nil:
		return Credentials{}, fmt.Errorf("%s: %w", u.Host, err)
	case a.Status >= 300 && a.Status < 400:
		return Credentials{}, advise("set the final address",
			fmt.Errorf("%s: redirects (status %d) are not followed", u.Host, a.Status))
	case a.Status != http.StatusOK:
		return Credentials{}, fmt.Errorf("%s: it answered with status %d", u.Host, a.Status)
	}
	found, err := parseSession("the credentials URI at "+u.Host, []byte(a.Body()))
	if err != nil {
		return Credentials{}, fmt.Errorf("%s: %w", u.Host, err)
	}
	return found, nil
}

// isUnreachable reports whether there was no connection at all.
func isUnreachable(err error) bool {
	var failed *transport.Error
	return errors.As(err, &failed) && !failed.Connected()
}
