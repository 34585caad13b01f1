package signer

import (
	"maps"
	"slices"
	"strings"
	"testing"
)

func TestSignedHeaders(t *testing.T) {
	tests := []struct {
		name     string
		headers  map[string]string
		signHost bool
		lines    []string // of the canonical request
		list     string   // of additional names
		holder   map[string]string
	}{
		{name: "none"},
		{
			name: "signed by default, sorted, in lower case, trimmed",
			headers: map[string]string{
				"X-Oss-Meta-B": " b  c\t", "Content-Type": "text/plain", "Content-MD5": "eB5eJF1ptWaXm4bijSPyxw==", "x-oss-a": "1",
			},
			lines: []string{
				"content-md5:eB5eJF1ptWaXm4bijSPyxw==", "content-type:text/plain", "x-oss-a:1", "x-oss-meta-b:b  c",
			},
			holder: map[string]string{
				"content-md5": "eB5eJF1ptWaXm4bijSPyxw==", "content-type": "text/plain", "x-oss-a": "1", "x-oss-meta-b": "b  c",
			},
		},
		{
			name:    "others are signed and listed, sorted, in lower case",
			headers: map[string]string{"ZAbc": "1", "abc": "2", "Content-Type-Foo": "2", "x-ossa": "3"},
			lines:   []string{"abc:2", "content-type-foo:2", "x-ossa:3", "zabc:1"},
			list:    "abc;content-type-foo;x-ossa;zabc",
			holder:  map[string]string{"abc": "2", "content-type-foo": "2", "x-ossa": "3", "zabc": "1"},
		},
		{
			name:    "names that are signed by default are not listed",
			headers: map[string]string{"Content-Type": "text/plain", "x-oss-a": "1", "abc": "2"},
			lines:   []string{"abc:2", "content-type:text/plain", "x-oss-a:1"},
			list:    "abc",
			holder:  map[string]string{"abc": "2", "content-type": "text/plain", "x-oss-a": "1"},
		},
		{
			name: "host", signHost: true,
			lines: []string{"host:examplebucket.oss-cn-hangzhou.aliyuncs.com"}, list: "host",
		},
		{
			name: "host among others", signHost: true,
			headers: map[string]string{"abc": "1", "zzz": "2", "x-oss-a": "3"},
			lines:   []string{"abc:1", "host:examplebucket.oss-cn-hangzhou.aliyuncs.com", "x-oss-a:3", "zzz:2"},
			list:    "abc;host;zzz",
			holder:  map[string]string{"abc": "1", "x-oss-a": "3", "zzz": "2"},
		},
		{
			name:    "payload",
			headers: map[string]string{"X-Oss-Content-Sha256": " UNSIGNED-PAYLOAD "},
			lines:   []string{"x-oss-content-sha256:UNSIGNED-PAYLOAD"},
			holder:  map[string]string{"x-oss-content-sha256": "UNSIGNED-PAYLOAD"},
		},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			r := changed(func(r *Request) {
				r.Method, r.Headers, r.SignHost = "PUT", test.headers, test.signHost
			})
			got := canonicalSteps(t, r, testCredentials())
			if !slices.Equal(got.headers, test.lines) {
				t.Errorf("canonical headers\n got %q\nwant %q", got.headers, test.lines)
			}
			if got.additional != test.list {
				t.Errorf("additional headers: got %q, want %q", got.additional, test.list)
			}
			if got.hash != "UNSIGNED-PAYLOAD" {
				t.Errorf("payload: got %q", got.hash)
			}
			wantQuery := plainQuery
			if test.list != "" {
				wantQuery = "x-oss-additional-headers=" + strings.ReplaceAll(test.list, ";", "%3B") + "&" + plainQuery
			}
			if got.query != wantQuery {
				t.Errorf("canonical query\n got %q\nwant %q", got.query, wantQuery)
			}
			_, holder := mustPresign(t, r, testCredentials(), instant)
			if !maps.Equal(holder, test.holder) || (holder == nil) != (test.holder == nil) {
				t.Errorf("headers for the holder: got %v, want %v", holder, test.holder)
			}
		})
	}
}

