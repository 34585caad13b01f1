package validity

import (
	"errors"
	"fmt"
	"regexp"
	"time"
)

// The instants that can be signed and written: since Unix time began, and with a year of four digits.
var (
	firstInstant = time.Unix(0, 0).UTC()
	lastInstant  = time.Date(9999, time.December, 31, 23, 59, 59, 0, time.UTC)
)

// rfc3339 leaves out what time.Parse takes besides RFC 3339: an hour of one digit, a comma before the fraction, offsets over 23:59.
var rfc3339 = regexp.MustCompile(`^.{10}T\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]([01]\d|2[0-3]):[0-5]\d)$`)

// ParseInstant reads an instant by RFC 3339 with an offset ("2026-02-03T04:05:06Z", "2026-02-03T12:05:06+08:00") and returns it in UTC.
// "T" and "Z" are upper case. Fractions of a second other than zero are errors, since a signature carries whole seconds and cutting them off
// would sign another instant than the one written. Leap seconds are errors, and instants before 1970-01-01T00:00:00Z or after
// 9999-12-31T23:59:59Z.
func ParseInstant(s string) (time.Time, error) {
	t, err := time.Parse(time.RFC3339, s)
	if err != nil && isLeapSecond(s) {
		return time.Time{}, fmt.Errorf("instant %s names a leap second, which RFC 3339 has and signatures have not: write the second before or after it", show(s))
	}
	if err != nil || !rfc3339.MatchString(s) {
		return time.Time{}, fmt.Errorf("instant %s is not in RFC 3339 format: write it like \"2026-02-03T04:05:06Z\" or \"2026-02-03T12:05:06+08:00\"", show(s))
	}
	if t.Nanosecond() != 0 {
		return time.Time{}, fmt.Errorf("instant %s has a fraction of a second, and signatures carry whole seconds: leave the fraction out", show(s))
	}
	t = t.UTC()
	if t.Before(firstInstant) || t.After(lastInstant) {
		return time.Time{}, fmt.Errorf("instant %s is out of range: it must lie from %s to %s", show(s), format(firstInstant), format(lastInstant))
	}
	return t, nil
}

// isLeapSecond tells whether an instant's only fault is that its minute has a 61st second.
func isLeapSecond(s string) bool {
	const from, to = len("2026-02-03T04:05"), len("2026-02-03T04:05:60")
	if !rfc3339.MatchString(s) || s[from:to] != ":60" {
		return false
	}
	_, err := ParseInstant(s[:from] + ":59Z")
	return err == nil
}

// Window is the time in which a URL holds: from SigningTime, for Expires seconds. (The service also accepts it up to 15 minutes before
// SigningTime, to bear with clocks that are wrong.)
type Window struct {
	SigningTime time.Time // x-oss-date: UTC, whole seconds
	Expires     int64     // x-oss-expires: 1 to 604,800 seconds
}

// End returns the last instant at which the service accepts the URL.
func (w Window) End() time.Time { return w.SigningTime.Add(time.Duration(w.Expires) * time.Second) }

// FromExpiry returns the window that begins at at, whose part of a second is cut off, and lasts expiry. It is an error if expiry is outside its
// limits, if at is the zero time, or if the window does not lie within the years 1 to 9999.
func FromExpiry(at time.Time, expiry time.Duration) (Window, error) {
	if err := CheckExpiry(expiry); err != nil {
		return Window{}, err
	}
	if at.IsZero() {
		return Window{}, errors.New("signing time is not set: an instant is needed")
	}
	w := Window{wholeSeconds(at), int64(expiry / time.Second)}
	if w.SigningTime.Year() < 1 || w.End().After(lastInstant) {
		return Window{}, fmt.Errorf("signing time %s: the URL must begin and end within the years 1 to 9999, whose dates can be written", format(w.SigningTime))
	}
	return w, nil
}

// FromNotAfter returns the window from at to notAfter, both cut to whole seconds, so that it never ends after notAfter. The seconds between them
// must be 1 to 604,800; the error names both instants.
func FromNotAfter(at, notAfter time.Time) (Window, error) {
	from, to := wholeSeconds(at), wholeSeconds(notAfter)
	seconds := to.Unix() - from.Unix()
	if seconds < 1 {
		return Window{}, fmt.Errorf("not_after %s is not later than the signing time %s: choose a later instant", format(to), format(from))
	}
	if limit := int64(MaxExpiry / time.Second); seconds > limit {
		return Window{}, fmt.Errorf("not_after %s is %d seconds after the signing time %s, and a URL holds for at most %d (7 days): choose an instant up to %s",
			format(to), seconds, format(from), limit, format(from.Add(MaxExpiry)))
	}
	return FromExpiry(from, time.Duration(seconds)*time.Second)
}

