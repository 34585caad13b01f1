package credentials

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"
)

// end is 2026-05-04T11:02:01+08:00 in every spelling that is understood.
var goodEnds = []string{
	`"2026-05-04T03:02:01Z"`, `"2026-05-04t03:02:01z"`, `"2026-05-04T03:02:01.999Z"`, `"2026-05-04T03:02:01,999Z"`,
	`"2026-05-04T11:02:01+08:00"`,
	`"2026-05-04T11:02:01+0800"`, `"2026-05-04T11:02:01+08"`, `"2026-05-04T11:02:01 +0800"`, `"2026-05-03T23:02:01-0400"`,
	`"2026-05-04T08:32:01+0530"`,
	`"2026-05-04T03:02:01"`, `"2026-05-04 03:02:01"`, `"2026-05-04 03:02:01Z"`, `"2026-05-04 03:02:01 UTC"`,
	`"2026-05-04 03:02:01 GMT"`,
	`"2026-05-04 11:02:01 +0800 CST"`, `"2026-05-04 03:02:01.123456 +0000 UTC"`, `" 2026-05-04T03:02:01Z "`,
	`1777863721`, `1777863721.9`, `1.777863721e9`, `"1777863721"`, `1777863721000`, `"1777863721999"`, `1777863721999`,
}

func TestEnd(t *testing.T) {
	t.Parallel()
	for _, text := range goodEnds {
		t.Run(text, func(t *testing.T) {
			if got, err := parseEnd(json.RawMessage(text)); err != nil || !got.Equal(start) {
				t.Errorf("%s: %s, %v; want %s", text, got, err, start)
			}
		})
	}
	if got, err := parseEnd(json.RawMessage(`"2026-05-04T03:02Z"`)); err != nil || !got.Equal(start.Add(-time.Second)) {
		t.Errorf("without seconds: %s, %v", got, err)
	}
	for _, text := range []string{``, `null`, `""`, `"  "`} {
		if got, err := parseEnd(json.RawMessage(text)); err != nil || !got.IsZero() {
			t.Errorf("%q: %s, %v; want no end", text, got, err)
		}
	}
	for _, text := range []string{
		`"soon"`, `"hush"`, `"0001-01-01T00:00:00Z"`, `"1999-12-31T23:59:59Z"`, `"1970-01-01"`, `"2026-05-04"`, `"03:02:01"`,
		`0`, `"0"`, `-1`, `1`, `3600`, `"PT1H"`,
		`"2026-13-04T03:02:01Z"`, `"2026-02-30T03:02:01Z"`, `"2026-05-04T24:02:01Z"`, `"2026-05-04T03:60:01Z"`,
		`"2026-05-04T03:02:01+25:00"`, `"2026-05-04T03:02:01 CST"`,
		`"2026-05-04T03:02:01+8"`, `"04/05/2026 03:02:01"`, `"20260504T030201Z"`, `"Mon, 04 May 2026 03:02:01 GMT"`, `true`,
		`{}`, `[]`, `"NaN"`, `"Inf"`, `"-Inf"`, `1e300`,
		`1777863721000000`, `"2026-05-04T03:02:01Z hush"`,
	} {
		t.Run(text, func(t *testing.T) {
			if got, err := parseEnd(json.RawMessage(text)); !errors.Is(err, errEnd) || !got.IsZero() {
				t.Errorf("%s: %s, %v; want an error", text, got, err)
			}
		})
	}
	checkHidden(t, errEnd.Error())
}

// TestEndOfEverySource gives every source an end in another spelling than usual, and one that is
// none. TestCloudSSO, TestOAuth and TestExternal do so for theirs.
func TestEndOfEverySource(t *testing.T) {
	t.Parallel()
	want := start.Add(time.Hour)
	for spelling, text := range map[string]string{
		"no zone": want.Format("2006-01-02T15:04:05"), "no colon": want.In(time.FixedZone("", 8*3600)).
				Format("2006-01-02T15:04:05-0700"),
		"a blank": want.Format("2006-01-02 15:04:05Z"), "soon": "soon", "year 1": time.Time{}.Format(time.RFC3339),
		"nothing": "",
	} {
		for name, set := range map[string]func(*world, string) Config{
			"metadata service": func(w *world, end string) Config {
				w.imds.session = sessionJSON("Success", end)
				return Config{ECSRoleName: "agent"}
			},
			"URI": func(w *world, end string) Config {
				w.uri.body = sessionJSON("", end)
				return Config{CredentialsURI: w.uri.URL}
			},
			"STS": func(w *world, end string) Config {
				w.sts.end = func(time.Time, time.Duration) string { return end }
				return Config{AccessKey: "AKID", SecretKey: NewSecret("hush"), AssumeRole: &AssumeRole{RoleARN: roleARN}}
			},
		} {
			w := newWorld(t)
			found, err := w.get(set(w, text))
			switch {
			case text == "" && name == "STS": // it is known from the requested length
				if err != nil || !found.Expires.Equal(start.Add(defaultSessionSeconds*time.Second)) {
					t.Errorf("%s, %s: %s, %v", name, spelling, found.Expires, err)
				}
			case text == "":
				if err != nil || !found.Expires.IsZero() {
					t.Errorf("%s, %s: %s, %v", name, spelling, found.Expires, err)
				}
			case spelling == "soon" || spelling == "year 1":
				if err == nil || !strings.Contains(err.Error(), "neither an instant") {
					t.Errorf("%s, %s: until %s, %v; want an error", name, spelling, found.Expires, err)
				}
			case err != nil || !found.Expires.Equal(want):
				t.Errorf("%s, %s: until %s, %v; want %s", name, spelling, found.Expires, err, want)
			}
		}
	}
}

// TestEndOfProfile: sts_expiration is in seconds, and what cannot be is an error.
func TestEndOfProfile(t *testing.T) {
	t.Parallel()
	want := start.Add(time.Hour)
	for text, end := range map[string]time.Time{
		fmt.Sprint(want.Unix()): want, fmt.Sprint(want.UnixMilli()): want, "0": {}, "-1": {}, "1": {}, "100000000000000": {},
	} {
		t.Run(text, func(t *testing.T) {
			w := newWorld(t)
			w.files[cliPath] = cliConfig("p",
				`{"name":"p","mode":"StsToken","access_key_id":"STS.AKID","access_key_secret":"hush","sts_token":"hush-token",`+
					`"sts_expiration":`+text+`}`)
			found, err := w.get(Config{Profile: "p"})
			switch isNone := end.IsZero() && text != "0"; {
			case isNone && (err == nil || !strings.Contains(err.Error(), "neither an instant")):
				t.Errorf("%s: until %s, %v; want an error", text, found.Expires, err)
			case !isNone && (err != nil || !found.Expires.Equal(end)):
				t.Errorf("%s: until %s, %v; want %s", text, found.Expires, err, end)
			}
		})
	}
}