// TestHostIsSignedOnlyOnRequest compares signatures on two hosts of one bucket.
func TestHostIsSignedOnlyOnRequest(t *testing.T) {
	signatureOn := func(scheme, host string, signHost bool) string {
		r := changed(func(r *Request) { r.Scheme, r.Host, r.SignHost = scheme, host, signHost })
		u, _ := mustPresign(t, r, testCredentials(), instant)
		_, query, _ := strings.Cut(u, "?")
		return query
	}
	const public, other = "examplebucket.oss-cn-hangzhou.aliyuncs.com", "downloads.example.com:8443"
	if signatureOn("https", public, false) != signatureOn("http", other, false) {
		t.Error("the query depends on scheme or host, although host is not signed")
	}
	if signatureOn("https", public, true) == signatureOn("https", other, true) {
		t.Error("the query is the same on two hosts, although host is signed")
	}
	got := canonicalSteps(t, changed(func(r *Request) { r.Host, r.SignHost = other, true }), testCredentials()).headers
	if want := []string{"host:downloads.example.com:8443"}; !slices.Equal(got, want) {
		t.Errorf("a host with a port is signed as %q, want %q", got, want)
	}
}

func TestRefusedHeaders(t *testing.T) {
	tests := []struct {
		name    string
		headers map[string]string
		want    string
	}{
		{"twice", map[string]string{"Abc": "1", "aBC": "1"}, `header "abc" is set twice`},
		{"empty name", map[string]string{"": "1"}, "name is empty"},
		{"empty value", map[string]string{"abc": ""}, `header "abc" must have a value`},
		{"blank value", map[string]string{"x-oss-a": " \t "}, `header "x-oss-a" must have a value`},
		{"authorization", map[string]string{"Authorization": "OSS4"}, "signed twice"},
		{"host", map[string]string{"Host": "example.com"}, "bind the URL to its host"},
		{"date", map[string]string{"X-Oss-Date": "20260314T150926Z"}, "has it in its query"},
		{"token", map[string]string{"X-Oss-Security-Token": "t"}, "has it in its query"},
		{"payload", map[string]string{"x-oss-content-sha256": strings.Repeat("0", 64)}, "EC 0002-00000214"},
		{"underscore", map[string]string{"a_b": "1"}, "EC 0002-00000077"},
		{"space in a name", map[string]string{"a b": "1"}, `letters, digits and "-"`},
		{"colon in a name", map[string]string{"a:b": "1"}, `letters, digits and "-"`},
		{"line break in a name", map[string]string{"a\nb": "1"}, `letters, digits and "-"`},
		{"a name whose lower case is ASCII", map[string]string{"\u212Aelvin": "1"}, `letters, digits and "-"`},
		{"line feed in a value", map[string]string{"abc": "1\nx-oss-a:2"}, "byte 0x0A at offset 1"},
		{"carriage return in a value", map[string]string{"abc": "1\r2"}, "byte 0x0D at offset 1"},
		{"NUL in a value", map[string]string{"abc": "12\x00"}, "byte 0x00 at offset 2"},
		{"DEL in a value", map[string]string{"abc": "\x7f"}, "byte 0x7F at offset 0"},
		{"non-ASCII in a value", map[string]string{"abc": "é"}, "byte 0xC3 at offset 0"},
		{
			"the first of several faults",
			map[string]string{"d": "", "c": "", "b": "", "e": "", "f": "", "g": ""},
			`header "b"`,
		},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			r := changed(func(r *Request) { r.Headers = test.headers })
			for range 20 { // the order of a map must not choose the error
				u, headers, err := Presign(r, testCredentials(), instant)
				if err == nil || !strings.Contains(err.Error(), test.want) {
					t.Fatalf("got %v, want an error with %q", err, test.want)
				}
				if u != "" || headers != nil {
					t.Fatal("an error came with a URL or with headers")
				}
			}
		})
	}
}
