package provider

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/alioss/terraform-provider-alioss/internal/endpoint"
	"github.com/alioss/terraform-provider-alioss/internal/probe"
	"github.com/alioss/terraform-provider-alioss/internal/signer"
)

// The request of verify holds as long as the URL, within these limits in seconds. The upper one is the service's tolerance towards the other
// side, so that a clock counts as wrong from 15 minutes on either way; the lower one leaves room for tries and their pauses.
const (
	minVerifyExpires = 60
	maxVerifyExpires = 900
)

// verify asks OSS whether the object of a link is there and may be read with the link's credentials, and reports what is wrong.
//
// It asks by a HEAD that is signed for the same host, region, object, version, payer and headers. It is signed for the present and not for the
// URL's signing instant: verify is about the object, and a URL whose time has passed or is yet to come is warned of anyway. Parameters that
// shape the answer to a download, or say who may use the link, stay away.
func (c *client) verify(ctx context.Context, m *linkModel, l link, s signed, o objectModel, d *diag.Diagnostics) {
	if validateVerify(types.BoolValue(true), m, d); d.HasError() {
		return
	}
	now := c.now()
	url, headers, err := signer.Presign(l.question(o, s.window.Expires), s.keys.Credentials, now)
	if err != nil {
		d.AddError("Signing Failed", sentence(err)+" Please report this: the provider should have said so earlier.")
		return
	}
	found, err := probe.Client{Transport: c.environment.Transport, Sleep: c.environment.Sleep}.Object(ctx, url, headers)
	a := asked{m: m, request: l.request, object: o, source: s.keys.Source, at: now}
	var refused *probe.Error
	switch {
	case errors.As(err, &refused):
		a.report(refused, d)
	case err != nil:
		d.AddAttributeError(path.Root("verify"), "Verification Interrupted", "Terraform stopped the request before it was known whether the object exists.")
	case l.request.Method == defaultMethod:
		a.reportStorage(found, s.end, d)
	}
}

// question is the request of verify for a link that holds expires seconds.
func (l link) question(o objectModel, expires int64) signer.Request {
	r := l.request
	r.Method = "HEAD"
	r.Key = o.Key.ValueString()
	r.Expires = min(max(expires, minVerifyExpires), maxVerifyExpires)
	r.Query = map[string]string{}
	if payer, ok := l.request.Query["x-oss-request-payer"]; ok {
		r.Query["x-oss-request-payer"] = payer
	}
	if s := o.Version.ValueString(); s != "" {
		r.Query["versionId"] = s
	}
	return r
}

// asked is what a diagnostic of verify may tell of its request.
type asked struct {
	m       *linkModel
	request signer.Request
	object  objectModel
	source  string // of the credentials
	at      time.Time
}

// report says why an object cannot be read, or why that was not found out.
func (a asked) report(e *probe.Error, d *diag.Diagnostics) {
	f, ok := findings[e.Kind]
	if !ok {
		f = finding{onVerify, "Verification Failed", sentence(e)}
	}
	detail := a.fill(f.text)
	switch e.Kind {
	case probe.WrongRegion:
		detail += a.rightRegion(e.Endpoint)
	case probe.Expired, probe.TooEarly:
		detail += a.clocks(e.Date)
	}
	detail += a.hints(e.Kind)
	if answer := e.Answer(); answer != "" {
		detail += "\n\nThe answer was " + answer + "."
	}
	if e.EC != "" {
		detail += " Alibaba Cloud explains it at https://api.alibabacloud.com/troubleshoot?q=" + e.EC
	}
	d.AddAttributeError(path.Root(a.attribute(f.attribute)), f.title, detail)
}

