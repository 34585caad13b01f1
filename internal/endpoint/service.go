package endpoint

import (
	"cmp"
	"strings"

	"github.com/alioss/terraform-provider-alioss/internal/text"
)

const (
	serviceDomain = ".aliyuncs.com"
	vpcPrefix     = "vpc100-oss-" // of old VPC hosts
)

// hostForm is what a host is, and what it contains.
type hostForm int

const (
	notOSS      hostForm = iota // or a host that came later, which works as it is
	regional                    // the id of a region, or none
	zonal                       // the id of a region or of a zone
	undecided                   // the id of a new region, or a bucket before the old oss.aliyuncs.com
	accessPoint                 // the id of a region, and the name of an access point in place of a bucket
	cloudBox                    // the id of a CloudBox
	privateLink                 // the id of a region, but never a bucket
)

// hostForms are the hosts of OSS as labels, without bucket and serviceDomain. "<id>" is what
// identifies the region, with or without "-internal" behind it, and "*" is any label.
//
// Sources: "Regions and endpoints", "PutBucketDataAccelerator", "GetAccessPoint",
// "GetAccessPointForObjectProcess" and "Access OSS by using PrivateLink" in Alibaba Cloud's
// documentation, and ali-oss for the vpc100 hosts.
var hostForms = []struct {
	form   hostForm
	id     string // of a host that does not contain it
	labels []string
}{
	{regional, "", []string{"oss-<id>"}}, // public, internal
	{regional, "", []string{"oss-" + string(Accelerate)}},
	{regional, "", []string{"oss-" + string(AccelerateOverseas)}},
	{undecided, "", []string{"*", "oss"}}, // dual-stack
	{regional, "cn-hangzhou", []string{"oss"}},
	{regional, "cn-hangzhou", []string{"oss-internal"}},
	{regional, "", []string{vpcPrefix + "<id>"}},
	{zonal, "", []string{"<id>", "oss-data-acc"}}, // OSS accelerator
	{zonal, "", []string{"oss-cache-<id>"}},       // the same, old
	{accessPoint, "", []string{"oss-<id>", "oss-accesspoint"}},
	{accessPoint, "", []string{"oss-<id>", "oss-object-process"}}, // Object FC
	{cloudBox, "", []string{"<id>", "*", "oss-cloudbox"}},
	{privateLink, "", []string{"*", "oss", "<id>", "privatelink"}},
}

// serviceHost is a host of OSS, taken apart. The zero value is a host that is not one.
type serviceHost struct {
	form   hostForm
	bucket string // what is before the host of the endpoint, or ""
	id     string // the part that identifies the region, or ""
}

// parseServiceHost takes a lower-case host name apart that has one of the hostForms.
func parseServiceHost(name string) serviceHost {
	rest, isAlibaba := strings.CutSuffix(name, serviceDomain)
	labels := strings.Split(rest, ".")
	for _, f := range hostForms {
		at := len(labels) - len(f.labels)
		if !isAlibaba || at < 0 {
			continue
		}
		id, ok := matchLabels(labels[at:], f.labels)
		if !ok || f.form == cloudBox && !isCloudBox(id) {
			continue
		}
		h := serviceHost{f.form, strings.Join(labels[:at], "."), cmp.Or(id, f.id)}
		if f.form == undecided {
			h.id = labels[at]
			isNew := at > 0 && looksLikeRegion(h.id) && !strings.HasSuffix(h.id, "-internal")
			if isNew || isRegion(h.id) || hostIDs[h.id] != "" {
				h.form = regional
			}
		}
		return h
	}
	return serviceHost{}
}

// matchLabels reports whether labels are those of a form, and returns their id.
func matchLabels(labels, form []string) (id string, ok bool) {
	for i, want := range form {
		prefix, _, hasID := strings.Cut(want, "<id>")
		switch {
		case hasID:
			rest, hasPrefix := strings.CutPrefix(labels[i], prefix)
			id = strings.TrimSuffix(rest, "-internal")
			if !hasPrefix || !looksLikeRegion(id) {
				return "", false
			}
		case want != "*" && want != labels[i]:
			return "", false
		}
	}
	return id, true
}

// looksLikeRegion distinguishes "cn-…", "cb-…" and "rus-west-1" from what else follows "oss-" in a
// host, such as "enet" and "website-cn-hangzhou".
func looksLikeRegion(id string) bool {
	word, rest, _ := strings.Cut(id, "-")
	return rest != "" && (len(word) == 2 || word == "rus") && wellFormedRegion(id)
}

// region returns the region that the host belongs to, as far as it shows, or "". An id that extends
// a listed one is not certain: "cn-hongkong-cross" is in hosts of cn-hongkong.
func (h serviceHost) region() (region string, isCertain bool) {
	if h.form == undecided {
		return "", false
	}
	if region := cmp.Or(hostIDs[h.id], regionOfZone(h.id)); region != "" {
		return region, true
	}
	for known := h.id; known != ""; known = known[:max(strings.LastIndexByte(known, '-'), 0)] {
		if isRegion(known) {
			return known, known == h.id
		}
	}
	if h.form == zonal {
		return "", false
	}
	return h.id, h.id != ""
}

// check returns an error for a service host that cannot serve a bucket of region.
func (h serviceHost) check(e Endpoint, in Input, region string) error {
	url := func(name string) string { return Endpoint{e.Scheme, name, e.Port}.String() }
	of, _ := h.region()
	zoned := regionOfZone(h.id)
	switch {
	case h.bucket != "" && h.form == accessPoint:
		return fault(FieldEndpoint, "%s contains the name of an access point. "+
			"Set bucket to the alias of the access point, and remove endpoint", text.Quote(in.Endpoint))
	case h.bucket != "":
		return fault(FieldEndpoint, "%s has %q before the host of OSS, where the bucket is added. "+
			"Set endpoint to %q", text.Quote(in.Endpoint), h.bucket, url(strings.TrimPrefix(e.Name, h.bucket+".")))
	case h.id == region:
		return nil
	case h.form == undecided:
		// A bucket, or another form of a region that is known.
		if id := strings.TrimSuffix(strings.TrimPrefix(h.id, "oss-"), "-internal"); isRegion(id) {
			region = id
		}
		name, err := regionHost(region, Public)
		if err != nil {
			return err
		}
		return fault(FieldEndpoint, "%s is not a host of region %q. Set endpoint to %q, or use endpoint_type instead",
			text.Quote(in.Endpoint), region, url(name))
	case zoned != "" && h.form != zonal:
		return fault(FieldEndpoint, "%s contains the zone %q, and hosts of OSS contain a region. Set endpoint to %s",
			text.Quote(in.Endpoint), h.id, cmp.Or(knownURLs(zoned), strings.ReplaceAll(url(e.Name), h.id, zoned)))
	case of != "" && of != region:
		return fault(FieldEndpoint, "%s is a host of region %q, but region is %q. "+
			"Set region to %q, or endpoint to a host of %q", text.Quote(in.Endpoint), of, region, of, region)
	}
	return nil
}

// RegionOf returns the region that an endpoint in any form of ParseEndpoint belongs to, with or
// without a bucket before it: for a CloudBox its id, which is what signatures contain. It is "" for
// an endpoint that does not show its region, or is not well formed.
func RegionOf(endpoint string) string {
	e, _ := ParseEndpoint(endpoint)
	region, isCertain := parseServiceHost(e.Name).region()
	if !isCertain {
		return ""
	}
	return region
}
