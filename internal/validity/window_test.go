package validity

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

func at(t *testing.T, s string) time.Time {
	t.Helper()
	v, err := time.Parse(time.RFC3339Nano, s)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// same reports whether got is want, to the nanosecond and in UTC.
func same(got, want time.Time) bool {
	return got.Equal(want) && got.Location() == time.UTC
}

func TestParseInstant(t *testing.T) {
	for s, want := range map[string]string{
		"2026-02-03T04:05:06Z":      "2026-02-03T04:05:06Z",
		"2026-02-03T12:05:06+08:00": "2026-02-03T04:05:06Z",
		"2026-02-03T04:05:06-00:00": "2026-02-03T04:05:06Z",
		"2026-02-03T04:05:06.000Z":  "2026-02-03T04:05:06Z",
		"2028-02-29T23:59:59Z":      "2028-02-29T23:59:59Z",
		"2027-01-01T00:30:00+01:00": "2026-12-31T23:30:00Z",
		"2038-01-19T03:14:08Z":      "2038-01-19T03:14:08Z",
		"2026-03-29T02:30:00+01:00": "2026-03-29T01:30:00Z", // does not exist on clocks in Berlin, exists by its offset
		"1970-01-01T00:00:00Z":      "1970-01-01T00:00:00Z",
		"1969-12-31T23:00:00-01:00": "1970-01-01T00:00:00Z",
		"9999-12-31T23:59:59Z":      "9999-12-31T23:59:59Z",
	} {
		t.Run(s, func(t *testing.T) {
			if got, err := ParseInstant("instant", s); err != nil || !same(got, at(t, want)) {
				t.Errorf("%q: %v, %v; want %s", s, got, err, want)
			}
		})
	}
	for s, word := range map[string]string{
		"": "RFC 3339", "2026-02-03": "RFC 3339", "2026-02-03T04:05:06": "RFC 3339", "2026-02-03 04:05:06Z": "RFC 3339",
		"2026-02-03t04:05:06z": "RFC 3339", "2026-02-03T04:05:06+0800": "RFC 3339",
		"2026-02-03T4:05:06Z": "RFC 3339", "2026-02-03T24:00:00Z": "RFC 3339", "2026-02-03T04:05:60Z": "leap second",
		"2016-12-31T23:59:60Z": "leap second", "2017-01-01T07:59:60.5+08:00": "leap second",
		"2017-01-01T07:59:61Z": "must be an instant in RFC 3339 format",
		"2016-13-31T23:59:60Z": "must be an instant in RFC 3339 format",
		"2016-12-31T23:59:60":  "must be an instant in RFC 3339 format", "2026-02-29T00:00:00Z": "RFC 3339",
		"2026-02-03T04:05:06,5Z": "RFC 3339",
		"1767225600":             "RFC 3339", "10000-01-01T00:00:00Z": "RFC 3339",
		"Tue, 03 Feb 2026 04:05:06 GMT": "RFC 3339",
		"2026-02-03T04:05:06+24:00":     "RFC 3339", "2026-02-03T04:05:06-24:00": "RFC 3339",
		"2026-02-03T04:05:06+08:60": "RFC 3339", "2026-02-03T4:05:06.5Z": "RFC 3339", "2026-02-03T4:05:06+08:00": "RFC 3339",
		"2026-02-03T04:05:06Z ":          "RFC 3339",
		"2026-02-03T04:05:06.5Z":         "whole seconds, got \"2026-02-03T04:05:06.5Z\". Remove the fraction",
		"2026-02-03T04:05:06.000000001Z": "fraction", "1969-12-31T23:59:59Z": "1970-01-01T00:00:00Z",
		"1970-01-01T00:59:59+01:00": "1970-01-01T00:00:00Z",
		"0001-01-01T00:00:00Z":      "must be between", "9999-12-31T23:59:59-00:01": "9999-12-31T23:59:59Z",
		strings.Repeat("2", 100000): "100000 bytes",
	} {
		t.Run(fmt.Sprintf("%.40q", s), func(t *testing.T) {
			got, err := ParseInstant("instant", s)
			if err == nil || !got.IsZero() || !strings.Contains(err.Error(), word) || len(err.Error()) > 400 {
				t.Errorf("%.40q: %v, %.500v; want %q", s, got, err, word)
			}
		})
	}
}

// What somebody wrote into a stored state in place of an instant is an error, whatever it is, and
// is shown only as far as text.Quote shows it.
func TestParseInstantOfJunk(t *testing.T) {
	for _, s := range []string{
		"", "junk", "null", "0", "-1", "T", "Z", ":60", "T::60Z", "日本語日本語日本語日T04:05:60Z", "日本語日本語日本語日T04:05:06Z",
		"2026-02-03T04:05",
		"2026-02-03T04:05:", "2026-02-03T04:05:60", "\xff\xff\xff\xff\xff\xff\xff\xff\xff\xffT04:05:60Z",
		"0000-00-00T00:00:00Z",
		"0000-00-00T00:00:60Z", "2026-02-03T04:05:06Z\n", "\n2026-02-03T04:05:06Z", "2026-02-03T04:05:06.Z",
		"2026-02-03T04:05:06,Z",
		"99999-02-03T04:05:06Z", strings.Repeat("9", 1<<20), "https://b.cn/k?x-oss-signature=s3cret", "\x00",
	} {
		t.Run(fmt.Sprintf("%.40q", s), func(t *testing.T) {
			got, err := ParseInstant("not_after", s)
			if err == nil || !got.IsZero() ||
				!strings.HasPrefix(err.Error(), "not_after must be an instant in RFC 3339 format") {
				t.Errorf("%.40q: %v, %.300v", s, got, err)
			}
			if err != nil && (len(err.Error()) > 600 || strings.Contains(err.Error(), "s3cret")) {
				t.Errorf("%.40q is shown: %.700v", s, err)
			}
		})
	}
}

// What is accepted is whole seconds in range, and reads back from its own form.
func FuzzInstant(f *testing.F) {
	for _, s := range []string{
		"2026-02-03T04:05:06Z", "2016-12-31T23:59:60Z", "9999-12-31T23:59:59-00:01", "junk", "日T04:05:60Z",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		got, err := ParseInstant("instant", s)
		if err != nil {
			if !got.IsZero() || len(err.Error()) > 600 {
				t.Fatalf("%v beside an error of %d bytes", got, len(err.Error()))
			}
			return
		}
		if got.Before(firstInstant) || got.After(lastInstant) {
			t.Fatalf("%q gives %v", s, got)
		}
		if again, err := ParseInstant("instant", format(got)); err != nil || !same(again, got) {
			t.Fatalf("%q gives %v, which gives %v, %v", s, got, again, err)
		}
		if std, err := time.Parse(time.RFC3339Nano, s); err != nil || !std.Equal(got) {
			t.Fatalf("%q gives %v, and %v, %v in package time", s, got, std, err)
		}
	})
}

