package provider

import (
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"

	"github.com/alioss/terraform-provider-alioss/internal/osstest"
)

// A key that begins with STS., or has a token, and whose end is not known gets a warning if the URL
// is to be valid for more than 12 hours, in every form, once per run.
func TestSessionOfUnknownEnd(t *testing.T) {
	sts := args{"access_key": "STS.example", "secret_key": testSecret, "security_token": testToken}
	static := args{"access_key": testKey, "secret_key": testSecret}
	staticWithToken := args{"access_key": testKey, "secret_key": testSecret, "security_token": testToken}
	all := map[string]func(t *testing.T, w *world, block, config args) (result, []*tfprotov6.Diagnostic){
		"bulk": func(t *testing.T, w *world, block, config args) (result, []*tfprotov6.Diagnostic) {
			return w.configured(t, block).read(bulkURLs, manyOf(config))
		},
		"ephemeral bulk": func(t *testing.T, w *world, block, config args) (result, []*tfprotov6.Diagnostic) {
			return w.configured(t, block).open(bulkURLs, manyOf(config))
		},
	}
	for name, sign := range signingForms {
		all[name] = sign
	}
	for _, row := range []struct {
		block, config args
		warns         bool
	}{
		{sts, args{"expiry": "12h1s"}, true},
		{sts, args{"expiry": "7d"}, true},
		{sts, args{"expiry": "43201"}, true},
		{staticWithToken, args{"expiry": "13h"}, false}, // no key of a session, whatever the token is
		{sts, args{"expiry": "12h"}, false},
		{sts, nil, false},
		{static, args{"expiry": "7d"}, false},
		{sts, args{"not_after": "2026-03-02T00:00:01Z"}, true},
		{sts, args{"not_after": "2026-03-02T00:00:00Z"}, false},
	} {
		for form, sign := range all {
			if row.config["not_after"] != nil && form == "resource" {
				continue
			}
			w := newWorld(t)
			w.oss.SetCredential(osstest.Credential{
				AccessKeyID: "STS.example", AccessKeySecret: testSecret, SecurityToken: testToken,
			})
			r, d := sign(t, w, row.block, agent(row.config))
			text := describe(d)
			if got := strings.HasPrefix(text, "warning Credentials May End First: "); got != row.warns || len(d) > 1 ||
				len(d) == 1 && !row.warns {
				t.Errorf("%s %v %v: %s", form, row.block, row.config, text)
			}
			if row.warns && (!strings.Contains(text, "12 hours") && !strings.Contains(text, "12h")) {
				t.Errorf("%s does not name the longest session: %s", form, text)
			}
			if r.text("url") == "" && len(r.texts("urls")) == 0 {
				t.Errorf("%s: no URL", form)
			}
		}
	}
	s := newWorld(t).configured(t, sts)
	for i := range 3 {
		if _, d := s.read(managedURL, agent(args{"expiry": "1d"})); len(d) != 1-min(i, 1) {
			t.Errorf("read %d: %s", i, describe(d))
		}
	}
}

// manyOf is a configuration of one URL as one of many.
func manyOf(config args) args {
	many := args{}
	for name, value := range config {
		many[name] = value
	}
	many["keys"] = tupleOf(config["key"].(string))
	delete(many, "key")
	return many
}

// With a known end the warning is another one, and there is no second.
func TestSessionOfKnownEnd(t *testing.T) {
	for form, sign := range signingForms {
		w := newWorld(t)
		w.lend(13 * 3600e9)
		_, d := sign(t, w, lent, agent(args{"expiry": "1d"}))
		if len(d) != 1 || !strings.HasPrefix(describe(d), "warning Credentials End First: ") {
			t.Errorf("%s: %s", form, describe(d))
		}
	}
}
