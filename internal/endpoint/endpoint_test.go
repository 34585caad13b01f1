package endpoint

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
)

func TestResolve(t *testing.T) {
	const hz = "cn-hangzhou"
	for _, tc := range []struct {
		name string
		in   Input
		want Target
	}{
		{
			"public by default", Input{Region: hz}, Target{"https", "examplebucket.oss-cn-hangzhou.aliyuncs.com", false, "", hz},
		},
		{
			"public",
			Input{Region: "oss-" + hz, Type: Public},
			Target{"https", "examplebucket.oss-cn-hangzhou.aliyuncs.com", false, "", hz},
		},
		{
			"internal",
			Input{Region: hz, Type: Internal},
			Target{"https", "examplebucket.oss-cn-hangzhou-internal.aliyuncs.com", false, "", hz},
		},
		{
			"accelerate",
			Input{Region: hz, Type: Accelerate},
			Target{"https", "examplebucket.oss-accelerate.aliyuncs.com", false, "", hz},
		},
		{
			"accelerate overseas",
			Input{Region: hz, Type: AccelerateOverseas},
			Target{"https", "examplebucket.oss-accelerate-overseas.aliyuncs.com", false, "", hz},
		},
		{
			"dual stack",
			Input{Region: hz, Type: DualStack},
			Target{"https", "examplebucket.cn-hangzhou.oss.aliyuncs.com", false, "", hz},
		},
		{
			"unknown region",
			Input{Region: "xx-new-9"},
			Target{"https", "examplebucket.oss-xx-new-9.aliyuncs.com", false, "", "xx-new-9"},
		},
		{
			"unknown region, dual stack",
			Input{Region: "xx-new-9", Type: DualStack},
			Target{"https", "examplebucket.xx-new-9.oss.aliyuncs.com", false, "", "xx-new-9"},
		},
		{
			"closed region",
			Input{Region: "ap-southeast-2"},
			Target{"https", "examplebucket.oss-ap-southeast-2.aliyuncs.com", false, "", "ap-southeast-2"},
		},
		{
			"finance, public",
			Input{Region: "cn-hangzhou-finance"},
			Target{"https", "examplebucket.oss-cn-hzfinance.aliyuncs.com", false, "", "cn-hangzhou-finance"},
		},
		{
			"finance, accelerate",
			Input{Region: "cn-hangzhou-finance", Type: Accelerate},
			Target{"https", "examplebucket.oss-accelerate.aliyuncs.com", false, "", "cn-hangzhou-finance"},
		},
		{
			"finance, dual stack",
			Input{Region: "cn-shanghai-finance-1", Type: DualStack},
			Target{"https", "examplebucket.cn-shanghai-finance.oss.aliyuncs.com", false, "", "cn-shanghai-finance-1"},
		},
		{
			"finance by endpoint",
			Input{Region: "cn-hangzhou-finance", Endpoint: "oss-cn-hzjbp-a-internal.aliyuncs.com"},
			Target{"https", "examplebucket.oss-cn-hzjbp-a-internal.aliyuncs.com", false, "", "cn-hangzhou-finance"},
		},
		{
			"host's id, insisted on by endpoint",
			Input{Region: "cn-hzfinance", Endpoint: "oss-cn-hzfinance.aliyuncs.com"},
			Target{"https", "examplebucket.oss-cn-hzfinance.aliyuncs.com", false, "", "cn-hzfinance"},
		},
		{
			"endpoint",
			Input{Region: hz, Endpoint: "http://OSS-cn-hangzhou-internal.aliyuncs.com/", Type: Public},
			Target{"http", "examplebucket.oss-cn-hangzhou-internal.aliyuncs.com", false, "", hz},
		},
		{
			"accelerate by endpoint",
			Input{Region: hz, Endpoint: "oss-accelerate.aliyuncs.com"},
			Target{"https", "examplebucket.oss-accelerate.aliyuncs.com", false, "", hz},
		},
		{
			"old endpoint",
			Input{Region: hz, Endpoint: "oss.aliyuncs.com"},
			Target{"https", "examplebucket.oss.aliyuncs.com", false, "", hz},
		},
		{
			"private endpoint",
			Input{Region: hz, Endpoint: "oss.corp.example:8443"},
			Target{"https", "examplebucket.oss.corp.example:8443", false, "", hz},
		},
		{
			"private endpoint, path style",
			Input{Region: hz, Endpoint: "oss.corp.example:8443", PathStyle: true},
			Target{"https", "oss.corp.example:8443", true, "", hz},
		},
		{
			"path style, host begins with bucket",
			Input{Region: hz, Endpoint: "examplebucket.corp.example", PathStyle: true},
			Target{"https", "examplebucket.corp.example", true, "", hz},
		},
		{
			"host that only begins like the bucket",
			Input{Region: hz, Endpoint: "examplebucket2.corp.example"},
			Target{"https", "examplebucket.examplebucket2.corp.example", false, "", hz},
		},
		{
			"localhost",
			Input{Region: hz, Endpoint: "http://localhost:9000"},
			Target{"http", "examplebucket.localhost:9000", false, "", hz},
		},
		{"IPv4", Input{Region: hz, Endpoint: "http://127.0.0.1:9000"}, Target{"http", "127.0.0.1:9000", true, "", hz}},
		{"IPv6", Input{Region: hz, Endpoint: "https://[2001:DB8:0::1]:443"}, Target{"https", "[2001:db8::1]", true, "", hz}},
		{
			"IPv6, path style",
			Input{Region: hz, Endpoint: "[::1]:8443", PathStyle: true},
			Target{"https", "[::1]:8443", true, "", hz},
		},
		{
			"domain",
			Input{Region: hz, Domain: "downloads.example.com"},
			Target{"https", "downloads.example.com", false, "", hz},
		},
		{
			"domain beats the rest",
			Input{
				Region: hz, Domain: "http://downloads.example.com:8080", Endpoint: "http://oss-cn-beijing.aliyuncs.com",
				PathStyle: true,
			},
			Target{"http", "downloads.example.com:8080", false, "", hz},
		},
		{
			"domain with a type",
			Input{Region: hz, Domain: "downloads.example.com", Type: Internal},
			Target{"https", "downloads.example.com", false, "", hz},
		},
		{
			"domain that begins with the bucket",
			Input{Region: hz, Domain: "examplebucket.example.com"},
			Target{"https", "examplebucket.example.com", false, "", hz},
		},
		{
			"CloudBox",
			Input{Region: "cb-f8z7yvzgwfkl9q0h", Endpoint: "cb-f8z7yvzgwfkl9q0h.cn-shanghai.oss-cloudbox.aliyuncs.com"},
			Target{
				"https", "examplebucket.cb-f8z7yvzgwfkl9q0h.cn-shanghai.oss-cloudbox.aliyuncs.com", false, "oss-cloudbox",
				"cb-f8z7yvzgwfkl9q0h",
			},
		},
		{
			"CloudBox, path style",
			Input{Region: "cb-f8z7", Endpoint: "cb-f8z7.cn-shanghai.oss-cloudbox.aliyuncs.com", PathStyle: true},
			Target{"https", "cb-f8z7.cn-shanghai.oss-cloudbox.aliyuncs.com", true, "oss-cloudbox", "cb-f8z7"},
		},
		{
			"path style, not OSS",
			Input{Region: hz, Endpoint: "gateway.cn-hangzhou.aliyuncs.com", PathStyle: true},
			Target{"https", "gateway.cn-hangzhou.aliyuncs.com", true, "", hz},
		},
		{
			"path style, no CloudBox's host",
			Input{Region: hz, Endpoint: "x.cn-shanghai.oss-cloudbox.aliyuncs.com", PathStyle: true},
			Target{"https", "x.cn-shanghai.oss-cloudbox.aliyuncs.com", true, "", hz},
		},
		{
			"accelerator of OSS",
			Input{Region: "cn-wulanchabu", Endpoint: "cn-wulanchabu-b-internal.oss-data-acc.aliyuncs.com"},
			Target{"https", "examplebucket.cn-wulanchabu-b-internal.oss-data-acc.aliyuncs.com", false, "", "cn-wulanchabu"},
		},
		{
			"accelerator, zone after a digit",
			Input{Region: "ap-southeast-1", Endpoint: "ap-southeast-1c-internal.oss-data-acc.aliyuncs.com"},
			Target{"https", "examplebucket.ap-southeast-1c-internal.oss-data-acc.aliyuncs.com", false, "", "ap-southeast-1"},
		},
		{
			"accelerator by region",
			Input{Region: hz, Endpoint: "cn-hangzhou-internal.oss-data-acc.aliyuncs.com"},
			Target{"https", "examplebucket.cn-hangzhou-internal.oss-data-acc.aliyuncs.com", false, "", hz},
		},
		{
			"accelerator in a region that no list knows",
			Input{Region: "xx-new", Endpoint: "xx-new-b-internal.oss-data-acc.aliyuncs.com"},
			Target{"https", "examplebucket.xx-new-b-internal.oss-data-acc.aliyuncs.com", false, "", "xx-new"},
		},
		{
			"accelerator, old",
			Input{Region: "cn-beijing", Endpoint: "oss-cache-cn-beijing-h.aliyuncs.com"},
			Target{"https", "examplebucket.oss-cache-cn-beijing-h.aliyuncs.com", false, "", "cn-beijing"},
		},
		{
			"access points",
			Input{Region: hz, Endpoint: "oss-cn-hangzhou.oss-accesspoint.aliyuncs.com"},
			Target{"https", "examplebucket.oss-cn-hangzhou.oss-accesspoint.aliyuncs.com", false, "", hz},
		},
		{
			"access points, internal",
			Input{Region: hz, Endpoint: "oss-cn-hangzhou-internal.oss-accesspoint.aliyuncs.com"},
			Target{"https", "examplebucket.oss-cn-hangzhou-internal.oss-accesspoint.aliyuncs.com", false, "", hz},
		},
		{
			"Object FC access points",
			Input{Region: "cn-qingdao", Endpoint: "oss-cn-qingdao.oss-object-process.aliyuncs.com"},
			Target{"https", "examplebucket.oss-cn-qingdao.oss-object-process.aliyuncs.com", false, "", "cn-qingdao"},
		},
		{
			"a service that came later",
			Input{Region: hz, Endpoint: "cn-hangzhou.oss-later.aliyuncs.com"},
			Target{"https", "examplebucket.cn-hangzhou.oss-later.aliyuncs.com", false, "", hz},
		},
		{
			"a host of a known region with more in its label",
			Input{Region: "cn-hongkong", Endpoint: "oss-cn-hongkong-cross.aliyuncs.com"},
			Target{"https", "examplebucket.oss-cn-hongkong-cross.aliyuncs.com", false, "", "cn-hongkong"},
		},
		{
			"a region that no list knows, named like a known one",
			Input{Region: "cn-wulanchabu-acdr-1", Endpoint: "oss-cn-wulanchabu-acdr-1.aliyuncs.com"},
			Target{"https", "examplebucket.oss-cn-wulanchabu-acdr-1.aliyuncs.com", false, "", "cn-wulanchabu-acdr-1"},
		},
		{
			"dual-stack host of a region that no list knows",
			Input{Region: "xx-new-9", Endpoint: "xx-new-9.oss.aliyuncs.com"},
			Target{"https", "examplebucket.xx-new-9.oss.aliyuncs.com", false, "", "xx-new-9"},
		},
		{
			"old VPC host",
			Input{Region: hz, Endpoint: "vpc100-oss-cn-hangzhou.aliyuncs.com"},
			Target{"https", "examplebucket.vpc100-oss-cn-hangzhou.aliyuncs.com", false, "", hz},
		},
		{
			"PrivateLink",
			Input{Region: hz, Endpoint: "ep-bp1i.oss.cn-hangzhou.privatelink.aliyuncs.com", PathStyle: true},
			Target{"https", "ep-bp1i.oss.cn-hangzhou.privatelink.aliyuncs.com", true, "", hz},
		},
		{
			"me-central-1",
			Input{Region: "me-central-1"},
			Target{"https", "examplebucket.oss-me-central-1.aliyuncs.com", false, "", "me-central-1"},
		},
		{
			"sa-east-1, internal",
			Input{Region: "sa-east-1", Type: Internal},
			Target{"https", "examplebucket.oss-sa-east-1-internal.aliyuncs.com", false, "", "sa-east-1"},
		},
		{
			"CloudBox by address",
			Input{Region: "cb-f8z7", Endpoint: "10.0.0.7"},
			Target{"https", "10.0.0.7", true, "oss-cloudbox", "cb-f8z7"},
		},
		{
			"CloudBox by domain",
			Input{Region: "cb-f8z7", Domain: "box.example.com"},
			Target{"https", "box.example.com", false, "oss-cloudbox", "cb-f8z7"},
		},
	} {
		t.Run(tc.name, func(t *testing.T) {
			tc.in.Bucket = "examplebucket"
			got, err := Resolve(tc.in)
			if err != nil {
				t.Fatal(err)
			}
			if got != tc.want {
				t.Errorf("got  %+v\nwant %+v", got, tc.want)
			}
		})
	}
}

