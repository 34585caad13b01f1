package main

import (
	"bytes"
	"crypto/md5"
	"encoding/base64"
	"fmt"
	"image"
	"image/png"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/alioss/terraform-provider-alioss/internal/endpoint"
)

// The objects of the check, below its base, with what they contain.
const (
	helloKey     = "hello.txt"
	pictureKey   = "picture.png"
	pageKey      = "page.html"
	appKey       = "app.apk"
	forbiddenKey = "forbidden/hello.txt" // the policy in CONTRIBUTING.md denies reading it
	archivedKey  = "archived.bin"
	typedKey     = "typed.json"
	onceKey      = "once.txt"
	deletedKey   = "deleted.txt"
	missingKey   = "missing.txt"
	versionsKey  = "versions.txt"
	goneKey      = "gone.txt"

	hello = "the bytes of the live check\n"
)

// hardKeys are names that clients, shells and templates get wrong first, each with what is hard
// about it.
func (c *check) hardKeys() []struct{ key, what string } {
	long := c.base + "long/"
	return []struct{ key, what string }{
		{c.base + "with space.txt", "a space"},
		{c.base + "plus+plus.txt", "a plus sign"},
		{c.base + "100%25 sure.txt", "percent signs"},
		{c.base + "报告/安装包.txt", "Chinese characters"},
		{c.base + "parcel-📦.txt", "an emoji"},
		{c.base + "double//slash.txt", "a double slash"},
		{c.base + "folder/", "a slash at the end"},
		{long + strings.Repeat("x", 1023-len(long)), "1,023 bytes"},
		{c.base + `it's "quoted".txt`, "quotation marks"},
		{c.base + "tab\there.txt", "a tab"},
	}
}

// picture is a tiny PNG.
var picture = func() string {
	var b bytes.Buffer
	if err := png.Encode(&b, image.NewGray(image.Rect(0, 0, 16, 8))); err != nil {
		panic(err) // a buffer refuses nothing
	}
	return b.String()
}()

// link is a block for one URL of an object of the bucket, with these arguments.
func (c *check) link(arguments ...map[string]any) *block {
	all := map[string]any{"bucket": c.config.bucket, "expiry": "1h"}
	for _, some := range arguments {
		for name, value := range some {
			all[name] = value
		}
	}
	if c.via != "" && all["bucket"] == c.config.bucket && all["endpoint_type"] == nil && all["domain"] == nil {
		all["domain"] = c.via
	}
	return &block{arguments: all}
}

// many is a block for the URLs of many objects.
func (c *check) many(arguments map[string]any) *block {
	b := c.link(arguments)
	b.many = true
	return b
}

// get is a link for a download of an object below the base.
func (c *check) get(key string, more ...map[string]any) *block {
	return c.link(append([]map[string]any{{"key": c.base + key}}, more...)...)
}

// put is a link for an upload to a key below the base, with headers by turns name and value.
func (c *check) put(key string, headers ...string) *block {
	b := c.get(key, map[string]any{"method": http.MethodPut})
	if len(headers) > 0 {
		all := map[string]string{}
		for i := 0; i < len(headers); i += 2 {
			all[headers[i]] = headers[i+1]
		}
		b.arguments["headers"] = all
	}
	return b
}

// is wants a body.
func is(body string) func(answer) string {
	return func(a answer) string {
		if a.body != body {
			return fmt.Sprintf("%d other bytes came", len(a.body))
		}
		return ""
	}
}

// has wants a header with a value.
func has(name, value string) func(answer) string {
	return func(a answer) string {
		if a.header.Get(name) != value {
			return "the header " + name + " is another, or missing"
		}
		return ""
	}
}

func md5Of(text string) string {
	sum := md5.Sum([]byte(text))
	return base64.StdEncoding.EncodeToString(sum[:])
}

