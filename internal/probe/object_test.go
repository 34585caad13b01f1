package probe_test

import (
	"cmp"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/alioss/terraform-provider-alioss/internal/osstest"
	"github.com/alioss/terraform-provider-alioss/internal/probe"
	"github.com/alioss/terraform-provider-alioss/internal/signer"
	"github.com/alioss/terraform-provider-alioss/internal/testworld"
)

// facts are those of "agent 1.tar.gz" in a new world. The checksums are the published check values
// of "123456789".
func facts(change func(*probe.Object)) probe.Object {
	o := probe.Object{
		Size: 9, ETag: "25F9E794323B453885F5181F1B624D0B", CRC64: "11051210869376104954", LastModified: modified,
		ContentType: "application/gzip", StorageClass: "Standard",
	}
	if change != nil {
		change(&o)
	}
	return o
}

func TestObjectIsThere(t *testing.T) {
	class := func(name string) func(*probe.Object) {
		return func(o *probe.Object) { o.StorageClass = name }
	}
	restore := func(value string) map[string]string { return map[string]string{"x-oss-restore": value} }
	until := time.Date(2026, 3, 2, 8, 12, 33, 0, time.UTC)
	for name, c := range map[string]struct {
		object   osstest.Object
		link     func(*link)
		want     func(*probe.Object)
		archived bool // GET is refused
	}{
		"standard":     {},
		"http":         {link: func(l *link) { l.Scheme = "http" }},
		"domain":       {link: func(l *link) { l.Host = "downloads.example.com" }},
		"token":        {link: func(l *link) { l.Credentials = signer.NewCredentials(stsID, secret, token) }},
		"signed host":  {link: func(l *link) { l.SignHost = true }},
		"IA":           {object: osstest.Object{StorageClass: "IA"}, want: class("IA")},
		"archive":      {object: osstest.Object{StorageClass: "Archive"}, want: class("Archive"), archived: true},
		"cold archive": {object: osstest.Object{StorageClass: "ColdArchive"}, want: class("ColdArchive"), archived: true},
		"deep cold archive": {
			object: osstest.Object{StorageClass: "DeepColdArchive"}, want: class("DeepColdArchive"), archived: true,
		},
		"restored": {
			object: osstest.Object{StorageClass: "ColdArchive", Restored: true},
			want:   class("ColdArchive"),
		},
		"being restored": {
			object: osstest.Object{StorageClass: "ColdArchive", Restoring: true}, want: class("ColdArchive"), archived: true,
		},
		"restored for a time": {
			object: osstest.Object{StorageClass: "Archive", Restored: true, RestoredTill: until},
			want:   func(o *probe.Object) { o.StorageClass, o.RestoredUntil = "Archive", until },
		},
		"restored until what is no date": {
			object: osstest.Object{Header: restore(`ongoing-request="false", expiry-date="soon"`)},
		},
		"a class that is none": {object: osstest.Object{StorageClass: "<b>!</b>"}, want: class("")},
		"a type that is none": {
			object: osstest.Object{ContentType: "https://agent?x=1"}, want: func(o *probe.Object) { o.ContentType = "" },
		},
		"a type with parameters": {
			object: osstest.Object{ContentType: `multipart/x.agent+json; charset=utf-8; boundary="a b"`},
			want:   func(o *probe.Object) { o.ContentType = `multipart/x.agent+json; charset=utf-8; boundary="a b"` },
		},
		"a range of the user's": {
			link: func(l *link) {
				l.Headers = map[string]string{"RANGE": "bytes=2-5"}
			},
		},
		"a range that is ignored": {
			link: func(l *link) {
				l.Headers = map[string]string{"range": "bytes=2-500"}
			},
		},
		"not modified": {
			link: func(l *link) {
				l.Headers = map[string]string{"If-None-Match": "*"}
			},
			want: func(o *probe.Object) { o.Size, o.CRC64, o.ContentType, o.StorageClass = -1, "", "", "" },
		},
	} {
		t.Run(name, func(t *testing.T) {
			bothMethods(t, func(t *testing.T, method string, kind osstest.Kind) {
				w := newWorld(t)
				version := ""
				if o := c.object; o.StorageClass != "" || o.ContentType != "" || o.Header != nil {
					o.Key, o.Body, o.LastModified = "agent 1.tar.gz", []byte("123456789"), modified
					o.ContentType = cmp.Or(o.ContentType, "application/gzip")
					version = w.put(t, o)
				} else {
					o, _ := w.oss.Object("examplebucket", "agent 1.tar.gz", "")
					version = o.VersionID
				}
				got, err := w.probe(t, newLink(func(l *link) {
					l.Method = method
					if c.link != nil {
						c.link(l)
					}
				}))
				w.checkRequests(t, kind, 1)
				if c.archived && method == "GET" {
					if e := fault(t, err); e.Kind != probe.NotRestored || e.EC != "0016-00000404" || e.Code != "InvalidObjectState" {
						t.Errorf("got %v, want %q", e, probe.NotRestored)
					}
					return
				}
				want := facts(c.want)
				if name != "not modified" {
					want.VersionID = version
				}
				if err != nil || got != want {
					t.Errorf("got %+v, %v; want %+v", got, err, want)
				}
			})
		})
	}
}

