package provider

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/hashicorp/terraform-plugin-framework-timetypes/timetypes"
	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/alioss/terraform-provider-alioss/internal/credentials"
	"github.com/alioss/terraform-provider-alioss/internal/endpoint"
	"github.com/alioss/terraform-provider-alioss/internal/signer"
	"github.com/alioss/terraform-provider-alioss/internal/validity"
)

const (
	defaultExpiry = "1h"
	defaultMethod = "GET"
)

// linkModel holds the arguments that all forms share, and the results that do not depend on the object.
type linkModel struct {
	Bucket          types.String      `tfsdk:"bucket"`
	Expiry          types.String      `tfsdk:"expiry"`
	Domain          types.String      `tfsdk:"domain"`
	Region          types.String      `tfsdk:"region"`
	EndpointType    types.String      `tfsdk:"endpoint_type"`
	Endpoint        types.String      `tfsdk:"endpoint"`
	Method          types.String      `tfsdk:"method"`
	Headers         types.Map         `tfsdk:"headers"`
	ResponseHeaders types.Map         `tfsdk:"response_headers"`
	Process         types.String      `tfsdk:"process"`
	TrafficLimit    types.Number      `tfsdk:"traffic_limit"`
	RequestPayer    types.Bool        `tfsdk:"request_payer"`
	Query           types.Map         `tfsdk:"query"`
	BindHost        types.Bool        `tfsdk:"bind_host"`
	ExpiresAt       timetypes.RFC3339 `tfsdk:"expires_at"`
	SigningTime     types.String      `tfsdk:"signing_time"`
	SignedHeaders   types.Map         `tfsdk:"signed_headers"`
}

// objectModel holds what names one object, and its URL.
type objectModel struct {
	Key      types.String `tfsdk:"key"`
	Version  types.String `tfsdk:"version"`
	Filename types.String `tfsdk:"filename"`
	URL      types.String `tfsdk:"url"`
}

// object names what a URL opens.
type object struct{ key, version string }

// link is a linkModel in the terms of the core: all of a request but the object and the time.
type link struct {
	request signer.Request
	expiry  time.Duration
}

// signed is what signing gave.
type signed struct {
	urls    []string
	headers map[string]string
	// end is when the URLs end; of temporary credentials and URL what comes first.
	end    time.Time
	window validity.Window
	keys   credentials.Credentials
}

// link maps the model to a request, and reports what is wrong with it. All that a validator refuses is refused here
// again, for values that were not known when the configuration was validated; but "" counts as not given.
func (m *linkModel) link(c *client, filename types.String, d *diag.Diagnostics) (link, bool) {
	before := d.ErrorsCount()
	l := link{expiry: validity.DefaultExpiry}
	if s := m.Expiry.ValueString(); s != "" {
		expiry, err := validity.ParseExpiry(s)
		addError(d, path.Root("expiry"), "Invalid Expiry", err)
		l.expiry = expiry
	}
	if err := endpoint.CheckBucket(m.Bucket.ValueString()); err != nil {
		addError(d, path.Root("bucket"), "Invalid Bucket", err)
	}
	addError(d, path.Root("method"), "Invalid Method", checkMethod(m.method()))
	target := c.resolve(m, d)
	l.request = signer.Request{
		Method:    m.method(),
		Scheme:    target.Scheme,
		Host:      target.Host,
		PathStyle: target.PathStyle,
		Region:    target.Region,
		Product:   target.Product,
		Bucket:    m.Bucket.ValueString(),
		SignHost:  m.BindHost.ValueBool(),
		Query:     m.parameters(filename, d),
		Headers:   stringMap(m.Headers, "headers", "Invalid Header", d),
	}
	for name, value := range l.request.Headers {
		addError(d, path.Root("headers").AtMapKey(name), "Invalid Header", checkHeader(name, value))
		if !signer.IsDefaultSigned(name) {
			l.request.AdditionalHeaders = append(l.request.AdditionalHeaders, name)
		}
	}
	return l, d.ErrorsCount() == before
}