// first finds out whether the bucket can be written to, and by which host.
func (c *check) first() []row {
	return []row{{
		statement: "upload", or: []string{"public-endpoint"}, did: "PUT with a PUT link", block: c.put(helloKey), body: hello,
		then: func(_ signed, a answer) {
			c.begun = a.silence == "" && a.status < 300
			c.versioned = a.header.Get("x-oss-version-id") != ""
			if a.code != "PublicEndpointForbidden" {
				return
			}
			if c.config.domain == "" {
				c.problems = append(c.problems, "The public endpoint is closed to this account. Set ALIOSS_LIVE_DOMAIN, or set "+
					"ALIOSS_LIVE_ENDPOINT_TYPE to internal on a machine of the region.")
				return
			}
			c.via, c.begun = c.config.domain, true
			if domain, err := endpoint.ParseDomain(c.via); err == nil {
				c.host = domain.Host()
			}
			c.notes = append(c.notes, "The public endpoint is closed to this account, so the links use the custom domain.")
		},
	}}
}

// uploads writes every object that later rows read.
func (c *check) uploads() []row {
	rows := []row{
		{statement: "upload", did: "PUT again with a PUT link, over the object", block: c.put(helloKey), body: hello},
	}
	for _, k := range c.hardKeys() {
		key := strings.TrimPrefix(k.key, c.base)
		rows = append(rows,
			row{statement: "hard-key", did: "PUT of a key with " + k.what, block: c.put(key), body: "of " + k.key},
			row{
				statement: "upload-content-type", did: "PUT of a key with " + k.what + ", with a signed content-type",
				block: c.put(key, "content-type", "text/x-live-check"), body: "of " + k.key,
			})
	}
	rows = append(rows,
		row{
			statement: "upload", did: "PUT of a picture", block: c.put(pictureKey, "content-type", "image/png"), body: picture,
		},
		row{
			statement: "upload", did: "PUT of an HTML page", block: c.put(pageKey, "content-type", "text/html"),
			body: "<p>" + hello,
		},
		row{
			statement: "upload", did: "PUT of an .apk file",
			block: c.put(appKey, "content-type", "application/vnd.android.package-archive"), body: hello,
		},
		row{statement: "upload", did: "PUT of an object that may not be read", block: c.put(forbiddenKey), body: hello},
		row{statement: "upload", did: "PUT of an object to delete", block: c.put(deletedKey), body: hello},
		row{
			statement: "signed-header", did: "PUT with the storage class Archive in a signed header",
			block: c.put(archivedKey, "x-oss-storage-class", "Archive"), body: hello,
			then: func(_ signed, a answer) {
				if a.silence == "" && a.status < 300 {
					c.ids["archived"] = "yes"
				}
			},
			inconclusive: func(a answer) string {
				if a.status >= 400 {
					return "the bucket takes no objects of the class Archive"
				}
				return ""
			},
		},
		row{
			statement: "signed-header", did: "PUT with a signed content-md5 that is right",
			block: c.put(typedKey, "content-md5", md5Of(hello)), body: hello,
		},
		row{
			statement: "content-md5", did: "PUT with a signed content-md5 of other bytes",
			block: c.put(typedKey, "content-md5", md5Of("other")), body: hello,
		},
		row{
			statement: "missing-header", did: "PUT without the content-type that was signed",
			block: c.put(typedKey, "content-type", "application/json"), body: hello,
			send: func(q *request) { q.header.Del("content-type") },
		},
		row{
			statement: "extra-header", did: "PUT with a content-type that was not signed", block: c.put(typedKey), body: hello,
			send: func(q *request) { q.header.Set("content-type", "application/json") },
		},
	)
	once := c.put(onceKey, "x-oss-forbid-overwrite", "true")
	rows = append(rows,
		row{statement: "signed-header", did: "PUT with a signed x-oss-forbid-overwrite", block: once, body: hello},
		row{
			statement: "forbid-overwrite", did: "PUT again with a signed x-oss-forbid-overwrite", block: once, body: hello,
			skip: reasonIf(c.versioned, "the bucket has versioning"),
		})
	skip, bucket := c.withVersions()
	versions := c.put(versionsKey)
	gone := c.put(goneKey)
	versions.arguments["bucket"], gone.arguments["bucket"] = bucket, bucket
	keep := func(name string) func(signed, answer) {
		return func(_ signed, a answer) { c.ids[name] = a.header.Get("x-oss-version-id") }
	}
	return append(rows,
		row{
			statement: "upload", did: "PUT of a first version", skip: skip, block: versions, body: "first", then: keep("first"),
		},
		row{
			statement: "upload", did: "PUT of a second version", skip: skip, block: versions, body: "second",
			then: keep("second"),
		},
		row{
			statement: "upload", did: "PUT of an object with versions to delete", skip: skip, block: gone, body: hello,
			then: keep("gone"),
		},
		row{
			statement: "delete", did: "DELETE of an object with versions", skip: skip,
			block: c.get(goneKey, map[string]any{"bucket": bucket, "method": http.MethodDelete}), then: keep("marker"),
		})
}

