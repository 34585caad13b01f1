package credentials

import (
	"encoding/json"
	"errors"
	"math"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"time"
)

// errEnd is the error for an expiration time that cannot be read. It does not show the value, which
// may be a key in the wrong place.
var errEnd = errors.New("the expiry time of the credentials (Expiration) is neither an instant " +
	"such as 2026-01-02T03:04:05Z nor Unix seconds")

// endPattern is RFC 3339 and its common relatives: a blank for T, no seconds, an offset without
// colon or minutes, a zone that is UTC, no zone at all, and the name of a zone after its offset.
var endPattern = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`^(\d{4}-\d{2}-\d{2})[Tt ](\d{2}:\d{2})(:\d{2})?(?:[.,]\d+)?` +
		` ?(?:([Zz]|UTC|GMT)|([+-]\d{2})(?::?(\d{2}))?(?: [A-Z]{3,5})?)?$`)
})

const (
	// maxUnixSeconds is the year 5138. Larger numbers are milliseconds.
	maxUnixSeconds = 1e11
	// maxUnixMilliseconds is the same instant.
	maxUnixMilliseconds = maxUnixSeconds * 1000
)

// parseEnd returns when credentials expire, from the text of a service or a command: a string or a
// number of JSON. The instant is zero, for unknown, only if there is no text, null or an empty
// string. It is in UTC if it has no zone. A fraction of a second is cut off. The error is errEnd.
func parseEnd(raw json.RawMessage) (time.Time, error) {
	text := strings.TrimSpace(string(raw))
	if text == "" || text == "null" {
		return time.Time{}, nil
	}
	if strings.HasPrefix(text, `"`) {
		var s string
		if json.Unmarshal(raw, &s) != nil {
			return time.Time{}, errEnd
		}
		if text = strings.TrimSpace(s); text == "" {
			return time.Time{}, nil
		}
	}
	if number, err := strconv.ParseFloat(text, 64); err == nil {
		return unixEnd(number)
	}
	parts := endPattern().FindStringSubmatch(text)
	if parts == nil {
		return time.Time{}, errEnd
	}
	date, minutes, seconds, hours, rest := parts[1], parts[2], parts[3], parts[5], parts[6]
	if seconds == "" {
		seconds = ":00"
	}
	zone := "Z"
	if hours != "" {
		if rest == "" {
			rest = "00"
		}
		zone = hours + ":" + rest
	}
	instant, err := time.Parse(time.RFC3339, date+"T"+minutes+seconds+zone)
	if err != nil {
		return time.Time{}, errEnd
	}
	return plausible(instant.UTC())
}

// unixEnd returns the instant of Unix seconds or milliseconds.
func unixEnd(number float64) (time.Time, error) {
	switch {
	case math.IsNaN(number) || number >= maxUnixMilliseconds:
		return time.Time{}, errEnd
	case number >= maxUnixSeconds:
		number /= 1000
	}
	return plausible(time.Unix(int64(math.Max(number, 0)), 0).UTC())
}

// plausible returns an error for an instant before such credentials existed, which is a zero for
// "unknown" or "never".
func plausible(instant time.Time) (time.Time, error) {
	if instant.Year() < 2000 {
		return time.Time{}, errEnd
	}
	return instant, nil
}
