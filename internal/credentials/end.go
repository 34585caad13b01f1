package credentials

import (
	"encoding/json"
	"errors"
	"math"
	"strconv"
	"strings"
	"time"
)

// errEnd does not show the value, which may be a key in the wrong place.
var errEnd = errors.New("the expiry time of the credentials (Expiration) is neither an instant " +
	"such as 2026-01-02T03:04:05Z nor Unix seconds")

// parseEnd returns when credentials expire, in whole seconds, from a string or a number of JSON. It
// is zero, for unknown, only if there is no text, null or an empty string.
//
// Strings are RFC 3339 and its common relatives: a blank for T, no seconds, an offset without colon
// or minutes, a zone that is UTC, none for UTC, and the name of a zone after its offset.
func parseEnd(raw json.RawMessage) (time.Time, error) {
	text := strings.TrimSpace(string(raw))
	var s string
	if json.Unmarshal(raw, &s) == nil {
		text = strings.TrimSpace(s)
	}
	if text == "" {
		return time.Time{}, nil
	}
	if number, err := strconv.ParseFloat(text, 64); err == nil {
		return unixEnd(number)
	}
	if len(text) < len("2006-01-02T15") || strings.IndexByte("Tt ", text[10]) < 0 {
		return time.Time{}, errEnd
	}
	day, clock := text[:10], strings.ReplaceAll(strings.ToUpper(text[11:]), " ", "")
	for _, seconds := range []string{":05", ""} {
		for _, zone := range []string{"Z07:00", "Z0700", "Z07", "", "UTC", "GMT", "Z07:00MST", "Z0700MST"} {
			if instant, err := time.Parse("2006-01-02T15:04"+seconds+zone, day+"T"+clock); err == nil {
				return plausible(instant.UTC().Truncate(time.Second))
			}
		}
	}
	return time.Time{}, errEnd
}

// unixEnd returns the instant of Unix seconds or, from the year 5138 on, milliseconds.
func unixEnd(number float64) (time.Time, error) {
	const maxSeconds = 1e11
	switch {
	case math.IsNaN(number) || number >= maxSeconds*1000:
		return time.Time{}, errEnd
	case number >= maxSeconds:
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
