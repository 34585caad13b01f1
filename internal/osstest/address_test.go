package osstest_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/alioss/terraform-provider-alioss/internal/osstest"
)

// Every form of host in oss-domain §2, and the path that belongs to it. The signature is the same
// for all.
func TestHosts(t *testing.T) {
	const virtual, inPath = "/dir/a%20b.txt", "/examplebucket/dir/a%20b.txt"
	tests := []struct {
		region string // of the bucket
		host   string
		path   string
		status int
		code   string
	}{
		{"cn-hangzhou", "examplebucket.oss-cn-hangzhou.aliyuncs.com", virtual, 200, ""},
		{"cn-hangzhou", "EXAMPLEBUCKET.OSS-CN-HANGZHOU.ALIYUNCS.COM", virtual, 200, ""},
		{"cn-hangzhou", "examplebucket.oss-cn-hangzhou-internal.aliyuncs.com", virtual, 200, ""},
		{"cn-hangzhou", "examplebucket.cn-hangzhou.oss.aliyuncs.com", virtual, 200, ""},
		{"cn-hangzhou", "examplebucket.oss-accelerate.aliyuncs.com", virtual, 200, ""},
		{"cn-hangzhou", "examplebucket.oss-accelerate-overseas.aliyuncs.com", virtual, 200, ""},
		{"cn-hangzhou", "downloads.example.com", virtual, 200, ""},
		{"cn-hangzhou", "Downloads.Example.COM:8443", virtual, 200, ""},
		{"cn-hangzhou", "127.0.0.1", inPath, 200, ""},
		{"cn-hangzhou", "127.0.0.1:9000", inPath, 200, ""},
		{"cn-hangzhou", "[::1]:9000", inPath, 200, ""},
		{"cn-hangzhou", "[::1]", inPath, 200, ""},
		{"cn-hangzhou", "10.1.2.3", "/examplebucket%2Fdir%2Fa%20b.txt", 200, ""},
		{"cn-hangzhou", "localhost:80", inPath, 200, ""},
		{"cn-hangzhou", "examplebucket.localhost", virtual, 200, ""},
		{"cn-hangzhou", "oss.private.example", inPath, 200, ""},
		{"cn-hangzhou", "examplebucket.oss.private.example:8443", virtual, 200, ""},
		{"us-west-1", "examplebucket.oss-us-west-1.aliyuncs.com", virtual, 200, ""},
		{"us-west-1", "examplebucket.us-west-1.oss.aliyuncs.com", virtual, 421, "UnknownHost"},
		{"cn-north-2-gov-1", "examplebucket.oss-cn-north-2-gov-1-internal.aliyuncs.com", virtual, 200, ""},
		{"rg-china-mainland", "examplebucket.oss-rg-china-mainland.aliyuncs.com", virtual, 200, ""},
		{"rg-china-mainland", "examplebucket.oss-rg-china-mainland-internal.aliyuncs.com", virtual, 421, "UnknownHost"},
		{"cn-hangzhou-finance", "examplebucket.oss-cn-hzfinance.aliyuncs.com", virtual, 200, ""},
		{"cn-hangzhou-finance", "examplebucket.oss-cn-hzjbp-a-internal.aliyuncs.com", virtual, 200, ""},
		{"cn-hangzhou-finance", "examplebucket.oss-cn-hangzhou-finance.aliyuncs.com", virtual, 421, "UnknownHost"},
		{"cn-hangzhou-finance", "examplebucket.cn-hangzhou-finance.oss.aliyuncs.com", virtual, 200, ""},
		{"cn-shanghai-finance-1", "examplebucket.oss-cn-shanghai-finance-1-pub.aliyuncs.com", virtual, 200, ""},
		{"cn-shanghai-finance-1", "examplebucket.cn-shanghai-finance.oss.aliyuncs.com", virtual, 200, ""},
		{"cn-shanghai-finance-1", "examplebucket.cn-shanghai-finance-1.oss.aliyuncs.com", virtual, 421, "UnknownHost"},
		{"cn-shenzhen-finance-1", "examplebucket.oss-cn-szfinance-internal.aliyuncs.com", virtual, 200, ""},
		{"cn-beijing-finance-1", "examplebucket.oss-cn-beijing-finance-1-internal.aliyuncs.com", virtual, 200, ""},
		{"cn-beijing-finance-1", "examplebucket.cn-beijing-finance-1.oss.aliyuncs.com", virtual, 421, "UnknownHost"},

		{"cn-hangzhou", "oss-cn-hangzhou.aliyuncs.com", inPath, 403, "SecondLevelDomainForbidden"},
		{"cn-hangzhou", "cn-hangzhou.oss.aliyuncs.com", inPath, 403, "SecondLevelDomainForbidden"},
		{"cn-hangzhou", "oss-accelerate.aliyuncs.com", inPath, 403, "SecondLevelDomainForbidden"},
		{"cn-hangzhou", "oss-cn-hangzhou.aliyuncs.com", "/", 501, "NotImplemented"},
		{"cn-hangzhou", "examplebucket.oss-cn-hangzhou-internal-internal.aliyuncs.com", virtual, 403, "AccessDenied"},
		{"cn-hangzhou", "examplebucket.oss-.aliyuncs.com", virtual, 421, "UnknownHost"},
		{"cn-hangzhou", "examplebucket.ecs.aliyuncs.com", virtual, 421, "UnknownHost"},
		{"cn-hangzhou", "a.examplebucket.oss-cn-hangzhou.aliyuncs.com", virtual, 421, "UnknownHost"},
		{"cn-hangzhou", "aliyuncs.com", virtual, 421, "UnknownHost"},
		{"cn-hangzhou", "unbound.example.com", virtual, 421, "UnknownHost"},
		{"cn-hangzhou", "", virtual, 421, "UnknownHost"},
		{"cn-hangzhou", "examplebucket.oss-cn-shanghai.aliyuncs.com", virtual, 403, "AccessDenied"},
	}
	for _, tt := range tests {
		t.Run(tt.host+tt.path, func(t *testing.T) {
			f := newFixture(t)
			f.bucket(osstest.Bucket{Name: "examplebucket", Region: tt.region, Domains: []string{"downloads.example.com"}})
			l := newLink(func(l *link) { l.region = tt.region; l.path = tt.path })
			target := strings.TrimPrefix(l.url(), "https://"+l.host)
			a := f.raw("GET", "GET "+target+" HTTP/1.1\r\nHost: "+tt.host+"\r\nConnection: close\r\n\r\n")
			if a.StatusCode != tt.status || a.err.Code != tt.code {
				t.Errorf("got %d %q, want %d %q", a.StatusCode, a.err.Code, tt.status, tt.code)
			}
			if tt.status != 200 && a.err.HostId != tt.host {
				t.Errorf("HostId %q", a.err.HostId)
			}
		})
	}
}