// TestExceptionalRows writes out the rows of the page "Regions and endpoints" that follow no rule:
// which host each type gives, and which hosts a message offers if there is none, or more than one.
func TestExceptionalRows(t *testing.T) {
	const none = ""
	for _, row := range []struct {
		region, public, internal, dualStack string
		offered                             []string // in place of an internal host
	}{
		{"rg-china-mainland", "oss-rg-china-mainland", none, none, []string{"oss-rg-china-mainland"}},
		{
			"cn-hangzhou-finance", "oss-cn-hzfinance", none, "cn-hangzhou-finance.oss",
			[]string{"oss-cn-hzjbp-a-internal", "oss-cn-hzjbp-b-internal", "oss-cn-hzfinance-internal"},
		},
		{
			"cn-shanghai-finance-1", "oss-cn-shanghai-finance-1-pub", none, "cn-shanghai-finance.oss",
			[]string{"oss-cn-shanghai-finance-1-internal", "oss-cn-shanghai-finance-1-pub-internal"},
		},
		{
			"cn-shenzhen-finance-1", "oss-cn-szfinance", none, "cn-shenzhen-finance.oss",
			[]string{"oss-cn-shenzhen-finance-1-internal", "oss-cn-szfinance-internal"},
		},
		{
			"cn-beijing-finance-1", "oss-cn-beijing-finance-1-pub", none, none,
			[]string{"oss-cn-beijing-finance-1-internal", "oss-cn-beijing-finance-1-pub-internal"},
		},
		{"cn-north-2-gov-1", "oss-cn-north-2-gov-1", "oss-cn-north-2-gov-1-internal", "cn-north-2-gov-1.oss", nil},
	} {
		t.Run(row.region, func(t *testing.T) {
			for typ, host := range map[Type]string{Public: row.public, Internal: row.internal, DualStack: row.dualStack} {
				got, err := Resolve(Input{Bucket: "examplebucket", Region: row.region, Type: typ})
				if want := "examplebucket." + host + ".aliyuncs.com"; host != none &&
					(err != nil || got.Host != want || got.Region != row.region) {
					t.Errorf("%s, %s: %+v, %v; want %s", row.region, typ, got, err, want)
				}
				if host == none && err == nil {
					t.Errorf("%s, %s: %+v, want an error", row.region, typ, got)
				}
				for _, offer := range row.offered {
					if endpoint := "https://" + offer + ".aliyuncs.com"; typ == Internal &&
						!strings.Contains(err.Error(), endpoint) {
						t.Errorf("%s, %s: does not offer %s: %v", row.region, typ, endpoint, err)
					}
					if got, err := Resolve(
						Input{Bucket: "examplebucket", Region: row.region, Endpoint: offer + ".aliyuncs.com"},
					); err != nil ||
						got.Host != "examplebucket."+offer+".aliyuncs.com" {
						t.Errorf("%s by endpoint %s: %+v, %v", row.region, offer, got, err)
					}
				}
			}
		})
	}
}

