package signer

import (
	"bytes"
	"net/url"
	"reflect"
	"regexp"
	"strings"
	"testing"
	"time"
	"unicode/utf8"
)

// FuzzEscape compares both encoders with net/url, and decodes their results.
func FuzzEscape(f *testing.F) {
	for _, s := range []string{
		"", "a/b c+d", "~*!'()", "%2F%zz", "目录\U0001F680", "\xff\x00\x7f",
		"&=?#;:@,$[]{}|\\^`\"<>",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		inQuery := string(appendEscaped([]byte("prefix"), s, &unreserved))
		inPath := string(appendEscaped([]byte("prefix"), s, &keptInPath))
		if want := "prefix" + netEscape(s); inQuery != want {
			t.Errorf("query: got %q, want %q", inQuery, want)
		}
		if want := "prefix" + netEscapePath(s); inPath != want {
			t.Errorf("path: got %q, want %q", inPath, want)
		}
		for _, escaped := range []string{inQuery, inPath} {
			if back, err := url.PathUnescape(escaped); err != nil || back != "prefix"+s {
				t.Errorf("%q decodes to %q, %v", escaped, back, err)
			}
		}
	})
}

// FuzzPresignParse signs a request, reads the URL by Parse and by net/url, and compares with what
// went in. The URL is accepted from the wire, but for what the signer does not judge (an expiry
// that is too long for OSS), and for what the stand-in does not model: parameters of older
// signatures, and a CloudBox under a domain.
func FuzzPresignParse(f *testing.F) {
	at := instant.Unix()
	f.Add("agent/agent-1.4.2.tar.gz", "", "", "", "", at, int64(3600), byte(0))
	f.Add("目录/a b+c%2F#?&~*!'()\U0001F680", "CAEQ/+=", "response-content-disposition", `attachment; filename="a b"`,
		testToken, at, int64(1), byte(1))
	f.Add("//\xff\x00/", "null", "|a b", "", "t", int64(-1), int64(mostExpires), byte(2))
	f.Add(".", "v", "versionid", "v", "", int64(253402300799), int64(60), byte(7))
	f.Add("k", "", "x-oss-date", "v", "", int64(0), int64(0), byte(4))
	f.Fuzz(func(t *testing.T, key, version, name, value, token string, unix, expires int64, form byte) {
		r := plainGET()
		r.Key, r.Expires = key, expires
		switch form % 4 {
		case 1:
			r.Host, r.PathStyle, r.Scheme = "192.0.2.1:9000", true, "http"
		case 2:
			r.Host, r.PathStyle = "[2001:db8::1]", true
		case 3:
			r.Host, r.Region, r.Product = "downloads.example.com", "cb-123", productCloudBox
		}
		r.SignHost = form&4 != 0
		if r.Query = map[string]string{name: value}; version != "" {
			r.Query["versionId"] = version
		}
		signedAt := time.Unix(unix, 0).UTC()
		u, headers, err := Presign(r, NewCredentials(testID, testSecret, token), signedAt)
		if err != nil {
			refusable := key == "" || name == "" || OwnsParameter(name) || expires < 1 ||
				unix <= (time.Time{}).Unix() || signedAt.Year() > 9999
			if !refusable || u != "" || headers != nil {
				t.Fatalf("refused: %v, with %q and %v", err, u, headers)
			}
			return
		}
		if headers != nil || strings.ContainsFunc(u, func(c rune) bool {
			return c <= ' ' || c > '~' ||
				strings.ContainsRune(`+'"\<>`, c)
		}) {
			t.Errorf("the URL needs quoting, or headers: %q, %v", u, headers)
		}
		older := name == "OSSAccessKeyId" || name == "Signature" || name == "x-oss-access-key-id"
		if !older && r.Product != productCloudBox && expires <= mostExpires {
			if err := accepted(&r, NewCredentials(testID, testSecret, token), signedAt, u, headers); err != nil {
				t.Errorf("not accepted from the wire: %v\n%s", err, u)
			}
		}

		want := Parsed{
			Scheme: r.Scheme, Host: r.Host, Key: key, AccessKeyID: testID, Region: r.Region, Product: r.product(),
			SignedAt:  signedAt,
			ExpiresAt: signedAt.Add(time.Duration(expires) * time.Second), Expires: expires, Version: r.Query["versionId"],
			SecurityTokenUsed: token != "", Query: r.Query,
		}
		if r.SignHost {
			want.AdditionalHeaders = []string{"host"}
		}
		got, err := Parse(u)
		unreadable := want.ExpiresAt.Year() > 9999 || expires >= 1<<31
		for _, s := range []string{key, version, name, value, token} {
			unreadable = unreadable || !utf8.ValidString(s)
		}
		switch {
		case unreadable:
			if err == nil {
				t.Errorf("Parse took %s for %+v", u, got)
			}
		case err != nil || !got.Matches(r):
			t.Errorf("Parse of %s: %+v, %v does not match its request", u, got, err)
		default:
			if r.PathStyle {
				want.Bucket, err = r.Bucket, got.SplitBucket()
			}
			if err != nil || !reflect.DeepEqual(got, want) || !got.Matches(r) {
				t.Errorf("Parse of %s:\n got %+v, %v\nwant %+v", u, got, err, want)
			}
		}

		read, err := url.Parse(u)
		if err != nil {
			t.Fatal(err)
		}
		values, err := url.ParseQuery(read.RawQuery)
		if err != nil {
			t.Fatal(err)
		}
		for name, value := range r.Query {
			if !reflect.DeepEqual(values[name], []string{value}) {
				t.Errorf("net/url reads parameter %q as %q, want %q", name, values[name], value)
			}
		}
		if token != values.Get("x-oss-security-token") || !strings.HasSuffix(read.Path, "/"+key) {
			t.Errorf("net/url reads path %q and token %q", read.Path, values.Get("x-oss-security-token"))
		}
	})
}

