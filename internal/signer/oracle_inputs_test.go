package signer

import (
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode"
	"unicode/utf8"
)

// TestOracleInputs sees to it that the inputs of a normal run of TestOracle are of every class that
// the comparison speaks for: a class that nothing is generated of would agree without being
// compared.
func TestOracleInputs(t *testing.T) {
	classes := map[string]int{}
	for _, name := range slices.Concat(oracleParameters, oracleRegions, oracleHeaders) {
		classes[name] = 0
	}
	for _, name := range []string{
		"shortest bucket", "longest bucket", "key of 1 byte", "longest key", "key that is no UTF-8", "leading slash",
		"trailing slash",
		"double slash", "dot segment", "token", "token of more than 500 bytes", "empty value", "value with a blank at an end",
		"no parameter",
		"seven parameters", "name of any bytes", "path style", "port", "IPv6", "signed host", "additional header",
		"header trimmed", "other region", "secret longer than a block", "CloudBox", "least expiry", "most expiry", "midnight",
		"a listing", "a listing in path style", "a page after the first", "last second of a day", "first second of a day",
		"leap day", "http", "GET", "HEAD", "PUT", "DELETE", "POST",
	} {
		classes[name] = 0
	}
	scripts := map[string]*unicode.RangeTable{
		"Latin": unicode.Latin, "Han": unicode.Han, "Katakana": unicode.Katakana, "Hangul": unicode.Hangul,
		"Cyrillic": unicode.Cyrillic,
		"Arabic":   unicode.Arabic, "Hebrew": unicode.Hebrew, "Thai": unicode.Thai,
	}
	for name := range scripts {
		classes[name] = 0
	}
	var keyBytes [256]int
	saw := func(name string, when bool) {
		if when {
			classes[name]++
		}
	}
	for from := uint64(0); from < oracleCases; from += oracleChunk {
		rnd := rand.New(rand.NewPCG(oracleSeed, from))
		chunk := make([]oracleCase, oracleChunk)
		for i := range chunk {
			chunk[i] = generate(rnd)
		}
		oracleInstants(rnd, chunk)
		for i := range chunk {
			c, r := &chunk[i], &chunk[i].request
			for _, b := range []byte(r.Key) {
				keyBytes[b]++
			}
			for name, table := range scripts {
				saw(name, strings.ContainsFunc(r.Key, func(c rune) bool { return unicode.Is(table, c) }))
			}
			saw("a listing", r.OnBucket)
			saw("a listing in path style", r.OnBucket && r.PathStyle)
			saw("a page after the first", r.OnBucket && r.Query["continuation-token"] != "")
			saw("shortest bucket", len(r.Bucket) == 3)
			saw("longest bucket", len(r.Bucket) == 63)
			saw("key of 1 byte", len(r.Key) == 1)
			saw("longest key", len(r.Key) > MaxKeyBytes-50)
			saw("key that is no UTF-8", !utf8.ValidString(r.Key))
			saw("leading slash", strings.HasPrefix(r.Key, "/"))
			saw("trailing slash", strings.HasSuffix(r.Key, "/"))
			saw("double slash", strings.Contains(r.Key, "//"))
			saw("dot segment", strings.Contains(r.Key, "/../"))
			saw("token", c.token != "")
			saw("token of more than 500 bytes", len(c.token) > 500)
			saw("secret longer than a block", len("aliyun_v4"+c.secret) > 64)
			for name, value := range r.Query {
				saw(name, slices.Contains(oracleParameters, name))
				saw("name of any bytes", !slices.Contains(oracleParameters, name))
				saw("empty value", value == "")
				saw("value with a blank at an end", strings.TrimSpace(value) != value)
			}
			saw("no parameter", len(r.Query) == 0)
			saw("seven parameters", len(r.Query) >= 7)
			for name, value := range r.Headers {
				classes[name]++
				saw("header trimmed", strings.TrimSpace(value) != value)
				saw("additional header", !isDefaultSigned(name))
			}
			saw("path style", r.PathStyle)
			saw("port", strings.HasSuffix(r.Host, ":8443"))
			saw("IPv6", strings.HasPrefix(r.Host, "["))
			saw("http", r.Scheme == "http")
			saw("signed host", r.SignHost)
			saw(r.Region, slices.Contains(oracleRegions, r.Region))
			saw("other region", !slices.Contains(oracleRegions, r.Region))
			saw("CloudBox", r.Product == productCloudBox)
			saw("least expiry", r.Expires == 1)
			saw("most expiry", r.Expires == mostExpires)
			saw(r.Method, true)
			clock := c.at.Format("150405")
			saw("midnight", c.at.Equal(c.at.Truncate(24*time.Hour)))
			saw("first second of a day", clock == "000000")
			saw("last second of a day", clock == "235959")
			saw("leap day", c.at.Format("0102") == "0229")
		}
	}
	for name, n := range classes {
		if n == 0 {
			t.Errorf("no case of the class %q is generated", name)
		}
	}
	for b, n := range keyBytes {
		if n == 0 {
			t.Errorf("no key holds the byte 0x%02X", b)
		}
	}
	t.Logf("%d classes of inputs, each generated at least once", len(classes)+len(keyBytes))
}
