package signer

// The bytes that stay as they are: in a query those that RFC 3986, section 2.3, calls unreserved
// (§4.2), in a path the slashes too (§3).
var (
	unreserved = kept("")
	keptInPath = kept("/")
)

func kept(more string) (t [256]bool) {
	for _, c := range []byte("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.~" + more) {
		t[c] = true
	}
	return t
}

const upperHex = "0123456789ABCDEF"

// appendEscaped appends s with every byte percent-encoded that is not unreserved, in upper-case
// hexadecimal digits.
func appendEscaped(dst []byte, s string) []byte { return appendKeeping(dst, s, &unreserved) }

// appendEscapedPath appends s like appendEscaped, but keeps the slashes.
func appendEscapedPath(dst []byte, s string) []byte { return appendKeeping(dst, s, &keptInPath) }

func appendKeeping(dst []byte, s string, kept *[256]bool) []byte {
	for i := 0; i < len(s); i++ {
		if c := s[i]; kept[c] {
			dst = append(dst, c)
		} else {
			dst = append(dst, '%', upperHex[c>>4], upperHex[c&15])
		}
	}
	return dst
}
