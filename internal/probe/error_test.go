package probe

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/alioss/terraform-provider-alioss/internal/signer"
	"github.com/alioss/terraform-provider-alioss/internal/transport"
)

var noon = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

// asked is a request for an object.
func asked(change func(*Request)) Request {
	r := Request{
		Request: signer.Request{
			Method: "GET", Bucket: "b", Key: "k", Host: "b.oss-cn-hangzhou.aliyuncs.com", Region: "cn-hangzhou",
		},
		Source: "the variable X", Argument: "verify", at: noon.Add(time.Millisecond),
	}
	if change != nil {
		change(&r)
	}
	return r
}

// underPrefix makes a request one for a list.
func underPrefix(r *Request) {
	r.Key, r.OnBucket, r.Query, r.Argument = "", true, map[string]string{"prefix": "p/"}, "prefix"
}

func pinned(r *Request)    { r.Argument = "pin_version" }
func atDomain(r *Request)  { r.Host, r.HostArgument = "d.example.com", "domain" }
func ofVersion(r *Request) { r.Query = map[string]string{"versionId": "v"} }

// Every kind that an answer or a connection can have is worded, in sentences that are complete.
func TestEveryKindIsWorded(t *testing.T) {
	for _, kind := range transport.Kinds() {
		if _, ok := unanswered[kind]; !ok {
			t.Errorf("%q is not worded", kind)
		}
	}
	for _, p := range phrases {
		if !slices.Contains(Kinds(), p.kind) {
			t.Errorf("the kind of %q is not in the list", p.phrase)
		}
	}
	facts := []string{
		"{class}", "c", "{until}", "u", "{end}", "e", "{limit}", "1", "{pages}", "2", "{count}", "3", "{total}", "4",
		"{list}", "  - x", "{unusual}", "",
	}
	for _, kind := range Kinds() {
		for _, change := range []func(*Request){nil, pinned, atDomain, ofVersion, underPrefix} {
			e := &Error{Kind: kind, Request: asked(change), facts: facts}
			if words := len(strings.Fields(e.Summary())); words < 2 || words > 4 {
				t.Errorf("%q: the summary is %q", kind, e.Summary())
			}
			if a := e.Argument(); a == "" || strings.ContainsAny(a, "() ") {
				t.Errorf("%q: the argument is %q", kind, a)
			}
			s := e.Error()
			if strings.ContainsAny(s, "{}") || !strings.HasSuffix(s, ".") ||
				strings.Contains(strings.ReplaceAll(s, "\n  - ", ""), "  ") ||
				strings.Contains(strings.ToLower(s), "terraform") || strings.Contains(s, "alicloud_") {
				t.Errorf("%q: %q", kind, s)
			}
		}
	}
}