// withVersions returns a bucket with versioning, or why there is none.
func (c *check) withVersions() (skip, bucket string) {
	switch {
	case c.config.versionedBucket != "" && c.via == "":
		return "", c.config.versionedBucket
	case c.versioned:
		return "", c.config.bucket
	case c.config.versionedBucket != "":
		return "the custom domain leads to the other bucket", c.config.bucket
	}
	return "ALIOSS_LIVE_VERSIONED_BUCKET is not set", c.config.bucket
}

func reasonIf(condition bool, reason string) string {
	if condition {
		return reason
	}
	return ""
}

// ifSilent returns the reason if this machine cannot reach the host, or "".
func ifSilent(a answer) string {
	return reasonIf(a.silence != "", a.silence)
}

// ifAllowed returns a reason if the policy of CONTRIBUTING.md does not restrict the signer, or "".
func ifAllowed(a answer) string {
	return reasonIf(a.silence == "" && a.status < 400,
		"the signer may read it; the policy in CONTRIBUTING.md forbids that")
}

// links are the downloads and the refusals.
func (c *check) links() []row {
	return slices.Concat(c.downloads(), c.hosts(), c.changed(), c.elsewhere(), c.versions(), c.deletions())
}

func (c *check) downloads() []row {
	hard := c.hardKeys()
	keys := make([]string, len(hard))
	for i, k := range hard {
		keys[i] = k.key
	}
	all := c.many(map[string]any{"keys": keys})
	rows := []row{{statement: "download", did: "GET with a GET link", block: c.get(helloKey), want: is(hello)}}
	for _, k := range hard {
		rows = append(rows, row{
			statement: "hard-key", did: "GET of a key with " + k.what + ", one of many", block: all, key: k.key,
			want: func(a answer) string {
				if a.header.Get("Content-Type") != "text/x-live-check" {
					return "the content-type is not the uploaded one"
				}
				return is("of " + k.key)(a)
			},
		})
	}
	archived := reasonIf(c.ids["archived"] == "", "the bucket takes no objects of the class Archive")
	return append(rows,
		row{
			statement: "head", did: "HEAD with a HEAD link", block: c.get(helloKey, map[string]any{"method": "HEAD"}),
			want: has("Content-Length", fmt.Sprint(len(hello))),
		},
		row{
			statement: "range", did: "GET with a Range of three bytes", block: c.get(helloKey), want: is(hello[4:7]),
			send: func(q *request) { q.header.Set("Range", "bytes=4-6") },
		},
		row{
			statement: "filename", did: "GET of a link with filename",
			block: c.get(helloKey, map[string]any{"filename": "报告 1.txt"}),
			want: func(a answer) string {
				return reasonIf(!strings.Contains(a.header.Get("Content-Disposition"),
					"filename*=UTF-8''%E6%8A%A5%E5%91%8A%201.txt"),
					"the header Content-Disposition is another, or missing")
			},
		},
		row{
			statement: "response-header", did: "GET of a link with response_headers: cache-control",
			block: c.get(helloKey, map[string]any{"response_headers": map[string]string{"cache-control": "private, no-store"}}),
			want:  has("Cache-Control", "private, no-store"),
		},
		row{
			statement: "response-content-type", did: "GET of a link with response_headers: content-type",
			block: c.get(helloKey, map[string]any{"response_headers": map[string]string{"content-type": "text/plain"}}),
		},
		row{
			statement: "process", did: "GET of a link with process: image/info",
			block: c.get(pictureKey, map[string]any{"process": "image/info"}), standin: "it returns the picture unprocessed",
			want: func(a answer) string {
				return reasonIf(!strings.Contains(a.body, "ImageWidth"), "what came is not about the picture")
			},
		},
		row{
			statement: "traffic-limit", did: "GET of a link with traffic_limit", want: is(hello),
			block: c.get(helloKey, map[string]any{"traffic_limit": 819_200}),
		},
		row{
			statement: "request-payer", did: "GET of a link with request_payer", want: is(hello),
			block: c.get(helloKey, map[string]any{"request_payer": true}),
		},
		row{
			statement: "signed-header", did: "GET with a signed header of the link's own", want: is(hello),
			block: c.get(helloKey, map[string]any{"headers": map[string]string{"x-live-check": "1"}}),
		},
		row{statement: "archived", did: "GET of an archived object", block: c.get(archivedKey), skip: archived},
		row{
			statement: "archived-head", did: "HEAD of an archived object",
			block: c.get(archivedKey, map[string]any{"method": "HEAD"}),
			skip:  archived, want: has("x-oss-storage-class", "Archive"),
		},
		row{statement: "no-such-key", did: "GET of a key that was never written", block: c.get(missingKey)},
		row{
			statement: "ram-policy", did: "GET of an object that a RAM policy denies", block: c.get(forbiddenKey),
			inconclusive: ifAllowed,
		},
	)
}

