// Package validity computes how long a presigned URL is valid: durations, instants, rotation
// periods, renewal. It is pure: the present is an argument. Instants are whole seconds in UTC,
// since that is what an OSS V4 signature contains (x-oss-date, x-oss-expires).
//
// Errors begin with the name of the argument that is at fault.
package validity

import (
	"cmp"
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/alioss/terraform-provider-alioss/internal/text"
)

// The limits of x-oss-expires: 1 to 604,800 seconds. Source: Alibaba Cloud, "Add signatures to URLs
// (V4)", and EC 0002-00000232.
const (
	MinExpiry = time.Second
	MaxExpiry = 7 * 24 * time.Hour
)

// DefaultExpiry is how long a URL is valid if nothing is configured.
const DefaultExpiry = time.Hour

const (
	secondsPerDay = 24 * 60 * 60
	// maxSeconds is the longest time.Duration of whole seconds, some 292 years.
	maxSeconds = math.MaxInt64 / int64(time.Second)
	maxText    = 32 // characters of a duration
)

const units = "dhms" // in the order in which a duration contains them

var unitSeconds = [len(units)]int64{secondsPerDay, 60 * 60, 60, 1}

// ParseDuration reads the value of an argument that is a duration: whole numbers with units ("15m",
// "90m", "1d12h"), or whole seconds alone ("3600"). The units are d (24 hours), h, m and s, the
// largest first, each at most once. Zero is a duration. Signs, blanks, fractions, other units and
// more than about 292 years are errors. The error begins with argument and shows s.
func ParseDuration(argument, s string) (time.Duration, error) {
	d, err := parseDuration(argument, s)
	if d == tooLong {
		return 0, fmt.Errorf("%s must be at most %dd, got %s", argument, maxSeconds/secondsPerDay, text.Quote(s))
	}
	return d, err
}

// ParseExpiry reads the argument expiry in the forms of ParseDuration: MinExpiry to MaxExpiry, both
// included.
func ParseExpiry(s string) (time.Duration, error) {
	d, err := parseDuration("expiry", s)
	if err == nil && (d < MinExpiry || d > MaxExpiry) {
		return 0, errExpiry(s)
	}
	return d, err
}

func errExpiry(s string) error {
	return fmt.Errorf("expiry must be between %s and %s, got %s",
		FormatDuration(MinExpiry), FormatDuration(MaxExpiry), text.Quote(s))
}

// CheckPeriod returns an error unless an argument's value is shorter than expiry: rotate_every,
// which is at least 1 second, or renew_before, which may be zero. The error shows both as the user
// wrote them. An empty expiry is DefaultExpiry. A value that ParseDuration refuses and an expiry
// that ParseExpiry refuses are ignored, since they have errors of their own.
func CheckPeriod(argument, value, expiry string) error {
	d, err := ParseDuration(argument, value)
	if err != nil {
		return nil //nolint:nilerr // it has an error of its own
	}
	least, otherwise := time.Duration(0), "a new URL is due at once"
	if argument == "rotate_every" {
		least, otherwise = time.Second, "the URL expires before the next one is signed"
	}
	expiry = cmp.Or(expiry, FormatDuration(DefaultExpiry))
	limit, err := ParseExpiry(expiry)
	switch {
	case d < least:
		return fmt.Errorf("%s must be at least %s, got %s", argument, FormatDuration(least), text.Quote(value))
	case err == nil && d >= limit:
		return fmt.Errorf("%s must be shorter than expiry %s, got %s. Otherwise %s. "+
			"Choose a shorter %s or, up to %s, a longer expiry",
			argument, text.Quote(expiry), text.Quote(value), otherwise, argument, FormatDuration(MaxExpiry))
	}
	return nil
}

// tooLong is what parseDuration returns for a duration that cannot be counted.
const tooLong = time.Duration(math.MaxInt64)

// parseDuration is ParseDuration, with tooLong in place of an error.
func parseDuration(argument, s string) (time.Duration, error) {
	const form = `a duration such as "15m", "1h30m" or "7d", or whole seconds such as "3600"`
	refuse := func(must, todo string) (time.Duration, error) {
		return 0, fmt.Errorf("%s must %s, got %s%s", argument, must, text.Quote(s), todo)
	}
	switch {
	case s == "":
		return 0, fmt.Errorf("%s is empty. Write %s", argument, form)
	case len(s) > maxText:
		return refuse("be "+form, "")
	case s[0] == '-':
		return refuse("not be negative", "")
	case strings.Contains(s, "."):
		return refuse("have whole numbers", `. Write "1h30m" for "1.5h"`)
	}
	total, next := int64(0), 0
	for left := s; left != ""; {
		rest := strings.TrimLeft(left, "0123456789")
		number := left[:len(left)-len(rest)]
		switch {
		case number == "":
			return refuse("be "+form, "")
		case rest == "" && next > 0:
			return refuse("have a unit after its last number", ". The units are d, h, m and s")
		case rest == "":
			rest = "s"
		}
		unit := strings.IndexByte(units[next:], rest[0])
		if unit < 0 {
			return refuse("have the units d, h, m and s, each at most once and the largest first", "")
		}
		unit += next
		n, _ := strconv.ParseInt(number, 10, 64) // the largest integer if the number is larger
		if n > (maxSeconds-total)/unitSeconds[unit] {
			return tooLong, nil
		}
		total, next, left = total+n*unitSeconds[unit], unit+1, rest[1:]
	}
	return time.Duration(total) * time.Second, nil
}

// FormatDuration returns d as ParseDuration reads it, with the largest units: "7d", "1h30m", "0s".
// A part of a second is cut off, and a negative duration begins with "-". Neither can be read back.
func FormatDuration(d time.Duration) string {
	left, s := int64(d/time.Second), ""
	switch {
	case left == 0:
		return "0s"
	case left < 0:
		left, s = -left, "-"
	}
	for i, seconds := range unitSeconds {
		if n := left / seconds; n > 0 {
			s += strconv.FormatInt(n, 10) + units[i:i+1]
			left %= seconds
		}
	}
	return s
}
