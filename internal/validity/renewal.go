package validity

import "time"

// Kept is a URL that was signed before.
type Kept struct {
	Window

	ExpiresAt time.Time // see End
}

// Renewal is whether a kept URL is replaced by a new one, and why.
type Renewal int

// The decisions about a kept URL.
const (
	Stays        Renewal = iota // enough of its time is left
	StaysExpired                // it has expired, and is not to be renewed
	Due                         // it has expired, or too little of its time is left
	// AlwaysDue means that its credentials expire so soon that it was due from the start, as the next
	// one will be.
	AlwaysDue
)

// Renewal decides about the URL at now. If renew is true, it is due when less than before is left.
// With exactly before left it is not due yet, unless that is zero, or all that the URL ever had.
func (k Kept) Renewal(now time.Time, renew bool, before time.Duration) Renewal {
	expired := Expired(now, k.ExpiresAt)
	switch {
	case !renew && expired:
		return StaysExpired
	case !renew:
		return Stays
	case k.ExpiresAt.Before(k.End()) && k.ExpiresAt.After(k.SigningTime) && k.ExpiresAt.Sub(k.SigningTime) <= before:
		return AlwaysDue
	case expired || k.ExpiresAt.Sub(now) < before:
		return Due
	}
	return Stays
}
