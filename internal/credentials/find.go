package credentials

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/alioss/terraform-provider-alioss/internal/text"
)

// finder is one search.
type finder struct {
	config      Config
	environment Environment
	// waited is how long the current source has waited for services so far, nil if there is no limit.
	waited *time.Duration
	// chosen is the place whose keys have expired, empty if none was chosen yet. No other place
	// replaces it: one run acts as one identity.
	chosen string
}

// fetcher returns the keys of a source that was chosen.
type fetcher = func(context.Context) (Credentials, error)

// ready is the fetcher of keys that need no fetching.
func ready(found Credentials) fetcher {
	return func(context.Context) (Credentials, error) { return found, nil }
}

// candidate is a source that was chosen, which needs no network.
type candidate struct {
	// place is its name in errors, notices and the log.
	place string
	// argument is its argument in the configuration, empty if there is none.
	argument string
	// implicit reports whether it is the metadata service without configuration.
	implicit bool
	// family are the variables that contain the keys, the zero value for others.
	family family
	// profile is the profile that signs, region describes it for Source.Region. Both are zero for
	// others.
	profile profile
	// replaced reports whether the profile's role is left out, since that of assume_role replaces it.
	replaced bool
	// fetch returns the keys. remote reports whether it sends a request or runs a command.
	fetch  fetcher
	remote bool
}

// step is one place of the search. Its open chooses the source there, or returns an absence if the
// search continues.
type step struct {
	name string
	open func() (candidate, error)
}

// steps returns the places to search, in their order. The source in the configuration is the first.
// If it does not exist, only keys and OIDC in variables can replace it.
func (f finder) steps() []step {
	variables := []step{
		{"keys in environment variables", f.fromFamilies},
		{oidcPlace, f.fromOIDCVariables},
	}
	if _, block := f.configured(); block.open != nil {
		return append([]step{block}, variables...)
	}
	return append(variables,
		step{"a profile named by environment variables", f.fromNamedProfile},
		step{"a credentials URI in an environment variable", f.fromURIVariable},
		step{"an instance role in an environment variable", f.fromRoleNameVariable},
		step{"profiles at the default places", f.fromDefaultFiles},
		step{metadataPlace, f.fromMetadata},
	)
}

const metadataPlace = "the metadata service of an ECS instance"

// configured returns the source in the configuration, and its argument. Both are zero if there is
// none.
func (f finder) configured() (argument string, block step) {
	c := f.config
	place := ""
	var open func() (candidate, error)
	switch {
	case c.AccessKey != "":
		argument, place, open = "access_key", "access_key and secret_key", f.fromPair
	case c.Profile != "":
		argument, place, open = "profile", "profile "+text.Quote(c.Profile), f.fromConfiguredProfile
	case c.SharedCredentialsFile != "":
		argument, open = "shared_credentials_file", f.fromConfiguredProfile
		place = "shared_credentials_file " + text.Quote(c.SharedCredentialsFile)
	case c.ECSRoleName != "":
		argument, place = "ecs_role_name", "the instance role "+c.ECSRoleName
		open = func() (candidate, error) {
			fetch, err := f.openInstanceRole(c.ECSRoleName)
			return candidate{fetch: fetch, remote: true}, err
		}
	case c.CredentialsURI != "":
		argument, place = "credentials_uri", "credentials_uri"
		open = func() (candidate, error) {
			fetch, err := f.openURI(c.CredentialsURI, argument)
			return candidate{fetch: fetch, remote: true}, err
		}
	case c.AssumeRoleWithOIDC != nil:
		argument, place = "assume_role_with_oidc", "assume_role_with_oidc"
		open = func() (candidate, error) { return f.openOIDC(*c.AssumeRoleWithOIDC, "assume_role_with_oidc") }
	default:
		return "", step{}
	}
	return argument, step{place, func() (candidate, error) {
		found, err := open()
		if isNotThere(err) {
			return candidate{}, unusable(err)
		}
		found.argument = argument
		if found.place == "" {
			found.place = place
		}
		return found, err
	}}
}

