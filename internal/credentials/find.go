package credentials

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/alioss/terraform-provider-alioss/internal/signer"
)

// finder is one search.
type finder struct {
	config      Config
	environment Environment
	// waited is how long the search has waited for services so far; nil if nobody counts.
	waited *time.Duration
}

// place is where credentials may be. Its find returns an absence where there are none.
type place struct {
	name string
	find func(context.Context) (Credentials, error)
}

// find looks at the places in their order, takes the first that holds something, and puts the role on top.
func (f finder) find(ctx context.Context) (Credentials, error) {
	if faults := Check(f.config); len(faults) > 0 {
		errs := make([]error, len(faults))
		for i, fault := range faults {
			errs[i] = fault
		}
		return Credentials{}, &Error{Source: "the configuration", Err: errors.Join(errs...)}
	}
	places, own := f.places()
	looked := make([]Place, 0, len(places))
	for _, p := range places {
		found, err := p.find(ctx)
		if err == nil {
			return f.onTop(ctx, found, own, looked)
		}
		if ctx.Err() != nil {
			return Credentials{}, context.Cause(ctx)
		}
		missing, ok := isAbsence(err)
		if !ok {
			return Credentials{}, &Error{Places: looked, Source: p.name, Err: err}
		}
		looked = append(looked, Place{Name: p.name, Missing: missing})
	}
	return Credentials{}, &Error{Places: looked}
}

// places returns the places to look at, and whether the configuration named the only one.
func (f finder) places() (places []place, own bool) {
	c := f.config
	switch {
	case c.AccessKey != "":
		return []place{{"the configuration's access_key and secret_key", f.fromConfig}}, true
	case c.Profile != "" || c.SharedCredentialsFile != "":
		return []place{{f.profilePlace(), f.fromProfileFiles}}, true
	case c.ECSRoleName != "":
		return []place{{"the instance role " + c.ECSRoleName, f.fromConfiguredInstanceRole}}, true
	case c.CredentialsURI != "":
		return []place{{"the configuration's credentials_uri", f.fromConfiguredURI}}, true
	case c.AssumeRoleWithOIDC != nil:
		return []place{{"the configuration's assume_role_with_oidc", f.fromConfiguredOIDC}}, true
	}
	places = []place{{"the configuration", func(context.Context) (Credentials, error) {
		return Credentials{}, absence("it gives no access_key, profile, shared_credentials_file, ecs_role_name, credentials_uri or assume_role_with_oidc")
	}}}
	for _, family := range families {
		places = append(places, place{family.String(), func(context.Context) (Credentials, error) {
			return f.fromFamily(family)
		}})
	}
	return append(places,
		place{f.profilePlace(), f.fromProfileFiles},
		place{"OIDC by environment variables", f.fromOIDCVariables},
		place{"the metadata service of an ECS instance", f.fromInstanceRole},
		place{"a credentials URI by environment variable", f.fromURIVariable},
	), false
}

func (f finder) fromConfig(context.Context) (Credentials, error) {
	c := f.config
	return static("the configuration's access_key and secret_key", c.AccessKey, c.SecretKey.Reveal(), c.SecurityToken.Reveal())
}

// family is environment variables that belong together.
type family struct {
	id, secret, token string
}

var families = [...]family{
	{"OSS_ACCESS_KEY_ID", "OSS_ACCESS_KEY_SECRET", "OSS_SESSION_TOKEN"},
	{"ALIBABA_CLOUD_ACCESS_KEY_ID", "ALIBABA_CLOUD_ACCESS_KEY_SECRET", "ALIBABA_CLOUD_SECURITY_TOKEN"},
	{"ALICLOUD_ACCESS_KEY", "ALICLOUD_SECRET_KEY", "ALICLOUD_SECURITY_TOKEN"},
	{"ALIBABACLOUD_ACCESS_KEY_ID", "ALIBABACLOUD_ACCESS_KEY_SECRET", "ALIBABACLOUD_SECURITY_TOKEN"},
}

func (f family) String() string { return "environment variables " + f.id + ", " + f.secret }

