package signer

import (
	"math/rand/v2"
	"strings"
	"testing"
	"testing/synctest"
)

// listing is a request for a page of ListObjectsV2.
func listing(change func(*Request)) Request {
	return changed(func(r *Request) {
		r.Key, r.OnBucket = "", true
		r.Query = map[string]string{
			"list-type": "2", "max-keys": "1000", "encoding-type": "url", "prefix": "目录/a b+c&d~%2F",
			"continuation-token": "ChR0ZXN0L+a=",
		}
		change(r)
	})
}

const listingQuery = "continuation-token=ChR0ZXN0L%2Ba%3D&encoding-type=url&list-type=2&max-keys=1000" +
	"&prefix=%E7%9B%AE%E5%BD%95%2Fa%20b%2Bc%26d~%252F&" + plainQuery

// TestListing presigns a request about a bucket: without a key the canonical URI is /bucket/ (§3),
// and the path of the URL is /, or /bucket/ in path style. The stand-in accepts each from the wire,
// and the SDK's signer agrees.
func TestListing(t *testing.T) {
	for name, test := range map[string]struct {
		change func(*Request)
		prefix string
	}{
		"virtual-hosted": {func(*Request) {}, "https://examplebucket.oss-cn-hangzhou.aliyuncs.com/?"},
		"private deployment": {
			func(r *Request) { r.Host, r.PathStyle = "oss.private.example", true },
			"https://oss.private.example/examplebucket/?",
		},
		"IP address": {
			func(r *Request) { r.Host, r.PathStyle, r.SignHost = "192.0.2.1:9000", true, true },
			"https://192.0.2.1:9000/examplebucket/?",
		},
		"custom domain": {func(r *Request) { r.Host = "downloads.example.com" }, "https://downloads.example.com/?"},
	} {
		t.Run(name, func(t *testing.T) {
			r := listing(test.change)
			got := canonicalSteps(t, r, testCredentials())
			if got.uri != "/examplebucket/" {
				t.Errorf("canonical URI %q, want /examplebucket/", got.uri)
			}
			if !r.SignHost && got.query != listingQuery {
				t.Errorf("canonical query\n got %q\nwant %q", got.query, listingQuery)
			}
			u, headers := mustPresign(t, r, NewCredentials(testID, testSecret, testToken), instant)
			if !strings.HasPrefix(u, test.prefix) || headers != nil {
				t.Errorf("got %q and the headers %v, want it to begin with %q", u, headers, test.prefix)
			}
			var differences []string
			synctest.Test(t, func(*testing.T) {
				chunk := []oracleCase{{request: r, id: testID, secret: testSecret, token: testToken}}
				oracleInstants(rand.New(rand.NewPCG(oracleSeed, 2)), chunk)
				differences = compareWithSDK(chunk, new(oracleTally))
			})
			for _, difference := range differences {
				t.Error(difference)
			}
		})
	}
}

// A key that is empty by mistake does not become a link to the listing of a whole bucket, and a
// listing has no key.
func TestOnBucketIsExplicit(t *testing.T) {
	for name, change := range map[string]func(*Request){
		"key is empty": func(r *Request) { r.OnBucket = false },
		"key must be empty for a request about the bucket": func(r *Request) { r.Key = "k" },
	} {
		u, _, err := Presign(listing(change), testCredentials(), instant)
		if err == nil || u != "" || err.Error() != name {
			t.Errorf("%q, %v; want %s", u, err, name)
		}
	}
	u, _ := mustPresign(t, listing(func(*Request) {}), testCredentials(), instant)
	if p, err := Parse(u); err == nil || err.Error() != "url has no object in its path" {
		t.Errorf("%+v, %v", p, err)
	}
}
