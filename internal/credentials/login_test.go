package credentials

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aliyun/credentials-go/credentials/providers"

	"github.com/alioss/terraform-provider-alioss/internal/testworld"
	"github.com/alioss/terraform-provider-alioss/internal/transport"
)

// far is when the sessions of the tests end, unless a row has another time.
var far = time.Date(2100, 1, 1, 0, 0, 0, 0, time.UTC)

// signIn is a CloudSSO and OAuth service.
type signIn struct {
	server
	body string
	sent []string // bodies of the requests
}

func newSignIn(t *testing.T, body string) *signIn {
	s := &signIn{body: body}
	s.Server = httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		sent, err := io.ReadAll(r.Body)
		if err != nil {
			t.Error(err)
		}
		s.sent = append(s.sent, string(sent))
		what := strings.Join([]string{
			r.Method, r.Host, r.URL.String(), "Accept: " + r.Header.Get("Accept"),
			"Content-Type: " + r.Header.Get("Content-Type"), r.Header.Get("Authorization"),
		}, " ")
		s.handle(w, r, what, func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte(s.body)) })
	}))
	s.startTLS(t)
	return s
}

// silent runs call, and fails if anything was written to standard output or standard error.
func silent(t *testing.T, call func()) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "output")
	file, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	stdout, stderr := os.Stdout, os.Stderr
	os.Stdout, os.Stderr = file, file
	defer func() {
		os.Stdout, os.Stderr = stdout, stderr
		_ = file.Close()
		if output, err := os.ReadFile(path); err != nil || len(output) > 0 {
			t.Errorf("printed %q (%v)", output, err)
		}
	}()
	call()
}

// fromFile gets profile p of a real file with these fields, and checks that nothing is printed or
// written.
func fromFile(t *testing.T, w *world, fields map[string]any) (found Credentials, err error) {
	t.Helper()
	fields["name"] = "p"
	// Keys that only the CLI uses. A program that writes the file from a struct of its own drops them.
	fields["output_format"], fields["language"], fields["endpoint"] = "json", "zh", "e"
	content, err := json.MarshalIndent(map[string]any{"current": "p", "profiles": []any{fields}, "meta_path": "/m"},
		"", "\t")
	if err != nil {
		t.Fatal(err)
	}
	directory := t.TempDir()
	path := filepath.Join(directory, "config.json")
	writeFile(t, path, string(content), 0o640)
	e := w.environment()
	e.ReadFile = readFile
	silent(t, func() { found, err = New(Config{SharedCredentialsFile: path}, e).Get(t.Context()) })
	checkFile(t, path, string(content), 0o640)
	if entries, _ := os.ReadDir(directory); len(entries) != 1 {
		t.Errorf("files were left beside the configuration: %v", entries)
	}
	if err != nil {
		checkHidden(t, err.Error())
	}
	return found, err
}

// with is a copy of fields with some of them changed.
func with(fields map[string]any, changes ...map[string]any) map[string]any {
	all := maps.Clone(fields)
	for _, change := range changes {
		maps.Copy(all, change)
	}
	return all
}

// until is a session that the CLI has stored.
func until(end any) map[string]any {
	return map[string]any{
		"access_key_id": "STS.AKID-stored", "access_key_secret": "hush-stored", "sts_token": "hush-stored-token",
		"sts_expiration": end,
	}
}

// loginRow is a case of a CloudSSO or OAuth profile.
type loginRow struct {
	change   map[string]any
	fault    fault
	body     string
	id       string // STS.AKID if empty
	end      time.Time
	requests int
	failure  string
}

