package provider

import (
	"context"
	"errors"
	"fmt"
	"maps"
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
	TrafficLimit    types.Int64       `tfsdk:"traffic_limit"`
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
// again, for values that were not known when the configuration was validated.
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
		addError(d, path.Root("headers").AtMapKey(name), "Invalid Header", signer.CheckHeader(name, value))
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
		addError(d, path.Root("query").AtMapKey(name), "Invalid Query", checkParameter(name))
		q[name] = value
	}
	for name, value := range stringMap(m.ResponseHeaders, "response_headers", "Invalid Response Header", d) {
		addError(d, path.Root("response_headers").AtMapKey(name), "Invalid Response Header", checkResponseHeader(name, value))
		q["response-"+strings.ToLower(name)] = value
	}
	if s := filename.ValueString(); s != "" {
		addError(d, path.Root("filename"), "Invalid Filename", checkFilename(s))
		q["response-content-disposition"] = contentDisposition(s)
	}
	if s := m.Process.ValueString(); s != "" {
		q["x-oss-process"] = s
	}
	if n := m.TrafficLimit.ValueInt64(); n != 0 {
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
	s, ok := c.sign(ctx, l, []object{{o.Key.ValueString(), o.Version.ValueString()}}, w, d)
	if !ok {
		return false
	}
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

// validateVerify refuses to look for an object that need not be there.
func validateVerify(verify types.Bool, m *linkModel, d *diag.Diagnostics) {
	if method := m.method(); verify.ValueBool() && !m.Method.IsUnknown() && method != "GET" && method != "HEAD" {
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