func (f finder) fromFamily(v family) (Credentials, error) {
	id, secret, token := f.environment.Getenv(v.id), f.environment.Getenv(v.secret), f.environment.Getenv(v.token)
	var set, unset []string
	for _, variable := range []struct{ name, value string }{{v.id, id}, {v.secret, secret}, {v.token, token}} {
		switch {
		case variable.value != "":
			set = append(set, variable.name)
		case variable.name != v.token:
			unset = append(unset, variable.name)
		}
	}
	switch {
	case len(set) == 0:
		return Credentials{}, absence("neither is set")
	case len(unset) > 0:
		return Credentials{}, fmt.Errorf("%s set without %s; key, secret and token come from one family of variables: set all, or none",
			strings.Join(set, " and "), strings.Join(unset, " and "))
	}
	for _, variable := range []struct{ name, value string }{{v.id, id}, {v.secret, secret}, {v.token, token}} {
		if err := checkText(variable.value); err != nil {
			return Credentials{}, fmt.Errorf("%s: %w", variable.name, err)
		}
	}
	found, err := static(v.String(), id, secret, token)
	if err != nil {
		return Credentials{}, fmt.Errorf("%s: %w", v.token, err)
	}
	return found, nil
}

// static makes credentials of keys that were given, not fetched. Nothing tells when they end.
func static(source, id, secret, token string) (Credentials, error) {
	if isTemporaryKey(id) && token == "" {
		return Credentials{}, errTemporaryKey
	}
	for _, text := range []string{id, secret, token} {
		if err := checkText(text); err != nil {
			return Credentials{}, err
		}
	}
	return Credentials{Credentials: signer.NewCredentials(id, secret, token), Source: source}, nil
}

// issued makes credentials of a service's answer.
func issued(source, id, secret, token string, expires time.Time) (Credentials, error) {
	if id == "" || secret == "" || token == "" {
		return Credentials{}, errors.New("the answer lacks AccessKeyId, AccessKeySecret or SecurityToken")
	}
	found, err := static(source, id, secret, token)
	if err != nil {
		return Credentials{}, errors.New("the answer contains something that cannot be a key, secret or token")
	}
	found.Expires = expires
	return found, nil
}

// onTop assumes the role that the configuration or the environment asks for. own says that the configuration named the
// source of the credentials, so that no variable adds a role to it.
func (f finder) onTop(ctx context.Context, found Credentials, own bool, looked []Place) (Credentials, error) {
	role, wanted, err := f.roleOnTop(own)
	if err != nil {
		return Credentials{}, &Error{Places: looked, Source: "assume_role", Err: err}
	}
	if !wanted {
		return found, nil
	}
	assumed, err := f.assume(ctx, found, role)
	switch {
	case err == nil:
		return assumed, nil
	case ctx.Err() != nil:
		return Credentials{}, context.Cause(ctx)
	}
	return Credentials{}, &Error{Places: looked, Source: role.on(found), Err: err}
}

// roleOnTop returns the role to assume on top of the credentials found, if any.
func (f finder) roleOnTop(own bool) (r role, wanted bool, err error) {
	e := f.environment
	block := f.config.AssumeRole
	if block == nil {
		arn, name := e.Getenv("ALIBABA_CLOUD_ROLE_ARN"), e.Getenv("ALIBABA_CLOUD_ROLE_SESSION_NAME")
		if own || f.config.NoRole || arn == "" || name == "" || len(f.missingOIDCVariables()) == 0 {
			return role{}, false, nil
		}
		block = &AssumeRole{}
	}
	r = role{
		arn:        block.RoleARN,
		session:    f.sessionName(block.SessionName, "ALICLOUD_ASSUME_ROLE_SESSION_NAME"),
		policy:     block.Policy,
		externalID: block.ExternalID,
		seconds:    block.SessionExpiration,
	}
	if r.arn == "" {
		r.arn, _ = e.first("ALIBABA_CLOUD_ROLE_ARN", "ALICLOUD_ASSUME_ROLE_ARN")
	}
	if r.arn == "" {
		return role{}, false, errors.New("no role is named: give role_arn, or set ALIBABA_CLOUD_ROLE_ARN")
	}
	if r.seconds == 0 {
		const variable = "ALICLOUD_ASSUME_ROLE_SESSION_EXPIRATION"
		if r.seconds, err = parseSeconds(e.Getenv(variable)); err != nil {
			return role{}, false, fmt.Errorf("%s: %w", variable, err)
		}
	}
	r.host, err = f.stsHost(profile{})
	return r, true, err
}

// sessionName returns name, else that of the environment, else the alicloud provider's default.
func (f finder) sessionName(name string, otherVariables ...string) string {
	if name == "" {
		name, _ = f.environment.first(append([]string{"ALIBABA_CLOUD_ROLE_SESSION_NAME"}, otherVariables...)...)
	}
	if name == "" {
		name = "terraform"
	}
	return name
}
