package credentials

import (
	"errors"
	"fmt"
	"strings"
	"time"
	"unicode"

	"github.com/alioss/terraform-provider-alioss/internal/signer"
)

// The parts of a key, in the order in which they are written.
const (
	partID = iota
	partSecret
	partToken
)

// keyFault says that one part of a key cannot be right.
type keyFault struct {
	part int
	err  error
}

// named returns the fault as an error about an argument, a variable or a field.
func (f keyFault) named(name string) error { return fmt.Errorf("%s %w", name, f.err) }

// partNames are the parts as services call them.
var partNames = [...]string{"the AccessKey ID", "the AccessKey secret", "the security token"}

// idPrefixes begin AccessKey IDs: of users, of STS and of temporary keys of the console. No secret
// begins so.
var idPrefixes = []string{"LTAI", "STS.", "TMP."}

var errSecretIsID = errors.New("is an AccessKey ID; the ID and the secret may be swapped, " +
	"and the secret would be published in every URL")

// checkKeys returns what cannot be right in a key, whatever source it comes from. White space
// around its parts has been cut off, and an empty part is not checked. No error shows a value.
func checkKeys(id, secret, token string) []keyFault {
	var faults []keyFault
	for part, value := range [...]string{id, secret, token} {
		if err := checkText(value); err != nil {
			faults = append(faults, keyFault{part, err})
		}
	}
	for _, prefix := range idPrefixes {
		if strings.HasPrefix(secret, prefix) {
			faults = append(faults, keyFault{partSecret, errSecretIsID})
		}
	}
	if secret != "" && secret == id {
		faults = append(faults, keyFault{partSecret, errors.New("is the same as the AccessKey ID")})
	}
	return faults
}

// checkText refuses what no key, secret or token contains: characters outside of printable ASCII,
// quotes and angle brackets. The error reads on from the name of what is at fault.
func checkText(value string) error {
	for _, r := range value {
		switch {
		case unicode.IsSpace(r) || unicode.IsControl(r):
			return errors.New("contains a blank, a line break or a control character; remove it")
		case strings.ContainsRune("\"'`", r):
			return errors.New("contains a quote; write the value without quotes around it")
		case strings.ContainsRune("<>", r):
			return errors.New("contains an angle bracket, as a placeholder does; write the value in its place")
		case r > unicode.MaxASCII:
			return errors.New("contains an invisible or non-ASCII character; remove it, or copy the value again")
		}
	}
	return nil
}

// static makes credentials of keys that were given, not fetched. Their end is not known.
func static(source, id, secret, token string) (Credentials, error) {
	return staticNamed(source, partNames, id, secret, token)
}

// staticNamed is static with the names that the parts have where they stand.
func staticNamed(source string, names [3]string, id, secret, token string) (Credentials, error) {
	id, secret, token = strings.TrimSpace(id), strings.TrimSpace(secret), strings.TrimSpace(token)
	if faults := checkKeys(id, secret, token); len(faults) > 0 {
		return Credentials{}, wrongKeys{faults[0].named(names[faults[0].part])}
	}
	for part, value := range [...]string{id, secret} {
		if value == "" {
			return Credentials{}, fmt.Errorf("%s is empty", names[part])
		}
	}
	if isTemporaryKey(id) && token == "" {
		return Credentials{}, fmt.Errorf("%s is missing; %w", names[partToken], errTemporaryKey)
	}
	return Credentials{Credentials: signer.NewCredentials(id, secret, token), Source: source}, nil
}

// issued makes credentials of a service's answer.
func issued(source, id, secret, token string, expires time.Time) (Credentials, error) {
	if id == "" || secret == "" || token == "" {
		return Credentials{}, errors.New("the answer lacks AccessKeyId, AccessKeySecret or SecurityToken")
	}
	found, err := static(source, id, secret, token)
	if err != nil {
		return Credentials{}, fmt.Errorf("the answer is not usable: %w", err)
	}
	found.Expires = expires
	return found, nil
}

// wrongKeys is the error of keys that cannot be right. A source with such keys is never passed
// over.
type wrongKeys struct{ error }

func (e wrongKeys) Unwrap() error { return e.error }
