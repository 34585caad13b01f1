package endpoint

import (
	"slices"
	"strings"

	"github.com/alioss/terraform-provider-alioss/internal/text"
)

// maxRegion keeps "oss-<region>-internal" within a DNS label's 63 characters.
const maxRegion = 50

// hosts has the hosts of a region that do not follow from its id, without serviceDomain. A type in
// it without a host does not exist in the region.
type hosts map[Type][]string

var noDualStack = hosts{DualStack: nil}

// regions has the known regions. A finance region has an intranet and an extranet set of buckets:
// only the extranet has public hosts, and only the owner knows which internal host serves a bucket.
//
// Source: help.aliyun.com/en/oss/user-guide/regions-and-endpoints, copies of February 2026 and
// later. ap-southeast-2 and ap-south-1 are closed. me-central-1 and rus-west-1 are locations in
// Alibaba Cloud's API examples, and sa-east-1 is in use by its public and internal host. Whether
// these three have dual-stack hosts is not known.
var regions = map[string]hosts{
	"cn-hangzhou": nil, "cn-shanghai": nil, "cn-qingdao": nil, "cn-beijing": nil, "cn-zhangjiakou": nil,
	"cn-huhehaote": nil, "cn-wulanchabu": nil, "cn-shenzhen": nil, "cn-heyuan": nil, "cn-guangzhou": nil,
	"cn-chengdu": nil, "cn-hongkong": nil, "cn-north-2-gov-1": nil, "eu-central-1": nil,
	"me-central-1": nil, "sa-east-1": nil, "rus-west-1": nil,

	"cn-nanjing": noDualStack, "cn-fuzhou": noDualStack, "cn-wuhan-lr": noDualStack, "cn-zhongwei": noDualStack,
	"ap-northeast-1": noDualStack, "ap-northeast-2": noDualStack, "ap-southeast-1": noDualStack,
	"ap-southeast-2": noDualStack, "ap-southeast-3": noDualStack, "ap-southeast-5": noDualStack,
	"ap-southeast-6": noDualStack, "ap-southeast-7": noDualStack, "ap-southeast-8": noDualStack,
	"ap-south-1": noDualStack, "eu-west-1": noDualStack, "eu-west-2": noDualStack, "us-west-1": noDualStack,
	"us-east-1": noDualStack, "na-south-1": noDualStack, "me-east-1": noDualStack,

	"rg-china-mainland": {Public: {"oss-rg-china-mainland"}, Internal: nil, DualStack: nil},
	"cn-hangzhou-finance": {
		Public:    {"oss-cn-hzfinance"},
		Internal:  {"oss-cn-hzjbp-a-internal", "oss-cn-hzjbp-b-internal", "oss-cn-hzfinance-internal"},
		DualStack: {"cn-hangzhou-finance.oss"},
	},
	"cn-shanghai-finance-1": {
		Public:    {"oss-cn-shanghai-finance-1-pub"},
		Internal:  {"oss-cn-shanghai-finance-1-internal", "oss-cn-shanghai-finance-1-pub-internal"},
		DualStack: {"cn-shanghai-finance.oss"},
	},
	"cn-shenzhen-finance-1": {
		Public:    {"oss-cn-szfinance"},
		Internal:  {"oss-cn-shenzhen-finance-1-internal", "oss-cn-szfinance-internal"},
		DualStack: {"cn-shenzhen-finance.oss"},
	},
	"cn-beijing-finance-1": {
		Public:    {"oss-cn-beijing-finance-1-pub"},
		Internal:  {"oss-cn-beijing-finance-1-internal", "oss-cn-beijing-finance-1-pub-internal"},
		DualStack: nil,
	},
}

// hostIDs maps what identifies the region in an exceptional host to the id that signatures contain.
var hostIDs = map[string]string{
	"cn-hzfinance": "cn-hangzhou-finance", "cn-hzjbp": "cn-hangzhou-finance",
	"cn-hzjbp-a": "cn-hangzhou-finance", "cn-hzjbp-b": "cn-hangzhou-finance",
	"cn-shanghai-finance": "cn-shanghai-finance-1", "cn-shanghai-finance-1-pub": "cn-shanghai-finance-1",
	"cn-szfinance": "cn-shenzhen-finance-1", "cn-shenzhen-finance": "cn-shenzhen-finance-1",
	"cn-beijing-finance-1-pub": "cn-beijing-finance-1",
}

func isRegion(id string) bool {
	_, ok := regions[id]
	return ok
}

