package provider

import (
	"fmt"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/alioss/terraform-provider-alioss/internal/osstest"
	"github.com/alioss/terraform-provider-alioss/internal/testworld"
)

// at reads the data source at an instant, and checks that OSS accepts the URL then.
func (w *world) at(t *testing.T, now time.Time, config args) result {
	t.Helper()
	w.clock.Set(now)
	r, d := w.configured(t, nil).read("alioss_presigned_url", agent(config))
	if len(d) > 0 {
		t.Fatal(describe(d))
	}
	w.checkOpens(t, r)
	return r
}

func TestRotation(t *testing.T) {
	for _, c := range []struct {
		expiry, every string
		start         string // of a period
		next          string // of the next
	}{
		{"2d", "1d", "2026-03-02T00:00:00Z", "2026-03-03T00:00:00Z"},
		{"2d", "24h", "2028-02-29T00:00:00Z", "2028-03-01T00:00:00Z"},
		{"2h", "1h", "2026-12-31T23:00:00Z", "2027-01-01T00:00:00Z"},
		{"7d", "6d23h59m59s", "2026-02-25T23:11:10Z", "2026-03-04T23:11:09Z"}, // 2930 × 604799 s since 1970
		{"6s", "5s", "2038-01-19T03:14:05Z", "2038-01-19T03:14:10Z"},          // over 2³¹ seconds
		{"1h", "7m", "2026-03-01T12:00:00Z", "2026-03-01T12:07:00Z"},
		{"2s", "1s", "2026-03-01T12:00:00Z", "2026-03-01T12:00:01Z"},
	} {
		t.Run(c.expiry+" "+c.every+" "+c.start, func(t *testing.T) {
			w := newWorld(t)
			begin, next := instant(t, c.start), instant(t, c.next)
			config := args{"expiry": c.expiry, "rotate_every": c.every}
			first := w.at(t, begin, config)
			if first.text("signing_time") != c.start {
				t.Fatalf("signed at %s", first.text("signing_time"))
			}
			length := next.Sub(begin)
			expiry := instant(t, first.text("expires_at")).Sub(begin)
			// and the clock goes back
			for _, now := range []time.Time{begin.Add(length / 2), next.Add(-time.Second), next.Add(-time.Nanosecond), begin} {
				r := w.at(t, now, config)
				if r.text("url") != first.text("url") {
					t.Errorf("another URL at %s", now)
				}
				if left := instant(t, r.text("expires_at")).Sub(now); left < expiry-length {
					t.Errorf("%v left at %s", left, now)
				}
			}
			if w.at(t, begin.Add(-time.Second), config).text("url") == first.text("url") {
				t.Error("the same URL the second before the period")
			}
			if r := w.at(t, next, config); r.text("url") == first.text("url") || r.text("signing_time") != c.next {
				t.Errorf("signed at %s in the next period", r.text("signing_time"))
			}
		})
	}
}

// A constant, or a value of time_rotating or time_static, always gives the same URL. Offsets are
// accepted.
func TestSigningTime(t *testing.T) {
	w := newWorld(t)
	config := func(s string) args { return args{"expiry": "7d", "signing_time": s} }
	utc := w.at(t, start, config("2026-03-01T00:00:00Z"))
	for _, s := range []string{
		"2026-03-01T08:00:00+08:00", "2026-02-28T19:00:00-05:00", "2026-03-01T05:45:00+05:45", "2026-03-01T00:00:00.000Z",
	} {
		r := w.at(t, start.Add(48*time.Hour), config(s))
		if r.text("url") != utc.text("url") || r.text("expires_at") != "2026-03-08T00:00:00Z" {
			t.Errorf("%s ends at %s", s, r.text("expires_at"))
		}
		if r.text("signing_time") != s {
			t.Errorf("%s was configured, and %s is in the result", s, r.text("signing_time"))
		}
	}
	if r := w.at(t, start, nil); r.text("signing_time") != "2026-03-01T12:00:00Z" {
		t.Errorf("signed at %s", r.text("signing_time"))
	}
	if r := w.at(t, start.Add(999*time.Millisecond), nil); r.text("signing_time") != "2026-03-01T12:00:00Z" {
		t.Errorf("with a part of a second, signed at %s", r.text("signing_time"))
	}
	w.clock.Set(start.In(time.FixedZone("", 8*60*60)))
	if r := w.configured(t, nil).mustSign(agent(nil)); r.text("signing_time") != "2026-03-01T12:00:00Z" ||
		r.text("expires_at") != "2026-03-01T13:00:00Z" {
		t.Errorf("on a clock in China: %s to %s", r.text("signing_time"), r.text("expires_at"))
	}
}