// hosts are the other hosts of the bucket.
func (c *check) hosts() []row {
	host := func(t endpoint.Type) map[string]any { return map[string]any{"endpoint_type": string(t)} }
	accelerated := func(a answer) string {
		return reasonIf(a.silence == "" && a.status >= 400, "refused; is transfer acceleration enabled for the bucket?")
	}
	public := []string{"public-endpoint"}
	bound := c.get(helloKey, map[string]any{"bind_host": true})
	free := c.get(helloKey)
	other, noOther := c.otherHost()
	noDomain := reasonIf(c.config.domain == "", "ALIOSS_LIVE_DOMAIN is not set")
	forced := func(a answer) string {
		return reasonIf(a.header.Get("x-oss-force-download") != "true", "the header x-oss-force-download is missing")
	}
	return []row{
		{statement: "bind-host", did: "GET of a link with bind_host", block: bound, want: is(hello)},
		{
			statement: "wrong-host", did: "GET of a link with bind_host on another host of the bucket", block: bound,
			skip: noOther,
			send: func(q *request) { q.moveTo(other) },
		},
		{
			statement: "other-host", or: public, did: "GET of a link without bind_host on another host of the bucket",
			block: free, skip: noOther,
			send: func(q *request) { q.moveTo(other) }, want: is(hello), inconclusive: ifSilent,
		},
		{
			statement: "public", or: public, did: "GET on the public endpoint", block: c.get(helloKey, host(endpoint.Public)),
			want:         is(hello),
			inconclusive: ifSilent,
		},
		{
			statement: "internal", did: "GET on the internal endpoint", block: c.get(helloKey, host(endpoint.Internal)),
			want: is(hello), inconclusive: ifSilent,
		},
		{
			statement: "accelerate", did: "GET on the acceleration endpoint", block: c.get(helloKey, host(endpoint.Accelerate)),
			want:         is(hello),
			inconclusive: both(ifSilent, accelerated),
		},
		{
			statement: "dual-stack", or: public, did: "GET on the dual-stack endpoint",
			block: c.get(helloKey, host(endpoint.DualStack)),
			want:  is(hello), inconclusive: ifSilent, skip: c.unresolved(endpoint.DualStack),
		},
		{
			statement: "custom-domain", did: "GET on a custom domain", skip: noDomain, want: is(hello),
			block: c.get(helloKey, map[string]any{"domain": c.config.domain}),
		},
		{
			statement: "forced-download", or: public, did: "GET of an HTML page on the public endpoint",
			block: c.get(pageKey, host(endpoint.Public)), soft: true, want: forced, inconclusive: ifSilent,
		},
		{
			statement: "forced-download-inline", or: public,
			did: "GET of an HTML page on the public endpoint, with content-disposition: inline",
			block: c.get(pageKey, host(endpoint.Public), map[string]any{
				"response_headers": map[string]string{"content-disposition": "inline"},
			}),
			soft: true, want: forced, inconclusive: ifSilent,
		},
		{
			statement: "apk", or: public, did: "GET of an .apk file on the public endpoint",
			block: c.get(appKey, host(endpoint.Public)),
		},
	}
}