// choose returns the first source that exists, without the network, with the places that were
// skipped before it, and the steps after it. The error is an [*Error].
func choose(steps []step) (c candidate, passed []Place, rest []step, err error) {
	for i, s := range steps {
		c, err := s.open()
		if err == nil {
			return c, passed, steps[i+1:], nil
		}
		place, ok := asPlace(s.name, err)
		if !ok {
			at := faultOf{s.name, err}
			errors.As(err, &at)
			return candidate{}, passed, nil, &Error{Places: passed, Source: at.place, Err: at.err}
		}
		passed = append(passed, place)
	}
	return candidate{}, passed, nil, &Error{Places: passed}
}

// finding is the result of a search.
type finding struct {
	Credentials
	place   string
	notices []Notice
}

// find searches the places in their order, fetches the keys of the first source that exists, and
// assumes the role of assume_role with them. The error is that of ctx, or an [*Error].
func (f finder) find(ctx context.Context) (finding, error) {
	if faults := Check(f.config); len(faults) > 0 {
		errs := make([]error, len(faults))
		for i, fault := range faults {
			errs[i] = fault
		}
		return finding{}, &Error{Source: "the configuration", Err: errors.Join(errs...)}
	}
	steps := f.steps()
	var passed []Place
	for {
		c, before, rest, err := choose(steps)
		passed = append(passed, before...)
		f.logPassed(ctx, before)
		var fault *Error
		switch {
		case errors.As(err, &fault) && fault.Err == nil && f.chosen != "":
			err := errors.New("they have expired, and it has no new ones")
			return finding{}, &Error{Places: passed, Source: f.chosen, Err: err}
		case errors.As(err, &fault):
			fault.Places = passed
			return finding{}, fault
		case f.chosen != "" && c.place != f.chosen:
			steps = rest
			continue
		}
		found, err := f.fetch(ctx, c)
		switch {
		case err == nil:
			role, err := f.assumeConfigured(ctx, found, c)
			if err != nil {
				return finding{}, err
			}
			return finding{role, c.place, f.notices(c, found, passed)}, nil
		case ctx.Err() != nil:
			return finding{}, context.Cause(ctx)
		case c.implicit, c.argument != "" && isNotThere(err):
			place := Place{c.place, err.Error(), !c.implicit || !isNotThere(err)}
			passed = append(passed, place)
			f.logPassed(ctx, []Place{place})
			steps = rest
			if f.waited != nil {
				*f.waited = 0
			}
		default:
			return finding{}, &Error{Places: passed, Source: c.place, Err: err}
		}
	}
}

// patience is how long a source may take before a line in the log names it.
const patience = 2 * time.Second

// fetch fetches the keys of a source, and writes its name into the log if that takes longer than
// patience.
func (f finder) fetch(ctx context.Context, c candidate) (Credentials, error) {
	if !c.remote || f.environment.Log == nil {
		return c.fetch(ctx)
	}
	timer, stop := context.WithCancel(ctx)
	done := make(chan struct{})
	go func() {
		defer close(done)
		if f.environment.Sleep(timer, patience) == nil {
			f.environment.log(ctx, LevelInfo, "waiting for credentials", map[string]any{
				"source": c.place, "waited": patience.String(),
			})
		}
	}()
	defer func() {
		stop()
		<-done
	}()
	return c.fetch(ctx)
}

func (f finder) logPassed(ctx context.Context, places []Place) {
	for _, p := range places {
		f.environment.log(ctx, LevelDebug, "credentials passed over", map[string]any{
			"place": p.Name, "reason": p.Reason,
		})
	}
}

// fromPair chooses the keys of the configuration.
func (f finder) fromPair() (candidate, error) {
	c := f.config
	found, err := static("access_key and secret_key", keyArguments,
		c.AccessKey, c.SecretKey.Reveal(), c.SecurityToken.Reveal())
	return candidate{fetch: ready(found)}, err
}

