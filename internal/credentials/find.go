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
	waited      *time.Duration // how long the current source has waited for services so far
	chosen      string         // the only place to use, since its keys have signed before; empty for any
}

type fetcher = func(context.Context) (Credentials, error)

func ready(found Credentials) fetcher {
	return func(context.Context) (Credentials, error) { return found, nil }
}

// candidate is a source that was chosen.
type candidate struct {
	// place is its name in errors, notices and the log, also if the source does not exist. It is empty
	// if the error contains it.
	place string
	// argument, family and profile are the origin of the keys, zero if they come from elsewhere.
	argument string
	family   family
	profile  profile
	replaced bool // the role of assume_role replaces the profile's
	// fetch returns the keys. If its error is an absence, the search continues.
	fetch fetcher
}

// steps returns functions that choose a source, in the order of the package's documentation. After
// an absence, the search continues.
func (f finder) steps() []func() (candidate, error) {
	if f.config.source() != "" {
		return []func() (candidate, error){f.fromConfiguration, f.fromFamilies, f.fromOIDCVariables}
	}
	return []func() (candidate, error){
		f.fromFamilies, f.fromOIDCVariables, f.fromNamedProfile, f.fromURIVariable, f.fromRoleNameVariable,
		f.fromDefaultFiles, f.fromMetadata,
	}
}

// choose returns the first source, without the network. The error does not say why there is none.
func (f finder) choose() (candidate, error) {
	if len(Check(f.config)) > 0 {
		return candidate{}, &Error{}
	}
	for _, open := range f.steps() {
		if c, err := open(); !errors.As(err, new(absence)) {
			return c, err
		}
	}
	return candidate{}, &Error{}
}

// finding is the result of a search.
type finding struct {
	Credentials
	place   string
	notices []Notice
}

// find searches for credentials. The error is that of ctx, or an [*Error].
func (f finder) find(ctx context.Context) (finding, error) {
	if faults := Check(f.config); len(faults) > 0 {
		return finding{}, &Error{Err: faults[0].Err}
	}
	f.waited = new(time.Duration)
	var passed []Place
	for _, open := range f.steps() {
		*f.waited = 0
		c, err := open()
		if err == nil && f.chosen != "" && c.place != f.chosen {
			continue
		}
		var found Credentials
		if err == nil {
			found, err = f.fetch(ctx, c)
		}
		var absent absence
		switch {
		case err == nil:
			return f.finish(ctx, c, found, passed)
		case ctx.Err() != nil:
			return finding{}, context.Cause(ctx)
		case !errors.As(err, &absent):
			return finding{}, &Error{Places: passed, Source: c.place, Err: err}
		}
		passed = append(passed, Place{c.place, absent.reason, absent.unusable})
		f.environment.log(ctx, LevelDebug, "Ignored a source of credentials", map[string]any{
			"place": c.place, "reason": absent.reason,
		})
	}
	if f.chosen != "" {
		err := errors.New("the keys have expired, and it has no new ones")
		return finding{}, &Error{Places: passed, Source: f.chosen, Err: err}
	}
	return finding{}, &Error{Places: passed}
}

// patience is how long a source may take before the log names it.
const patience = 2 * time.Second

// fetch fetches the keys of a source.
func (f finder) fetch(ctx context.Context, c candidate) (Credentials, error) {
	waiting, stop := context.WithCancel(ctx)
	defer stop()
	go func() {
		if f.environment.Sleep(waiting, patience) == nil {
			f.environment.log(ctx, LevelInfo, "Waiting for credentials", map[string]any{
				"source": c.place, "waited": patience.String(),
			})
		}
	}()
	return c.fetch(ctx)
}

func (f finder) fromConfiguration() (candidate, error) {
	c, err := f.openConfigured(f.config.source())
	c.argument = f.config.source()
	fetch := c.fetch
	c.fetch = func(ctx context.Context) (Credentials, error) {
		found, err := fetch(ctx)
		return found, orAbsent(err)
	}
	return c, orAbsent(err)
}

