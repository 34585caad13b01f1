package probe

import (
	"context"
	"encoding/xml"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/alioss/terraform-provider-alioss/internal/text"
	"github.com/alioss/terraform-provider-alioss/internal/transport"
)

const (
	// pageSize is the most objects that the service puts on a page.
	pageSize = "1000"
	// MaxPage is how many bytes of a page are read. A thousand keys of 1,023 bytes that are encoded
	// throughout come to 4 MiB.
	MaxPage = 8 << 20
	// maxEmpty is how many pages in a row may be without objects. The service may send shorter pages
	// than requested.
	maxEmpty = 1000
)

// Sign returns a URL, signed for GET, for a request to the bucket itself with these query
// parameters, and the headers to send. It is called for each page. query is the callee's to keep.
type Sign func(query map[string]string) (url string, headers map[string]string, err error)

// Listing is what there is under a prefix.
type Listing struct {
	// Objects are the current ones, in the order of the bytes of their keys, placeholders included.
	Objects []Listed
	// Pages is how many pages were read.
	Pages int
}

// Listed is what a listing contains about an object.
type Listed struct {
	// Key is the object's name, byte for byte. It may begin with a slash, contain control
	// characters, or be no UTF-8.
	Key string
	// Size is the number of bytes.
	Size int64
	// ETag, LastModified and StorageClass are those of [Object]. Each is empty or zero if the answer
	// does not contain it.
	ETag         string
	LastModified time.Time
	StorageClass string
	// Restored reports whether an archived object has a copy that can be read for the time being.
	Restored bool
}

// Placeholder reports whether the object represents a folder: it is empty and its key ends in a
// slash.
func (l Listed) Placeholder() bool { return l.Size == 0 && strings.HasSuffix(l.Key, "/") }

// Archived reports whether the object is of a class that must be restored before it can be read,
// and has no restored copy. A bucket with direct read of archived objects returns the class
// "Archive" all the same.
func (l Listed) Archived() bool { return isArchived(l.StorageClass, l.Restored) }

// TooManyError reports that there are more objects under a prefix than the caller allows.
type TooManyError struct {
	Limit int // the most objects that the caller allows
	Pages int // how many pages were read to find that out
}

func (e *TooManyError) Error() string {
	return fmt.Sprintf("there are more than %s objects (%s pages read)",
		text.Thousands(e.Limit), text.Thousands(e.Pages))
}

// List lists the objects of a bucket whose keys begin with prefix, by ListObjectsV2 with 1,000 a
// page. An empty prefix is the whole bucket. More than limit objects that are no placeholders, or
// more than twice as many with them, are a *[TooManyError].
//
// A page has [PageTimeout] with all its tries. It is requested again after a connection that fails,
// and after statuses 429 and 5xx. An answer that is no listing, or whose keys cannot be decoded for
// sure, is an *[Error], and so is a listing that comes to no end. An error of sign is returned as
// it is; if ctx has ended, its cause is. Pages is set with an error too.
func (c Client) List(ctx context.Context, sign Sign, prefix string, limit int) (Listing, error) {
	var l Listing
	token := ""
	seen := map[string]bool{}
	objects, empty := 0, 0
	for {
		p, err := c.page(ctx, sign, prefix, token)
		if err != nil {
			return Listing{Pages: l.Pages}, err
		}
		l.Pages++
		l.Objects = append(l.Objects, p.objects...)
		for _, o := range p.objects {
			if !o.Placeholder() {
				objects++
			}
		}
		if objects > limit || len(l.Objects) > 2*limit {
			return Listing{Pages: l.Pages}, &TooManyError{Limit: limit, Pages: l.Pages}
		}
		if empty++; len(p.objects) > 0 {
			empty = 0
		}
		if p.token == "" {
			break
		}
		if seen[p.token] || empty == maxEmpty {
			return Listing{Pages: l.Pages}, &Error{Kind: ListingEndless}
		}
		token, seen[p.token] = p.token, true
	}
	// The service sends them in this order. A proxy or cache in front of it may not.
	slices.SortStableFunc(l.Objects, func(a, b Listed) int { return strings.Compare(a.Key, b.Key) })
	for i, o := range l.Objects {
		if i > 0 && o.Key == l.Objects[i-1].Key {
			return Listing{Pages: l.Pages}, &Error{Kind: ListingEndless}
		}
	}
	return l, nil
}