// parseErrors is every text that an error of Parse may have. None has room for what was parsed.
var parseErrors = regexp.MustCompile(`^url (is empty` +
	`|is not valid UTF-8` +
	`|has white space or a line break around it\. Remove it with chomp or trimspace` +
	`|is escaped as in JSON, with "\\u0026" for "&"\. ` +
	`Read the whole text with jsondecode, or print the value without JSON` +
	`|is in quotes\. Remove them, or read the text with jsondecode if it is JSON` +
	`|has other text before http:// or https://\. Give the URL alone` +
	`|has a caret, with which cmd escapes characters\. Remove the carets` +
	`|is in angle brackets\. Remove them` +
	`|is escaped as in HTML or XML, with "&amp;" for "&"\. Replace "&amp;" with "&"` +
	`|has a backslash, with which shells escape characters\. Remove the backslashes` +
	`|has white space or a line break inside\. Remove it` +
	`|is percent-encoded as a whole\. Decode it once` +
	`|is not a valid URL` +
	`|must begin with https:// or http://` +
	`|has no host` +
	`|has a host that is not valid UTF-8` +
	`|must not have a user before its host` +
	`|has a parameter (whose (name|value) is not percent-encoded correctly|that is not valid UTF-8|twice)` +
	`|is not presigned with OSS Signature V4\. Its query has no x-oss-[a-z-]+(, x-oss-[a-z-]+)*` +
	`(\. It looks like a URL with OSS Signature V[12]|\. It looks like a URL of Amazon S3` +
	`|\. Its end may have been cut off, as a shell does at "&" outside of quotes)?` +
	`|must have OSS4-HMAC-SHA256 as x-oss-signature-version(, and other text follows it\. Give the URL alone|\. Its ` +
	`end may have been cut off)?` +
	`|must have 64 hexadecimal digits as x-oss-signature(\. Its end may have been cut off|, and other text follows ` +
	`them\. Give the URL alone)` +
	`|must have an x-oss-date of the form 20060102T150405Z` +
	`|must have an x-oss-credential of the form AccessKeyID/date/region/product/aliyun_v4_request` +
	`|must have the same day in its x-oss-credential and its x-oss-date` +
	`|must have a whole number of seconds as x-oss-expires` +
	`|must have an x-oss-date and an expiry within the years 1 to 9999` +
	`|has no object in its path` +
	`|has a key that is not valid UTF-8)$`)