// loginFaults are rows that both modes have in common. wrap makes the answer of a session.
func loginFaults(wrap func(session string) string) map[string]loginRow {
	end := far.Add(-time.Hour)
	session := func(end string) string {
		return wrap(`"AccessKeyId":"STS.AKID","AccessKeySecret":"hush","SecurityToken":"hush-token"` + end)
	}
	return map[string]loginRow{
		"good":             {end: end, requests: 1},
		"end unknown":      {body: session(""), requests: 1},
		"end by Unix":      {body: session(fmt.Sprintf(`,"Expiration":%d`, end.Unix())), end: end, requests: 1},
		"end without zone": {body: session(`,"Expiration":"2099-12-31 23:00:00"`), end: end, requests: 1},
		"end that is none": {body: session(`,"Expiration":"soon"`), requests: 1, failure: "neither an instant"},
		"end in year 1": {
			body: session(`,"Expiration":"0001-01-01T00:00:00Z"`), requests: 1, failure: "neither an instant",
		},
		"ended": {
			body: session(`,"Expiration":"2026-05-04T03:02:01Z"`), requests: 1, failure: "expire at 2026-05-04T03:02:01Z",
		},
		"stored session": {
			change: until(start.Add(10 * time.Minute).Unix()), id: "STS.AKID-stored", end: start.Add(10 * time.Minute),
		},
		"stored in ms": {
			change: until(start.Add(10 * time.Minute).UnixMilli()), id: "STS.AKID-stored", end: start.Add(10 * time.Minute),
		},
		"stored for longer": {
			change: until(start.Add(endMargin + time.Second).Unix()), id: "STS.AKID-stored",
			end: start.Add(endMargin + time.Second),
		},
		// A stored session whose end is not known, or comes within a minute, is no reason not to
		// ask.
		"stored for a minute": {change: until(start.Add(endMargin).Unix()), end: end, requests: 1},
		"stored without end":  {change: until(0), end: end, requests: 1},
		"stored, end garbled": {change: until(-1), end: end, requests: 1},
		"refused": {
			fault: status(403, `{"hush":"AKID"}`), requests: 1, failure: "with status 403. If this lasts",
		},
		"refused, CloudSSO": {
			fault: status(401, `{"ErrorCode":"InvalidToken","ErrorMessage":"hush","RequestId":"0B7E-1"}`), requests: 1,
			failure: "status 401 (code InvalidToken, request ID 0B7E-1)",
		},
		"refused, OAuth": {
			fault: status(400, `{"error":"expired_token","error_description":"hush","requestId":"0B7E-1"}`), requests: 1,
			failure: "status 400 (code expired_token, request ID 0B7E-1)",
		},
		"token as code": {
			fault: status(400, `{"error":"hush-access-1","requestId":"hush AKID"}`), requests: 1,
			failure: "with status 400. If this lasts",
		},
		"part of the token as code": {
			fault: status(400, `{"error":"hush-ac"}`), requests: 1, failure: "with status 400. If this lasts",
		},
		"part of the token in the message": {
			fault: status(400, `{"error":"invalid_token","Message":"token hush-ac is bad"}`), requests: 1,
			failure: "status 400 (code invalid_token)",
		},
		"503 once":     {fault: firstOnly(1, status(503, "hush")), end: end, requests: 2},
		"503 for good": {fault: status(503, "hush"), requests: 3, failure: "status 503"},
		"redirect": {fault: func(_ int, w http.ResponseWriter, r *http.Request) bool {
			http.Redirect(w, r, "https://signin.example/elsewhere", http.StatusTemporaryRedirect)
			return true
		}, requests: 1, failure: "redirects (status 307), which is not followed"},
		"without end":   {fault: endless, requests: 1, failure: "larger than 1 MiB"},
		"garbage":       {body: "hush", requests: 1, failure: "something other than credentials"},
		"null":          {body: "null", requests: 1, failure: " "},
		"empty session": {body: wrap(``), requests: 1, failure: "lacks AccessKeyId"},
		"half": {
			body: wrap(`"AccessKeyId":"STS.AKID","AccessKeySecret":"hush"`), requests: 1, failure: "lacks AccessKeyId",
		},
		"cut": {fault: cut, requests: 3, failure: "broke off"},
	}
}