// openInstanceRole prepares the keys of an instance role. An empty name means the role that the
// service returns.
func (f finder) openInstanceRole(name string) (fetcher, error) {
	if f.environment.enabled(metadataSwitch) {
		return nil, notThere{errors.New("the metadata service is not asked, since " + metadataSwitch + " is true")}
	}
	return func(ctx context.Context) (Credentials, error) { return f.instanceRole(ctx, name) }, nil
}

// fromMetadata chooses the instance role without configuration. It is skipped if it has no valid
// keys, whatever the service answers.
func (f finder) fromMetadata() (candidate, error) {
	fetch, err := f.openInstanceRole("")
	if err != nil {
		return candidate{}, nothing(err.Error())
	}
	current := func(ctx context.Context) (Credentials, error) {
		found, err := fetch(ctx)
		if err == nil && found.endsBy(f.environment.Now().Add(endMargin)) {
			err = fmt.Errorf("the keys of its role: %w", found.expired())
		}
		return found, err
	}
	return candidate{place: metadataPlace, implicit: true, remote: true, fetch: current}, nil
}

// wantsRole reports whether the configuration has a role to assume.
func (f finder) wantsRole() bool {
	return f.config.AssumeRole != nil && (f.config.AssumeRole.RoleARN != "" || !f.config.blank("assume_role.role_arn"))
}

// assumeConfigured assumes the role of the configuration, if it has one.
func (f finder) assumeConfigured(ctx context.Context, found Credentials, c candidate) (Credentials, error) {
	if !f.wantsRole() {
		return found, nil
	}
	r, err := f.configuredRole(c)
	if err != nil {
		return Credentials{}, &Error{Source: "assume_role", Err: err}
	}
	assumed, err := f.assume(ctx, found, r)
	switch {
	case err == nil:
		return assumed, nil
	case ctx.Err() != nil:
		return Credentials{}, context.Cause(ctx)
	}
	return Credentials{}, &Error{
		Err: fmt.Errorf("role %s, which %s asks for, was not assumed with %s: %w", r.arn, r.arnFrom, found.Source, err),
	}
}

// configuredRole returns the role of assume_role. Empty fields are those of the environment, and
// length and name of the session those of the profile whose role it replaces.
func (f finder) configuredRole(c candidate) (r role, err error) {
	e, b := f.environment, f.config.AssumeRole
	const block = " of assume_role"
	r = role{
		policy: b.Policy, externalID: b.ExternalID, seconds: b.SessionExpiration, secondsFrom: "session_expiration" + block,
	}
	if r.arn, r.arnFrom = e.or(b.RoleARN, "role_arn"+block, roleARNVariables...); r.arn == "" {
		variables := strings.Join(roleARNVariables, " and ")
		return role{}, advise("set role_arn, or one of the environment variables "+variables+
			`; role_arn = "" asks for no role`, errors.New("it names no role"))
	}
	r.session, r.sessionFrom = e.or(b.SessionName, "session_name"+block, sessionNameVariables...)
	if text := e.variable(expirationVariable); r.seconds == 0 && text != "" {
		r.secondsFrom = expirationVariable
		if r.seconds, err = strconv.ParseInt(text, 10, 64); err != nil {
			return role{}, fmt.Errorf("%s is not a whole number of seconds", expirationVariable)
		}
	}
	if c.replaced && r.session == "" {
		r.session, r.sessionFrom = c.profile.SessionName, "ram_session_name of "+c.place
	}
	if c.replaced && r.seconds == 0 && c.profile.ExpiredSeconds != 0 {
		r.seconds, r.secondsFrom = c.profile.ExpiredSeconds, "expired_seconds of "+c.place
	}
	if r.host, err = f.stsHost(c.profile); err != nil {
		return role{}, err
	}
	return r, r.check()
}
