package validity

import (
	"math"
	"strconv"
	"strings"
	"testing"
	"time"
)

const day = 24 * time.Hour

func TestParseDuration(t *testing.T) {
	for s, want := range map[string]time.Duration{
		"0": 0, "0s": 0, "0d0h0m0s": 0, "1": time.Second, "1s": time.Second, "3600": time.Hour, "007": 7 * time.Second, "15m": 15 * time.Minute, "1h30m": 90 * time.Minute, "90m": 90 * time.Minute,
		"7d": 7 * day, "1d12h": 36 * time.Hour, "1d2h3m4s": 26*time.Hour + 3*time.Minute + 4*time.Second, "1d4s": day + 4*time.Second, "8d": 8 * day, "10000h": 10000 * time.Hour,
		"9223372036": 9223372036 * time.Second, "106751d23h47m16s": 9223372036 * time.Second, "106751d": 106751 * day,
	} {
		if got, err := ParseDuration(s); err != nil || got != want {
			t.Errorf("%q: %v, %v; want %v", s, got, err, want)
		}
	}
	for s, words := range map[string][]string{
		"": {"is empty", "15m"}, "-1h": {"negative"}, "-0": {"negative"}, "+1h": {"not a duration"}, " 1h": {"not a duration"}, "1h ": {"not a duration"}, "1 h": {"unit"},
		"1.5h": {"fraction", `"1h30m"`}, "0.5s": {"fraction"}, ".5": {"fraction"}, "1,5h": {"unit"}, "h": {"not a duration"}, "1h30": {"last number", "unit"}, "1d5": {"last number", "unit"}, "1w": {"d, h, m and s"}, "1H": {"unit"},
		"1y": {"unit"}, "500ms": {"unit"}, "1ns": {"unit"}, "1us": {"unit"}, "30m1h": {"largest first"}, "1h1h": {"repeated"}, "1m1d": {"misplaced"}, "1s1s": {"repeated"}, "1s1": {"last number"}, "P1D": {"not a duration"}, "1e3": {"unit"}, "0x10": {"unit"}, "1_000": {"unit"},
		"١h": {"not a duration"}, "1\x00": {"unit"}, "\xff": {"not a duration"}, "inf": {"not a duration"},
		"9223372037": {"106751 days"}, "106751d23h47m17s": {"106751 days"}, "106752d": {"106751 days"}, "9223372036854775807": {"106751 days"}, "9223372036854775808": {"106751 days"},
		"99999999999999999999d": {"106751 days"}, strings.Repeat("9", 32): {"106751 days", strings.Repeat("9", 32) + `" is longer`}, strings.Repeat("0", 33): {"32 characters", "33 bytes"}, strings.Repeat("9", 1000000): {"32 characters", "1000000 bytes"},
	} {
		got, err := ParseDuration(s)
		if err == nil || got != 0 {
			t.Errorf("%.40q: %v, %v; want an error", s, got, err)
			continue
		}
		for _, w := range append(words, "duration "+strconv.Quote(s[:min(len(s), 3)])[:1]) {
			if !strings.Contains(err.Error(), w) {
				t.Errorf("%.40q lacks %q: %v", s, w, err)
			}
		}
		if len(err.Error()) > 400 {
			t.Errorf("%.40q: an error of %d bytes", s, len(err.Error()))
		}
	}
}

