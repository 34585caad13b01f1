package validity

import (
	"cmp"
	"time"
)

// Timing is when a URL is valid, as the user wrote it. An empty argument is not set.
type Timing struct{ Expiry, SigningTime, NotAfter, RotateEvery string }

// Window returns the window of a URL for now: until NotAfter, or for Expiry (DefaultExpiry if it is
// not set) from the start of RotateEvery's period, from SigningTime, or from now. argument is the
// one that an error is about.
func (t Timing) Window(now time.Time) (w Window, argument string, err error) {
	start, argument := now, "expiry"
	if t.SigningTime != "" {
		argument = "signing_time"
		if start, err = ParseInstant(argument, t.SigningTime); err != nil {
			return w, argument, err
		}
	}
	if t.NotAfter != "" {
		argument = "not_after"
		end, err := ParseInstant(argument, t.NotAfter)
		if err == nil {
			w, err = fromNotAfter(start, end)
		}
		return w, argument, err
	}
	expiry, err := ParseExpiry(cmp.Or(t.Expiry, FormatDuration(DefaultExpiry)))
	switch {
	case err != nil:
		return w, "expiry", err
	case t.RotateEvery == "":
		w, err = fromExpiry(start, expiry)
		return w, argument, err
	}
	argument = "rotate_every"
	every, err := ParseDuration(argument, t.RotateEvery)
	if err = cmp.Or(err, CheckPeriod(argument, t.RotateEvery, t.Expiry)); err == nil {
		w, err = fromExpiry(periodStart(now, every), expiry)
	}
	return w, argument, err
}
