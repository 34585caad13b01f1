package osstest_test

import (
	"encoding/base64"
	"encoding/xml"
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/alioss/terraform-provider-alioss/internal/osstest"
)

// The outcome table of oss-domain §3.2, as far as it concerns the signature, the key and the
// bucket: over the wire, by GET and by HEAD.
func TestOutcomes(t *testing.T) {
	const token = "CAIS/token+=="
	long := strings.Repeat("k", 1024)
	tests := []struct {
		name   string
		link   func(*link)
		server func(*fixture)
		now    time.Duration // after signing
		status int
		code   string
		ec     string
	}{
		{name: "accepted", status: 200},
		{name: "accepted as it is signed", now: 0, status: 200},
		{name: "15 minutes early", now: -15 * time.Minute, status: 200},
		{
			name: "more than 15 minutes early", now: -15*time.Minute - 2*time.Second, status: 403, code: "AccessDenied",
			ec: "0002-00000235",
		},
		{name: "at the end", now: time.Hour, status: 200},
		{name: "a nanosecond after the end", now: time.Hour + 1, status: 403, code: "AccessDenied", ec: "0002-00000236"},
		{name: "seven days", link: func(l *link) { l.expires = "604800" }, now: 7 * 24 * time.Hour, status: 200},
		{
			name: "over seven days", link: func(l *link) { l.expires = "604801" }, status: 400, code: "InvalidArgument",
			ec: "0002-00000232",
		},
		{
			name: "no seconds", link: func(l *link) { l.expires = "0" }, status: 400, code: "InvalidArgument",
			ec: "0002-00000232",
		},
		{
			name: "negative expiry", link: func(l *link) { l.expires = "-5" }, status: 400, code: "InvalidArgument",
			ec: "0002-00000232",
		},
		{
			name: "expiry with a leading zero", link: func(l *link) { l.expires = "060" }, status: 400, code: "InvalidArgument",
			ec: "0002-00000232",
		},
		{
			name: "expiry no number", link: func(l *link) { l.expires = "1h" }, status: 400, code: "InvalidArgument",
			ec: "0002-00000232",
		},
		{
			name: "expiry too large for an integer", link: func(l *link) { l.expires = "99999999999999999999" }, status: 400,
			code: "InvalidArgument", ec: "0002-00000232",
		},
		{
			name: "expiry empty", link: func(l *link) { l.expires = "" }, status: 400, code: "InvalidArgument",
			ec: "0002-00000216",
		},
		{
			name: "expiry missing", link: func(l *link) { l.expires = "-" }, status: 400, code: "InvalidArgument",
			ec: "0002-00000215",
		},
		{
			name: "version missing", link: func(l *link) { l.query["x-oss-signature-version"] = "-" }, status: 400,
			code: "InvalidArgument", ec: "0002-00000066",
		},
		{
			name: "version unknown", link: func(l *link) { l.query["x-oss-signature-version"] = "OSS5" }, status: 400,
			code: "InvalidArgument", ec: "0002-00000066",
		},
		{name: "date missing", link: func(l *link) { l.query["x-oss-date"] = "-" }, status: 400, code: "InvalidArgument"},
		{
			name: "date with a fraction", link: func(l *link) { l.query["x-oss-date"] = "20260228T235930.5Z" }, status: 400,
			code: "InvalidArgument",
		},
		{
			name: "date in another form", link: func(l *link) { l.query["x-oss-date"] = "2026-02-28T23:59:30Z" }, status: 400,
			code: "InvalidArgument",
		},
		{
			name: "day of the credential differs", link: func(l *link) { l.day = "20260301" }, status: 400,
			code: "InvalidArgument", ec: "0002-00000223",
		},
		{
			name: "day of the credential malformed", link: func(l *link) { l.day = "2026-02-28" }, status: 400,
			code: "InvalidArgument", ec: "0002-00000223",
		},
		{
			name: "credential missing", link: func(l *link) { l.query["x-oss-credential"] = "-" }, status: 400,
			code: "InvalidArgument", ec: "0002-00000217",
		},
		{
			name: "credential too short", link: func(l *link) {
				l.query["x-oss-credential"] = keyID + "/20260228/cn-hangzhou/oss"
			}, status: 400, code: "InvalidArgument", ec: "0002-00000224",
		},
		{
			name: "credential with another end", link: func(l *link) {
				l.query["x-oss-credential"] = keyID + "/20260228/cn-hangzhou/oss/aws4_request"
			}, status: 400, code: "InvalidArgument", ec: "0002-00000224",
		},
		{
			name: "region empty", link: func(l *link) { l.region = "" }, status: 400, code: "InvalidArgument",
			ec: "0002-00000224",
		},
		{
			name: "access key empty", link: func(l *link) { l.id = "" }, status: 400, code: "InvalidArgument",
			ec: "0002-00000222",
		},
		{
			name: "access key with a line break", link: func(l *link) { l.id = "\rAKID" }, status: 400, code: "InvalidArgument",
			ec: "0002-00000222",
		},
		{
			name: "region of another place", link: func(l *link) { l.region = "cn-shanghai" }, status: 400,
			code: "InvalidArgument", ec: "0002-00000226",
		},
		{
			name: "region with oss-", link: func(l *link) { l.region = "oss-cn-hangzhou" }, status: 400, code: "InvalidArgument",
			ec: "0002-00000226",
		},
		{
			name: "region with -internal", link: func(l *link) { l.region = "cn-hangzhou-internal" }, status: 400,
			code: "InvalidArgument", ec: "0002-00000226",
		},
		{
			name: "product of another service", link: func(l *link) { l.product = "s3" }, status: 400, code: "InvalidArgument",
			ec: "0002-00000227",
		},
		{
			name: "additional headers empty", link: func(l *link) { l.query["x-oss-additional-headers"] = "" }, status: 400,
			code: "InvalidArgument", ec: "0002-00000076",
		},
		{
			name: "additional header with _", link: func(l *link) { l.query["x-oss-additional-headers"] = "a_b" }, status: 400,
			code: "InvalidArgument", ec: "0002-00000077",
		},
		{
			name: "additional header missing", link: func(l *link) { l.query["x-oss-additional-headers"] = "abc" }, status: 400,
			code: "InvalidArgument", ec: "0002-00000078",
		},
		{
			name: "additional headers not sorted", link: func(l *link) {
				l.query["x-oss-additional-headers"] = "user-agent;host"
			}, status: 400, code: "InvalidArgument",
		},
		{
			name: "additional header in upper case", link: func(l *link) { l.query["x-oss-additional-headers"] = "Host" },
			status: 400, code: "InvalidArgument",
		},
		{
			name: "additional header signed anyway",
			link: func(l *link) { l.query["x-oss-additional-headers"] = "content-type" }, status: 400, code: "InvalidArgument",
		},
		{name: "host signed", link: func(l *link) { l.additional = []string{"host"} }, status: 200},
		{
			name: "additional header signed", link: func(l *link) {
				l.additional = []string{"abc", "host"}
				l.headers["abc"] = " v "
			}, status: 200,
		},
		{
			name: "content-sha256 as it must be", link: func(l *link) { l.headers["x-oss-content-sha256"] = "UNSIGNED-PAYLOAD" },
			status: 200,
		},
		{
			name: "content-sha256 of a body", link: func(l *link) { l.headers["x-oss-content-sha256"] = "e3b0" }, status: 400,
			code: "InvalidArgument", ec: "0002-00000214",
		},

		{
			name: "another secret", link: func(l *link) { l.secret = "other" }, status: 403, code: "SignatureDoesNotMatch",
			ec: "0002-00000201",
		},
		{
			name: "another bucket signed", link: func(l *link) { l.bucket = "otherbucket" }, status: 403,
			code: "SignatureDoesNotMatch", ec: "0002-00000201",
		},
		{
			name: "another key signed", link: func(l *link) { l.path = "/dir/other" }, status: 403,
			code: "SignatureDoesNotMatch", ec: "0002-00000201",
		},
		{
			name: "unknown access key", link: func(l *link) { l.id = "AKIDother" }, status: 403, code: "InvalidAccessKeyId",
			ec: "0002-00000902",
		},
		{name: "disabled access key", server: func(f *fixture) {
			f.SetCredential(osstest.Credential{AccessKeyID: keyID, AccessKeySecret: secret, Disabled: true})
		}, status: 403, code: "InvalidAccessKeyId", ec: "0002-00000902"},
		{
			name: "deleted access key", server: func(f *fixture) { f.DeleteCredential(keyID) }, status: 403,
			code: "InvalidAccessKeyId", ec: "0002-00000902",
		},
		{name: "denied by RAM policy", server: func(f *fixture) {
			f.SetCredential(osstest.Credential{AccessKeyID: keyID, AccessKeySecret: secret, Denied: true})
		}, status: 403, code: "AccessDenied", ec: "0003-00000201"},

		{
			name: "with its token", link: func(l *link) { l.query["x-oss-security-token"] = token },
			server: temporary(token, time.Hour), status: 200,
		},
		{
			name: "token missing", server: temporary(token, time.Hour), status: 403, code: "InvalidAccessKeyId",
			ec: "0002-00000902",
		},
		{
			name: "token wrong", link: func(l *link) { l.query["x-oss-security-token"] = "x" },
			server: temporary(token, time.Hour), status: 403, code: "InvalidSecurityToken", ec: "0002-00000006",
		},
		{
			name: "token empty", link: func(l *link) { l.query["x-oss-security-token"] = "" },
			server: temporary(token, time.Hour), status: 403, code: "InvalidSecurityToken", ec: "0002-00000006",
		},
		{name: "token of another key", link: func(l *link) {
			l.query["x-oss-security-token"] = "x"
		}, server: func(f *fixture) {
			temporary(token, time.Hour)(f)
			f.SetCredential(osstest.Credential{AccessKeyID: "STS.other", AccessKeySecret: "s", SecurityToken: "x"})
		}, status: 403, code: "AccessKeyIdAndSecurityTokenNotMatch", ec: "0002-00000004"},
		{
			name: "token before its end", link: func(l *link) { l.query["x-oss-security-token"] = token },
			server: temporary(token, 10*time.Minute), now: 10*time.Minute - 1, status: 200,
		},
		{
			name: "token at its end", link: func(l *link) {
				l.query["x-oss-security-token"] = token
			}, server: temporary(token, 10*time.Minute), now: 10 * time.Minute, status: 403, code: "SecurityTokenExpired",
			ec: "0002-00000007",
		},
		{
			name: "token with a long-lived key", link: func(l *link) { l.query["x-oss-security-token"] = token }, status: 403,
			code: "InvalidAccessKeyId", ec: "0002-00000002",
		},

		{name: "no such bucket", link: func(l *link) {
			l.bucket, l.host = "otherbucket", "otherbucket.oss-cn-hangzhou.aliyuncs.com"
		}, status: 404, code: "NoSuchBucket", ec: "0015-00000101"},
		{
			name: "bad bucket name", link: func(l *link) { l.bucket, l.host = "a", "a.oss-cn-hangzhou.aliyuncs.com" },
			status: 400, code: "InvalidBucketName", ec: "0015-00000001",
		},
		{name: "host of another region", link: func(l *link) {
			l.host, l.region = "examplebucket.oss-cn-shanghai.aliyuncs.com", "cn-shanghai"
		}, status: 403, code: "AccessDenied", ec: "0003-00001403"},
		{name: "no such key", link: func(l *link) { l.key = "other" }, status: 404, code: "NoSuchKey", ec: "0026-00000001"},
		{name: "key beginning with a slash", link: func(l *link) { l.key = "/x" }, status: 400, code: "InvalidObjectName"},
		{
			name: "key beginning with a backslash", link: func(l *link) { l.key = `\x` }, status: 400, code: "InvalidObjectName",
		},
		{name: "key of 1024 bytes", link: func(l *link) { l.key = long }, status: 400, code: "InvalidObjectName"},
		{name: "key no UTF-8", link: func(l *link) { l.key = "\xff" }, status: 400, code: "InvalidObjectName"},
		{name: "the bucket itself", link: func(l *link) { l.key, l.path = "", "/" }, status: 501, code: "NotImplemented"},
		{name: "a sub-resource", link: func(l *link) { l.query["acl"] = "" }, status: 501, code: "NotImplemented"},

		{
			name: "bucket policy", server: refusing(osstest.RefusedByPolicy), status: 403, code: "AccessDenied",
			ec: "0003-00000101",
		},
		{name: "bucket ACL", server: refusing(osstest.RefusedByACL), status: 403, code: "AccessDenied", ec: "0003-00000005"},
		{name: "referer list", server: refusing(osstest.RefusedByReferer), status: 403, code: "AccessDenied"},
		{
			name: "account disabled", server: refusing(osstest.RefusedDisabled), status: 403, code: "UserDisable",
			ec: "0003-00000801",
		},
		{name: "account in debt", server: refusing(osstest.RefusedInDebt), status: 403, code: "InDebt"},
		{name: "a refusal of the test's own", server: refusing("weather"), status: 403, code: "AccessDenied"},
		{name: "object ACL", server: func(f *fixture) {
			f.object("examplebucket", osstest.Object{Key: "dir/a b.txt", Denied: true})
		}, status: 403, code: "AccessDenied", ec: "0003-00000001"},
		{name: "public endpoint forbidden", server: func(f *fixture) {
			f.bucket(osstest.Bucket{Name: "examplebucket", PublicEndpointForbidden: true})
		}, status: 400, code: "PublicEndpointForbidden", ec: "0048-00000401"},
		{name: "public endpoint forbidden, internal host", link: func(l *link) {
			l.host = "examplebucket.oss-cn-hangzhou-internal.aliyuncs.com"
		}, server: func(f *fixture) {
			f.bucket(osstest.Bucket{Name: "examplebucket", PublicEndpointForbidden: true})
		}, status: 200},
		{name: "public endpoint forbidden, custom domain", link: func(l *link) {
			l.host = "downloads.example.com"
		}, server: func(f *fixture) {
			f.bucket(osstest.Bucket{
				Name: "examplebucket", PublicEndpointForbidden: true, Domains: []string{"downloads.example.com"},
			})
		}, status: 200},
		{
			name: "requester pays, unpaid", server: func(f *fixture) {
				f.bucket(osstest.Bucket{Name: "examplebucket", RequesterPays: true})
			}, status: 403, code: "AccessDenied",
		},
		{name: "requester pays", link: func(l *link) {
			l.query["x-oss-request-payer"] = "requester"
		}, server: func(f *fixture) {
			f.bucket(osstest.Bucket{Name: "examplebucket", RequesterPays: true})
		}, status: 200},
		{
			name: "request payer unknown", link: func(l *link) { l.query["x-oss-request-payer"] = "owner" }, status: 400,
			code: "InvalidArgument",
		},

		{name: "traffic limit", link: func(l *link) { l.query["x-oss-traffic-limit"] = "819200" }, status: 200},
		{
			name: "traffic limit at its most", link: func(l *link) { l.query["x-oss-traffic-limit"] = "838860800" }, status: 200,
		},
		{
			name: "traffic limit too low", link: func(l *link) { l.query["x-oss-traffic-limit"] = "819199" }, status: 400,
			code: "InvalidArgument", ec: "0004-00000502",
		},
		{
			name: "traffic limit too high", link: func(l *link) { l.query["x-oss-traffic-limit"] = "838860801" }, status: 400,
			code: "InvalidArgument", ec: "0004-00000502",
		},
		{
			name: "traffic limit no number", link: func(l *link) { l.query["x-oss-traffic-limit"] = "fast" }, status: 400,
			code: "InvalidArgument", ec: "0004-00000502",
		},
		{
			name: "traffic limit in a header", link: func(l *link) { l.headers["x-oss-traffic-limit"] = "1" }, status: 400,
			code: "InvalidArgument", ec: "0004-00000502",
		},
		{name: "traffic limit in header and query", link: func(l *link) {
			l.headers["x-oss-traffic-limit"], l.query["x-oss-traffic-limit"] = "819200", "819200"
		}, status: 400, code: "InvalidArgument", ec: "0004-00000501"},
		{name: "a parameter's name that begins another's", link: func(l *link) {
			l.query["a"], l.query["a-b"], l.query["a b"], l.query["a|"] = "1", "2", "3", ""
		}, status: 200},
		{
			name: "parameters of nobody", link: func(l *link) {
				l.query["x-oss-process"], l.query["who"] = "image/resize,w_10", "me & you"
			}, status: 200,
		},
	}
	for _, tt := range tests {
		for _, method := range []string{"GET", "HEAD"} {
			t.Run(tt.name+"/"+method, func(t *testing.T) {
				f := newFixture(t)
				if tt.server != nil {
					tt.server(f)
				}
				f.now.Set(signedAt.Add(tt.now))
				l := newLink(tt.link)
				l.method = method
				a := f.send(l, "")
				if method == "HEAD" {
					a = fromHeader(t, a)
				}
				a.want(t, tt.status, tt.code, tt.ec)
				if log := f.Requests(); len(log) != 1 || log[0].Status != tt.status || log[0].Code != tt.code ||
					log[0].EC != tt.ec {
					t.Errorf("log %+v", log)
				}
			})
		}
	}
}