// ParseRegion returns the region id that s means, in the form that the scope of a V4 signature
// contains: "cn-hangzhou", also for "oss-cn-hangzhou", which OSS returns as the location of a
// bucket. An id that is in no list is accepted if it is well formed: words of a-z and 0-9 joined by
// single "-", at most 50 characters. Hosts, URLs, upper case, an endpoint type within the id
// ("cn-hangzhou-internal", "oss-accelerate") and the zones of known regions ("cn-hangzhou-h",
// "us-west-1a") are errors that contain what to write instead. A URL, which may have a password or
// a signature in it, is never repeated.
func ParseRegion(s string) (string, error) {
	id := strings.TrimPrefix(s, "oss-")
	lower := strings.ToLower(id)
	beforeInternal, isInternal := strings.CutSuffix(id, "-internal")
	afterVPC, isVPC := strings.CutPrefix(id, vpcPrefix)
	zoned := regionOfZone(id)
	switch {
	case s == "":
		return "", fault(FieldRegion, "is empty. Set it to the region ID of the bucket, such as \"cn-hangzhou\"")
	case strings.ContainsAny(s, ".:/@?#"):
		if region := RegionOf(s); region != "" {
			return "", fault(FieldRegion, "must be a region ID, not a host or a URL. Set region to %q. Use endpoint for a host",
				region)
		}
		return "", fault(FieldRegion, "must be a region ID, such as \"cn-hangzhou\", not a host or a URL. "+
			"Use endpoint for a host")
	case lower != id && wellFormedRegion(lower):
		return "", fault(FieldRegion, "must be in lower case, got %q. Write %q", s, lower)
	case isInternal && wellFormedRegion(beforeInternal):
		return "", fault(FieldRegion, "must be a region ID without an endpoint type, got %q. "+
			"Set region to %q and endpoint_type to %q", s, beforeInternal, Internal)
	case isVPC && wellFormedRegion(afterVPC):
		return "", fault(FieldRegion, "must be a region ID, got %q, which is part of a host name. Set region to %q",
			s, afterVPC)
	case id == string(Accelerate), id == string(AccelerateOverseas):
		return "", fault(FieldRegion, "must be a region ID, got %q. "+
			"Set endpoint_type to %q and region to the region ID of the bucket", s, id)
	case !wellFormedRegion(id):
		return "", fault(FieldRegion, "must be words of a-z and 0-9 joined by single \"-\", such as \"cn-hangzhou\", "+
			"at most %d characters, got %s", maxRegion, text.Quote(s))
	case zoned != "":
		return "", fault(FieldRegion, "must be a region ID, got the zone %q. Set region to %q", s, zoned)
	}
	return id, nil
}

// regionOfZone returns the known region that a zone belongs to, or "" for an id that is no zone. A
// zone is the id of its region and a letter, with "-" between them unless the id ends in a digit.
func regionOfZone(id string) string {
	if id == "" || id[len(id)-1] < 'a' {
		return ""
	}
	region, dash := strings.CutSuffix(id[:len(id)-1], "-")
	if !isRegion(region) || dash == (region[len(region)-1] <= '9') {
		return ""
	}
	return region
}

func wellFormedRegion(s string) bool {
	return len(s) <= maxRegion && isLabel(s) && !strings.Contains(s, "--")
}

func isCloudBox(region string) bool { return strings.HasPrefix(region, "cb-") }

func regionHost(region string, typ Type) (string, error) {
	listed, isListed := regions[region][typ]
	switch {
	case isCloudBox(region):
		return "", fault(FieldEndpoint, "is required for the CloudBox %q, whose host does not follow from its ID. "+
			"Set endpoint to \"https://%s.<region>.oss-cloudbox%s\" with the region that the CloudBox belongs to", region,
			region, serviceDomain)
	case len(listed) > 1:
		return "", fault(FieldType, "%q has %d hosts in region %q, and only one of them serves the bucket. "+
			"Set endpoint instead, to one of %s", typ, len(listed), region, urls(listed))
	case len(listed) == 1:
		return listed[0] + serviceDomain, nil
	case isListed:
		known := knownURLs(region)
		if known != "" {
			known = ". Known hosts are " + known
		}
		return "", fault(FieldType, "%q does not exist in region %q. Choose another endpoint_type, "+
			"or set endpoint instead%s", typ, region, known)
	case typ == Accelerate, typ == AccelerateOverseas:
		return "oss-" + string(typ) + serviceDomain, nil
	case typ == Internal:
		return "oss-" + region + "-internal" + serviceDomain, nil
	case typ == DualStack:
		return region + ".oss" + serviceDomain, nil
	}
	return "oss-" + region + serviceDomain, nil
}

// knownURLs lists the endpoints of a region that do not follow from its id.
func knownURLs(region string) string {
	listed := regions[region]
	return urls(listed[Public], listed[Internal], listed[DualStack])
}

func urls(hosts ...[]string) string {
	var all []string
	for _, host := range slices.Concat(hosts...) {
		all = append(all, "https://"+host+serviceDomain)
	}
	return strings.Join(all, ", ")
}