func TestFromExpiry(t *testing.T) {
	berlin := time.FixedZone("CET", 3600)
	for _, tc := range []struct {
		at       time.Time
		expiry   time.Duration
		from, to string
	}{
		{at(t, "2026-02-03T04:05:06Z"), time.Hour, "2026-02-03T04:05:06Z", "2026-02-03T05:05:06Z"},
		{at(t, "2026-02-03T04:05:06.999999999Z"), time.Second, "2026-02-03T04:05:06Z", "2026-02-03T04:05:07Z"},
		{at(t, "2026-02-03T04:05:06Z"), 1500 * time.Millisecond, "2026-02-03T04:05:06Z", "2026-02-03T04:05:07Z"},
		{time.Date(2026, 2, 3, 5, 5, 6, 0, berlin), time.Hour, "2026-02-03T04:05:06Z", "2026-02-03T05:05:06Z"},
		{at(t, "2028-02-28T12:00:00Z"), day, "2028-02-28T12:00:00Z", "2028-02-29T12:00:00Z"},
		{at(t, "2028-02-29T12:00:00Z"), MaxExpiry, "2028-02-29T12:00:00Z", "2028-03-07T12:00:00Z"},
		{at(t, "2026-12-31T23:59:59Z"), time.Second, "2026-12-31T23:59:59Z", "2027-01-01T00:00:00Z"},
		{at(t, "2038-01-19T03:14:07Z"), time.Second, "2038-01-19T03:14:07Z", "2038-01-19T03:14:08Z"},
		{at(t, "1969-12-31T23:59:59.5Z"), time.Second, "1969-12-31T23:59:59Z", "1970-01-01T00:00:00Z"},
		{at(t, "0001-01-01T00:00:01Z"), time.Second, "0001-01-01T00:00:01Z", "0001-01-01T00:00:02Z"},
		{at(t, "9999-12-24T23:59:59Z"), MaxExpiry, "9999-12-24T23:59:59Z", "9999-12-31T23:59:59Z"},
	} {
		t.Run(tc.from+" to "+tc.to, func(t *testing.T) {
			w, err := fromExpiry(tc.at, tc.expiry)
			if err != nil || !same(w.SigningTime, at(t, tc.from)) || !same(w.End(), at(t, tc.to)) ||
				w.Expires != int64(tc.expiry/time.Second) {
				t.Errorf("%v for %v: %v to %v, %v", tc.at, tc.expiry, w.SigningTime, w.End(), err)
			}
		})
	}
	now := at(t, "2026-02-03T04:05:06Z")
	for _, tc := range []struct {
		at     time.Time
		expiry time.Duration
		word   string
	}{
		{now, 0, `between 1s and 7d, got "0s"`},
		{now, -time.Second, `got "-1s"`},
		{now, MaxExpiry + time.Second, `got "7d1s"`},
		{time.Time{}, time.Hour, "years 1 to 9999"},
		{at(t, "9999-12-24T23:59:59Z").Add(time.Second), MaxExpiry, "9999"},
		{time.Date(10000, 1, 1, 0, 0, 0, 0, time.UTC), time.Second, "9999"},
		{time.Date(0, 12, 31, 23, 59, 59, 0, time.UTC), time.Hour, "9999"},
	} {
		t.Run(tc.at.Format(time.RFC3339)+" "+tc.expiry.String(), func(t *testing.T) {
			if w, err := fromExpiry(tc.at, tc.expiry); err == nil || w != (Window{}) || !strings.Contains(err.Error(), tc.word) {
				t.Errorf("%v for %v: %+v, %v; want %q", tc.at, tc.expiry, w, err, tc.word)
			}
		})
	}
}