func TestResolveErrors(t *testing.T) {
	long := strings.Repeat("a", 60)
	for _, tc := range []struct {
		name  string
		in    Input
		field string
		words []string
	}{
		{
			"bucket",
			Input{Bucket: "Ab", Region: "cn-hangzhou"},
			FieldBucket,
			[]string{`bucket must contain only a-z, 0-9 and "-", got "Ab"`},
		},
		{"no region", Input{}, FieldRegion, []string{"region is empty. Set it to the region ID", "cn-hangzhou"}},
		{
			"region",
			Input{Region: "cn-hangzhou-internal"},
			FieldRegion,
			[]string{`"cn-hangzhou"`, "endpoint_type", `"internal"`},
		},
		{
			"type",
			Input{Region: "cn-hangzhou", Type: "vpc"},
			FieldType,
			[]string{`"vpc"`, "public, internal, accelerate, accelerate-overseas, dual-stack"},
		},
		{"endpoint", Input{Region: "cn-hangzhou", Endpoint: "ftp://x"}, FieldEndpoint, []string{"ftp", "https"}},
		{
			"endpoint beside a domain",
			Input{Region: "cn-hangzhou", Endpoint: "a/b", Domain: "example.com"},
			FieldEndpoint,
			[]string{"path"},
		},
		{
			"endpoint and type",
			Input{Region: "cn-hangzhou", Endpoint: "oss.corp.example", Type: Internal},
			FieldType,
			[]string{`"internal" conflicts with endpoint "oss.corp.example"`},
		},
		{"domain", Input{Region: "cn-hangzhou", Domain: "1.2.3.4"}, FieldDomain, []string{"endpoint"}},
		{
			"another region's endpoint",
			Input{Region: "cn-hangzhou", Endpoint: "https://oss-cn-beijing.aliyuncs.com"},
			FieldEndpoint,
			[]string{"cn-beijing", "cn-hangzhou"},
		},
		{
			"another region's dual-stack endpoint",
			Input{Region: "cn-hangzhou", Endpoint: "cn-beijing.oss.aliyuncs.com"},
			FieldEndpoint,
			[]string{"cn-beijing", "cn-hangzhou"},
		},
		{
			"finance endpoint, other region",
			Input{Region: "cn-hangzhou", Endpoint: "oss-cn-hzfinance.aliyuncs.com"},
			FieldEndpoint,
			[]string{`"cn-hangzhou-finance"`, `"cn-hangzhou"`},
		},
		{
			"CloudBox endpoint, geographic region",
			Input{Region: "cn-shanghai", Endpoint: "cb-f8z7.cn-shanghai.oss-cloudbox.aliyuncs.com"},
			FieldEndpoint,
			[]string{`Set region to "cb-f8z7"`},
		},
		{
			"CloudBox, public endpoint",
			Input{Region: "cb-f8z7", Endpoint: "oss-cn-shanghai.aliyuncs.com"},
			FieldEndpoint,
			[]string{`"cb-f8z7"`, `"cn-shanghai"`},
		},
		{
			"CloudBox without endpoint",
			Input{Region: "cb-f8z7"},
			FieldEndpoint,
			[]string{"cb-f8z7.<region>.oss-cloudbox.aliyuncs.com"},
		},
		{"CloudBox, accelerate", Input{Region: "cb-f8z7", Type: Accelerate}, FieldEndpoint, []string{"CloudBox"}},
		{
			"bucket in endpoint",
			Input{Region: "cn-hangzhou", Endpoint: "https://examplebucket.oss-cn-hangzhou.aliyuncs.com"},
			FieldEndpoint,
			[]string{`has "examplebucket" before`, `Set endpoint to "https://oss-cn-hangzhou.aliyuncs.com"`},
		},
		{
			"S3 endpoint",
			Input{Region: "cn-hangzhou", Endpoint: "http://s3.oss-cn-hangzhou.aliyuncs.com:8080"},
			FieldEndpoint,
			[]string{`has "s3" before`, `Set endpoint to "http://oss-cn-hangzhou.aliyuncs.com:8080"`},
		},
		{
			"bucket in a dual-stack endpoint",
			Input{Region: "cn-hangzhou", Endpoint: "b.cn-hangzhou.oss.aliyuncs.com"},
			FieldEndpoint,
			[]string{`"https://cn-hangzhou.oss.aliyuncs.com"`},
		},
		{
			"bucket in an accelerate endpoint",
			Input{Region: "cn-hangzhou", Endpoint: "b.oss-accelerate.aliyuncs.com"},
			FieldEndpoint,
			[]string{`"https://oss-accelerate.aliyuncs.com"`},
		},
		{
			"bucket in the old endpoint",
			Input{Region: "cn-hangzhou", Endpoint: "examplebucket.oss.aliyuncs.com"},
			FieldEndpoint,
			[]string{
				`endpoint "examplebucket.oss.aliyuncs.com" is not a host of region "cn-hangzhou"`,
				`Set endpoint to "https://oss-cn-hangzhou.aliyuncs.com"`,
			},
		},
		{
			"bucket in a private endpoint",
			Input{Region: "cn-hangzhou", Endpoint: "examplebucket.example.com"},
			FieldEndpoint,
			[]string{"begins with the bucket", "domain"},
		},
		{
			"path style, public",
			Input{Region: "cn-hangzhou", PathStyle: true},
			FieldPathStyle,
			[]string{"SecondLevelDomainForbidden", "Remove path_style"},
		},
		{
			"path style, accelerate",
			Input{Region: "cn-hangzhou", PathStyle: true, Type: Accelerate},
			FieldPathStyle,
			[]string{"oss-accelerate.aliyuncs.com"},
		},
		{
			"path style, service endpoint",
			Input{Region: "cn-hangzhou", PathStyle: true, Endpoint: "oss-cn-hangzhou-internal.aliyuncs.com"},
			FieldPathStyle,
			[]string{"oss-cn-hangzhou-internal"},
		},
		{
			"no dual stack",
			Input{Region: "us-west-1", Type: DualStack},
			FieldType,
			[]string{"us-west-1", "does not exist in region", "set endpoint"},
		},
		{
			"no internal",
			Input{Region: "rg-china-mainland", Type: Internal},
			FieldType,
			[]string{"does not exist in region", "https://oss-rg-china-mainland.aliyuncs.com"},
		},
		{
			"no dual stack, exceptional",
			Input{Region: "cn-beijing-finance-1", Type: DualStack},
			FieldType,
			[]string{"does not exist in region", "https://oss-cn-beijing-finance-1-pub.aliyuncs.com"},
		},
		{
			"several internal",
			Input{Region: "cn-hangzhou-finance", Type: Internal},
			FieldType,
			[]string{
				"3 hosts", "Set endpoint", "https://oss-cn-hzjbp-a-internal.aliyuncs.com",
				"https://oss-cn-hzjbp-b-internal.aliyuncs.com",
				"https://oss-cn-hzfinance-internal.aliyuncs.com",
			},
		},
		{
			"host's id as region",
			Input{Region: "oss-cn-hzfinance"},
			FieldRegion,
			[]string{`"oss-cn-hzfinance"`, `Set region to "cn-hangzhou-finance"`, "https://oss-cn-hzfinance.aliyuncs.com"},
		},
		{
			"host's id beside a domain",
			Input{Region: "cn-szfinance", Domain: "example.com"},
			FieldRegion,
			[]string{`"cn-shenzhen-finance-1"`},
		},
		{
			"host's id, other endpoint",
			Input{Region: "cn-hzfinance", Endpoint: "oss-cn-hzjbp-a-internal.aliyuncs.com"},
			FieldRegion,
			[]string{`"cn-hangzhou-finance"`},
		},
		{
			"zone in a host",
			Input{Region: "cn-hangzhou", Endpoint: "http://oss-cn-hangzhou-a.aliyuncs.com:8080"},
			FieldEndpoint,
			[]string{`contains the zone "cn-hangzhou-a"`, "Set endpoint to http://oss-cn-hangzhou.aliyuncs.com:8080"},
		},
		{
			"zone after a digit in a host",
			Input{Region: "us-west-1", Endpoint: "oss-us-west-1a-internal.aliyuncs.com"},
			FieldEndpoint,
			[]string{`contains the zone "us-west-1a"`, "Set endpoint to https://oss-us-west-1-internal.aliyuncs.com"},
		},
		{
			"zone of an exceptional region in a host",
			Input{Region: "cn-hangzhou-finance", Endpoint: "oss-cn-hangzhou-finance-b.aliyuncs.com"},
			FieldEndpoint,
			[]string{
				`contains the zone "cn-hangzhou-finance-b"`, "Set endpoint to https://oss-cn-hzfinance.aliyuncs.com, https://",
			},
		},
		{
			"neither public nor dual-stack",
			Input{Region: "cn-hangzhou", Endpoint: "oss-cn-hangzhou.oss.aliyuncs.com"},
			FieldEndpoint,
			[]string{
				`is not a host of region "cn-hangzhou"`, `Set endpoint to "https://oss-cn-hangzhou.aliyuncs.com"`, "endpoint_type",
			},
		},
		{
			"neither internal nor dual-stack",
			Input{Region: "cn-hangzhou", Endpoint: "cn-beijing-internal.oss.aliyuncs.com"},
			FieldEndpoint,
			[]string{`is not a host of region "cn-beijing"`, `Set endpoint to "https://oss-cn-beijing.aliyuncs.com"`},
		},
		{
			"another bucket in the old endpoint",
			Input{Region: "cn-beijing", Endpoint: "my-bucket.oss.aliyuncs.com"},
			FieldEndpoint,
			[]string{`is not a host of region "cn-beijing"`, `Set endpoint to "https://oss-cn-beijing.aliyuncs.com"`},
		},
		{
			"CloudBox in the old endpoint",
			Input{Region: "cb-f8z7", Endpoint: "my-bucket.oss.aliyuncs.com"},
			FieldEndpoint,
			[]string{`endpoint is required for the CloudBox "cb-f8z7"`},
		},
		{
			"old VPC host of another region",
			Input{Region: "cn-hangzhou", Endpoint: "vpc100-oss-cn-beijing.aliyuncs.com"},
			FieldEndpoint,
			[]string{`is a host of region "cn-beijing", but region is "cn-hangzhou"`},
		},
		{
			"accelerator of another region",
			Input{Region: "cn-hangzhou", Endpoint: "cn-beijing-h-internal.oss-data-acc.aliyuncs.com"},
			FieldEndpoint,
			[]string{`is a host of region "cn-beijing", but region is "cn-hangzhou"`},
		},
		{
			"bucket before an accelerator",
			Input{Region: "cn-hangzhou", Endpoint: "b.cn-hangzhou-j-internal.oss-data-acc.aliyuncs.com"},
			FieldEndpoint,
			[]string{`has "b" before`, `"https://cn-hangzhou-j-internal.oss-data-acc.aliyuncs.com"`},
		},
		{
			"a host of a known region with more in its label",
			Input{Region: "cn-beijing", Endpoint: "oss-cn-hongkong-cross.aliyuncs.com"},
			FieldEndpoint,
			[]string{`is a host of region "cn-hongkong"`, `Set region to "cn-hongkong"`},
		},
		{
			"access point in endpoint",
			Input{Region: "cn-hangzhou", Endpoint: "ap-01-123.oss-cn-hangzhou.oss-accesspoint.aliyuncs.com"},
			FieldEndpoint,
			[]string{"Set bucket to the alias of the access point, and remove endpoint"},
		},
		{
			"access points of another region",
			Input{Region: "cn-hangzhou", Endpoint: "oss-cn-beijing.oss-accesspoint.aliyuncs.com"},
			FieldEndpoint,
			[]string{`is a host of region "cn-beijing"`},
		},
		{
			"access points in path style",
			Input{Region: "cn-hangzhou", Endpoint: "oss-cn-hangzhou.oss-accesspoint.aliyuncs.com", PathStyle: true},
			FieldPathStyle,
			[]string{"oss-cn-hangzhou.oss-accesspoint.aliyuncs.com"},
		},
		{
			"PrivateLink without path style",
			Input{Region: "cn-hangzhou", Endpoint: "https://ep-bp1i.oss.cn-hangzhou.privatelink.aliyuncs.com"},
			FieldEndpoint,
			[]string{
				`"https://ep-bp1i.oss.cn-hangzhou.privatelink.aliyuncs.com" is a PrivateLink host`, "Set path_style to true",
			},
		},
		{
			"PrivateLink of another region",
			Input{Region: "cn-beijing", Endpoint: "https://ep-bp1i.oss.cn-hangzhou.privatelink.aliyuncs.com", PathStyle: true},
			FieldEndpoint,
			[]string{`is a host of region "cn-hangzhou"`},
		},
		{
			"bucket before PrivateLink",
			Input{Region: "cn-hangzhou", Endpoint: "b.ep-bp1i.oss.cn-hangzhou.privatelink.aliyuncs.com"},
			FieldEndpoint,
			[]string{`has "b" before`, `"https://ep-bp1i.oss.cn-hangzhou.privatelink.aliyuncs.com"`},
		},
		{
			"bucket as an address",
			Input{Bucket: "oss://examplebucket", Region: "cn-hangzhou"},
			FieldBucket,
			[]string{`Write "examplebucket"`},
		},
		{
			"host too long",
			Input{Region: "cn-hangzhou", Endpoint: long + "." + long + "." + long + "." + long},
			FieldEndpoint,
			[]string{"257", "253"},
		},
	} {
		t.Run(tc.name, func(t *testing.T) {
			if tc.in.Bucket == "" {
				tc.in.Bucket = "examplebucket"
			}
			got, err := Resolve(tc.in)
			var e *Error
			if !errors.As(err, &e) {
				t.Fatalf("got %+v, %v; want an *Error", got, err)
			}
			if e.Field != tc.field {
				t.Errorf("field %q, want %q: %v", e.Field, tc.field, err)
			}
			if got != (Target{}) {
				t.Errorf("got %+v beside %v", got, err)
			}
			for _, w := range tc.words {
				if !strings.Contains(err.Error(), w) {
					t.Errorf("lacks %q: %v", w, err)
				}
			}
		})
	}
}

