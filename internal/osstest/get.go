package osstest

import (
	"net/http"
	"strconv"
	"strings"
)

// overrides are the query parameters that replace a header of a successful answer.
var overrides = map[string]string{
	"response-cache-control":       "Cache-Control",
	"response-content-disposition": "Content-Disposition",
	"response-content-encoding":    "Content-Encoding",
	"response-content-language":    "Content-Language",
	"response-content-type":        "Content-Type",
	"response-expires":             "Expires",
}

// get answers GET and HEAD.
func (s *Server) get(x *exchange, g grant) *Error {
	// [?] It is not established whether HEAD is refused as well, and whether every account and host is
	// affected.
	if _, ok := g.params.get("response-content-type"); ok && x.r.Method == http.MethodGet {
		return newError(http.StatusBadRequest, "InvalidRequest", "0017-00000902",
			"Can not override response header on content-type")
	}
	o, err := s.readable(g, x.r.Method)
	if err != nil {
		return err
	}
	if err := checkConditions(x.r.Header, o); err != nil {
		return err
	}
	h := x.w.Header()
	body, status := o.Body, http.StatusOK
	standard := g.bucket.StandardRanges || x.r.Header.Get("x-oss-range-behavior") == "standard"
	from, to, err := cutRange(x.r.Header, len(o.Body), standard)
	if err != nil {
		return err
	}
	if from >= 0 {
		h.Set("Content-Range", "bytes "+strconv.Itoa(from)+"-"+strconv.Itoa(to)+"/"+strconv.Itoa(len(body)))
		body, status = body[from:to+1], http.StatusPartialContent
	}
	writeObjectHeaders(h, o, g.bucket.Bucket)
	for name, header := range overrides {
		if v, _ := g.params.get(name); v != "" { // [?] an empty override changes nothing
			h.Set(header, v)
		}
	}
	if ec := forcedDownload(g, h.Get("Content-Type")); ec != "" {
		// [?] Whether a signed response-content-disposition=inline escapes this is not established:
		// here it does not.
		h.Set("x-oss-force-download", "true")
		h.Set("x-oss-ec", ec)
		if !strings.HasPrefix(h.Get("Content-Disposition"), "attachment") {
			h.Set("Content-Disposition", "attachment")
		}
	}
	h.Set("Content-Length", strconv.Itoa(len(body)))
	x.send(status)
	if x.r.Method == http.MethodGet {
		x.write(body)
	}
	return nil
}

// readable finds the requested version and checks that it may be read.
func (s *Server) readable(g grant, method string) (*Object, *Error) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	_, given := g.params.get("versionId")
	o, _, err := g.bucket.version(g)
	if err != nil {
		if err.Status == http.StatusNotFound && g.bucket.RedirectMissing != "" {
			return nil, redirect(g)
		}
		return nil, err
	}
	switch {
	case o.DeleteMarker && given:
		e := methodNotAllowed(method, "DeleteMarker")
		e.header = http.Header{"X-Oss-Delete-Marker": {"true"}, "X-Oss-Version-Id": {o.VersionID}, "Allow": {"DELETE"}}
		return nil, e
	case o.DeleteMarker:
		e := noSuchKey(o.Key) // [?] EC
		e.header = http.Header{"X-Oss-Delete-Marker": {"true"}, "X-Oss-Version-Id": {o.VersionID}}
		return nil, e
	case o.Denied:
		// [?] EC and message
		return nil, accessDenied("0003-00000001", "You have no right to access this object because of object acl.")
	case o.archived() && method == http.MethodGet && (o.StorageClass != "Archive" || !g.bucket.ArchiveDirectRead):
		return nil, forbidden("InvalidObjectState", "0016-00000404", "The operation is not valid for the object's state",
			element{name: "ObjectName", value: o.Key})
	case isApp(o) && g.bucket.RestrictedDownloads && g.address.kind.isDefaultPublic():
		// [?] Whether a signed URL escapes this is not established.
		e := newError(http.StatusBadRequest, "ApkDownloadForbidden", "0048-00000200",
			"Not allowed to download apk files using the default domain of OSS.")
		return nil, e
	}
	return o, nil
}

// redirect answers a request for a missing object of a bucket with a redirection rule. [?] The body
// of the 302 is not established.
func redirect(g grant) *Error {
	if g.bucket.RestrictedRedirects && (g.address.kind.isDefaultPublic() || g.address.kind == hostAccelerate) {
		e := newError(http.StatusBadRequest, "ExternalRedirectForbidden", "0048-00000300",
			"3xx redirect to public network is not allowed using the OSS endpoint, please use CNAME instead.")
		e.header = http.Header{"Location": {g.bucket.RedirectMissing}}
		return e
	}
	e := newError(http.StatusFound, "Found", "", "The object is elsewhere.")
	e.header = http.Header{"Location": {g.bucket.RedirectMissing}}
	return e
}

