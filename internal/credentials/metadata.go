package credentials

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"github.com/alioss/terraform-provider-alioss/internal/transport"
)

const (
	metadataService = "the metadata service" // its name in errors

	rolesPath = "/latest/meta-data/ram/security-credentials/"
	tokenPath = "/latest/api/token"
)

// instanceRole requests a session of the instance's role, whose name it asks for if that is empty.
// If the metadata service is out of reach, the error is a notThere.
func (f finder) instanceRole(ctx context.Context, name string) (Credentials, error) {
	token, err := f.metadataToken(ctx)
	if err == nil && name == "" {
		name, err = f.instanceRoleName(ctx, token)
	}
	if err != nil {
		return Credentials{}, err
	}
	a, err := f.metadata(ctx, name, token)
	if err != nil {
		return Credentials{}, err
	}
	return request{service: metadataService}.read(a, fmt.Sprintf("instance role %s (metadata service)", name))
}

func (f finder) instanceRoleName(ctx context.Context, token string) (string, error) {
	a, err := f.metadata(ctx, "", token)
	switch {
	case err != nil:
		return "", err
	case a.Status != http.StatusOK:
		return "", request{service: metadataService}.refused(a)
	}
	name, _, _ := strings.Cut(strings.TrimSpace(a.Body()), "\n")
	if name = strings.TrimSpace(name); !isRoleName(name) {
		return "", advise("check that it is that of Alibaba Cloud",
			errors.New("the metadata service answered something other than a role's name"))
	}
	return name, nil
}

// metadataToken returns a token of version 2, empty if there is none and version 1 is allowed.
func (f finder) metadataToken(ctx context.Context) (string, error) {
	// The token is used at once, so a minute is enough.
	a, err := f.askMetadata(ctx, http.MethodPut, tokenPath, "X-aliyun-ecs-metadata-token-ttl-seconds", "60")
	if err == nil && a.Status == http.StatusOK {
		if token := a.Body(); token != "" && len(token) <= 4096 && checkText(token) == nil {
			return token, nil
		}
	}
	switch {
	case isUnreachable(err):
		return "", err
	case f.needsToken():
		return "", errors.New("the metadata service gives no token (version 2), " +
			"and ALIBABA_CLOUD_IMDSV1_DISABLED forbids asking without one")
	}
	return "", nil
}

func (f finder) needsToken() bool { return f.environment.enabled("ALIBABA_CLOUD_IMDSV1_DISABLED") }

// metadata requests what the service has on a role, or the role's name if name is empty. A refused
// token is left out the second time, if version 1 is allowed.
func (f finder) metadata(ctx context.Context, name, token string) (*transport.Answer, error) {
	path := rolesPath + url.PathEscape(name)
	a, err := f.askMetadata(ctx, http.MethodGet, path, "X-aliyun-ecs-metadata-token", token)
	isRefused := err == nil && (a.Status == http.StatusUnauthorized || a.Status == http.StatusForbidden)
	if isRefused && token != "" && !f.needsToken() {
		a, err = f.askMetadata(ctx, http.MethodGet, path, "", "")
	}
	switch {
	case err != nil || a.Status != http.StatusNotFound:
		return a, err
	case name == "":
		return nil, advise("attach a role to the instance", errors.New("the instance has no RAM role"))
	}
	return nil, advise("attach the role to the instance, or name another",
		fmt.Errorf("the instance has no RAM role %q", name))
}

func (f finder) askMetadata(ctx context.Context, method, path, header, value string) (*transport.Answer, error) {
	r := request{
		service: metadataService, method: method, address: func() string { return "http://100.100.100.200" + path },
	}
	if value != "" {
		r.header = map[string]string{header: value}
	}
	a, err := f.exchange(ctx, r)
	if fault, ok := errors.AsType[*transport.Error](err); ok && (fault.Kind == transport.NoAnswer || !fault.Connected()) {
		err = notThere{err}
	}
	return a, err
}

// isRoleName refuses . and .., which would lead elsewhere: the name becomes a part of a path.
func isRoleName(name string) bool {
	return roleNamePattern.MatchString(name) && name != "." && name != ".."
}