func TestWording(t *testing.T) {
	const (
		leaveOut   = " The URL does not need a connection from this machine. If the URL is correct, leave verify out."
		mapping    = ` The domain must be mapped to bucket "b", and to no other, and a CNAME record must point to the bucket.`
		inVPC      = " The host is an internal endpoint, which only machines in VPCs of its region can reach."
		notInThere = `Bucket "b" is not in region "cn-hangzhou".`
	)
	internal := func(r *Request) { r.Host = "b.oss-cn-hangzhou-internal.aliyuncs.com"; r.HostArgument = "endpoint_type" }
	for name, c := range map[string]struct {
		e        Error
		request  func(*Request)
		argument string
		begins   string
		contains []string
	}{
		"the whole": {
			e:        Error{Kind: ObjectMissing, Status: 404, Code: "NoSuchKey", EC: "0026-00000001", RequestID: "65F1"},
			argument: "key",
			begins: `There is no object "k" in bucket "b". Keys are case-sensitive and have no leading slash. Correct key, or ` +
				"upload the object first. If this configuration uploads it, take key from that resource, so that it is " +
				"uploaded first.\n\nThe answer was 404 NoSuchKey, EC 0026-00000001, request 65F1. Alibaba Cloud explains it at " +
				"https://api.alibabacloud.com/troubleshoot?q=0026-00000001",
		},
		"deleted": {
			e: Error{Kind: ObjectDeleted}, argument: "key", begins: `The object "k" in bucket "b" is deleted`,
			contains: []string{"or set version to an older version."},
		},
		"deleted, to be pinned": {
			e: Error{Kind: ObjectDeleted}, request: pinned, argument: "key",
			contains: []string{"or set version to an older version instead of pin_version."},
		},
		"version": {
			e: Error{Kind: DeniedByIdentity}, request: ofVersion, argument: "verify",
			begins: "A RAM policy does not let the credentials that sign (the variable X) read the version \"v\" of object " +
				`"k" in bucket "b".`,
			contains: []string{"oss:GetObjectVersion on it"},
		},
		"list": {
			e: Error{Kind: DeniedByIdentity}, request: underPrefix, argument: "prefix",
			contains: []string{`list the objects under prefix "p/" in "b". `, "oss:ListObjects on it"},
		},
		"a list has no key": {e: Error{Kind: NotRestored}, request: underPrefix, argument: "prefix"},
		"a list out of reach": {
			e: Error{Kind: unanswered[transport.NoAnswer]}, request: underPrefix, argument: "prefix",
			contains: []string{"within 30s", "or set keys instead."},
		},
		"out of reach": {
			e: Error{Kind: unanswered[transport.NoAnswer]}, argument: "verify",
			begins: "The host b.oss-cn-hangzhou.aliyuncs.com did not answer within 5s, in several tries." + leaveOut,
		},
		"internal": {
			e: Error{Kind: unanswered[transport.Unreachable]}, request: internal, argument: "endpoint_type",
			contains: []string{leaveOut + inVPC},
		},
		"domain": {
			e: Error{Kind: Foreign, Status: 200}, request: atDomain, argument: "domain",
			contains: []string{leaveOut + mapping, "\n\nThe answer was 200 OK."},
		},
		"region misspelled": {
			e: Error{Kind: unanswered[transport.HostUnknown]}, request: func(r *Request) { r.Region = "cn-hangzou" },
			argument: "verify",
			contains: []string{`Region "cn-hangzou" is not known. If it is a mistake for "cn-hangzhou", set region to that.`},
		},
		"region": {
			e: Error{Kind: WrongRegion, Endpoint: "oss-cn-beijing.aliyuncs.com"}, argument: "region",
			begins: notInThere + ` It is in region "cn-beijing" (oss-cn-beijing.aliyuncs.com). Set region to that.`,
		},
		"region of another kind": {
			e: Error{Kind: WrongRegion, Endpoint: "oss-accelerate.aliyuncs.com"}, argument: "region",
			begins: notInThere + " OSS serves it at oss-accelerate.aliyuncs.com. Set region, endpoint_type or endpoint",
		},
		"same region": {
			e: Error{Kind: WrongRegion, Endpoint: "oss-cn-hangzhou-internal.aliyuncs.com"}, argument: "region",
			begins: notInThere + " OSS serves it at oss-cn-hangzhou-internal.aliyuncs.com.",
		},
		"region not shown": {
			e: Error{Kind: WrongRegion}, argument: "region",
			begins: notInThere + " The answer does not contain the right region.",
		},
		"clock behind": {
			e: Error{Kind: Expired, Date: noon.Add(20 * time.Minute)}, argument: "verify",
			contains: []string{
				"(NTP). The clock of this machine shows 2026-03-01T12:00:00Z, which is 20m0s behind the clock of OSS " +
					"(2026-03-01T12:20:00Z).",
			},
		},
		"clock ahead": {
			e: Error{Kind: TooEarly, Date: noon.Add(-time.Hour)}, argument: "verify", contains: []string{"1h0m0s ahead of"},
		},
		"clock not shown": {e: Error{Kind: TooEarly}, argument: "verify", begins: "OSS considers the request too early"},
	} {
		t.Run(name, func(t *testing.T) {
			c.e.Request = asked(c.request)
			s := c.e.Error()
			if c.e.Argument() != c.argument || !strings.HasPrefix(s, c.begins) {
				t.Errorf("got %q at %s; want %q at %s", s, c.e.Argument(), c.begins, c.argument)
			}
			for _, want := range c.contains {
				if !strings.Contains(s, want) {
					t.Errorf("got %q, want %q in it", s, want)
				}
			}
		})
	}
}

