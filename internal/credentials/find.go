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
	// waited is how long the source that is being asked has waited for services so far; nil if
	// nobody counts.
	waited *time.Duration
	// chosen is the place whose keys have expired; empty if none was chosen yet. No other place
	// takes over: one run acts as one identity.
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
	// place names it for errors, notices and the log.
	place string
	// argument is the argument of the configuration that names it; empty if none does.
	argument string
	// unasked is true for the metadata service if nobody named it.
	unasked bool
	// family are the variables that the keys come from; the zero value for others.
	family family
	// profile is the profile that signs, region is its words for Source.Region; the zero value for
	// others.
	profile profile
	// replaced is true if the profile's role is left out, since that of assume_role replaces it.
	replaced bool
	// fetch returns the keys; remote is true if it asks a service or runs a command.
	fetch  fetcher
	remote bool
}

// step is one place of the search. Its open chooses the source there, or returns an absence if the
// search goes on.
type step struct {
	name string
	open func() (candidate, error)
}

// steps returns the places to look at, in their order. The source that the configuration names is
// the first, and if it is not there, only keys and OIDC in variables take its place.
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

// configured returns the source that the configuration names, and the argument that names it; both
// are zero if it names none.
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

// choose takes the first source that is there, without the network, and returns what was passed
// over before it, and the steps behind it. The error is an [*Error].
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

// finding is what a search found.
type finding struct {
	Credentials
	place   string
	notices []Notice
}

// find looks at the places in their order, fetches the keys of the first source that is there, and
// puts the role on top. The error is that of ctx, or an [*Error].
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
			role, err := f.onTop(ctx, found, c)
			if err != nil {
				return finding{}, err
			}
			return finding{role, c.place, f.notices(c, found, passed)}, nil
		case ctx.Err() != nil:
			return finding{}, context.Cause(ctx)
		case c.unasked, c.argument != "" && isNotThere(err):
			place := Place{c.place, err.Error(), !c.unasked || !isNotThere(err)}
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

// patience is how long a source may take before a line in the log says what is waited for.
const patience = 2 * time.Second

// fetch fetches the keys of a source, and says in the log what is waited for if that takes longer
// than it should.
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

// openInstanceRole prepares the keys of an instance role; an empty name is that of the role that
// the service names.
func (f finder) openInstanceRole(name string) (fetcher, error) {
	if f.environment.enabled(metadataSwitch) {
		return nil, notThere{errors.New("the metadata service is not asked, since " + metadataSwitch + " is true")}
	}
	return func(ctx context.Context) (Credentials, error) { return f.instanceRole(ctx, name) }, nil
}

// fromMetadata chooses the instance role that nobody asked for. Whatever the service answers, it is
// passed over if it has no keys that are valid.
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
	return candidate{place: metadataPlace, unasked: true, remote: true, fetch: current}, nil
}

// wantsRole reports whether the configuration asks for a role on top.
func (f finder) wantsRole() bool {
	return f.config.AssumeRole != nil && (f.config.AssumeRole.RoleARN != "" || !f.config.blank("assume_role.role_arn"))
}

// onTop assumes the role that the configuration asks for, if it does.
func (f finder) onTop(ctx context.Context, found Credentials, c candidate) (Credentials, error) {
	if !f.wantsRole() {
		return found, nil
	}
	r, err := f.roleOnTop(c)
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

// roleOnTop returns the role of assume_role. Its missing fields come from the environment, and
// length and name of the session from the profile whose role it replaces.
func (f finder) roleOnTop(c candidate) (r role, err error) {
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