// At 253 characters a host can still be looked up, at 254 it cannot.
func TestResolveHostLength(t *testing.T) {
	label := strings.Repeat("a", 63) + "."
	name := label + label + label + strings.Repeat("d", 57) // 249
	for bucket, ok := range map[string]bool{"abc": true, "abcd": false} {
		got, err := Resolve(Input{Bucket: bucket, Region: "cn-hangzhou", Endpoint: name + ":8080"})
		if (err == nil) != ok {
			t.Errorf("bucket %q: %+v, %v", bucket, got, err)
		}
	}
}

// Every host that Resolve gives to a listed region is a host of that region, and its endpoint
// resolves to the same host again.
func TestResolveAgreesWithRegionOf(t *testing.T) {
	hosts := 0
	for _, region := range slices.Sorted(maps.Keys(regions)) {
		for _, typ := range types {
			in := Input{Bucket: "examplebucket", Region: region, Type: Type(typ)}
			got, err := Resolve(in)
			if err != nil {
				continue
			}
			hosts++
			want := region
			if strings.HasPrefix(typ, "accelerate") {
				want = ""
			}
			if of := RegionOf(got.Host); of != want {
				t.Errorf("%s %s: host %s is of region %q, want %q", region, typ, got.Host, of, want)
			}
			again, err := Resolve(
				Input{Bucket: in.Bucket, Region: region, Endpoint: strings.TrimPrefix(got.Host, in.Bucket+".")},
			)
			if err != nil || again != got {
				t.Errorf("%s %s: %+v, %v; want %+v", region, typ, again, err, got)
			}
		}
	}
	// 36 general regions of four types, 16 of them with dual stack (3 by the general form alone).
	// Exceptional: 6 × (public, 2 accelerate), 4 dual stack, 1 single internal.
	if want := 36*4 + 16 + 6*3 + 4 + 1; hosts != want {
		t.Errorf("%d hosts, want %d", hosts, want)
	}
}

