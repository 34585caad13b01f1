package credentials

import (
	"errors"
	"fmt"
	"strings"

	"github.com/alioss/terraform-provider-alioss/internal/text"
)

// Place is a place without usable credentials, which was skipped.
type Place struct {
	// Name is the place's name, as in "the OIDC environment variables".
	Name string
	// Reason is why it was skipped. It never shows a value.
	Reason string
	// Held reports whether the place has something that cannot be used. It is false if it has nothing.
	Held bool
}

// Error is the error if there are no usable credentials, with what to do, and the places that were
// skipped and why.
type Error struct {
	// Source is the name of the source whose credentials cannot be used. It is empty if there is none,
	// and for the role of assume_role.
	Source string
	// Err is the reason why they cannot, nil if there is no source at all.
	Err error
	// Places are those that were skipped, in the order of the search. They are empty for an error
	// about a role, which does not depend on them.
	Places []Place
}

// Failure returns a sentence about the failure, without a full stop.
func (e *Error) Failure() string {
	if e.Err == nil {
		return "no credentials were found"
	}
	if e.Source == "" {
		return e.Err.Error()
	}
	return fmt.Sprintf("credentials from %s: %v", e.Source, e.Err)
}

// Remedy returns a sentence with what to do, without a full stop. It is empty if the failure is
// clear by itself.
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

// PassedOver lists the places that were skipped, one a line. If a source failed, it lists only
// those that have something.
func (e *Error) PassedOver() string {
	var b strings.Builder
	for _, p := range e.Places {
		if p.Held || e.Err == nil {
			fmt.Fprintf(&b, "\n  - %s: %s", p.Name, p.Reason)
		}
	}
	return strings.TrimPrefix(b.String(), "\n")
}

// Error returns the failure and what to do, each in a sentence, and the list of the skipped places.
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

// advice is an error with a sentence about what to do. The sentence is not part of the error's own
// text.
type advice struct {
	err    error
	remedy string
}

func (a *advice) Error() string { return a.err.Error() }

func (a *advice) Unwrap() error { return a.err }

// advise returns the error with what to do.
func advise(remedy string, err error) error { return &advice{err, remedy} }

// ServiceError is the error answer of an Alibaba Cloud service.
type ServiceError struct {
	// Action is the request, Host its receiver.
	Action, Host string
	// Status is the HTTP status.
	Status int
	// Code and Message are the service's own. They are empty if the answer contains none, or none that
	// may be shown.
	Code, Message string
	// RequestID is the service's id of the request, for Alibaba Cloud's support.
	RequestID string
	// Hint is the advice that helps in most cases of the code. It may be empty. Error does not show
	// it.
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

// absence is the error of a place after which the search continues.
type absence struct {
	reason string
	// held reports whether the place has something that cannot be used.
	held bool
}

func (a absence) Error() string { return a.reason }

// nothing is the absence of a place that is empty.
func nothing(reason string) error { return absence{reason: reason} }

// orAbsent returns the absence of a source that does not exist on this machine, and any other error
// as it is.
func orAbsent(err error) error {
	if isNotThere(err) {
		return absence{reason: err.Error(), held: true}
	}
	return err
}

// notThere is the error of a source that does not exist on this machine: no such file or token
// file, the metadata service disabled or out of reach, a URI whose host accepts no connection. A
// source that exists and refuses has another error.
type notThere struct{ error }

func (e notThere) Unwrap() error { return e.error }

func isNotThere(err error) bool {
	var n notThere
	return errors.As(err, &n)
}
