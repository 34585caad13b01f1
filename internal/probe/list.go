package probe

import (
	"context"
	"encoding/xml"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/alioss/terraform-provider-alioss/internal/presign"
	"github.com/alioss/terraform-provider-alioss/internal/signer"
	"github.com/alioss/terraform-provider-alioss/internal/text"
)

const (
	pageSize = "1000" // the most objects that the service puts on a page
	// MaxPage is how many bytes of a page are read. A thousand keys of 1,023 bytes that are encoded
	// throughout come to 4 MiB.
	MaxPage  = 8 << 20
	maxEmpty = 1000 // how many pages in a row may be without objects
)

// Listing is what there is under a prefix.
type Listing struct {
	// Objects are the current ones, in the order of the bytes of their keys, placeholders included.
	Objects []Listed

	request Request
}

// Listed is what a listing contains about an object.
type Listed struct {
	// Key is the object's name, byte for byte. It may begin with a slash, contain control
	// characters, or be no UTF-8.
	Key string
	// Object has Size and, if the answer contains them, ETag, LastModified and StorageClass.
	Object
	// Archived reports whether the object must be restored before it can be read, as far as its class
	// shows. A bucket with direct read of archived objects returns the class "Archive" all the same.
	Archived bool
}

// isPlaceholder reports whether the object represents a folder.
func (l Listed) isPlaceholder() bool { return l.Size == 0 && strings.HasSuffix(l.Key, "/") }

// List lists the objects of a bucket whose keys begin with prefix, by ListObjectsV2 with 1,000 a
// page. An empty prefix is the whole bucket. The parameters and headers of r are sent with each
// page. Its method is that of the URLs, and its host the one to list at.
//
// It is an *[Error] if there are more than limit objects that are no placeholders, or more than
// twice as many with them, if an answer is no listing, if its keys cannot be decoded for sure, or
// if the listing comes to no end. A page has [PageTimeout] with all its tries. It is requested
// again, and fails, as the request of [Client.Object] does.
func (c Client) List(ctx context.Context, r Request, prefix string, limit int) (Listing, error) {
	query := map[string]string{"list-type": "2", "max-keys": pageSize, "encoding-type": "url"}
	maps.Copy(query, r.Query)
	if prefix != "" {
		query["prefix"] = prefix
	}
	r.OnBucket, r.Query = true, query
	l := Listing{request: r}
	seen := map[string]bool{}
	objects, empty := 0, 0
	for pages := 1; ; pages++ {
		p, err := c.page(ctx, r)
		if err != nil {
			return Listing{}, err
		}
		l.Objects = append(l.Objects, p.objects...)
		for _, o := range p.objects {
			if !o.isPlaceholder() {
				objects++
			}
		}
		if objects > limit || len(l.Objects) > 2*limit {
			return Listing{}, &Error{
				Kind: TooManyObjects, Request: r,
				facts: []string{"{limit}", text.Thousands(limit), "{pages}", text.Thousands(pages)},
			}
		}
		if empty++; len(p.objects) > 0 {
			empty = 0
		}
		if p.token == "" {
			break
		}
		if seen[p.token] || empty == maxEmpty {
			return Listing{}, &Error{Kind: ListingEndless, Request: r}
		}
		query["continuation-token"], seen[p.token] = p.token, true
	}
	// The service sends them in this order. A proxy or cache in front of it may not.
	slices.SortStableFunc(l.Objects, func(a, b Listed) int { return strings.Compare(a.Key, b.Key) })
	for i, o := range l.Objects {
		if i > 0 && o.Key == l.Objects[i-1].Key {
			return Listing{}, &Error{Kind: ListingEndless, Request: r}
		}
	}
	return l, nil
}

