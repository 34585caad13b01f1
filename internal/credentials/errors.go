package credentials

import (
	"errors"
	"fmt"
	"strings"

	"github.com/alioss/terraform-provider-alioss/internal/text"
)

// Place is a place that was looked at and passed over.
type Place struct {
	// Name names the place, as in "the OIDC environment variables".
	Name string
	// Reason says why it was passed over. It never shows a value.
	Reason string
	// Held is true if something is there that cannot be used, and false if nothing is.
	Held bool
}

// Error says that there are no usable credentials, what to do, and what was passed over and why.
type Error struct {
	// Source names the source whose credentials cannot be used; empty if there is none, and for a
	// role on top.
	Source string
	// Err says why they cannot; nil if there is no source at all.
	Err error
	// Places are those that were passed over, in the order in which they were looked at. They have
	// nothing to do with an error about a role, and are then empty.
	Places []Place
}

// Failure says in one sentence what failed, without a full stop.
func (e *Error) Failure() string {
	if e.Err == nil {
		return "no credentials were found"
	}
	if e.Source == "" {
		return e.Err.Error()
	}
	return fmt.Sprintf("credentials from %s: %v", e.Source, e.Err)
}

// Remedy says in one sentence what to do, without a full stop. It is empty if the failure says it
// all.
func (e *Error) Remedy() string {
	if e.Err == nil {
		return "set access_key and secret_key, profile or another source in the configuration, " +
			"or the environment variables " + families[3].pair()
	}
	var advised *advice
	if errors.As(e.Err, &advised) {
		return advised.remedy
	}
	var refused *ServiceError
	if errors.As(e.Err, &refused) {
		return refused.Hint
	}
	return ""
}

// PassedOver lists the places that were passed over, one a line. Beside a source that failed, only
// those are listed that hold something.
func (e *Error) PassedOver() string {
	var b strings.Builder
	for _, p := range e.Places {
		if p.Held || e.Err == nil {
			fmt.Fprintf(&b, "\n  - %s: %s", p.Name, p.Reason)
		}
	}
	return strings.TrimPrefix(b.String(), "\n")
}

// Error returns what failed and what to do, each in a sentence, and the list of what was passed
// over.
func (e *Error) Error() string {
	s := e.Failure()
	if remedy := e.Remedy(); remedy != "" {
		s += ". " + strings.TrimSuffix(text.Sentence(errors.New(remedy)), ".")
	}
	if list := e.PassedOver(); list != "" {
		title := "Passed over"
		if e.Err == nil {
			title = "Looked at"
		}
		s += ".\n" + title + ", in this order:\n" + list
	}
	return s
}

func (e *Error) Unwrap() error { return e.Err }

// advice is an error with a sentence that says what to do. The sentence is not part of the error's
// own text.
type advice struct {
	err    error
	remedy string
}

func (a *advice) Error() string { return a.err.Error() }

func (a *advice) Unwrap() error { return a.err }

// advise returns the error with what to do.
func advise(remedy string, err error) error { return &advice{err, remedy} }

// ServiceError is the refusal of an Alibaba Cloud service.
type ServiceError struct {
	// Action is what was asked, Host whom.
	Action, Host string
	// Status is the HTTP status.
	Status int
	// Code and Message are the service's own; empty if the answer contains none, or none that may
	// be shown.
	Code, Message string
	// RequestID is the service's id of the request, for Alibaba Cloud's support.
	RequestID string
	// Hint is what this project knows about the code: what to do in most cases. May be empty. Error
	// does not show it.
	Hint string
}

func (e *ServiceError) Error() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s refused by %s with status %d", e.Action, e.Host, e.Status)
	if e.Code != "" {
		b.WriteString(": " + e.Code)
	}
	if e.Message != "" {
		fmt.Fprintf(&b, ": %q", e.Message)
	}
	if e.RequestID != "" {
		b.WriteString(", request id " + e.RequestID)
	}
	return b.String()
}

// faultOf is the error of a source that is more precise than the step that found it.
type faultOf struct {
	place string
	err   error
}

func (f faultOf) Error() string { return f.place + ": " + f.err.Error() }

func (f faultOf) Unwrap() error { return f.err }

// absence is the error of a place that lets the search go on.
type absence struct {
	reason string
	// held is true if something is there that cannot be used.
	held bool
}

func (a absence) Error() string { return a.reason }

// nothing is the absence of a place where nothing is.
func nothing(reason string) error { return absence{reason: reason} }

// unusable is the absence of a place where something is that cannot be used, and that nobody named.
func unusable(err error) error { return absence{reason: err.Error(), held: true} }

// asPlace returns a place as passed over, if err lets the search go on.
func asPlace(name string, err error) (Place, bool) {
	var a absence
	ok := errors.As(err, &a)
	return Place{Name: name, Reason: a.reason, Held: a.held}, ok
}

// notThere is the error of a source that is not there on this machine: no such file or token file,
// the metadata service switched off or out of reach, a URI whose host takes no connection. A source
// that is there and refuses is another error.
type notThere struct{ error }

func (e notThere) Unwrap() error { return e.error }

func isNotThere(err error) bool {
	var n notThere
	return errors.As(err, &n)
}
