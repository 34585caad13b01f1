package endpoint

import (
	"fmt"
	"slices"
	"strings"
)

const serviceDomain = ".aliyuncs.com"

// maxRegion keeps "oss-<region>-internal" within a DNS label's 63 characters.
const maxRegion = 50

// dualStack says of every region of the public list that follows the general forms whether it has a dual-stack host.
// Source: help.aliyun.com/en/oss/user-guide/regions-and-endpoints, copies of February 2026 and later; the last two are closed.
var dualStack = map[string]bool{
	"cn-hangzhou": true, "cn-shanghai": true, "cn-qingdao": true, "cn-beijing": true, "cn-zhangjiakou": true, "cn-huhehaote": true,
	"cn-wulanchabu": true, "cn-shenzhen": true, "cn-heyuan": true, "cn-guangzhou": true, "cn-chengdu": true, "cn-hongkong": true,
	"eu-central-1": true,

	"cn-nanjing": false, "cn-fuzhou": false, "cn-wuhan-lr": false, "cn-zhongwei": false, "ap-northeast-1": false, "ap-northeast-2": false,
	"ap-southeast-1": false, "ap-southeast-3": false, "ap-southeast-5": false, "ap-southeast-6": false, "ap-southeast-7": false,
	"ap-southeast-8": false, "eu-west-1": false, "eu-west-2": false, "us-west-1": false, "us-east-1": false, "na-south-1": false,
	"me-east-1":      false,
	"ap-southeast-2": false, "ap-south-1": false,
}

// exceptions lists, without serviceDomain, all hosts of the regions whose hosts do not follow from the id. A finance region's id stands for an
// intranet and an extranet set of buckets; only the extranet has public hosts, and which internal host serves a bucket only its owner knows.
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

// hostIDs maps what stands for the region in exceptional hosts to the region's id, which is what signatures take.
var hostIDs = map[string]string{
	"cn-hzfinance": "cn-hangzhou-finance", "cn-hzjbp": "cn-hangzhou-finance",
	"cn-hzjbp-a": "cn-hangzhou-finance", "cn-hzjbp-b": "cn-hangzhou-finance",
	"cn-shanghai-finance": "cn-shanghai-finance-1", "cn-shanghai-finance-1-pub": "cn-shanghai-finance-1",
	"cn-szfinance": "cn-shenzhen-finance-1", "cn-shenzhen-finance": "cn-shenzhen-finance-1",
	"cn-beijing-finance-1-pub": "cn-beijing-finance-1",
}

// ParseRegion returns the region id that s names, as the scope of a V4 signature takes it: "cn-hangzhou", also for "oss-cn-hangzhou", which
// OSS itself answers as a bucket's location. An id that no list knows is taken if it is well formed: words of a-z and 0-9 joined by single "-",
// at most 50 characters. Hosts, URLs, upper case, an endpoint type within the id ("cn-hangzhou-internal", "oss-accelerate") and the zones of
// known regions ("cn-hangzhou-h", "us-west-1a") are errors that say what to write instead.
func ParseRegion(s string) (string, error) {
	if s == "" {
		return "", fmt.Errorf("region is empty: give the id of the bucket's region, such as \"cn-hangzhou\"")
	}
	if strings.ContainsAny(s, ".:/@?#") {
		return "", errHostAsRegion(s)
	}
	id := strings.TrimPrefix(s, "oss-")
	if lower := strings.ToLower(id); lower != id && wellFormedRegion(lower) {
		return "", fmt.Errorf("region %q: ids are lower case: write %q", s, lower)
	}
	if base, ok := strings.CutSuffix(id, "-internal"); ok && wellFormedRegion(base) {
		return "", fmt.Errorf("region %q: \"-internal\" is not part of a region's id: set region to %q and endpoint_type to %q", s, base, Internal)
	}
	if id == string(Accelerate) || id == string(AccelerateOverseas) {
		return "", fmt.Errorf("region %q names no region: set endpoint_type to %q and region to the id of the bucket's region", s, id)
	}
	if !wellFormedRegion(id) {
		return "", fmt.Errorf("region %s: an id has words of a-z and 0-9 joined by single \"-\", such as \"cn-hangzhou\", and at most %d characters",
			show(s), maxRegion)
	}
	if region, ok := regionOfZone(id); ok {
		return "", fmt.Errorf("region %q: is an availability zone, and no host or signature names one: set region to %q", s, region)
	}
	return id, nil
}

// regionOfZone returns the known region that an availability zone lies in: zones are the region's id and a letter, which follows a digit at
// once and anything else after "-".
func regionOfZone(id string) (string, bool) {
	if id == "" || id[len(id)-1] < 'a' {
		return "", false
	}
	region, dash := strings.CutSuffix(id[:len(id)-1], "-")
	if region == "" || dash == (region[len(region)-1] <= '9') {
		return "", false
	}
	_, general := dualStack[region]
	_, exceptional := exceptions[region]
	return region, general || exceptional
}

