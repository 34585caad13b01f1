package credentials

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode"

	"github.com/alioss/terraform-provider-alioss/internal/signer"
)

var partNames = [3]string{"the AccessKey ID", "the AccessKey secret", "the security token"}

// idPrefixes begin AccessKey IDs of users, of STS and of the console. No secret begins with one.
var idPrefixes = []string{"LTAI", "STS.", "TMP."}

var errSecretIsID = errors.New("is an AccessKey ID. The ID and the secret may be swapped, " +
	"and every URL would publish the secret")

// checkKeys returns the errors of a trimmed ID, secret and token that cannot be right, whatever
// their source. An empty one is not checked. The errors contain the names, and no value.
func checkKeys(names, keys [3]string) [3]error {
	faults := [3]error{checkText(keys[0]), checkText(keys[1]), checkText(keys[2])}
	secret := keys[1]
	isID := func(prefix string) bool { return strings.HasPrefix(secret, prefix) }
	switch {
	case faults[1] != nil:
	case slices.ContainsFunc(idPrefixes, isID):
		faults[1] = errSecretIsID
	case secret != "" && secret == keys[0]:
		faults[1] = errors.New("is the same as the AccessKey ID")
	}
	for part, fault := range faults {
		if fault != nil {
			faults[part] = fmt.Errorf("%s %w", names[part], fault)
		}
	}
	return faults
}

// checkText returns an error for characters that no key, secret or token contains. It continues a
// sentence that begins with the name of the part.
func checkText(value string) error {
	for _, r := range value {
		switch {
		case unicode.IsSpace(r) || unicode.IsControl(r):
			return errors.New("contains a blank, a line break or a control character. Remove it")
		case strings.ContainsRune("\"'`", r):
			return errors.New("contains a quote. Write the value without quotes around it")
		case strings.ContainsRune("<>", r):
			return errors.New("contains an angle bracket, as a placeholder does. Write the value in its place")
		case r > unicode.MaxASCII:
			return errors.New("contains an invisible or non-ASCII character. Remove it, or copy the value again")
		}
	}
	return nil
}

// static makes credentials, without expiration time, of ID, secret and token, which have the names
// at their origin.
func static(source string, names, keys [3]string) (Credentials, error) {
	for part, key := range keys {
		keys[part] = strings.TrimSpace(key)
	}
	faults := checkKeys(names, keys)
	if fault := cmp.Or(faults[:]...); fault != nil {
		return Credentials{}, wrongKeys{fault}
	}
	id, secret, token := keys[0], keys[1], keys[2]
	switch {
	case id == "":
		return Credentials{}, fmt.Errorf("%s is empty", names[0])
	case secret == "":
		return Credentials{}, fmt.Errorf("%s is empty", names[1])
	case isTemporaryKey(id) && token == "":
		return Credentials{}, fmt.Errorf("%s is missing, but %w", names[2], errTemporaryKey)
	}
	return Credentials{Credentials: signer.NewCredentials(id, secret, token), Source: source}, nil
}

// wrongKeys is the error of keys that cannot be right. Their source is never skipped.
type wrongKeys struct{ error }

func (e wrongKeys) Unwrap() error { return e.error }
