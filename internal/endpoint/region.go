package endpoint

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/alioss/terraform-provider-alioss/internal/text"
)

// maxRegion keeps "oss-<region>-internal" within a DNS label's 63 characters.
const maxRegion = 50

// knowledge is what the public list contains about a region's dual-stack host.
type knowledge int

const (
	notListed knowledge = iota // the list does not have it: the general form is used
	absent
	present
)

// dualStack has every region whose public and internal hosts follow the general forms, and what is
// known of its dual-stack host.
// Source: help.aliyun.com/en/oss/user-guide/regions-and-endpoints, copies of February 2026 and
// later. ap-southeast-2 and ap-south-1 are closed. me-central-1 and rus-west-1 are locations in
// Alibaba Cloud's API examples, and sa-east-1 is in use by its public and internal host.
var dualStack = map[string]knowledge{
	"cn-hangzhou": present, "cn-shanghai": present, "cn-qingdao": present, "cn-beijing": present,
	"cn-zhangjiakou": present, "cn-huhehaote": present, "cn-wulanchabu": present, "cn-shenzhen": present,
	"cn-heyuan": present, "cn-guangzhou": present, "cn-chengdu": present, "cn-hongkong": present,
	"eu-central-1": present,

	"cn-nanjing": absent, "cn-fuzhou": absent, "cn-wuhan-lr": absent, "cn-zhongwei": absent,
	"ap-northeast-1": absent, "ap-northeast-2": absent, "ap-southeast-1": absent, "ap-southeast-3": absent,
	"ap-southeast-5": absent, "ap-southeast-6": absent, "ap-southeast-7": absent, "ap-southeast-8": absent,
	"eu-west-1": absent, "eu-west-2": absent, "us-west-1": absent, "us-east-1": absent,
	"na-south-1": absent, "me-east-1": absent, "ap-southeast-2": absent, "ap-south-1": absent,

	"me-central-1": notListed, "sa-east-1": notListed, "rus-west-1": notListed,
}

// exceptions lists, without serviceDomain, all hosts of the regions whose hosts do not follow from
// the id. The id of a finance region covers an intranet and an extranet set of buckets. Only the
// extranet has public hosts, and only the owner of a bucket knows which internal host serves it.
// Source: the same page.
var exceptions = map[string]map[Type][]string{
	"rg-china-mainland": {Public: {"oss-rg-china-mainland"}},
	"cn-north-2-gov-1": {
		Public:    {"oss-cn-north-2-gov-1"},
		Internal:  {"oss-cn-north-2-gov-1-internal"},
		DualStack: {"cn-north-2-gov-1.oss"},
	},
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
		Public:   {"oss-cn-beijing-finance-1-pub"},
		Internal: {"oss-cn-beijing-finance-1-internal", "oss-cn-beijing-finance-1-pub-internal"},
	},
}

// hostIDs maps the part of an exceptional host that identifies the region to the region's id, which
// is what signatures contain.
var hostIDs = map[string]string{
	"cn-hzfinance": "cn-hangzhou-finance", "cn-hzjbp": "cn-hangzhou-finance",
	"cn-hzjbp-a": "cn-hangzhou-finance", "cn-hzjbp-b": "cn-hangzhou-finance",
	"cn-shanghai-finance": "cn-shanghai-finance-1", "cn-shanghai-finance-1-pub": "cn-shanghai-finance-1",
	"cn-szfinance": "cn-shenzhen-finance-1", "cn-shenzhen-finance": "cn-shenzhen-finance-1",
	"cn-beijing-finance-1-pub": "cn-beijing-finance-1",
}

// isRegion reports whether id is a region of one of the tables.
func isRegion(id string) bool {
	_, general := dualStack[id]
	_, exceptional := exceptions[id]
	return general || exceptional
}