// Select returns the objects that have URLs, without placeholders and without keys that no client
// can request, and what to say about them: warnings, and an error if there are none, unless
// allowEmpty.
func (l Listing) Select(allowEmpty bool) (objects []Listed, found []*Error) {
	var left text.List
	archived := 0
	objects = make([]Listed, 0, len(l.Objects))
	for _, o := range l.Objects {
		if o.isPlaceholder() {
			continue
		}
		if err := signer.CheckKey(o.Key); err != nil {
			left.Add(o.Key, err)
			continue
		}
		if o.Archived {
			archived++
		}
		objects = append(objects, o)
	}
	find := func(kind Kind, facts ...string) {
		found = append(found, &Error{Kind: kind, Request: l.request, facts: facts})
	}
	if left.Len() > 0 {
		find(ObjectsLeftOut, "{count}", text.Thousands(left.Len()), "{total}", text.Thousands(len(l.Objects)),
			"{list}", left.String())
	}
	if archived > 0 && l.request.Method == http.MethodGet {
		find(ObjectsArchived, "{count}", text.Thousands(archived), "{total}", text.Thousands(len(objects)))
	}
	if len(objects) == 0 && !allowEmpty {
		find(NoObjects, "{unusual}", presign.UnusualPrefix(l.request.Query["prefix"]))
	}
	return slices.Clip(objects), found
}

func (c Client) page(ctx context.Context, r Request) (page, error) {
	r.Method, r.Expires = http.MethodGet, maxExpires
	a, err := c.ask(ctx, r)
	if err != nil {
		return page{}, err
	}
	if a.status == http.StatusOK && !a.isTruncated {
		if p, ok := readPage(a.body, r.Query["prefix"]); ok {
			return p, nil
		}
	}
	e := a.fault()
	switch {
	case a.status == http.StatusOK && fromOSS(a.header):
		e.Kind = ListingUnreadable
	case e.Kind == ObjectMissing: // a 404 without details
		e.Kind = BucketMissing
	}
	return page{}, e
}

// page is a page of a listing. Its token is empty if it is the last one.
type page struct {
	objects []Listed
	token   string
}

// readPage reads a ListBucketResult. Every key must begin with prefix: a cache in front of the
// service that leaves the query out of its key hands out another listing.
func readPage(body, prefix string) (p page, ok bool) {
	var list struct {
		XMLName                                          xml.Name `xml:"ListBucketResult"`
		EncodingType, IsTruncated, NextContinuationToken string
		Contents                                         []row
	}
	if xml.NewDecoder(strings.NewReader(body)).Decode(&list) != nil {
		return page{}, false
	}
	// As the service's SDKs do: without the element, nothing is encoded.
	isEncoded := strings.EqualFold(list.EncodingType, "url")
	p.objects = make([]Listed, 0, len(list.Contents))
	switch {
	case list.IsTruncated == "true" && isEncoded:
		// A token is Base64, in which a plus sign is one and a space cannot be. It is empty if it cannot
		// be decoded.
		p.token, _ = url.PathUnescape(list.NextContinuationToken)
	case list.IsTruncated == "true":
		p.token = list.NextContinuationToken
	}
	if list.IsTruncated != "false" && p.token == "" {
		return page{}, false
	}
	for _, r := range list.Contents {
		o, ok := r.object(isEncoded)
		if !ok || !strings.HasPrefix(o.Key, prefix) {
			return page{}, false
		}
		p.objects = append(p.objects, o)
	}
	return p, true
}

// row is an object as the XML has it.
type row struct{ Key, Size, ETag, LastModified, StorageClass, RestoreInfo string }

func (r row) object(isEncoded bool) (o Listed, ok bool) {
	key := r.Key
	if isEncoded {
		// A plus sign would be ambiguous: some of the service's SDKs read it as a space, and some do not.
		// The service encodes both characters.
		decoded, err := url.PathUnescape(key)
		if err != nil || strings.Contains(key, "+") {
			return Listed{}, false
		}
		key = decoded
	}
	size, err := strconv.ParseInt(r.Size, 10, 64)
	if key == "" || err != nil || size < 0 {
		return Listed{}, false
	}
	o = Listed{Key: key, Object: Object{
		Size: size, ETag: readETag(r.ETag), StorageClass: matching(storageClass, r.StorageClass),
	}}
	isArchive := slices.Contains([]string{"Archive", "ColdArchive", "DeepColdArchive"}, o.StorageClass)
	o.Archived = isArchive && !isRestored(r.RestoreInfo)
	if modified, err := time.Parse(time.RFC3339, r.LastModified); err == nil {
		o.LastModified = modified.UTC()
	}
	return o, true
}