func both(first, second func(answer) string) func(answer) string {
	return func(a answer) string {
		if reason := first(a); reason != "" {
			return reason
		}
		return second(a)
	}
}

// unresolved returns the reason why the region has no such host, or "".
func (c *check) unresolved(t endpoint.Type) string {
	_, err := endpoint.Resolve(endpoint.Input{Bucket: c.config.bucket, Region: c.config.region, Type: t})
	return reasonIf(err != nil, "the region has no such host")
}

// otherHost returns a host of the bucket that is not that of the links, or why there is none.
func (c *check) otherHost() (host, skip string) {
	for _, in := range []endpoint.Input{{Domain: c.config.domain}, {Type: endpoint.DualStack}, {Type: endpoint.Public}} {
		if in == (endpoint.Input{}) {
			continue
		}
		in.Bucket, in.Region = c.config.bucket, c.config.region
		if target, err := endpoint.Resolve(in); err == nil && target.Host != c.host && (in.Domain != "" || in.Type != "") {
			return target.Host, ""
		}
	}
	return "", "the bucket has no other host"
}

// changed are requests that differ from what was signed.
func (c *check) changed() []row {
	hi := c.get(helloKey)
	extra := c.get(helloKey, map[string]any{"headers": map[string]string{"x-live-check": "1"}})
	return []row{
		{
			statement: "wrong-method", did: "HEAD with a GET link", block: hi,
			send: func(q *request) { q.method = http.MethodHead },
		},
		{
			statement: "head-to-get", did: "GET with a HEAD link", block: c.get(helloKey, map[string]any{"method": "HEAD"}),
			send: func(q *request) { q.method = http.MethodGet },
		},
		{
			statement: "changed-parameter", did: "GET with a parameter added to the link", block: hi,
			send: func(q *request) { q.url += "&x-oss-traffic-limit=819200" },
		},
		{
			statement: "signature-mismatch", did: "GET with a longer lifetime written into the link", block: hi,
			send: func(q *request) { q.set("x-oss-expires", "86400") },
		},
		{
			statement: "signature-mismatch", did: "GET of another key with the link's query", block: hi,
			send: func(q *request) { q.url = strings.Replace(q.url, "hello", "hallo", 1) },
		},
		{
			statement: "cut-query", did: "GET with a link that a shell cut at &", block: hi,
			send: func(q *request) { q.url, _, _ = strings.Cut(q.url, "&") },
		},
		{
			statement: "acl", did: "GET without the query", block: hi,
			send: func(q *request) { q.url, _, _ = strings.Cut(q.url, "?") },
		},
		{
			statement: "duplicate-authorization", did: "GET with a link and an Authorization header", block: hi,
			send: func(q *request) { q.header.Set("Authorization", "OSS LTAI5tNoSuchKeyLiveCheck:bm8gc2lnbmF0dXJl") },
		},
		{
			statement: "extra-header", did: "GET with a content-type that was not signed", block: hi,
			send: func(q *request) { q.header.Set("Content-Type", "text/plain") },
		},
		{
			statement: "missing-additional-header", did: "GET without a header of its own that was signed", block: extra,
			send: func(q *request) { q.header.Del("x-live-check") },
		},
		{statement: "unknown-key", did: "GET with a link that an unknown key signed", block: func() *block {
			b := c.get(helloKey)
			b.provider = unknownKey
			return b
		}()},
		{
			statement: "clock-tolerance", did: "GET with a link that was signed 10 minutes in the future", want: is(hello),
			block: c.get(helloKey, map[string]any{"signing_time": c.in(10 * time.Minute)}),
		},
		{
			statement: "too-early", did: "GET with a link that was signed 20 minutes in the future",
			block: c.get(helloKey, map[string]any{"signing_time": c.in(20 * time.Minute)}),
		},
	}
}