// fromHeader reads a HEAD's error from x-oss-err.
func fromHeader(t *testing.T, a answer) answer {
	t.Helper()
	if len(a.body) > 0 {
		t.Errorf("HEAD answered with a body of %d bytes", len(a.body))
	}
	text := a.Header.Get("x-oss-err")
	if (text == "") != (a.StatusCode < 300) {
		t.Errorf("status %d with x-oss-err %q", a.StatusCode, text)
	}
	b, err := base64.StdEncoding.DecodeString(text)
	if err == nil && len(b) > 0 {
		err = xml.Unmarshal(b, &a.err)
	}
	if err != nil {
		t.Fatal(err)
	}
	return a
}

func temporary(token string, life time.Duration) func(*fixture) {
	return func(f *fixture) {
		f.SetCredential(osstest.Credential{
			AccessKeyID: keyID, AccessKeySecret: secret, SecurityToken: token, Expiration: signedAt.Add(life),
		})
	}
}

func refusing(r osstest.Refusal) func(*fixture) {
	return func(f *fixture) { f.bucket(osstest.Bucket{Name: "examplebucket", Refusal: r}) }
}

// What is signed and what is sent must be the same: headers that the recipient adds or leaves out,
// and the place of the signature.
func TestHeadersAndPlaceOfTheSignature(t *testing.T) {
	tests := []struct {
		name  string
		link  func(*link)
		extra []string
		code  string
		ec    string
	}{
		{
			name: "a header that is not signed", extra: []string{
				"User-Agent", "curl", "Accept", "*/*", "Range", "bytes=0-1",
				"If-Match", "*",
			},
		},
		{
			name: "content-type added", extra: []string{"Content-Type", "text/plain"}, code: "SignatureDoesNotMatch",
			ec: "0002-00000201",
		},
		{name: "content-md5 added", extra: []string{"Content-MD5", "x"}, code: "SignatureDoesNotMatch", ec: "0002-00000201"},
		{
			name: "x-oss- header added", extra: []string{"x-oss-meta-a", "b"}, code: "SignatureDoesNotMatch",
			ec: "0002-00000201",
		},
		{
			name: "content-type changed", link: func(l *link) { l.headers["content-type"] = "a/b" },
			extra: []string{"Content-Type", "a/c"}, code: "SignatureDoesNotMatch", ec: "0002-00000201",
		},
		{
			name: "additional header changed", link: func(l *link) { l.headers["abc"] = "1"; l.additional = []string{"abc"} },
			extra: []string{"abc", "2"}, code: "SignatureDoesNotMatch", ec: "0002-00000201",
		},
		{
			name: "Authorization beside the query", extra: []string{"Authorization", "OSS4-HMAC-SHA256 Credential=x"},
			code: "InvalidArgument", ec: "0002-00000039",
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			f := newFixture(t)
			a := f.send(newLink(tt.link), "", tt.extra...)
			if a.err.Code != tt.code || a.err.EC != tt.ec {
				t.Errorf("got %d %q %q", a.StatusCode, a.err.Code, a.err.EC)
			}
		})
	}

	f := newFixture(t)
	base := "https://examplebucket.oss-cn-hangzhou.aliyuncs.com/k"
	f.sendURL("GET", base, nil, "").want(t, 403, "AccessDenied", "0003-00000001")
	f.sendURL("GET", base, http.Header{"Authorization": {"OSS x:y"}}, "").want(t, 501, "NotImplemented", "")
	f.sendURL("GET", base+"?OSSAccessKeyId=a&Expires=1&Signature=b", nil, "").want(t, 501, "NotImplemented", "")
	f.sendURL("GET", strings.Split(newLink(nil).url(), "&x-oss-signature=")[0], nil, "").want(t, 400, "InvalidArgument",
		"0002-00000219")
	f.sendURL("GET", newLink(nil).url()+"&x=1&x=1", nil, "").want(t, 400, "InvalidArgument", "")
}