func (m *linkModel) method() string {
	if s := m.Method.ValueString(); s != "" {
		return s
	}
	return defaultMethod
}

// parameters are the query parameters that the arguments stand for, without versionId, which belongs to an object.
func (m *linkModel) parameters(filename types.String, d *diag.Diagnostics) map[string]string {
	q := map[string]string{}
	for name, value := range stringMap(m.Query, "query", "Invalid Query", d) {
		addError(d, path.Root("query").AtMapKey(name), "Invalid Query", checkQuery(name, value))
		q[name] = value
	}
	overrides := stringMap(m.ResponseHeaders, "response_headers", "Invalid Response Header", d)
	for _, name := range slices.Sorted(maps.Keys(overrides)) {
		at, parameter := path.Root("response_headers").AtMapKey(name), "response-"+strings.ToLower(name)
		addError(d, at, "Invalid Response Header", checkResponseHeader(name, overrides[name]))
		if _, twice := q[parameter]; twice {
			addError(d, at, "Invalid Response Header", fmt.Errorf("the header %s is given twice; names are case-insensitive; leave one out", shortened(name)))
		}
		q[parameter] = overrides[name]
	}
	if s := filename.ValueString(); s != "" {
		addError(d, path.Root("filename"), "Invalid Filename", checkFilename(s))
		q["response-content-disposition"] = contentDisposition(s)
	}
	if s := m.Process.ValueString(); s != "" {
		addError(d, path.Root("process"), "Invalid Process", checkProcess(s))
		q["x-oss-process"] = s
	}
	if !m.TrafficLimit.IsNull() && !m.TrafficLimit.IsUnknown() {
		n, err := wholeNumber(m.TrafficLimit, trafficLimits)
		if err == nil {
			err = checkTrafficLimit(n)
		}
		addError(d, path.Root("traffic_limit"), "Invalid Traffic Limit", err)
		q["x-oss-traffic-limit"] = fmt.Sprint(n)
	}
	if m.RequestPayer.ValueBool() {
		q["x-oss-request-payer"] = "requester"
	}
	return q
}

// stringMap returns the elements of a map of strings. A null element is an error.
func stringMap(m types.Map, attribute, title string, d *diag.Diagnostics) map[string]string {
	elements := m.Elements()
	if len(elements) == 0 {
		return nil
	}
	values := make(map[string]string, len(elements))
	for name, element := range elements {
		s, ok := element.(types.String)
		if !ok || s.IsNull() || s.IsUnknown() {
			addError(d, path.Root(attribute).AtMapKey(name), title, errNullElement)
			continue
		}
		values[name] = s.ValueString()
	}
	return values
}

// sign signs the URLs of a link's objects at the window's instant.
func (c *client) sign(ctx context.Context, l link, objects []object, w validity.Window, d *diag.Diagnostics) (signed, bool) {
	keys, err := c.credentials.Get(ctx)
	if err != nil {
		c.addCredentialsError(d, err)
		return signed{}, false
	}
	for _, notice := range c.credentials.Notices() {
		c.notices.warn(d, notice.Title, notice.Text)
	}
	s := signed{urls: make([]string, len(objects)), window: w, keys: keys}
	r := l.request
	r.Expires = w.Expires
	plain := r.Query
	for i, o := range objects {
		r.Key = o.key
		if o.version != "" {
			r.Query = maps.Clone(plain)
			r.Query["versionId"] = o.version
		} else {
			r.Query = plain
		}
		s.urls[i], s.headers, err = signer.Presign(r, keys.Credentials, w.SigningTime)
		if err != nil {
			d.AddError("Signing Failed", sentence(err)+" Please report this: the provider should have said so earlier.")
			return signed{}, false
		}
	}
	s.end, _ = validity.End(w.End(), keys.Expires)
	c.warnOfLength(s.urls, d)
	c.warnOfCredentials(w, keys, d)
	return s, true
}