// checkLogin runs a row, and compares every request with want.
func checkLogin(t *testing.T, row loginRow, fields map[string]any, good, want string) *signIn {
	t.Helper()
	s := newSignIn(t, good)
	if row.body != "" {
		s.body = row.body
	}
	s.fault = row.fault
	w := newWorld(t)
	w.signIn = s
	found, err := fromFile(t, w, with(fields, row.change))
	if row.id == "" {
		row.id = "STS.AKID"
	}
	switch {
	case row.failure != "":
		if err == nil || !strings.Contains(err.Error(), row.failure) {
			t.Errorf("error %v does not contain %q", err, row.failure)
		}
	case err != nil:
		t.Error(err)
	case found.AccessKeyID() != row.id || !found.Expires.Equal(row.end) || !found.Temporary() ||
		!strings.Contains(found.AccessKeySecret(), "hush"):
		t.Errorf("got %s until %s, want %s until %s", found.AccessKeyID(), found.Expires, row.id, row.end)
	}
	if s.count() != row.requests {
		t.Errorf("%d requests, want %d", s.count(), row.requests)
	}
	for _, request := range s.log() {
		if request != want {
			t.Errorf("request %q, want %q", request, want)
		}
	}
	return s
}

func TestCloudSSO(t *testing.T) {
	wrap := func(session string) string { return `{"CloudCredential":{` + session + `},"RequestId":"R"}` }
	good := wrap(`"AccessKeyId":"STS.AKID","AccessKeySecret":"hush","SecurityToken":"hush-token","Expiration":"` +
		far.Add(-time.Hour).Format(time.RFC3339) + `"`)
	fields := map[string]any{
		"mode": "CloudSSO", "cloud_sso_sign_in_url": "https://signin.example/device/login?hush", "cloud_sso_account_id": "1",
		"cloud_sso_access_config": "ac",
		"access_token":            "hush-access", "cloud_sso_access_token_expire": far.Unix(),
	}
	loggedOut := map[string]any{"cloud_sso_access_token_expire": start.Unix()}
	rows := loginFaults(wrap)
	maps.Copy(rows, map[string]loginRow{
		"login ended": {change: loggedOut, failure: "aliyun configure --mode CloudSSO --profile p"},
		"login ended by ms": {
			change: map[string]any{"cloud_sso_access_token_expire": start.UnixMilli()}, failure: "login has expired",
		},
		"never logged in": {change: map[string]any{"access_token": ""}, failure: "login has expired"},
		"login ended, stored lasts": {
			change: with(until(start.Add(10*time.Minute).Unix()), loggedOut), id: "STS.AKID-stored",
			end: start.Add(10 * time.Minute),
		},
		"login and stored ended": {change: with(until(start.Unix()), loggedOut), failure: "login has expired"},
		"no account":             {change: map[string]any{"cloud_sso_account_id": ""}, failure: "no cloud_sso_account_id"},
		"no access config": {
			change: map[string]any{"cloud_sso_access_config": ""}, failure: "no cloud_sso_access_config",
		},
		"no address": {change: map[string]any{"cloud_sso_sign_in_url": ""}, failure: "no cloud_sso_sign_in_url"},
		"address without host": {
			change: map[string]any{"cloud_sso_sign_in_url": "https:///login"}, failure: "not an https:// address",
		},
		"address by http": {
			change: map[string]any{"cloud_sso_sign_in_url": "http://signin.example/login"}, failure: "not an https:// address",
		},
		"address that is none": {
			change: map[string]any{"cloud_sso_sign_in_url": "hush"}, failure: "not an https:// address",
		},
		"token with a line break": {
			change: map[string]any{"access_token": "hush\nhush"}, failure: "Its access token contains",
		},
	})
	for name, row := range rows {
		t.Run(name, func(t *testing.T) {
			s := checkLogin(t, row, fields, good,
				"POST signin.example /cloud-credentials Accept: application/json Content-Type: application/json Bearer hush-access")
			for _, sent := range s.sent {
				if sent != `{"AccessConfigurationId":"ac","AccountId":"1"}` {
					t.Errorf("sent %q", sent)
				}
			}
		})
	}
}

