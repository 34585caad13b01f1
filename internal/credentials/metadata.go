package credentials

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/alioss/terraform-provider-alioss/internal/transport"
)

const (
	metadataHost = "http://100.100.100.200"
	// metadataTimeout is that of one request to the metadata service, metadataLimit that of all of
	// them: a machine outside Alibaba Cloud does not wait longer.
	metadataTimeout = 1500 * time.Millisecond
	metadataLimit   = 4500 * time.Millisecond
	// metadataTokenSeconds is how long the service's own token is to be valid. It is used at once.
	metadataTokenSeconds = "60"

	rolesPath = "/latest/meta-data/ram/security-credentials/"
	tokenPath = "/latest/api/token"
)

// instanceRole requests a session of the instance's role from the metadata service. If name is
// empty, it requests the name first.
func (f finder) instanceRole(ctx context.Context, name string) (Credentials, error) {
	if f.waited != nil {
		defer func(begin time.Time) { *f.waited += f.environment.Now().Sub(begin) }(f.environment.Now())
	}
	outer := ctx
	ctx, cancel := context.WithTimeoutCause(ctx, metadataLimit, fmt.Errorf("no answer within %s", metadataLimit))
	defer cancel()
	found, err := f.askMetadata(ctx, name)
	if err != nil && outer.Err() != nil {
		return Credentials{}, context.Cause(outer)
	}
	var failed *transport.Error
	silent := errors.As(err, &failed) && failed.Kind == transport.NoAnswer || err != nil && ctx.Err() != nil
	if silent || isUnreachable(err) {
		return Credentials{}, notThere{fmt.Errorf("the metadata service is out of reach: %w", err)}
	}
	return found, err
}

func (f finder) askMetadata(ctx context.Context, name string) (Credentials, error) {
	token, err := f.metadataToken(ctx)
	if err != nil {
		return Credentials{}, err
	}
	if name == "" {
		if name, err = f.instanceRoleName(ctx, token); err != nil {
			return Credentials{}, err
		}
	}
	a, err := f.metadata(ctx, rolesPath+url.PathEscape(name), token)
	switch {
	case err != nil:
		return Credentials{}, err
	case a.Status == http.StatusNotFound:
		return Credentials{}, advise("attach the role to the instance, or name another",
			fmt.Errorf("the instance has no RAM role %q", name))
	case a.Status != http.StatusOK:
		return Credentials{}, fmt.Errorf("it answered with status %d", a.Status)
	}
	return parseSession(fmt.Sprintf("instance role %s (metadata service)", name), []byte(a.Body()))
}

func (f finder) instanceRoleName(ctx context.Context, token string) (string, error) {
	a, err := f.metadata(ctx, rolesPath, token)
	switch {
	case err != nil:
		return "", err
	case a.Status == http.StatusNotFound:
		return "", advise("attach a role to the instance", errors.New("the instance has no RAM role"))
	case a.Status != http.StatusOK:
		return "", fmt.Errorf("it answered with status %d", a.Status)
	}
	name, _, _ := strings.Cut(strings.TrimSpace(a.Body()), "\n")
	if name = strings.TrimSpace(name); !isRoleName(name) {
		return "", errors.New("it answered something other than a role's name; is it that of Alibaba Cloud?")
	}
	return name, nil
}

// metadataToken returns the token of version 2 of the service. It is empty if the service has none
// and version 1 is not forbidden.
func (f finder) metadataToken(ctx context.Context) (string, error) {
	const lifetime = "X-aliyun-ecs-metadata-token-ttl-seconds"
	a, err := f.requestMetadataOnce(ctx, http.MethodPut, tokenPath, lifetime, metadataTokenSeconds)
	if err == nil && a.Status == http.StatusOK {
		if token := a.Body(); token != "" && len(token) <= 4096 && checkText(token) == nil {
			return token, nil
		}
	}
	var fault *transport.Error
	unreachable := errors.As(err, &fault) && !fault.Connected()
	if unreachable || ctx.Err() != nil {
		return "", err
	}
	if f.environment.enabled("ALIBABA_CLOUD_IMDSV1_DISABLED") {
		return "", errors.New("it gives no token (version 2), and ALIBABA_CLOUD_IMDSV1_DISABLED forbids asking without one")
	}
	return "", nil
}

// metadata sends a request with the token, and again without it if the service refuses the token
// and version 1 is not forbidden.
func (f finder) metadata(ctx context.Context, path, token string) (*transport.Answer, error) {
	if token == "" {
		return f.requestMetadataOnce(ctx, http.MethodGet, path, "", "")
	}
	a, err := f.requestMetadataOnce(ctx, http.MethodGet, path, "X-aliyun-ecs-metadata-token", token)
	refused := err == nil && (a.Status == http.StatusUnauthorized || a.Status == http.StatusForbidden)
	if refused && !f.environment.enabled("ALIBABA_CLOUD_IMDSV1_DISABLED") {
		return f.requestMetadataOnce(ctx, http.MethodGet, path, "", "")
	}
	return a, err
}

// requestMetadataOnce sends one request. It is not repeated if the service cannot be reached:
// outside Alibaba Cloud there is none.
func (f finder) requestMetadataOnce(
	ctx context.Context, method, path, header, value string,
) (*transport.Answer, error) {
	limits := transport.Limits{Tries: maxTries, Pause: firstPause, Try: metadataTimeout, All: metadataLimit}
	return f.environment.send(ctx, f.environment.MetadataTransport, limits, transport.Exchange{
		Once: true,
		New: func(ctx context.Context) (*http.Request, error) {
			request, err := http.NewRequestWithContext(ctx, method, metadataHost+path, nil)
			if err == nil && header != "" {
				request.Header.Set(header, value)
			}
			return request, err
		},
	})
}

// isRoleName reports whether name can be that of a RAM role. It becomes a part of a path, in which
// . and .. would lead elsewhere.
func isRoleName(name string) bool {
	return roleNamePattern.MatchString(name) && name != "." && name != ".."
}

// parseSession reads the JSON with which the metadata service, credentials URIs and sign-in hosts
// answer.
func parseSession(source string, body []byte) (Credentials, error) {
	var session struct {
		Code            string
		AccessKeyID     string `json:"AccessKeyId"`
		AccessKeySecret string
		SecurityToken   string
		Expiration      json.RawMessage
	}
	if err := json.Unmarshal(body, &session); err != nil {
		return Credentials{}, errors.New("it answered something other than credentials in JSON")
	}
	if session.Code != "" && session.Code != "Success" {
		if !codePattern.MatchString(session.Code) {
			return Credentials{}, errors.New("it answered with a code other than Success")
		}
		return Credentials{}, fmt.Errorf("it answered with the code %s", session.Code)
	}
	end, err := parseEnd(session.Expiration)
	if err != nil {
		return Credentials{}, err
	}
	return issued(source, session.AccessKeyID, session.AccessKeySecret, session.SecurityToken, end)
}
