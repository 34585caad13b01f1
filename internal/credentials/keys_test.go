package credentials

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"
)

// The parts of a key.
const (
	partID = iota
	partSecret
	partToken
)

// wrong are keys that cannot be right, each with the part at fault and a word of its error.
var wrong = map[string]struct {
	id, secret, token string
	part              int
	word              string
}{
	"swapped":                {"hush", "LTAIAKID", "", partSecret, "swapped"},
	"swapped session":        {"hush", "STS.AKID", "hush-token", partSecret, "swapped"},
	"swapped temporary key":  {"hush", "TMP.AKID", "hush-token", partSecret, "swapped"},
	"secret is the id":       {"AKID", "AKID", "", partSecret, "is the same as the AccessKey ID"},
	"double quotes":          {"AKID", `"hush"`, "", partSecret, "quote"},
	"single quotes":          {"'AKID'", "hush", "", partID, "quote"},
	"typographic quotes":     {"AKID", "“hush”", "", partSecret, "non-ASCII"},
	"placeholder":            {"AKID", "<hush>", "", partSecret, "angle bracket"},
	"placeholder of a token": {"STS.AKID", "hush", "<hush>", partToken, "angle bracket"},
	"zero width space":       {"AKID\u200b", "hush", "", partID, "invisible"},
	"byte order mark":        {"\ufeffAKID", "hush", "", partID, "invisible"},
	"no-break space inside":  {"AKID", "hush\u00a0hush", "", partSecret, "blank"},
	"line break inside":      {"AKID", "hush\nhush", "", partSecret, "line break"},
	"control character":      {"AKID", "hush\x7f", "", partSecret, "control character"},
	"another script":         {"АKID", "hush", "", partID, "non-ASCII"},
	"token with a blank":     {"STS.AKID", "hush", "hush token", partToken, "blank"},
}

// TestWrongKeys: keys that cannot be right are refused before anything is signed or sent, from
// every source, and the error contains the name of the part and no value.
func TestWrongKeys(t *testing.T) {
	t.Parallel()
	quote := func(s string) string { return fmt.Sprintf("%q", s) }
	stored := func(mode, fields string, id, secret, token string) string {
		return cliConfig("p", fmt.Sprintf(`{"name":"p","mode":%q,"access_key_id":%s,"access_key_secret":%s,"sts_token":%s%s}`,
			mode, jsonText(id), jsonText(secret), jsonText(token), fields))
	}
	session := func(id, secret, token string) string {
		return fmt.Sprintf(`{"Code":"Success","AccessKeyId":%s,"AccessKeySecret":%s,"SecurityToken":%s}`, jsonText(id),
			jsonText(secret), jsonText(token))
	}
	far := fmt.Sprintf(`,"sts_expiration":%d`, start.Add(time.Hour).Unix())
	for _, source := range []struct {
		name  string
		parts [3]string
		// issued sources always have a token.
		issued bool
		config Config
		set    func(w *world, id, secret, token string)
	}{
		{
			name: "OSS_ variables", parts: [3]string{"OSS_ACCESS_KEY_ID", "OSS_ACCESS_KEY_SECRET", "OSS_SESSION_TOKEN"},
			set: func(w *world, id, secret, token string) {
				w.vars["OSS_ACCESS_KEY_ID"], w.vars["OSS_ACCESS_KEY_SECRET"], w.vars["OSS_SESSION_TOKEN"] = id, secret, token
			},
		},
		{name: "ALICLOUD_ variables", parts: [3]string{
			"ALICLOUD_ACCESS_KEY", "ALICLOUD_SECRET_KEY",
			"ALICLOUD_SECURITY_TOKEN",
		}, set: func(w *world, id, secret, token string) {
			w.vars["ALICLOUD_ACCESS_KEY"], w.vars["ALICLOUD_SECRET_KEY"], w.vars["ALICLOUD_SECURITY_TOKEN"] = id, secret, token
		}},
		{
			name: "profile", parts: [3]string{"access_key_id", "access_key_secret", "sts_token"}, config: Config{Profile: "p"},
			set: func(w *world, id, secret, token string) {
				mode := modeAK
				if token != "" {
					mode = modeStsToken
				}
				w.files[cliPath] = stored(mode, "", id, secret, token)
			},
		},
		{
			name: "current profile", parts: [3]string{"access_key_id", "access_key_secret", "sts_token"},
			set: func(w *world, id, secret, token string) {
				w.files[cliPath] = stored("", "", id, secret, token)
			},
		},
		{
			name: "role of a profile", parts: [3]string{"access_key_id", "access_key_secret", "sts_token"},
			config: Config{Profile: "p"}, set: func(w *world, id, secret, token string) {
				w.files[cliPath] = stored(modeRamRoleArn, `,"ram_role_arn":"`+roleARN+`"`, id, secret, token)
			},
		},
		{
			name: "stored session of a login", parts: [3]string{"access_key_id", "access_key_secret", "sts_token"}, issued: true,
			config: Config{Profile: "p"}, set: func(w *world, id, secret, token string) {
				w.files[cliPath] = stored(modeOAuth, far, id, secret, token)
			},
		},
		{
			name: "ini file", parts: [3]string{"access_key_id", "access_key_secret", "sts_token"},
			config: Config{SharedCredentialsFile: "/ini"}, set: func(w *world, id, secret, token string) {
				w.files["/ini"] = "[default]\naccessKeyID = " + iniText(id) + "\naccessKeySecret = " + iniText(secret) +
					"\nstsToken = " + iniText(token) + "\n"
			},
		},
		{
			name: "credentials URI", parts: partNames, issued: true, config: Config{CredentialsURI: "http://" + casesURI},
			set: func(w *world, id, secret, token string) {
				w.uri.body = session(id, secret, token)
			},
		},
		{
			name: "instance role", parts: partNames, issued: true, config: Config{ECSRoleName: "agent"},
			set: func(w *world, id, secret, token string) {
				w.imds.session = session(id, secret, token)
			},
		},
	} {
		for name, key := range wrong {
			t.Run(source.name+", "+name, func(t *testing.T) {
				t.Parallel()
				w := newWorld(t)
				token := key.token
				if source.issued && token == "" {
					token = "hush-token"
				}
				source.set(w, key.id, key.secret, token)
				found, err := w.get(source.config)
				if err == nil {
					t.Fatalf("%s signs", found.Source)
				}
				for _, words := range []string{source.parts[key.part] + " ", key.word} {
					if !strings.Contains(err.Error(), words) {
						t.Errorf("the error does not contain %s: %v", quote(words), err)
					}
				}
				if w.sts.count() > 0 {
					t.Errorf("STS got a request: %v", w.sts.log())
				}
			})
		}
	}
	for name, key := range wrong {
		t.Run("configuration, "+name, func(t *testing.T) {
			t.Parallel()
			faults := Check(Config{AccessKey: key.id, SecretKey: NewSecret(key.secret), SecurityToken: NewSecret(key.token)})
			argument := [...]string{"access_key", "secret_key", "security_token"}[key.part]
			if len(faults) != 1 || strings.Join(faults[0].Path, ".") != argument ||
				!strings.Contains(faults[0].Err.Error(), key.word) {
				t.Errorf("faults %v, want %s of %s", faults, key.word, argument)
			}
			for _, fault := range faults {
				checkHidden(t, fault.Err.Error())
			}
		})
	}
}