func TestCheckBucket(t *testing.T) {
	for _, s := range []string{"abc", "000", "a-b", "examplebucket", strings.Repeat("a", 63), "ab--cd"} {
		if err := CheckBucket(s); err != nil {
			t.Error(err)
		}
	}
	for s, want := range map[string]string{
		"":                      `bucket is empty. A bucket name has 3 to 63 characters`,
		"ab":                    `bucket must have 3 to 63 characters, got 2 in "ab"`,
		strings.Repeat("a", 64): `bucket must have 3 to 63 characters, got 64 in "` + strings.Repeat("a", 64) + `"`,

		strings.Repeat("a", 1000): `bucket must have 3 to 63 characters, got 1000 in "` + strings.Repeat("a", 80) +
			`"… (1000 bytes)`,

		"Abc":    `bucket must contain only a-z, 0-9 and "-", got "Abc"`,
		"a_b":    `bucket must contain only a-z, 0-9 and "-", got "a_b"`,
		"a b":    `bucket must contain only a-z, 0-9 and "-", got "a b"`,
		"böb":    `bucket must contain only a-z, 0-9 and "-", got "böb"`,
		"a\xffb": `bucket must contain only a-z, 0-9 and "-", got "a\xffb"`,
		"a{b":    `bucket must contain only a-z, 0-9 and "-", got "a{b"`,
		"a`b":    "bucket must contain only a-z, 0-9 and \"-\", got \"a`b\"",
		"-abc":   `bucket must begin and end with a letter or digit, got "-abc"`,
		"abc-":   `bucket must begin and end with a letter or digit, got "abc-"`,

		"my.bucket":       `bucket must contain only a-z, 0-9 and "-", got "my.bucket". Use domain for a custom domain`,
		"examplebucket\n": `bucket must not have white space around it, got "examplebucket\n"`,
		" examplebucket":  `bucket must not have white space around it, got " examplebucket"`,
	} {
		t.Run(fmt.Sprintf("%.40q", s), func(t *testing.T) {
			if err := CheckBucket(s); err == nil || err.Error() != want {
				t.Errorf("%.20q: got %v\nwant %s", s, err, want)
			}
		})
	}
}