// signOne signs the URL of one object, writes the results into the models, and says what the user should know of it. All
// forms of a single URL come through here.
func (c *client) signOne(
	ctx context.Context, m *linkModel, o *objectModel, t timingModel, verify types.Bool, d *diag.Diagnostics,
) bool {
	o.check(d)
	l, ok := m.link(c, o.Filename, d)
	if !ok || d.HasError() {
		return false
	}
	now := c.now()
	w, ok := t.window(now, m.SigningTime, l.expiry, d)
	if !ok {
		return false
	}
	objects := []object{{o.Key.ValueString(), o.Version.ValueString()}}
	s, ok := c.sign(ctx, l, objects, w, d)
	if !ok {
		return false
	}
	logSigned(ctx, l, s, objects)
	m.fill(l, s)
	o.URL = types.StringValue(s.urls[0])
	c.warnOfOverride(m, d)
	c.warnOfWindow(now, s, d)
	c.warnOfRotation(t.RotateEvery, s.keys, d)
	if verify.ValueBool() {
		c.verify(ctx, m, l, s, *o, d)
	}
	return !d.HasError()
}

// check refuses what the validators refuse, for values that were not known when the configuration was validated.
func (o *objectModel) check(d *diag.Diagnostics) {
	addError(d, path.Root("key"), "Invalid Key", signer.CheckKey(o.Key.ValueString()))
	if !o.Version.IsNull() {
		addError(d, path.Root("version"), "Invalid Version", checkVersion(o.Version.ValueString()))
	}
}

// fill writes the results, and the effective values of what was not configured.
func (m *linkModel) fill(l link, s signed) {
	if m.Expiry.ValueString() == "" {
		m.Expiry = types.StringValue(validity.FormatDuration(time.Duration(s.window.Expires) * time.Second))
	}
	m.Method = types.StringValue(l.request.Method)
	m.Region = types.StringValue(keepSpelling(m.Region, l.request.Region))
	m.ExpiresAt = timetypes.NewRFC3339TimeValue(s.end)
	if m.SigningTime.ValueString() == "" {
		m.SigningTime = types.StringValue(s.window.SigningTime.Format(time.RFC3339))
	}
	m.SignedHeaders = mapValue(s.headers)
}

// keepSpelling returns the configured value where there is one: Terraform wants to find again what it sent.
func keepSpelling(configured types.String, effective string) string {
	if s := configured.ValueString(); s != "" {
		return s
	}
	return effective
}

// validate refuses combinations of arguments. Attributes' own validators have refused single values, and what is unknown
// passes until it is known.
func (m *linkModel) validate(o objectModel, d *diag.Diagnostics) {
	if !o.Filename.IsNull() {
		for name := range m.ResponseHeaders.Elements() {
			if strings.EqualFold(name, "content-disposition") {
				addError(d, path.Root("filename"), "Invalid Filename",
					errors.New("filename and response_headers[\"content-disposition\"] say the same thing twice; leave one of them out"))
			}
		}
	}
	o.warnOfKey(d)
	m.validateHeaders(d)
	m.validatePlace(d)
	if m.Method.IsUnknown() {
		return
	}
	method := m.method()
	refuse := func(attribute, title, reason string) {
		addError(d, path.Root(attribute), title, fmt.Errorf("%s does not go with method %q: %s; leave %s out", attribute, method, reason, attribute))
	}
	if method == "PUT" || method == "DELETE" {
		const reason = "it shapes the answer to a download"
		if !o.Filename.IsNull() {
			refuse("filename", "Invalid Filename", reason)
		}
		if !m.ResponseHeaders.IsNull() {
			refuse("response_headers", "Invalid Response Header", reason)
		}
		if !m.Process.IsNull() {
			refuse("process", "Invalid Process", reason)
		}
	}
	if method == "PUT" && !o.Version.IsNull() {
		refuse("version", "Invalid Version", "an upload makes a version of its own")
	}
}

// validateHeaders refuses a header that says the same as an argument, which puts it into the query.
func (m *linkModel) validateHeaders(d *diag.Diagnostics) {
	twice := map[string]string{}
	if !m.TrafficLimit.IsNull() {
		twice["x-oss-traffic-limit"] = "traffic_limit"
	}
	if m.RequestPayer.ValueBool() {
		twice["x-oss-request-payer"] = "request_payer"
	}
	for name := range m.Headers.Elements() {
		if argument := twice[strings.ToLower(name)]; argument != "" {
			addError(d, path.Root("headers").AtMapKey(name), "Conflicting Arguments", fmt.Errorf(
				"header %q and %s say the same thing twice, in a header and in the query, which the service refuses; leave one of them out",
				name, argument))
		}
	}
}

