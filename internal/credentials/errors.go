package credentials

import (
	"errors"
	"fmt"
	"strings"
)

// Place is a place that was looked at and held no credentials.
type Place struct {
	// Name says which place, as in "environment variables OSS_ACCESS_KEY_ID, OSS_ACCESS_KEY_SECRET".
	Name string
	// Missing says what was missing there. It never shows a value.
	Missing string
}

// Error says that no usable credentials were found, where they were looked for, and why.
type Error struct {
	// Places are those that held nothing, in the order in which they were looked at.
	Places []Place
	// Source names the place whose credentials cannot be used; empty where no place held any.
	Source string
	// Err says why they cannot; nil where no place held any.
	Err error
}

func (e *Error) Error() string {
	var b strings.Builder
	if e.Err == nil {
		b.WriteString("no credentials were found; looked at, in this order:")
	} else {
		fmt.Fprintf(&b, "credentials from %s: %v", e.Source, e.Err)
		if len(e.Places) > 0 {
			b.WriteString("\nlooked at before:")
		}
	}
	for _, p := range e.Places {
		fmt.Fprintf(&b, "\n  - %s: %s", p.Name, p.Missing)
	}
	return b.String()
}

func (e *Error) Unwrap() error { return e.Err }

// ServiceError is the refusal of an Alibaba Cloud service.
type ServiceError struct {
	// Action is what was asked, Host whom.
	Action, Host string
	// Status is the HTTP status.
	Status int
	// Code and Message are the service's own; empty where the answer holds none, or none that may be shown.
	Code, Message string
	// RequestID is the service's id of the request, for Alibaba Cloud's support.
	RequestID string
	// Hint is what this project knows about the code: the cause in most cases, and the way out. May be empty.
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
	if e.Hint != "" {
		b.WriteString("; " + e.Hint)
	}
	return b.String()
}

// absence is the error of a place that holds no credentials, and so lets the search go on.
type absence string

func (a absence) Error() string { return string(a) }

func absentf(format string, arguments ...any) error {
	return absence(fmt.Sprintf(format, arguments...))
}

// isAbsence returns what is missing, where err says that a place holds no credentials.
func isAbsence(err error) (string, bool) {
	var a absence
	ok := errors.As(err, &a)
	return string(a), ok
}