// A bucket with direct read of archived objects returns them.
func TestArchiveDirectRead(t *testing.T) {
	w := newWorld(t)
	w.bucket(t, func(b *osstest.Bucket) { b.ArchiveDirectRead = true })
	w.put(t, osstest.Object{Key: "agent 1.tar.gz", StorageClass: "Archive"})
	for _, method := range []string{"GET", "HEAD"} {
		got, err := w.probe(t, newLink(func(l *link) { l.Method = method }))
		if err != nil || got.StorageClass != "Archive" {
			t.Errorf("%s: got %+v, %v", method, got, err)
		}
	}
}

// A GET requests the first byte, without compression, unless the link is signed with a range of its
// own.
func TestWhatIsSent(t *testing.T) {
	ranged := func(l *link) {
		l.Headers = map[string]string{"Range": "bytes=2-5"}
	}
	for name, c := range map[string]struct {
		link func(*link)
		want string
	}{
		"GET":              {nil, "bytes=0-0"},
		"GET with a range": {ranged, "bytes=2-5"},
		"HEAD":             {func(l *link) { l.Method = "HEAD" }, ""},
		"HEAD with one":    {func(l *link) { l.Method = "HEAD"; ranged(l) }, "bytes=2-5"},
	} {
		w := newWorld(t)
		if _, err := w.probe(t, newLink(c.link)); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		h := w.oss.Requests()[0].Header
		if got := h.Values("Range"); strings.Join(got, "|") != c.want || h.Get("Accept-Encoding") != "identity" {
			t.Errorf("%s: Range %q, Accept-Encoding %q", name, got, h.Get("Accept-Encoding"))
		}
	}
	w := newWorld(t)
	if _, err := w.probe(t, newLink(func(l *link) {
		l.Headers = map[string]string{"rAnGe": "bytes=2-5"}
	})); err != nil {
		t.Error(err)
	}
	if got := w.oss.Requests()[0].Header.Values("Range"); len(got) != 1 || got[0] != "bytes=2-5" {
		t.Errorf("Range %q", got)
	}
	w = newWorld(t)
	for _, method := range []string{"PUT", "DELETE", "", "get"} {
		if _, err := w.probe(t, newLink(func(l *link) { l.Method = method })); err == nil {
			t.Errorf("method %q is sent", method)
		}
	}
	w.checkRequests(t, osstest.KindOther, 0)
}

func TestEmptyObject(t *testing.T) {
	for name, standard := range map[string]bool{"200": false, "416": true} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			w.bucket(t, func(b *osstest.Bucket) { b.StandardRanges = standard })
			w.put(t, osstest.Object{Key: "agent 1.tar.gz"})
			got, err := w.probe(t, newLink(nil))
			contentType := map[bool]string{false: "application/octet-stream"}[standard] // that of a 416 is the error's
			if err != nil || got.Size != 0 || got.ContentType != contentType {
				t.Errorf("got %+v, %v; want an empty object", got, err)
			}
			if status := w.oss.Requests()[0].Status; fmt.Sprint(status) != name {
				t.Errorf("the stand-in answered %d", status)
			}
			// The recipient of a link with a range of its own meets the refusal.
			_, err = w.probe(t, newLink(func(l *link) {
				l.Headers = map[string]string{"Range": "bytes=9-"}
			}))
			if standard && fault(t, err).Kind != probe.RangeOutside || !standard && err != nil {
				t.Errorf("with a range: %v", err)
			}
		})
	}
}

