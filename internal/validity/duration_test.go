package validity

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/alioss/terraform-provider-alioss/internal/text"
)

const day = 24 * time.Hour

func TestParseDuration(t *testing.T) {
	for s, want := range map[string]time.Duration{
		"0": 0, "0s": 0, "0d0h0m0s": 0, "1": time.Second, "1s": time.Second, "3600": time.Hour, "007": 7 * time.Second,
		"15m": 15 * time.Minute, "1h30m": 90 * time.Minute, "90m": 90 * time.Minute,
		"7d": 7 * day, "1d12h": 36 * time.Hour, "1d2h3m4s": 26*time.Hour + 3*time.Minute + 4*time.Second,
		"1d4s": day + 4*time.Second, "8d": 8 * day, "10000h": 10000 * time.Hour,
		"9223372036": 9223372036 * time.Second, "106751d23h47m16s": 9223372036 * time.Second, "106751d": 106751 * day,
	} {
		t.Run(s, func(t *testing.T) {
			if got, err := ParseDuration("duration", s); err != nil || got != want {
				t.Errorf("%q: %v, %v; want %v", s, got, err, want)
			}
		})
	}
	const (
		form  = `be a duration such as "15m", "1h30m" or "7d", or whole seconds such as "3600"`
		unit  = "have the units d, h, m and s, each at most once and the largest first"
		long  = "be at most 106751d"
		last  = "have a unit after its last number"
		whole = "have whole numbers"
		sign  = "not be negative"
	)
	ways := map[string]string{whole: `. Write "1h30m" for "1.5h"`, last: ". The units are d, h, m and s"}
	for must, values := range map[string][]string{
		sign:  {"-1h", "-0"},
		whole: {"1.5h", "0.5s", ".5", "never.", "0.1s0.1s"},
		last:  {"1h30", "1d5", "1s1"},
		form: {
			"+1h", " 1h", "h", "P1D", "١h", "\xff", "inf", "never", "1h ", "500ms", "7days", "7days?", strings.Repeat("0", 33),
			strings.Repeat("9", 1_000_000),
			"https://examplebucket/k?Signature=s3cret",
		},
		unit: {
			"1 h", "1,5h", "1w", "1H", "1y", "1ns", "1us", "30m1h", "1h1h", "1m1d", "1s1s", "1e3", "0x10",
			"1_000",
			"1\x00",
		},
		long: {
			"9223372037", "106751d23h47m17s", "106752d", "9223372036854775807", "9223372036854775808", "99999999999999999999d",
			strings.Repeat("9", 32),
		},
	} {
		for _, s := range values {
			got, err := ParseDuration("rotate_every", s)
			want := "rotate_every must " + must + ", got " + text.Quote(s) + ways[must]
			if err == nil || got != 0 || err.Error() != want || strings.Contains(err.Error(), "s3cret") {
				t.Errorf("%.40q: %v, %.400v\nwant %s", s, got, err, want)
			}
		}
	}
	_, err := ParseDuration("duration", "")
	if want := "duration is empty. Write " + strings.TrimPrefix(form, "be "); err == nil || err.Error() != want {
		t.Errorf("%v, want %s", err, want)
	}
}

func TestParseExpiry(t *testing.T) {
	for s, want := range map[string]time.Duration{
		"1": time.Second, "1s": time.Second, "15m": 15 * time.Minute, "604800": MaxExpiry, "7d": MaxExpiry, "168h": MaxExpiry,
		"6d23h59m60s": MaxExpiry,
	} {
		t.Run(s, func(t *testing.T) {
			if got, err := ParseExpiry(s); err != nil || got != want {
				t.Errorf("%q: %v, %v; want %v", s, got, err, want)
			}
		})
	}
	for s, want := range map[string]string{
		"0":                    `expiry must be between 1s and 7d, got "0"`,
		"0s":                   `expiry must be between 1s and 7d, got "0s"`,
		"604801":               `expiry must be between 1s and 7d, got "604801"`,
		"8d":                   `expiry must be between 1s and 7d, got "8d"`,
		"30d":                  `expiry must be between 1s and 7d, got "30d"`,
		"99999999999999999999": `expiry must be between 1s and 7d, got "99999999999999999999"`,
		"-1h":                  `expiry must not be negative, got "-1h"`,
		"1.5h":                 `expiry must have whole numbers, got "1.5h". Write "1h30m" for "1.5h"`,

		"": `expiry is empty. Write a duration such as "15m", "1h30m" or "7d", or whole seconds such as "3600"`,
		"never": `expiry must be a duration such as "15m", "1h30m" or "7d", or whole seconds such as "3600", ` +
			`got "never"`,
	} {
		t.Run(fmt.Sprintf("%.40q", s), func(t *testing.T) {
			if got, err := ParseExpiry(s); err == nil || got != 0 || err.Error() != want {
				t.Errorf("%q: %v, %v\nwant %s", s, got, err, want)
			}
		})
	}
}