// bind_host: a URL whose host is signed is valid on that host only, port included. Without it, on
// every host of the bucket.
func TestSignedHost(t *testing.T) {
	f := newFixture(t)
	bound := newLink(func(l *link) { l.additional = []string{"host"} })
	free := newLink(nil)
	for _, host := range []string{
		"downloads.example.com", "examplebucket.oss-accelerate.aliyuncs.com",
		"examplebucket.oss-cn-hangzhou.aliyuncs.com:8443",
	} {
		f.sendURL("GET", strings.Replace(free.url(), free.host, host, 1), nil, "").want(t, 200, "", "")
		f.sendURL("GET", strings.Replace(bound.url(), bound.host, host, 1), nil, "").want(t, 403, "SignatureDoesNotMatch",
			"0002-00000201")
	}
	withPort := newLink(func(l *link) { l.additional = []string{"host"}; l.host += ":8443" })
	f.send(withPort, "").want(t, 200, "", "")
	if _, err := f.Verify("GET", strings.Replace(bound.url(), bound.host, "127.0.0.1:1234", 1),
		http.Header{"Host": {bound.host}}); err != nil {
		t.Errorf("Host header beside the URL: %v", err)
	}
}

// The body of a mismatch contains what the server signed, as the service does.
func TestMismatchBody(t *testing.T) {
	f := newFixture(t)
	a := f.send(newLink(func(l *link) { l.secret = "other"; l.query["versionId"] = "v 1" }), "")
	want := "GET\n/examplebucket/dir/a%20b.txt\nversionId=v%201&" +
		"x-oss-credential=AKIDtest%2F20260228%2Fcn-hangzhou%2Foss%2Faliyun_v4_request" +
		"&x-oss-date=20260228T235930Z&x-oss-expires=3600&x-oss-signature-version=OSS4-HMAC-SHA256\n\n\nUNSIGNED-PAYLOAD"
	if a.err.CanonicalRequest != want {
		t.Errorf("CanonicalRequest\n%s\nwant\n%s", a.err.CanonicalRequest, want)
	}
	lines := strings.Split(a.err.StringToSign, "\n")
	if len(lines) != 4 || lines[0] != "OSS4-HMAC-SHA256" || lines[1] != "20260228T235930Z" ||
		lines[2] != "20260228/cn-hangzhou/oss/aliyun_v4_request" || len(lines[3]) != 64 {
		t.Errorf("StringToSign %q", lines)
	}
	if !strings.HasPrefix(a.err.StringToSignBytes, "4F 53 53 34") || a.err.OSSAccessKeyId != keyID ||
		len(a.err.SignatureProvided) != 64 {
		t.Errorf("body\n%s", a.body)
	}
}

