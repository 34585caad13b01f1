package credentials

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"

	"github.com/alioss/terraform-provider-alioss/internal/transport"
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
// --mode CloudSSO`.
func (f finder) fromCloudSSO(ctx context.Context, p profile, host string) (Credentials, error) {
	// The CLI sends the same: CreateCloudCredential of its package cloudsso.
	payload, err := json.Marshal(map[string]string{
		"AccountId": p.CloudSSOAccountID, "AccessConfigurationId": p.CloudSSOAccessConfig,
	})
	if err != nil {
		return Credentials{}, errors.New("its account or access configuration cannot be sent")
	}
	a, err := f.requestLogin(ctx, "CloudSSO", host, "/cloud-credentials", p.CloudSSOToken, payload)
	if err != nil {
		return Credentials{}, advise("if this lasts, "+logIn(p), err)
	}
	var answer struct{ CloudCredential json.RawMessage }
	if json.Unmarshal([]byte(a), &answer) != nil {
		return Credentials{}, errors.New("CloudSSO: it answered something other than credentials in JSON")
	}
	found, err := parseSession(p.place, answer.CloudCredential)
	if err != nil {
		return Credentials{}, fmt.Errorf("CloudSSO: %w", err)
	}
	return found, nil
}

// fromOAuth exchanges the access token of `aliyun configure --mode OAuth` for a session. It does
// not use the refresh token: the service answers a refresh with a new one, which would have to be
// written into the user's file, or the login of the CLI would be lost. The CLI itself refreshes, at
// any command.
func (f finder) fromOAuth(ctx context.Context, p profile, host string) (Credentials, error) {
	// The CLI sends the same: exchangeFromOAuth of its package config.
	a, err := f.requestLogin(ctx, "OAuth", host, "/v1/exchange", p.OAuthToken, nil)
	if err != nil {
		return Credentials{}, advise("if this lasts, "+renewOAuth(p), err)
	}
	found, err := parseSession(p.place, []byte(a))
	if err != nil {
		return Credentials{}, fmt.Errorf("OAuth: %w", err)
	}
	return found, nil
}

// requestLogin sends the access token of a login to a sign-in host, by https only, and returns the
// answer's body. service names the host's service in errors.
func (f finder) requestLogin(
	ctx context.Context, service, host, path string, token Secret, body []byte,
) (string, error) {
	if err := checkText(token.Reveal()); err != nil {
		return "", fmt.Errorf("its access token %w", err)
	}
	a, err := f.exchange(ctx, transport.Exchange{New: func(ctx context.Context) (*http.Request, error) {
		address := url.URL{Scheme: "https", Host: host, Path: path}
		request, err := http.NewRequestWithContext(ctx, http.MethodPost, address.String(), bodyOf(body))
		if err != nil {
			return nil, errors.New("its sign-in address cannot be asked")
		}
		request.Header.Set("Accept", "application/json")
		request.Header.Set("Content-Type", "application/json")
		request.Header.Set("Authorization", "Bearer "+token.Reveal())
		return request, nil
	}})
	switch {
	case err != nil:
		return "", fmt.Errorf("%s at %s: %w", service, host, err)
	case a.Status >= 300 && a.Status < 400:
		return "", fmt.Errorf("%s at %s: redirects (status %d) are not followed", service, host, a.Status)
	case a.Status != http.StatusOK:
		return "", loginRefused(service, host, a)
	}
	return a.Body(), nil
}

// bodyOf returns a body for a request that may be sent again.
func bodyOf(content []byte) io.Reader {
	if content == nil {
		return http.NoBody
	}
	return bytes.NewReader(content)
}

// loginRefused makes the error of an answer other than 200. CloudSSO gives its code as ErrorCode,
// OAuth as error. Their messages are not shown: they may repeat the token.
func loginRefused(service, host string, a *transport.Answer) error {
	var answer struct {
		ErrorCode string
		Error     string `json:"error"`
		RequestID string `json:"RequestId"`
	}
	refused := &ServiceError{Action: service, Host: host, Status: a.Status}
	if json.Unmarshal([]byte(a.Body()), &answer) != nil {
		return refused
	}
	for _, code := range []string{answer.ErrorCode, answer.Error} {
		if loginCode.MatchString(code) {
			refused.Code = code
		}
	}
	if requestIDPattern.MatchString(answer.RequestID) {
		refused.RequestID = answer.RequestID
	}
	return refused
}

// loginCode is the form of an error's code, which hardly any token has.
var loginCode = newPattern(`^[A-Za-z][A-Za-z_.]{2,59}$`)

// ended reports whether an access token that is valid until the Unix second has ended.
func (f finder) ended(second int64) bool {
	end, err := unixEnd(float64(second))
	return err != nil || !end.After(f.environment.Now())
}
