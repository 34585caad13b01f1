package probe

import (
	"net/http"
	"strconv"
	"strings"
	"time"
)

// Object contains the facts in an answer about an object that may be read. A CDN may drop headers,
// so that each fact may be absent: -1 for Size, empty or zero for the others.
type Object struct {
	Size int64 // bytes of the whole object
	// ETag is without quotes, and without the mark of a weak one. It is the MD5 of the content in
	// hexadecimal for objects of a simple upload, and has another meaning for others.
	ETag         string
	CRC64        string    // CRC-64 of the content by ECMA-182, a decimal number
	LastModified time.Time // UTC, whole seconds
	ContentType  string    // the media type, as the answer has it
	// VersionID is empty if the bucket has never had versioning, and "null" for a version made before
	// versioning was turned on, or while it was suspended. The next upload may replace that one.
	VersionID     string
	StorageClass  string    // one of the service's, such as "Standard" or "ColdArchive"
	RestoredUntil time.Time // when the copy of an archived object expires that can be read
}

// WarnOfCopy returns a warning if the restored copy of an archived object expires before the URL of
// r does, at end. Otherwise it is nil.
func (o Object) WarnOfCopy(r Request, end time.Time) *Error {
	if r.Method != http.MethodGet || o.RestoredUntil.IsZero() || !o.RestoredUntil.Before(end) {
		return nil
	}
	return &Error{Kind: CopyExpires, Request: r, facts: []string{
		"{class}", o.StorageClass, "{until}", o.RestoredUntil.Format(time.RFC3339), "{end}", end.Format(time.RFC3339),
	}}
}

// The forms that facts must have to be kept.
var (
	storageClass = newForm(`^[A-Z][A-Za-z]{1,31}$`)
	entityTag    = newForm(`^[A-Za-z0-9_.+=/-]{1,128}$`)
	version      = newForm(`^[A-Za-z0-9_.+=/~-]{1,128}$`)
	mediaType    = newForm(`^[A-Za-z0-9!#$&^_.+-]{1,127}/[A-Za-z0-9!#$&^_.+-]{1,127}` +
		`( ?; ?[A-Za-z0-9_-]{1,32}="?[A-Za-z0-9 _.+:-]{1,64}"?){0,4}$`)
	contentRange = newForm(`^bytes ([0-9]{1,19}-[0-9]{1,19}|\*)/([0-9]{1,19}|\*)$`)
)

// readObject returns the facts about an object. If the answer is a refusal, the error is an *Error.
func readObject(a answer) (Object, error) {
	h := a.header
	part := h.Get("Content-Range")
	isPart := contentRange().MatchString(part)
	switch status := a.status; {
	// A CDN may drop every header of the service, and no login page answers with a part of itself.
	case status == http.StatusPartialContent && isPart:
	case isSuccess(status) && fromOSS(h):
	case status == http.StatusRequestedRangeNotSatisfiable && a.isFirstByte && (isPart || fromOSS(h)):
	default:
		return Object{}, a.fault()
	}
	o := Object{
		Size:         readSize(a.status, part, h.Get("Content-Length")),
		ETag:         readETag(h.Get("ETag")),
		VersionID:    matching(version, h.Get("x-oss-version-id")),
		StorageClass: matching(storageClass, h.Get("x-oss-storage-class")),
	}
	if crc, err := strconv.ParseUint(h.Get("x-oss-hash-crc64ecma"), 10, 64); err == nil {
		o.CRC64 = strconv.FormatUint(crc, 10)
	}
	if modified, err := http.ParseTime(h.Get("Last-Modified")); err == nil {
		o.LastModified = modified.UTC()
	}
	// The type in a 416 is that of the error.
	if isSuccess(a.status) {
		o.ContentType = matching(mediaType, h.Get("Content-Type"))
	}
	if restore := h.Get("x-oss-restore"); isRestored(restore) {
		_, rest, _ := strings.Cut(restore, `expiry-date="`)
		date, _, _ := strings.Cut(rest, `"`)
		if until, err := http.ParseTime(date); err == nil {
			o.RestoredUntil = until.UTC()
		}
	}
	return o, nil
}

// readSize returns the size of the whole object, or -1 if the answer does not contain it. A range
// of the first byte that cannot be satisfied means that the object is empty.
func readSize(status int, part, length string) int64 {
	total := length
	if status != http.StatusOK {
		_, total, _ = strings.Cut(part, "/")
	}
	if total == "" && status == http.StatusRequestedRangeNotSatisfiable {
		return 0
	}
	size, err := strconv.ParseInt(total, 10, 64)
	if err != nil || size < 0 {
		return -1
	}
	return size
}

// readETag returns an entity tag without quotes, or "" if the text does not have the form of one. A
// proxy that changes the encoding of a body marks the tag as weak ("W/").
func readETag(value string) string {
	return matching(entityTag, strings.Trim(strings.TrimPrefix(strings.TrimSpace(value), "W/"), `"`))
}

// isRestored reports whether x-oss-restore shows a copy that can be read.
func isRestored(value string) bool { return strings.Contains(value, `ongoing-request="false"`) }