// jsonText is a text in JSON.
func jsonText(s string) string {
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\n", `\n`, "\x7f", `\u007f`).Replace(s) + `"`
}

// iniText is a value of an ini file that may contain quotes and line breaks.
func iniText(s string) string {
	if strings.Contains(s, "\n") {
		return `"""` + s + `"""`
	}
	return "`" + s + "`"
}

// TestOneIdentityPerRun: when keys expire, the source that was chosen returns new ones, and no
// other replaces it, even if it has none any more and would be skipped at the beginning of a run.
func TestOneIdentityPerRun(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.files[cliPath] = cliConfig("p",
		fmt.Sprintf(
			`{"name":"p","mode":"StsToken","access_key_id":"STS.AKID-file","access_key_secret":"hush",`+
				`"sts_token":"hush-token","sts_expiration":%d}`, start.Add(time.Hour).Unix(),
		))
	s := w.source(Config{})
	if found, err := s.Get(t.Context()); err != nil || found.AccessKeyID() != "STS.AKID-file" {
		t.Fatalf("%s signs: %v", found.Source, err)
	}
	w.clock.Advance(time.Hour)
	_, err := s.Get(t.Context())
	var fault *Error
	if !errors.As(err, &fault) || !strings.Contains(fault.Source, `profile "p"`) ||
		!strings.Contains(err.Error(), "The keys have expired") || w.imds.count() > 0 {
		t.Errorf("%v after %d requests to the metadata service", err, w.imds.count())
	}
	// The user logs in again.
	w.files[cliPath] = strings.ReplaceAll(w.files[cliPath], fmt.Sprint(start.Add(time.Hour).Unix()),
		fmt.Sprint(start.Add(3*time.Hour).Unix()))
	w.clock.Advance(2 * failureHold)
	if found, err := s.Get(t.Context()); err != nil || found.AccessKeyID() != "STS.AKID-file" {
		t.Errorf("%s signs: %v", found.Source, err)
	}
	// A run that begins now chooses the instance's role.
	w.clock.Advance(3 * time.Hour)
	if found, err := w.source(Config{}).Get(t.Context()); err != nil || found.AccessKeyID() != "STS.AKID" {
		t.Errorf("%s signs: %v", found.Source, err)
	}
}

// TestLengthArgument: only a session whose length can be chosen names what chooses it.
func TestLengthArgument(t *testing.T) {
	t.Parallel()
	pair := Config{AccessKey: "AKID", SecretKey: NewSecret("hush")}
	role := pair
	role.AssumeRole = &AssumeRole{RoleARN: roleARN}
	for want, config := range map[string]Config{
		"":                                  pair,
		"session_expiration of assume_role": role,
		`expired_seconds of profile "p" of "` + cliPath + `"`: {Profile: "p"},
		"session_expiration of assume_role_with_oidc": {
			AssumeRoleWithOIDC: &AssumeRoleWithOIDC{
				OIDCProviderARN: providerARN, RoleARN: roleARN, OIDCToken: NewSecret(oidcToken),
			},
		},
	} {
		w := newWorld(t)
		w.sts.oidc[oidcToken] = true
		w.files[cliPath] = cliConfig("p",
			`{"name":"p","mode":"RamRoleArn","access_key_id":"AKID","access_key_secret":"hush","ram_role_arn":"`+roleARN+`"}`)
		if found, err := w.get(config); err != nil || found.LengthArgument != want {
			t.Errorf("%v, %q, want %q", err, found.LengthArgument, want)
		}
	}
	w := newWorld(t)
	if found, err := w.get(Config{ECSRoleName: "agent"}); err != nil || found.LengthArgument != "" {
		t.Errorf("%v, %q", err, found.LengthArgument)
	}
}