// page requests one page.
func (c Client) page(ctx context.Context, sign Sign, prefix, token string) (page, error) {
	query := map[string]string{"list-type": "2", "max-keys": pageSize, "encoding-type": "url"}
	if prefix != "" {
		query["prefix"] = prefix
	}
	if token != "" {
		query["continuation-token"] = token
	}
	link, headers, err := sign(query)
	if err != nil {
		return page{}, err
	}
	limits := transport.Limits{Tries: MaxTries, Pause: firstPause, Try: PageTimeout, All: PageTimeout}
	a, err := c.ask(ctx, limits, http.MethodGet, link, headerOf(headers), func(status int) int64 {
		if status == http.StatusOK {
			return MaxPage
		}
		return maxError
	})
	if err != nil {
		return page{}, err
	}
	if a.status == http.StatusOK && !a.isTruncated {
		if p, err := readPage(a.body, prefix); err == nil {
			return p, nil
		}
	}
	e := a.refusal()
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

// errUnreadable is the error for an answer that is no page of a listing. It is not shown.
var errUnreadable = errors.New("the page cannot be read")

// readPage reads a ListBucketResult. Every key must begin with prefix: a cache in front of the
// service that leaves the query out of its key hands out another listing.
func readPage(body, prefix string) (page, error) {
	var p page
	var encoding, truncated, token string
	var rows []row
	d := xml.NewDecoder(strings.NewReader(body))
	if start, err := nextElement(d); err != nil || start == nil || start.Name.Local != "ListBucketResult" {
		return page{}, errUnreadable
	}
	for {
		start, err := nextElement(d)
		if err != nil {
			return page{}, errUnreadable
		}
		if start == nil {
			break
		}
		switch start.Name.Local {
		case "Contents":
			var r row
			err = d.DecodeElement(&r, start)
			rows = append(rows, r)
		case "EncodingType":
			err = d.DecodeElement(&encoding, start)
		case "IsTruncated":
			err = d.DecodeElement(&truncated, start)
		case "NextContinuationToken":
			err = d.DecodeElement(&token, start)
		default:
			err = d.Skip()
		}
		if err != nil {
			return page{}, errUnreadable
		}
	}
	// As the service's SDKs do: without the element, nothing is encoded.
	isEncoded := strings.EqualFold(encoding, "url")
	switch truncated {
	case "true":
		if isEncoded {
			// A token is Base64, in which a plus sign is one and a space cannot be.
			decoded, err := url.PathUnescape(token)
			if err != nil {
				return page{}, errUnreadable
			}
			token = decoded
		}
		if token == "" {
			return page{}, errUnreadable
		}
		p.token = token
	case "false":
	default:
		return page{}, errUnreadable
	}
	p.objects = make([]Listed, 0, len(rows))
	for _, r := range rows {
		o, err := r.object(isEncoded)
		if err != nil || !strings.HasPrefix(o.Key, prefix) {
			return page{}, errUnreadable
		}
		p.objects = append(p.objects, o)
	}
	return p, nil
}

// nextElement returns the next element within the current one, or nil after its last.
func nextElement(d *xml.Decoder) (*xml.StartElement, error) {
	for {
		t, err := d.Token()
		if err != nil {
			return nil, err
		}
		switch t := t.(type) {
		case xml.StartElement:
			return &t, nil
		case xml.EndElement:
			return nil, nil
		}
	}
}

// row is an object as the XML has it.
type row struct {
	Key, Size, ETag, LastModified, StorageClass, RestoreInfo string
}

func (r row) object(isEncoded bool) (Listed, error) {
	key := r.Key
	if isEncoded {
		// A plus sign would be ambiguous: some of the service's SDKs read it as a space, and some do not.
		// The service encodes both characters.
		decoded, err := url.PathUnescape(key)
		if err != nil || strings.Contains(key, "+") {
			return Listed{}, errUnreadable
		}
		key = decoded
	}
	size, err := strconv.ParseInt(r.Size, 10, 64)
	if key == "" || err != nil || size < 0 {
		return Listed{}, errUnreadable
	}
	o := Listed{Key: key, Size: size, ETag: readETag(r.ETag), StorageClass: matching(storageClass, r.StorageClass)}
	if modified, err := time.Parse(time.RFC3339, r.LastModified); err == nil {
		o.LastModified = modified.UTC()
	}
	o.Restored, _ = readRestore(r.RestoreInfo)
	return o, nil
}