// fill puts the request into a text. No value is looked at for placeholders again.
func (a asked) fill(text string) string {
	object := fmt.Sprintf("object %q in bucket %q", a.object.Key.ValueString(), a.request.Bucket)
	if s := a.object.Version.ValueString(); s != "" {
		object = fmt.Sprintf("version %q of %s", s, object)
	}
	action := "oss:GetObject"
	if a.object.Version.ValueString() != "" {
		action = "oss:GetObjectVersion"
	}
	return strings.NewReplacer(
		"{object}", object, "{key}", fmt.Sprintf("%q", a.object.Key.ValueString()),
		"{version}", fmt.Sprintf("%q", a.object.Version.ValueString()),
		"{bucket}", fmt.Sprintf("%q", a.request.Bucket), "{region}", fmt.Sprintf("%q", a.request.Region),
		"{host}", a.request.Host, "{source}", a.source, "{action}", action, "{timeout}", probe.TryTimeout.String(),
	).Replace(text)
}

// attribute returns the attribute that a finding belongs to.
func (a asked) attribute(name string) string {
	if name != onHost {
		return name
	}
	switch {
	case a.m.Domain.ValueString() != "":
		return "domain"
	case a.m.Endpoint.ValueString() != "":
		return "endpoint"
	case a.m.EndpointType.ValueString() != "":
		return "endpoint_type"
	}
	return onVerify
}

// rightRegion says in which region the bucket is, where the answer named a host of it.
func (a asked) rightRegion(host string) string {
	region, ok := endpoint.RegionOfHost(host)
	switch {
	case ok && region != a.request.Region:
		return fmt.Sprintf(" It is in region %q (%s): set region to that.", region, host)
	case host != "":
		return fmt.Sprintf(" OSS serves it at %s: set region, endpoint_type or endpoint accordingly.", host)
	}
	return " The answer does not say in which; the console shows it on the bucket's overview page, and alicloud_oss_bucket as location."
}

// clocks compares the clock of the provider with that of the service, as its answer showed it.
func (a asked) clocks(service time.Time) string {
	if service.IsZero() {
		return ""
	}
	off, direction := service.Sub(a.at.Truncate(time.Second)), "behind"
	if off < 0 {
		off, direction = -off, "ahead of"
	}
	return fmt.Sprintf(" This machine's clock says %s, the service's %s: it is %s %s the service's.",
		a.at.UTC().Format(time.RFC3339), service.Format(time.RFC3339), off, direction)
}

// hints are what a kind may mean for hosts that need more than a name.
func (a asked) hints(k probe.Kind) string {
	_, unreached := unreachable[k]
	switch {
	case unreached && strings.HasSuffix(a.request.Host, "-internal.aliyuncs.com"):
		return " The host is an internal one: it answers within the VPCs of its region only."
	case a.m.Domain.ValueString() != "" && domainKinds[k]:
		return a.fill(" The domain must be bound to bucket {bucket}, and to no other, on the bucket's page in the OSS console, and point to it by a " +
			"CNAME record; for https its certificate is uploaded there as well.")
	}
	return ""
}

// reportStorage says that an object that is there must be restored before a link opens it, or that its restored copy goes before the link does.
func (a asked) reportStorage(found probe.Object, end time.Time, d *diag.Diagnostics) {
	at := path.Root("key")
	switch {
	case found.Archived() && found.StorageClass == probe.ClassArchive:
		d.AddAttributeWarning(at, "Object Archived", a.fill("The {object} has the storage class Archive and is not restored. The link opens it only if "+
			"direct read of archived objects is on for the bucket; otherwise it answers 403 InvalidObjectState (EC 0016-00000404) until the object is "+
			"restored. Restore it (ossutil restore), or choose another storage class."))
	case found.Archived():
		d.AddAttributeError(at, "Object Archived", a.fill("The {object} has the storage class "+found.StorageClass+" and is not restored: the link would "+
			"answer 403 InvalidObjectState (EC 0016-00000404). Restore it first (ossutil restore), or choose another storage class."))
	case !found.RestoredUntil.IsZero() && found.RestoredUntil.Before(end):
		d.AddAttributeWarning(at, "Restored Copy Ends First", a.fill(fmt.Sprintf("The {object} has the storage class %s, and its restored copy goes at %s, "+
			"before the URL ends at %s. Restore it for longer, or choose a shorter expiry.",
			found.StorageClass, found.RestoredUntil.Format(time.RFC3339), end.Format(time.RFC3339))))
	}
}
