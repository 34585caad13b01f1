package credentials

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aliyun/credentials-go/credentials/providers"
)

// far is an instant that the library's own clock has not reached.
var far = time.Date(2100, 1, 1, 0, 0, 0, 0, time.UTC)

// The tests of this file do not run in parallel: the guard silences the standard output of the process.

// signIn is a CloudSSO and OAuth service, over plain HTTP for the library.
type signIn struct {
	server
	body string
}

func newSignIn(t *testing.T, body string) *signIn {
	s := &signIn{body: body}
	s.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.handle(w, r, r.Method+" "+r.URL.Path+" "+r.Header.Get("Authorization"), func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte(s.body)) })
	}))
	s.Config.ErrorLog = quiet
	t.Cleanup(s.Close)
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
		if os.Stdout != file {
			t.Error("standard output has not come back")
		}
		os.Stdout, os.Stderr = stdout, stderr
		file.Close()
		if output, err := os.ReadFile(path); err != nil || len(output) > 0 {
			t.Errorf("printed %q (%v)", output, err)
		}
	}()
	call()
}

// fromFile asks for profile p of a real file with these fields, and checks that nothing is printed or written.
func fromFile(t *testing.T, w *world, fields map[string]any) (found Credentials, err error) {
	t.Helper()
	fields["name"] = "p"
	// Keys of the CLI's that the library does not know; it would drop them when it rewrites the file.
	fields["output_format"], fields["language"], fields["endpoint"] = "json", "zh", "e"
	content, err := json.MarshalIndent(map[string]any{"current": "p", "profiles": []any{fields}, "meta_path": "/m"}, "", "\t")
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

// changed is a copy of fields with one of them changed.
func changed(fields map[string]any, name string, value any) map[string]any {
	other := maps.Clone(fields)
	other[name] = value
	return other
}

func TestCloudSSO(t *testing.T) {
	end := far.Add(-time.Hour)
	good := `{"CloudCredential":{"AccessKeyId":"STS.AKID","AccessKeySecret":"hush","SecurityToken":"hush-token","Expiration":"` + end.Format(time.RFC3339) + `"},"RequestId":"R"}`
	fields := func(s *signIn, change map[string]any) map[string]any {
		all := map[string]any{
			"mode": "CloudSSO", "cloud_sso_sign_in_url": s.URL + "/device/login", "cloud_sso_account_id": "1", "cloud_sso_access_config": "ac",
			"access_token": "hush-access", "cloud_sso_access_token_expire": far.Unix(),
		}
		for name, value := range change {
			all[name] = value
		}
		return all
	}
	stored := map[string]any{
		"cloud_sso_access_token_expire": start.Unix(), "access_key_id": "STS.AKID-stored", "access_key_secret": "hush-stored", "sts_token": "hush-stored-token",
		"sts_expiration": start.Add(10 * time.Minute).Unix(),
	}
	for name, test := range map[string]struct {
		change  map[string]any
		fault   fault
		body    string
		id      string
		end     time.Time
		asked   int
		failure string
	}{
		"good":                 {id: "STS.AKID", end: end, asked: 1},
		"login ended":          {change: map[string]any{"cloud_sso_access_token_expire": start.Unix()}, failure: "aliyun configure --mode CloudSSO --profile p"},
		"never logged in":      {change: map[string]any{"access_token": ""}, failure: "login has ended"},
		"stored session":       {change: stored, id: "STS.AKID-stored", end: start.Add(10 * time.Minute)},
		"no account":           {change: map[string]any{"cloud_sso_account_id": ""}, failure: "no cloud_sso_account_id"},
		"no access config":     {change: map[string]any{"cloud_sso_access_config": ""}, failure: "no cloud_sso_access_config"},
		"no address":           {change: map[string]any{"cloud_sso_sign_in_url": ""}, failure: "no cloud_sso_sign_in_url"},
		"stored without end":   {change: changed(stored, "sts_expiration", 0), failure: "login has ended"},
		"stored for a minute":  {change: changed(stored, "sts_expiration", start.Add(endMargin).Unix()), failure: "login has ended"},
		"stored for longer":    {change: changed(stored, "sts_expiration", start.Add(endMargin+time.Second).Unix()), id: "STS.AKID-stored", end: start.Add(endMargin + time.Second)},
		"address without host": {change: map[string]any{"cloud_sso_sign_in_url": "https:///login"}, failure: "not an address"},
		"address of a file":    {change: map[string]any{"cloud_sso_sign_in_url": "ftp://127.0.0.1/login"}, failure: "not an address"},
		"address by https":     {change: map[string]any{"cloud_sso_sign_in_url": "https://127.0.0.1:1/login"}, failure: "CloudSSO: "},
		"address that is none": {change: map[string]any{"cloud_sso_sign_in_url": "hush"}, failure: "not an address"},
		"refused":              {fault: status(403, `{"hush":"AKID"}`), asked: 1, failure: "it is not shown; if this lasts, log in again"},
		"garbage":              {body: "hush", asked: 1, failure: "held no credentials"},
		"null":                 {body: "null", asked: 1, failure: "held no credentials"},
		"empty session":        {body: `{"CloudCredential":{}}`, asked: 1, failure: "held no credentials"},
		"without end":          {body: `{"CloudCredential":{"AccessKeyId":"STS.AKID","AccessKeySecret":"hush","SecurityToken":"hush"}}`, asked: 1, failure: "held no credentials"},
		"cut":                  {fault: cut, asked: 1, failure: "CloudSSO"},
	} {
		t.Run(name, func(t *testing.T) {
			s := newSignIn(t, good)
			if test.body != "" {
				s.body = test.body
			}
			s.fault = test.fault
			found, err := fromFile(t, newWorld(t), fields(s, test.change))
			checkLibrary(t, found, err, test.id, test.end, test.failure)
			if s.count() != test.asked {
				t.Errorf("asked %d times, want %d", s.count(), test.asked)
			}
			for _, request := range s.log() {
				if request != "POST /cloud-credentials Bearer hush-access" {
					t.Error(request)
				}
			}
		})
	}
	t.Run("nobody there", func(t *testing.T) {
		s := newSignIn(t, good)
		s.Close()
		found, err := fromFile(t, newWorld(t), fields(s, nil))
		checkLibrary(t, found, err, "", time.Time{}, "the connection was refused")
	})
}

func checkLibrary(t *testing.T, found Credentials, err error, id string, end time.Time, failure string) {
	t.Helper()
	switch {
	case failure != "":
		if err == nil || !strings.Contains(err.Error(), failure) {
			t.Errorf("error %v does not say %q", err, failure)
		}
	case err != nil:
		t.Error(err)
	case found.AccessKeyID() != id || !found.Expires.Equal(end) || !found.Temporary() || !strings.Contains(found.AccessKeySecret(), "hush"):
		t.Errorf("got %s until %s, want %s until %s", found.AccessKeyID(), found.Expires, id, end)
	}
}

// TestEndInsideCloudSSO fails when a later version of the library keeps the end under another name: then the end of
// CloudSSO sessions is not known any more.
func TestEndInsideCloudSSO(t *testing.T) {
	field, there := reflect.TypeFor[providers.CloudSSOCredentialsProvider]().FieldByName("expirationTimestamp")
	if !there || field.Type.Kind() != reflect.Int64 {
		t.Error("the library's CloudSSO provider has no field expirationTimestamp of type int64")
	}
	if end := endInside(&providers.CloudSSOCredentialsProvider{}); !end.IsZero() {
		t.Errorf("a provider that has fetched nothing ends at %s", end)
	}
}

func TestOAuth(t *testing.T) {
	end := far.Add(-time.Hour)
	good := `{"accessKeyId":"STS.AKID","accessKeySecret":"hush","securityToken":"hush-token","expiration":"` + end.Format(time.RFC3339) + `","requestId":"R"}`
	stored := map[string]any{
		"oauth_access_token_expire": start.Unix(), "access_key_id": "STS.AKID-stored", "access_key_secret": "hush-stored", "sts_token": "hush-stored-token",
		"sts_expiration": start.Add(10 * time.Minute).Unix(),
	}
	for name, test := range map[string]struct {
		change  map[string]any
		fault   fault
		body    string
		id      string
		end     time.Time
		asked   int
		failure string
	}{
		"good":           {id: "STS.AKID", end: end, asked: 1},
		"site in lower":  {change: map[string]any{"oauth_site_type": "cn"}, id: "STS.AKID", end: end, asked: 1},
		"token ended":    {change: map[string]any{"oauth_access_token_expire": start.Unix()}, failure: "aliyun sts GetCallerIdentity --profile p"},
		"no token":       {change: map[string]any{"oauth_access_token": ""}, failure: "access token has ended"},
		"stored session": {change: stored, id: "STS.AKID-stored", end: start.Add(10 * time.Minute)},
		"stored session that has ended": {change: map[string]any{
			"oauth_access_token": "", "access_key_id": "STS.AKID", "access_key_secret": "hush", "sts_token": "hush",
			"sts_expiration": start.Add(time.Minute).Unix(),
		}, failure: "access token has ended"},
		"other site":  {change: map[string]any{"oauth_site_type": "MARS"}, failure: "neither CN nor INTL"},
		"refused":     {fault: status(401, `{"hush":"AKID"}`), asked: 1, failure: "it is not shown; if this lasts, renew"},
		"garbage":     {body: "hush", asked: 1, failure: "held no credentials"},
		"empty":       {body: `{"accessKeyId":"AKID"}`, asked: 1, failure: "held no credentials"},
		"without end": {body: `{"accessKeyId":"STS.AKID","accessKeySecret":"hush","securityToken":"hush"}`, asked: 1, failure: "held no credentials"},
	} {
		t.Run(name, func(t *testing.T) {
			s := newSignIn(t, good)
			if test.body != "" {
				s.body = test.body
			}
			s.fault = test.fault
			w := newWorld(t)
			w.oauth = map[string]string{"CN": s.URL}
			fields := map[string]any{
				// With less than 1200 s left the library would refresh, and burn the user's refresh token.
				"mode": "OAuth", "oauth_site_type": "CN", "oauth_access_token": "hush-access", "oauth_access_token_expire": start.Add(time.Minute).Unix(),
				"oauth_refresh_token": "hush-refresh",
			}
			for name, value := range test.change {
				fields[name] = value
			}
			found, err := fromFile(t, w, fields)
			checkLibrary(t, found, err, test.id, test.end, test.failure)
			if s.count() != test.asked {
				t.Errorf("asked %d times, want %d", s.count(), test.asked)
			}
			for _, request := range s.log() {
				if request != "POST /v1/exchange Bearer hush-access" {
					t.Error(request)
				}
			}
		})
	}
	t.Run("sites of Alibaba Cloud", func(t *testing.T) {
		f := finder{environment: newWorld(t).environment()}
		_, err := f.fromOAuth(t.Context(), profile{Name: "p", OAuthSite: "INTL"}, "")
		if err == nil || !strings.Contains(err.Error(), "access token has ended") {
			t.Error(err)
		}
	})
}

// script writes a shell script and returns its path.
func script(t *testing.T, text string) string {
	t.Helper()
	if runtime.GOOS == "windows" {
		t.Skip("the commands of this test are shell scripts")
	}
	path := filepath.Join(t.TempDir(), "command")
	writeFile(t, path, "#!/bin/sh\n"+text+"\n", 0o755)
	return path
}

func TestExternal(t *testing.T) {
	const session = `{"mode":"StsToken","access_key_id":"STS.AKID","access_key_secret":"hush","sts_token":"hush-token"`
	for name, test := range map[string]struct {
		script    string
		arguments string
		command   string
		vars      vars
		token     string
		end       time.Time
		failure   string
	}{
		"session":                      {script: `echo '` + session + `}'`, token: "hush-token"},
		"session with its end":         {script: `echo '` + session + `,"expiration":"2099-12-31T23:00:00Z"}'`, token: "hush-token", end: far.Add(-time.Hour)},
		"end in another form":          {script: `echo '` + session + `,"expiration":"tomorrow"}'`, token: "hush-token"},
		"session that has ended":       {script: `echo '` + session + `,"expiration":"2001-01-01T00:00:00Z"}'`, failure: "end at 2001-01-01"},
		"key":                          {script: `echo '{"mode":"AK","access_key_id":"AKID","access_key_secret":"hush"}'`},
		"quoted arguments":             {script: `test "$1" = "a b" && test "$2" = "c d" && echo '` + session + `}'`, arguments: ` "a b" 'c d'`, token: "hush-token"},
		"talk on standard error":       {script: `echo hush >&2; echo '` + session + `}'`, token: "hush-token"},
		"garbage":                      {script: `echo hush AKID`, failure: "it is not shown"},
		"nothing":                      {script: `true`, failure: "it is not shown"},
		"empty object":                 {script: `echo '{}'`, failure: "it is not shown"},
		"StsToken without token":       {script: `echo '{"mode":"StsToken","access_key_id":"AKID","access_key_secret":"hush"}'`, failure: "it is not shown"},
		"temporary key without token":  {script: `echo '{"mode":"AK","access_key_id":"STS.AKID","access_key_secret":"hush"}'`, failure: "the key is a temporary one"},
		"failure":                      {script: `echo hush; echo hush >&2; exit 3`, failure: "the command failed (exit status 3); its output is not shown"},
		"command that is not there":    {command: "/nowhere/hush-command", failure: "the command cannot be run"},
		"command that is in no folder": {command: "hush-command-that-is-not-there", failure: "the command cannot be run"},
		"quote that is not closed":     {command: `sh -c "hush`, failure: "it is not shown"},
		"no command":                   {command: " ", failure: "process_command"},
		"empty command":                {command: "-", failure: "no process_command"},
		"switched off":                 {script: `exit 1`, vars: vars{"ALIBABA_CLOUD_DISABLE_EXTERNAL_PROCESS": "1"}, failure: "since ALIBABA_CLOUD_DISABLE_EXTERNAL_PROCESS is set"},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			for name, value := range test.vars {
				w.vars[name] = value
			}
			command := test.command
			switch command {
			case "":
				command = script(t, test.script) + test.arguments
			case "-":
				command = ""
			}
			found, err := fromFile(t, w, map[string]any{"mode": "External", "process_command": command})
			switch {
			case test.failure != "":
				if err == nil || !strings.Contains(err.Error(), test.failure) {
					t.Errorf("error %v does not say %q", err, test.failure)
				}
			case err != nil:
				t.Error(err)
			case found.AccessKeySecret() != "hush" || found.SecurityToken() != test.token || !found.Expires.Equal(test.end):
				t.Errorf("got %q until %s", found.SecurityToken(), found.Expires)
			}
		})
	}
}

