package credentials

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"testing"
	"time"

	"github.com/alioss/terraform-provider-alioss/internal/signer"
)

// TestNothingPrintsSecrets prints everything that holds a secret with every verb, logger and encoder, direct and nested.
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
	source := &Source{config: config, found: found}
	type nested struct {
		Exported any
		hidden   any
		Map      map[string]any
	}
	for _, value := range []any{
		secret, &secret, config, &config, *config.AssumeRoleWithOIDC, found, &found, source,
		Credentials{Credentials: signer.NewCredentials("AKID", "hush", "hush"), Expires: time.Now()},
	} {
		for _, v := range []any{value, nested{value, value, map[string]any{"a": value}}, &nested{value, value, nil}, []any{value}} {
			for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%d", "%T"} {
				checkHidden(t, fmt.Sprintf(verb, v))
			}
			if _, isSource := value.(*Source); isSource {
				continue
			}
			if text, err := json.Marshal(v); err == nil {
				checkHidden(t, string(text))
			}
			var log bytes.Buffer
			for _, handler := range []slog.Handler{slog.NewTextHandler(&log, nil), slog.NewJSONHandler(&log, nil)} {
				slog.New(handler).Info("m", "v", v, slog.Group("g", "v", v))
			}
			checkHidden(t, log.String())
		}
	}
	if secret.Reveal() != "hush" || secret.IsEmpty() || !NewSecret("").IsEmpty() || NewSecret("").Reveal() != "" {
		t.Error("a Secret does not give back what it holds")
	}
}