func TestFromNotAfter(t *testing.T) {
	now := at(t, "2026-02-03T04:05:06.75Z")
	for s, want := range map[string]int64{
		"2026-02-03T04:05:07Z": 1, "2026-02-03T04:05:07.5Z": 1, "2026-02-03T13:05:06+08:00": 3600,
		"2026-02-10T04:05:06Z": 604800, "2026-02-10T04:05:06.9Z": 604800,
	} {
		t.Run(s, func(t *testing.T) {
			w, err := fromNotAfter(now, at(t, s))
			if err != nil || w.Expires != want || !same(w.SigningTime, at(t, "2026-02-03T04:05:06Z")) ||
				w.End().After(at(t, s)) {
				t.Errorf("%s: %+v, %v; want %d", s, w, err, want)
			}
		})
	}
	for s, words := range map[string][]string{
		"2026-02-03T04:05:06Z":   {"2026-02-03T04:05:06Z", "later"},
		"2026-02-03T04:05:06.9Z": {"2026-02-03T04:05:06Z", "later"},
		"2026-02-03T04:05:05Z":   {"2026-02-03T04:05:05Z", "2026-02-03T04:05:06Z", "later"},
		"2026-02-10T04:05:07Z": {
			"2026-02-10T04:05:07Z", "2026-02-03T04:05:06Z", "at most 7d after", `The latest is "2026-02-10T04:05:06Z"`,
		},
		"9999-12-31T23:59:59Z": {"9999-12-31T23:59:59Z", "2026-02-03T04:05:06Z"},
		"0001-01-01T00:00:00Z": {"later"},
	} {
		t.Run(fmt.Sprintf("%.40q", s), func(t *testing.T) {
			w, err := fromNotAfter(now, at(t, s))
			if err == nil || w != (Window{}) {
				t.Errorf("%s: %+v, %v; want an error", s, w, err)
				return
			}
			for _, word := range words {
				if !strings.Contains(err.Error(), word) {
					t.Errorf("%s lacks %q: %v", s, word, err)
				}
			}
		})
	}
	if w, err := fromNotAfter(time.Time{}, time.Time{}.Add(time.Hour)); err == nil || w != (Window{}) {
		t.Errorf("zero signing time: %+v, %v", w, err)
	}
}