func TestOAuth(t *testing.T) {
	wrap := func(session string) string {
		for _, name := range []string{"AccessKeyId", "AccessKeySecret", "SecurityToken", "Expiration"} {
			session = strings.ReplaceAll(session, name, strings.ToLower(name[:1])+name[1:])
		}
		return `{` + strings.TrimSuffix(session+`,"requestId":"R"`, ",") + `}`
	}
	good := wrap(`"AccessKeyId":"STS.AKID","AccessKeySecret":"hush","SecurityToken":"hush-token","Expiration":"` +
		far.Add(-time.Hour).Format(time.RFC3339) + `"`)
	fields := map[string]any{
		// Too little is left for a library that renews early, which would burn the user's refresh
		// token.
		"mode": "OAuth", "oauth_site_type": "CN", "oauth_access_token": "hush-access",
		"oauth_access_token_expire": start.Add(time.Minute).Unix(),
		"oauth_refresh_token":       "hush-refresh",
	}
	ended := map[string]any{"oauth_access_token_expire": start.Unix()}
	rows := loginFaults(wrap)
	rows["empty session"] = loginRow{body: "{}", requests: 1, failure: "lacks AccessKeyId"}
	maps.Copy(rows, map[string]loginRow{
		"site in lower": {change: map[string]any{"oauth_site_type": "cn"}, end: far.Add(-time.Hour), requests: 1},
		"token ended":   {change: ended, failure: "aliyun sts GetCallerIdentity --profile p"},
		"no token":      {change: map[string]any{"oauth_access_token": ""}, failure: "access token has expired"},
		"token ended, stored lasts": {
			change: with(until(start.Add(10*time.Minute).Unix()), ended), id: "STS.AKID-stored",
			end: start.Add(10 * time.Minute),
		},
		"other site": {change: map[string]any{"oauth_site_type": "MARS"}, failure: "neither CN nor INTL"},
	})
	for name, row := range rows {
		t.Run(name, func(t *testing.T) {
			s := checkLogin(t, row, fields, good,
				"POST oauth.aliyun.com /v1/exchange Accept: application/json Content-Type: application/json Bearer hush-access")
			if slices.ContainsFunc(s.sent, func(body string) bool { return body != "" }) {
				t.Errorf("sent %q", s.sent)
			}
		})
	}
	t.Run("international site", func(t *testing.T) {
		checkLogin(t, loginRow{end: far.Add(-time.Hour), requests: 1},
			with(fields, map[string]any{"oauth_site_type": "INTL"}), good,
			"POST oauth.alibabacloud.com /v1/exchange Accept: application/json Content-Type: application/json Bearer "+
				"hush-access")
	})
}

// TestSearchLimit puts two slow services into one search: the search as a whole has its limit, not
// each.
func TestSearchLimit(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		config  Config
		files   map[string]string
		failure string
	}{
		"chain of roles": {
			Config{Profile: "b"},
			map[string]string{cliPath: cliConfig("b",
				`{"name":"a","mode":"RamRoleArn","access_key_id":"AKID","access_key_secret":"hush","ram_role_arn":"`+roleARN+`"},`+
					`{"name":"b","mode":"ChainableRamRoleArn","source_profile":"a","ram_role_arn":"`+roleARN+`"}`)},
			"STS at sts.aliyuncs.com failed, because no answer came within 10s",
		},
		"URI and role": {
			Config{CredentialsURI: "http://uri.example/", AssumeRole: &AssumeRole{RoleARN: roleARN}},
			nil,
			"STS at sts.aliyuncs.com failed, because no answer came within 10s",
		},
		"CloudSSO": {
			Config{Profile: "p"},
			map[string]string{cliPath: cliConfig("p",
				fmt.Sprintf(`{"name":"p","mode":"CloudSSO","cloud_sso_sign_in_url":"https://signin.example",`+
					`"cloud_sso_account_id":"1",`+
					`"cloud_sso_access_config":"a","access_token":"hush","cloud_sso_access_token_expire":%d}`, far.Unix()))},
			"CloudSSO at signin.example failed, because no answer came within 10s",
		},
		"OAuth": {
			Config{Profile: "p"},
			map[string]string{cliPath: cliConfig("p",
				fmt.Sprintf(`{"name":"p","mode":"OAuth","oauth_site_type":"CN","oauth_access_token":"hush",`+
					`"oauth_access_token_expire":%d}`,
					far.Unix()))},
			"OAuth at oauth.aliyun.com failed, because no answer came within 10s",
		},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				e := hangingEnvironment(&world{t: t, vars: vars{}, files: c.files, clock: testworld.NewClock(start)})
				e.Transport = &late{hang: &hang{}}
				begin := time.Now()
				_, err := New(c.config, e).Get(t.Context())
				if err == nil || !strings.Contains(err.Error(), c.failure) || time.Since(begin) != serviceLimit {
					t.Errorf("after %s: %v", time.Since(begin), err)
				}
			})
		})
	}
}

