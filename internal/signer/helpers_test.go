package signer

import (
	"strings"
	"testing"
	"time"
)

// instant is when the requests of these tests are signed, unless a test sets another instant.
var instant = time.Date(2026, 3, 14, 15, 9, 26, 0, time.UTC)

// The rules of what the signer does not judge: the longest expiry that OSS accepts (§8), and the
// product of a CloudBox (§1).
const (
	mostExpires     = 604_800
	productCloudBox = "oss-cloudbox"
)

const (
	testID     = "LTAI5tTestKeyId"
	testSecret = "sEcReT-kLmNoPqRsTuVwXyZ0123456789"
	testToken  = "CAIS/tOkEn+with=hard&bytes~0123456789"
)

func testCredentials() Credentials { return NewCredentials(testID, testSecret, "") }

// plainGET is the request of most links: a short key and no parameters of its own.
func plainGET() Request {
	return Request{
		Method: "GET", Scheme: "https", Host: "examplebucket.oss-cn-hangzhou.aliyuncs.com", Region: "cn-hangzhou",
		Bucket: "examplebucket", Key: "agent/agent-1.4.2.tar.gz", Expires: 3600,
	}
}

// changed is a plain GET that a test has changed.
func changed(change func(*Request)) Request {
	r := plainGET()
	change(&r)
	return r
}

// mustPresign signs, and has what it signed accepted from the wire. Path style under its own hosts
// the service refuses (§7).
func mustPresign(t testing.TB, r Request, c Credentials, at time.Time) (string, map[string]string) {
	t.Helper()
	u, headers, err := Presign(r, c, at)
	if err != nil {
		t.Fatal(err)
	}
	forbidden := r.PathStyle && strings.HasSuffix(r.Host, ".aliyuncs.com")
	if err := accepted(&r, c, at, u, headers); err != nil && (!forbidden ||
		!strings.Contains(err.Error(), "SecondLevelDomainForbidden")) {
		t.Errorf("not accepted from the wire: %v", err)
	}
	return u, headers
}

// steps are the lines of a canonical request.
type steps struct {
	method, uri, query string
	headers            []string
	additional, hash   string
}

// canonicalSteps signs a request at the usual instant and takes its canonical request apart.
func canonicalSteps(t testing.TB, r Request, c Credentials) steps {
	t.Helper()
	s, err := r.sign(c, instant, new(workspace))
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(string(s.canonical), "\n")
	n := len(lines)
	if n < 6 || lines[n-3] != "" {
		t.Fatalf("the canonical request is not of six parts, headers closed by an empty line:\n%s", s.canonical)
	}
	return steps{
		method: lines[0], uri: lines[1], query: lines[2], headers: lines[3 : n-3], additional: lines[n-2], hash: lines[n-1],
	}
}
