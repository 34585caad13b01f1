package validity

import (
	"fmt"
	"regexp"
	"time"

	"github.com/alioss/terraform-provider-alioss/internal/text"
)

// The instants that can be signed and written: since Unix time began, with a year of four digits.
var (
	firstInstant = time.Unix(0, 0).UTC()
	lastInstant  = time.Date(9999, time.December, 31, 23, 59, 59, 0, time.UTC)
)

// rfc3339 excludes what time.Parse accepts besides RFC 3339: an hour of one digit, a comma before
// the fraction, offsets over 23:59.
var rfc3339 = regexp.MustCompile(
	`^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]([01]\d|2[0-3]):[0-5]\d)$`)

// ParseInstant reads the value of an argument that is an instant in RFC 3339 with an offset
// ("2026-02-03T04:05:06Z", "2026-02-03T12:05:06+08:00") and returns it in UTC. It is strict, since
// an instant that is almost right would sign another one than was written: "T" and "Z" are upper
// case, and all numbers have all their digits. Errors are fractions of a second other than zero,
// leap seconds, white space, days and hours that do not exist, and instants before
// 1970-01-01T00:00:00Z or after 9999-12-31T23:59:59Z. The error begins with argument and shows s.
func ParseInstant(argument, s string) (time.Time, error) {
	const form = `an instant in RFC 3339 format such as "2026-02-03T04:05:06Z" or "2026-02-03T12:05:06+08:00"`
	refuse := func(must, todo string) (time.Time, error) {
		return time.Time{}, fmt.Errorf("%s must %s, got %s%s", argument, must, text.Quote(s), todo)
	}
	t, err := time.Parse(time.RFC3339, s)
	switch {
	case err != nil && isLeapSecond(s):
		return refuse("not be a leap second", ". Write the second before or after it")
	case err != nil || !rfc3339.MatchString(s):
		return refuse("be "+form, "")
	case t.Nanosecond() != 0:
		return refuse("be whole seconds", ". Remove the fraction")
	}
	t = t.UTC()
	if t.Before(firstInstant) || t.After(lastInstant) {
		return refuse("be between "+format(firstInstant)+" and "+format(lastInstant), "")
	}
	return t, nil
}

// isLeapSecond reports whether the only fault of an instant is that its minute has a 61st second.
func isLeapSecond(s string) bool {
	const from, to = len("2026-02-03T04:05"), len("2026-02-03T04:05:60")
	if !rfc3339.MatchString(s) || s[from:to] != ":60" {
		return false
	}
	_, err := ParseInstant("", s[:from]+":59Z")
	return err == nil
}

// Window is the time in which a URL is valid: from SigningTime, for Expires seconds. (OSS also
// accepts it up to 15 minutes before SigningTime, for clocks that are wrong.)
type Window struct {
	SigningTime time.Time // x-oss-date: UTC, whole seconds
	Expires     int64     // x-oss-expires: 1 to 604,800 seconds
}

// End returns the last instant at which OSS accepts the URL.
func (w Window) End() time.Time { return w.SigningTime.Add(time.Duration(w.Expires) * time.Second) }

// fromExpiry returns the window that begins at start and lasts expiry, both cut to whole seconds.
// It is an error if expiry is outside its limits, if start is the zero time, or if the window is
// not within the years 1 to 9999.
func fromExpiry(start time.Time, expiry time.Duration) (Window, error) {
	if expiry < MinExpiry || expiry > MaxExpiry {
		return Window{}, errExpiry(FormatDuration(expiry))
	}
	w := Window{wholeSeconds(start), int64(expiry / time.Second)}
	if start.IsZero() || w.SigningTime.Year() < 1 || w.End().After(lastInstant) {
		return Window{}, fmt.Errorf("signing_time and the end of the URL must be within the years 1 to 9999, got %q",
			format(w.SigningTime))
	}
	return w, nil
}

// fromNotAfter returns the window from at to notAfter, both cut to whole seconds, so that it never
// ends after notAfter. The time between them must be MinExpiry to MaxExpiry. The error shows both.
func fromNotAfter(at, notAfter time.Time) (Window, error) {
	from, to := wholeSeconds(at), wholeSeconds(notAfter)
	lifetime := to.Sub(from)
	switch {
	case lifetime < MinExpiry:
		return Window{}, fmt.Errorf("not_after must be later than the signing time %s, got %q", format(from), format(to))
	case lifetime > MaxExpiry:
		return Window{}, fmt.Errorf("not_after must be at most %s after the signing time %s, got %q. The latest is %q",
			FormatDuration(MaxExpiry), format(from), format(to), format(from.Add(MaxExpiry)))
	}
	return fromExpiry(from, lifetime)
}

// periodStart returns the start of now's period of rotate_every: the last whole multiple of every
// since 1970-01-01T00:00:00Z that is not after now, which may be before 1970. A part of a second in
// every is cut off, but a period has at least a second.
func periodStart(now time.Time, every time.Duration) time.Time {
	length := max(int64(every/time.Second), 1)
	into := now.Unix() % length
	if into < 0 {
		into += length
	}
	return time.Unix(now.Unix()-into, 0).UTC()
}

// Expired reports whether a URL that ends at expiresAt is of no more use at now. OSS still accepts
// it at expiresAt itself, but a download takes place after now, so that instant counts as expired.
func Expired(now, expiresAt time.Time) bool { return !now.Before(expiresAt) }

// End returns when a URL expires, in UTC and whole seconds: at windowEnd, or at credentialsEnd if
// that is earlier (and not zero), since OSS refuses a URL whose temporary credentials have expired.
func End(windowEnd, credentialsEnd time.Time) time.Time {
	if !credentialsEnd.IsZero() && credentialsEnd.Before(windowEnd) {
		return wholeSeconds(credentialsEnd)
	}
	return wholeSeconds(windowEnd)
}

// wholeSeconds drops the part of a second (towards the past), the location and the monotonic clock.
func wholeSeconds(t time.Time) time.Time { return time.Unix(t.Unix(), 0).UTC() }

func format(t time.Time) string { return t.Format(time.RFC3339) }
