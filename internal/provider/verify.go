package provider

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/alioss/terraform-provider-alioss/internal/endpoint"
	"github.com/alioss/terraform-provider-alioss/internal/presign"
	"github.com/alioss/terraform-provider-alioss/internal/probe"
	"github.com/alioss/terraform-provider-alioss/internal/signer"
	"github.com/alioss/terraform-provider-alioss/internal/text"
)

// The request of verify holds as long as the URL, within these limits in seconds. The upper one is the service's tolerance towards the other
// side, so that a clock counts as wrong from 15 minutes on either way; the lower one leaves room for tries and their pauses.
const (
	minVerifyExpires = 60
	maxVerifyExpires = 900
)

// verify asks OSS whether the object of a link is there and may be read with the link's credentials, and returns what is wrong.
//
// It asks by a HEAD that is signed for the same host, region, object, version, payer and headers. It is signed for the present and not for the
// URL's signing instant: verify is about the object, and a URL whose time has passed or is yet to come is warned of anyway. Parameters that
// shape the answer to a download, or say who may use the link, stay away.
func (c *client) verify(ctx context.Context, s signed) faults {
	now := c.now()
	url, headers, err := signer.Presign(s.verification(), s.keys.Credentials, now)
	if err != nil {
		return bug(titleSigning, err)
	}
	object, err := probe.Client{Transport: c.environment.Transport, Sleep: c.environment.Sleep}.Object(ctx, url, headers)
	v := verified{s, now}
	var refused *probe.Error
	switch {
	case errors.As(err, &refused):
		return v.report(refused)
	case err != nil:
		return faults{{
			path: []string{onVerify}, title: "Verification Interrupted",
			detail: "Terraform stopped the request before it was known whether the object exists.",
		}}
	case s.request.Method == presign.DefaultMethod:
		return v.reportStorage(object)
	}
	return nil
}

// verification is the request of verify.
func (s signed) verification() signer.Request {
	r := s.request.Request
	r.Method = "HEAD"
	r.Expires = min(max(s.window.Expires, minVerifyExpires), maxVerifyExpires)
	r.Query = map[string]string{}
	if payer, ok := s.request.Query["x-oss-request-payer"]; ok {
		r.Query["x-oss-request-payer"] = payer
	}
	return presign.WithObject(r, s.objects[0])
}

// verified is what a diagnostic of verify may tell of its request.
type verified struct {
	signed

	at time.Time
}

// report says why an object cannot be read, or why that was not found out.
func (v verified) report(e *probe.Error) faults {
	f, ok := findings[e.Kind]
	if !ok {
		f = finding{onVerify, "Verification Failed", sentence(e)}
	}
	detail := v.fill(f.text)
	switch e.Kind {
	case probe.WrongRegion:
		detail += v.rightRegion(e.Endpoint)
	case probe.Expired, probe.TooEarly:
		detail += v.clocks(e.Date)
	}
	detail += v.hints(e.Kind)
	if answer := e.Answer(); answer != "" {
		detail += "\n\nThe answer was " + answer + "."
	}
	if e.EC != "" {
		detail += " Alibaba Cloud explains it at https://api.alibabacloud.com/troubleshoot?q=" + e.EC
	}
	return faults{{path: []string{v.attribute(f.attribute)}, title: f.title, detail: detail}}
}

// fill puts the request into a text. No value is looked at for placeholders again.
func (v verified) fill(template string) string {
	o := v.objects[0]
	object := fmt.Sprintf("object %s in bucket %s", text.Quote(o.Key), text.Quote(v.request.Bucket))
	action := "oss:GetObject"
	if o.Version != "" {
		object = fmt.Sprintf("version %s of %s", text.Quote(o.Version), object)
		action = "oss:GetObjectVersion"
	}
	return strings.NewReplacer(
		"{object}", object, "{key}", text.Quote(o.Key), "{version}", text.Quote(o.Version),
		"{bucket}", text.Quote(v.request.Bucket), "{region}", text.Quote(v.request.Region),
		"{host}", v.request.Host, "{source}", v.keys.Source, "{action}", action, "{timeout}", probe.TryTimeout.String(),
	).Replace(template)
}

// attribute returns the attribute that a finding belongs to.
func (v verified) attribute(name string) string {
	if name != onHost {
		return name
	}
	switch {
	case v.request.config.isGiven("domain"):
		return "domain"
	case v.request.config.isGiven("endpoint"):
		return "endpoint"
	case v.request.config.isGiven("endpoint_type"):
		return "endpoint_type"
	}
	return onVerify
}

// rightRegion says in which region the bucket is, where the answer named a host of it.
func (v verified) rightRegion(host string) string {
	region, ok := endpoint.RegionOfHost(host)
	switch {
	case ok && region != v.request.Region:
		return fmt.Sprintf(" It is in region %q (%s): set region to that.", region, host)
	case host != "":
		return fmt.Sprintf(" OSS serves it at %s: set region, endpoint_type or endpoint accordingly.", host)
	}
	return " The answer does not say in which; the console shows it on the bucket's overview page, and alicloud_oss_bucket as location."
}

// clocks compares the clock of the provider with that of the service, as its answer showed it.
func (v verified) clocks(service time.Time) string {
	if service.IsZero() {
		return ""
	}
	off, direction := service.Sub(v.at.Truncate(time.Second)), "behind"
	if off < 0 {
		off, direction = -off, "ahead of"
	}
	return fmt.Sprintf(" This machine's clock says %s, the service's %s: it is %s %s the service's.",
		v.at.UTC().Format(time.RFC3339), service.Format(time.RFC3339), off, direction)
}

// hints are what a kind may mean for hosts that need more than a name.
func (v verified) hints(k probe.Kind) string {
	_, unreached := unreachable[k]
	switch {
	case unreached && strings.HasSuffix(v.request.Host, "-internal.aliyuncs.com"):
		return " The host is an internal one: it answers within the VPCs of its region only."
	case v.request.config.isGiven("domain") && domainKinds[k]:
		return v.fill(" The domain must be bound to bucket {bucket}, and to no other, on the bucket's page in the OSS console, and point to it by a " +
			"CNAME record; for https its certificate is uploaded there as well.")
	}
	return ""
}

// reportStorage says that an object that is there must be restored before a link opens it, or that its restored copy goes
// before the link does.
func (v verified) reportStorage(found probe.Object) faults {
	switch {
	case found.Archived() && found.StorageClass == probe.ClassArchive:
		return warning("Object Archived", v.fill("The {object} has the storage class Archive and is not restored. The link opens it only if "+
			"direct read of archived objects is on for the bucket; otherwise it answers 403 InvalidObjectState (EC 0016-00000404) until the object is "+
			"restored. Restore it (ossutil restore), or choose another storage class."), "key")
	case found.Archived():
		return faults{{path: []string{"key"}, title: "Object Archived", detail: v.fill("The {object} has the storage class " + found.StorageClass +
			" and is not restored: the link would answer 403 InvalidObjectState (EC 0016-00000404). Restore it first (ossutil restore), or choose " +
			"another storage class.")}}
	case !found.RestoredUntil.IsZero() && found.RestoredUntil.Before(v.end):
		return warning("Restored Copy Ends First", v.fill(fmt.Sprintf("The {object} has the storage class %s, and its restored copy goes at %s, "+
			"before the URL ends at %s. Restore it for longer, or choose a shorter expiry.",
			found.StorageClass, found.RestoredUntil.Format(time.RFC3339), v.end.Format(time.RFC3339))), "key")
	}
	return nil
}