// in is an instant by the service's clock, in RFC 3339.
func (c *check) in(d time.Duration) string {
	return c.now().Add(c.skew + d).UTC().Truncate(time.Second).Format(time.RFC3339)
}

// elsewhere are links to a wrong region, bucket or style.
func (c *check) elsewhere() []row {
	region := "cn-shanghai"
	if c.config.region == region {
		region = "cn-hangzhou"
	}
	away := c.get(helloKey, map[string]any{"region": region, "endpoint_type": string(endpoint.Public)})
	nowhere := strings.Trim(strings.ReplaceAll(c.base, "/", "-"), "-")
	hi := c.get(helloKey)
	service, isVirtual := strings.CutPrefix(c.host, c.config.bucket+".")
	return []row{
		{statement: "wrong-endpoint", did: "GET on the host of another region, signed for that region", block: away},
		{
			statement: "wrong-region", did: "GET on the right host, signed for another region", block: away,
			send: func(q *request) { q.moveTo(c.host) },
		},
		{
			statement: "no-such-bucket", did: "GET from a bucket that does not exist",
			block: c.get(helloKey, map[string]any{"bucket": nowhere, "endpoint_type": string(endpoint.Public)}),
		},
		{
			statement: "path-style", did: "GET with the bucket in the path", block: hi,
			skip: reasonIf(!isVirtual, "the links' host has no bucket in it"),
			send: func(q *request) {
				q.url = strings.Replace(q.url, c.host+"/", service+"/"+c.config.bucket+"/", 1)
			},
		},
		{
			statement: "unversioned", did: "GET of a version in a bucket without versioning",
			skip:  reasonIf(c.versioned, "the bucket has versioning"),
			block: c.get(helloKey, version("CAEQEhiBgIDmgPf8mxgiIDA1YjZlNDIxY2ZmMzQ1MmU5MTM1Y2M4Yzk4NjIx")),
		},
	}
}

// versions are links to versions.
func (c *check) versions() []row {
	skip, bucket := c.withVersions()
	if skip == "" && (c.ids["first"] == "" || c.ids["gone"] == "") {
		skip = "the uploads returned no version ID"
	}
	in := map[string]any{"bucket": bucket}
	marked := has("x-oss-delete-marker", "true")
	return []row{
		{
			statement: "version", did: "GET of a link with the first version", skip: skip, want: is("first"),
			block: c.get(versionsKey, in, version(c.ids["first"])),
		},
		{
			statement: "no-such-version", did: "GET of a version of another object", skip: skip,
			block: c.get(versionsKey, in, version(c.ids["gone"])),
		},
		{
			statement: "delete-marker-current", did: "GET of an object whose current version is a delete marker", skip: skip,
			want: marked, block: c.get(goneKey, in),
		},
		{
			statement: "delete-marker-version", did: "GET of a delete marker by its version", skip: skip, want: marked,
			block: c.get(goneKey, in, version(c.ids["marker"])),
		},
	}
}

// deletions delete an object.
func (c *check) deletions() []row {
	after := "no-such-key"
	if c.versioned {
		after = "delete-marker-current"
	}
	return []row{
		{
			statement: "delete", did: "DELETE with a DELETE link",
			block: c.get(deletedKey, map[string]any{"method": http.MethodDelete}),
		},
		{statement: after, did: "GET of the object that was deleted", block: c.get(deletedKey)},
	}
}