// A cloud box has a product and a region of its own.
func TestCloudBoxHost(t *testing.T) {
	f := newFixture(t)
	f.bucket(osstest.Bucket{Name: "boxbucket", Region: "cb-123"})
	f.object("boxbucket", osstest.Object{Key: "k"})
	box := newLink(func(l *link) {
		l.bucket, l.key, l.host = "boxbucket", "k", "boxbucket.cb-123.cn-hangzhou.oss-cloudbox.aliyuncs.com"
		l.region, l.product = "cb-123", "oss-cloudbox"
	})
	f.send(box, "").want(t, 200, "", "")
	box.product = "oss"
	f.send(box, "").want(t, 400, "InvalidArgument", "0002-00000227")
	box.host = "boxbucket.xx-123.cn-hangzhou.oss-cloudbox.aliyuncs.com"
	var refusal *osstest.Error
	if _, err := f.Verify("GET", box.url(), nil); !errors.As(err, &refusal) || refusal.Code != "UnknownHost" {
		t.Errorf("got %v", err)
	}
}

// The answer to a wrong endpoint contains the right one, also if it does not follow from the
// region.
func TestWrongEndpointNamesTheRightOne(t *testing.T) {
	for region, endpoint := range map[string]string{
		"cn-shanghai":         "oss-cn-shanghai.aliyuncs.com",
		"cn-hangzhou-finance": "oss-cn-hzfinance.aliyuncs.com",
	} {
		f := newFixture(t)
		f.bucket(osstest.Bucket{Name: "examplebucket", Region: region})
		a := f.send(newLink(nil), "")
		a.want(t, 403, "AccessDenied", "0003-00001403")
		if a.err.Endpoint != endpoint || a.err.Bucket != "examplebucket" {
			t.Errorf("%s: endpoint %q, bucket %q", region, a.err.Endpoint, a.err.Bucket)
		}
	}
}

// A request target in absolute form, as proxies get it, is the same request. What is no path is
// refused.
func TestRequestTargets(t *testing.T) {
	f := newFixture(t)
	l := newLink(nil)
	host := "\r\nHost: " + l.host + "\r\nConnection: close\r\n\r\n"
	f.raw("GET", "GET "+strings.Replace(l.url(), "https", "http", 1)+" HTTP/1.1"+host).want(t, 200, "", "")
	f.raw("GET", "GET http://"+l.host+" HTTP/1.1"+host).want(t, 403, "AccessDenied", "0003-00000001")
	f.raw("OPTIONS", "OPTIONS * HTTP/1.1"+host).want(t, 400, "InvalidURI", "")
	a := f.raw("GET", "GET /dir/a%20b.txt?x=%4 HTTP/1.1"+host)
	a.want(t, 400, "InvalidURI", "")
}
