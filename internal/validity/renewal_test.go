package validity

import (
	"testing"
	"time"
)

// A URL that expires with its window is due by what is left of it. If it is not to be renewed, it
// stays.
func TestRenewal(t *testing.T) {
	const lifetime = 7 * day
	k := Kept{Window: Window{SigningTime: at(t, "2038-01-12T03:14:08Z"), Expires: int64(lifetime / time.Second)}}
	k.ExpiresAt = k.End()
	for _, tc := range []struct {
		left, before time.Duration
		want         Renewal
	}{
		{lifetime, 0, Stays},
		{lifetime + time.Hour, lifetime - time.Second, Stays}, // a clock that was set back
		{time.Second, 0, Stays},
		{1, 0, Stays},
		{0, 0, Due},
		{-1, 0, Due},
		{-time.Hour, 0, Due},
		{time.Hour + 1, time.Hour, Stays},
		{time.Hour, time.Hour, Stays},
		{time.Hour - 1, time.Hour, Due},
		{time.Hour - time.Second, time.Hour, Due},
		{0, time.Hour, Due},
		{-7 * day, time.Hour, Due},
	} {
		t.Run(tc.left.String()+" left, "+tc.before.String()+" before", func(t *testing.T) {
			now := k.ExpiresAt.Add(-tc.left)
			if got := k.Renewal(now, true, tc.before); got != tc.want {
				t.Errorf("renewed: %v, want %v", got, tc.want)
			}
			want := Stays
			if tc.left <= 0 {
				want = StaysExpired
			}
			if got := k.Renewal(now, false, tc.before); got != want {
				t.Errorf("not renewed: %v, want %v", got, want)
			}
			if got := Expired(now, k.ExpiresAt); got != (tc.left <= 0) {
				t.Errorf("expired: %v", got)
			}
		})
	}
	k.ExpiresAt = at(t, "9999-12-31T23:59:59Z")
	if k.Renewal(at(t, "1970-01-01T00:00:00Z"), true, 7*day) != Stays {
		t.Error("instants further apart than a time.Duration reaches: not due")
	}
	k.ExpiresAt = at(t, "1970-01-01T00:00:00Z")
	if k.Renewal(at(t, "9999-12-31T23:59:59Z"), true, 0) != Due {
		t.Error("instants further apart than a time.Duration reaches: due")
	}
}

// A URL that expires with its credentials is always due if they had no more than renew_before left
// when they signed it: any plan comes later.
func TestRenewalOfCredentials(t *testing.T) {
	k := Kept{Window: Window{SigningTime: at(t, "2026-02-03T04:00:00Z"), Expires: 3600}}
	for name, tc := range map[string]struct {
		end    string
		after  time.Duration
		before time.Duration
		want   Renewal
	}{
		"long enough":          {"2026-02-03T04:30:00Z", 0, 10 * time.Minute, Stays},
		"just long enough":     {"2026-02-03T04:30:01Z", 0, 30 * time.Minute, Stays},
		"then due":             {"2026-02-03T04:30:01Z", time.Second + 1, 30 * time.Minute, Due},
		"due from now on":      {"2026-02-03T04:30:00Z", 0, 30 * time.Minute, AlwaysDue},
		"too short":            {"2026-02-03T04:29:59Z", 0, 30 * time.Minute, AlwaysDue},
		"too short, later":     {"2026-02-03T04:29:59Z", time.Hour, 30 * time.Minute, AlwaysDue},
		"too short, earlier":   {"2026-02-03T04:29:59Z", -time.Hour, 30 * time.Minute, AlwaysDue},
		"expired, at no time":  {"2026-02-03T04:29:59Z", time.Hour, 0, Due},
		"with its window":      {"2026-02-03T05:00:00Z", 0, 2 * time.Hour, Due},
		"before it was signed": {"2026-02-03T04:00:00Z", 0, 30 * time.Minute, Due},
	} {
		t.Run(name, func(t *testing.T) {
			k.ExpiresAt = at(t, tc.end)
			if got := k.Renewal(k.SigningTime.Add(tc.after), true, tc.before); got != tc.want {
				t.Errorf("%v, want %v", got, tc.want)
			}
		})
	}
}