// ParseRegion returns the region id that s means, in the form that the scope of a V4 signature
// contains: "cn-hangzhou", also for "oss-cn-hangzhou", which OSS returns as the location of a
// bucket. An id that is in no list is accepted if it is well formed: words of a-z and 0-9 joined by
// single "-", at most 50 characters. Hosts, URLs, upper case, an endpoint type within the id
// ("cn-hangzhou-internal", "oss-accelerate") and the zones of known regions ("cn-hangzhou-h",
// "us-west-1a") are errors that contain what to write instead.
func ParseRegion(s string) (string, error) {
	if s == "" {
		return "", errors.New("region is empty. Set it to the region ID of the bucket, such as \"cn-hangzhou\"")
	}
	if strings.ContainsAny(s, ".:/@?#") {
		return "", errHostAsRegion(s)
	}
	id := strings.TrimPrefix(s, "oss-")
	if lower := strings.ToLower(id); lower != id && wellFormedRegion(lower) {
		return "", fmt.Errorf("region must be in lower case, got %q. Write %q", s, lower)
	}
	if base, ok := strings.CutSuffix(id, "-internal"); ok && wellFormedRegion(base) {
		return "", fmt.Errorf("region must be a region ID without an endpoint type, got %q. "+
			"Set region to %q and endpoint_type to %q", s, base, Internal)
	}
	if base, ok := strings.CutPrefix(id, vpcPrefix); ok && wellFormedRegion(base) {
		return "", fmt.Errorf("region must be a region ID, got %q, which is part of a host name. Set region to %q", s, base)
	}
	if id == string(Accelerate) || id == string(AccelerateOverseas) {
		return "", fmt.Errorf("region must be a region ID, got %q. "+
			"Set endpoint_type to %q and region to the region ID of the bucket", s, id)
	}
	if !wellFormedRegion(id) {
		return "", fmt.Errorf("region must be words of a-z and 0-9 joined by single \"-\", such as \"cn-hangzhou\", "+
			"at most %d characters, got %s", maxRegion, text.Quote(s))
	}
	if region, ok := regionOfZone(id); ok {
		return "", fmt.Errorf("region must be a region ID, got the zone %q. Set region to %q", s, region)
	}
	return id, nil
}

// regionOfZone returns the known region that a zone belongs to. A zone is the id of its region and
// a letter, which follows a digit directly, and any other character after "-".
func regionOfZone(id string) (string, bool) {
	if id == "" || id[len(id)-1] < 'a' {
		return "", false
	}
	region, dash := strings.CutSuffix(id[:len(id)-1], "-")
	if region == "" || dash == (region[len(region)-1] <= '9') || !isRegion(region) {
		return "", false
	}
	return region, true
}

// errHostAsRegion never repeats s, which may be a URL with a password or a signature in it. It
// shows the region that the host of s contains.
func errHostAsRegion(s string) error {
	if id, ok := RegionOf(s); ok {
		return fmt.Errorf("region must be a region ID, not a host or a URL. Set region to %q. Use endpoint for a host", id)
	}
	return errors.New("region must be a region ID, such as \"cn-hangzhou\", not a host or a URL. Use endpoint for a host")
}

func wellFormedRegion(s string) bool {
	if len(s) > maxRegion {
		return false
	}
	for word := range strings.SplitSeq(s, "-") {
		if word == "" || strings.ContainsFunc(word, func(r rune) bool { return !isLowerAlnum(r) }) {
			return false
		}
	}
	return true
}

func isCloudBox(region string) bool { return strings.HasPrefix(region, "cb-") }

// regionHost returns the host of typ in region, without a bucket.
func regionHost(region string, typ Type) (string, error) {
	if isCloudBox(region) {
		return "", fault(FieldEndpoint, "endpoint is required for the CloudBox %q, whose host does not follow from its ID. "+
			"Set endpoint to \"https://%s.<region>.oss-cloudbox%s\" with the region that the CloudBox belongs to", region,
			region, serviceDomain)
	}
	if typ == Accelerate || typ == AccelerateOverseas {
		return "oss-" + string(typ) + serviceDomain, nil
	}
	if hosts, ok := exceptions[region]; ok {
		switch of := hosts[typ]; len(of) {
		case 1:
			return of[0] + serviceDomain, nil
		case 0:
			return "", fault(FieldType, "endpoint_type %q does not exist in region %q. Choose another endpoint_type, "+
				"or set endpoint instead. Known hosts are %s", typ, region, knownURLs(region))
		default:
			return "", fault(FieldType, "endpoint_type %q has %d hosts in region %q, and only one of them serves the bucket. "+
				"Set endpoint instead, to one of %s", typ, len(of), region, urls(of))
		}
	}
	switch typ {
	case Internal:
		return "oss-" + region + "-internal" + serviceDomain, nil
	case DualStack:
		if dualStack[region] == absent {
			return "", fault(FieldType, "endpoint_type %q does not exist in region %q. Choose another endpoint_type, "+
				"or set endpoint instead", typ, region)
		}
		return region + ".oss" + serviceDomain, nil
	default:
		return "oss-" + region + serviceDomain, nil
	}
}

// knownURLs lists the endpoints that an exceptional region is known to have.
func knownURLs(region string) string {
	var all []string
	for _, typ := range []Type{Public, Internal, DualStack} {
		all = append(all, exceptions[region][typ]...)
	}
	return urls(all)
}

func urls(hosts []string) string {
	out := slices.Clone(hosts)
	for i, h := range out {
		out[i] = "https://" + h + serviceDomain
	}
	return strings.Join(out, ", ")
}