// FuzzParse parses anything. An error shows nothing of it: no 8 bytes in a row, as they stand or
// decoded, that are not in the error of an empty input too or in the fixed texts.
func FuzzParse(f *testing.F) {
	f.Add("")
	f.Add("https://user:password@example.com/k")
	f.Add("https://example.com/%zz?Signature=s3cretSignature")
	f.Add(parseHost + "/secret-key?" + parseQuery)
	f.Add("https://192.0.2.1/bucket/secret-key?versionId=s3cretVersion&" + parseQuery +
		"&x-oss-security-token=s3cretToken%2B")
	f.Add(parseHost + "/secret-key?" + strings.ReplaceAll(parseQuery, "&", "&amp;"))
	f.Add(parseHost + "/secret-key?OSSAccessKeyId=s3cretKey&Expires=1&Signature=s3cretSignature")
	f.Add("https://b.s3.amazonaws.com/k?X-Amz-Signature=s3cretSignature")
	for _, pair := range strings.Split(parseQuery, "&") {
		name, _, _ := strings.Cut(pair, "=")
		f.Add(parseHost + "/k?" + strings.Replace(parseQuery, pair, name+"=s3cret-but-malformed", 1))
		f.Add(parseHost + "/k?" + strings.Replace(parseQuery, pair, "", 1))
	}
	f.Fuzz(func(t *testing.T, s string) {
		p, err := Parse(s)
		if err == nil {
			if p.Key == "" || p.Host == "" || p.AccessKeyID == "" || p.Expires < 1 || p.ExpiresAt.Year() > 9999 ||
				!utf8.ValidString(p.Key+p.Version) {
				t.Errorf("Parse took %q for %+v", s, p)
			}
			return
		}
		message := err.Error()
		if !parseErrors.MatchString(message) {
			t.Fatalf("the error %q is none of those that are fixed", message)
		}
		for _, form := range []string{s, decoded(s)} {
			for i := 0; i+8 <= len(form); i++ {
				if part := form[i : i+8]; strings.Contains(message, part) && !strings.Contains(parseErrors.String(), part) &&
					!fixedName(part) {
					t.Fatalf("the error %q shows %q of the input", message, part)
				}
			}
		}
	})
}

// fixedName reports whether a part is of the names that an error lists as missing, and of what
// follows the last of them.
func fixedName(part string) bool {
	return strings.Contains(strings.Join(required, ", ")+strings.Join(required, ". Its")+". Its", part)
}

// decoded undoes percent-encoding that is well formed, and leaves the rest.
func decoded(s string) string {
	var b bytes.Buffer
	for i := 0; i < len(s); i++ {
		if i+3 <= len(s) {
			if back, err := url.PathUnescape(s[i : i+3]); err == nil && len(back) == 1 {
				b.WriteString(back)
				i += 2
				continue
			}
		}
		b.WriteByte(s[i])
	}
	return b.String()
}

var dotSegment = regexp.MustCompile(`(^|/)\.\.?(/|$)`)

// FuzzCheck compares the checks of names with a second implementation of their rules.
func FuzzCheck(f *testing.F) {
	f.Add("agent/agent-1.4.2.tar.gz", "Content-Type", "text/plain")
	f.Add("a/../b", "x-oss-date", " \t")
	f.Add("/a", "a_b", "1\n2")
	f.Add(strings.Repeat("中", 341), "\u212aelvin", "é")
	f.Fuzz(func(t *testing.T, key, name, value string) {
		ok := key != "" && len(key) < 1024 && utf8.ValidString(key) && !strings.HasPrefix(key, "/") &&
			!strings.HasPrefix(key, `\`) &&
			!dotSegment.MatchString(key)
		if err := CheckKey(key); (err == nil) != ok {
			t.Errorf("key %q: %v", key, err)
		}
		if err := CheckHeader(name, value); err == nil {
			r := changed(func(r *Request) { r.Headers = map[string]string{name: value} })
			_, headers := mustPresign(t, r, testCredentials(), instant)
			if sent, is := headers[strings.ToLower(name)]; !is || sent != strings.Trim(value, " \t") {
				t.Errorf("header %q: %q is to be sent as %q", name, value, headers)
			}
		}
	})
}