func TestNotAfter(t *testing.T) {
	for _, c := range []struct {
		notAfter, signingTime string
		now                   string
		end, expiry           string // of the URL, or
		words                 []string
	}{
		{"2026-03-01T12:00:01Z", "", "2026-03-01T12:00:00Z", "2026-03-01T12:00:01Z", "1s", nil},
		{"2026-03-08T12:00:00Z", "", "2026-03-01T12:00:00Z", "2026-03-08T12:00:00Z", "7d", nil},
		{"2026-03-01T21:30:00+08:00", "", "2026-03-01T12:00:00Z", "2026-03-01T13:30:00Z", "1h30m", nil},
		{"2026-03-03T00:00:00Z", "2026-03-01T00:00:00Z", "2026-03-02T00:00:00Z", "2026-03-03T00:00:00Z", "2d", nil},
		{"2028-03-01T00:00:00Z", "", "2028-02-29T00:00:00Z", "2028-03-01T00:00:00Z", "1d", nil},
		{"2027-01-01T00:00:00Z", "", "2026-12-31T23:59:59Z", "2027-01-01T00:00:00Z", "1s", nil},
		{"2038-01-19T03:14:08Z", "", "2038-01-19T03:14:07Z", "2038-01-19T03:14:08Z", "1s", nil},
		{
			"2026-03-01T12:00:00Z", "", "2026-03-01T12:00:00Z", "", "",
			[]string{
				"Invalid Not After", "not_after", `later than the signing time 2026-03-01T12:00:00Z, got "2026-03-01T12:00:00Z"`,
			},
		},
		{
			"2026-02-01T12:00:00Z", "", "2026-03-01T12:00:00Z", "", "",
			[]string{"2026-02-01T12:00:00Z", "2026-03-01T12:00:00Z", "later"},
		},
		{
			"2026-03-08T12:00:01Z", "", "2026-03-01T12:00:00Z", "", "",
			[]string{
				"2026-03-08T12:00:01Z", "2026-03-01T12:00:00Z", "at most 7d after the signing time",
				`The latest is "2026-03-08T12:00:00Z"`,
			},
		},
		{
			"2026-03-05T00:00:00Z", "2026-02-20T00:00:00Z", "2026-03-01T12:00:00Z", "", "",
			[]string{"2026-03-05T00:00:00Z", "2026-02-20T00:00:00Z", "at most 7d"},
		},
	} {
		t.Run(c.notAfter+" at "+c.now, func(t *testing.T) {
			w := newWorld(t)
			w.clock.Set(instant(t, c.now))
			for name, get := range map[string]func(args) (result, string){
				"data": func(config args) (result, string) {
					r, d := w.configured(t, nil).read("alioss_presigned_url", config)
					return r, describe(d)
				},
				"ephemeral": func(config args) (result, string) {
					r, d := w.configured(t, nil).open("alioss_presigned_url", config)
					return r, describe(d)
				},
			} {
				config := agent(args{"not_after": c.notAfter})
				if c.signingTime != "" {
					if name == "ephemeral" {
						continue
					}
					config["signing_time"] = c.signingTime
				}
				r, d := get(config)
				for _, word := range c.words {
					if !strings.Contains(d, word) {
						t.Errorf("%s %s lacks %q: %q", name, c.notAfter, word, d)
					}
				}
				if c.words != nil {
					continue
				}
				if d != "" || r.text("expires_at") != c.end || r.text("expiry") != c.expiry {
					t.Errorf("%s %s: %s, %s, %q", name, c.notAfter, r.text("expires_at"), r.text("expiry"), d)
					continue
				}
				w.checkOpens(t, r)
			}
		})
	}
}

