package signer

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"log"
	"log/slog"
	"strings"
	"testing"
)

// The shapes in which credentials meet a printer: as an exported and as an unexported field, behind
// pointers and in collections.
type (
	holder  struct{ C Credentials }
	hider   struct{ c Credentials }
	pointer struct{ c *Credentials }
	deep    struct {
		H *hider
		l []Credentials
		m map[string]Credentials
		a any
	}
)

func shapes(c Credentials) map[string]any {
	return map[string]any{
		"direct":                      c,
		"pointer":                     &c,
		"slice":                       []Credentials{c},
		"map":                         map[string]Credentials{"k": c},
		"map of pointers":             map[string]*Credentials{"k": &c},
		"exported field":              holder{c},
		"pointer to exported field":   &holder{c},
		"unexported field":            hider{c},
		"pointer to unexported field": &hider{c},
		"unexported pointer":          pointer{&c},
		"deep":                        deep{&hider{c}, []Credentials{c}, map[string]Credentials{"k": c}, hider{c}},
		"any":                         []any{c, &c, hider{c}},
	}
}

// shows returns the form of a secret that a text contains, or "".
func shows(text, secret string) string {
	lower := strings.ToLower(text)
	for form, s := range map[string]string{
		"plain":        secret,
		"the start":    secret[:8],
		"hexadecimal":  hex.EncodeToString([]byte(secret[:8])),
		"spaced hex":   fmt.Sprintf("% x", secret[:8]),
		"decimal":      strings.Trim(fmt.Sprint([]byte(secret[:8])), "[]"),
		"base64":       base64.StdEncoding.EncodeToString([]byte(secret[:9])),
		"Go bytes":     strings.TrimSuffix(strings.TrimPrefix(fmt.Sprintf("%#v", []byte(secret[:8])), "[]byte{"), "}"),
		"code points":  strings.Trim(fmt.Sprintf("%U", []rune(secret[:8])), "[]"),
		"octal digits": strings.Trim(fmt.Sprintf("%o", []byte(secret[:8])), "[]"),
	} {
		if strings.Contains(lower, strings.ToLower(s)) {
			return form
		}
	}
	return ""
}

func checkHidden(t *testing.T, how, text string) {
	t.Helper()
	for what, secret := range map[string]string{"secret": testSecret, "token": testToken} {
		if form := shows(text, secret); form != "" {
			t.Errorf("%s shows the %s (%s): %s", how, what, form, text)
		}
	}
}

// TestShows makes sure that the search of these tests finds what it looks for.
func TestShows(t *testing.T) {
	for _, text := range []string{
		testSecret, fmt.Sprintf("%x", testSecret), fmt.Sprintf("%X", testSecret), fmt.Sprintf("% x", testSecret),
		fmt.Sprintf("%d", []byte(testSecret)), fmt.Sprintf("%#v", []byte(testSecret)), fmt.Sprintf("%q", testSecret),
		fmt.Sprintf("%v", struct{ s string }{testSecret}), base64.StdEncoding.EncodeToString([]byte(testSecret)),
	} {
		if shows(text, testSecret) == "" {
			t.Errorf("the secret was not found in %s", text)
		}
	}
	if form := shows("(sensitive)", testSecret); form != "" {
		t.Errorf("the secret was found as %s where it is not", form)
	}
}

func TestCredentialsAreRedacted(t *testing.T) {
	c := NewCredentials(testID, testSecret, testToken)
	mustPresign(t, plainGET(), c, instant) // with keys derived
	for shape, v := range shapes(c) {
		for _, verb := range []string{
			"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "% x", "%d", "%o", "%b", "%c", "%U", "%t",
			"%g", "%e", "%T",
		} {
			checkHidden(t, shape+" by "+verb, fmt.Sprintf(verb, v))
		}
		checkHidden(t, shape+" by Sprint", fmt.Sprint(v))
		checkHidden(t, shape+" in an error", fmt.Errorf("with %v: %w", v, errors.New("x")).Error())
		if text, err := json.Marshal(v); err == nil {
			checkHidden(t, shape+" as JSON", string(text))
		}
		if text, err := xml.Marshal(v); err == nil {
			checkHidden(t, shape+" as XML", string(text))
		}
		var out bytes.Buffer
		log.New(&out, "", 0).Print(v)
		for _, handler := range []slog.Handler{slog.NewTextHandler(&out, nil), slog.NewJSONHandler(&out, nil)} {
			logger := slog.New(handler)
			logger.Info("direct", "c", v)
			logger.With("c", v).Info("with")
			logger.Info("group", slog.Group("g", slog.Any("c", v)))
		}
		checkHidden(t, shape+" in a log", out.String())
	}
}

// TestCredentialsReadAsSensitive checks that the printed form shows why there is no value.
func TestCredentialsReadAsSensitive(t *testing.T) {
	c := NewCredentials(testID, testSecret, testToken)
	var log bytes.Buffer
	slog.New(slog.NewJSONHandler(&log, nil)).Info("m", "c", c)
	text, err := json.Marshal(holder{c})
	if err != nil {
		t.Fatal(err)
	}
	for how, got := range map[string]string{
		"%v": fmt.Sprintf("%v", c), "%+v": fmt.Sprintf("%+v", c), "%#v": fmt.Sprintf("%#v", c), "%s": fmt.Sprintf("%s", &c),
		"JSON": string(text), "slog": log.String(),
	} {
		if !strings.Contains(got, "(sensitive)") {
			t.Errorf("%s gives %s, want (sensitive)", how, got)
		}
	}
}

func TestCredentials(t *testing.T) {
	tests := []struct {
		name              string
		c                 Credentials
		id, secret, token string
		zero, temporary   bool
	}{
		{"zero value", Credentials{}, "", "", "", true, false},
		{"long-lived", NewCredentials("i", "s", ""), "i", "s", "", false, false},
		{"temporary", NewCredentials("i", "s", "t"), "i", "s", "t", false, true},
		{"no id", NewCredentials("", "s", ""), "", "s", "", true, false},
		{"no secret", NewCredentials("i", "", ""), "i", "", "", true, false},
		{"only a token", NewCredentials("", "", "t"), "", "", "t", true, true},
	}
	for _, test := range tests {
		c := test.c
		if c.AccessKeyID() != test.id || c.AccessKeySecret() != test.secret || c.SecurityToken() != test.token {
			t.Errorf("%s: the values do not come back", test.name)
		}
		if c.IsZero() != test.zero || c.Temporary() != test.temporary {
			t.Errorf("%s: IsZero %v, Temporary %v; want %v, %v", test.name, c.IsZero(), c.Temporary(), test.zero, test.temporary)
		}
	}
}
