package signer

const (
	lower    = "abcdefghijklmnopqrstuvwxyz"
	digits   = "0123456789"
	letters  = lower + "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
	upperHex = digits + "ABCDEF"
)

// byteSet has an entry for each byte, true if the byte is in the set.
type byteSet [256]bool

var (
	// unreserved are the bytes that stay as they are in a query (§4.2; RFC 3986, section 2.3).
	unreserved = bytesOf(letters + digits + "-_.~")
	// keptInPath are those that stay in a path (§3).
	keptInPath = bytesOf(letters + digits + "-_.~/")
	// tokenBytes are those of a token of RFC 9110, section 5.6.2: a method or the name of a header.
	tokenBytes = bytesOf(letters + digits + "!#$%&'*+-.^_`|~")
	// labelBytes keep a region, a product or a bucket from reading as another part of a scope or path.
	labelBytes = bytesOf(lower + digits + "-")
	// hostBytes are those of host, IPv4:port and [IPv6]:port as clients send them.
	hostBytes = bytesOf(lower + digits + "-_.:[]")
	hexBytes  = bytesOf(digits + "abcdef")
)

func bytesOf(s string) (set byteSet) {
	for _, c := range []byte(s) {
		set[c] = true
	}
	return set
}

// consistsOf reports whether s is not empty and has only bytes of a set.
func consistsOf(s string, set *byteSet) bool {
	for i := 0; i < len(s); i++ {
		if !set[s[i]] {
			return false
		}
	}
	return s != ""
}

// appendEscaped appends s with every byte percent-encoded that is not in kept, in upper case.
func appendEscaped(dst []byte, s string, kept *byteSet) []byte {
	for i := 0; i < len(s); i++ {
		if c := s[i]; kept[c] {
			dst = append(dst, c)
		} else {
			dst = append(dst, '%', upperHex[c>>4], upperHex[c&15])
		}
	}
	return dst
}
