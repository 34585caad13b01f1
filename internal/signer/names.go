package signer

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/alioss/terraform-provider-alioss/internal/text"
)

// MaxKeyBytes is the longest key of an object, in bytes of UTF-8 (§11).
const MaxKeyBytes = 1023

// CheckKey returns an error for the key of an object that OSS does not accept, or that no client
// can request. The key is the decoded one: percent signs in it are percent signs.
func CheckKey(key string) error {
	switch {
	case key == "":
		return fmt.Errorf("key is empty. An object key has 1 to %d bytes", MaxKeyBytes)
	case !utf8.ValidString(key):
		return errors.New("key must be valid UTF-8")
	case len(key) > MaxKeyBytes:
		return fmt.Errorf("key must have at most %d bytes in UTF-8, got %s bytes", MaxKeyBytes, text.Thousands(len(key)))
	case key[0] == '/':
		return fmt.Errorf("key must not begin with a slash, got %s. Remove the slash", text.Quote(key))
	case key[0] == '\\':
		return fmt.Errorf("key must not begin with a backslash, got %s. Remove the backslash", text.Quote(key))
	}
	for segment := range strings.SplitSeq(key, "/") {
		if segment == "." || segment == ".." {
			return fmt.Errorf("key must not have %q as a path segment, got %s. HTTP clients remove such segments from a URL, "+
				"and the signature no longer matches. Copy the object to another key", segment, text.Quote(key))
		}
	}
	return nil
}

// CheckHeader returns an error for a header that cannot be sent exactly as it was signed. The name
// may be in any case. The error shows the name and never the value.
func CheckHeader(name, value string) error {
	if name == "" {
		return errors.New("header name is empty. Remove the header")
	}
	if fault := headerFault(name, strings.Trim(value, " \t")); fault != "" {
		return fmt.Errorf("header %s %s", text.Quote(name), fault)
	}
	return nil
}

// headerFault continues a sentence that begins with the header, or is "".
func headerFault(name, trimmed string) string {
	switch lower := strings.ToLower(name); {
	case !consistsOf(name, &tokenBytes):
		return `must have a name of letters, digits and "-"`
	case strings.Contains(lower, "_"):
		return `must not have "_" in its name. OSS does not sign such headers (EC 0002-00000077)`
	case lower == "host":
		return "is sent by every client. Remove it. To sign the host, bind the URL to its host"
	case lower == "authorization":
		return "must not be sent with a presigned URL. OSS refuses a request that is signed twice"
	case lower == "x-oss-date", lower == "x-oss-security-token":
		return "is part of signatures in headers. Remove it. A presigned URL has it in its query"
	case lower == "x-oss-content-sha256" && trimmed != unsignedPayload:
		return "must be " + unsignedPayload + " (EC 0002-00000214)"
	case trimmed == "":
		return "must have a value. Clients do not agree on sending an empty one"
	}
	for i := 0; i < len(trimmed); i++ {
		if c := trimmed[i]; c < ' ' && c != '\t' || c >= 0x7f {
			return fmt.Sprintf("must have a value of printable ASCII, got the byte 0x%02X at offset %d. "+
				"Clients encode other bytes in different ways", c, i)
		}
	}
	return ""
}

// OwnsParameter reports whether a query parameter belongs to the signature, in any case of letters:
// no caller may set it.
func OwnsParameter(name string) bool {
	lower := strings.ToLower(name)
	return strings.HasPrefix(lower, "x-oss-signature") || slices.Contains([]string{
		"x-oss-credential", "x-oss-date", "x-oss-expires", "x-oss-security-token", "x-oss-additional-headers",
	}, lower)
}
