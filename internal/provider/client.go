package provider

import (
	"context"
	"errors"
	"fmt"
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
	now         func() time.Time
	credentials *credentials.Source
	environment credentials.Environment
	settings    settings
	// unknown lists the arguments of the provider block that are not known yet.
	unknown []string
	// cli is the version of the CLI, or "" if the CLI does not send it.
	cli string
	// messageBytes bounds the URLs of one answer, together with their keys and versions.
	messageBytes int
	once         once
}

// request is the request of a configuration, without objects and time.
type request struct {
	signer.Request

	config values
}

// signResult is the result of signing.
type signResult struct {
	presign.Signed

	request request
	objects []presign.Object
	window  validity.Window
	// end is when the URLs expire: at the end of the window, or with temporary credentials if these
	// expire first.
	end  time.Time
	keys credentials.Credentials
	// now is the time of the provider when it signed.
	now time.Time
}

// checkReady returns an error if the provider block has arguments that signing needs and that are
// not known yet.
func (c *client) checkReady() faults {
	switch {
	case c == nil:
		return faults{
			{title: "Provider Not Configured", detail: "The provider cannot sign before it is configured. " + bugAdvice},
		}
	case len(c.unknown) > 0:
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

// request returns the request of a checked configuration.
func (c *client) request(config values) (request, faults) {
	spec, target, found := c.resolve(config)
	if found.failed() {
		return request{}, found
	}
	return request{Request: spec.Request(target), config: config}, found
}

// signOne signs the URL of one object, and returns the configuration together with the results.
func (c *client) signOne(ctx context.Context, config values) (values, signResult, faults) {
	s, found := c.prepare(ctx, config)
	if found.failed() {
		return nil, s, found
	}
	s.objects = []presign.Object{objectOf(config)}
	if config.flag("pin_version") {
		version, more := c.find(ctx, s)
		if found = append(found, more...); found.failed() {
			return nil, s, found
		}
		s.objects[0].Version = version
	}
	if found = append(found, c.sign(ctx, &s, 0)...); found.failed() {
		return nil, s, found
	}
	results := config.with(s.results())
	results["url"], results["object"] = textValue(s.URLs[0]), tftypes.NewValue(factsType, nil)
	if config.flag("verify") || config.flag("pin_version") {
		object, more := c.verify(ctx, s)
		results["object"], found = object, append(found, more...)
	}
	return results, s, found
}

// warnOfKey warns if a key is probably not the name of an object.
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

// prepare returns everything that signing needs except the objects. The faults include warnings
// about the credentials.
func (c *client) prepare(ctx context.Context, config values) (signResult, faults) {
	s := signResult{now: c.now()}
	var found faults
	if s.request, found = c.request(config); found.failed() {
		return s, found
	}
	window, more := windowOf(config, s.now)
	if found = append(found, more...); found.failed() {
		return s, found
	}
	keys, err := c.credentials.Get(ctx)
	if err != nil {
		return s, append(found, credentialsFault(err)...)
	}
	s.window, s.keys = window, keys
	s.end, _ = validity.End(window.End(), keys.Expires)
	for _, n := range c.credentials.Notices() {
		found = append(found, c.once.warn(n.Title, n.Text)...)
	}
	return s, found
}

// sign signs the URLs of the objects, at one instant. More than limit bytes are an error (0: no
// limit). The warnings are about all URLs.
func (c *client) sign(ctx context.Context, s *signResult, limit int) faults {
	var err error
	s.Signed, err = presign.Sign(s.request.Request, s.objects, s.window, s.keys.Credentials, limit)
	var large *presign.TooLargeError
	switch {
	case errors.As(err, &large):
		return tooLarge(s.request.config, len(s.objects), large.Fit, c.messageBytes)
	case err != nil:
		return internalError(titleSigning, err)
	}
	s.log(ctx)
	return c.warnings(*s)
}

// windowOf returns the signing time of a checked configuration, and the seconds for which URLs are
// valid from it.
func windowOf(config values, now time.Time) (validity.Window, faults) {
	expiry, err := expiryOf(config)
	if err != nil {
		return validity.Window{}, errorAt(err, titleOf("expiry"), "expiry")
	}
	name, at := "expiry", now
	if s := config.text("signing_time"); s != "" {
		name = "signing_time"
		if at, err = validity.ParseInstant(name, s); err != nil {
			return validity.Window{}, errorAt(err, titleOf(name), name)
		}
	}
	var w validity.Window
	switch {
	case config.isGiven("not_after"):
		name = "not_after"
		var end time.Time
		if end, err = validity.ParseInstant(name, config.text(name)); err == nil {
			w, err = validity.FromNotAfter(at, end)
		}
	case config.isGiven("rotate_every"):
		name = "rotate_every"
		var every time.Duration
		if every, err = validity.ParseRotation(config.text(name), config.text("expiry")); err == nil {
			w, err = validity.FromRotation(now, expiry, every)
		}
	default:
		w, err = validity.FromExpiry(at, expiry)
	}
	return w, errorAt(err, titleOf(name), name)
}

// results returns the attributes that do not depend on the object, and the effective values of
// those that were not configured.
func (s *signResult) results() values {
	config := s.request.config
	results := values{
		"method":         textValue(s.request.Method),
		"expires_at":     textValue(s.end.Format(time.RFC3339)),
		"signed_headers": mapValue(s.Headers),
	}
	for name, effective := range map[string]string{
		"expiry":       validity.FormatDuration(time.Duration(s.window.Expires) * time.Second),
		"region":       s.request.Region,
		"signing_time": s.window.SigningTime.Format(time.RFC3339),
	} {
		if !config.isGiven(name) { // Terraform requires configured values back unchanged
			results[name] = textValue(effective)
		}
	}
	return results
}

// log writes at DEBUG what was signed, with which credentials and until when. It leaves out the
// URLs, and values of the request that may be secret (headers, query, process).
func (s *signResult) log(ctx context.Context) {
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

// logCredentials writes the log lines of package credentials.
func logCredentials(ctx context.Context, level, message string, fields map[string]any) {
	if level == credentials.LevelInfo {
		tflog.Info(ctx, message, fields)
		return
	}
	tflog.Debug(ctx, message, fields)
}

// credentialsFault returns the error for missing or unusable credentials.
func credentialsFault(err error) faults {
	var fault *credentials.Error
	switch {
	case !errors.As(err, &fault):
		return errorAt(err, "Credentials Not Read")
	case fault.Err == nil:
		return faults{
			{
				title:  "Missing Credentials",
				detail: sentence(err) + "\n\nThe guide \"Authentication reference\" describes every source.",
			},
		}
	}
	return errorAt(err, "Invalid Credentials")
}

const (
	// maxURLBytes is the length that every server, proxy and client should accept (RFC 9110, section
	// 4.1).
	maxURLBytes = 8000
	// clockTolerance is how long before its date the service accepts a URL (EC 0002-00000235).
	clockTolerance = 15 * time.Minute
	// longestSession is how long temporary credentials are valid at most.
	longestSession = 12 * time.Hour
)

// warnings returns the warnings about URLs that have been signed.
func (c *client) warnings(s signResult) faults {
	found := c.warnOfRegion(s.request.Region, s.request.config)
	found = append(found, c.warnOfOverride(s.request.Request)...)
	found = append(found, c.warnOfLength(s.URLs)...)
	found = append(found, c.warnOfCredentials(s)...)
	found = append(found, c.warnOfWindow(s)...)
	if s.request.config.isGiven("rotate_every") && s.keys.Temporary() {
		found = append(found, c.once.warn("URL Changes With Credentials", fmt.Sprintf(
			"rotate_every keeps the signing time, but the credentials (%s) are temporary. The URL changes when they do. For "+
				"a URL that stays, sign with the AccessKey pair of a RAM user, or use the resource alioss_presigned_url.",
			s.keys.Source))...)
	}
	return found
}

// warnOfRegion warns if a region is probably misspelled. Regions that resemble no known one may be
// new.
func (c *client) warnOfRegion(region string, config values) faults {
	near := endpoint.NearRegion(region)
	if near == "" {
		return nil
	}
	detail := fmt.Sprintf("The region %s is not one of the known regions. Is it %q? ", text.Quote(region), near)
	if origin := c.regionOf(config).origin; origin != "" {
		detail += fmt.Sprintf("The value is that of %s. ", origin)
	}
	return c.once.warn("Unknown Region", detail+"If the region is new, ignore this warning.", region)
}

// warnOfOverride warns if the service refuses an override that its documentation lists.
func (c *client) warnOfOverride(r signer.Request) faults {
	if _, ok := r.Query["response-content-type"]; !ok || r.Method != presign.DefaultMethod {
		return nil
	}
	return c.once.warn("Response Header Refused",
		"response_headers[\"content-type\"] does not work with method \"GET\". OSS returns 400 InvalidRequest "+
			"(EC 0017-00000902). Set the Content-Type of the object itself instead.")
}

// warnOfLength warns if a URL is longer than servers and clients must accept.
func (c *client) warnOfLength(urls []string) faults {
	i := slices.IndexFunc(urls, func(url string) bool { return len(url) > maxURLBytes })
	if i < 0 {
		return nil
	}
	return c.once.warn("Long URL",
		fmt.Sprintf("The URL has %s bytes. Servers, proxies and clients may refuse a URL of more than %s bytes (RFC 9110). "+
			"Shorten key, filename, response_headers, process or query.", text.Thousands(len(urls[i])),
			text.Thousands(maxURLBytes)), "")
}

// warnOfCredentials warns if a URL expires, or may expire, with its credentials. It does so once
// for all URLs of one length or of one end: instances are signed in several seconds, for an expiry
// or until a not_after.
func (c *client) warnOfCredentials(s signResult) faults {
	lifetime := time.Duration(s.window.Expires) * time.Second
	if end, first := validity.End(s.window.End(), s.keys.Expires); first {
		at, wanted := end.Format(time.RFC3339), s.window.End().Format(time.RFC3339)
		return c.once.warn("Credentials End First", fmt.Sprintf(
			"The URL expires at %s, and not at %s, because it expires with the temporary credentials that sign it. Their "+
				"source is %s. %s a shorter expiry, or sign with the AccessKey pair of a RAM user.",
			at, wanted, s.keys.Source, longerSession(s.keys)), fmt.Sprint(s.keys.Source, at, s.window.Expires),
			fmt.Sprint(s.keys.Source, at, wanted))
	}
	if s.keys.EndUnknown() && lifetime > longestSession {
		return c.once.warn("Credentials May End First", fmt.Sprintf(
			"The credentials (%s) are temporary, and their expiration time is not known. They expire after at most 12 hours, "+
				"and the URL expires with them, before its expiry of %s. Choose an expiry of at most 12h, or sign with the "+
				"AccessKey pair of a RAM user.",
			s.keys.Source, validity.FormatDuration(lifetime)), s.keys.Source)
	}
	return nil
}

// longerSession returns the start of the advice about credentials that expire too soon, if their
// length can be chosen.
func longerSession(keys credentials.Credentials) string {
	if keys.LengthArgument == "" {
		return "Choose"
	}
	return "Set " + keys.LengthArgument + " to a longer time, choose"
}

// warnOfWindow warns if a URL cannot be used at the moment. It does so once for a window, whatever
// the time is.
func (c *client) warnOfWindow(s signResult) faults {
	start, end, present := s.window.SigningTime.Format(time.RFC3339), s.end.Format(time.RFC3339),
		s.now.UTC().Format(time.RFC3339)
	switch {
	case validity.Expired(s.now, s.end):
		return c.once.warn(titleExpired, fmt.Sprintf(
			"The URL was signed at %s and expired at %s. It is %s now. Choose a later signing_time or a longer expiry. "+
				"If you keep an expired URL on purpose, ignore this warning.", start, end, present), start+end)
	case s.now.Before(s.window.SigningTime.Add(-clockTolerance)):
		return c.once.warn("Presigned URL Not Valid", fmt.Sprintf(
			"The URL is signed for %s, and it is %s now. OSS accepts it from 15 minutes before its signing time, and returns "+
				"403 until then (EC 0002-00000235). Choose an earlier signing_time, or use the URL later.", start, present), start)
	}
	return nil
}

const titleExpired = "Presigned URL Expired"
