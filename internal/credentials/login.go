package credentials

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
)

// oauthHosts are the sign-in hosts of the two sites of Alibaba Cloud, as its CLI has them.
var oauthHosts = map[string]string{
	"CN":   "oauth.aliyun.com",
	"INTL": "oauth.alibabacloud.com",
}

// login is an access token of the Alibaba Cloud CLI, and the host that exchanges it for a session.
type login struct {
	service, host, path, body string

	what    string // the word for the token in errors
	token   Secret
	expires int64  // in Unix seconds
	remedy  string // the advice if the login does not work
}

// login returns the login of a profile of mode CloudSSO or OAuth. The CLI sends the same requests:
// CreateCloudCredential of its package cloudsso, exchangeFromOAuth of its package config.
//
// The refresh token of OAuth is not used: the service answers with a new one, which would have to
// be written into the user's file, or the login of the CLI would be lost. The CLI refreshes itself.
func (p profile) login() (login, error) {
	if p.Mode == modeOAuth {
		host, known := oauthHosts[strings.ToUpper(p.OAuthSite)]
		if !known {
			return login{}, advise("run: "+p.cli("configure --mode OAuth"),
				errors.New("its oauth_site_type is neither CN nor INTL"))
		}
		return login{
			"OAuth", host, "/v1/exchange", "", "access token", p.OAuthToken, p.OAuthTokenExpire,
			"renew it with a command of the Alibaba Cloud CLI, such as: " + p.cli("sts GetCallerIdentity"),
		}, nil
	}
	err := p.require("cloud_sso_sign_in_url", "cloud_sso_account_id", "cloud_sso_access_config")
	if err != nil {
		return login{}, err
	}
	u, err := url.Parse(p.CloudSSOSignInURL)
	if err != nil || u.Hostname() == "" || u.Scheme != "https" {
		return login{}, errors.New("its cloud_sso_sign_in_url is not an https:// address")
	}
	body, _ := json.Marshal(map[string]string{ // strings cannot fail
		"AccountId": p.CloudSSOAccountID, "AccessConfigurationId": p.CloudSSOAccessConfig,
	})
	return login{
		"CloudSSO", u.Host, "/cloud-credentials", string(body), "login", p.CloudSSOToken, p.CloudSSOTokenExpire,
		"log in again: " + p.cli("configure --mode CloudSSO"),
	}, nil
}

// openLogin prepares the session that the CLI stored, if it is still valid, or a new one.
func (f finder) openLogin(p profile) (fetcher, error) {
	found, err := p.keys()
	switch isStored := p.require("access_key_id", "access_key_secret", "sts_token") == nil; {
	case !isStored:
	case errors.As(err, new(wrongKeys)):
		return nil, err
	case err == nil && !found.Expires.IsZero() && f.environment.checkExpiry(found) == nil:
		return ready(found), nil
	}
	l, err := p.login()
	if err != nil {
		return nil, err
	}
	expires, err := unixEnd(float64(l.expires))
	if l.token.IsEmpty() || err != nil || !expires.After(f.environment.Now()) {
		return nil, advise(l.remedy, fmt.Errorf("its %s %s has expired", l.service, l.what))
	}
	return func(ctx context.Context) (Credentials, error) {
		if err := checkText(l.token.Reveal()); err != nil {
			return Credentials{}, advise(l.remedy, fmt.Errorf("its access token %w", err))
		}
		found, err := f.issue(ctx, request{
			service: l.service + " at " + l.host, method: http.MethodPost,
			address: func() string { return "https://" + l.host + l.path },
			header: map[string]string{
				"Accept": jsonType, "Content-Type": jsonType, "Authorization": "Bearer " + l.token.Reveal(),
			},
			body: l.body, within: "CloudCredential", secrets: []string{l.token.Reveal()},
		}, p.place)
		return found, advise("if this lasts, "+l.remedy, err)
	}, nil
}