// errHostAsRegion never repeats s, which may be a URL with a password or a signature in it; it names the region that s's host stands for.
func errHostAsRegion(s string) error {
	example := "such as \"cn-hangzhou\""
	if e, err := parseHost(FieldEndpoint, s); err == nil {
		if id, ok := RegionOfHost(e.Name); ok {
			example = fmt.Sprintf("here %q", id)
		}
	}
	return fmt.Errorf("region is a host or a URL: set it to the region's id, %s; a host goes in endpoint", example)
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
		return "", &Error{FieldEndpoint, fmt.Errorf("region %q is a CloudBox, whose host does not follow from its id: "+
			"set endpoint to \"https://%s.<region>.oss-cloudbox%s\", with the region that the CloudBox belongs to", region, region, serviceDomain)}
	}
	if typ == Accelerate || typ == AccelerateOverseas {
		return "oss-" + string(typ) + serviceDomain, nil
	}
	if hosts, ok := exceptions[region]; ok {
		switch of := hosts[typ]; len(of) {
		case 1:
			return of[0] + serviceDomain, nil
		case 0:
			return "", &Error{FieldType, fmt.Errorf("region %q has no %s host: choose another endpoint_type, "+
				"or set endpoint, in its place, to the host that serves the bucket (known: %s)", region, typ, knownURLs(region))}
		default:
			return "", &Error{FieldType, fmt.Errorf("region %q has %d %s hosts, and which of them serves the bucket does not follow from its region: "+
				"set endpoint, in place of endpoint_type, to one of %s", region, len(of), typ, urls(of))}
		}
	}
	switch typ {
	case Internal:
		return "oss-" + region + "-internal" + serviceDomain, nil
	case DualStack:
		if has, known := dualStack[region]; known && !has {
			return "", &Error{FieldType, fmt.Errorf("region %q has no dual-stack host: choose another endpoint_type, "+
				"or set endpoint, in its place, to a whole host", region)}
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

// RegionOfHost returns the region id that a host of the public service stands for, with or without a bucket before it and a port after it.
// It is false for accelerate hosts, custom domains, private deployments and whatever else does not say its region. For a CloudBox's host it is
// the CloudBox's id, which is what its signatures take.
func RegionOfHost(host string) (region string, ok bool) {
	name, _, _ := strings.Cut(strings.ToLower(host), ":")
	id := serviceID(name)
	if region, ok := hostIDs[id]; ok {
		return region, true
	}
	return id, id != ""
}

// checkHostRegion refuses a host that stands for another region than the signature will name.
func checkHostRegion(name, region string) error {
	of, ok := RegionOfHost(name)
	if !ok || of == region || serviceID(name) == region {
		return nil
	}
	return fmt.Errorf("endpoint %q is a host of region %q, and region is %q: the signature names the bucket's region, "+
		"so set region to %q, or endpoint to a host of %q", name, of, region, of, region)
}

// serviceHost is a host of the public service, taken apart.
type serviceHost struct {
	bucket   string // what stands before the endpoint; empty where nothing does
	base     string // the endpoint's host
	id       string // what stands for the region; empty where nothing does
	cloudBox bool
}

// serviceID is what stands for the region in a service host's name; empty where nothing does.
func serviceID(name string) string {
	h, _ := parseServiceHost(name)
	return h.id
}

// parseServiceHost takes a lower-case host name apart if it is one of the public service's:
//
//	[bucket.]oss-<region>[-internal].aliyuncs.com, [bucket.]oss-accelerate[-overseas].aliyuncs.com, [bucket.]<region>.oss.aliyuncs.com,
//	[bucket.]cb-<id>.<region>.oss-cloudbox.aliyuncs.com, and the old oss[-internal].aliyuncs.com, which is cn-hangzhou.
//
// "x.oss.aliyuncs.com" is a dual-stack host where x is a known region; otherwise it may be that or a bucket at the old host, and is left open.
func parseServiceHost(name string) (serviceHost, bool) {
	rest, ok := strings.CutSuffix(name, serviceDomain)
	if !ok || rest == "" {
		return serviceHost{}, false
	}
	labels := strings.Split(rest, ".")
	last := labels[len(labels)-1]
	width := 1 // labels of the endpoint before serviceDomain
	h := serviceHost{}
	switch {
	case last == ProductCloudBox:
		if len(labels) < 3 || !isCloudBox(labels[len(labels)-3]) {
			return serviceHost{}, false
		}
		width, h.id, h.cloudBox = 3, labels[len(labels)-3], true
	case last == "oss" && len(labels) == 1, last == "oss-internal":
		h.id = "cn-hangzhou"
	case last == "oss":
		width = 2
		if id := labels[len(labels)-2]; len(labels) > 2 || knownID(id) {
			h.id = id
		}
	case strings.HasPrefix(last, "oss-"):
		if id := strings.TrimSuffix(last[len("oss-"):], "-internal"); looksLikeRegion(id) {
			h.id = id
		}
	default:
		return serviceHost{}, false
	}
	h.bucket = strings.Join(labels[:len(labels)-width], ".")
	h.base = strings.Join(labels[len(labels)-width:], ".") + serviceDomain
	return h, true
}

func knownID(id string) bool {
	_, general := dualStack[id]
	_, exceptional := exceptions[id]
	_, host := hostIDs[id]
	return general || exceptional || host
}

// looksLikeRegion tells "cn-…" and "rus-west-1" from what else follows "oss-" in a host, such as "accelerate" and "website-cn-hangzhou".
func looksLikeRegion(id string) bool {
	word, rest, _ := strings.Cut(id, "-")
	return wellFormedRegion(id) && rest != "" && (len(word) == 2 || word == "rus")
}
