package probe

import (
	"encoding/base64"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// FuzzRefusal: whatever a server answers, an error has a kind of the list and contains nothing but
// what has a form.
func FuzzRefusal(f *testing.F) {
	f.Add(404, "65F1A2B30000000000000001", "0026-00000001", "<Error><Code>NoSuchKey</Code><Message>m</Message></Error>",
		true)
	f.Add(403, "", "", "<Error><Code>AccessDenied</Code><Endpoint>oss-cn-beijing.aliyuncs.com</Endpoint></Error>", false)
	f.Add(403, "x", "", "<Error><AccessDeniedDetail><PolicyType>SessionPolicy</PolicyType></AccessDeniedDetail></Error>",
		false)
	f.Add(-1, "65F1A2B30000000000000001 ", " 0026-00000001", "<Error", true)
	shown := regexp.MustCompile(`^-?\d+( [A-Za-z' -]+)?(, EC \d{4}-\d{8})?(, request [0-9A-F]{24})?$`)
	host := regexp.MustCompile(`^([a-z0-9.-]+\.aliyuncs\.com)?$`)
	f.Fuzz(func(t *testing.T, status int, id, ec, detail string, marker bool) {
		h := http.Header{}
		h.Set("x-oss-request-id", id)
		h.Set("x-oss-ec", ec)
		body := detail
		if marker {
			h.Set("x-oss-err", base64.StdEncoding.EncodeToString([]byte(detail)))
			body = ""
		}
		if marker {
			h.Set("x-oss-delete-marker", "true")
		}
		e := answer{status: status, header: h, body: body}.fault()
		if !slices.Contains(Kinds(), e.Kind) {
			t.Errorf("kind %q is not in the list", e.Kind)
		}
		if status != 0 && !shown.MatchString(e.Answer()) {
			t.Errorf("the answer is shown as %q", e.Answer())
		}
		if len(e.Endpoint) > 253 || !host.MatchString(e.Endpoint) {
			t.Errorf("the endpoint is %q", e.Endpoint)
		}
	})
}

// FuzzReadPage: whatever a server answers, a page that is read has keys of the prefix, and sizes.
func FuzzReadPage(f *testing.F) {
	f.Add("<ListBucketResult><EncodingType>url</EncodingType><IsTruncated>true</IsTruncated>"+
		"<NextContinuationToken>C%2B</NextContinuationToken><Contents><Key>p%00</Key><Size>1</Size></Contents>"+
		"</ListBucketResult>", "p")
	f.Add("<ListBucketResult><IsTruncated>false</IsTruncated></ListBucketResult>", "")
	f.Add("<ListBucketResult><IsTruncated>false</IsTruncated><Contents><Key>a</Key><Key>b</Key></Contents>", "a")
	f.Fuzz(func(t *testing.T, body, prefix string) {
		p, ok := readPage(body, prefix)
		if !ok && (p.objects != nil || p.token != "") {
			t.Errorf("got %+v beside an error", p)
		}
		for _, o := range p.objects {
			if o.Key == "" || !strings.HasPrefix(o.Key, prefix) || o.Size < 0 || len(o.ETag) > 128 {
				t.Errorf("got %+v", o)
			}
		}
	})
}