// An error shows no credentials, however it is printed.
func TestErrorShowsNoCredentials(t *testing.T) {
	e := &Error{Kind: AccessDenied, Request: asked(func(r *Request) {
		r.Credentials = signer.NewCredentials("LTAI5tExample", "hidden1", "hidden2")
	})}
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q"} {
		if s := fmt.Sprintf(verb+verb, e, *e); strings.Contains(s, "hidden") {
			t.Errorf("%s shows %q", verb, s)
		}
	}
}

// A value of the user's is not searched for placeholders, and a pasted URL is cut.
func TestWordingOfValues(t *testing.T) {
	e := &Error{Kind: ObjectMissing, Request: asked(func(r *Request) { r.Key = "{bucket}?x-oss-signature=0123456789" })}
	if s := e.Error(); !strings.Contains(s, `object "{bucket}"… `) || strings.Contains(s, "0123456789") {
		t.Errorf("got %q", s)
	}
}

func TestSelect(t *testing.T) {
	of := func(method string, objects ...Listed) Listing {
		return Listing{objects, asked(func(r *Request) { underPrefix(r); r.Method = method })}
	}
	archived := Listed{Key: "p/a", Archived: true}
	for name, c := range map[string]struct {
		listing    Listing
		allowEmpty bool
		objects    int
		kinds      []Kind
		text       string
	}{
		"plain":              {listing: of("GET", Listed{Key: "p/a"}), objects: 1},
		"placeholders":       {listing: of("GET", Listed{Key: "p/"}, Listed{Key: "p/a"}), objects: 1},
		"archived":           {listing: of("GET", archived), objects: 1, kinds: []Kind{ObjectsArchived}, text: "1 of the 1 "},
		"archived, uploaded": {listing: of("PUT", archived), objects: 1},
		"left out": {
			listing: of("GET", Listed{Key: "p/"}, Listed{Key: "p/../a"}, archived), objects: 1,
			kinds: []Kind{ObjectsLeftOut, ObjectsArchived}, text: "1 of the 3 objects under prefix \"p/\"",
		},
		"none": {
			listing: of("GET", Listed{Key: "p/"}), kinds: []Kind{NoObjects},
			text: `prefix "p/" has no objects in bucket "b". Correct prefix, or set allow_empty = true.`,
		},
		"none allowed": {listing: of("GET"), allowEmpty: true},
		"none can be": {
			listing: of("GET", Listed{Key: "/a"}), kinds: []Kind{ObjectsLeftOut, NoObjects}, text: `  - "/a": `,
		},
		"none, allowed": {listing: of("GET", Listed{Key: "/a"}), allowEmpty: true, kinds: []Kind{ObjectsLeftOut}},
	} {
		t.Run(name, func(t *testing.T) {
			objects, found := c.listing.Select(c.allowEmpty)
			var kinds []Kind
			for i, e := range found {
				kinds = append(kinds, e.Kind)
				if e.Warning() != (e.Kind != NoObjects) || i == 0 && !strings.Contains(e.Error(), c.text) {
					t.Errorf("got %q, warning %t", e, e.Warning())
				}
			}
			if len(objects) != c.objects || !slices.Equal(kinds, c.kinds) {
				t.Errorf("got %d objects and %q, want %d and %q", len(objects), kinds, c.objects, c.kinds)
			}
		})
	}
}

func TestWarnOfCopy(t *testing.T) {
	o := Object{StorageClass: "ColdArchive", RestoredUntil: noon}
	e := o.WarnOfCopy(asked(nil), noon.Add(time.Second))
	if e == nil || !e.Warning() || !strings.Contains(e.Error(), "has the storage class ColdArchive. Its restored copy "+
		"expires at 2026-03-01T12:00:00Z, before the URL at 2026-03-01T12:00:01Z.") {
		t.Errorf("got %v", e)
	}
	if e := o.WarnOfCopy(asked(nil), noon); e != nil {
		t.Errorf("got %v for a copy that lasts", e)
	}
	if e := o.WarnOfCopy(asked(func(r *Request) { r.Method = "HEAD" }), noon.Add(time.Hour)); e != nil {
		t.Errorf("got %v for HEAD", e)
	}
	if e := (Object{}).WarnOfCopy(asked(nil), noon); e != nil {
		t.Errorf("got %v without a copy", e)
	}
}