func TestTimingExclusions(t *testing.T) {
	s := newWorld(t).configured(t, nil)
	for _, c := range []struct {
		config args
		words  []string
	}{
		{args{"not_after": "2026-03-02T00:00:00Z", "expiry": "1h"}, []string{"not_after", "expiry"}},
		{args{"not_after": "2026-03-02T00:00:00Z", "rotate_every": "1h"}, []string{"not_after", "rotate_every"}},
		{args{"signing_time": "2026-03-02T00:00:00Z", "rotate_every": "1m"}, []string{"signing_time", "rotate_every"}},
		{
			args{"rotate_every": "1h"}, []string{
				"Invalid Rotate Every",
				`rotate_every must be shorter than expiry "1h", got "1h"`,
			},
		},
		{args{"rotate_every": "2h", "expiry": "1h"}, []string{`rotate_every must be shorter than expiry "1h", got "2h"`}},
		{args{"rotate_every": "0s"}, []string{"Invalid Rotate Every", "at least 1"}},
		{args{"rotate_every": "daily"}, []string{"Invalid Rotate Every", "must be a duration"}},
		{args{"signing_time": "2026-03-02"}, []string{"Invalid Signing Time", "RFC 3339"}},
		{args{"signing_time": "2026-03-02T00:00:00.5Z"}, []string{"Invalid Signing Time", "fraction"}},
		{args{"signing_time": "2016-12-31T23:59:60Z"}, []string{"Invalid Signing Time", "leap second"}},
		{args{"not_after": "tomorrow"}, []string{"Invalid Not After", "RFC 3339"}},
	} {
		t.Run(fmt.Sprint(c.config), func(t *testing.T) {
			d := s.validate("data", "alioss_presigned_url", agent(c.config))
			for _, word := range c.words {
				if !hasError(d) || !strings.Contains(describe(d), word) {
					t.Errorf("%v lacks %q: %q", c.config, word, describe(d))
				}
			}
		})
	}
	for _, config := range []args{
		{"rotate_every": unknown},
		{"rotate_every": "2h", "expiry": unknown},
		{"signing_time": unknown, "expiry": "1d"},
		{"not_after": unknown},
		{"signing_time": "2026-03-01T00:00:00Z", "not_after": "2026-03-02T00:00:00Z"},
	} {
		if d := s.validate("data", "alioss_presigned_url", agent(config)); len(d) > 0 {
			t.Errorf("%v: %s", config, describe(d))
		}
	}
	// A value that was unknown at validation is refused at read.
	for _, c := range []struct{ name, value string }{
		{"rotate_every", "1h"},
		{"signing_time", "2026-03-01"},
		{"not_after", "2026-03-01T11:00:00Z"},
		{"expiry", "0"},
		{"signing_time", "9999-12-31T23:00:00Z"}, // it ends in the year 10000
	} {
		if _, d := s.read("alioss_presigned_url", agent(args{c.name: c.value})); !hasError(d) ||
			!strings.Contains(describe(d), `"`+c.name+`"`) {
			t.Errorf("%s: %q", c.name, describe(d))
		}
	}
}

