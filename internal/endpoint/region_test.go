package endpoint

import (
	"fmt"
	"strings"
	"testing"
)

func TestParseRegion(t *testing.T) {
	for s, want := range map[string]string{
		"cn-hangzhou": "cn-hangzhou", "oss-cn-hangzhou": "cn-hangzhou", "cn-wuhan-lr": "cn-wuhan-lr", "xx-new-9": "xx-new-9",
		"rg-china-mainland": "rg-china-mainland", "oss-cn-hzfinance": "cn-hzfinance",
		"cb-f8z7yvzgwfkl9q0h": "cb-f8z7yvzgwfkl9q0h", "a": "a", "0": "0",
		"cn-hangzhouh": "cn-hangzhouh", "us-west-1-a": "us-west-1-a", "xx-new-9a": "xx-new-9a",
		"cn-hangzhou-1": "cn-hangzhou-1", "z9": "z9", "9z": "9z", "ab": "ab",
		strings.Repeat("a", 50): strings.Repeat("a", 50),
	} {
		t.Run(s, func(t *testing.T) {
			if got, err := ParseRegion(s); err != nil || got != want {
				t.Errorf("%q: %q, %v; want %q", s, got, err, want)
			}
		})
	}
	for s, words := range map[string][]string{
		"":                         {"empty", "cn-hangzhou"},
		"cn-hangzhou-internal":     {`region to "cn-hangzhou"`, `endpoint_type to "internal"`},
		"oss-cn-hangzhou-internal": {`region to "cn-hangzhou"`, `endpoint_type to "internal"`},
		"oss-accelerate":           {`endpoint_type to "accelerate"`},
		"accelerate-overseas":      {`endpoint_type to "accelerate-overseas"`},
		"cn-hangzhou-h":            {"got the zone", `region to "cn-hangzhou"`},
		"oss-cn-hongkong-b":        {"got the zone", `region to "cn-hongkong"`},
		"cn-north-2-gov-1b":        {"got the zone", `region to "cn-north-2-gov-1"`},
		"us-west-1a":               {"got the zone", `region to "us-west-1"`},
		"vpc100-oss-cn-beijing":    {`Set region to "cn-beijing"`},
		"CN-Hangzhou":              {"lower case", `"cn-hangzhou"`},
		"oss-cn-Hangzhou":          {"lower case", `Write "cn-hangzhou"`},
		"-cn":                      {"words"}, "cn-": {"words"}, "cn--hangzhou": {"words"}, "oss-": {"words"},
		"-internal": {"words"}, "cn hangzhou": {"words"},
		"cn_hangzhou": {"words"}, "中国": {"words"}, "cn-hangzhou\n": {"words"}, "\xff": {"words"}, "CN HZ": {"words"},
		strings.Repeat("a", 51):                                  {"at most 50"},
		strings.Repeat("a", 100000):                              {"at most 50", "100000 bytes"},
		"oss-cn-hangzhou.aliyuncs.com":                           {`Set region to "cn-hangzhou"`, "endpoint"},
		"https://oss-cn-hangzhou-internal.aliyuncs.com/":         {`Set region to "cn-hangzhou"`},
		"https://bucket.oss-cn-szfinance.aliyuncs.com":           {`Set region to "cn-shenzhen-finance-1"`},
		"https://user:secret@oss-cn-hangzhou.aliyuncs.com":       {`such as "cn-hangzhou"`},
		"https://oss-cn-hangzhou.aliyuncs.com/k?sig=secret":      {`such as "cn-hangzhou"`},
		"oss-accelerate.aliyuncs.com":                            {`such as "cn-hangzhou"`},
		"cn-hangzhou/":                                           {"not a host or a URL"},
		"https://[::1]":                                          {"not a host or a URL"},
		"https://oss-cn-hangzhou.aliyuncs.com/#x-secret":         {"not a host or a URL"},
		"https://example.com/" + strings.Repeat("secret", 10000): {"not a host or a URL"},
	} {
		t.Run(fmt.Sprintf("%.40q", s), func(t *testing.T) {
			got, err := ParseRegion(s)
			if err == nil || got != "" {
				t.Errorf("%.60q: %q, %v; want an error", s, got, err)
				return
			}
			for _, w := range words {
				if !strings.Contains(err.Error(), w) {
					t.Errorf("%.60q lacks %q: %v", s, w, err)
				}
			}
			if strings.Contains(err.Error(), "secret") || len(err.Error()) > 400 {
				t.Errorf("%.60q: repeated in %.600v", s, err)
			}
		})
	}
}

