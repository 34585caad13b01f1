package credentials

import (
	"context"
	"net/http"
	"net/url"
)

// openURI prepares the keys of a credentials URI. Errors show only its host: the rest may be a
// secret. If the host accepts no connection, the error is a notThere.
func (f finder) openURI(s setting) (fetcher, error) {
	if err := uriRule.check(s); err != nil {
		return nil, err
	}
	u, err := url.Parse(s.value)
	return func(ctx context.Context) (Credentials, error) {
		source := "the credentials URI at " + u.Host
		found, err := f.issue(ctx, request{
			service: source, method: http.MethodGet, address: u.String, header: map[string]string{"Accept": jsonType},
		}, source)
		if isUnreachable(err) {
			err = notThere{err}
		}
		return found, err
	}, err
}
