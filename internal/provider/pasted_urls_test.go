package provider

import (
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/alioss/terraform-provider-alioss/internal/osstest"
)

// Wherever somebody pastes a presigned URL, no part of it that is secret is shown: not in the DEBUG
// log, not in diagnostics, their paths included, not in the errors of verify and of a listing.
func TestPastedURLs(t *testing.T) {
	t.Parallel()
	w := newWorld(t).connect(t)
	w.oss.SetCredential(osstest.Credential{
		AccessKeyID: "STS.example", AccessKeySecret: testSecret, SecurityToken: testToken,
	})
	whole := w.configured(t, args{"access_key": "STS.example", "secret_key": testSecret, "security_token": testToken}).
		mustSign(args{"bucket": "examplebucket", "key": "reports/a b.pdf"}).text("url")
	u, err := url.Parse(whole)
	must(t, err)
	pasted := map[string]string{
		"whole": whole, "without scheme": strings.TrimPrefix(whole, "https://"), "path": u.EscapedPath() + "?" + u.RawQuery,
		"key and query": "reports/a b.pdf?" + u.RawQuery, "query": u.RawQuery, "escaped": url.QueryEscape(whole),
		"upper case": strings.ToUpper(whole),
		"in JSON":    `{"url":"` + strings.ReplaceAll(whole, "&", `\u0026`) + `"}`,
		"in HTML":    strings.ReplaceAll(whole, "&", "&amp;"), "with a line break": whole + "\n",
		"in quotes": `"` + whole + `"`, "after text": strings.Repeat("x", 70) + " " + whole,
	}
	secrets := []string{
		u.Query().Get("x-oss-signature"), testToken, url.QueryEscape(testToken), testSecret,
		u.Query().Get("x-oss-signature")[:16], testToken[:16],
		url.QueryEscape(testToken)[:16],
	}
	for i, s := range secrets {
		secrets[i] = strings.ToLower(s)
	}
	hidden := func(t *testing.T, where, text string) {
		t.Helper()
		lower := strings.ToLower(text)
		for _, s := range secrets {
			if strings.Contains(lower, s) {
				t.Errorf("%s shows %.12s…: %.300s", where, s, text)
				return
			}
		}
	}
	// places are configurations with a value in one place.
	places := map[string]func(s string) args{}
	for _, name := range []string{
		"bucket", "key", "version", "filename", "process", "expiry", "domain", "endpoint", "region", "endpoint_type",
		"method", "prefix", "list_endpoint_type", "not_after", "rotate_every", "signing_time", "renew_before",
	} {
		places[name] = func(s string) args { return args{name: s} }
	}
	for _, name := range []string{"headers", "response_headers", "query", "keepers"} {
		places[name] = func(s string) args { return args{name: map[string]string{"cache-control": s}} }
		places[name+"' name"] = func(s string) args { return args{name: map[string]string{s: "a"}} }
	}
	places["keys"] = func(s string) args { return args{"keys": tupleOf("a", s)} }
	places["versions"] = func(s string) args { return args{"keys": tupleOf("a"), "versions": mapOf(values{"a": str(s)})} }
	places["versions' key"] = func(s string) args {
		return args{"keys": tupleOf("a"), "versions": mapOf(values{s: str("v")})}
	}
	places["keys and versions"] = func(s string) args {
		return args{"keys": tupleOf(s), "versions": mapOf(values{s: str(s)})}
	}

	ran := 0
	for _, place := range slices.Sorted(maps.Keys(places)) {
		for _, kind := range slices.Sorted(maps.Keys(pasted)) {
			for _, asks := range []bool{false, true} {
				config := places[place](pasted[kind])
				for _, f := range append(slices.Clone(forms), testForm{"ephemeral bulk", "ephemeral", bulkURLs, nil}) {
					many := f.typeName == bulkURLs
					if !f.has(config) || asks &&
						(many || !slices.Contains([]string{"bucket", "key", "version", "process", "domain", "query"}, place)) {
						continue
					}
					full := args{"bucket": "examplebucket"}
					switch {
					case !many:
						full["key"] = "a"
						if asks {
							full["verify"] = true
						}
					case config["keys"] == nil && config["prefix"] == nil && place == "list_endpoint_type":
						full["prefix"] = "a"
					case config["keys"] == nil && config["prefix"] == nil:
						full["keys"] = tupleOf("a")
					}
					maps.Copy(full, config)
					ran++
					s := w.unwitnessed(t) // hosts may be strange
					hidden(t, fmt.Sprint(f.name, " ", place, " ", kind, " ", asks), s.everything(f, full))
				}
			}
		}
	}
	if ran < 900 {
		t.Errorf("%d configurations", ran)
	}
	for _, name := range []string{
		"region", "endpoint", "endpoint_type", "profile", "shared_credentials_file", "ecs_role_name", "credentials_uri",
		"sts_endpoint",
	} {
		t.Run(name, func(t *testing.T) {
			for kind, text := range pasted {
				s := newWorld(t).session(t)
				hidden(t, "provider "+name+" "+kind, describe(s.validateProvider(args{name: text}))+
					describe(s.configure(args{name: text})))
			}
		})
	}
	for _, variable := range []string{"OSS_REGION", "OSS_ENDPOINT", "ALIBABA_CLOUD_PROFILE"} {
		t.Run(variable, func(t *testing.T) {
			for kind, text := range pasted {
				w := newWorld(t).with(map[string]string{variable: text})
				s := w.session(t)
				got := describe(s.configure(nil))
				if got == "" {
					_, d := s.read(managedURL, args{"bucket": "examplebucket", "key": "a"})
					got = describe(d)
				}
				hidden(t, variable+" "+kind, got)
			}
		})
	}
}

// everything returns all diagnostics and log lines of a configuration, from its validation to its
// signature.
func (s *session) everything(f testForm, config args) string {
	s.t.Helper()
	s, log := s.logged()
	got := f.validate(s, config)
	switch f.kind {
	case "data":
		_, d := s.read(f.typeName, config)
		got = append(got, d...)
	case "ephemeral":
		opened := s.openAnswer(f.typeName, config)
		if strings.Contains(string(opened.Private), "oss") {
			s.t.Errorf("private data %s", opened.Private)
		}
		got = append(got, opened.Diagnostics...)
	default:
		_, d, err := s.planAndApply(config)
		must(s.t, err)
		got = append(got, d...)
	}
	return describe(got) + log.String()
}

// A state into which a URL was pasted everywhere is planned and destroyed without showing it.
func TestPastedState(t *testing.T) {
	w := ruledWorld(t)
	c := w.managed(t, nil)
	whole := w.configured(t, nil).mustSign(anObject(nil)).text("url")
	state := result{}
	for _, a := range c.schema.Block.Attributes {
		var v any
		switch typ := a.ValueType(); {
		case typ.Is(tftypes.String):
			v = whole
		case typ.Is(tftypes.Map{}):
			v = map[string]tftypes.Value{whole: str(whole)}
		}
		state[a.Name] = tftypes.NewValue(a.ValueType(), v)
	}
	now := c.is(state)
	d := now.decide(nil, anObject(nil))
	if d.action != "update" || strings.Contains(describe(d.diagnostics), "signature") {
		t.Errorf("%v", d)
	}
	now.destroy(nil)
}