// The values in a message are those that the user wrote: "24h", not "1d".
func TestCheckPeriod(t *testing.T) {
	const (
		why = "Otherwise the URL expires before the next one is signed. "
		way = "Choose a shorter rotate_every or, up to 7d, a longer expiry"
	)
	for _, tc := range []struct {
		argument, value, expiry, err string
	}{
		{"rotate_every", "24h", "7d", ""},
		{"rotate_every", "59m59s", "", ""},
		{"rotate_every", "1s", "2s", ""},
		{"rotate_every", "6d23h59m59s", "7d", ""},
		{
			"rotate_every", "1s", "1s",
			`rotate_every must be shorter than expiry "1s", got "1s". ` + why + way,
		},
		{
			"rotate_every", "24h", "86400",
			`rotate_every must be shorter than expiry "86400", got "24h". ` + why + way,
		},
		{
			"rotate_every", "60m", "",
			`rotate_every must be shorter than expiry "1h", got "60m". ` + why + way,
		},
		{"rotate_every", "0h", "1h", `rotate_every must be at least 1s, got "0h"`},
		{"rotate_every", "1h", "never", ""}, // expiry has an error of its own
		{"rotate_every", "0", "never", `rotate_every must be at least 1s, got "0"`},
		{"rotate_every", "", "1h", ""}, // ParseDuration refuses it
		{"renew_before", "0", "1h", ""},
		{"renew_before", "12h", "24h", ""},
		{"renew_before", "59m59s", "", ""},
		{
			"renew_before", "1h", "1h",
			`renew_before must be shorter than expiry "1h", got "1h". ` +
				`Otherwise a new URL is due at once. Choose a shorter renew_before or, up to 7d, a longer expiry`,
		},
		{
			"renew_before", "48h", "24h",
			`renew_before must be shorter than expiry "24h", got "48h". ` +
				`Otherwise a new URL is due at once. Choose a shorter renew_before or, up to 7d, a longer expiry`,
		},
		{"renew_before", "-1h", "24h", ""},
		{"renew_before", "99999999999d", "24h", ""},
	} {
		t.Run(tc.argument+" "+tc.value+" of "+tc.expiry, func(t *testing.T) {
			err := CheckPeriod(tc.argument, tc.value, tc.expiry)
			if (err == nil) != (tc.err == "") || err != nil && err.Error() != tc.err {
				t.Errorf("%v\nwant %s", err, tc.err)
			}
		})
	}
}

func TestExpiryLimits(t *testing.T) {
	for d, ok := range map[time.Duration]bool{
		MinExpiry: true, DefaultExpiry: true, MaxExpiry: true, MaxExpiry - time.Second: true, 2 * time.Second: true,
		0: false, -time.Second: false, time.Second - 1: false, MaxExpiry + 1: false,
		MaxExpiry + time.Second: false, math.MaxInt64: false, math.MinInt64: false,
	} {
		t.Run(d.String(), func(t *testing.T) {
			if _, err := fromExpiry(at(t, "2026-02-03T04:05:06Z"), d); (err == nil) != ok {
				t.Errorf("%v: %v", d, err)
			}
		})
	}
}

func TestFormatDuration(t *testing.T) {
	for d, want := range map[time.Duration]string{
		0: "0s", 1: "0s", time.Second - 1: "0s", 1 - time.Second: "0s", time.Second: "1s", 59 * time.Second: "59s",
		time.Minute: "1m", time.Hour: "1h", 90 * time.Minute: "1h30m", day: "1d", 36 * time.Hour: "1d12h",
		7 * day: "7d", 7*day + time.Second: "7d1s", -90 * time.Minute: "-1h30m", 1500 * time.Millisecond: "1s",
		math.MaxInt64: "106751d23h47m16s", math.MinInt64: "-106751d23h47m16s",
	} {
		t.Run(d.String(), func(t *testing.T) {
			if got := FormatDuration(d); got != want {
				t.Errorf("%d: %q, want %q", d, got, want)
			}
		})
	}
}

// What is accepted is whole seconds within the limits, and reads back from its own form; both
// parsers agree.
func FuzzExpiry(f *testing.F) {
	for _, s := range []string{
		"15m", "1h30m", "7d", "3600", "604801", "0", "1.5h", "-1h", "1d1d", "99999999999999999999d",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		d, err := ParseDuration("duration", s)
		if err != nil && (d != 0 || len(err.Error()) > 600) {
			t.Fatalf("%v beside an error of %d bytes", d, len(err.Error()))
		}
		if err == nil {
			if d < 0 || d%time.Second != 0 || len(s) > maxText {
				t.Fatalf("%q gives %d", s, d)
			}
			form := FormatDuration(d)
			if again, err := ParseDuration("duration", form); err != nil || again != d {
				t.Fatalf("%q gives %q, which gives %v, %v", s, form, again, err)
			}
			if std, err := time.ParseDuration(s); err == nil && std != d {
				t.Fatalf("%q gives %v, and %v in package time", s, d, std)
			}
			if n, err := strconv.ParseUint(s, 10, 64); err == nil && n != uint64(d/time.Second) {
				t.Fatalf("%q gives %v", s, d)
			}
		}
		expiry, expiryErr := ParseExpiry(s)
		within := err == nil && d >= MinExpiry && d <= MaxExpiry
		if (expiryErr == nil) != within || within && expiry != d || !within && expiry != 0 {
			t.Fatalf("%q gives duration %v, %v and expiry %v, %v", s, d, err, expiry, expiryErr)
		}
		if within {
			w, err := fromExpiry(time.Unix(1<<31, 0), expiry)
			if err != nil || w.End().Sub(w.SigningTime) != expiry {
				t.Fatalf("%v, %v", w, err)
			}
		}
	})
}