// FromRotation returns the window that begins with now's period of length every and lasts expiry: the same for every now within the period, with
// at least expiry − every left at each of them. It is an error where CheckRotation is.
func FromRotation(now time.Time, expiry, every time.Duration) (Window, error) {
	if err := CheckRotation(every, expiry); err != nil {
		return Window{}, err
	}
	return FromExpiry(PeriodStart(now, every), expiry)
}

// PeriodStart returns the start of the period that holds now: the last whole multiple of every since 1970-01-01T00:00:00Z that is not after
// now, also for a now before 1970. Periods are lengths of time in UTC and know no days of local clocks. A part of a second in every is cut off;
// with less than a second left, the result is now cut to its second. The zero time, which stands for no instant, is returned as it is.
func PeriodStart(now time.Time, every time.Duration) time.Time {
	if now.IsZero() {
		return now
	}
	length := int64(every / time.Second)
	if length < 1 {
		length = 1
	}
	into := now.Unix() % length
	if into < 0 {
		into += length
	}
	return time.Unix(now.Unix()-into, 0).UTC()
}

// CheckRotation reports whether a URL that holds for expiry can be signed once for every period: every must be whole seconds, at least 1, and
// shorter than expiry, or the URL would end before the period does.
func CheckRotation(every, expiry time.Duration) error {
	if every%time.Second != 0 || every < time.Second {
		return fmt.Errorf("rotate_every %s must be whole seconds, at least 1", every)
	}
	if every >= expiry {
		return fmt.Errorf("rotate_every %s must be shorter than expiry %s, or the URL ends before the next one is signed: "+
			"choose a shorter rotate_every or, up to 7d, a longer expiry", FormatDuration(every), FormatDuration(expiry))
	}
	return nil
}

// CheckRenewal reports whether a URL that holds for expiry can be renewed when less than renewBefore is left: renewBefore must be whole seconds,
// not negative, and shorter than expiry, or a new URL would be due at once.
func CheckRenewal(renewBefore, expiry time.Duration) error {
	if renewBefore%time.Second != 0 || renewBefore < 0 {
		return fmt.Errorf("renew_before %s must be whole seconds, 0 or more", renewBefore)
	}
	if renewBefore >= expiry {
		return fmt.Errorf("renew_before %s must be shorter than expiry %s, or a new URL is due again at once: "+
			"choose a shorter renew_before or, up to 7d, a longer expiry", FormatDuration(renewBefore), FormatDuration(expiry))
	}
	return nil
}

// Expired reports whether a URL that ends at expiresAt is of no more use at now. The service still accepts it at expiresAt itself, but what is
// fetched takes place after now, so that instant counts as expired.
func Expired(now, expiresAt time.Time) bool { return !now.Before(expiresAt) }

// Due reports whether a URL that ends at expiresAt is to be signed anew at now: less than renewBefore is left, or it has Expired. With exactly
// renewBefore left it is not due yet, unless that is zero.
func Due(now, expiresAt time.Time, renewBefore time.Duration) bool {
	return Expired(now, expiresAt) || expiresAt.Sub(now) < renewBefore
}

// End returns when a URL ends, in UTC and whole seconds: at windowEnd, or at credentialsEnd where that is known (not zero) and earlier, since
// the service refuses a URL whose temporary credentials have ended. credentialsFirst says that it was the latter.
func End(windowEnd, credentialsEnd time.Time) (end time.Time, credentialsFirst bool) {
	end = wholeSeconds(windowEnd)
	if !credentialsEnd.IsZero() && wholeSeconds(credentialsEnd).Before(end) {
		return wholeSeconds(credentialsEnd), true
	}
	return end, false
}

// wholeSeconds cuts off the part of a second, towards the past, and drops the location and the monotonic reading.
func wholeSeconds(t time.Time) time.Time { return time.Unix(t.Unix(), 0).UTC() }

func format(t time.Time) string { return t.Format(time.RFC3339) }
