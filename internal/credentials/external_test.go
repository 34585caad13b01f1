package credentials

import (
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"
)

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
	const keys = `"access_key_id":"AKID","access_key_secret":"hush"`
	echo := func(text string) string { return "echo '" + text + "'" }
	const shapeless = "which is not shown, gives no keys. It is not the JSON object of a profile"
	const lacking = "gives no keys. It has no "
	for name, test := range map[string]struct {
		script    string
		arguments string
		command   string
		vars      vars
		fields    map[string]any
		secret    string // hush if empty
		token     string
		end       time.Time
		failure   string
	}{
		"session": {script: echo(session + `}`), token: "hush-token"},
		"session with its end": {
			script: echo(session + `,"expiration":"2099-12-31T23:00:00Z"}`), token: "hush-token", end: far.Add(-time.Hour),
		},
		"end with an offset": {
			script: echo(session + `,"expiration":"2100-01-01T07:00:00+0800"}`), token: "hush-token", end: far.Add(-time.Hour),
		},
		"end in Unix seconds": {
			script: echo(session + `,"expiration":4102441200}`), token: "hush-token", end: far.Add(-time.Hour),
		},
		"end by sts_expiration": {
			script: echo(session + `,"sts_expiration":4102441200}`), token: "hush-token", end: far.Add(-time.Hour),
		},
		"end in another form": {script: echo(session + `,"expiration":"tomorrow"}`), failure: "neither an instant"},
		"end in year 1": {
			script: echo(session + `,"expiration":"0001-01-01T00:00:00Z"}`), failure: "neither an instant",
		},
		"end that is empty": {script: echo(session + `,"expiration":""}`), token: "hush-token"},
		"session that has ended": {
			script: echo(session + `,"expiration":"2001-01-01T00:00:00Z"}`), failure: "expire at 2001-01-01",
		},
		"key":              {script: echo(`{"mode":"AK",` + keys + `}`)},
		"key without mode": {script: echo(`{` + keys + `}`)},
		"key with its end": {
			script: echo(`{"mode":"AK",` + keys + `,"expiration":"2099-12-31T23:00:00Z"}`), end: far.Add(-time.Hour),
		},
		"key beside keys of the file": {
			script: echo(`{` + keys + `}`),
			fields: map[string]any{
				"access_key_id": "AKID-file", "access_key_secret": "hush-file", "sts_token": "hush-file",
				"sts_expiration": 4102441200,
			},
		},
		"half a key, half in the file": {
			script: echo(`{"access_key_id":"AKID"}`), fields: map[string]any{"access_key_secret": "hush-file"}, failure: lacking,
		},
		"quoted arguments": {
			script: `test "$1" = "a b" && test "$2" = "c d" && ` + echo(session+`}`), arguments: ` "a b" 'c d'`,
			token: "hush-token",
		},
		"talk on standard error":     {script: `echo hush >&2; ` + echo(session+`}`), token: "hush-token"},
		"question on standard input": {script: `read answer && exit 1; ` + echo(session+`}`), token: "hush-token"},
		"role": {
			script: echo(`{"mode":"RamRoleArn",` + keys + `,"ram_role_arn":"` + roleARN + `","ram_session_name":"ci"}`),
			secret: "hush-2", token: "hush-token-2", end: start.Add(time.Hour),
		},
		"role of the file": {
			script: echo(`{"mode":"RamRoleArn",` + keys + `}`), fields: map[string]any{"ram_role_arn": roleARN},
			secret: "hush-2", token: "hush-token-2", end: start.Add(time.Hour),
		},
		"instance role": {
			script: echo(`{"mode":"EcsRamRole","ram_role_name":"agent"}`), token: "hush-token", end: start.Add(6 * time.Hour),
		},
		"role in a circle": {
			script:  echo(`{"mode":"ChainableRamRoleArn","source_profile":"p","ram_role_arn":"` + roleARN + `"}`),
			failure: "leads back to itself",
		},
		"External again": {
			script: echo(`{"mode":"External","process_command":"hush"}`), failure: "of mode External again",
		},
		"mode that is not known": {script: echo(`{"mode":"Magic"}`), failure: `mode "Magic" is not known`},
		"another name":           {script: echo(`{"name":"hush",` + keys + `}`)},
		"garbage":                {script: `echo hush AKID`, failure: shapeless},
		"JSON and more":          {script: echo(session+`}`) + `; echo hush`, failure: shapeless},
		"nothing":                {script: `true`, failure: shapeless},
		"another type":           {script: echo(`{"access_key_id":{"hush":"AKID"}}`), failure: shapeless},
		"empty object":           {script: echo(`{}`), failure: lacking},
		"StsToken without token": {script: echo(`{"mode":"StsToken",` + keys + `}`), failure: lacking},
		"temporary key without token": {
			script:  echo(`{"mode":"AK","access_key_id":"STS.AKID","access_key_secret":"hush"}`),
			failure: "sts_token is missing",
		},
		"failure": {
			script:  `echo hush; echo hush >&2; exit 3`,
			failure: "Its process_command failed (exit status 3), and its output is not shown",
		},
		"killed":                       {script: `kill -9 $$`, failure: "Its process_command failed (signal: killed)"},
		"command that is not there":    {command: "/nowhere/hush-command", failure: "process_command cannot be run"},
		"command that is in no folder": {command: "hush-command-that-is-not-there", failure: "process_command cannot be run"},
		"quote that is not closed":     {command: `sh -c "hush`, failure: "cannot be run. A quote in it is not closed"},
		"no command":                   {command: " ", failure: "cannot be run. It names no command"},
		"empty command":                {command: "-", failure: "no process_command"},
		"switched off": {
			script: `exit 1`, vars: vars{"ALIBABA_CLOUD_DISABLE_EXTERNAL_PROCESS": "1"},
			failure: "since ALIBABA_CLOUD_DISABLE_EXTERNAL_PROCESS is set",
		},
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
			if test.secret == "" {
				test.secret = "hush"
			}
			found, err := fromFile(t, w, with(map[string]any{"mode": "External", "process_command": command}, test.fields))
			switch {
			case test.failure != "":
				if err == nil || !strings.Contains(err.Error(), test.failure) {
					t.Errorf("error %v does not contain %q", err, test.failure)
				}
			case err != nil:
				t.Error(err)
			case found.AccessKeySecret() != test.secret || found.SecurityToken() != test.token || !found.Expires.Equal(test.end):
				t.Errorf("got %q, %q until %s", found.AccessKeySecret(), found.SecurityToken(), found.Expires)
			}
		})
	}
}