func TestExternalRunsOnce(t *testing.T) {
	log := filepath.Join(t.TempDir(), "log")
	command := script(t, `echo run >> "$1"; echo '{"mode":"StsToken","access_key_id":"STS.AKID","access_key_secret":"hush","sts_token":"hush-token"}'`)
	w := newWorld(t)
	w.files[cliPath] = cliConfig("p", fmt.Sprintf(`{"name":"p","mode":"External","process_command":%q}`, command+" "+log))
	if found := together(t, w.source(Config{}), 1000); found != 1000 {
		t.Errorf("%d of 1000 callers got credentials", found)
	}
	runs, err := os.ReadFile(log)
	if err != nil || string(runs) != "run\n" {
		t.Errorf("the command ran %q (%v)", runs, err)
	}
}

// TestLibraryIsLeft: a caller does not wait for a library call that goes on, nor for its turn behind one.
func TestLibraryIsLeft(t *testing.T) {
	f := finder{environment: newWorld(t).environment()}
	hold, begun := make(chan struct{}), make(chan struct{})
	ctx, cancel := context.WithCancel(t.Context())
	go func() {
		<-begun
		cancel()
	}()
	_, err := f.library(ctx, time.Hour, func() (*providers.Credentials, error) {
		close(begun)
		<-hold
		return nil, errors.New("hush")
	})
	if !errors.Is(err, context.Canceled) {
		t.Errorf("the caller got %v", err)
	}
	if _, err := f.library(ctx, time.Hour, func() (*providers.Credentials, error) { panic("two at a time") }); !errors.Is(err, context.Canceled) {
		t.Errorf("the next caller got %v", err)
	}
	close(hold)
	called := false
	if _, err := f.library(t.Context(), time.Hour, func() (*providers.Credentials, error) {
		called = true
		return &providers.Credentials{}, nil
	}); err != nil || !called {
		t.Errorf("after the first call has come back: %v", err)
	}
}

