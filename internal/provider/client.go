package provider

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/alioss/terraform-provider-alioss/internal/credentials"
	"github.com/alioss/terraform-provider-alioss/internal/endpoint"
)

// client is what the configured provider hands to its data sources and resources. They share it, and use it in parallel.
type client struct {
	now         func() time.Time
	credentials *credentials.Source
	environment credentials.Environment
	settings    settings
	// unknown names the arguments of the provider block that are not known yet.
	unknown []string
	notices notices
}

// settings are where buckets are reached where a data source or resource does not say otherwise. Empty is not given.
type settings struct {
	region       string
	endpointType string
	endpoint     string
	pathStyle    bool
}

// ready reports whether everything is known that signing needs, and says what is not.
func (c *client) ready(d *diag.Diagnostics) bool {
	if c == nil {
		d.AddError("Provider Not Configured", "The provider was asked to sign before it was configured. Please report this.")
		return false
	}
	if len(c.unknown) > 0 {
		d.AddError("Unknown Provider Argument", fmt.Sprintf(
			"The provider block's %s is not known before apply, and nothing can be signed without it. Give a value that is known at plan "+
				"(a variable, the environment), create first what it comes from (-target), or sign at apply, with the resource "+
				"alioss_presigned_url.", strings.Join(c.unknown, ", ")))
		return false
	}
	return true
}

// resolve returns where the bucket of a model is reached. What the model says beats the provider block, and a more
// specific argument of the model beats a less specific one of the provider block.
func (c *client) resolve(m *linkModel, d *diag.Diagnostics) endpoint.Target {
	in := endpoint.Input{
		Bucket:    m.Bucket.ValueString(),
		Region:    m.Region.ValueString(),
		Type:      endpoint.Type(m.EndpointType.ValueString()),
		Endpoint:  m.Endpoint.ValueString(),
		Domain:    m.Domain.ValueString(),
		PathStyle: c.settings.pathStyle,
	}
	own := map[string]types.String{
		endpoint.FieldBucket: m.Bucket, endpoint.FieldRegion: m.Region, endpoint.FieldType: m.EndpointType,
		endpoint.FieldEndpoint: m.Endpoint, endpoint.FieldDomain: m.Domain,
	}
	if in.Region == "" {
		in.Region = c.settings.region
	}
	if in.Region == "" {
		in.Region, _ = c.credentials.Region()
	}
	if in.Region == "" {
		addError(d, path.Root("region"), "Missing Region", errMissingRegion)
		return endpoint.Target{}
	}
	if in.Type == "" && in.Endpoint == "" && in.Domain == "" {
		in.Type, in.Endpoint = endpoint.Type(c.settings.endpointType), c.settings.endpoint
	}
	target, err := endpoint.Resolve(in)
	var fault *endpoint.Error
	switch {
	case err == nil:
	case errors.As(err, &fault) && own[fault.Field].ValueString() != "":
		addError(d, path.Root(fault.Field), titles[fault.Field], err)
	case errors.As(err, &fault) && m.Region.ValueString() != "" && fault.Field != endpoint.FieldPathStyle:
		detail := sentence(err)
		if m.EndpointType.ValueString() == "" && m.Endpoint.ValueString() == "" && (in.Type != "" || in.Endpoint != "") {
			detail += " The value is that of the provider block or its environment variables; set endpoint_type or endpoint here to choose another."
		}
		d.AddAttributeError(path.Root("region"), titles[fault.Field], detail)
	case errors.As(err, &fault):
		d.AddError(titles[fault.Field], sentence(err)+" The value is that of the provider block or its environment variables.")
	default:
		d.AddError("Invalid Endpoint", sentence(err))
	}
	return target
}

var errMissingRegion = errors.New("the bucket's region is not given, and Signature V4 carries it; set region here or in the provider block, " +
	"or one of the environment variables " + strings.Join(regionVariables, ", "))

// titles are the diagnostics' summaries for the fields of package endpoint.
var titles = map[string]string{
	endpoint.FieldBucket:    "Invalid Bucket",
	endpoint.FieldRegion:    "Invalid Region",
	endpoint.FieldType:      "Invalid Endpoint Type",
	endpoint.FieldEndpoint:  "Invalid Endpoint",
	endpoint.FieldPathStyle: "Invalid Path Style",
	endpoint.FieldDomain:    "Invalid Domain",
}

// addCredentialsError says why there is nothing to sign with.
func (c *client) addCredentialsError(d *diag.Diagnostics, err error) {
	var fault *credentials.Error
	switch {
	case !errors.As(err, &fault):
		d.AddError("Credentials Not Read", sentence(err))
	case fault.Err == nil:
		d.AddError("Missing Credentials", sentence(err)+"\n\nSet access_key and secret_key in the provider block, or any other source that the "+
			"provider's documentation lists under \"Authentication\".")
	default:
		d.AddError("Invalid Credentials", sentence(err))
	}
}

// warnOfOverride says that the service refuses an override that it once took.
func (c *client) warnOfOverride(m *linkModel, d *diag.Diagnostics) {
	if m.method() != defaultMethod {
		return
	}
	for name := range m.ResponseHeaders.Elements() {
		if strings.EqualFold(name, "content-type") {
			c.notices.warn(d, "Response Header Refused", "response_headers[\"content-type\"] on a GET is refused by OSS now (400 InvalidRequest, "+
				"EC 0017-00000902): the URL will not work. Set the object's own Content-Type instead.")
		}
	}
}

// maxURLBytes is the length that every server, proxy and client should take (RFC 9110, section 4.1).
const maxURLBytes = 8000

// warnOfLength says that a URL is longer than what servers and clients must take.
func (c *client) warnOfLength(urls []string, d *diag.Diagnostics) {
	for _, url := range urls {
		if len(url) > maxURLBytes {
			c.notices.warnOf(d, "Long URL", fmt.Sprintf("The URL has %d bytes, and servers, proxies and clients need to take no more than %d (RFC "+
				"9110): it may be refused on its way. Shorten key, filename, response_headers, process or query.", len(url), maxURLBytes), "")
			return
		}
	}
}

// notices remembers the warnings that this run of the provider has given, so that a thousand instances of one data source
// do not say the same a thousand times.
type notices struct {
	mu   sync.Mutex
	said []string
}

// saidOnce ends every warning of notices: it stands at one address, and silence at another is no promise.
const saidOnce = " This is said once in a run, for every URL that it is true of."

// maxNotices bounds what is remembered; what comes later is said each time.
const maxNotices = 1000

// warn gives a warning whose text was not given before.
func (n *notices) warn(d *diag.Diagnostics, summary, detail string) {
	n.warnOf(d, summary, detail, detail)
}

// warnOf gives a warning whose summary was not given before for any of its subjects: what the text is about, without the parts
// of it that change from instance to instance.
func (n *notices) warnOf(d *diag.Diagnostics, summary, detail string, subjects ...string) {
	n.mu.Lock()
	defer n.mu.Unlock()
	given := false
	for _, subject := range subjects {
		key := summary + "\n" + subject
		switch {
		case slices.Contains(n.said, key):
			given = true
		case len(n.said) < maxNotices:
			n.said = append(n.said, key)
		}
	}
	if !given {
		d.AddWarning(summary, detail+saidOnce)
	}
}