func TestRegionOf(t *testing.T) {
	for host, want := range map[string]string{
		"oss-cn-hangzhou.aliyuncs.com":                        "cn-hangzhou",
		"oss-cn-hangzhou.aliyuncs.com:8080":                   "cn-hangzhou",
		"OSS-CN-Hangzhou.aliyuncs.com":                        "cn-hangzhou",
		"oss-cn-hangzhou-internal.aliyuncs.com":               "cn-hangzhou",
		"bucket.oss-cn-hangzhou-internal.aliyuncs.com":        "cn-hangzhou",
		"cn-hangzhou.oss.aliyuncs.com":                        "cn-hangzhou",
		"bucket.cn-hangzhou.oss.aliyuncs.com":                 "cn-hangzhou",
		"bucket.xx-new-9.oss.aliyuncs.com":                    "xx-new-9",
		"oss-xx-new-9.aliyuncs.com":                           "xx-new-9",
		"oss-rus-west-1.aliyuncs.com":                         "rus-west-1",
		"oss.aliyuncs.com":                                    "cn-hangzhou",
		"oss-internal.aliyuncs.com":                           "cn-hangzhou",
		"bucket.oss-internal.aliyuncs.com":                    "cn-hangzhou",
		"oss-cn-hzfinance.aliyuncs.com":                       "cn-hangzhou-finance",
		"oss-cn-hzfinance-internal.aliyuncs.com":              "cn-hangzhou-finance",
		"oss-cn-hzjbp-a-internal.aliyuncs.com":                "cn-hangzhou-finance",
		"b.oss-cn-hzjbp-b-internal.aliyuncs.com":              "cn-hangzhou-finance",
		"cn-hangzhou-finance.oss.aliyuncs.com":                "cn-hangzhou-finance",
		"oss-cn-shanghai-finance-1-pub.aliyuncs.com":          "cn-shanghai-finance-1",
		"oss-cn-shanghai-finance-1-pub-internal.aliyuncs.com": "cn-shanghai-finance-1",
		"oss-cn-shanghai-finance-1-internal.aliyuncs.com":     "cn-shanghai-finance-1",
		"cn-shanghai-finance.oss.aliyuncs.com":                "cn-shanghai-finance-1",
		"oss-cn-szfinance.aliyuncs.com":                       "cn-shenzhen-finance-1",
		"b.cn-shenzhen-finance.oss.aliyuncs.com":              "cn-shenzhen-finance-1",
		"oss-cn-beijing-finance-1-pub-internal.aliyuncs.com":  "cn-beijing-finance-1",
		"oss-cn-north-2-gov-1-internal.aliyuncs.com":          "cn-north-2-gov-1",
		"oss-rg-china-mainland.aliyuncs.com":                  "rg-china-mainland",
		"cb-f8z7.cn-shanghai.oss-cloudbox.aliyuncs.com":       "cb-f8z7",
		"vpc100-oss-cn-hangzhou.aliyuncs.com":                 "cn-hangzhou",
		"b.vpc100-oss-cn-beijing.aliyuncs.com":                "cn-beijing",
		"oss-cn-hangzhou-a.aliyuncs.com":                      "cn-hangzhou",
		"oss-me-central-1.aliyuncs.com":                       "me-central-1",
		"b.oss-sa-east-1-internal.aliyuncs.com":               "sa-east-1",

		"cn-wulanchabu-b-internal.oss-data-acc.aliyuncs.com":         "cn-wulanchabu",
		"b.ap-southeast-1c-internal.oss-data-acc.aliyuncs.com":       "ap-southeast-1",
		"cn-hangzhou.oss-data-acc.aliyuncs.com":                      "cn-hangzhou",
		"b.oss-cache-cn-beijing-h.aliyuncs.com":                      "cn-beijing",
		"oss-cn-hangzhou.oss-accesspoint.aliyuncs.com":               "cn-hangzhou",
		"ap-1.oss-cn-hangzhou-internal.oss-accesspoint.aliyuncs.com": "cn-hangzhou",
		"fc.oss-cn-qingdao.oss-object-process.aliyuncs.com":          "cn-qingdao",
		"ep-bp1i.oss.cn-hangzhou.privatelink.aliyuncs.com":           "cn-hangzhou",

		"xx-new-b-internal.oss-data-acc.aliyuncs.com": "", "oss-data-acc.aliyuncs.com": "", "oss-cache-x.aliyuncs.com": "",
		"oss-accesspoint.aliyuncs.com": "", "ap-1.oss-accesspoint.aliyuncs.com": "", "vpc100-oss-x.aliyuncs.com": "",
		"oss.cn-hangzhou.privatelink.aliyuncs.com": "", "ep.epsrv.cn-hangzhou.privatelink.aliyuncs.com": "",
		"privatelink.aliyuncs.com":         "",
		"oss-cn-hangzhou.oss.aliyuncs.com": "", "b.oss-cn-hangzhou.oss.aliyuncs.com": "",
		"b.cn-hangzhou-internal.oss.aliyuncs.com": "",
		"oss-cn-hongkong-cross.aliyuncs.com":      "", "oss-enet.aliyuncs.com": "", "b.my_bucket.oss.aliyuncs.com": "",
		"bucket.cb-f8z7.cn-shanghai.oss-cloudbox.aliyuncs.com": "cb-f8z7",

		"oss-accelerate.aliyuncs.com": "", "bucket.oss-accelerate-overseas.aliyuncs.com": "",
		"oss-website-cn-hangzhou.aliyuncs.com": "", "oss-cn.aliyuncs.com": "",
		"oss-cn--x.aliyuncs.com": "", "examplebucket.oss.aliyuncs.com": "", "xx-new-9.oss.aliyuncs.com": "",
		"cn-shanghai.oss-cloudbox.aliyuncs.com": "", "x.cn-shanghai.oss-cloudbox.aliyuncs.com": "",

		"https://oss-cn-beijing.aliyuncs.com/":           "cn-beijing",
		"http://OSS-cn-beijing.aliyuncs.com:8080":        "cn-beijing",
		"https://cn-hangzhou.oss.aliyuncs.com":           "cn-hangzhou",
		"https://oss.corp.example:8443":                  "",
		"192.0.2.1":                                      "",
		"https://me:pw@oss-cn-beijing.aliyuncs.com":      "",
		"https://oss-cn-beijing.aliyuncs.com/key?secret": "",

		"downloads.example.com": "", "oss-cn-hangzhou.example.com": "", "sts.cn-hangzhou.aliyuncs.com": "",
		"aliyuncs.com": "", ".aliyuncs.com": "", "": "", "127.0.0.1": "", "[::1]:80": "",
		"oss-cn-hangzhou.aliyuncs.com.example.com": "", "oss-cn-hangzhouaaliyuncs.com": "", "oss-cn-hangzhou": "", "oss": "",
	} {
		t.Run(host, func(t *testing.T) {
			if got := RegionOf(host); got != want {
				t.Errorf("%q: %q, want %q", host, got, want)
			}
		})
	}
}

// The tables contain well-formed ids only, and every listed host leads back to its region.
func TestTables(t *testing.T) {
	for region, hosts := range regions {
		if got, err := ParseRegion(region); err != nil || got != region {
			t.Errorf("%q: %q, %v", region, got, err)
		}
		for typ, names := range hosts {
			for _, name := range names {
				if of := RegionOf(name + serviceDomain); of != region {
					t.Errorf("%s host %s of %s is of %q", typ, name, region, of)
				}
			}
		}
	}
	for id, region := range hostIDs {
		if knownURLs(region) == "" {
			t.Errorf("%q stands for %q, which lists no hosts", id, region)
		}
		if isRegion(id) {
			t.Errorf("%q is a region and a host's id", id)
		}
	}
}