// verified are rows in which the provider itself sends the request.
func (c *check) verified() []row {
	verify := map[string]any{"verify": true}
	skip, bucket := c.withVersions()
	pinned := c.get(versionsKey, map[string]any{"bucket": bucket, "pin_version": true})
	third := c.put(versionsKey)
	third.arguments["bucket"] = bucket
	found := func(size int, version string) func(signed) answer {
		return func(s signed) answer {
			switch {
			case s.refused != nil:
				return readDiagnostic(*s.refused)
			case s.Object == nil || s.Object.Size != int64(size) || version != "" && s.Object.VersionID != version:
				return answer{title: "another object"}
			}
			return answer{status: http.StatusOK}
		}
	}
	listed := func(s signed) answer {
		if s.refused != nil {
			return readDiagnostic(*s.refused)
		}
		for _, k := range c.hardKeys() {
			if s.URLs[k.key] == "" {
				return answer{title: "a key with " + k.what + " is missing"}
			}
		}
		return answer{status: http.StatusOK}
	}
	all := c.many(map[string]any{"prefix": c.base})
	public := []string{"public-endpoint"}
	return []row{
		{
			statement: "verify", did: "verify of an object", block: c.get(helloKey, verify), fromProvider: found(len(hello), ""),
		},
		{
			statement: "verify-missing", did: "verify of a key that was never written", block: c.get(missingKey, verify),
			fromProvider: found(0, ""),
		},
		{
			statement: "verify-denied", did: "verify of an object that a RAM policy denies", block: c.get(forbiddenKey, verify),
			fromProvider: found(len(hello), ""), inconclusive: ifAllowed,
		},
		{statement: "prefix", or: public, did: "prefix lists the hard keys", block: all, fromProvider: listed},
		{
			statement: "download", or: public, did: "GET of a link that prefix found", block: all, key: c.base + helloKey,
			want: is(hello),
		},
		{
			statement: "pin-version", did: "pin_version finds the current version", skip: skip, block: pinned,
			fromProvider: found(len("second"), c.ids["second"]),
		},
		{statement: "upload", did: "PUT of a third version", skip: skip, block: third, body: "third"},
		{
			statement: "pin-version", did: "GET of the pinned link after the upload", skip: skip, block: pinned,
			want: is("second"),
		},
	}
}

// sessions are links that temporary credentials sign.
func (c *check) sessions() []row {
	skip := reasonIf(c.config.roleARN == "", "ALIOSS_LIVE_ROLE_ARN is not set")
	by := func(alias string) *block {
		b := c.get(helloKey)
		b.provider = alias
		return b
	}
	a, b := by(sessionA), by(sessionB)
	keep := func(s signed, _ answer) { c.tokens = append(c.tokens, parameter(s.URL, "x-oss-security-token")) }
	return []row{
		{
			statement: "temporary", did: "GET with a link that a session of a role signed", skip: skip, block: a,
			want: is(hello), then: keep,
		},
		{
			statement: "temporary", did: "GET with a link that another session of the role signed", skip: skip, block: b,
			want: is(hello), then: keep,
		},
		{
			statement: "token-missing", did: "GET with a session's link without its token", skip: skip, block: a,
			send: func(q *request) { q.cut("x-oss-security-token") },
		},
		{
			statement: "token-mismatch", did: "GET with a session's link and another session's token", skip: skip, block: a,
			send: func(q *request) { q.set("x-oss-security-token", c.tokens[1]) },
		},
		{
			statement: "token-invalid", did: "GET with a session's link and an invented token", skip: skip, block: a,
			send: func(q *request) { q.set("x-oss-security-token", "CAISnotatoken") },
		},
	}
}

// expiry comes last, since it moves the stand-in's clock.
func (c *check) expiry() []row {
	return []row{{
		statement: "expired", did: "GET with a link of 2 seconds that has expired", expired: true,
		block: c.get(helloKey, map[string]any{"expiry": "2s"}),
	}}
}
