package provider

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/hashicorp/terraform-plugin-go/tftypes"
	"github.com/hashicorp/terraform-plugin-log/tflog"

	"github.com/alioss/terraform-provider-alioss/internal/credentials"
	"github.com/alioss/terraform-provider-alioss/internal/endpoint"
	"github.com/alioss/terraform-provider-alioss/internal/presign"
	"github.com/alioss/terraform-provider-alioss/internal/signer"
	"github.com/alioss/terraform-provider-alioss/internal/text"
	"github.com/alioss/terraform-provider-alioss/internal/validity"
)

// client signs for one configuration of the provider block. Data sources and resources share it,
// and use it in parallel.
type client struct {
	environment credentials.Environment
	credentials *credentials.Source
	// region, endpointType, endpoint and pathStyle are those of the provider block. endpoint may be
	// that of the environment.
	region, endpointType, endpoint setting
	pathStyle                      bool
	// fallbackRegion is that of endpoint or of the environment, for a block without a region.
	fallbackRegion setting
	// unknown lists the arguments of the provider block that are not known yet.
	unknown []string
	// cli is the version of the CLI, or "" if the CLI does not send it.
	cli string
	// messageBytes bounds the URLs of one answer, together with its configuration and objects.
	messageBytes int
	once         once
}

// signing is one read, opening or apply: what is signed and, after signObjects, the URLs.
type signing struct {
	config values
	// room is how many bytes the answer has for URLs and their keys.
	room int
	now  time.Time
	// request is the request of the URLs, without object and lifetime.
	request signer.Request
	window  validity.Window
	keys    credentials.Credentials
	// end is when the URLs expire: with the window or, if these expire first, the credentials.
	end     time.Time
	objects []presign.Object

	presign.Signed
}

// sign checks a configuration and signs, and returns the results and when the URLs expire. After an
// error it returns the configuration: the protocol requires a result of the right type, which the
// CLI ignores.
func (f *form) sign(
	ctx context.Context, c *client, config values, configBytes int,
) (values, time.Time, faults) {
	s, found := f.prepare(ctx, c, config)
	if !found.failed() {
		s.room = c.messageBytes - configBytes // an answer repeats the configuration
		results, more := f.act(c, ctx, s)
		if found = append(found, more...); !found.failed() {
			return results, s.end, found
		}
	}
	return config, time.Time{}, found
}

// prepare checks a configuration, and returns everything that signing needs except the objects, and
// warnings about the credentials.
func (f *form) prepare(ctx context.Context, c *client, config values) (*signing, faults) {
	if found := c.checkReady(); found.failed() {
		return nil, found
	}
	if found := f.checkKnown(config); found.failed() {
		return nil, found
	}
	s := &signing{config: config, now: c.environment.Now()}
	var found faults
	if s.request, found = c.request(config); found.failed() {
		return nil, found
	}
	timing := validity.Timing{
		Expiry: config.text("expiry"), SigningTime: config.text("signing_time"), NotAfter: config.text("not_after"),
		RotateEvery: config.text("rotate_every"),
	}
	var argument string
	var err error
	if s.window, argument, err = timing.Window(s.now); err != nil {
		return nil, invalid(err, argument)
	}
	if s.keys, err = c.credentials.Get(ctx); err != nil {
		return nil, credentialsFault(err)
	}
	s.end = validity.End(s.window.End(), s.keys.Expires)
	for _, n := range c.credentials.Notices() {
		found = append(found, c.once.warn(n.Title, n.Text)...)
	}
	return s, found
}

// checkReady returns an error if the provider block is not known yet.
func (c *client) checkReady() faults {
	switch {
	case c == nil:
		return internalError("Provider Not Configured", errors.New("the provider cannot sign before it is configured"))
	case c.isWaiting():
		return faults{{title: titleUnknown, detail: fmt.Sprintf(
			"These arguments of the provider block are not known before apply: %s. No URL can be signed without them. Do one "+
				"of the following:\n\n"+
				"  1. Set them to values that are known at plan, such as variables.\n"+
				"  2. Create first what they depend on, with -target.\n"+
				"  3. Sign at apply, with the resource alioss_presigned_url.", strings.Join(c.unknown, ", "))}}
	}
	return nil
}

