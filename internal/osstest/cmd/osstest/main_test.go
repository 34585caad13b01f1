package main

import (
	"bufio"
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io"
	"maps"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

var now = time.Date(2026, 2, 28, 23, 59, 30, 0, time.UTC)

// buffer is a bytes.Buffer for several goroutines.
type buffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (b *buffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.Write(p)
}

func (b *buffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.String()
}

func write(t *testing.T, file, content string) string {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, []byte(content), 0o644); err != nil {
		t.Fatal(err)
	}
	return file
}

// start runs the command until the test ends and returns what it printed.
func start(t *testing.T, stderr io.Writer, env map[string]string, args ...string) ready {
	t.Helper()
	ctx, stop := context.WithCancel(context.Background())
	out, in := io.Pipe()
	done := make(chan error, 1)
	go func() {
		err := run(ctx, args, func(name string) string { return env[name] }, func() time.Time { return now }, in, stderr)
		in.CloseWithError(io.EOF)
		done <- err
	}()
	t.Cleanup(func() {
		stop()
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
	line, err := bufio.NewReader(out).ReadBytes('\n')
	var r ready
	if err == nil {
		err = json.Unmarshal(line, &r)
	}
	if err != nil {
		t.Fatalf("%v: %q", err, line)
	}
	return r
}

func get(t *testing.T, url string) (int, string, string) {
	t.Helper()
	resp, err := http.Get(url)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp.StatusCode, string(body), resp.Header.Get("x-oss-ec")
}

// The URL of key "dir/a b.txt" of bucket demo for one hour from now, path style. Its signature was
// computed outside of this project's Go code, by Python's hmac and hashlib from the specification.
const signed = "/demo/dir/a%20b.txt?x-oss-credential=AKIDdemo%2F20260228%2Fcn-hangzhou%2Foss%2Faliyun_v4_request&" +
	"x-oss-date=20260228T235930Z" +
	"&x-oss-expires=3600&x-oss-signature-version=OSS4-HMAC-SHA256&" +
	"x-oss-signature=c768e08265fcccec7497fcec1aabef85ea4860a511414028b194dd06da2d8cae"

func TestServes(t *testing.T) {
	dir := t.TempDir()
	write(t, filepath.Join(dir, "tree", "dir", "a b.txt"), "first")
	second := write(t, filepath.Join(dir, "second"), "second")
	ca := filepath.Join(dir, "ca.pem")
	clockFile := filepath.Join(dir, "clock")
	var stderr buffer
	r := start(t, &stderr, map[string]string{
		"OSSTEST_ACCESS_KEY_ID": "AKIDdemo", "OSSTEST_ACCESS_KEY_SECRET": "demo-secret",
	},
		"-tls", "-ca-file", ca, "-clock-file", clockFile, "-log", "-dir", filepath.Join(dir, "tree"),
		"-object", "dir/a b.txt="+second+"@CAEQsecond", "-object", "k=v="+second, "-domain", "downloads.example.com")
	if r.AccessKeyID != "AKIDdemo" || r.Bucket != "demo" || r.Region != "cn-hangzhou" || r.CAFile != ca ||
		r.HTTPURL != "http://"+r.HTTPAddr || r.HTTPSURL != "https://"+r.HTTPSAddr {
		t.Errorf("%+v", r)
	}
	if b, err := os.ReadFile(ca); err != nil || !strings.Contains(string(b), "BEGIN CERTIFICATE") {
		t.Errorf("authority %q, %v", b, err)
	}
	link := r.HTTPURL + signed
	if status, body, _ := get(t, link); status != 200 || body != "second" {
		t.Errorf("got %d %q", status, body)
	}
	steps := []struct {
		clock  string
		status int
		ec     string
	}{
		{"61m\n", 403, "0002-00000236"},
		{"1h", 200, ""},
		{"-16m", 403, "0002-00000235"},
		{"2026-03-01T00:00:00Z", 200, ""},
		{"2026-03-02T08:00:00+08:00", 403, "0002-00000236"},
		{"", 200, ""},
		{"tomorrow", 200, ""},
	}
	for _, s := range steps {
		write(t, clockFile, s.clock)
		if status, _, ec := get(t, link); status != s.status || ec != s.ec {
			t.Errorf("clock %q: got %d %q", s.clock, status, ec)
		}
	}
	if status, _, ec := get(t, strings.Replace(link, "a%20b", "a%20c", 1)); status != 403 || ec != "0002-00000201" {
		t.Errorf("changed: %d %q", status, ec)
	}
	log := stderr.String()
	if !strings.Contains(log, "GET "+r.HTTPAddr+"/demo/dir/a%20c.txt 403 SignatureDoesNotMatch 0002-00000201\n") ||
		!strings.Contains(log, "neither an RFC 3339 instant nor a duration") || strings.Contains(log, "x-oss-signature") {
		t.Errorf("log\n%s", log)
	}
}

// sign makes a URL of a bucket of the command for one hour from now, path style.
func sign(method, bucket, key string, query map[string]string) string {
	escape := func(s string) string { return strings.ReplaceAll(url.QueryEscape(s), "+", "%20") }
	q := map[string]string{
		"x-oss-signature-version": "OSS4-HMAC-SHA256",
		"x-oss-credential":        "osstest/20260228/cn-hangzhou/oss/aliyun_v4_request",
		"x-oss-date":              "20260228T235930Z", "x-oss-expires": "3600",
	}
	maps.Copy(q, query)
	var parameters []string
	for _, name := range slices.Sorted(maps.Keys(q)) {
		parameters = append(parameters, escape(name)+"="+escape(q[name]))
	}
	text := strings.Join(parameters, "&")
	target := "/" + bucket + "/" + strings.ReplaceAll(escape(key), "%2F", "/")
	sum := sha256.Sum256([]byte(method + "\n" + target + "\n" + text + "\n\n\nUNSIGNED-PAYLOAD"))
	k := []byte("aliyun_v4osstest-secret")
	for _, part := range []string{
		"20260228", "cn-hangzhou", "oss", "aliyun_v4_request",
		"OSS4-HMAC-SHA256\n20260228T235930Z\n20260228/cn-hangzhou/oss/aliyun_v4_request\n" + hex.EncodeToString(sum[:]),
	} {
		h := hmac.New(sha256.New, k)
		_, _ = io.WriteString(h, part)
		k = h.Sum(nil)
	}
	return target + "?" + text + "&x-oss-signature=" + hex.EncodeToString(k)
}

func TestFlags(t *testing.T) {
	file := write(t, filepath.Join(t.TempDir(), "f"), "content")
	var stderr buffer
	r := start(t, &stderr, nil, "-log", "-versioning", "Enabled", "-versioned-bucket", "second", "-object", "cold="+file,
		"-object", "warm="+file,
		"-object", "gone="+file, "-class", "cold=ColdArchive", "-class", "warm=Archive", "-restored", "warm", "-delete",
		"gone", "-generate", "many/=3", "-deny", "oss:GetObjectVersion", "-replace", "0026-00000001=0026-00000009",
		"-replace", "NoSuchBucket=NoBucket")
	check := func(bucket, key string, query map[string]string, status int, ec, part string) {
		t.Helper()
		got, body, gotEC := get(t, r.HTTPURL+sign("GET", bucket, key, query))
		if got != status || gotEC != ec || !strings.Contains(body, part) {
			t.Errorf("%s/%s %v: %d %q %s", bucket, key, query, got, gotEC, body)
		}
	}
	check("demo", "cold", nil, 403, "0016-00000404", "InvalidObjectState")
	check("demo", "warm", nil, 200, "", "content")
	check("demo", "gone", nil, 404, "0026-00000009", "NoSuchKey")
	check("demo", "warm", map[string]string{"versionId": "v"}, 403, "0003-00000201", "AccessDenied")
	check("demo", "many/000002", nil, 200, "", "many/000002")
	check("none", "k", nil, 404, "0015-00000101", "<Code>NoBucket</Code>")
	check("demo", "", map[string]string{"list-type": "2", "prefix": "many/"}, 200, "", "<KeyCount>3</KeyCount>")
	check("second", "", map[string]string{"list-type": "2"}, 200, "", "<KeyCount>0</KeyCount>")
	if log := stderr.String(); strings.Count(log, " ListObjectsV2 GET ") != 2 ||
		strings.Count(log, " GetObject GET ") != 6 {
		t.Errorf("log\n%s", log)
	}

	r = start(t, io.Discard, nil, "-refuse", "policy")
	check("demo", "k", nil, 403, "0003-00000101", "AccessDenied")
	r = start(t, io.Discard, nil, "-redirect-missing", "http://127.0.0.1:1/", "-requester-pays")
	check("demo", "k", nil, 403, "", "requester pay")
	r = start(t, io.Discard, nil, "-deny", "oss:ListObjects", "-deny", "oss:PutObject")
	check("demo", "", map[string]string{"list-type": "2"}, 403, "0003-00000201", "AccessDenied")
	check("demo", "k", nil, 404, "0026-00000001", "NoSuchKey")
}

func TestArguments(t *testing.T) {
	dir := t.TempDir()
	file := write(t, filepath.Join(dir, "f"), "demo-secret\n")
	missing := filepath.Join(dir, "missing")
	tests := []struct {
		args []string
		want string
	}{
		{[]string{"-addr", "0.0.0.0:0"}, "loopback only"},
		{[]string{"-tls", "-tls-addr", "0.0.0.0:0"}, "loopback only"},
		{[]string{"-bucket", "A"}, "3 to 63"},
		{[]string{"-versioning", "on"}, "must be Enabled"},
		{[]string{"-object", "k"}, "must be key=file"},
		{[]string{"-object", "=f"}, "must be key=file"},
		{[]string{"-object", "k=" + missing}, "missing"},
		{[]string{"-object", "/k=" + file}, "InvalidObjectName"},
		{[]string{"-dir", missing}, "missing"},
		{[]string{"-ca-file", filepath.Join(missing, "ca")}, "missing"},
		{[]string{"-access-key-secret-file", missing}, "missing"},
		{[]string{"-refuse", "me"}, "must be policy"},
		{[]string{"-deny", "oss:List"}, "must be one of oss:GetObject, "},
		{[]string{"-replace", "AccessDenied"}, "must be old=new"},
		{[]string{"-replace", "=x"}, "must be old=new"},
		{[]string{"-class", "IA"}, "must be key=class"},
		{[]string{"-class", "k=IA"}, `object "k": no -object`},
		{[]string{"-restored", "k"}, `object "k": no -object`},
		{[]string{"-delete", "k"}, `object "k": no -object`},
		{[]string{"-generate", "k=1", "-delete", "k000000"}, "no versions"},
		{[]string{"-generate", "10"}, "must be prefix=number"},
		{[]string{"-generate", "k=-1"}, "must be prefix=number"},
		{[]string{"-generate", "k=1000001"}, "at most 1000000"},
		{[]string{"-generate", "/k=1"}, "InvalidObjectName"},
		{[]string{"-versioned-bucket", "A"}, "3 to 63"},
		{[]string{"more"}, `unexpected argument "more"`},
		{[]string{"-nothing"}, "not defined"},
		{[]string{"-h"}, ""},
	}
	for _, tt := range tests {
		t.Run(strings.Join(tt.args, " "), func(t *testing.T) {
			err := run(t.Context(), tt.args, os.Getenv, time.Now, io.Discard, io.Discard)
			if tt.want == "" && err != nil || tt.want != "" && (err == nil || !strings.Contains(err.Error(), tt.want)) {
				t.Errorf("%q: %v", tt.args, err)
			}
		})
	}
	if err := run(t.Context(), nil, os.Getenv, time.Now, broken{}, io.Discard); !errors.Is(err, io.ErrClosedPipe) {
		t.Errorf("output closed: %v", err)
	}
	o, err := parse([]string{"-access-key-secret-file", file}, func(string) string { return "" }, io.Discard)
	if err != nil || o.accessKeySecret != "demo-secret" || o.accessKeyID != "osstest" {
		t.Errorf("id %q, %v", o.accessKeyID, err)
	}
}

type broken struct{}

func (broken) Write([]byte) (int, error) { return 0, io.ErrClosedPipe }
