package endpoint

import (
	"strings"

	"github.com/alioss/terraform-provider-alioss/internal/text"
)

const (
	serviceDomain = ".aliyuncs.com"
	vpcPrefix     = "vpc100-oss-" // of old VPC hosts
	cachePrefix   = "oss-cache-"  // of old accelerator hosts
)

// serviceHost is a host of OSS, taken apart. The zero value is a host that is not one.
type serviceHost struct {
	bucket string // the part before the endpoint, or ""
	base   string // the host of the endpoint
	id     string // the part that identifies the region, or ""
	// zones means that hosts of this form contain a zone or a region.
	zones bool
	// undecided is the first label of <label>.oss.aliyuncs.com if no known region: the id of a new
	// region, or a bucket before the old oss.aliyuncs.com.
	undecided string
	// points reports whether the part before the endpoint is the name of an access point.
	points                bool
	cloudBox, privateLink bool
}

// serviceID returns the part that identifies the region in the name of a service host, or "".
func serviceID(name string) string {
	h, _ := parseServiceHost(name)
	return h.id
}

// parseServiceHost takes a lower-case host name apart if it has one of these forms:
//
//	[bucket.]oss-<region>[-internal].aliyuncs.com            public, internal
//	[bucket.]oss-accelerate[-overseas].aliyuncs.com          acceleration
//	[bucket.]<region>.oss.aliyuncs.com                       dual-stack
//	[bucket.]oss[-internal].aliyuncs.com                     the first hosts, of cn-hangzhou
//	[bucket.]vpc100-oss-<region>.aliyuncs.com                old hosts for VPCs
//	[bucket.]<region or zone>[-internal].oss-data-acc.aliyuncs.com    OSS accelerator
//	[bucket.]oss-cache-<zone>.aliyuncs.com                   the same, old
//	[name.]oss-<region>[-internal].oss-accesspoint.aliyuncs.com       access points
//	[name.]oss-<region>[-internal].oss-object-process.aliyuncs.com    Object FC access points
//	[bucket.]cb-<id>.<region>.oss-cloudbox.aliyuncs.com      CloudBox
//	[bucket.]<endpoint id>.oss.<region>.privatelink.aliyuncs.com      PrivateLink
//
// Any other host is not taken apart, so that a host that came later works as it is.
// Sources: "Regions and endpoints", "PutBucketDataAccelerator", "GetAccessPoint",
// "GetAccessPointForObjectProcess" and "Access OSS by using PrivateLink" in Alibaba Cloud's
// documentation, and ali-oss for the vpc100 hosts.
func parseServiceHost(name string) (serviceHost, bool) {
	rest, ok := strings.CutSuffix(name, serviceDomain)
	if !ok {
		return serviceHost{}, false
	}
	labels := strings.Split(rest, ".")
	h, width, ok := parseServiceLabels(labels)
	if !ok {
		return serviceHost{}, false
	}
	h.bucket = strings.Join(labels[:len(labels)-width], ".")
	h.base = strings.Join(labels[len(labels)-width:], ".") + serviceDomain
	return h, true
}

// parseServiceLabels reads the labels before serviceDomain, and returns how many of them at the end
// belong to the endpoint.
func parseServiceLabels(labels []string) (h serviceHost, width int, ok bool) {
	at := func(fromEnd int) string { // the label at a place from the end, "" if there are fewer
		if len(labels) < fromEnd {
			return ""
		}
		return labels[len(labels)-fromEnd]
	}
	switch last := at(1); last {
	case "oss-cloudbox":
		h.id, h.cloudBox = at(3), true
		return h, 3, isCloudBox(h.id)
	case "privatelink":
		h.id, h.privateLink = at(2), true
		return h, 4, at(3) == "oss" && wellFormedRegion(h.id) && at(4) != ""
	case "oss-data-acc":
		h.id, h.zones = strings.TrimSuffix(at(2), "-internal"), true
		return h, 2, looksLikeRegion(h.id)
	case "oss-accesspoint", "oss-object-process":
		h.id, ok = regionLabel(at(2))
		h.points = true
		return h, 2, ok
	case "oss":
		if len(labels) == 1 {
			return serviceHost{id: "cn-hangzhou"}, 1, true
		}
		id := at(2)
		if _, exceptional := hostIDs[id]; exceptional || isRegion(id) ||
			len(labels) > 2 && looksLikeRegion(id) && !strings.HasSuffix(id, "-internal") {
			h.id = id
		} else {
			h.undecided = id
		}
		return h, 2, true
	case "oss-internal":
		return serviceHost{id: "cn-hangzhou"}, 1, true
	case "oss-" + string(Accelerate), "oss-" + string(AccelerateOverseas):
		return h, 1, true
	default:
		if zone, isCache := strings.CutPrefix(last, cachePrefix); isCache {
			return serviceHost{id: zone, zones: true}, 1, looksLikeRegion(zone)
		}
		if id, isVPC := strings.CutPrefix(last, vpcPrefix); isVPC {
			return serviceHost{id: id}, 1, looksLikeRegion(id)
		}
		h.id, ok = regionLabel(last)
		return h, 1, ok
	}
}

