package probe

import (
	"cmp"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/alioss/terraform-provider-alioss/internal/endpoint"
	"github.com/alioss/terraform-provider-alioss/internal/text"
)

// Error is what was found out about a request, or why nothing was: an error or a warning. Parts of
// the answer are zero if there is none, or if the text there does not have their form.
type Error struct {
	Kind      Kind
	Request   Request
	Status    int       // HTTP status, with ProxyRefused the proxy's
	Code      string    // such as "NoSuchKey"
	EC        string    // such as "0026-00000001", which the service calls unstable
	RequestID string    // what Alibaba Cloud's support needs
	Endpoint  string    // with WrongRegion: the service's host for the bucket's region, without bucket
	Date      time.Time // the service's clock, whole seconds
	facts     []string  // placeholders of this kind alone, each followed by its value
}

// Argument returns the argument that is at fault, or that asked for the request if none is.
func (e *Error) Argument() string {
	argument := e.Kind.argument
	switch {
	case argument == host:
		return cmp.Or(e.Request.HostArgument, e.Request.Argument)
	case argument == asker, e.Request.OnBucket && slices.Contains([]string{"key", "version", "domain"}, argument):
		return e.Request.Argument
	}
	return argument
}

// Summary returns the class of the error, which several kinds may share, in two to four words.
func (e *Error) Summary() string { return e.Kind.summary }

// Warning reports whether the URL works in spite of what was found.
func (e *Error) Warning() bool {
	return e.Kind == ObjectsLeftOut || e.Kind == ObjectsArchived || e.Kind == CopyExpires
}

// Error returns sentences: what was found, what to do, and what was answered.
func (e *Error) Error() string {
	s := strings.NewReplacer(append(e.placeholders(), e.facts...)...).Replace(e.Kind.text)
	if answer := e.Answer(); answer != "" {
		s += "\n\nThe answer was " + answer + "."
	}
	if e.EC != "" {
		s += " Alibaba Cloud explains it at https://api.alibabacloud.com/troubleshoot?q=" + e.EC
	}
	return s
}

// Answer returns status, code, EC and request id, such as "404 NoSuchKey, EC 0026-00000001, request
// 65F1A2B30000000000000001". It is empty if there was no answer.
func (e *Error) Answer() string {
	if e.Status == 0 {
		return ""
	}
	s := strings.TrimSpace(fmt.Sprint(e.Status, " ", cmp.Or(e.Code, http.StatusText(e.Status))))
	if e.EC != "" {
		s += ", EC " + e.EC
	}
	if e.RequestID != "" {
		s += ", request " + e.RequestID
	}
	return s
}

// placeholders returns those that texts of all kinds may have, each followed by its value. Advice
// that only some requests need begins with a blank, or is empty.
func (e *Error) placeholders() []string {
	r := e.Request
	bucket, version := text.Quote(r.Bucket), r.Query["versionId"]
	key, verb, action, timeout := text.Quote(r.Key), "read", "oss:GetObject", TryTimeout
	object := fmt.Sprintf("object %s in bucket %s", key, bucket)
	otherwise := " The URL does not need a connection from this machine. If the URL is correct, leave " + r.Argument +
		" out."
	elsewhere := " Map one to bucket " + bucket + " and set domain to it. Within the region, endpoint_type \"internal\" " +
		"works too."
	switch {
	case r.OnBucket:
		key, verb, action, timeout = text.Quote(r.Query["prefix"]), "list", "oss:ListObjects", PageTimeout
		object = fmt.Sprintf("objects under prefix %s in %s", key, bucket)
		otherwise = " The provider must reach the endpoint to list objects. Set list_endpoint_type or endpoint to one " +
			"that it can reach, or set keys instead."
		elsewhere = " Objects cannot be listed at one. Within the region, set list_endpoint_type \"internal\". Otherwise, " +
			"set keys instead."
	case version != "":
		object, action = fmt.Sprintf("version %s of %s", text.Quote(version), object), "oss:GetObjectVersion"
	}
	var domain, internal, near, instead string
	if r.HostArgument == "domain" {
		domain = " The domain must be mapped to bucket " + bucket + ", and to no other, and a CNAME record must point to " +
			"the bucket. For HTTPS, OSS must also have the domain's certificate."
	}
	if strings.HasSuffix(r.Host, "-internal.aliyuncs.com") {
		internal = " The host is an internal endpoint, which only machines in VPCs of its region can reach."
	}
	if known := endpoint.NearRegion(r.Region); known != "" {
		near = fmt.Sprintf(" Region %s is not known. If it is a mistake for %q, set region to that.",
			text.Quote(r.Region), known)
	}
	if r.Argument == "pin_version" {
		instead = " instead of pin_version"
	}
	return []string{
		"{object}", object, "{key}", key, "{version}", text.Quote(version), "{bucket}", bucket, "{host}", r.Host,
		"{region}", text.Quote(r.Region), "{source}", r.Source, "{verb}", verb, "{action}", action,
		"{asker}", r.Argument, "{timeout}", timeout.String(), "{otherwise}", otherwise,
		"{elsewhere}", elsewhere,
		"{domain}", domain, "{internal}", internal, "{near}", near, "{instead}", instead,
		"{right}", e.rightRegion(), "{clocks}", e.compareClocks(),
	}
}

func (e *Error) rightRegion() string {
	region := endpoint.RegionOf(e.Endpoint)
	switch {
	case region != "" && region != e.Request.Region:
		return fmt.Sprintf(" It is in region %q (%s). Set region to that.", region, e.Endpoint)
	case e.Endpoint != "":
		return fmt.Sprintf(" OSS serves it at %s. Set region, endpoint_type or endpoint accordingly.", e.Endpoint)
	}
	return " The answer does not contain the right region. The console shows it on the bucket's overview page. If this " +
		"configuration creates the bucket, take region from that resource, which exports it as location."
}

// compareClocks is about the clocks of this machine and of the service, if its answer shows one.
func (e *Error) compareClocks() string {
	if e.Date.IsZero() {
		return ""
	}
	off, direction := e.Date.Sub(e.Request.at.Truncate(time.Second)), "behind"
	if off < 0 {
		off, direction = -off, "ahead of"
	}
	return fmt.Sprintf(" The clock of this machine shows %s, which is %s %s the clock of OSS (%s).",
		e.Request.at.UTC().Format(time.RFC3339), off, direction, e.Date.Format(time.RFC3339))
}
