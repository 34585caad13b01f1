package presign

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/alioss/terraform-provider-alioss/internal/text"
)

// Fault is an error between arguments.
type Fault struct {
	// Path is the argument that the error is about, followed by the name of the element at fault, if
	// it is a map.
	Path []string
	Err  error
	// Conflict reports whether two arguments exclude each other.
	Conflict bool
}

// Conflicts returns the errors between the Spec's arguments, and between them and the object's
// version, sorted by argument. Single values have their own checks.
func (s Spec) Conflicts(o Object) []Fault {
	faults := slices.Concat(s.longHeaders(), s.doubleHeaders(), s.doubleDisposition(), s.methodConflicts(o),
		s.placeConflicts())
	slices.SortStableFunc(faults, func(a, b Fault) int { return slices.Compare(a.Path, b.Path) })
	return faults
}

// maxHeaderBytes is the length of all headers of a request together that servers accept, if nobody
// configures more (nginx, Apache httpd and Tomcat: 8 KiB).
const maxHeaderBytes = 8 << 10

func (s Spec) longHeaders() []Fault {
	size := 0
	for name, value := range s.Headers {
		if len(name) > maxNameBytes {
			return nil // has a fault of its own
		}
		size += len(name) + len(": ") + len(value) + len("\r\n")
	}
	if size <= maxHeaderBytes {
		return nil
	}
	return []Fault{{
		Path: []string{"headers"},
		Err: fmt.Errorf("headers must have at most %s bytes together, got %s bytes. Servers refuse more. Shorten them",
			text.Thousands(maxHeaderBytes), text.Thousands(size)),
	}}
}

// doubleHeaders returns an error for a header with the meaning of an argument, which puts it into
// the query.
func (s Spec) doubleHeaders() []Fault {
	var faults []Fault
	for _, name := range slices.Sorted(maps.Keys(s.Headers)) {
		lower := strings.ToLower(name)
		if lower == "x-oss-traffic-limit" && s.TrafficLimit != 0 || lower == "x-oss-request-payer" && s.RequestPayer {
			faults = append(faults, Fault{[]string{"headers", name}, fmt.Errorf(
				"header %s and %s set the same value, in a header and in the query, which OSS refuses. Leave one of them out",
				text.Quote(name), ownArguments[lower]), true})
		}
	}
	return faults
}

func (s Spec) doubleDisposition() []Fault {
	for name := range s.ResponseHeaders {
		if s.Filename != "" && strings.EqualFold(name, "content-disposition") {
			return []Fault{{Path: []string{"filename"}, Err: errors.New(
				"filename and response_headers[\"content-disposition\"] exclude each other. Leave one of them out")}}
		}
	}
	return nil
}

func (s Spec) methodConflicts(o Object) []Fault {
	var faults []Fault
	refuse := func(given bool, argument, reason string) {
		if given {
			faults = append(faults, Fault{Path: []string{argument}, Err: fmt.Errorf(
				"%s cannot be used with method %q, which %s. Leave %s out", argument, s.Method, reason, argument)})
		}
	}
	if s.Uploads() {
		const reason = "downloads nothing"
		refuse(s.Filename != "", "filename", reason)
		refuse(len(s.ResponseHeaders) > 0, "response_headers", reason)
		refuse(s.Process != "", "process", reason)
	}
	refuse(s.Method == "PUT" && o.Version != "", "version", "creates a new version")
	return faults
}

func (s Spec) placeConflicts() []Fault {
	if fault := s.place().Conflict(); fault != nil {
		return []Fault{{Path: []string{fault.Field}, Err: fault}}
	}
	return nil
}
