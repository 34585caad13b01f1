package osstest

import (
	"crypto/md5"
	"encoding/base64"
	"errors"
	"io"
	"net/http"
	"slices"
	"strconv"
	"strings"
)

// maxBody is the largest upload in bytes. The service takes 5 GiB. Here the bytes stay in memory.
const maxBody = 256 << 20

// subresources are query parameters that turn a request into an operation that is not modelled.
var subresources = []string{
	"acl", "append", "cors", "delete", "lifecycle", "live", "location", "logging", "objectMeta", "partNumber", "policy",
	"position", "referer", "restore", "symlink", "tagging", "uploadId", "uploads", "versioning", "versions", "vod",
	"website",
}

// checkParameters checks parameters that any operation may carry.
func checkParameters(r *http.Request, ps params) *Error {
	for _, p := range ps {
		if slices.Contains(subresources, p.name) {
			return notImplemented("the sub-resource " + p.name)
		}
	}
	limit, inQuery := ps.get("x-oss-traffic-limit")
	if header := r.Header.Values("x-oss-traffic-limit"); len(header) > 0 {
		if inQuery {
			// [?] code and message
			return invalidArgument("0004-00000501", "The traffic limit is in the header and in the query.")
		}
		limit, inQuery = headerValue(header), true
	}
	if n, err := strconv.Atoi(limit); inQuery && (err != nil || n < 819_200 || n > 838_860_800) {
		// [?] message
		return invalidArgument("0004-00000502", "The traffic limit must be between 819200 and 838860800 bit/s.")
	}
	if payer, ok := ps.get("x-oss-request-payer"); ok && payer != "requester" {
		return invalidArgument("", "The value of x-oss-request-payer is invalid.") // [?]
	}
	return nil
}

// version returns the version that a request means. The caller has locked s.mu.
func (b *bucket) version(g grant) (*Object, int, *Error) {
	id, given := g.params.get("versionId")
	switch {
	case given && id == "":
		return nil, -1, invalidArgument("0012-00000201", "The versionId is empty.") // [?] status, code and message
	case given && b.Versioning == VersioningNever:
		return nil, -1, invalidArgument("0012-00000301", "The bucket has no versioning.") // [?] status, code and message
	}
	o, i := b.find(g.address.key, id)
	switch {
	case i < 0 && given:
		return nil, -1, noSuchVersion(g.address.key, id)
	case i < 0:
		return nil, -1, noSuchKey(g.address.key)
	}
	return o, i, nil
}

// put stores the body as a new version.
func (s *Server) put(x *exchange, g grant) *Error {
	if x.r.ContentLength < 0 && len(x.r.TransferEncoding) == 0 ||
		x.r.ContentLength == 0 && x.r.Header["Content-Length"] == nil {
		return newError(http.StatusLengthRequired, "MissingContentLength", "",
			"You must provide the Content-Length HTTP header.")
	}
	var body []byte
	var err error
	if x.r.ContentLength <= maxBody { // otherwise the body is not read
		body, err = io.ReadAll(http.MaxBytesReader(x.w, x.r.Body, maxBody))
	}
	if tooLarge := (*http.MaxBytesError)(nil); x.r.ContentLength > maxBody || errors.As(err, &tooLarge) {
		return newError(http.StatusBadRequest, "EntityTooLarge", "", "Your proposed upload exceeds the maximum allowed size.")
	}
	if err != nil {
		return newError(http.StatusBadRequest, "IncompleteBody", "", "The request body is incomplete.") // [?]
	}
	sum := md5.Sum(body)
	if want := x.r.Header.Get("Content-MD5"); want != "" && want != base64.StdEncoding.EncodeToString(sum[:]) {
		return newError(http.StatusBadRequest, "InvalidDigest", "", "The Content-MD5 you specified was invalid.") // [?] EC
	}
	o := uploaded(g.address.key, body, x.r.Header)

	s.mu.Lock()
	b, ok := s.buckets[g.bucket.Name]
	if !ok {
		s.mu.Unlock()
		return noSuchBucket(g.bucket.Name)
	}
	_, exists := b.find(o.Key, "")
	forbid := strings.EqualFold(x.r.Header.Get("x-oss-forbid-overwrite"), "true") && b.Versioning == VersioningNever
	if forbid && exists >= 0 {
		s.mu.Unlock()
		return newError(http.StatusConflict, "FileAlreadyExists", "0026-00000002",
			"The object you specified already exists and can not be overwritten.",
			element{name: "Key", value: o.Key})
	}
	id, versioned := s.store(b, o), b.Versioning != VersioningNever
	stored, _ := b.find(o.Key, id)
	s.mu.Unlock()

	h := x.w.Header()
	stored.describe(h)
	if versioned {
		h.Set("x-oss-version-id", id)
	}
	h.Set("Content-Length", "0")
	x.send(http.StatusOK)
	return nil
}

// uploaded makes an object from an upload's headers.
func uploaded(key string, body []byte, header http.Header) Object {
	o := Object{
		Key: key, Body: body, ContentType: header.Get("Content-Type"), StorageClass: header.Get("x-oss-storage-class"),
		Header: map[string]string{}, Meta: map[string]string{},
	}
	for _, name := range []string{
		"Cache-Control", "Content-Disposition", "Content-Encoding", "Content-Language", "Expires",
	} {
		if v := header.Get(name); v != "" {
			o.Header[name] = v
		}
	}
	for name, values := range header {
		if meta, ok := strings.CutPrefix(strings.ToLower(name), "x-oss-meta-"); ok {
			o.Meta[meta] = headerValue(values)
		}
	}
	return o
}

// delete removes an object, or puts a delete marker on top of its versions. What is not there is
// deleted all the same.
func (s *Server) delete(x *exchange, g grant) *Error {
	h := x.w.Header()
	err := func() *Error {
		s.mu.Lock()
		defer s.mu.Unlock()
		b, ok := s.buckets[g.bucket.Name]
		if !ok {
			return noSuchBucket(g.bucket.Name)
		}
		o, i, err := b.version(g)
		id, given := g.params.get("versionId")
		switch {
		case err != nil && err.Status != http.StatusNotFound:
			return err
		case given:
			h.Set("x-oss-version-id", id)
			if err == nil {
				if o.DeleteMarker {
					h.Set("x-oss-delete-marker", "true")
				}
				b.drop(o.Key, i)
			}
		case b.Versioning != VersioningNever:
			id = s.store(b, Object{Key: g.address.key, DeleteMarker: true})
			h.Set("x-oss-delete-marker", "true")
			h.Set("x-oss-version-id", id)
		case err == nil:
			b.drop(o.Key, i)
		}
		return nil
	}()
	if err != nil {
		return err
	}
	x.send(http.StatusNoContent)
	return nil
}