const titleUnknown = "Unknown Provider Argument"

func (c *client) isWaiting() bool { return c != nil && len(c.unknown) > 0 }

func credentialsFault(err error) faults {
	var e *credentials.Error
	switch {
	case !errors.As(err, &e):
		return errorAt(err, "Credentials Not Read")
	case e.Err != nil:
		return errorAt(err, "Invalid Credentials")
	}
	const guide = "The guide \"Authentication reference\" describes every source."
	return errorAt(fmt.Errorf("%w.\n\n%s", err, guide), "Missing Credentials")
}

func (c *client) signOne(ctx context.Context, s *signing) (values, faults) {
	s.objects = []presign.Object{objectOf(s.config)}
	isPinned := s.config.flag("pin_version")
	if isPinned {
		var err error
		if s.objects[0].Version, err = c.probe().Version(ctx, s.probeRequest("pin_version")); err != nil {
			return nil, probeFaults(err, "pin_version")
		}
	}
	found := c.signObjects(ctx, s)
	if found.failed() {
		return nil, found
	}
	results := s.results()
	results["url"], results["object"] = textValue(s.URLs[0]), tftypes.NewValue(factsType, nil)
	if isPinned || s.config.flag("verify") {
		object, more := c.verify(ctx, s)
		results["object"], found = object, append(found, more...)
	}
	return results, found
}

func warnOfKey(config values) faults {
	key := config.text("key")
	reason := presign.Unusual(key, config.text("method"))
	if reason == "" {
		return nil
	}
	return warningAt(titleUnusual, fmt.Sprintf(
		"key is probably not the name of an object, got %s. %s If it is, ignore this warning.", text.Quote(key),
		reason), "key")
}

func (c *client) signObjects(ctx context.Context, s *signing) faults {
	var err error
	s.Signed, err = presign.Sign(s.request, s.objects, s.window, s.keys.Credentials, s.room)
	var large *presign.TooLargeError
	switch {
	case errors.As(err, &large):
		return tooLarge(s.config, len(s.objects), large.Fit, c.messageBytes)
	case err != nil:
		return internalError(titleSigning, err)
	}
	s.log(ctx)
	return c.warnings(s)
}

// results returns the configuration with effective values, and with results that all objects share.
func (s *signing) results() values {
	results := maps.Clone(s.config)
	results["expires_at"] = textValue(s.end.Format(time.RFC3339))
	results["signed_headers"] = mapValue(s.Headers)
	for name, effective := range map[string]string{
		"method":       s.request.Method,
		"expiry":       validity.FormatDuration(time.Duration(s.window.Expires) * time.Second),
		"region":       s.request.Region,
		"signing_time": s.window.SigningTime.Format(time.RFC3339),
	} {
		if !s.config.isGiven(name) { // Terraform requires configured values back unchanged
			results[name] = textValue(effective)
		}
	}
	return results
}

// log leaves out the URLs, and values of the request that may be secret (headers, query, process).
func (s *signing) log(ctx context.Context) {
	fields := map[string]any{
		"bucket":             s.request.Bucket,
		"urls":               len(s.URLs),
		"method":             s.request.Method,
		"region":             s.request.Region,
		"host":               s.request.Host,
		"signing_time":       s.window.SigningTime.Format(time.RFC3339),
		"expires_seconds":    s.window.Expires,
		"expires_at":         s.end.Format(time.RFC3339),
		"credentials_source": s.keys.Source,
	}
	if len(s.objects) == 1 {
		fields["key"] = text.Quote(s.objects[0].Key)
	}
	tflog.Debug(ctx, "Signed with OSS Signature V4", fields)
}

const (
	// maxURLBytes is what every server, proxy and client should accept (RFC 9110, section 4.1).
	maxURLBytes = 8000
	// clockTolerance is how long before its date the service accepts a URL (EC 0002-00000235).
	clockTolerance = 15 * time.Minute
	// longestSession is how long temporary credentials are valid at most.
	longestSession = 12 * time.Hour

	titleExpired = "Presigned URL Expired"
)