func TestPeriodStart(t *testing.T) {
	for _, tc := range []struct {
		now   string
		every time.Duration
		want  string
	}{
		{"2026-02-03T23:59:59Z", day, "2026-02-03T00:00:00Z"},
		{"2026-02-03T23:59:59.999999999Z", day, "2026-02-03T00:00:00Z"},
		{"2026-02-04T00:00:00Z", day, "2026-02-04T00:00:00Z"},
		{"2026-02-04T00:00:00.000000001Z", day, "2026-02-04T00:00:00Z"},
		{"2026-02-04T07:59:59+08:00", day, "2026-02-03T00:00:00Z"}, // days are UTC's
		{"2026-02-04T08:00:00+08:00", day, "2026-02-04T00:00:00Z"},
		{"2026-02-03T04:29:59Z", 30 * time.Minute, "2026-02-03T04:00:00Z"},
		{"2026-02-03T04:30:00Z", 30 * time.Minute, "2026-02-03T04:30:00Z"},
		{"2028-02-29T00:00:00Z", day, "2028-02-29T00:00:00Z"},
		{"2028-02-29T23:59:59Z", day, "2028-02-29T00:00:00Z"},
		{"2028-03-01T00:00:00Z", day, "2028-03-01T00:00:00Z"},
		{"2026-12-31T23:59:59Z", time.Hour, "2026-12-31T23:00:00Z"},
		{"2027-01-01T00:00:00Z", time.Hour, "2027-01-01T00:00:00Z"},
		{"2038-01-19T03:14:07Z", time.Second, "2038-01-19T03:14:07Z"},
		{"2038-01-19T03:14:08Z", time.Second, "2038-01-19T03:14:08Z"},
		{"2038-01-19T03:14:08Z", time.Hour, "2038-01-19T03:00:00Z"},
		{"1970-01-01T00:00:00Z", 7 * day, "1970-01-01T00:00:00Z"},
		{"1970-01-07T23:59:59Z", 7 * day, "1970-01-01T00:00:00Z"}, // weeks begin on Thursdays
		{"1970-01-08T00:00:00Z", 7 * day, "1970-01-08T00:00:00Z"},
		{"1969-12-31T23:59:59Z", 7 * day, "1969-12-25T00:00:00Z"},
		{"1969-12-31T23:59:59.5Z", day, "1969-12-31T00:00:00Z"},
		{"1969-12-25T00:00:00Z", 7 * day, "1969-12-25T00:00:00Z"},
		{"9999-12-31T23:59:59Z", day, "9999-12-31T00:00:00Z"},
		{"2026-03-29T01:00:00Z", 12 * time.Hour, "2026-03-29T00:00:00Z"}, // clocks change in Europe at this instant
		{"2026-02-03T04:05:06.9Z", 7 * time.Second, "2026-02-03T04:05:05Z"},
		{"2026-02-03T04:05:07.9Z", 2*time.Second - 1, "2026-02-03T04:05:07Z"}, // an odd second
		{"2026-02-03T04:05:06.9Z", 7*time.Second + 999*time.Millisecond, "2026-02-03T04:05:05Z"},
		{"2026-02-03T04:05:06.9Z", time.Second - 1, "2026-02-03T04:05:06Z"},
		{"2026-02-03T04:05:06.9Z", 0, "2026-02-03T04:05:06Z"},
		{"2026-02-03T04:05:06.9Z", -time.Hour, "2026-02-03T04:05:06Z"},
		{"0001-01-01T00:00:00Z", day, "0001-01-01T00:00:00Z"},
	} {
		t.Run(tc.now+" "+tc.every.String(), func(t *testing.T) {
			if got := periodStart(at(t, tc.now), tc.every); !same(got, at(t, tc.want)) {
				t.Errorf("%s every %v: %s, want %s", tc.now, tc.every, got, tc.want)
			}
		})
	}
}

