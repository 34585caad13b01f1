package credentials

import (
	"errors"
	"fmt"
	"strings"

	"github.com/alioss/terraform-provider-alioss/internal/text"
)

// Place is a place without usable credentials, which was skipped.
type Place struct {
	Name     string // as in "OIDC environment variables"
	Reason   string // why it was skipped. It never shows a value
	Unusable bool   // whether the place has something that cannot be used
}

// Error is the error if there are no usable credentials.
type Error struct {
	// Source is the name of the source that failed, empty if there is none, and if Err contains it.
	Source string
	// Err is why it failed, nil if there is no source at all.
	Err error
	// Places are those that were skipped, in the order of the search, none for an error about a role.
	Places []Place
}

// Error returns what is wrong and what to do, in sentences, and lists the skipped places, after the
// failure of a source only the unusable ones.
func (e *Error) Error() string {
	message, title := "no credentials were found. Set access_key and secret_key, profile or another source in the "+
		"configuration, or the environment variables "+families[3].pair(), "Looked at"
	if e.Err != nil {
		message, title = e.Err.Error(), "Ignored"
		if e.Source != "" {
			message = after("credentials from "+e.Source+" cannot be used", e.Err).Error()
		}
		if advised, ok := errors.AsType[*advice](e.Err); ok {
			message = after(message, errors.New(advised.remedy)).Error()
		}
	}
	list := ""
	for _, p := range e.Places {
		if p.Unusable || e.Err == nil {
			list += fmt.Sprintf("\n  - %s: %s", p.Name, p.Reason)
		}
	}
	if list != "" {
		message += ".\n" + title + ", in this order:" + list
	}
	return message
}

func (e *Error) Unwrap() error { return e.Err }

// after returns err behind a sentence about its effect, or nil without err.
func after(sentence string, err error) error {
	if err == nil {
		return nil
	}
	return effect{sentence, err}
}

type effect struct {
	sentence string
	error
}

func (e effect) Error() string {
	return e.sentence + ". " + strings.TrimSuffix(text.Sentence(e.error), ".")
}

func (e effect) Unwrap() error { return e.error }

// advice is an error with what to do, which is not part of the error's own text.
type advice struct {
	error
	remedy string
}

func (a *advice) Unwrap() error { return a.error }

// advise adds what to do to an error. Without error or remedy, it returns err.
func advise(remedy string, err error) error {
	if err == nil || remedy == "" {
		return err
	}
	return &advice{err, remedy}
}

// absence is the error of a place after which the search continues.
type absence struct {
	reason   string
	unusable bool // as that of a Place
}

func (a absence) Error() string { return a.reason }

// orAbsent makes a notThere an absence.
func orAbsent(err error) error {
	if isNotThere(err) {
		return absence{reason: err.Error(), unusable: true}
	}
	return err
}

// notThere is the error of a source that does not exist on this machine. A source that exists and
// refuses has another error.
type notThere struct{ error }

func (e notThere) Unwrap() error { return e.error }

func isNotThere(err error) bool { return errors.As(err, new(notThere)) }
