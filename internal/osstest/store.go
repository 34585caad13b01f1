package osstest

import (
	"bytes"
	"crypto/md5"
	"encoding/base64"
	"fmt"
	"hash/crc64"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// Versioning is a bucket's versioning state.
type Versioning string

// The states of a bucket. Once enabled, versioning can be suspended but not taken back.
const (
	VersioningNever     Versioning = ""
	VersioningEnabled   Versioning = "Enabled"
	VersioningSuspended Versioning = "Suspended"
)

// ecma is the polynomial of x-oss-hash-crc64ecma (ECMA-182).
var ecma = crc64.MakeTable(crc64.ECMA)

// nullVersion is the id of versions made while versioning was off or suspended.
const nullVersion = "null"

// A Refusal makes a bucket refuse every signed request.
type Refusal string

// Why a bucket refuses.
const (
	RefusedNot       Refusal = ""
	RefusedByPolicy  Refusal = "policy"  // a bucket policy denies
	RefusedByReferer Refusal = "referer" // the referer list does not contain the request's
	RefusedByACL     Refusal = "acl"     // the key's owner has no right to the bucket
	RefusedDisabled  Refusal = "disabled"
	RefusedInDebt    Refusal = "debt"
)

func (r Refusal) err() *Error {
	switch r {
	case RefusedNot:
		return nil
	case RefusedByPolicy:
		return accessDenied("0003-00000101", "Access denied by bucket policy.")
	case RefusedByReferer:
		return accessDenied("", "You are denied by bucket referer policy.") // [?] EC
	case RefusedByACL:
		return accessDenied("0003-00000005", "You have no right to access this object because of bucket acl.")
	case RefusedDisabled:
		return forbidden("UserDisable", "0003-00000801", "UserDisable")
	case RefusedInDebt:
		return forbidden("InDebt", "", "Your account is in debt.") // [?] EC and message
	}
	return accessDenied("", "Access denied: "+string(r)+".")
}

// A Bucket is a bucket's settings.
type Bucket struct {
	Name       string
	Region     string // region id, empty for Config.Region. A cloud-box id ("cb-…") puts the bucket into a CloudBox
	Versioning Versioning
	Domains    []string // custom domains bound to the bucket: host names without port
	Refusal    Refusal

	// data is not served on the default public hosts (accounts since 2025-03-20, mainland regions)
	PublicEndpointForbidden bool
	// on the default public hosts HTML and images come as downloads, and .apk and .ipa not at all
	RestrictedDownloads bool
	ArchiveDirectRead   bool // archived objects can be read without restoring
	RequesterPays       bool // requests must carry x-oss-request-payer=requester in the query

	// RedirectMissing is the URL to which a redirection rule of the bucket sends GET and HEAD of
	// missing objects, as a 302. If it is empty, the answer is 404.
	RedirectMissing string
	// RestrictedRedirects refuses such a redirect on the default public and acceleration hosts,
	// with 400 ExternalRedirectForbidden, as buckets created since 2024-08-05 do.
	RestrictedRedirects bool
	// StandardRanges refuses ranges that lie outside of the object with 416 also without
	// x-oss-range-behavior: standard. Pages of the documentation differ on which of the two the
	// service does [?].
	StandardRanges bool
}

// bucket is a Bucket with its objects. The versions of a key are sorted, the oldest first.
type bucket struct {
	Bucket
	objects map[string][]*Object
	listing *listing // shared by the copies of a bucket
}

// An Object is one version of an object.
type Object struct {
	Key          string
	Body         []byte
	ContentType  string            // empty means application/octet-stream
	Header       map[string]string // stored headers, such as Cache-Control, Content-Disposition, Content-Encoding
	Meta         map[string]string // user metadata, without the prefix x-oss-meta-
	StorageClass string            // empty for Standard, or IA, Archive, ColdArchive, DeepColdArchive
	Restored     bool              // an archived object that has been restored
	Restoring    bool              // an archived object that is being restored
	RestoredTill time.Time         // with Restored: when the restored copy expires, zero if no answer contains it
	Denied       bool              // the object's ACL denies reading
	LastModified time.Time         // zero means the server's clock
	VersionID    string            // empty: made by the server according to the bucket's versioning
	DeleteMarker bool              // the version is a delete marker: without body
	// Key is not checked against the service's rules: for names that only a listing can show
	AnyKey bool

	md5   [md5.Size]byte // of Body, computed when it is stored
	crc64 uint64         // likewise
}

// SetBucket makes a bucket, or changes the settings of the one with this name and keeps its
// objects.
func (s *Server) SetBucket(b Bucket) error {
	if !validBucketName(b.Name) {
		return fmt.Errorf("bucket %q: a name is 3 to 63 of a-z, 0-9 and -, with no - at either end", b.Name)
	}
	if b.Region == "" {
		b.Region = s.region
	}
	b.Domains = slices.Clone(b.Domains)
	for i, d := range b.Domains {
		b.Domains[i] = hostName(d)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, d := range b.Domains {
		if owner, ok := s.domains[d]; ok && owner != b.Name {
			return fmt.Errorf("bucket %q: domain %q is bound to bucket %q", b.Name, d, owner)
		}
	}
	old, ok := s.buckets[b.Name]
	if !ok {
		s.buckets[b.Name] = &bucket{Bucket: b, objects: map[string][]*Object{}, listing: &listing{}}
	} else {
		if old.Versioning != VersioningNever && b.Versioning == VersioningNever {
			return fmt.Errorf("bucket %q: versioning cannot be taken back, only suspended", b.Name)
		}
		old.Bucket = b
	}
	maps.DeleteFunc(s.domains, func(_, owner string) bool { return owner == b.Name })
	for _, d := range b.Domains {
		s.domains[d] = b.Name
	}
	return nil
}

// PutObject stores a version of an object, as the newest, and returns its version id ("null"
// without versioning). An id given in o must be new for the key. It needs a bucket with versioning,
// and so does a delete marker.
func (s *Server) PutObject(bucketName string, o Object) (string, error) {
	if err := checkKey(o.Key); err != nil && (!o.AnyKey || o.Key == "") {
		return "", fmt.Errorf("object %q: %w", o.Key, err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	b, ok := s.buckets[bucketName]
	if !ok {
		return "", fmt.Errorf("bucket %q: no such bucket", bucketName)
	}
	if b.Versioning == VersioningNever && (o.DeleteMarker || o.VersionID != "" && o.VersionID != nullVersion) {
		return "", fmt.Errorf("object %q: bucket %q has no versions", o.Key, bucketName)
	}
	if _, i := b.find(o.Key, o.VersionID); o.VersionID != "" && o.VersionID != nullVersion && i >= 0 {
		return "", fmt.Errorf("object %q: version %q exists", o.Key, o.VersionID)
	}
	o.Body = bytes.Clone(o.Body)
	return s.store(b, o), nil
}

// Object returns the newest version of an object, or the one with this id, and whether it is there.
// The body is not to be changed.
func (s *Server) Object(bucketName, key, versionID string) (Object, bool) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	b, ok := s.buckets[bucketName]
	if !ok {
		return Object{}, false
	}
	o, i := b.find(key, versionID)
	if i < 0 {
		return Object{}, false
	}
	return *o, true
}

// find returns a version and its place, or -1. An empty id means the newest. The caller has locked
// s.mu.
func (b *bucket) find(key, versionID string) (*Object, int) {
	versions := b.objects[key]
	for i, o := range slices.Backward(versions) {
		if versionID == "" || o.VersionID == versionID {
			return o, i
		}
	}
	return nil, -1
}

// store adds a version and returns its id. The caller has locked s.mu. o is kept.
func (s *Server) store(b *bucket, o Object) string {
	if o.LastModified.IsZero() {
		o.LastModified = s.now()
	}
	o.LastModified = o.LastModified.UTC().Truncate(time.Second)
	if o.ContentType == "" {
		o.ContentType = "application/octet-stream"
	}
	if o.StorageClass == "" {
		o.StorageClass = "Standard"
	}
	if o.VersionID == "" {
		o.VersionID = nullVersion
		if b.Versioning == VersioningEnabled {
			s.versions++
			o.VersionID = "CAEQ" + base64.StdEncoding.EncodeToString(fmt.Appendf(nil, "%045d", s.versions))
		}
	}
	if _, i := b.find(o.Key, o.VersionID); i >= 0 {
		b.objects[o.Key] = slices.Delete(b.objects[o.Key], i, i+1)
	}
	o.md5, o.crc64 = md5.Sum(o.Body), crc64.Checksum(o.Body, ecma)
	b.objects[o.Key] = append(b.objects[o.Key], &o)
	b.listing.forget()
	return o.VersionID
}

// drop removes the version at this place. The caller has locked s.mu.
func (b *bucket) drop(key string, i int) {
	if b.objects[key] = slices.Delete(b.objects[key], i, i+1); len(b.objects[key]) == 0 {
		delete(b.objects, key)
	}
}

// etag is the upper-case hex MD5 in quotes, as the service makes it for simple uploads.
func (o *Object) etag() string { return fmt.Sprintf(`"%X"`, o.md5) }

// describe writes the headers that identify a version's content.
func (o *Object) describe(h http.Header) {
	h.Set("ETag", o.etag())
	h.Set("Content-MD5", base64.StdEncoding.EncodeToString(o.md5[:]))
	h.Set("x-oss-hash-crc64ecma", strconv.FormatUint(o.crc64, 10))
}

// archived reports whether an object must be restored before it can be read.
func (o *Object) archived() bool { return strings.HasSuffix(o.StorageClass, "Archive") && !o.Restored }

// restoreInfo is the state of a restoration, as x-oss-restore and the listing contain it, empty if
// there was none.
func (o *Object) restoreInfo() string {
	switch {
	case o.Restoring:
		return `ongoing-request="true"`
	case o.Restored && !o.RestoredTill.IsZero():
		return `ongoing-request="false", expiry-date="` + o.RestoredTill.UTC().Format(http.TimeFormat) + `"`
	case o.Restored:
		return `ongoing-request="false"`
	}
	return ""
}

// checkKey applies the service's rules for object names (1 to 1,023 bytes of UTF-8, no '/' or '\'
// at the start). [?] EC
func checkKey(key string) *Error {
	if key == "" || len(key) > 1023 || !utf8.ValidString(key) || strings.HasPrefix(key, "/") ||
		strings.HasPrefix(key, `\`) {
		return newError(http.StatusBadRequest, "InvalidObjectName", "", "The specified object is not valid.")
	}
	return nil
}
