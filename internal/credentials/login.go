package credentials

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
)

// oauthHosts are the sign-in hosts of the two sites of Alibaba Cloud, as its CLI has them.
var oauthHosts = map[string]string{
	"CN":   "oauth.aliyun.com",
	"INTL": "oauth.alibabacloud.com",
}

// logIn is the advice for a CloudSSO login that does not work.
func logIn(p profile) string {
	return "log in again: " + p.cli("configure --mode CloudSSO")
}

// renewOAuth is the advice for an OAuth login that does not work.
func renewOAuth(p profile) string {
	return "renew it with a command of the Alibaba Cloud CLI, such as: " + p.cli("sts GetCallerIdentity")
}

// fromCloudSSO fetches a session from a sign-in host with the access token of `aliyun configure
// --mode CloudSSO`. The CLI sends the same: CreateCloudCredential of its package cloudsso.
func (f finder) fromCloudSSO(ctx context.Context, p profile, host string) (Credentials, error) {
	body, _ := json.Marshal(map[string]string{ // strings cannot fail
		"AccountId": p.CloudSSOAccountID, "AccessConfigurationId": p.CloudSSOAccessConfig,
	})
	found, err := f.signIn(ctx, p, "CloudSSO", host, "/cloud-credentials", p.CloudSSOToken, string(body))
	return found, advise("if this lasts, "+logIn(p), err)
}

// fromOAuth exchanges the access token of `aliyun configure --mode OAuth` for a session. The CLI
// sends the same: exchangeFromOAuth of its package config.
func (f finder) fromOAuth(ctx context.Context, p profile, host string) (Credentials, error) {
	found, err := f.signIn(ctx, p, "OAuth", host, "/v1/exchange", p.OAuthToken, "")
	return found, advise("if this lasts, "+renewOAuth(p), err)
}

// signIn sends the access token of a login to a sign-in host, by https only, and returns the
// session of the answer.
func (f finder) signIn(
	ctx context.Context, p profile, service, host, path string, token Secret, body string,
) (Credentials, error) {
	if err := checkText(token.Reveal()); err != nil {
		return Credentials{}, fmt.Errorf("its access token %w", err)
	}
	return f.issue(ctx, request{
		service: service + " at " + host, method: http.MethodPost, address: func() string { return "https://" + host + path },
		header: map[string]string{
			"Accept": jsonType, "Content-Type": jsonType, "Authorization": "Bearer " + token.Reveal(),
		},
		body: body, within: "CloudCredential", secrets: []string{token.Reveal()},
	}, p.place)
}

// ended reports whether an access token that is valid until the Unix second has ended.
func (f finder) ended(second int64) bool {
	end, err := unixEnd(float64(second))
	return err != nil || !end.After(f.environment.Now())
}