func (f finder) openConfigured(argument string) (c candidate, err error) {
	c.place = argument
	switch argument {
	case "access_key":
		c.place = "access_key and secret_key"
		found, err := static(c.place, keyArguments, f.config.keys())
		c.fetch = ready(found)
		return c, err
	case "profile":
		return f.fromFiles("profile "+text.Quote(f.config.Profile), f.namedFiles(), false)
	case "shared_credentials_file":
		return f.fromFiles(argument+" "+text.Quote(f.config.SharedCredentialsFile), f.namedFiles(), false)
	case "ecs_role_name":
		c.place = "the instance role " + f.config.ECSRoleName
		c.fetch, err = f.openInstanceRole(f.config.ECSRoleName)
	case "credentials_uri":
		c.fetch, err = f.openURI(setting{f.config.CredentialsURI, argument})
	default:
		c.fetch, err = f.openOIDC(f.config.AssumeRoleWithOIDC.role(), profile{place: argument})
	}
	return c, err
}

// openInstanceRole prepares the keys of an instance role, the attached one if name is empty.
func (f finder) openInstanceRole(name string) (fetcher, error) {
	if f.environment.enabled(metadataSwitch) {
		return nil, notThere{errors.New("the metadata service is not asked, since " + metadataSwitch + " is true")}
	}
	return func(ctx context.Context) (Credentials, error) { return f.instanceRole(ctx, name) }, nil
}

// fromMetadata chooses the instance role without configuration, which any failure skips.
func (f finder) fromMetadata() (candidate, error) {
	c := candidate{place: "the metadata service of an ECS instance"}
	fetch, err := f.openInstanceRole("")
	if err != nil {
		return c, absence{reason: err.Error()}
	}
	c.fetch = func(ctx context.Context) (Credentials, error) {
		found, err := fetch(ctx)
		if err == nil {
			err = f.environment.checkExpiry(found)
		}
		if err != nil {
			err = absence{err.Error(), !isNotThere(err)}
		}
		return found, err
	}
	return c, nil
}

func (f finder) wantsRole() bool {
	return f.config.AssumeRole != nil && (f.config.AssumeRole.RoleARN != "" || !f.config.blank("assume_role.role_arn"))
}

// finish assumes the role of the configuration with the keys found, if it has one.
func (f finder) finish(ctx context.Context, c candidate, found Credentials, passed []Place) (finding, error) {
	signer := found
	if f.wantsRole() {
		r, err := f.configuredRole(c)
		if err != nil {
			return finding{}, &Error{Source: "assume_role", Err: err}
		}
		signer, err = f.assume(ctx, found, r)
		switch {
		case err == nil:
		case ctx.Err() != nil:
			return finding{}, context.Cause(ctx)
		default:
			return finding{}, &Error{Err: after(r.notAssumed()+" with "+found.Source, err)}
		}
	}
	if err := f.environment.checkExpiry(signer); err != nil {
		return finding{}, &Error{Source: signer.Source, Err: err}
	}
	var notices []Notice
	if f.chosen == "" { // a search for new keys does not pass the same places
		notices = f.notices(c, found, passed)
	}
	return finding{signer, c.place, notices}, nil
}

// configuredRole returns the role of assume_role, with empty fields from the environment and the
// profile whose role it replaces.
func (f finder) configuredRole(c candidate) (r role, err error) {
	e := f.environment
	r = f.config.AssumeRole.role()
	if r.arn = e.or(r.arn, roleARNVariables...); r.arn.value == "" {
		variables := strings.Join(roleARNVariables, " and ")
		return role{}, advise("set role_arn, or one of the environment variables "+variables+
			`. role_arn = "" means no role`, errors.New("it names no role"))
	}
	r.session = e.or(r.session, sessionNameVariables...)
	if text := e.variable(expirationVariable); r.seconds == 0 && text != "" {
		r.secondsFrom = expirationVariable
		if r.seconds, err = strconv.ParseInt(text, 10, 64); err != nil {
			return role{}, fmt.Errorf("%s is not a whole number of seconds", expirationVariable)
		}
	}
	if p := c.profile; c.replaced {
		if r.session.value == "" {
			r.session = setting{p.SessionName, "ram_session_name of " + c.place}
		}
		if r.seconds == 0 && p.ExpiredSeconds != 0 {
			r.seconds, r.secondsFrom = p.ExpiredSeconds, "expired_seconds of "+c.place
		}
	}
	if r.host, err = f.hostOfSTS(c.profile); err != nil {
		return role{}, err
	}
	return r, r.check()
}
