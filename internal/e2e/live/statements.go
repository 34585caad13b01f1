package main

import (
	_ "embed"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
)

// statementsJSON lists the statements of the pages about OSS, by the id of the marker beside each
// (<!-- statement: id -->).
//
//go:embed statements.json
var statementsJSON []byte

// statement is one statement of the pages about OSS.
type statement struct {
	// Status is the HTTP status, 0 if the pages name none.
	Status int `json:"status"`
	// Code is that of the error, empty for a success, or if the pages name none.
	Code string `json:"code"`
	// EC are those that the pages name. One of them is enough.
	EC []string `json:"ec"`
	// Established reports whether the service's own documentation or a logged answer confirms it.
	Established bool `json:"established"`
	// Note is a further remark.
	Note string `json:"note"`
	// Pages are the files with the marker, below docs/.
	Pages []string `json:"pages"`
	// Untested is the reason why no row tests it, or "" if one does.
	Untested string `json:"untested"`
}

// statements returns the list by id.
func statements() map[string]statement {
	list := map[string]statement{}
	if err := json.Unmarshal(statementsJSON, &list); err != nil {
		panic(fmt.Sprintf("statements.json: %v", err)) // it is part of the program
	}
	return list
}

// works reports whether the link of a row about it must work.
func (s statement) works() bool { return s.Status != 0 && s.Status < 400 }

// String is status, Code and EC, such as "403 AccessDenied, EC 0002-00000236".
func (s statement) String() string {
	text := "refused"
	if s.Status != 0 {
		text = fmt.Sprint(s.Status)
	}
	if s.Code != "" {
		text += " " + s.Code
	}
	if len(s.EC) > 0 {
		text += ", EC " + strings.Join(s.EC, " or ")
	}
	return text
}

// matches reports whether an answer agrees with the statement.
func (s statement) matches(a answer) bool {
	status := s.Status == a.status || s.Status == 0 && a.status >= 400
	return status && (s.Code == "" || s.Code == a.code) && (len(s.EC) == 0 || slices.Contains(s.EC, a.ec))
}