func TestParseExpiry(t *testing.T) {
	for s, want := range map[string]time.Duration{
		"1": time.Second, "1s": time.Second, "15m": 15 * time.Minute, "604800": MaxExpiry, "7d": MaxExpiry, "168h": MaxExpiry, "6d23h59m60s": MaxExpiry,
	} {
		if got, err := ParseExpiry(s); err != nil || got != want {
			t.Errorf("%q: %v, %v; want %v", s, got, err, want)
		}
	}
	const limit, wayOut = "1 second to 604800 seconds (7 days)", "sign anew"
	for s, words := range map[string][]string{
		"0": {"comes to 0 seconds (0s)", limit}, "0s": {limit}, "604801": {"604801 seconds (7d1s)", limit, wayOut}, "8d": {"691200 seconds (8d)", limit, wayOut}, "30d": {"2592000 seconds (30d)", limit},
		"99999999999999999999": {`expiry "99999999999999999999"`, limit, wayOut}, "-1h": {`expiry "-1h"`, "negative"}, "1.5h": {`"1h30m"`}, "": {"empty"}, "never": {`expiry "never"`, "15m"},
	} {
		got, err := ParseExpiry(s)
		if err == nil || got != 0 {
			t.Errorf("%q: %v, %v; want an error", s, got, err)
			continue
		}
		for _, w := range words {
			if !strings.Contains(err.Error(), w) {
				t.Errorf("%q lacks %q: %v", s, w, err)
			}
		}
	}
}

func TestCheckExpiry(t *testing.T) {
	for d, ok := range map[time.Duration]bool{
		MinExpiry: true, DefaultExpiry: true, MaxExpiry: true, MaxExpiry - time.Second: true, 2 * time.Second: true,
		0: false, -time.Second: false, time.Second - 1: false, time.Second + 1: false, MaxExpiry + 1: false, MaxExpiry + time.Second: false, math.MaxInt64: false, math.MinInt64: false,
	} {
		if err := CheckExpiry(d); (err == nil) != ok {
			t.Errorf("%v: %v", d, err)
		}
	}
}

func TestFormatDuration(t *testing.T) {
	for d, want := range map[time.Duration]string{
		0: "0s", 1: "0s", time.Second - 1: "0s", 1 - time.Second: "0s", time.Second: "1s", 59 * time.Second: "59s", time.Minute: "1m", time.Hour: "1h", 90 * time.Minute: "1h30m", day: "1d", 36 * time.Hour: "1d12h",
		7 * day: "7d", 7*day + time.Second: "7d1s", -90 * time.Minute: "-1h30m", 1500 * time.Millisecond: "1s", math.MaxInt64: "106751d23h47m16s", math.MinInt64: "-106751d23h47m16s",
	} {
		if got := FormatDuration(d); got != want {
			t.Errorf("%d: %q, want %q", d, got, want)
		}
	}
}

// Values are shown in full up to 32 bytes, and cut at a character beyond.
func TestShow(t *testing.T) {
	for s, want := range map[string]string{
		strings.Repeat("a", 32):        `"` + strings.Repeat("a", 32) + `"`,
		strings.Repeat("a", 33):        `"` + strings.Repeat("a", 32) + `"… (33 bytes)`,
		"a" + strings.Repeat("ü", 16):  `"a` + strings.Repeat("ü", 15) + `"… (33 bytes)`,
		"https://b.cn/k?Signature=0":   `"https://b.cn/k"… (26 bytes)`,
		strings.Repeat("9", 1_000_000): `"` + strings.Repeat("9", 32) + `"… (1000000 bytes)`,
	} {
		if got := show(s); got != want {
			t.Errorf("%d bytes: %s, want %s", len(s), got, want)
		}
	}
}

// What is accepted is whole seconds within the limits, and reads back from its own form; both parsers agree.
func FuzzExpiry(f *testing.F) {
	for _, s := range []string{"15m", "1h30m", "7d", "3600", "604801", "0", "1.5h", "-1h", "1d1d", "99999999999999999999d"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		d, err := ParseDuration(s)
		if err != nil && (d != 0 || len(err.Error()) > 600) {
			t.Fatalf("%v beside an error of %d bytes", d, len(err.Error()))
		}
		if err == nil {
			if d < 0 || d%time.Second != 0 || len(s) > maxText {
				t.Fatalf("%q gives %d", s, d)
			}
			form := FormatDuration(d)
			if again, err := ParseDuration(form); err != nil || again != d {
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
			w, err := FromExpiry(time.Unix(1<<31, 0), expiry)
			if err != nil || w.End().Sub(w.SigningTime) != expiry {
				t.Fatalf("%v, %v", w, err)
			}
		}
	})
}
