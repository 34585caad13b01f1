package probe_test

import (
	"strings"
	"testing"
	"time"

	"github.com/alioss/terraform-provider-alioss/internal/osstest"
	"github.com/alioss/terraform-provider-alioss/internal/probe"
	"github.com/alioss/terraform-provider-alioss/internal/signer"
)

func TestObjectIsThere(t *testing.T) {
	restore := func(value string) map[string]string { return map[string]string{"x-oss-restore": value} }
	for name, c := range map[string]struct {
		object   osstest.Object
		link     func(*link)
		want     probe.Object
		archived bool
	}{
		"standard":     {want: probe.Object{StorageClass: "Standard"}},
		"http":         {link: func(l *link) { l.Scheme = "http" }, want: probe.Object{StorageClass: "Standard"}},
		"domain":       {link: func(l *link) { l.Host = "downloads.example.com" }, want: probe.Object{StorageClass: "Standard"}},
		"token":        {link: func(l *link) { l.credentials = signer.NewCredentials(stsID, secret, token) }, want: probe.Object{StorageClass: "Standard"}},
		"signed host":  {link: func(l *link) { l.SignHost = true }, want: probe.Object{StorageClass: "Standard"}},
		"IA":           {object: osstest.Object{StorageClass: "IA"}, want: probe.Object{StorageClass: "IA"}},
		"archive":      {object: osstest.Object{StorageClass: "Archive"}, want: probe.Object{StorageClass: "Archive"}, archived: true},
		"cold archive": {object: osstest.Object{StorageClass: "ColdArchive"}, want: probe.Object{StorageClass: "ColdArchive"}, archived: true},
		"deep cold archive": {
			object: osstest.Object{StorageClass: "DeepColdArchive"}, want: probe.Object{StorageClass: "DeepColdArchive"}, archived: true,
		},
		"restored": {
			object: osstest.Object{StorageClass: "ColdArchive", Restored: true}, want: probe.Object{StorageClass: "ColdArchive", Restored: true},
		},
		"being restored": {
			object: osstest.Object{StorageClass: "ColdArchive", Header: restore(`ongoing-request="true"`)},
			want:   probe.Object{StorageClass: "ColdArchive"}, archived: true,
		},
		"restored for a time": {
			object: osstest.Object{
				StorageClass: "Archive", Header: restore(`ongoing-request="false", expiry-date="Mon, 02 Mar 2026 08:12:33 GMT"`),
			},
			want: probe.Object{StorageClass: "Archive", Restored: true, RestoredUntil: time.Date(2026, 3, 2, 8, 12, 33, 0, time.UTC)},
		},
		"restored until what is no date": {
			object: osstest.Object{StorageClass: "Archive", Header: restore(`ongoing-request="false", expiry-date="soon"`)},
			want:   probe.Object{StorageClass: "Archive", Restored: true},
		},
		"a class that is none": {object: osstest.Object{StorageClass: "<b>!</b>"}, want: probe.Object{}},
		"part of it": {
			link: func(l *link) {
				l.Headers, l.AdditionalHeaders = map[string]string{"Range": "bytes=0-1"}, []string{"range"}
			},
			want: probe.Object{StorageClass: "Standard"},
		},
		"not modified": {
			link: func(l *link) {
				l.Headers, l.AdditionalHeaders = map[string]string{"If-None-Match": "*"}, []string{"if-none-match"}
			},
			want: probe.Object{},
		},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			if c.object.Key = "agent 1.tar.gz"; c.object.StorageClass != "" {
				w.put(t, c.object)
			}
			got, err := w.probe(t, newLink(c.link))
			if err != nil || got != c.want || got.Archived() != c.archived {
				t.Errorf("got %+v, archived %t, %v; want %+v, archived %t", got, got.Archived(), err, c.want, c.archived)
			}
			w.checkRequests(t, 1)
		})
	}
}

