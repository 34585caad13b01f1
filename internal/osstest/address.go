package osstest

import (
	"net"
	"strings"
)

// hostKind is the sort of host by which a bucket was addressed.
type hostKind int

const (
	hostPublic hostKind = iota
	hostInternal
	hostDualStack
	hostAccelerate
	hostCloudBox
	hostCustom  // a domain bound to the bucket
	hostPrivate // a private deployment's own service host
	hostIP      // an IP address, with the bucket in the path
)

// isDefaultPublic reports whether the rules for the service's default public hosts apply: no data
// for new accounts (PublicEndpointForbidden), forced downloads. Whether the first covers dual-stack
// and accelerate hosts is not established [?].
func (k hostKind) isDefaultPublic() bool { return k == hostPublic || k == hostDualStack }

// address is the content of host and path of a request.
type address struct {
	kind     hostKind
	endpoint string // the service host, without ".aliyuncs.com", empty for custom, private and IP hosts
	region   string // the host's region id, empty if it has none
	product  string
	bucket   string
	key      string // decoded, empty for the bucket itself
}

// exceptionalHosts are the endpoints whose region does not follow from the name (oss-domain §2.2),
// without ".aliyuncs.com".
var exceptionalHosts = map[string]struct {
	region string
	kind   hostKind
}{
	"oss-cn-hzjbp-a-internal":                {"cn-hangzhou-finance", hostInternal},
	"oss-cn-hzjbp-b-internal":                {"cn-hangzhou-finance", hostInternal},
	"oss-cn-hzfinance":                       {"cn-hangzhou-finance", hostPublic},
	"oss-cn-hzfinance-internal":              {"cn-hangzhou-finance", hostInternal},
	"cn-hangzhou-finance.oss":                {"cn-hangzhou-finance", hostDualStack},
	"oss-cn-shanghai-finance-1-internal":     {"cn-shanghai-finance-1", hostInternal},
	"oss-cn-shanghai-finance-1-pub":          {"cn-shanghai-finance-1", hostPublic},
	"oss-cn-shanghai-finance-1-pub-internal": {"cn-shanghai-finance-1", hostInternal},
	"cn-shanghai-finance.oss":                {"cn-shanghai-finance-1", hostDualStack},
	"oss-cn-shenzhen-finance-1-internal":     {"cn-shenzhen-finance-1", hostInternal},
	"oss-cn-szfinance":                       {"cn-shenzhen-finance-1", hostPublic},
	"oss-cn-szfinance-internal":              {"cn-shenzhen-finance-1", hostInternal},
	"cn-shenzhen-finance.oss":                {"cn-shenzhen-finance-1", hostDualStack},
	"oss-cn-beijing-finance-1-internal":      {"cn-beijing-finance-1", hostInternal},
	"oss-cn-beijing-finance-1-pub":           {"cn-beijing-finance-1", hostPublic},
	"oss-cn-beijing-finance-1-pub-internal":  {"cn-beijing-finance-1", hostInternal},
	"oss-rg-china-mainland":                  {"rg-china-mainland", hostPublic},
	"oss-accelerate":                         {"", hostAccelerate},
	"oss-accelerate-overseas":                {"", hostAccelerate},
}

// exceptionalRegions have the hosts of exceptionalHosts and no others.
var exceptionalRegions = map[string]bool{
	"cn-hangzhou-finance": true, "cn-shanghai-finance-1": true, "cn-shenzhen-finance-1": true,
	"cn-beijing-finance-1": true,
	"cn-shanghai-finance":  true, "cn-shenzhen-finance": true, "rg-china-mainland": true, "accelerate": true,
	"accelerate-overseas": true,
}

// singleStackRegions have no dual-stack host (oss-domain §2.2).
var singleStackRegions = map[string]bool{
	"cn-nanjing": true, "cn-fuzhou": true, "cn-wuhan-lr": true, "cn-zhongwei": true, "ap-northeast-1": true,
	"ap-northeast-2": true, "ap-southeast-1": true, "ap-southeast-3": true, "ap-southeast-5": true, "ap-southeast-6": true,
	"ap-southeast-7": true, "ap-southeast-8": true, "eu-west-1": true, "eu-west-2": true, "us-west-1": true,
	"us-east-1": true, "na-south-1": true, "me-east-1": true,
}