// What people paste in place of a bucket's name contains it, and the error shows it.
func TestCheckBucketAddress(t *testing.T) {
	const inBeijing = `Set bucket to "examplebucket" and region to "cn-beijing"`
	const signed = "?x-oss-credential=LTAIsecret&x-oss-signature=secret"
	for s, want := range map[string]string{
		"oss://examplebucket":                          `Write "examplebucket"`,
		"OSS://examplebucket/":                         `Write "examplebucket"`,
		"oss://examplebucket/agent/agent.tar.gz":       `Write "examplebucket"`,
		"examplebucket/agent":                          `Write "examplebucket"`,
		"acs:oss:*:*:examplebucket":                    `Write "examplebucket"`,
		"acs:oss:cn-hangzhou:123:examplebucket/agent*": `Write "examplebucket"`,

		"examplebucket.oss-cn-beijing.aliyuncs.com":                    inBeijing,
		"https://examplebucket.oss-cn-beijing-internal.aliyuncs.com/k": inBeijing,
		"https://examplebucket.oss-cn-beijing.aliyuncs.com/k" + signed: inBeijing,
		"examplebucket.cn-hangzhou.oss.aliyuncs.com":                   strings.Replace(inBeijing, "beijing", "hangzhou", 1),

		"examplebucket.oss-accelerate.aliyuncs.com": `Write "examplebucket"`,
		"oss-cn-beijing.aliyuncs.com":               `Use endpoint for the host "oss-cn-beijing.aliyuncs.com"`,
		"https://downloads.example.com/k":           `Use domain for the custom domain "downloads.example.com"`,

		"a/b": `Write the name alone, such as "examplebucket"`,
		"https://me:secret@examplebucket.oss-cn-beijing.aliyuncs.com/k": `Write the name alone, such as "examplebucket"`,
		"oss://example_bucket":    `Write the name alone, such as "examplebucket"`,
		"https://examplebucket/k": `Write the name alone, such as "examplebucket"`,
		".":                       `Write the name alone, such as "examplebucket"`,
		strings.Repeat("secret", 500) + "/" + strings.Repeat("a", 100_000): `Write the name alone, such as "examplebucket"`,
	} {
		t.Run(fmt.Sprintf("%.60q", s), func(t *testing.T) {
			err := CheckBucket(s)
			if want = "bucket must be the name of a bucket, not an address. " + want; err == nil || err.Error() != want {
				t.Errorf("%.80q:\n got %v\nwant %s", s, err, want)
			}
			if err != nil && strings.Contains(err.Error(), "secret") {
				t.Errorf("%.80q is shown: %v", s, err)
			}
		})
	}
}

