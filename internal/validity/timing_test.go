package validity

import "testing"

func TestTimingWindow(t *testing.T) {
	now := at(t, "2026-02-03T04:05:06Z")
	for _, tc := range []struct {
		name       string
		timing     Timing
		start, end string
		// argument and err are of an error.
		argument, err string
	}{
		{"nothing", Timing{}, "2026-02-03T04:05:06Z", "2026-02-03T05:05:06Z", "expiry", ""},
		{"expiry", Timing{Expiry: "2h"}, "2026-02-03T04:05:06Z", "2026-02-03T06:05:06Z", "expiry", ""},
		{
			"signing time",
			Timing{Expiry: "2h", SigningTime: "2026-02-01T00:00:00+01:00"},
			"2026-01-31T23:00:00Z", "2026-02-01T01:00:00Z", "signing_time", "",
		},
		{
			"not after",
			Timing{NotAfter: "2026-02-04T00:00:00Z"},
			"2026-02-03T04:05:06Z", "2026-02-04T00:00:00Z", "not_after", "",
		},
		{
			"not after a signing time",
			Timing{SigningTime: "2026-02-03T00:00:00Z", NotAfter: "2026-02-04T00:00:00Z"},
			"2026-02-03T00:00:00Z", "2026-02-04T00:00:00Z", "not_after", "",
		},
		{
			"rotation",
			Timing{Expiry: "2d", RotateEvery: "1d"},
			"2026-02-03T00:00:00Z", "2026-02-05T00:00:00Z", "rotate_every", "",
		},
		{
			"too long",
			Timing{Expiry: "8d", SigningTime: "2026-02-01T00:00:00Z"},
			"", "",
			"expiry", `expiry must be between 1s and 7d, got "8d"`,
		},
		{
			"too late",
			Timing{SigningTime: "9999-12-31T23:59:59Z"},
			"", "", "signing_time",
			`signing_time and the end of the URL must be within the years 1 to 9999, got "9999-12-31T23:59:59Z"`,
		},
		{
			"no instant",
			Timing{SigningTime: "2026-02-03T04:05:06.5Z"},
			"", "", "signing_time",
			`signing_time must be whole seconds, got "2026-02-03T04:05:06.5Z". Remove the fraction`,
		},
		{
			"past",
			Timing{NotAfter: "2026-02-03T04:05:06Z"},
			"", "", "not_after",
			`not_after must be later than the signing time 2026-02-03T04:05:06Z, got "2026-02-03T04:05:06Z"`,
		},
		{
			"no period",
			Timing{RotateEvery: "-1h"},
			"", "", "rotate_every",
			`rotate_every must not be negative, got "-1h"`,
		},
		{
			"long period",
			Timing{RotateEvery: "60m"},
			"", "", "rotate_every",
			`rotate_every must be shorter than expiry "1h", got "60m". Otherwise the URL expires before the next one is ` +
				`signed. Choose a shorter rotate_every or, up to 7d, a longer expiry`,
		},
	} {
		t.Run(tc.name, func(t *testing.T) {
			w, argument, err := tc.timing.Window(now)
			switch {
			case argument != tc.argument:
				t.Errorf("the argument is %s, want %s", argument, tc.argument)
			case tc.err != "":
				if err == nil || err.Error() != tc.err || w != (Window{}) {
					t.Errorf("%+v, %v", w, err)
				}
			case err != nil || !same(w.SigningTime, at(t, tc.start)) || !same(w.End(), at(t, tc.end)):
				t.Errorf("%v to %v, %v", w.SigningTime, w.End(), err)
			}
		})
	}
}