// A role of a command whose source profile in the file is incomplete: the advice is about that
// profile, and not about the command.
func TestExternalWithSourceProfile(t *testing.T) {
	command := script(t, `echo '{"mode":"ChainableRamRoleArn","source_profile":"q","ram_role_arn":"`+roleARN+`"}'`)
	w := newWorld(t)
	w.files[cliPath] = cliConfig("p", fmt.Sprintf(`{"name":"p","mode":"External","process_command":%q},`, command)+
		`{"name":"q","mode":"AK","access_key_secret":"hush"}`)
	_, err := w.get(Config{})
	const want = "It has no access_key_id. Set it in the file, or run: aliyun configure --profile q"
	if err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "command prints") {
		t.Error(err)
	}
}

func TestExternalRunsOnce(t *testing.T) {
	log := filepath.Join(t.TempDir(), "log")
	command := script(
		t, `echo run >> "$1"; echo '{"mode":"StsToken","access_key_id":"STS.AKID","access_key_secret":"hush",`+
			`"sts_token":"hush-token"}'`,
	)
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

// TestPluginVariables: a command sees the user's variables, and none of those by which a CLI talks
// to its plugins.
func TestPluginVariables(t *testing.T) {
	plugin := []string{
		"TF_PLUGIN_MAGIC_COOKIE", "TF_REATTACH_PROVIDERS", "PLUGIN_MIN_PORT", "PLUGIN_MAX_PORT", "PLUGIN_PROTOCOL_VERSIONS",
		"PLUGIN_CLIENT_CERT", "PLUGIN_UNIX_SOCKET_DIR", "PLUGIN_UNIX_SOCKET_GROUP", "PLUGIN_MULTIPLEX_GRPC",
	}
	user := []string{"ALIBABA_CLOUD_PROFILE", "TF_VAR_x", "TF_LOG", "PLUGIN_OF_DRONE", "PATH_OF_TEST"}
	for _, name := range slices.Concat(plugin, user) {
		t.Setenv(name, "x")
	}
	output, err := runCommand(t.Context(), time.Hour, []string{script(t, "env")})
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range user {
		if !strings.Contains("\n"+string(output), "\n"+name+"=x\n") {
			t.Errorf("%s is missing", name)
		}
	}
	for _, name := range plugin {
		if strings.Contains("\n"+string(output), "\n"+name+"=") {
			t.Errorf("%s is passed on", name)
		}
	}
}

func TestOutputLimit(t *testing.T) {
	t.Parallel()
	if runtime.GOOS == "windows" {
		t.Skip("the commands of this test are of Unix")
	}
	for size, want := range map[int]string{maxOutput: "", maxOutput + 1: "its process_command wrote more than 1 MiB"} {
		output, err := runCommand(t.Context(), time.Hour,
			[]string{"/bin/sh", "-c", fmt.Sprintf("head -c %d /dev/zero", size)})
		if want == "" && (err != nil || len(output) != size) || want != "" && (err == nil || err.Error() != want) {
			t.Errorf("%d bytes: %d, %v", size, len(output), err)
		}
	}
}

// TestSplitCommand has the rules of the Alibaba Cloud CLI (config/command_split_test.go there).
func TestSplitCommand(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		command       string
		unix, windows []string // nil for an error
	}{
		{`cmd a b`, []string{"cmd", "a", "b"}, []string{"cmd", "a", "b"}},
		{"  cmd   a\tb \n", []string{"cmd", "a", "b"}, []string{"cmd", "a", "b"}},
		{`'/my tools/c' a`, []string{"/my tools/c", "a"}, []string{"/my tools/c", "a"}},
		{`c --n "First Last"`, []string{"c", "--n", "First Last"}, []string{"c", "--n", "First Last"}},
		{
			`"C:\Program Files\c.exe" get`, []string{`C:\Program Files\c.exe`, "get"}, []string{`C:\Program Files\c.exe`, "get"},
		},
		{`C:\tools\c.exe a`, []string{"C:toolsc.exe", "a"}, []string{`C:\tools\c.exe`, "a"}},
		{`c a\ b`, []string{"c", "a b"}, []string{"c", `a\`, "b"}},
		{`c "say \"hi\""`, []string{"c", `say "hi"`}, []string{"c", `say "hi"`}},
		{`c "\\ \$ \a"`, []string{"c", `\ $ \a`}, []string{"c", `\\ \$ \a`}},
		{"c \"\\`\"", []string{"c", "`"}, []string{"c", "\\`"}},
		{`c '\"'`, []string{"c", `\"`}, []string{"c", `\"`}},
		{`c \'`, []string{"c", "'"}, nil},
		{`c "" ''`, []string{"c", "", ""}, []string{"c", "", ""}},
		{`c "a b"'c d'e`, []string{"c", "a bc de"}, []string{"c", "a bc de"}},
		{`c 'a "b"' "c 'd'"`, []string{"c", `a "b"`, `c 'd'`}, []string{"c", `a "b"`, `c 'd'`}},
		{"c a \\\n b", []string{"c", "a", "b"}, []string{"c", "a", `\`, "b"}},
		{"c a\\\nb", []string{"c", "ab"}, []string{"c", `a\`, "b"}},
		{"c \"a\\\nb\"", []string{"c", "ab"}, []string{"c", "a\\\nb"}},
		{`c \`, nil, []string{"c", `\`}},
		{"c é\u00a0ü", []string{"c", "é", "ü"}, []string{"c", "é", "ü"}},
		{``, nil, nil},
		{`  `, nil, nil},
		{`""`, nil, nil},
		{`"" a`, nil, nil},
		{`"c`, nil, nil},
		{`'c`, nil, nil},
		{`c "a\"`, nil, nil},
	} {
		t.Run(c.command, func(t *testing.T) {
			for isWindows, want := range map[bool][]string{false: c.unix, true: c.windows} {
				got, err := splitCommand(c.command, isWindows)
				if (err == nil) != (want != nil) || !slices.Equal(got, want) {
					t.Errorf("%q, Windows %t: %q, %v; want %q", c.command, isWindows, got, err, want)
				}
			}
		})
	}
}
