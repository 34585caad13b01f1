package signer

import (
	"strings"
	"testing"
)

func TestCheckKey(t *testing.T) {
	tests := []struct{ name, key, want string }{
		{"one byte", "a", ""},
		{"1023 bytes", strings.Repeat("a", 1023), ""},
		{"1023 bytes of Chinese", strings.Repeat("中", 341), ""},
		{"dots within names", "a/.b/c../...d/....", ""},
		{"three dots", "a/.../b", ""},
		{"empty segments", "a//b/", ""},
		{"backslash inside", `a\b`, ""},
		{"control bytes", "a\tb\x00", ""},
		{"empty", "", "key is empty. An object key has 1 to 1023 bytes"},
		{"1024 bytes", strings.Repeat("a", 1024), "key must have at most 1023 bytes in UTF-8, got 1,024 bytes"},
		{"1024 bytes, fewer characters", strings.Repeat("中", 341) + "a", "1,024 bytes"},
		{"invalid UTF-8", "a\xff", "key must be valid UTF-8"},
		{"surrogate", "a\xed\xa0\x80", "key must be valid UTF-8"},
		{"leading slash", "/a", `key must not begin with a slash, got "/a". Remove the slash`},
		{"leading backslash", `\a`, `key must not begin with a backslash, got "\\a". Remove the backslash`},
		{"only a dot", ".", `"." as a path segment`},
		{"dot first", "./a", `"." as a path segment`},
		{"dot last", "a/.", `"." as a path segment`},
		{"dots", "..", `".." as a path segment`},
		{"dots between", "a/../b", `key must not have ".." as a path segment, got "a/../b". HTTP clients`},
		{"a presigned URL", "/k?x-oss-signature=s3cret", `got "/k"… (25 bytes)`},
		{"dots last", "a/..", `".." as a path segment`},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			err := CheckKey(test.key)
			if test.want == "" && err != nil {
				t.Errorf("%s: got %v, want none", test.name, err)
			}
			if test.want != "" && (err == nil || !strings.Contains(err.Error(), test.want)) {
				t.Errorf("%s: got %v, want an error with %q", test.name, err, test.want)
			}
		})
	}
}

// TestCheckHeader covers what a caller may hand in that Presign does not: names in any case and
// values with space at their ends. TestRefusedHeaders has the headers that are refused.
func TestCheckHeader(t *testing.T) {
	for name, value := range map[string]string{
		"Content-Type":         " text/plain; charset=utf-8\t",
		"X-Oss-Content-Sha256": " UNSIGNED-PAYLOAD ",
		"X-Custom.1!#$%&'*+^`": "a\tb ~",
	} {
		if err := CheckHeader(name, value); err != nil {
			t.Errorf("%s: %q: got %v, want none", name, value, err)
		}
	}
	for _, name := range []string{"Host", "AUTHORIZATION", "X-OSS-DATE", "X-OSS-Security-Token", "A_B"} {
		if err := CheckHeader(name, "v"); err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("%s: got %v, want an error that names it", name, err)
		}
	}
	const secret = "value-that-an-error-must-not-show"
	for _, value := range []string{secret + "\n", secret + "\xff", "\x00" + secret} {
		if err := CheckHeader("abc", value); err == nil || strings.Contains(err.Error(), secret) {
			t.Errorf("got %v, want an error without the value", err)
		}
	}
}

func TestIsDefaultSigned(t *testing.T) {
	for name, want := range map[string]bool{
		"content-type": true, "Content-Type": true, "CONTENT-MD5": true, "x-oss-": true, "X-Oss-Meta-A": true,
		"content-typ": false, "content-type-foo": false, "content-length": false, "x-os": false, "x-oss": false,
		"host": false, "": false,
	} {
		t.Run(name, func(t *testing.T) {
			if got := isDefaultSigned(strings.ToLower(name)); got != want {
				t.Errorf("%q: got %v, want %v", name, got, want)
			}
		})
	}
}

func TestOwnsParameter(t *testing.T) {
	for name, want := range map[string]bool{
		"x-oss-signature": true, "x-oss-signature-version": true, "x-oss-signature-anything": true, "X-Oss-Signature": true,
		"x-oss-credential": true, "x-oss-date": true, "x-oss-expires": true, "x-oss-security-token": true,
		"x-oss-additional-headers": true, "X-OSS-ADDITIONAL-HEADERS": true, "X-Oss-Date": true,
		"x-oss-process": false, "x-oss-traffic-limit": false, "x-oss-request-payer": false, "x-oss-dat": false,
		"x-oss-dates":    false,
		"x-oss-signatur": false, "versionId": false, "security-token": false, "Signature": false, "": false,
	} {
		t.Run(name, func(t *testing.T) {
			if got := OwnsParameter(name); got != want {
				t.Errorf("%q: got %v, want %v", name, got, want)
			}
		})
	}
}

// TestNamesByByte compares the bytes that names may contain with the lists of RFC 9110, section
// 5.6.2, and of buckets and regions.
func TestNamesByByte(t *testing.T) {
	const digits, lower = "0123456789", "abcdefghijklmnopqrstuvwxyz"
	letters := lower + strings.ToUpper(lower)
	for c := range 256 {
		s := string([]byte{byte(c)})
		for what, check := range map[string]struct {
			set     *byteSet
			members string
		}{
			"a token": {&tokenBytes, letters + digits + "!#$%&'*+-.^_`|~"},
			"a label": {&labelBytes, lower + digits + "-"},
			"a host":  {&hostBytes, lower + digits + "-._:[]"},
		} {
			want := strings.Contains(check.members, s)
			for _, name := range []string{s, "a" + s, s + "a"} {
				if got := consistsOf(name, check.set); got != want {
					t.Errorf("%q is %s: got %v, want %v", name, what, got, want)
				}
			}
			if consistsOf("", check.set) {
				t.Errorf("nothing is %s", what)
			}
		}
	}
}