func TestTypes(t *testing.T) {
	for _, s := range types {
		if got, err := ParseType(FieldType, s); err != nil || string(got) != s {
			t.Errorf("%q: %q, %v", s, got, err)
		}
	}
	for _, s := range []string{"", "Public", "vpc", "public ", strings.Repeat("x", 5000)} {
		if got, err := ParseType(FieldType, s); err == nil || got != "" || len(err.Error()) > 400 {
			t.Errorf("%.20q: %q, %v", s, got, err)
		}
	}
}

// A bucket may have the name of a region. Its host is not taken for one that contains the bucket.
func TestResolveBucketNamedLikeAHost(t *testing.T) {
	for _, in := range []Input{
		{Bucket: "cn-hangzhou", Region: "cn-hangzhou", Type: DualStack},
		{Bucket: "cn-hangzhou", Region: "cn-hangzhou", Endpoint: "cn-hangzhou.oss.aliyuncs.com"},
		{Bucket: "oss-cn-hangzhou", Region: "cn-hangzhou"},
	} {
		if got, err := Resolve(in); err != nil || !strings.HasPrefix(got.Host, in.Bucket+"."+in.Bucket+".") {
			t.Errorf("%+v: %+v, %v", in, got, err)
		}
	}
}

// Whoever follows the messages about a zone comes to a host, and not back to the first message.
func TestZoneAdviceEnds(t *testing.T) {
	for _, host := range []string{"oss-cn-hangzhou-a.aliyuncs.com", "oss-us-west-1a-internal.aliyuncs.com"} {
		in := Input{Bucket: "examplebucket", Endpoint: host}
		in.Region = strings.TrimSuffix(strings.TrimPrefix(strings.TrimSuffix(host, ".aliyuncs.com"), "oss-"), "-internal")
		var steps []string
		for range 3 {
			_, err := Resolve(in)
			if err == nil {
				break
			}
			steps = append(steps, err.Error())
			if _, advice, ok := strings.Cut(err.Error(), "Set region to "); ok {
				in.Region = strings.Trim(advice, `"`)
			} else if _, advice, ok := strings.Cut(err.Error(), "Set endpoint to "); ok {
				in.Endpoint = advice
			}
		}
		if len(steps) != 2 {
			t.Errorf("%s: %d messages, want 2:\n%s", host, len(steps), strings.Join(steps, "\n"))
		}
	}
}