// parseEndpoint reads a service host without ".aliyuncs.com" and without bucket. Regions are not
// checked against a list: a region that no bucket lies in has no bucket to find. Acceleration
// counts as enabled on every bucket.
func parseEndpoint(name string) (address, bool) {
	a := address{endpoint: name, product: "oss"}
	if e, ok := exceptionalHosts[name]; ok {
		a.region, a.kind = e.region, e.kind
		return a, true
	}
	if box, ok := strings.CutSuffix(name, ".oss-cloudbox"); ok {
		id, region, ok := strings.Cut(box, ".")
		a.region, a.kind, a.product = id, hostCloudBox, "oss-cloudbox"
		return a, ok && strings.HasPrefix(id, "cb-") && isLabel(id) && isLabel(region)
	}
	if region, ok := strings.CutSuffix(name, ".oss"); ok {
		a.region, a.kind = region, hostDualStack
		return a, isLabel(region) && !singleStackRegions[region] && !exceptionalRegions[region]
	}
	region, ok := strings.CutPrefix(name, "oss-")
	if !ok {
		return a, false
	}
	if r, internal := strings.CutSuffix(region, "-internal"); internal {
		region, a.kind = r, hostInternal
	}
	a.region = region
	return a, isLabel(region) && !exceptionalRegions[region]
}

// publicHost is the service host that an answer names for a region.
func publicHost(region string) string {
	for host, e := range exceptionalHosts {
		if e.region == region && e.kind == hostPublic {
			return host + ".aliyuncs.com"
		}
	}
	return "oss-" + region + ".aliyuncs.com"
}

// parseHost finds out by which sort of host a request came, and the bucket if the host names one.
func (s *Server) parseHost(hostHeader string) (address, *Error) {
	host := hostName(hostHeader)
	if b, ok := s.domains[host]; ok {
		return address{kind: hostCustom, product: "oss", bucket: b}, nil
	}
	if name, ok := strings.CutSuffix(host, ".aliyuncs.com"); ok {
		if a, ok := parseEndpoint(name); ok {
			return a, nil
		}
		label, rest, _ := strings.Cut(name, ".")
		if a, ok := parseEndpoint(rest); ok {
			a.bucket = label
			return a, nil
		}
		return address{}, unknownHost()
	}
	if net.ParseIP(host) != nil {
		return address{kind: hostIP, product: "oss"}, nil
	}
	if s.private[host] {
		return address{kind: hostPrivate, product: "oss"}, nil
	}
	if label, rest, ok := strings.Cut(host, "."); ok && s.private[rest] {
		return address{kind: hostPrivate, product: "oss", bucket: label}, nil
	}
	return address{}, unknownHost()
}

// route finds bucket and key of a request. The caller has locked s.mu.
func (s *Server) route(m wire) (address, *Error) {
	a, err := s.parseHost(m.host)
	if err != nil {
		return a, err
	}
	path, err := decode(m.path)
	if err != nil {
		return a, err
	}
	path = strings.TrimPrefix(path, "/")
	if a.bucket != "" {
		a.key = path
	} else {
		a.bucket, a.key, _ = strings.Cut(path, "/")
		switch {
		case a.bucket == "":
			return a, notImplemented("operations on the service")
		case a.kind != hostIP && a.kind != hostPrivate:
			return a, secondLevelDomainForbidden()
		}
	}
	if !validBucketName(a.bucket) {
		return a, invalidBucketName(a.bucket)
	}
	b, ok := s.buckets[a.bucket]
	if !ok {
		return a, noSuchBucket(a.bucket)
	}
	// [?] Whether a wrong endpoint or a wrong region in the scope is answered first is not
	// established.
	if a.region != "" && a.region != b.Region {
		return a, wrongEndpoint(b.Name, publicHost(b.Region))
	}
	return a, nil
}

// hostName is a Host header without port and brackets, in lower case.
func hostName(hostHeader string) string {
	h := strings.ToLower(hostHeader)
	if name, _, err := net.SplitHostPort(h); err == nil {
		h = name
	}
	return strings.TrimSuffix(strings.TrimPrefix(h, "["), "]")
}

// isLabel reports whether s is one host label of lower-case letters, digits and inner hyphens.
func isLabel(s string) bool {
	if s == "" || len(s) > 63 || s[0] == '-' || s[len(s)-1] == '-' {
		return false
	}
	for i := 0; i < len(s); i++ {
		if c := s[i]; (c < 'a' || c > 'z') && (c < '0' || c > '9') && c != '-' {
			return false
		}
	}
	return true
}

func validBucketName(name string) bool { return len(name) >= 3 && isLabel(name) }