// late answers the first request after 6 s, if it is one for keys, and no other.
type late struct {
	hang     *hang
	requests int
}

func (l *late) RoundTrip(r *http.Request) (*http.Response, error) {
	l.requests++
	if l.requests > 1 || strings.HasPrefix(r.URL.Host, "oauth") || r.URL.Host == "signin.example" {
		return l.hang.RoundTrip(r)
	}
	if err := transport.Sleep(r.Context(), 6*time.Second); err != nil {
		return nil, err
	}
	session := sessionJSON("", far.Format(time.RFC3339))
	body := strings.TrimSuffix(session, "}") + `,"Credentials":` + session + `}`
	return &http.Response{StatusCode: 200, Body: io.NopCloser(bytes.NewReader([]byte(body))), Request: r}, nil
}

// TestSignInAsTheLibrary compares the requests to both sign-in services with those of Alibaba's own
// library, as they arrive.
func TestSignInAsTheLibrary(t *testing.T) {
	type request struct{ what, contentType, authorization, body string }
	var arrived []request
	answer := func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			t.Error(err)
		}
		var fields map[string]string
		if len(body) > 0 && json.Unmarshal(body, &fields) != nil {
			t.Errorf("sent %q", body)
		}
		arrived = append(arrived, request{
			r.Method + " " + r.URL.Path, r.Header.Get("Content-Type"), r.Header.Get("Authorization"), fmt.Sprint(fields),
		})
		session := sessionJSON("", far.Format(time.RFC3339))
		_, _ = w.Write([]byte(strings.TrimSuffix(session, "}") + `,"CloudCredential":` + session + `}`))
	}
	plain := httptest.NewServer(http.HandlerFunc(answer)) // the library trusts no certificate of the tests
	defer plain.Close()
	s := newSignIn(t, "")
	s.Config.Handler = http.HandlerFunc(answer)
	w := newWorld(t)
	w.signIn = s

	sso, err := providers.NewCloudSSOCredentialsProviderBuilder().WithSignInUrl(plain.URL + "/device/login").
		WithAccountId("1").WithAccessConfig("ac").
		WithAccessToken("hush-access").WithAccessTokenExpire(far.Unix()).Build()
	if err == nil {
		_, err = sso.GetCredentials()
	}
	if err != nil {
		t.Fatal(err)
	}
	oauth, err := providers.NewOAuthCredentialsProviderBuilder().WithSignInUrl(plain.URL).WithClientId("none").
		WithAccessToken("hush-access").
		WithAccessTokenExpire(far.Unix()).Build()
	if err == nil {
		_, err = oauth.GetCredentials()
	}
	if err != nil {
		t.Fatal(err)
	}
	for _, profile := range []string{
		`"mode":"CloudSSO","cloud_sso_sign_in_url":"https://signin.example/device/login","cloud_sso_account_id":"1",` +
			`"cloud_sso_access_config":"ac",` +
			fmt.Sprintf(`"access_token":"hush-access","cloud_sso_access_token_expire":%d`, far.Unix()),
		fmt.Sprintf(`"mode":"OAuth","oauth_site_type":"CN","oauth_access_token":"hush-access","oauth_access_token_expire":%d`,
			far.Unix()),
	} {
		w.files[cliPath] = cliConfig("p", `{"name":"p",`+profile+`}`)
		if _, err := w.get(Config{Profile: "p"}); err != nil {
			t.Fatal(err)
		}
	}
	if len(arrived) != 4 || arrived[0] != arrived[2] || arrived[1] != arrived[3] || arrived[0] == arrived[1] {
		t.Errorf("requests of the library, then our own: %+v", arrived)
	}
}