func TestLibraryLimit(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := finder{}
		hold := make(chan struct{})
		begin := time.Now()
		_, err := f.library(t.Context(), commandLimit, func() (*providers.Credentials, error) {
			<-hold
			return nil, nil
		})
		if err == nil || err.Error() != "no answer within 1m0s" || time.Since(begin) != commandLimit {
			t.Errorf("after %s: %v", time.Since(begin), err)
		}
		close(hold)
	})
}

func TestLibraryPanics(t *testing.T) {
	f := finder{}
	for name, call := range map[string]func() (*providers.Credentials, error){
		"panic": func() (*providers.Credentials, error) { panic("hush") },
		"nil dereference": func() (*providers.Credentials, error) {
			var missing *string
			return &providers.Credentials{AccessKeyId: *missing}, nil
		},
		"nothing": func() (*providers.Credentials, error) { return nil, nil },
	} {
		if _, err := f.library(t.Context(), time.Hour, call); !errors.Is(err, errPanic) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestPlainLibraryPrints shows what the guard is for: without it the library prints the output of a command.
func TestPlainLibraryPrints(t *testing.T) {
	path := filepath.Join(t.TempDir(), "output")
	file, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	stdout := os.Stdout
	os.Stdout = file
	provider, err := providers.NewExternalCredentialsProviderBuilder().WithProcessCommand(script(t, "echo hush")).Build()
	if err == nil {
		_, err = provider.GetCredentials()
	}
	os.Stdout = stdout
	file.Close()
	if output, _ := os.ReadFile(path); err == nil || !bytes.Contains(output, []byte("hush")) {
		t.Errorf("the library prints %q (%v): is the guard still needed?", output, err)
	}
}

// TestDebugPrintsNothing runs a CloudSSO profile in a process with DEBUG=credential, with which the library prints the
// access token; the guard keeps it.
func TestDebugPrintsNothing(t *testing.T) {
	if address := os.Getenv("ALIOSS_TEST_CLOUDSSO"); address != "" {
		debugChild(t, address)
		return
	}
	s := newSignIn(t, `{"CloudCredential":{"AccessKeyId":"STS.AKID","AccessKeySecret":"hush","SecurityToken":"hush-token","Expiration":"2099-12-31T23:00:00Z"}}`)
	for _, plain := range []string{"", "yes"} {
		command := exec.Command(os.Args[0], "-test.run=^TestDebugPrintsNothing$")
		command.Env = append(os.Environ(), "DEBUG=credential", "ALIOSS_TEST_CLOUDSSO="+s.URL, "ALIOSS_TEST_PLAIN="+plain)
		output, err := command.CombinedOutput()
		if err != nil {
			t.Fatalf("%v: %s", err, output)
		}
		if printed := bytes.Contains(output, []byte("hush-access")); printed != (plain != "") {
			t.Errorf("without the guard %q: the token is printed: %v", plain, printed)
		}
	}
	if s.count() != 2 {
		t.Errorf("asked %d times", s.count())
	}
}

func debugChild(t *testing.T, address string) {
	p := profile{
		Name: "p", Mode: modeCloudSSO, CloudSSOSignInURL: address, CloudSSOAccountID: "1", CloudSSOAccessConfig: "ac",
		CloudSSOToken: NewSecret("hush-access"), CloudSSOTokenExpire: far.Unix(),
	}
	if os.Getenv("ALIOSS_TEST_PLAIN") != "" {
		provider, err := providers.NewCloudSSOCredentialsProviderBuilder().WithSignInUrl(p.CloudSSOSignInURL).WithAccountId(p.CloudSSOAccountID).
			WithAccessConfig(p.CloudSSOAccessConfig).WithAccessToken(p.CloudSSOToken.Reveal()).WithAccessTokenExpire(p.CloudSSOTokenExpire).Build()
		if err == nil {
			_, err = provider.GetCredentials()
		}
		if err != nil {
			t.Fatal(err)
		}
		return
	}
	f := finder{environment: newWorld(t).environment()}
	if _, err := f.fromCloudSSO(t.Context(), p, "p"); err != nil {
		t.Fatal(err)
	}
}

// TestOneLibraryCallAtATime: the library's providers are not safe for several goroutines.
func TestOneLibraryCallAtATime(t *testing.T) {
	f := finder{environment: newWorld(t).environment()}
	var running, most atomic.Int64
	done := make(chan struct{})
	const calls = 50
	for range calls {
		go func() {
			_, _ = f.library(t.Context(), time.Hour, func() (*providers.Credentials, error) {
				most.Store(max(most.Load(), running.Add(1)))
				runtime.Gosched()
				running.Add(-1)
				return &providers.Credentials{}, nil
			})
			done <- struct{}{}
		}()
	}
	for range calls {
		<-done
	}
	if most.Load() != 1 {
		t.Errorf("%d calls at a time", most.Load())
	}
}