func TestVerify(t *testing.T) {
	s := osstest.New(osstest.Config{Now: func() time.Time { return signedAt }})
	s.SetCredential(osstest.Credential{AccessKeyID: keyID, AccessKeySecret: secret})
	if err := s.SetBucket(osstest.Bucket{Name: "examplebucket"}); err != nil {
		t.Fatal(err)
	}
	l := newLink(func(l *link) { l.query["versionId"] = "no such"; l.key = "no such" })
	v, err := s.Verify("GET", l.url(), nil)
	if err != nil {
		t.Fatal(err)
	}
	if v.Bucket != "examplebucket" || v.Key != "no such" || v.Query["versionId"] != "no such" ||
		v.Query["x-oss-expires"] != "3600" {
		t.Errorf("%+v", v)
	}
	for _, bad := range []string{
		"", "no url", "https://", "https://host?x", strings.Replace(l.url(), "no%20such", "no%2", 1), l.url() + "&x=%zz",
		l.url() + "&%z=", "https://examplebucket.oss-cn-hangzhou.aliyuncs.com",
	} {
		if _, err := s.Verify("GET", bad, nil); err == nil {
			t.Errorf("accepted %q", bad)
		}
	}

	typed := newLink(func(l *link) { l.headers["content-type"] = "text/plain" })
	if _, err := s.Verify("GET", typed.url(), http.Header{"content-type": {" text/plain\t"}}); err != nil {
		t.Errorf("blanks around a header's value: %v", err)
	}

	tampered := strings.Replace(l.url(), "no%20such?", "other?", 1)
	_, err = s.Verify("GET", tampered, nil)
	var refusal *osstest.Error
	if !errors.As(err, &refusal) || refusal.Code != "SignatureDoesNotMatch" || refusal.Status != 403 {
		t.Fatalf("got %v", err)
	}
	if !strings.Contains(refusal.Element("CanonicalRequest"), "/examplebucket/other") || refusal.Element("Nothing") != "" {
		t.Errorf("elements of %v", refusal)
	}
	for _, hidden := range []string{l.signature(), "other", keyID} {
		if strings.Contains(err.Error(), hidden) {
			t.Errorf("the error's text holds %q", hidden)
		}
	}
	if _, err := s.Verify("GET", "https://unknown.example/k", nil); err == nil || strings.Contains(err.Error(), "EC") {
		t.Errorf("got %v", err)
	}
}
