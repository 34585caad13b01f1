package signer

import (
	"cmp"
	"context"
	"net/url"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aliyun/alibabacloud-oss-go-sdk-v2/oss"
	osscredentials "github.com/aliyun/alibabacloud-oss-go-sdk-v2/oss/credentials"
)

// TestSDKClient compares whole URLs with those of the SDK's client, which builds host and path by
// itself.
func TestSDKClient(t *testing.T) {
	const host = "examplebucket.oss-cn-hangzhou.aliyuncs.com"
	tests := []struct {
		name      string
		configure func(*oss.Config)
		get       oss.GetObjectRequest
		token     string
		host      string
		pathStyle bool
		query     map[string]string
	}{
		{name: "plain", host: host},
		{name: "hard key", host: host, get: oss.GetObjectRequest{Key: new("目录/a b+c%2F#?&~*!'()\\\"\U0001F680//.txt")}},
		{name: "bytes that are no UTF-8", host: host, get: oss.GetObjectRequest{Key: new("\xff\x00\xc3/\n")}},
		{
			name: "version", host: host, get: oss.GetObjectRequest{VersionId: new("CAEQ/+=")},
			query: map[string]string{"versionId": "CAEQ/+="},
		},
		{
			name: "token, process and response headers", token: testToken, host: host,
			get: oss.GetObjectRequest{
				Process: new("image/resize,w_100"), ResponseCacheControl: new("no-cache"), ResponseContentLanguage: new("zh"),
				ResponseContentDisposition: new(`attachment; filename="a b.txt"; filename*=UTF-8''%E4%B8%AD`),
				ResponseContentEncoding:    new("gzip"),
				ResponseExpires:            new("Sat, 14 Mar 2026 15:09:26 GMT"),
				ResponseContentType:        new("text/plain; charset=utf-8"),
			},
			query: map[string]string{
				"x-oss-process": "image/resize,w_100", "response-cache-control": "no-cache", "response-content-language": "zh",
				"response-content-disposition": `attachment; filename="a b.txt"; filename*=UTF-8''%E4%B8%AD`,
				"response-content-encoding":    "gzip",
				"response-expires":             "Sat, 14 Mar 2026 15:09:26 GMT",
				"response-content-type":        "text/plain; charset=utf-8",
			},
		},
		{
			name: "internal", configure: func(c *oss.Config) { c.WithUseInternalEndpoint(true) },
			host: "examplebucket.oss-cn-hangzhou-internal.aliyuncs.com",
		},
		{
			name: "accelerate", configure: func(c *oss.Config) { c.WithUseAccelerateEndpoint(true) },
			host: "examplebucket.oss-accelerate.aliyuncs.com",
		},
		{
			name: "dual-stack", configure: func(c *oss.Config) { c.WithUseDualStackEndpoint(true) },
			host: "examplebucket.cn-hangzhou.oss.aliyuncs.com",
		},
		{
			name:      "custom domain",
			configure: func(c *oss.Config) { c.WithEndpoint("http://downloads.example.com:8080").WithUseCName(true) },
			host:      "downloads.example.com:8080",
		},
		{
			name: "path style", configure: func(c *oss.Config) { c.WithUsePathStyle(true) },
			host: "oss-cn-hangzhou.aliyuncs.com", pathStyle: true,
		},
		{
			name: "IP address", configure: func(c *oss.Config) { c.WithEndpoint("http://192.0.2.1:9000") },
			host: "192.0.2.1:9000", pathStyle: true,
		},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				at := time.Date(2026, 3, 14, 15, 9, 26, 535_000_000, time.UTC)
				time.Sleep(time.Until(at))
				get := test.get
				get.Bucket, get.Key = new("examplebucket"), cmp.Or(get.Key, new("agent/agent-1.4.2.tar.gz"))
				result, err := sdkClient(test.token, test.configure).Presign(context.Background(), &get,
					oss.PresignExpires(90*time.Minute))
				if err != nil {
					t.Fatal(err)
				}
				sdk, err := url.Parse(result.URL)
				if err != nil {
					t.Fatal(err)
				}
				want, _, _ := sdkURL(sdk)
				r := changed(func(r *Request) {
					r.Scheme, r.Host, r.PathStyle, r.Key, r.Query, r.Expires = sdk.Scheme, test.host, test.pathStyle, *get.Key,
						test.query, 5400
				})
				got, headers := mustPresign(t, r, NewCredentials(testID, testSecret, test.token), at)
				if got != want {
					t.Errorf("they differ:\nours %s\n SDK %s", got, want)
				}
				if headers != nil || result.SignedHeaders != nil {
					t.Errorf("headers to send: ours %v, the SDK's %v; want none", headers, result.SignedHeaders)
				}
			})
		})
	}
}

func sdkClient(token string, configure func(*oss.Config)) *oss.Client {
	config := oss.LoadDefaultConfig().WithRegion("cn-hangzhou").
		WithCredentialsProvider(osscredentials.NewStaticCredentialsProvider(testID, testSecret, token))
	if configure != nil {
		configure(config)
	}
	return oss.NewClient(config)
}

// TestSDKClientDeviations shows what the SDK's client adds to the deviations of its signer.
func TestSDKClientDeviations(t *testing.T) {
	present := func(t *testing.T, get oss.GetObjectRequest, expires time.Duration) (*oss.PresignResult, error) {
		t.Helper()
		get.Bucket, get.Key = new("examplebucket"), new("k")
		return sdkClient("", nil).Presign(context.Background(), &get, oss.PresignExpires(expires))
	}
	t.Run("§5 traffic limit and request payer become headers, which a plain link does not send", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			result, err := present(t, oss.GetObjectRequest{TrafficLimit: 819200, RequestPayer: new("requester")}, time.Hour)
			if err != nil || len(result.SignedHeaders) != 2 || strings.Contains(result.URL, "traffic-limit") {
				t.Errorf("the SDK gives %+v, %v; want two headers to send", result, err)
			}
			r := changed(func(r *Request) {
				r.Query = map[string]string{"x-oss-traffic-limit": "819200", "x-oss-request-payer": "requester"}
			})
			if u, headers := mustPresign(t, r, testCredentials(), time.Now()); headers != nil ||
				!strings.Contains(u, "&x-oss-traffic-limit=819200") {
				t.Errorf("we give %s and the headers %v; want the limit in the query", u, headers)
			}
		})
	})
	t.Run("§8 no expiry becomes 15 minutes", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			result, err := present(t, oss.GetObjectRequest{}, -time.Hour)
			if err != nil || !strings.Contains(result.URL, "x-oss-expires=900&") {
				t.Errorf("the SDK gives %+v, %v; want 900 seconds", result, err)
			}
			if u, _, err := Presign(changed(func(r *Request) { r.Expires = -3600 }), testCredentials(),
				time.Now()); err == nil || u != "" {
				t.Errorf("we give %q, %v; want an error alone", u, err)
			}
		})
	})
}