func TestWarnings(t *testing.T) {
	const fixed = "2026-03-01T12:00:00Z"
	for _, c := range []struct {
		name    string
		now     time.Time
		config  args
		expires time.Duration // of temporary credentials, 0 for a long-lived key
		summary string
		words   []string
	}{
		{"the last second", start.Add(time.Hour - time.Second), args{"signing_time": fixed}, 0, "", nil},
		{
			"the end", start.Add(time.Hour),
			args{"signing_time": fixed},
			0, "Presigned URL Expired",
			[]string{fixed, "2026-03-01T13:00:00Z", "later signing_time", "on purpose"},
		},
		{
			"long ago", start.Add(1000 * 24 * time.Hour),
			args{"signing_time": fixed},
			0, "Presigned URL Expired",
			[]string{fixed, "2028-11-25T12:00:00Z now"},
		},
		{"15 minutes early", start.Add(-15 * time.Minute), args{"signing_time": fixed}, 0, "", nil},
		{
			"over 15 minutes early", start.Add(-15*time.Minute - time.Second),
			args{"signing_time": fixed},
			0,
			"Presigned URL Not Valid",
			[]string{fixed, "0002-00000235"},
		},
		{"credentials end with the URL", start, nil, time.Hour, "", nil},
		{
			"credentials end first", start, nil, time.Hour - time.Second, "Credentials End First",
			[]string{"2026-03-01T13:00:00Z", "2026-03-01T12:59:59Z", "credentials URI at keys.example"},
		},
		{
			"credentials end before a deadline", start,
			args{"not_after": "2026-03-01T13:00:00Z"},
			30 * time.Minute,
			"Credentials End First",
			[]string{"2026-03-01T13:00:00Z", "2026-03-01T12:30:00Z"},
		},
		{
			"rotation with temporary credentials", start,
			args{"rotate_every": "30m"},
			2 * time.Hour,
			"URL Changes With Credentials",
			[]string{"rotate_every", "credentials URI at keys.example"},
		},
		{
			"content type of a GET", start,
			args{"response_headers": map[string]string{"Content-Type": "text/plain"}},
			0,
			"Response Header Refused",
			[]string{"0017-00000902"},
		},
		{
			"content type of a HEAD", start,
			args{"method": "HEAD", "response_headers": map[string]string{"content-type": "text/plain"}},
			0, "", nil,
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := newWorld(t)
			w.clock.Set(c.now)
			var block args
			if c.expires != 0 {
				w.lend(c.expires)
				block = lent
			}
			s := w.configured(t, block)
			_, d := s.read("alioss_presigned_url", agent(c.config))
			got := describe(d)
			if c.summary == "" {
				if got != "" {
					t.Fatal(got)
				}
				return
			}
			if len(d) != 1 || !strings.HasPrefix(got, "warning "+c.summary+": ") {
				t.Fatal(got)
			}
			for _, word := range append(c.words, "shown once per run and applies to all") {
				if !strings.Contains(got, word) {
					t.Errorf("lacks %q: %s", word, got)
				}
			}
			for i := range 30 { // other instances, in the seconds that follow
				w.clock.Set(c.now.Add(time.Duration(i) * 300 * time.Millisecond))
				more := agent(c.config)
				more["key"] = fmt.Sprint(i)
				if _, d := s.read("alioss_presigned_url", more); len(d) > 0 {
					t.Fatalf("instance %d: %s", i, describe(d))
				}
			}
			w.clock.Set(c.now)
			if _, d := w.configured(t, block).read("alioss_presigned_url", agent(c.config)); describe(d) != got {
				t.Errorf("at apply: %s", describe(d))
			}
		})
	}
}

// Each length of URL that outlives the credentials is named.
func TestWarningOfCredentialsForEachLength(t *testing.T) {
	w := newWorld(t)
	w.lend(30 * time.Minute)
	s := w.configured(t, lent)
	for _, c := range []struct {
		expiry string
		warns  bool
	}{{"1h", true}, {"2h", true}, {"1h", false}, {"60m", false}, {"15m", false}} {
		if _, d := s.read("alioss_presigned_url", agent(args{"expiry": c.expiry})); (len(d) == 1) != c.warns {
			t.Errorf("%s: %q", c.expiry, describe(d))
		}
	}
}

// lend makes the credentials URI https://keys.example/role answer with a new temporary key each
// time, which lives so long from then and which OSS accepts.
func (w *world) lend(life time.Duration) {
	w.transport = &lender{w: w, life: life}
}

// lender answers as a credentials URI does.
type lender struct {
	w     *world
	life  time.Duration
	count atomic.Int64
}

var lent = args{"credentials_uri": "https://keys.example/role"}

func (l *lender) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.URL.Host != "keys.example" {
		return testworld.Refuse(r)
	}
	n := l.count.Add(1)
	c := osstest.Credential{
		AccessKeyID: fmt.Sprintf("STS.NExampleKeyId%04d", n), AccessKeySecret: fmt.Sprintf("lent-secret-%04d", n),
		SecurityToken: testToken,
		Expiration:    l.w.clock.Now().Add(l.life).Truncate(time.Second).UTC(),
	}
	l.w.oss.SetCredential(c)
	body := fmt.Sprintf(`{"Code":"Success","AccessKeyId":%q,"AccessKeySecret":%q,"SecurityToken":%q,"Expiration":%q}`,
		c.AccessKeyID, c.AccessKeySecret, c.SecurityToken, c.Expiration.Format(time.RFC3339))
	return testworld.Answer(r, http.StatusOK, body), nil
}