// writeObjectHeaders sets the headers that describe a version.
func writeObjectHeaders(h http.Header, o *Object, b Bucket) {
	for name, value := range o.Header {
		h.Set(name, value)
	}
	for name, value := range o.Meta {
		h.Set("x-oss-meta-"+name, value)
	}
	o.describe(h)
	h.Set("Content-Type", o.ContentType)
	h.Set("Accept-Ranges", "bytes")
	h.Set("Last-Modified", o.LastModified.Format(http.TimeFormat))
	h.Set("x-oss-object-type", "Normal")
	h.Set("x-oss-storage-class", o.StorageClass)
	if b.Versioning != VersioningNever {
		h.Set("x-oss-version-id", o.VersionID)
	}
	if restore := o.restoreInfo(); restore != "" {
		h.Set("x-oss-restore", restore)
	}
}

// checkConditions answers 412 or 304 if a condition is not met. It reads lists of entity tags and
// "*". With If-None-Match, If-Modified-Since does not count, and with If-Match If-Unmodified-Since
// does not (RFC 9110 §13.2.2. The service's own precedence is not established [?]). Dates that do
// not parse count for nothing.
func checkConditions(h http.Header, o *Object) *Error {
	match, noneMatch := h.Get("If-Match"), h.Get("If-None-Match")
	switch {
	case match != "":
		if !matchesETag(match, o) {
			return preconditionFailed("If-Match")
		}
	default:
		if t, err := http.ParseTime(h.Get("If-Unmodified-Since")); err == nil && o.LastModified.After(t) {
			return preconditionFailed("If-Unmodified-Since")
		}
	}
	unchanged := false
	if noneMatch != "" {
		unchanged = matchesETag(noneMatch, o)
	} else if t, err := http.ParseTime(h.Get("If-Modified-Since")); err == nil {
		unchanged = !o.LastModified.After(t)
	}
	if !unchanged {
		return nil
	}
	e := newError(http.StatusNotModified, "NotModified", "", "Not Modified")
	e.header = http.Header{"Etag": {o.etag()}, "Last-Modified": {o.LastModified.Format(http.TimeFormat)}}
	return e
}

func matchesETag(list string, o *Object) bool {
	for tag := range strings.SplitSeq(list, ",") {
		tag = strings.TrimSpace(tag)
		if tag == "*" || strings.EqualFold(strings.Trim(tag, `"`), strings.Trim(o.etag(), `"`)) {
			return true
		}
	}
	return false
}

// cutRange returns first and last byte of the part to send, or -1 for the whole. Without
// x-oss-range-behavior: standard, a range that does not lie within the object is ignored. Most
// pages of the documentation have this, one has 416 [?]. Several ranges, and what is no range, are
// ignored.
func cutRange(h http.Header, size int, standard bool) (from, to int, err *Error) {
	spec, ok := strings.CutPrefix(h.Get("Range"), "bytes=")
	first, last, dash := strings.Cut(strings.TrimSpace(spec), "-")
	if !ok || !dash {
		return -1, -1, nil
	}
	n, errFirst := strconv.ParseUint(first, 10, 62)
	m, errLast := strconv.ParseUint(last, 10, 62)
	from, to = int(n), int(m)
	switch {
	case first == "" && errLast == nil: // the last m bytes
		from, to = size-int(m), size-1
		if standard && from < 0 && size > 0 {
			from = 0
		}
	case errFirst == nil && last == "":
		to = size - 1
	case errFirst != nil || errLast != nil || from > to:
		return -1, -1, nil
	}
	if standard && from < size {
		to = min(to, size-1)
	}
	if from >= 0 && from < size && to < size && from <= to {
		return from, to, nil
	}
	if !standard {
		return -1, -1, nil
	}
	// [?] EC
	e := newError(http.StatusRequestedRangeNotSatisfiable, "InvalidRange", "", "The requested range cannot be satisfied.")
	e.header = http.Header{"Content-Range": {"bytes */" + strconv.Itoa(size)}}
	return -1, -1, e
}

// forcedDownload returns the EC under which a type comes as a download, or "" if it does not.
func forcedDownload(g grant, contentType string) string {
	if !g.bucket.RestrictedDownloads || !g.address.kind.isDefaultPublic() {
		return ""
	}
	contentType, _, _ = strings.Cut(strings.ToLower(contentType), ";")
	if contentType == "text/html" || contentType == "application/xhtml+xml" || strings.HasPrefix(contentType, "image/") {
		return "0048-00000101"
	}
	return ""
}

func isApp(o *Object) bool {
	return o.ContentType == "application/vnd.android.package-archive" || o.ContentType == "application/iphone"
}