func TestRefusals(t *testing.T) {
	refused := func(r osstest.Refusal) func(*testing.T, *world) {
		return func(t *testing.T, w *world) { w.bucket(t, func(b *osstest.Bucket) { b.Refusal = r }) }
	}
	key := func(c osstest.Credential) func(*testing.T, *world) {
		return func(_ *testing.T, w *world) { w.oss.SetCredential(c) }
	}
	at := func(d time.Duration) func(*testing.T, *world) {
		return func(_ *testing.T, w *world) { w.now = signedAt.Add(d) }
	}
	withToken := func(l *link) { l.credentials = signer.NewCredentials(stsID, secret, token) }
	type answers struct {
		kind     probe.Kind
		answer   string // without the request's id
		endpoint string
	}
	for name, c := range map[string]struct {
		setup func(*testing.T, *world)
		link  func(*link)
		want  answers
	}{
		"object missing": {
			link: func(l *link) { l.Key = "agent 2.tar.gz" },
			want: answers{kind: probe.ObjectMissing, answer: "404 NoSuchKey, EC 0026-00000001"},
		},
		"version missing": {
			link: func(l *link) { l.Query = map[string]string{"versionId": version} },
			want: answers{kind: probe.VersionMissing, answer: "404 NoSuchVersion, EC 0026-00000001"},
		},
		"versions never kept": {
			setup: func(t *testing.T, w *world) {
				if err := w.oss.SetBucket(osstest.Bucket{Name: "plainbucket"}); err != nil {
					t.Fatal(err)
				}
			},
			link: func(l *link) {
				l.Bucket, l.Host = "plainbucket", "plainbucket.oss-cn-hangzhou.aliyuncs.com"
				l.Query = map[string]string{"versionId": version}
			},
			want: answers{kind: probe.VersionRefused, answer: "400 InvalidArgument, EC 0012-00000301"},
		},
		"object deleted": {
			setup: func(t *testing.T, w *world) { w.put(t, osstest.Object{Key: "agent 1.tar.gz", DeleteMarker: true}) },
			want:  answers{kind: probe.ObjectDeleted, answer: "404 NoSuchKey, EC 0026-00000001"},
		},
		"version deleted": {
			setup: func(t *testing.T, w *world) {
				w.put(t, osstest.Object{Key: "agent 1.tar.gz", DeleteMarker: true, VersionID: version})
			},
			link: func(l *link) { l.Query = map[string]string{"versionId": version} },
			want: answers{kind: probe.VersionDeleted, answer: "405 MethodNotAllowed"},
		},
		"bucket missing": {
			link: func(l *link) { l.Bucket, l.Host = "nobucket", "nobucket.oss-cn-hangzhou.aliyuncs.com" },
			want: answers{kind: probe.BucketMissing, answer: "404 NoSuchBucket, EC 0015-00000101"},
		},
		"bucket policy":  {setup: refused(osstest.RefusedByPolicy), want: answers{kind: probe.DeniedByPolicy, answer: "403 AccessDenied, EC 0003-00000101"}},
		"bucket ACL":     {setup: refused(osstest.RefusedByACL), want: answers{kind: probe.DeniedByACL, answer: "403 AccessDenied, EC 0003-00000005"}},
		"referer":        {setup: refused(osstest.RefusedByReferer), want: answers{kind: probe.DeniedByReferer, answer: "403 AccessDenied"}},
		"other refusal":  {setup: refused("because"), want: answers{kind: probe.AccessDenied, answer: "403 AccessDenied"}},
		"account closed": {setup: refused(osstest.RefusedDisabled), want: answers{kind: probe.AccountRefused, answer: "403 UserDisable, EC 0003-00000801"}},
		"debt":           {setup: refused(osstest.RefusedInDebt), want: answers{kind: probe.AccountRefused, answer: "403 InDebt"}},
		"RAM policy": {
			setup: key(osstest.Credential{AccessKeyID: keyID, AccessKeySecret: secret, Denied: true}),
			want:  answers{kind: probe.DeniedByIdentity, answer: "403 AccessDenied, EC 0003-00000201"},
		},
		"object ACL": {
			setup: func(t *testing.T, w *world) { w.put(t, osstest.Object{Key: "agent 1.tar.gz", Denied: true}) },
			want:  answers{kind: probe.DeniedByACL, answer: "403 AccessDenied, EC 0003-00000001"},
		},
		"requester pays": {
			setup: func(t *testing.T, w *world) { w.bucket(t, func(b *osstest.Bucket) { b.RequesterPays = true }) },
			want:  answers{kind: probe.RequesterPays, answer: "403 AccessDenied"},
		},
		"public endpoint": {
			setup: func(t *testing.T, w *world) {
				w.bucket(t, func(b *osstest.Bucket) { b.PublicEndpointForbidden = true })
			},
			want: answers{kind: probe.PublicEndpointForbidden, answer: "400 PublicEndpointForbidden, EC 0048-00000401"},
		},
		"app": {
			setup: func(t *testing.T, w *world) {
				w.bucket(t, func(b *osstest.Bucket) { b.RestrictedDownloads = true })
				w.put(t, osstest.Object{Key: "agent 1.tar.gz", ContentType: "application/vnd.android.package-archive"})
			},
			want: answers{kind: probe.AppForbidden, answer: "400 ApkDownloadForbidden, EC 0048-00000200"},
		},
		"path style": {
			link: func(l *link) { l.Host, l.PathStyle = "oss-cn-hangzhou.aliyuncs.com", true },
			want: answers{kind: probe.PathStyleForbidden, answer: "403 SecondLevelDomainForbidden"},
		},
		"host of another region": {
			setup: func(t *testing.T, w *world) { w.bucket(t, func(b *osstest.Bucket) { b.Region = "cn-beijing" }) },
			want: answers{
				kind: probe.WrongRegion, answer: "403 AccessDenied, EC 0003-00001403", endpoint: "oss-cn-beijing.aliyuncs.com",
			},
		},
		"scope of another region": {
			link: func(l *link) { l.Host, l.Region = "downloads.example.com", "cn-beijing" },
			want: answers{kind: probe.WrongRegion, answer: "400 InvalidArgument, EC 0002-00000226"},
		},
		"access key unknown": {
			link: func(l *link) { l.credentials = signer.NewCredentials("LTAI5tUnknown", secret, "") },
			want: answers{kind: probe.KeyUnknown, answer: "403 InvalidAccessKeyId, EC 0002-00000902"},
		},
		"access key with a token that is not its": {
			link: func(l *link) { l.credentials = signer.NewCredentials(keyID, secret, token) },
			want: answers{kind: probe.TokenInvalid, answer: "403 InvalidAccessKeyId, EC 0002-00000002"},
		},
		"token expired": {
			setup: key(osstest.Credential{AccessKeyID: stsID, AccessKeySecret: secret, SecurityToken: token, Expiration: signedAt}),
			link:  withToken, want: answers{kind: probe.TokenExpired, answer: "403 SecurityTokenExpired, EC 0002-00000007"},
		},
		"token invalid": {
			setup: key(osstest.Credential{AccessKeyID: stsID, AccessKeySecret: secret, SecurityToken: "another"}),
			link:  withToken, want: answers{kind: probe.TokenInvalid, answer: "403 InvalidSecurityToken, EC 0002-00000006"},
		},
		"token of another key": {
			setup: key(osstest.Credential{AccessKeyID: "STS.Other", AccessKeySecret: secret, SecurityToken: "CAIS-other"}),
			link:  func(l *link) { l.credentials = signer.NewCredentials(stsID, secret, "CAIS-other") },
			want:  answers{kind: probe.TokenInvalid, answer: "403 AccessKeyIdAndSecurityTokenNotMatch, EC 0002-00000004"},
		},
		"signature": {
			link: func(l *link) { l.credentials = signer.NewCredentials(stsID, "another-secret", token) },
			want: answers{kind: probe.SignatureMismatch, answer: "403 SignatureDoesNotMatch, EC 0002-00000201"},
		},
		"signed for GET": {
			link: func(l *link) { l.Method = "GET" },
			want: answers{kind: probe.SignatureMismatch, answer: "403 SignatureDoesNotMatch, EC 0002-00000201"},
		},
		"expired":   {setup: at(901 * time.Second), want: answers{kind: probe.Expired, answer: "403 AccessDenied, EC 0002-00000236"}},
		"too early": {setup: at(-901 * time.Second), want: answers{kind: probe.TooEarly, answer: "403 AccessDenied, EC 0002-00000235"}},
		"condition": {
			link: func(l *link) {
				l.Headers, l.AdditionalHeaders = map[string]string{"If-Match": `"0"`}, []string{"if-match"}
			},
			want: answers{kind: probe.Refused, answer: "412 PreconditionFailed"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			if c.setup != nil {
				c.setup(t, w)
			}
			_, err := w.probe(t, newLink(c.link))
			e := fault(t, err)
			answer := c.want.answer + ", request " + e.RequestID
			if e.Kind != c.want.kind || e.Answer() != answer || e.Endpoint != c.want.endpoint {
				t.Errorf("got %q, %q, endpoint %q; want %+v", e.Kind, e.Answer(), e.Endpoint, c.want)
			}
			if want := string(c.want.kind) + " (" + answer + ")"; e.Error() != want {
				t.Errorf("the text is %q, want %q", e, want)
			}
			if len(e.RequestID) != 24 {
				t.Errorf("the request's id is %q, want 24 digits", e.RequestID)
			}
			if !e.Date.Equal(w.now) {
				t.Errorf("the date is %s, want %s", e.Date, w.now)
			}
			w.checkRequests(t, 1)
		})
	}
}

// The answer to a signature that does not match repeats what was signed, with the token: the longest detail that there is.
func TestLongestDetail(t *testing.T) {
	w := newWorld(t)
	long := strings.Repeat(token, 50)
	w.oss.SetCredential(osstest.Credential{AccessKeyID: stsID, AccessKeySecret: secret, SecurityToken: long})
	_, err := w.probe(t, newLink(func(l *link) { l.credentials = signer.NewCredentials(stsID, "another-secret", long) }))
	if e := fault(t, err); e.Kind != probe.SignatureMismatch || e.Code != "SignatureDoesNotMatch" {
		t.Errorf("got %v, want %q with its code", e, probe.SignatureMismatch)
	}
}

func TestKinds(t *testing.T) {
	seen := map[probe.Kind]bool{}
	for _, k := range probe.Kinds() {
		if k == "" || seen[k] {
			t.Errorf("kind %q is empty, or there twice", k)
		}
		seen[k] = true
	}
}
