package credentials

import (
	"context"
	"fmt"
	"reflect"
	"strings"
	"time"

	"github.com/aliyun/credentials-go/credentials/providers"
)

const (
	// libraryConnect and libraryRead are the time-outs of the library's requests, in milliseconds.
	libraryConnect = 5_000
	libraryRead    = 10_000
	// libraryLimit is how long a profile that the library fetches by HTTP may take, commandLimit one that runs a command.
	libraryLimit = 20 * time.Second
	commandLimit = 60 * time.Second
)

// oauthSites are the sign-in addresses of the two sites of Alibaba Cloud, as credentials-go has them.
var oauthSites = map[string]string{
	"CN":   "https://oauth.aliyun.com",
	"INTL": "https://oauth.alibabacloud.com",
}

// fromCloudSSO fetches a session with the access token of `aliyun configure --mode CloudSSO`. Where that token has ended,
// the session that the CLI has stored serves until it ends.
func (f finder) fromCloudSSO(ctx context.Context, p profile, source string) (Credentials, error) {
	login := fmt.Sprintf("log in again: aliyun configure --mode CloudSSO --profile %s", p.Name)
	var end time.Time
	found, err := f.library(ctx, libraryLimit, func() (*providers.Credentials, error) {
		provider, err := providers.NewCloudSSOCredentialsProviderBuilder().
			WithSignInUrl(p.CloudSSOSignInURL).
			WithAccountId(p.CloudSSOAccountID).
			WithAccessConfig(p.CloudSSOAccessConfig).
			WithAccessToken(p.CloudSSOToken.Reveal()).
			WithAccessTokenExpire(p.CloudSSOTokenExpire).
			WithHttpOptions(&providers.HttpOptions{ConnectTimeout: libraryConnect, ReadTimeout: libraryRead}).
			Build()
		if err != nil {
			return nil, err
		}
		c, err := provider.GetCredentials()
		end = endInside(provider)
		return c, err
	})
	if err != nil {
		return Credentials{}, fmt.Errorf("CloudSSO: %w; if this lasts, %s", err, login)
	}
	return issued(source, found.AccessKeyId, found.AccessKeySecret, found.SecurityToken, end)
}

// endInside reads the end of the session that a CloudSSO provider of the library keeps to itself; zero where a later
// version keeps it under another name.
func endInside(provider *providers.CloudSSOCredentialsProvider) time.Time {
	field := reflect.ValueOf(provider).Elem().FieldByName("expirationTimestamp")
	if !field.IsValid() || !field.CanInt() || field.Int() == 0 {
		return time.Time{}
	}
	return time.Unix(field.Int(), 0)
}

// fromOAuth exchanges the access token of `aliyun configure --mode OAuth` for a session. The library gets no refresh
// token: the service answers a refresh with a new one, which would have to be written into the user's file or else the
// login of the CLI would be lost. The CLI itself refreshes, at any command.
func (f finder) fromOAuth(ctx context.Context, p profile, source string) (Credentials, error) {
	sites := f.environment.OAuthSites
	if sites == nil {
		sites = oauthSites
	}
	site, known := sites[strings.ToUpper(p.OAuthSite)]
	if !known {
		return Credentials{}, fmt.Errorf("its oauth_site_type is neither CN nor INTL: run `aliyun configure` for it")
	}
	renew := fmt.Sprintf("renew it with a command of the Alibaba Cloud CLI, such as: aliyun sts GetCallerIdentity --profile %s", p.Name)
	var end time.Time
	found, err := f.library(ctx, libraryLimit, func() (*providers.Credentials, error) {
		provider, err := providers.NewOAuthCredentialsProviderBuilder().
			WithSignInUrl(site).
			// The client's id is part of a refresh only; the builder wants one all the same.
			WithClientId("none").
			WithAccessToken(p.OAuthToken.Reveal()).
			WithAccessTokenExpire(p.OAuthTokenExpire).
			WithHttpOptions(&providers.HttpOptions{ConnectTimeout: libraryConnect, ReadTimeout: libraryRead}).
			WithTokenUpdateCallback(func(_, _, _, _, _ string, _, sessionEnd int64) error {
				end = time.Unix(sessionEnd, 0)
				return nil
			}).
			Build()
		if err != nil {
			return nil, err
		}
		return provider.GetCredentials()
	})
	if err != nil {
		return Credentials{}, fmt.Errorf("OAuth: %w; if this lasts, %s", err, renew)
	}
	return issued(source, found.AccessKeyId, found.AccessKeySecret, found.SecurityToken, end)
}

// fromExternal runs the profile's command.
func (f finder) fromExternal(ctx context.Context, p profile, source string) (Credentials, error) {
	var end time.Time
	found, err := f.library(ctx, commandLimit, func() (*providers.Credentials, error) {
		provider, err := providers.NewExternalCredentialsProviderBuilder().
			WithProcessCommand(p.ProcessCommand).
			WithExternalOptions(&providers.ExternalOptions{Timeout: int((commandLimit + 5*time.Second).Milliseconds())}).
			WithCredentialUpdateCallback(func(_, _, _ string, sessionEnd int64) error {
				if sessionEnd > 0 {
					end = time.Unix(sessionEnd, 0)
				}
				return nil
			}).
			Build()
		if err != nil {
			return nil, err
		}
		return provider.GetCredentials()
	})
	if err != nil {
		return Credentials{}, fmt.Errorf("process_command: %w", err)
	}
	// A command may hand out a long-lived key, which has no token.
	c, err := static(source, found.AccessKeyId, found.AccessKeySecret, found.SecurityToken)
	if err != nil {
		return Credentials{}, fmt.Errorf("process_command: %w", err)
	}
	c.Expires = end
	return c, nil
}

// ended tells whether an access token that ends at the Unix second has.
func (f finder) ended(second int64) bool { return second <= f.environment.Now().Unix() }