// The id of the version shows whether a link can be pinned to it.
func TestVersionIDs(t *testing.T) {
	for versioning, want := range map[osstest.Versioning]string{
		osstest.VersioningNever: "", osstest.VersioningSuspended: "null", osstest.VersioningEnabled: version,
	} {
		w := newWorld(t)
		o := osstest.Object{Key: "k", Body: []byte("old")}
		if versioning == osstest.VersioningEnabled {
			o.VersionID = version
		}
		if err := w.oss.SetBucket(osstest.Bucket{Name: "plainbucket", Versioning: versioning}); err != nil {
			t.Fatal(err)
		}
		if _, err := w.oss.PutObject("plainbucket", o); err != nil {
			t.Fatal(err)
		}
		plain := func(l *link) {
			l.Bucket, l.Host, l.Key = "plainbucket", "plainbucket.oss-cn-hangzhou.aliyuncs.com", "k"
		}
		if got, err := w.probe(t, newLink(plain)); err != nil || got.VersionID != want {
			t.Errorf("versioning %q: got %+v, %v; want %q", versioning, got, err, want)
		}
		if want != version {
			continue
		}
		// The version stays what it was, and needs a permission of its own.
		if _, err := w.oss.PutObject("plainbucket", osstest.Object{Key: "k", Body: []byte("newer")}); err != nil {
			t.Fatal(err)
		}
		pinned := newLink(func(l *link) { plain(l); l.Query = map[string]string{"versionId": version} })
		if got, err := w.probe(t, pinned); err != nil || got.VersionID != version || got.Size != 3 {
			t.Errorf("got %+v, %v; want the old version", got, err)
		}
		w.oss.SetCredential(osstest.Credential{
			AccessKeyID: keyID, AccessKeySecret: secret, DeniedActions: []string{"oss:GetObjectVersion"},
		})
		if _, err := w.probe(t, pinned); fault(t, err).Kind != probe.DeniedByIdentity {
			t.Errorf("got %v, want %q", err, probe.DeniedByIdentity)
		}
		if _, err := w.probe(t, newLink(plain)); err != nil {
			t.Errorf("the current version: %v", err)
		}
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
		return func(_ *testing.T, w *world) { w.clock.Advance(d) }
	}
	withToken := func(l *link) { l.Credentials = signer.NewCredentials(stsID, secret, token) }
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
		"bucket policy": {
			setup: refused(osstest.RefusedByPolicy), want: answers{
				kind:   probe.DeniedByPolicy,
				answer: "403 AccessDenied, EC 0003-00000101",
			},
		},
		"bucket ACL": {
			setup: refused(osstest.RefusedByACL),
			want:  answers{kind: probe.DeniedByACL, answer: "403 AccessDenied, EC 0003-00000005"},
		},
		"referer": {
			setup: refused(osstest.RefusedByReferer), want: answers{kind: probe.DeniedByReferer, answer: "403 AccessDenied"},
		},
		"other refusal": {setup: refused("because"), want: answers{kind: probe.AccessDenied, answer: "403 AccessDenied"}},
		"account closed": {
			setup: refused(osstest.RefusedDisabled), want: answers{
				kind:   probe.AccountRefused,
				answer: "403 UserDisable, EC 0003-00000801",
			},
		},
		"debt": {setup: refused(osstest.RefusedInDebt), want: answers{kind: probe.AccountRefused, answer: "403 InDebt"}},
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
			link: func(l *link) { l.Credentials = signer.NewCredentials("LTAI5tUnknown", secret, "") },
			want: answers{kind: probe.KeyUnknown, answer: "403 InvalidAccessKeyId, EC 0002-00000902"},
		},
		"access key with a token that is not its": {
			link: func(l *link) { l.Credentials = signer.NewCredentials(keyID, secret, token) },
			want: answers{kind: probe.TokenInvalid, answer: "403 InvalidAccessKeyId, EC 0002-00000002"},
		},
		"token expired": {
			setup: key(osstest.Credential{
				AccessKeyID: stsID, AccessKeySecret: secret, SecurityToken: token, Expiration: signedAt,
			}),
			link: withToken, want: answers{kind: probe.TokenExpired, answer: "403 SecurityTokenExpired, EC 0002-00000007"},
		},
		"token invalid": {
			setup: key(osstest.Credential{AccessKeyID: stsID, AccessKeySecret: secret, SecurityToken: "another"}),
			link:  withToken, want: answers{kind: probe.TokenInvalid, answer: "403 InvalidSecurityToken, EC 0002-00000006"},
		},
		"token of another key": {
			setup: key(osstest.Credential{AccessKeyID: "STS.Other", AccessKeySecret: secret, SecurityToken: "CAIS-other"}),
			link:  func(l *link) { l.Credentials = signer.NewCredentials(stsID, secret, "CAIS-other") },
			want:  answers{kind: probe.TokenInvalid, answer: "403 AccessKeyIdAndSecurityTokenNotMatch, EC 0002-00000004"},
		},
		"signature": {
			link: func(l *link) { l.Credentials = signer.NewCredentials(stsID, "another-secret", token) },
			want: answers{kind: probe.SignatureMismatch, answer: "403 SignatureDoesNotMatch, EC 0002-00000201"},
		},
		"a parameter that is not signed": {
			setup: func(_ *testing.T, w *world) {
				back := w.transport
				w.transport = testworld.RoundTripper(func(r *http.Request) (*http.Response, error) {
					r.URL.RawQuery += "&from=agent"
					return back.RoundTrip(r)
				})
			},
			want: answers{kind: probe.SignatureMismatch, answer: "403 SignatureDoesNotMatch, EC 0002-00000201"},
		},
		"redirect": {
			setup: func(t *testing.T, w *world) {
				w.bucket(t, func(b *osstest.Bucket) { b.RedirectMissing = "https://agent.example.com/" })
			},
			link: func(l *link) { l.Key = "agent 2.tar.gz" },
			want: answers{kind: probe.Redirected, answer: "302 Found"},
		},
		"redirect forbidden": {
			setup: func(t *testing.T, w *world) {
				w.bucket(t, func(b *osstest.Bucket) {
					b.RedirectMissing, b.RestrictedRedirects = "https://agent.example.com/", true
				})
			},
			link: func(l *link) { l.Key = "agent 2.tar.gz" },
			want: answers{kind: probe.RedirectForbidden, answer: "400 ExternalRedirectForbidden, EC 0048-00000300"},
		},
		"changed on its way": {
			setup: func(_ *testing.T, w *world) {
				w.oss.Inject(osstest.Fault{Status: 403, Code: "SignatureDoesNotMatch", EC: "0002-00000040"})
			},
			want: answers{kind: probe.RequestChanged, answer: "403 SignatureDoesNotMatch, EC 0002-00000040"},
		},
		"an Authorization header": {
			setup: func(_ *testing.T, w *world) {
				back := w.transport
				w.transport = testworld.RoundTripper(func(r *http.Request) (*http.Response, error) {
					r.Header.Set("Authorization", "OSS agent:agent")
					return back.RoundTrip(r)
				})
			},
			want: answers{kind: probe.AuthorizationAdded, answer: "400 InvalidArgument, EC 0002-00000039"},
		},
		"expired": {
			setup: at(901 * time.Second), want: answers{kind: probe.Expired, answer: "403 AccessDenied, EC 0002-00000236"},
		},
		"too early": {
			setup: at(-901 * time.Second), want: answers{kind: probe.TooEarly, answer: "403 AccessDenied, EC 0002-00000235"},
		},
		"condition": {
			link: func(l *link) {
				l.Headers = map[string]string{"If-Match": `"0"`}
			},
			want: answers{kind: probe.Refused, answer: "412 PreconditionFailed"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			bothMethods(t, func(t *testing.T, method string, kind osstest.Kind) {
				w := newWorld(t)
				if c.setup != nil {
					c.setup(t, w)
				}
				_, err := w.probe(t, newLink(func(l *link) {
					l.Method = method
					if c.link != nil {
						c.link(l)
					}
				}))
				e := fault(t, err)
				answer := c.want.answer + ", request " + e.RequestID
				if e.Kind != c.want.kind || e.Answer() != answer || e.Endpoint != c.want.endpoint {
					t.Errorf("got %q, %q, endpoint %q; want %+v", e.Kind, e.Answer(), e.Endpoint, c.want)
				}
				if want := "\n\nThe answer was " + answer + "."; !strings.Contains(e.Error(), want) {
					t.Errorf("the text is %q, want %q in it", e, want)
				}
				if len(e.RequestID) != 24 {
					t.Errorf("the request's id is %q, want 24 digits", e.RequestID)
				}
				if !e.Date.Equal(w.clock.Now()) {
					t.Errorf("the date is %s, want %s", e.Date, w.clock.Now())
				}
				w.checkRequests(t, kind, 1)
			})
		})
	}
}

// The answer to a signature that does not match repeats what was signed, with the token: the
// longest detail that there is.
func TestLongestDetail(t *testing.T) {
	long := strings.Repeat(token, 50)
	bothMethods(t, func(t *testing.T, method string, _ osstest.Kind) {
		w := newWorld(t)
		w.oss.SetCredential(osstest.Credential{AccessKeyID: stsID, AccessKeySecret: secret, SecurityToken: long})
		_, err := w.probe(t, newLink(func(l *link) {
			l.Method, l.Credentials = method, signer.NewCredentials(stsID, "another-secret", long)
		}))
		if e := fault(t, err); e.Kind != probe.SignatureMismatch || e.Code != "SignatureDoesNotMatch" {
			t.Errorf("got %v, want %q with its code", e, probe.SignatureMismatch)
		}
	})
}
