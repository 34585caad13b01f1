// Package validity computes how long a presigned URL holds: durations, instants, rotation periods, renewal. It is pure: the present is an
// argument. Instants are whole seconds in UTC, since that is what an OSS V4 signature carries (x-oss-date, x-oss-expires).
package validity

import (
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"
)

// The limits of x-oss-expires: 1 to 604,800 seconds. Source: Alibaba Cloud, "Add signatures to URLs (V4)", and EC 0002-00000232.
const (
	MinExpiry = time.Second
	MaxExpiry = 7 * 24 * time.Hour
)

// DefaultExpiry is how long a URL holds where nothing is said.
const DefaultExpiry = time.Hour

const (
	secondsPerDay = 24 * 60 * 60
	maxSeconds    = math.MaxInt64 / int64(time.Second) // the longest time.Duration of whole seconds, some 292 years
	maxText       = 32                                 // bytes of a duration that are looked at
)

// units in the order in which a duration names them.
var units = []struct {
	suffix  byte
	seconds int64
}{{'d', secondsPerDay}, {'h', 60 * 60}, {'m', 60}, {'s', 1}}

var errTooLong = fmt.Errorf("is longer than %d days, the longest duration that can be counted", maxSeconds/secondsPerDay)

// ParseDuration reads a duration of whole seconds: whole numbers with units, "15m", "1h30m", "7d", "1d12h", or whole seconds alone, "3600".
// The units are d (24 hours), h, m and s, the largest first, each at most once; a number may be larger than the next unit ("90m").
// Zero is a duration. Signs, blanks, fractions (write "1h30m" for "1.5h"), weeks and parts of a second are errors, and so is more than about
// 292 years.
func ParseDuration(s string) (time.Duration, error) {
	seconds, err := parseSeconds(s)
	if err != nil {
		return 0, fmt.Errorf("duration %s %w", show(s), err)
	}
	return time.Duration(seconds) * time.Second, nil
}

// ParseExpiry reads a duration in the forms of ParseDuration and holds it to 1 second … 7 days, both included. The error says what the value
// came to, and the limit.
func ParseExpiry(s string) (time.Duration, error) {
	seconds, err := parseSeconds(s)
	if err == nil {
		d := time.Duration(seconds) * time.Second
		if err = CheckExpiry(d); err == nil {
			return d, nil
		}
		return 0, err
	}
	if errors.Is(err, errTooLong) {
		return 0, fmt.Errorf("expiry %s %w: %s", show(s), err, expiryLimits)
	}
	return 0, fmt.Errorf("expiry %s %w", show(s), err)
}

const expiryLimits = `the service accepts 1 second to 604800 seconds (7 days): choose a time within these limits, ` +
	`and sign anew before the end what must hold for longer`

// CheckExpiry reports whether d can be signed: whole seconds, MinExpiry to MaxExpiry.
func CheckExpiry(d time.Duration) error {
	if d%time.Second != 0 {
		return fmt.Errorf("expiry %s has a part of a second: signatures carry whole seconds", d)
	}
	if d < MinExpiry || d > MaxExpiry {
		return fmt.Errorf("expiry comes to %d seconds (%s): %s", int64(d/time.Second), FormatDuration(d), expiryLimits)
	}
	return nil
}

// parseSeconds returns 0 to maxSeconds. Its errors continue a sentence that begins with the value.
func parseSeconds(s string) (int64, error) {
	const form = `write whole numbers with units, such as "15m", "1h30m" or "7d", or whole seconds, such as "3600"`
	switch {
	case s == "":
		return 0, errors.New("is empty: " + form)
	case len(s) > maxText:
		return 0, fmt.Errorf("has more than %d characters: %s", maxText, form)
	case s[0] == '-':
		return 0, errors.New("is negative: " + form)
	case strings.Contains(s, "."):
		return 0, errors.New(`holds a fraction: write whole numbers, "1h30m" for "1.5h"; parts of a second cannot be signed`)
	}
	total, next := int64(0), 0
	for s != "" {
		rest := strings.TrimLeft(s, "0123456789")
		number := s[:len(s)-len(rest)]
		if number == "" {
			return 0, errors.New("is not a duration: " + form)
		}
		if rest == "" {
			if next > 0 {
				return 0, fmt.Errorf("does not say the unit of the last number: %s", form)
			}
			rest = "s"
		}
		i := next
		for i < len(units) && units[i].suffix != rest[0] {
			i++
		}
		if i == len(units) {
			return 0, errors.New("has an unknown, repeated or misplaced unit: the units are d, h, m and s, the largest first; " + form)
		}
		n, err := strconv.ParseInt(number, 10, 64)
		if err != nil || n > (maxSeconds-total)/units[i].seconds {
			return 0, errTooLong
		}
		total, next, s = total+n*units[i].seconds, i+1, rest[1:]
	}
	return total, nil
}

// FormatDuration returns d as ParseDuration reads it, in the fewest characters with the largest units: "7d", "1h30m", "0s". A part of a second is
// cut off, and a negative duration begins with "-"; neither can be read back.
func FormatDuration(d time.Duration) string {
	left := int64(d / time.Second)
	var b strings.Builder
	if left < 0 {
		b.WriteByte('-')
		left = -left
	}
	if left == 0 {
		return "0s"
	}
	for _, u := range units {
		if n := left / u.seconds; n > 0 {
			b.WriteString(strconv.FormatInt(n, 10))
			b.WriteByte(u.suffix)
			left %= u.seconds
		}
	}
	return b.String()
}

// show quotes a user's value for a message, cut after maxText bytes and at the query of what may be a presigned URL, pasted in the wrong place.
func show(s string) string {
	start, _, query := strings.Cut(s, "?")
	if len(start) <= maxText && !query {
		return strconv.Quote(s)
	}
	return fmt.Sprintf("%q… (%d bytes)", strings.ToValidUTF8(start[:min(maxText, len(start))], ""), len(s))
}
