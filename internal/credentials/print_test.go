package credentials

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/alioss/terraform-provider-alioss/internal/signer"
)

// TestNothingPrintsSecrets prints everything that contains a secret with every verb, logger and
// encoder, direct and nested.
func TestNothingPrintsSecrets(t *testing.T) {
	t.Parallel()
	secret := NewSecret("hush")
	config := Config{
		SecretKey: secret, SecurityToken: secret,
		AssumeRoleWithOIDC: &AssumeRoleWithOIDC{OIDCToken: secret},
	}
	w := newWorld(t)
	found, err := w.source(Config{CredentialsURI: w.uri.URL}).Get(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	source := &Source{config: config, found: finding{Credentials: found}}
	type nested struct {
		Exported any
		hidden   any
		Map      map[string]any
	}
	for _, value := range []any{
		secret, &secret, config, &config, *config.AssumeRoleWithOIDC, found, &found, source,
		profile{AccessKeySecret: secret, STSToken: secret, OIDCToken: secret, CloudSSOToken: secret, OAuthToken: secret},
		oidcRole{token: secret},
		Credentials{Credentials: signer.NewCredentials("AKID", "hush", "hush"), Expires: time.Now()},
	} {
		for _, v := range []any{
			value, nested{value, value, map[string]any{"a": value}}, &nested{value, value, nil}, []any{value},
		} {
			for _, verb := range []string{
				"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "% x", "%d", "%o", "%b", "%c", "%U", "%t", "%g", "%T",
			} {
				checkUnprinted(t, verb, fmt.Sprintf(verb, v))
			}
			if _, isSource := value.(*Source); isSource {
				continue
			}
			if text, err := json.Marshal(v); err == nil {
				checkUnprinted(t, "JSON", string(text))
			}
			var log bytes.Buffer
			for _, handler := range []slog.Handler{slog.NewTextHandler(&log, nil), slog.NewJSONHandler(&log, nil)} {
				slog.New(handler).Info("m", "v", v, slog.Group("g", "v", v))
			}
			checkUnprinted(t, "slog", log.String())
		}
	}
	if secret.Reveal() != "hush" || secret.IsEmpty() || !NewSecret("").IsEmpty() || NewSecret("").Reveal() != "" {
		t.Error("a Secret does not give back what it holds")
	}
}

// printed are the forms in which package fmt and the encoders write the secret.
var printed = []string{
	"hush", fmt.Sprintf("%x", "hush"), fmt.Sprintf("%X", "hush"), fmt.Sprintf("% x", "hush"),
	strings.Trim(fmt.Sprintf("%U", []rune("hush")), "[]"),
	strings.Trim(fmt.Sprintf("%d", []byte("hush")), "[]"), strings.Trim(fmt.Sprintf("%o", []byte("hush")), "[]"),
	strings.Trim(fmt.Sprintf("%b", []byte("hush")), "[]"),
	strings.TrimSuffix(strings.TrimPrefix(fmt.Sprintf("%#v", []byte("hush")), "[]byte{"), "}"),
	base64.RawStdEncoding.EncodeToString([]byte("hush")),
}

func checkUnprinted(t *testing.T, how, text string) {
	t.Helper()
	if shown(text) {
		t.Errorf("%s shows a secret: %s", how, text)
	}
}

func shown(text string) bool {
	return slices.ContainsFunc(printed, func(form string) bool { return strings.Contains(text, form) })
}

// TestPrinted makes sure that the search finds what it looks for.
func TestPrinted(t *testing.T) {
	t.Parallel()
	for _, text := range []string{
		"hush", fmt.Sprintf("%x", "hush"), fmt.Sprintf("% x", "hush"), fmt.Sprintf("%q", "hush"),
		fmt.Sprintf("%d", []byte("hush")), fmt.Sprintf("%#v", []byte("hush")),
		fmt.Sprintf("%b", []byte("hush")), fmt.Sprintf("%U", []rune("hush")),
		base64.StdEncoding.EncodeToString([]byte("hush")), fmt.Sprint(struct{ s string }{"hush"}),
	} {
		if !shown(text) {
			t.Errorf("the secret is not found in %s", text)
		}
	}
	if shown(fmt.Sprintf("%+v", Config{AccessKey: "AKID"})) {
		t.Error("a secret is found where there is none")
	}
}
