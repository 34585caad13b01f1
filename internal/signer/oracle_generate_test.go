package signer

import (
	"math/rand/v2"
	"net/url"
	"strings"
	"time"
)

// oracleCase is an input that both readings of the specification sign.
type oracleCase struct {
	request           Request
	id, secret, token string
	at                time.Time
}

// The pieces that generated texts are made of, beside random bytes. Each alone has broken a signer
// somewhere.
var oraclePieces = []string{
	"a", "b", "Z", "0", "9", "-", "_", ".", "~", "/", "//", "/", " ", "  ", "+", "%", "%2F", "%20", "%zz", "*", "!", "'",
	"(", ")", "&", "=",
	"?", "#", ";", ":", "@", ",", "$", "\\", "\"", "`", "|", "<", ">", "[", "]", "{", "}", "^", "${a}", "\t", "\n", "\r",
	"\x00", "\x7f",
	"目录", "文件", "ファイル", "파일", "файл", "ملف", "קובץ", "ไฟล์", "é", "e\u0301", "ß", "ſ", "\u212a", "🚀", "👩\u200d💻", "\ufeff",
	"\u2028",
	"\xff", "\xc3", "\xed\xa0\x80", "agent-1.4.2.tar.gz", "../", "./", "null", "x-oss-signature", "http://",
}

var (
	oracleRegions = []string{
		"cn-hangzhou", "cn-beijing", "cn-shanghai", "cn-shenzhen", "cn-hongkong", "ap-southeast-1", "eu-central-1",
		"us-west-1",
		"me-east-1", "cn-hangzhou-finance", "cn-north-2-gov-1", "cb-123", "x",
	}
	oracleParameters = []string{
		"versionId", "response-cache-control", "response-content-disposition", "response-content-encoding",
		"response-content-language",
		"response-content-type", "response-expires", "x-oss-process", "x-oss-traffic-limit", "x-oss-request-payer",
		"x-oss-ac-source-ip",
		"x-oss-ac-subnet-mask", "x-oss-ac-vpc-id", "callback", "callback-var", "uploads", "uploadId", "partNumber", "acl",
		"security-token",
		"X-Oss-Process", "x-oss-s", "x-oss-signatur", "x-oss-t", "~", "|", "a", "A", "10", "9",
	}
	oracleHeaders = []string{
		"Content-Type", "content-md5", "x-oss-meta-a", "X-Oss-Meta-B", "x-oss-object-acl", "X-OSS-Storage-Class",
		"x-oss-content-sha256",
		"Abc", "zabc", "Range", "If-None-Match", "Content-Disposition", "content-length", "X-Custom-1", "x.custom!2", "Date",
	}
)

func pick(rnd *rand.Rand, from []string) string { return from[rnd.IntN(len(from))] }

// chance is true once in n times.
func chance(rnd *rand.Rand, n int) bool { return rnd.IntN(n) == 0 }

// randomText is at least one and at most most bytes: pieces, and in some texts bytes of every kind.
func randomText(rnd *rand.Rand, most int) string {
	length := 1 + rnd.IntN(most)
	var b []byte
	for len(b) < length {
		if chance(rnd, 8) {
			b = append(b, byte(rnd.Uint32()))
		} else {
			b = append(b, pick(rnd, oraclePieces)...)
		}
	}
	return string(b[:length])
}

// label is 3 to 63 lower-case letters, digits and hyphens, as the names of buckets are.
func label(rnd *rand.Rand) string {
	const ends, letters = "abcdefghijklmnopqrstuvwxyz0123456789", "abcdefghijklmnopqrstuvwxyz0123456789-"
	b := make([]byte, 3+rnd.IntN(61))
	for i := range b {
		b[i] = letters[rnd.IntN(len(letters))]
	}
	b[0], b[len(b)-1] = ends[rnd.IntN(len(ends))], ends[rnd.IntN(len(ends))]
	return string(b)
}

// headerValue is printable ASCII, spaces and tabs, also at its ends.
func headerValue(rnd *rand.Rand) string {
	b := make([]byte, 1+rnd.IntN(24))
	for i := range b {
		b[i] = byte(' ' + rnd.IntN(0x7f-' '))
		if chance(rnd, 10) {
			b[i] = '\t'
		}
	}
	b[rnd.IntN(len(b))] = 'v' // not blank
	return string(b)
}

// generate makes a case without instant.
func generate(rnd *rand.Rand) oracleCase {
	c := oracleCase{id: "LTAI5t" + label(rnd), secret: randomText(rnd, 40)}
	if chance(rnd, 20) {
		c.id, c.secret = randomText(rnd, 20), randomText(rnd, 200) // also longer than a block of SHA-256
	}
	if chance(rnd, 3) {
		c.id, c.token = "STS."+c.id, randomText(rnd, 600)
	}
	r := &c.request
	r.Method = pick(rnd, []string{"GET", "GET", "GET", "GET", "HEAD", "PUT", "DELETE", "POST"})
	r.Scheme = pick(rnd, []string{"https", "https", "http"})
	r.Bucket, r.Region = label(rnd), pick(rnd, oracleRegions)
	if chance(rnd, 10) {
		r.Region = label(rnd)
	}
	r.Product = pick(rnd, []string{"", defaultProduct, defaultProduct, productCloudBox})
	switch rnd.IntN(6) {
	case 0:
		r.Host = "downloads.example.com:8443"
	case 1:
		r.Host, r.PathStyle = "192.0.2.1", true
	case 2:
		r.Host, r.PathStyle = "[2001:db8::1]:9000", true
	default:
		r.Host = r.Bucket + ".oss-" + r.Region + ".aliyuncs.com"
	}
	r.Key = randomText(rnd, 60)
	if chance(rnd, 50) {
		r.Key = randomText(rnd, MaxKeyBytes)
	}
	r.Expires = 1 + rnd.Int64N(mostExpires)
	if chance(rnd, 20) {
		r.Expires = []int64{1, mostExpires}[rnd.IntN(2)]
	}
	if chance(rnd, 2) {
		r.Query = map[string]string{}
		for range rnd.IntN(8) {
			name := pick(rnd, oracleParameters)
			if chance(rnd, 3) {
				name = randomText(rnd, 12)
			}
			if !OwnsParameter(name) {
				r.Query[name] = ""
				if !chance(rnd, 5) {
					r.Query[name] = randomText(rnd, 40)
				}
			}
		}
	}
	if chance(rnd, 3) {
		generateHeaders(rnd, r)
	}
	if chance(rnd, 12) {
		r.Method, r.OnBucket, r.Key = "GET", true, ""
		r.Query = map[string]string{
			"list-type": "2", "max-keys": "1000", "encoding-type": "url", "prefix": randomText(rnd, 40),
		}
		if chance(rnd, 2) {
			r.Query["continuation-token"] = randomText(rnd, 80)
		}
	}
	r.SignHost = chance(rnd, 10)
	return c
}

func generateHeaders(rnd *rand.Rand, r *Request) {
	r.Headers = map[string]string{}
	for range rnd.IntN(6) {
		name := pick(rnd, oracleHeaders)
		r.Headers[name] = headerValue(rnd)
		if name == "x-oss-content-sha256" {
			r.Headers[name] = unsignedPayload
		}
	}
}

// netEscape encodes by net/url what the specification encodes in a query: an encoder that shares
// nothing with ours.
func netEscape(s string) string { return strings.ReplaceAll(url.QueryEscape(s), "+", "%20") }

// netEscapePath encodes by net/url what the specification encodes in a path.
func netEscapePath(s string) string { return strings.ReplaceAll(netEscape(s), "%2F", "/") }