// warnings returns the warnings about URLs that have been signed. Those about times are given once
// for all URLs of one length or of one end: instances are signed in several seconds, for an expiry
// or until a not_after.
func (c *client) warnings(s *signing) faults {
	found := c.warnOfRequest(s.request, s.config)
	warn := func(title, detail string, subjects ...string) {
		found = append(found, c.once.warn(title, detail, subjects...)...)
	}
	if i := slices.IndexFunc(s.URLs, func(url string) bool { return len(url) > maxURLBytes }); i >= 0 {
		warn("Long URL", fmt.Sprintf(
			"The URL has %s bytes. Servers, proxies and clients may refuse a URL of more than %s bytes (RFC 9110). "+
				"Shorten key, filename, response_headers, process or query.", text.Thousands(len(s.URLs[i])),
			text.Thousands(maxURLBytes)), "")
	}
	format := func(t time.Time) string { return t.UTC().Format(time.RFC3339) }
	source, start, end, wanted := s.keys.Source, format(s.window.SigningTime), format(s.end), format(s.window.End())
	lifetime := time.Duration(s.window.Expires) * time.Second
	switch {
	case s.end.Before(s.window.End()):
		advice := "Choose"
		if s.keys.LengthArgument != "" {
			advice = "Set " + s.keys.LengthArgument + " to a longer time, choose"
		}
		warn("Credentials End First", fmt.Sprintf(
			"The URL expires at %s, and not at %s, because it expires with the temporary credentials that sign it. Their "+
				"source is %s. %s a shorter expiry, or sign with the AccessKey pair of a RAM user.",
			end, wanted, source, advice), fmt.Sprint(source, end, s.window.Expires), fmt.Sprint(source, end, wanted))
	case s.keys.ExpiryUnknown() && lifetime > longestSession:
		warn("Credentials May End First", fmt.Sprintf(
			"The credentials (%s) are temporary, and their expiration time is not known. They expire after at most 12 hours, "+
				"and the URL expires with them, before its expiry of %s. Choose an expiry of at most 12h, or sign with the "+
				"AccessKey pair of a RAM user.", source, validity.FormatDuration(lifetime)), source)
	}
	switch {
	case validity.Expired(s.now, s.end):
		warn(titleExpired, fmt.Sprintf(
			"The URL was signed at %s and expired at %s. It is %s now. Choose a later signing_time or a longer expiry. "+
				"If you keep an expired URL on purpose, ignore this warning.", start, end, format(s.now)), start+end)
	case s.now.Before(s.window.SigningTime.Add(-clockTolerance)):
		warn("Presigned URL Not Valid", fmt.Sprintf(
			"The URL is signed for %s, and it is %s now. OSS accepts it from 15 minutes before its signing time, and returns "+
				"403 until then (EC 0002-00000235). Choose an earlier signing_time, or use the URL later.",
			start, format(s.now)), start)
	}
	if s.config.isGiven("rotate_every") && s.keys.Temporary() {
		warn("URL Changes With Credentials", fmt.Sprintf(
			"rotate_every keeps the signing time, but the credentials (%s) are temporary. The URL changes when they do. For "+
				"a URL that stays, sign with the AccessKey pair of a RAM user, or use the resource alioss_presigned_url.", source))
	}
	return found
}

// warnOfRequest warns if a region is probably misspelled, and if the service refuses an override
// that its documentation lists. A region that resembles no known one may be new.
func (c *client) warnOfRequest(r signer.Request, config values) (found faults) {
	if near := endpoint.NearRegion(r.Region); near != "" {
		detail := fmt.Sprintf("The region %s is not one of the known regions. Is it %q? ", text.Quote(r.Region), near)
		if origin := c.regionOf(config).origin; origin != "" {
			detail += fmt.Sprintf("The value is that of %s. ", origin)
		}
		found = c.once.warn("Unknown Region", detail+"If the region is new, ignore this warning.", r.Region)
	}
	if _, ok := r.Query["response-content-type"]; ok && r.Method == presign.DefaultMethod {
		found = append(found, c.once.warn("Response Header Refused",
			"response_headers[\"content-type\"] does not work with method \"GET\". OSS returns 400 InvalidRequest "+
				"(EC 0017-00000902). Set the Content-Type of the object itself instead.")...)
	}
	return found
}