// validatePlace refuses a host that does not serve the region, where the configuration alone says which they are. What
// path style would make right passes: only the provider block knows of it.
func (m *linkModel) validatePlace(d *diag.Diagnostics) {
	given := 0
	for _, s := range []types.String{m.Domain, m.Endpoint, m.EndpointType} {
		if s.IsUnknown() {
			return
		}
		if !s.IsNull() {
			given++
		}
	}
	if given != 1 || m.Bucket.IsUnknown() || m.Region.ValueString() == "" {
		return
	}
	var inPath diag.Diagnostics
	(&client{settings: settings{pathStyle: true}}).resolve(m, &inPath)
	if inPath.HasError() {
		(&client{}).resolve(m, d)
	}
}

// encodedKey is the form of a key that was percent-encoded before it came here.
var encodedKey = regexp.MustCompile(`^(?:[A-Za-z0-9._~/+-]|%[0-9A-Fa-f]{2})*%[0-9A-Fa-f]{2}(?:[A-Za-z0-9._~/+-]|%[0-9A-Fa-f]{2})*$`)

// warnOfKey says that a key is hardly the name of an object, although it could be.
func (o *objectModel) warnOfKey(d *diag.Diagnostics) {
	if key := o.Key.ValueString(); unusual(key) != "" {
		d.AddAttributeWarning(path.Root("key"), titleUnusualKey, fmt.Sprintf(
			"The key %s is probably not the name of an object. %s If it is, nothing is wrong.", shortened(key), unusual(key)))
	}
}

const titleUnusualKey = "Unusual Key"

// unusual says why a key is hardly the name of an object; "" where nothing seems wrong.
func unusual(key string) string {
	switch {
	case hasScheme(key, "oss"), hasScheme(key, "https"), hasScheme(key, "http"):
		return "It looks like a whole address. A key is the object's name alone, without scheme, host and bucket."
	case strings.TrimSpace(key) != key:
		return "It begins or ends with a blank or a line break, as what is read from a file often does: trimspace() or chomp() removes it."
	case strings.Contains(key, "%") && encodedKey.MatchString(key):
		return "It looks percent-encoded. A key is the decoded name, and is encoded once for you; \"%20\" would become \"%2520\". Leave out urlencode()."
	}
	return ""
}

// hasScheme tells whether s begins with scheme://, in any case of letters.
func hasScheme(s, scheme string) bool {
	rest := strings.Index(s, "://")
	return rest == len(scheme) && strings.EqualFold(s[:rest], scheme)
}

// shortened quotes a value for a message, without the query of what may be a presigned URL, pasted in the wrong place.
func shortened(s string) string {
	const limit = 80
	start, _, query := strings.Cut(s, "?")
	if len(start) <= limit && !query {
		return fmt.Sprintf("%q", s)
	}
	return fmt.Sprintf("%q… (%d bytes)", strings.ToValidUTF8(start[:min(limit, len(start))], ""), len(s))
}

// validateVerify refuses to look for an object that need not be there. Of a method that is none, its own error speaks.
func validateVerify(verify types.Bool, m *linkModel, d *diag.Diagnostics) {
	if method := m.method(); verify.ValueBool() && (method == "PUT" || method == "DELETE") && !m.Method.IsUnknown() {
		addError(d, path.Root("verify"), "Invalid Verify",
			fmt.Errorf("verify looks for the object that a download finds, and does not go with method %q; leave verify out", method))
	}
}

// mapValue returns a map of strings, empty where there is none.
func mapValue(values map[string]string) types.Map {
	elements := make(map[string]attr.Value, len(values))
	for name, value := range values {
		elements[name] = types.StringValue(value)
	}
	return types.MapValueMust(types.StringType, elements)
}