// regionLabel returns the part that identifies the region in the label oss-<region>[-internal].
func regionLabel(label string) (id string, ok bool) {
	id, ok = strings.CutPrefix(label, "oss-")
	id = strings.TrimSuffix(id, "-internal")
	return id, ok && looksLikeRegion(id)
}

// looksLikeRegion distinguishes "cn-…" and "rus-west-1" from what else follows "oss-" in a host,
// such as "enet" and "website-cn-hangzhou".
func looksLikeRegion(id string) bool {
	word, rest, _ := strings.Cut(id, "-")
	return wellFormedRegion(id) && rest != "" && (len(word) == 2 || word == "rus")
}

// region returns the id of the region that the host belongs to, or "" if the host does not show it.
// An id that is in no list is accepted unless it extends a listed one: "cn-hongkong-cross" is in
// hosts of cn-hongkong.
func (h serviceHost) region() string {
	if region := h.known(); region != h.id {
		return region
	}
	if h.zones && !isRegion(h.id) || h.extends() != "" {
		return ""
	}
	return h.id
}

// known returns the region of a table that the host contains by its id, by an id of its own or by a
// zone, and the id itself if no table has it.
func (h serviceHost) known() string {
	if region, ok := hostIDs[h.id]; ok {
		return region
	}
	if region, ok := regionOfZone(h.id); ok {
		return region
	}
	return h.id
}

// extends returns the longest known region that an unknown id begins with, if any.
func (h serviceHost) extends() string {
	if isRegion(h.id) {
		return ""
	}
	region := h.id
	for !isRegion(region) && region != "" {
		region = region[:max(strings.LastIndexByte(region, '-'), 0)]
	}
	return region
}

// check refuses a service host that cannot serve a bucket of region.
func (h serviceHost) check(e Endpoint, in Input, region string) error {
	url := func(name string) string { return Endpoint{e.Scheme, name, e.Port}.String() }
	if h.bucket != "" && h.points {
		return fault(FieldEndpoint, "endpoint %s contains the name of an access point. "+
			"Set bucket to the alias of the access point, and remove endpoint", text.Quote(in.Endpoint))
	}
	if h.bucket != "" {
		return fault(FieldEndpoint, "endpoint %s has %q before the host of OSS, where the bucket is added. "+
			"Set endpoint to %q", text.Quote(in.Endpoint), h.bucket, url(h.base))
	}
	if h.undecided != "" && h.undecided != region {
		return h.checkUndecided(in.Endpoint, region, url)
	}
	if h.id == "" || h.id == region {
		return nil
	}
	of := h.region()
	if zoned, isZone := regionOfZone(h.id); isZone && !h.zones {
		hosts := strings.ReplaceAll(url(h.base), h.id, zoned)
		if _, exceptional := exceptions[zoned]; exceptional {
			hosts = knownURLs(zoned)
		}
		return fault(FieldEndpoint, "endpoint %s contains the zone %q, and hosts of OSS contain a region. "+
			"Set endpoint to %s", text.Quote(in.Endpoint), h.id, hosts)
	}
	if of == "" {
		of = h.extends()
	}
	if of == "" || of == region {
		return nil
	}
	return fault(FieldEndpoint, "endpoint %s is a host of region %q, but region is %q. "+
		"Set region to %q, or endpoint to a host of %q", text.Quote(in.Endpoint), of, region, of, region)
}

// checkUndecided refuses <label>.oss.aliyuncs.com whose label is no region that is known or
// configured: a bucket, or another form of a region.
func (h serviceHost) checkUndecided(written, region string, url func(name string) string) error {
	if id := strings.TrimSuffix(strings.TrimPrefix(h.undecided, "oss-"), "-internal"); isRegion(id) {
		region = id
	}
	name, err := regionHost(region, Public)
	if err != nil {
		return err
	}
	return fault(FieldEndpoint,
		"endpoint %s is not a host of region %q. Set endpoint to %q, or use endpoint_type instead", written, region,
		url(name))
}

// takesPathStyle reports whether the host serves requests in path style. The public service refuses
// them.
func (h serviceHost) takesPathStyle() bool { return h.cloudBox || h.privateLink }

// RegionOfHost returns the id of the region that a host of the public service belongs to, with or
// without a bucket before it and a port after it. It is false for accelerate hosts, custom domains,
// private deployments and any other host that does not show its region. For the host of a CloudBox
// it is the id of the CloudBox, which is what its signatures contain.
func RegionOfHost(host string) (region string, ok bool) {
	name, _, _ := strings.Cut(strings.ToLower(host), ":")
	h, _ := parseServiceHost(name)
	region = h.region()
	return region, region != ""
}

// RegionOf is RegionOfHost for an endpoint in any form that ParseEndpoint takes. It is false for an
// endpoint that is not well formed.
func RegionOf(endpoint string) (region string, ok bool) {
	e, err := ParseEndpoint(endpoint)
	if err != nil {
		return "", false
	}
	return RegionOfHost(e.Name)
}
