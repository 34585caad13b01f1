package provider

import (
	"slices"
	"strings"
	"testing"
	"time"
)

func TestEphemeralOpens(t *testing.T) {
	w := newWorld(t)
	s := w.configured(t, nil)
	config := agent(args{"expiry": "2h", "filename": "a.txt"})
	if d := s.validate("ephemeral", "alioss_presigned_url", config); len(d) > 0 {
		t.Fatal(describe(d))
	}
	r, d := s.open("alioss_presigned_url", config)
	if len(d) > 0 {
		t.Fatal(describe(d))
	}
	w.checkOpens(t, r)
	if r.text("expires_at") != "2026-03-01T14:00:00Z" || r.text("signing_time") != "2026-03-01T12:00:00Z" ||
		r.text("region") != "cn-hangzhou" {
		t.Errorf("%s to %s in %s", r.text("signing_time"), r.text("expires_at"), r.text("region"))
	}
	w.clock.Advance(time.Second)
	if again, _ := s.open("alioss_presigned_url", config); again.text("url") == r.text("url") {
		t.Error("not signed again")
	}
	for _, a := range schemaOf("ephemeral", "alioss_presigned_url").Block.Attributes {
		if a.Name == "rotate_every" || a.Name == "signing_time" && a.Optional {
			t.Errorf("%s can be configured", a.Name)
		}
		if a.Name == "url" && !a.Sensitive {
			t.Error("url is not sensitive")
		}
	}
}

func TestEphemeralRefuses(t *testing.T) {
	w := newWorld(t)
	s := w.configured(t, nil)
	for name, value := range map[string]any{
		"key": "/a", "bucket": "B", "expiry": "8d", "not_after": "soon", "method": "POST", "traffic_limit": 1, "version": "",
		"endpoint": "ftp://x",
	} {
		t.Run(name, func(t *testing.T) {
			config := agent(args{name: value})
			if d := s.validate("ephemeral", "alioss_presigned_url", config); !hasError(d) ||
				!strings.Contains(describe(d), `"`+name+`"`) {
				t.Errorf("%s at validate: %q", name, describe(d))
			}
			if r, d := s.open("alioss_presigned_url", config); !hasError(d) || r.text("url") != "" {
				t.Errorf("%s at open: %q", name, describe(d))
			}
			if d := s.validate("ephemeral", "alioss_presigned_url", agent(args{name: unknown})); len(d) > 0 {
				t.Errorf("%s unknown: %s", name, describe(d))
			}
		})
	}
	for _, c := range []struct {
		config args
		words  string
	}{
		{args{"not_after": "2026-03-02T00:00:00Z", "expiry": "1h"}, "not_after"},
		{args{"method": "PUT", "filename": "a"}, "filename"},
		{args{"method": "PUT", "verify": true}, "verify"},
	} {
		if d := s.validate("ephemeral", "alioss_presigned_url", agent(c.config)); !hasError(d) ||
			!strings.Contains(describe(d), c.words) {
			t.Errorf("%v: %q", c.config, describe(d))
		}
	}
	w.with(map[string]string{"OSS_ACCESS_KEY_ID": "", "OSS_ACCESS_KEY_SECRET": ""})
	if _, d := w.configured(t, nil).open("alioss_presigned_url", agent(nil)); !strings.Contains(describe(d),
		"Missing Credentials") {
		t.Error(describe(d))
	}
	if _, d := w.session(t).open("alioss_presigned_url", agent(nil)); !strings.Contains(describe(d),
		"Provider Not Configured") {
		t.Error(describe(d))
	}
}

// With a provider block that is known at apply only, the results are known at apply, and what is
// configured stays.
func TestEphemeralProviderKnownAtApply(t *testing.T) {
	for _, block := range []args{
		{"region": unknown}, {"access_key": unknown, "secret_key": unknown}, {"endpoint": unknown},
	} {
		s := newWorld(t).session(t)
		if d := s.configure(block); len(d) > 0 {
			t.Fatal(describe(d))
		}
		r, d := s.open("alioss_presigned_url", agent(args{"region": "cn-beijing"}))
		var names []string
		for name, value := range r {
			if !value.IsFullyKnown() {
				names = append(names, name)
			}
		}
		slices.Sort(names)
		if want := []string{"expires_at", "expiry", "method", "signed_headers", "signing_time", "url"}; hasError(d) ||
			!slices.Equal(names, want) {
			t.Errorf("%v unknown, want %v\n%s", names, want, describe(d))
		}
		if got := describe(d); len(d) != 1 || !strings.Contains(got, "Unknown Provider Argument") ||
			!strings.Contains(got, "OpenTofu") {
			t.Errorf("%q", got)
		}
		if r.text("region") != "cn-beijing" || r.text("key") != "agent.tar.gz" || r.text("version") != "" {
			t.Errorf("%s in %s", r.text("key"), r.text("region"))
		}
	}
}

func TestEphemeralWarns(t *testing.T) {
	w := newWorld(t)
	w.lend(30 * time.Minute)
	s := w.configured(t, lent)
	r, d := s.open("alioss_presigned_url", agent(nil))
	if got := describe(d); len(d) != 1 || !strings.HasPrefix(got, "warning Credentials End First") ||
		r.text("expires_at") != "2026-03-01T12:30:00Z" {
		t.Fatal(got)
	}
	w.checkOpens(t, r)
}