func TestBucketInPath(t *testing.T) {
	for host, want := range map[string]bool{
		"192.0.2.1": true, "192.0.2.1:9000": true, "[2001:db8::1]": true, "[::1]:9000": true, "localhost": true,
		"LOCALHOST:80": true,
		"ep-bp1i.oss.cn-hangzhou.privatelink.aliyuncs.com": true,

		"examplebucket.localhost": false, "examplebucket.oss-cn-hangzhou.aliyuncs.com": false,
		"downloads.example.com:8080": false,
		"":                           false, "a_b": false, "192.0.2.1.": false, "::1": false,
		"localhost/examplebucket": false,
	} {
		t.Run(host, func(t *testing.T) {
			if got := BucketInPath(host); got != want {
				t.Errorf("%q: %v", host, got)
			}
		})
	}
}

// A conflict is an error between arguments alone: neither of one argument, nor of a missing path
// style.
func TestConflict(t *testing.T) {
	const bucket, hangzhou, beijing = "examplebucket", "cn-hangzhou", "oss-cn-beijing.aliyuncs.com"
	for name, tc := range map[string]struct {
		in    Input
		field string
	}{
		"other region":        {Input{Bucket: bucket, Region: hangzhou, Endpoint: beijing}, FieldEndpoint},
		"no such type":        {Input{Bucket: bucket, Region: "cn-wuhan-lr", Type: DualStack}, FieldType},
		"same region":         {Input{Bucket: bucket, Region: "cn-beijing", Endpoint: beijing}, ""},
		"no region":           {Input{Bucket: bucket, Endpoint: beijing}, ""},
		"region alone":        {Input{Bucket: bucket, Region: hangzhou}, ""},
		"two arguments":       {Input{Bucket: bucket, Region: hangzhou, Endpoint: beijing, Type: Internal}, ""},
		"bad endpoint":        {Input{Bucket: bucket, Region: hangzhou, Endpoint: "-.example.com"}, ""},
		"bad bucket":          {Input{Bucket: "-", Region: hangzhou, Endpoint: beijing}, ""},
		"bad region":          {Input{Bucket: bucket, Region: "https://a", Endpoint: beijing}, ""},
		"path style may miss": {Input{Bucket: bucket, Region: hangzhou, Endpoint: bucket + ".example.com"}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			got := ""
			if fault := tc.in.Conflict(); fault != nil {
				got = fault.Field
			}
			if got != tc.field {
				t.Errorf("%q, want %q", got, tc.field)
			}
		})
	}
}