// 2026-02-03T04:05:05Z + n × 7 s as counted from 1970: each second of a period has the same window
// and at least expiry − every left.
func TestRotation(t *testing.T) {
	const every, expiry = 7 * time.Second, 10 * time.Second
	start := at(t, "2026-02-03T04:05:05Z")
	if start.Unix()%7 != 0 {
		t.Fatal("not the start of a period")
	}
	for i := range 21 {
		now := start.Add(time.Duration(i) * time.Second)
		w, err := fromExpiry(periodStart(now, every), expiry)
		want := start.Add(time.Duration(i/7) * every)
		if err != nil || !same(w.SigningTime, want) || w.Expires != 10 || w.End().Sub(now) < expiry-every {
			t.Errorf("%v: %+v, %v; want %v", now, w, err, want)
		}
	}
	for _, tc := range []struct{ expiry, every time.Duration }{
		{8 * day, day}, {0, 0},
	} {
		if w, err := fromExpiry(periodStart(start, tc.every), tc.expiry); err == nil || w != (Window{}) {
			t.Errorf("%v: %+v, %v", tc, w, err)
		}
	}
	if w, err := fromExpiry(periodStart(time.Time{}, time.Minute), time.Hour); err == nil {
		t.Errorf("zero time: %+v", w)
	}
}

func TestEnd(t *testing.T) {
	for _, tc := range []struct{ window, credentials, end string }{
		{"2028-02-29T00:00:00Z", "", "2028-02-29T00:00:00Z"},
		{"2028-02-29T00:00:00Z", "2028-02-29T00:00:01Z", "2028-02-29T00:00:00Z"},
		{"2028-02-29T00:00:00Z", "2028-02-29T00:00:00Z", "2028-02-29T00:00:00Z"},
		{"2028-02-29T00:00:00Z", "2028-02-28T23:59:59Z", "2028-02-28T23:59:59Z"},
		{"2028-02-29T00:00:00Z", "2028-02-28T23:59:59.9Z", "2028-02-28T23:59:59Z"},
		{"2028-02-29T00:00:00.5Z", "2028-02-29T00:00:00.1Z", "2028-02-29T00:00:00Z"},
		{"2028-02-29T08:00:00+08:00", "2028-02-29T00:59:59+01:00", "2028-02-28T23:59:59Z"},
	} {
		t.Run(tc.window+" "+tc.credentials, func(t *testing.T) {
			var credentials time.Time
			if tc.credentials != "" {
				credentials = at(t, tc.credentials)
			}
			if end := End(at(t, tc.window), credentials); !same(end, at(t, tc.end)) {
				t.Errorf("%+v: %v", tc, end)
			}
		})
	}
}
