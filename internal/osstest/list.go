package osstest

import (
	"encoding/base64"
	"encoding/xml"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"unicode/utf8"
)

const (
	maxListKeys     = 1000
	defaultListKeys = 100
)

// A listing is the sorted keys of a bucket, made at the first request after an upload. It may
// contain keys of which no version is left.
type listing struct {
	mu   sync.Mutex
	keys []string
	made bool
}

func (l *listing) forget() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.keys, l.made = nil, false
}

// sorted returns all keys in the order of their bytes, those of delete markers included. The caller
// has locked Server.mu.
func (l *listing) sorted(objects map[string][]*Object) []string {
	l.mu.Lock()
	defer l.mu.Unlock()
	if !l.made {
		l.keys, l.made = slices.Sorted(maps.Keys(objects)), true
	}
	return l.keys
}

// listRequest is the content of the parameters of ListObjectsV2.
type listRequest struct {
	prefix, startAfter string
	token              string // as it was sent, empty for the first page
	after              string // the last key before the page, empty for the first
	maxKeys            int
	encoded            bool // encoding-type=url
}

// readListRequest reads the parameters of "ListObjectsV2 (GetBucketV2)". The answers to wrong
// values are not established [?]: the page has neither codes nor ECs. Parameters that it does not
// name count for nothing [?].
func readListRequest(ps params) (listRequest, *Error) {
	q := listRequest{maxKeys: defaultListKeys}
	for _, p := range ps {
		wrong := func(message string) *Error {
			return invalidArgument("", message,
				element{name: "ArgumentName", value: p.name}, element{name: "ArgumentValue", value: p.value})
		}
		switch p.name {
		case "list-type":
			if p.value != "2" {
				return q, wrong("The list type is not supported.")
			}
		case "max-keys":
			n, err := strconv.Atoi(p.value)
			if err != nil || n < 1 || n > maxListKeys {
				return q, wrong("The max-keys must be between 1 and 1000.")
			}
			q.maxKeys = n
		case "prefix", "start-after":
			if len(p.value) >= 1024 || !utf8.ValidString(p.value) {
				return q, wrong("The length must be less than 1024 bytes.")
			}
			if p.name == "prefix" {
				q.prefix = p.value
			} else {
				q.startAfter = p.value
			}
		case "encoding-type":
			if p.value != "url" {
				return q, wrong("The encoding type is not supported.")
			}
			q.encoded = true
		case "continuation-token":
			key, ok := keyOfToken(p.value)
			if !ok {
				return q, wrong("The continuation token is invalid.")
			}
			q.token, q.after = p.value, key
		case "delimiter":
			return q, notImplemented("listing with a delimiter")
		case "fetch-owner":
			if p.value != "false" {
				return q, notImplemented("listing with owners")
			}
		}
	}
	return q, nil
}

// tokenOf makes a continuation token of the last key of a page: its Base64 with '-' for the
// padding, as the token in the example of the page looks ("CgJiYw--"). The rest of the service's
// form is not established [?]. That of this one contains '+' and '/', so that a client must encode
// it. The letter in front keeps it from being the same as start-after.
func tokenOf(key string) string {
	return "C" + strings.ReplaceAll(base64.StdEncoding.EncodeToString([]byte(key)), "=", "-")
}

func keyOfToken(token string) (string, bool) {
	text, ok := strings.CutPrefix(token, "C")
	b, err := base64.StdEncoding.DecodeString(strings.ReplaceAll(text, "-", "="))
	return string(b), ok && err == nil && len(b) > 0
}

// page finds the current objects of a page, and whether more follow. The caller has locked s.mu.
func (b *bucket) page(q listRequest) ([]*Object, bool) {
	keys := b.listing.sorted(b.objects)
	from, _ := slices.BinarySearch(keys, q.prefix)
	for _, after := range []string{q.startAfter, q.after} {
		if after != "" {
			i, found := slices.BinarySearch(keys, after)
			if found {
				i++
			}
			from = max(from, i)
		}
	}
	var objects []*Object
	for _, key := range keys[from:] {
		if !strings.HasPrefix(key, q.prefix) {
			break
		}
		o, i := b.find(key, "")
		if i < 0 || o.DeleteMarker {
			continue
		}
		if len(objects) == q.maxKeys {
			return objects, true
		}
		objects = append(objects, o)
	}
	return objects, false
}

// list answers ListObjectsV2: the current versions of objects, in the order of their keys' bytes.
// An object whose current version is a delete marker is not listed.
func (s *Server) list(x *exchange, g grant) *Error {
	q, err := readListRequest(g.params)
	if err != nil {
		return err
	}
	s.mu.RLock()
	b, ok := s.buckets[g.bucket.Name]
	if !ok {
		s.mu.RUnlock()
		return noSuchBucket(g.bucket.Name)
	}
	objects, more := b.page(q)
	s.mu.RUnlock()

	body := listResult(g.bucket.Name, q, objects, more)
	h := x.w.Header()
	h.Set("Content-Type", "application/xml")
	h.Set("Content-Length", strconv.Itoa(len(body)))
	x.send(http.StatusOK)
	x.write(body)
	return nil
}

// listResult is the body of an answer. The page names the elements that encoding-type=url encodes:
// Prefix, StartAfter, Key and NextContinuationToken. The official SDKs decode ContinuationToken
// too. Which bytes are encoded is not established [?]: here all but the unreserved ones, '/' among
// them. Python's SDK decodes no '+' and Go's decodes '+' to a space, so that the service can write
// neither a space nor a '+' as '+'. What becomes of control characters without encoding is not
// established either [?].
func listResult(bucket string, q listRequest, objects []*Object, more bool) []byte {
	text := func(s string) string {
		if q.encoded {
			return encode(s, false)
		}
		return s
	}
	head := []element{{name: "Name", value: bucket}, {name: "Prefix", value: text(q.prefix)}}
	if q.startAfter != "" {
		head = append(head, element{name: "StartAfter", value: text(q.startAfter)})
	}
	if q.token != "" {
		head = append(head, element{name: "ContinuationToken", value: text(q.token)})
	}
	head = append(head, element{name: "MaxKeys", value: strconv.Itoa(q.maxKeys)})
	if q.encoded {
		head = append(head, element{name: "EncodingType", value: "url"})
	}
	head = append(head, element{name: "IsTruncated", value: strconv.FormatBool(more)})
	if more {
		head = append(head, element{name: "NextContinuationToken", value: text(tokenOf(objects[len(objects)-1].Key))})
	}
	var w strings.Builder
	w.Grow(1024 + 512*len(objects))
	w.WriteString(xml.Header + "<ListBucketResult>\n")
	writeElements(&w, "  ", head)
	for _, o := range objects {
		contents := []element{
			{name: "Key", value: text(o.Key)},
			{name: "LastModified", value: xmlTime(o.LastModified)},
			{name: "ETag", value: o.etag()},
			{name: "Type", value: "Normal"},
			{name: "Size", value: strconv.Itoa(len(o.Body))},
			{name: "StorageClass", value: o.StorageClass},
		}
		if restore := o.restoreInfo(); restore != "" {
			contents = append(contents, element{name: "RestoreInfo", value: restore})
		}
		writeElements(&w, "  ", []element{{name: "Contents", children: contents}})
	}
	writeElements(&w, "  ", []element{{name: "KeyCount", value: strconv.Itoa(len(objects))}})
	w.WriteString("</ListBucketResult>\n")
	return []byte(w.String())
}
