package endpoint

import (
	"errors"
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
		{"public by default", Input{Region: hz}, Target{"https", "examplebucket.oss-cn-hangzhou.aliyuncs.com", false, "oss", hz}},
		{"public", Input{Region: "oss-" + hz, Type: Public}, Target{"https", "examplebucket.oss-cn-hangzhou.aliyuncs.com", false, "oss", hz}},
		{"internal", Input{Region: hz, Type: Internal}, Target{"https", "examplebucket.oss-cn-hangzhou-internal.aliyuncs.com", false, "oss", hz}},
		{"accelerate", Input{Region: hz, Type: Accelerate}, Target{"https", "examplebucket.oss-accelerate.aliyuncs.com", false, "oss", hz}},
		{
			"accelerate overseas",
			Input{Region: hz, Type: AccelerateOverseas},
			Target{"https", "examplebucket.oss-accelerate-overseas.aliyuncs.com", false, "oss", hz},
		},
		{"dual stack", Input{Region: hz, Type: DualStack}, Target{"https", "examplebucket.cn-hangzhou.oss.aliyuncs.com", false, "oss", hz}},
		{"unknown region", Input{Region: "xx-new-9"}, Target{"https", "examplebucket.oss-xx-new-9.aliyuncs.com", false, "oss", "xx-new-9"}},
		{
			"unknown region, dual stack",
			Input{Region: "xx-new-9", Type: DualStack},
			Target{"https", "examplebucket.xx-new-9.oss.aliyuncs.com", false, "oss", "xx-new-9"},
		},
		{"closed region", Input{Region: "ap-southeast-2"}, Target{"https", "examplebucket.oss-ap-southeast-2.aliyuncs.com", false, "oss", "ap-southeast-2"}},
		{
			"finance, public",
			Input{Region: "cn-hangzhou-finance"},
			Target{"https", "examplebucket.oss-cn-hzfinance.aliyuncs.com", false, "oss", "cn-hangzhou-finance"},
		},
		{
			"finance, accelerate",
			Input{Region: "cn-hangzhou-finance", Type: Accelerate},
			Target{"https", "examplebucket.oss-accelerate.aliyuncs.com", false, "oss", "cn-hangzhou-finance"},
		},
		{
			"finance, dual stack",
			Input{Region: "cn-shanghai-finance-1", Type: DualStack},
			Target{"https", "examplebucket.cn-shanghai-finance.oss.aliyuncs.com", false, "oss", "cn-shanghai-finance-1"},
		},
		{
			"finance by endpoint",
			Input{Region: "cn-hangzhou-finance", Endpoint: "oss-cn-hzjbp-a-internal.aliyuncs.com"},
			Target{"https", "examplebucket.oss-cn-hzjbp-a-internal.aliyuncs.com", false, "oss", "cn-hangzhou-finance"},
		},
		{
			"host's id, insisted on by endpoint",
			Input{Region: "cn-hzfinance", Endpoint: "oss-cn-hzfinance.aliyuncs.com"},
			Target{"https", "examplebucket.oss-cn-hzfinance.aliyuncs.com", false, "oss", "cn-hzfinance"},
		},
		{
			"endpoint",
			Input{Region: hz, Endpoint: "http://OSS-cn-hangzhou-internal.aliyuncs.com/", Type: Public},
			Target{"http", "examplebucket.oss-cn-hangzhou-internal.aliyuncs.com", false, "oss", hz},
		},
		{"accelerate by endpoint", Input{Region: hz, Endpoint: "oss-accelerate.aliyuncs.com"}, Target{"https", "examplebucket.oss-accelerate.aliyuncs.com", false, "oss", hz}},
		{"old endpoint", Input{Region: hz, Endpoint: "oss.aliyuncs.com"}, Target{"https", "examplebucket.oss.aliyuncs.com", false, "oss", hz}},
		{"private endpoint", Input{Region: hz, Endpoint: "oss.corp.example:8443"}, Target{"https", "examplebucket.oss.corp.example:8443", false, "oss", hz}},
		{"private endpoint, path style", Input{Region: hz, Endpoint: "oss.corp.example:8443", PathStyle: true}, Target{"https", "oss.corp.example:8443", true, "oss", hz}},
		{"path style, host begins with bucket", Input{Region: hz, Endpoint: "examplebucket.corp.example", PathStyle: true}, Target{"https", "examplebucket.corp.example", true, "oss", hz}},
		{"host that only begins like the bucket", Input{Region: hz, Endpoint: "examplebucket2.corp.example"}, Target{"https", "examplebucket.examplebucket2.corp.example", false, "oss", hz}},
		{"localhost", Input{Region: hz, Endpoint: "http://localhost:9000"}, Target{"http", "examplebucket.localhost:9000", false, "oss", hz}},
		{"IPv4", Input{Region: hz, Endpoint: "http://127.0.0.1:9000"}, Target{"http", "127.0.0.1:9000", true, "oss", hz}},
		{"IPv6", Input{Region: hz, Endpoint: "https://[2001:DB8:0::1]:443"}, Target{"https", "[2001:db8::1]", true, "oss", hz}},
		{"IPv6, path style", Input{Region: hz, Endpoint: "[::1]:8443", PathStyle: true}, Target{"https", "[::1]:8443", true, "oss", hz}},
		{"domain", Input{Region: hz, Domain: "downloads.example.com"}, Target{"https", "downloads.example.com", false, "oss", hz}},
		{
			"domain beats the rest",
			Input{Region: hz, Domain: "http://downloads.example.com:8080", Endpoint: "http://oss-cn-beijing.aliyuncs.com", PathStyle: true},
			Target{"http", "downloads.example.com:8080", false, "oss", hz},
		},
		{"domain with a type", Input{Region: hz, Domain: "downloads.example.com", Type: Internal}, Target{"https", "downloads.example.com", false, "oss", hz}},
		{"domain that begins with the bucket", Input{Region: hz, Domain: "examplebucket.example.com"}, Target{"https", "examplebucket.example.com", false, "oss", hz}},
		{
			"CloudBox",
			Input{Region: "cb-f8z7yvzgwfkl9q0h", Endpoint: "cb-f8z7yvzgwfkl9q0h.cn-shanghai.oss-cloudbox.aliyuncs.com"},
			Target{"https", "examplebucket.cb-f8z7yvzgwfkl9q0h.cn-shanghai.oss-cloudbox.aliyuncs.com", false, "oss-cloudbox", "cb-f8z7yvzgwfkl9q0h"},
		},
		{
			"CloudBox, path style",
			Input{Region: "cb-f8z7", Endpoint: "cb-f8z7.cn-shanghai.oss-cloudbox.aliyuncs.com", PathStyle: true},
			Target{"https", "cb-f8z7.cn-shanghai.oss-cloudbox.aliyuncs.com", true, "oss-cloudbox", "cb-f8z7"},
		},
		{"path style, not OSS", Input{Region: hz, Endpoint: "gateway.cn-hangzhou.aliyuncs.com", PathStyle: true}, Target{"https", "gateway.cn-hangzhou.aliyuncs.com", true, "oss", hz}},
		{
			"path style, no CloudBox's host",
			Input{Region: hz, Endpoint: "x.cn-shanghai.oss-cloudbox.aliyuncs.com", PathStyle: true},
			Target{"https", "x.cn-shanghai.oss-cloudbox.aliyuncs.com", true, "oss", hz},
		},
		{"CloudBox by address", Input{Region: "cb-f8z7", Endpoint: "10.0.0.7"}, Target{"https", "10.0.0.7", true, "oss-cloudbox", "cb-f8z7"}},
		{"CloudBox by domain", Input{Region: "cb-f8z7", Domain: "box.example.com"}, Target{"https", "box.example.com", false, "oss-cloudbox", "cb-f8z7"}},
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

// TestExceptionalRows writes out the rows of the page "Regions and endpoints" that follow no rule: which host each type gives, and which hosts a
// message offers where there is none, or more than one.
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
		for typ, host := range map[Type]string{Public: row.public, Internal: row.internal, DualStack: row.dualStack} {
			got, err := Resolve(Input{Bucket: "examplebucket", Region: row.region, Type: typ})
			if want := "examplebucket." + host + ".aliyuncs.com"; host != none && (err != nil || got.Host != want || got.Region != row.region) {
				t.Errorf("%s, %s: %+v, %v; want %s", row.region, typ, got, err, want)
			}
			if host == none && err == nil {
				t.Errorf("%s, %s: %+v, want an error", row.region, typ, got)
			}
			for _, offer := range row.offered {
				if endpoint := "https://" + offer + ".aliyuncs.com"; typ == Internal && !strings.Contains(err.Error(), endpoint) {
					t.Errorf("%s, %s: does not offer %s: %v", row.region, typ, endpoint, err)
				}
				if got, err := Resolve(Input{Bucket: "examplebucket", Region: row.region, Endpoint: offer + ".aliyuncs.com"}); err != nil ||
					got.Host != "examplebucket."+offer+".aliyuncs.com" {
					t.Errorf("%s by endpoint %s: %+v, %v", row.region, offer, got, err)
				}
			}
		}
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
		{"bucket", Input{Bucket: "Ab", Region: "cn-hangzhou"}, FieldBucket, []string{`"Ab"`, "3 to 63"}},
		{"no region", Input{}, FieldRegion, []string{"region is empty", "cn-hangzhou"}},
		{"region", Input{Region: "cn-hangzhou-internal"}, FieldRegion, []string{`"cn-hangzhou"`, "endpoint_type", `"internal"`}},
		{"type", Input{Region: "cn-hangzhou", Type: "vpc"}, FieldType, []string{`"vpc"`, "public, internal, accelerate, accelerate-overseas, dual-stack"}},
		{"endpoint", Input{Region: "cn-hangzhou", Endpoint: "ftp://x"}, FieldEndpoint, []string{"ftp", "https"}},
		{"endpoint beside a domain", Input{Region: "cn-hangzhou", Endpoint: "a/b", Domain: "example.com"}, FieldEndpoint, []string{"path"}},
		{"endpoint and type", Input{Region: "cn-hangzhou", Endpoint: "oss.corp.example", Type: Internal}, FieldType, []string{"internal", "exclude"}},
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
		{"CloudBox endpoint, geographic region", Input{Region: "cn-shanghai", Endpoint: "cb-f8z7.cn-shanghai.oss-cloudbox.aliyuncs.com"}, FieldEndpoint, []string{`set region to "cb-f8z7"`}},
		{"CloudBox, public endpoint", Input{Region: "cb-f8z7", Endpoint: "oss-cn-shanghai.aliyuncs.com"}, FieldEndpoint, []string{`"cb-f8z7"`, `"cn-shanghai"`}},
		{"CloudBox without endpoint", Input{Region: "cb-f8z7"}, FieldEndpoint, []string{"cb-f8z7.<region>.oss-cloudbox.aliyuncs.com"}},
		{"CloudBox, accelerate", Input{Region: "cb-f8z7", Type: Accelerate}, FieldEndpoint, []string{"CloudBox"}},
		{
			"bucket in endpoint",
			Input{Region: "cn-hangzhou", Endpoint: "https://examplebucket.oss-cn-hangzhou.aliyuncs.com"},
			FieldEndpoint,
			[]string{`begins with "examplebucket"`, `write "https://oss-cn-hangzhou.aliyuncs.com"`},
		},
		{
			"S3 endpoint",
			Input{Region: "cn-hangzhou", Endpoint: "http://s3.oss-cn-hangzhou.aliyuncs.com:8080"},
			FieldEndpoint,
			[]string{`begins with "s3"`, `write "http://oss-cn-hangzhou.aliyuncs.com:8080"`},
		},
		{"bucket in a dual-stack endpoint", Input{Region: "cn-hangzhou", Endpoint: "b.cn-hangzhou.oss.aliyuncs.com"}, FieldEndpoint, []string{`"https://cn-hangzhou.oss.aliyuncs.com"`}},
		{"bucket in an accelerate endpoint", Input{Region: "cn-hangzhou", Endpoint: "b.oss-accelerate.aliyuncs.com"}, FieldEndpoint, []string{`"https://oss-accelerate.aliyuncs.com"`}},
		{"bucket in the old endpoint", Input{Region: "cn-hangzhou", Endpoint: "examplebucket.oss.aliyuncs.com"}, FieldEndpoint, []string{"begins with the bucket"}},
		{"bucket in a private endpoint", Input{Region: "cn-hangzhou", Endpoint: "examplebucket.example.com"}, FieldEndpoint, []string{"begins with the bucket", "domain"}},
		{"path style, public", Input{Region: "cn-hangzhou", PathStyle: true}, FieldPathStyle, []string{"SecondLevelDomainForbidden", "leave path_style out"}},
		{"path style, accelerate", Input{Region: "cn-hangzhou", PathStyle: true, Type: Accelerate}, FieldPathStyle, []string{"oss-accelerate.aliyuncs.com"}},
		{"path style, service endpoint", Input{Region: "cn-hangzhou", PathStyle: true, Endpoint: "oss-cn-hangzhou-internal.aliyuncs.com"}, FieldPathStyle, []string{"oss-cn-hangzhou-internal"}},
		{"no dual stack", Input{Region: "us-west-1", Type: DualStack}, FieldType, []string{"us-west-1", "no dual-stack host", "endpoint"}},
		{"no internal", Input{Region: "rg-china-mainland", Type: Internal}, FieldType, []string{"no internal host", "https://oss-rg-china-mainland.aliyuncs.com"}},
		{"no dual stack, exceptional", Input{Region: "cn-beijing-finance-1", Type: DualStack}, FieldType, []string{"no dual-stack host", "https://oss-cn-beijing-finance-1-pub.aliyuncs.com"}},
		{
			"several internal",
			Input{Region: "cn-hangzhou-finance", Type: Internal},
			FieldType,
			[]string{
				"3 internal hosts", "set endpoint", "https://oss-cn-hzjbp-a-internal.aliyuncs.com", "https://oss-cn-hzjbp-b-internal.aliyuncs.com",
				"https://oss-cn-hzfinance-internal.aliyuncs.com",
			},
		},
		{"host's id as region", Input{Region: "oss-cn-hzfinance"}, FieldRegion, []string{`"cn-hzfinance"`, `set region to "cn-hangzhou-finance"`, "https://oss-cn-hzfinance.aliyuncs.com"}},
		{"host's id beside a domain", Input{Region: "cn-szfinance", Domain: "example.com"}, FieldRegion, []string{`"cn-shenzhen-finance-1"`}},
		{"host's id, other endpoint", Input{Region: "cn-hzfinance", Endpoint: "oss-cn-hzjbp-a-internal.aliyuncs.com"}, FieldRegion, []string{`"cn-hangzhou-finance"`}},
		{"host too long", Input{Region: "cn-hangzhou", Endpoint: long + "." + long + "." + long + "." + long}, FieldEndpoint, []string{"257", "253"}},
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
			if errors.Unwrap(err) == nil || got != (Target{}) {
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
	name := strings.Repeat("a", 63) + "." + strings.Repeat("b", 63) + "." + strings.Repeat("c", 63) + "." + strings.Repeat("d", 57) // 249
	for bucket, ok := range map[string]bool{"abc": true, "abcd": false} {
		got, err := Resolve(Input{Bucket: bucket, Region: "cn-hangzhou", Endpoint: name + ":8080"})
		if (err == nil) != ok {
			t.Errorf("bucket %q: %+v, %v", bucket, got, err)
		}
	}
}

// Every host that Resolve gives to a listed region stands for that region, and its endpoint resolves to the same host again.
func TestResolveAgreesWithRegionOfHost(t *testing.T) {
	hosts := 0
	for _, region := range regions() {
		for _, typ := range Types() {
			in := Input{Bucket: "examplebucket", Region: region, Type: Type(typ)}
			got, err := Resolve(in)
			if err != nil {
				continue
			}
			hosts++
			of, ok := RegionOfHost(got.Host)
			if accelerated := strings.HasPrefix(typ, "accelerate"); ok == accelerated || ok && of != region {
				t.Errorf("%s %s: host %s is of region %q, %v", region, typ, got.Host, of, ok)
			}
			again, err := Resolve(Input{Bucket: in.Bucket, Region: region, Endpoint: strings.TrimPrefix(got.Host, in.Bucket+".")})
			if err != nil || again != got {
				t.Errorf("%s %s: %+v, %v; want %+v", region, typ, again, err, got)
			}
		}
	}
	// 33 general regions of four types, 13 of them with dual stack; exceptional: 6 × (public, 2 accelerate), 4 dual stack, 1 single internal.
	if want := 33*4 + 13 + 6*3 + 4 + 1; hosts != want {
		t.Errorf("%d hosts, want %d", hosts, want)
	}
}

func regions() []string {
	var all []string
	for r := range dualStack {
		all = append(all, r)
	}
	for r := range exceptions {
		all = append(all, r)
	}
	slices.Sort(all)
	return all
}

func TestCheckBucket(t *testing.T) {
	for _, s := range []string{"abc", "000", "a-b", "examplebucket", strings.Repeat("a", 63), "ab--cd"} {
		if err := CheckBucket(s); err != nil {
			t.Error(err)
		}
	}
	for s, word := range map[string]string{
		"": "0 characters", "ab": "3 to 63", strings.Repeat("a", 64): "64 characters", strings.Repeat("a", 1000): "1000 bytes",
		"Abc": `holds 'A'`, "a_b": "only a-z", "a.b": "only a-z", "a b": "only a-z", "böb": "only a-z", "a\xffb": "only a-z", "a{b": "only", "a`b": "only", "a/b": "only", "a:b": "only",
		"-abc": "begins or ends", "abc-": "begins or ends",
	} {
		if err := CheckBucket(s); err == nil || !strings.Contains(err.Error(), word) || len(err.Error()) > 300 {
			t.Errorf("%.20q: %v; want %q", s, err, word)
		}
	}
}

// Values are shown in full up to 80 bytes, and cut at a character beyond.
func TestShow(t *testing.T) {
	for n, want := range map[int]string{80: strings.Repeat("a", 80) + `"`, 81: strings.Repeat("a", 80) + `"… (81 bytes)`} {
		if got := show(strings.Repeat("a", n)); got != `"`+want {
			t.Errorf("%d bytes: %s", n, got)
		}
	}
	if got := show("https://b.cn/k?Signature=0"); got != `"https://b.cn/k"… (26 bytes)` {
		t.Errorf("a query is shown: %s", got)
	}
	if got := show(strings.Repeat("ü", 40) + "ü"); !strings.HasSuffix(got, `ü"… (82 bytes)`) {
		t.Error(got)
	}
	if got := show("a" + strings.Repeat("ü", 40)); !strings.HasSuffix(got, `ü"… (81 bytes)`) || strings.Contains(got, `\x`) {
		t.Error(got)
	}
}

func TestTypes(t *testing.T) {
	for _, s := range Types() {
		if got, err := ParseType(s); err != nil || string(got) != s {
			t.Errorf("%q: %q, %v", s, got, err)
		}
	}
	for _, s := range []string{"", "Public", "vpc", "public ", strings.Repeat("x", 5000)} {
		if got, err := ParseType(s); err == nil || got != "" || len(err.Error()) > 400 {
			t.Errorf("%.20q: %q, %v", s, got, err)
		}
	}
}
