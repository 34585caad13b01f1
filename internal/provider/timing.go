package provider

import (
	"fmt"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/alioss/terraform-provider-alioss/internal/credentials"
	"github.com/alioss/terraform-provider-alioss/internal/validity"
)

// timingModel holds the ways in which data sources choose the signing instant, beside signing_time.
type timingModel struct {
	NotAfter    types.String `tfsdk:"not_after"`
	RotateEvery types.String `tfsdk:"rotate_every"`
}

// validate refuses combinations that no window satisfies.
func (m *timingModel) validate(expiryValue types.String, d *diag.Diagnostics) {
	if m.RotateEvery.ValueString() == "" || expiryValue.IsUnknown() {
		return
	}
	every, err := validity.ParseDuration(m.RotateEvery.ValueString())
	if err != nil {
		return // the attribute's own validator says so
	}
	expiry := validity.DefaultExpiry
	if s := expiryValue.ValueString(); s != "" {
		if expiry, err = validity.ParseExpiry(s); err != nil {
			return // likewise
		}
	}
	addError(d, path.Root("rotate_every"), "Invalid Rotate Every", validity.CheckRotation(every, expiry))
}

// window returns the signing instant and the seconds that the URL holds from it.
func (m *timingModel) window(now time.Time, signingTime types.String, expiry time.Duration, d *diag.Diagnostics) (validity.Window, bool) {
	before := d.ErrorsCount()
	at := now
	if s := signingTime.ValueString(); s != "" {
		t, err := validity.ParseInstant(s)
		addError(d, path.Root("signing_time"), "Invalid Signing Time", err)
		at = t
	}
	var w validity.Window
	switch {
	case d.ErrorsCount() > before:
	case m.NotAfter.ValueString() != "":
		notAfter, err := validity.ParseInstant(m.NotAfter.ValueString())
		if err == nil {
			w, err = validity.FromNotAfter(at, notAfter)
		}
		addError(d, path.Root("not_after"), "Invalid Not After", err)
	case m.RotateEvery.ValueString() != "":
		every, err := validity.ParseDuration(m.RotateEvery.ValueString())
		if err == nil {
			w, err = validity.FromRotation(now, expiry, every)
		}
		addError(d, path.Root("rotate_every"), "Invalid Rotate Every", err)
	default:
		var err error
		w, err = validity.FromExpiry(at, expiry)
		if signingTime.ValueString() != "" {
			addError(d, path.Root("signing_time"), "Invalid Signing Time", err)
		} else {
			addError(d, path.Root("expiry"), "Invalid Expiry", err)
		}
	}
	return w, d.ErrorsCount() == before
}

// warnOfCredentials says that a URL ends with its credentials. Once for all URLs of one length or of one end: instances are
// signed in several seconds, for an expiry or until a not_after.
func (c *client) warnOfCredentials(w validity.Window, keys credentials.Credentials, d *diag.Diagnostics) {
	if end, first := validity.End(w.End(), keys.Expires); first {
		at := end.Format(time.RFC3339)
		wanted := w.End().Format(time.RFC3339)
		c.notices.warnOf(d, "Credentials End First", fmt.Sprintf(
			"The URL would hold until %s, but the temporary credentials that sign it (%s) end at %s, and the URL with them. Ask for a longer "+
				"session (session_expiration), choose a shorter expiry, or sign with a long-lived key of a RAM user.",
			wanted, keys.Source, at), fmt.Sprint(keys.Source, at, w.Expires), fmt.Sprint(keys.Source, at, wanted))
	}
}

// warnOfWindow says that a URL does not hold at the moment. Once for a window, whatever the time is.
func (c *client) warnOfWindow(now time.Time, s signed, d *diag.Diagnostics) {
	start, end, present := s.window.SigningTime.Format(time.RFC3339), s.end.Format(time.RFC3339), now.UTC().Format(time.RFC3339)
	switch {
	case validity.Expired(now, s.end):
		c.notices.warnOf(d, "Presigned URL Expired", fmt.Sprintf(
			"The URL signed at %s ended at %s; it is %s now, and the URL no longer opens anything. Choose a later signing_time or a longer expiry, "+
				"unless the configuration keeps it on purpose, so that what holds it stays unchanged.", start, end, present), start+end)
	case now.Before(s.window.SigningTime.Add(-clockTolerance)):
		c.notices.warnOf(d, "Presigned URL Not Valid", fmt.Sprintf(
			"The URL is signed for %s, and the service accepts it from 15 minutes before; it is %s now. Until then the service answers 403 "+
				"(EC 0002-00000235).", start, present), start)
	}
}

// clockTolerance is how long before its date the service accepts a URL (EC 0002-00000235).
const clockTolerance = 15 * time.Minute

// warnOfRotation says that temporary credentials change a URL that is to stay.
func (c *client) warnOfRotation(rotateEvery types.String, keys credentials.Credentials, d *diag.Diagnostics) {
	if rotateEvery.ValueString() != "" && keys.Temporary() {
		c.notices.warn(d, "URL Changes With Credentials", fmt.Sprintf(
			"rotate_every keeps the signing instant, but the credentials (%s) are temporary, and a URL signed with new ones is another URL. For a URL "+
				"that stays, sign with a long-lived key of a RAM user, or use the resource alioss_presigned_url.", keys.Source))
	}
}
