package provider

import (
	"context"
	"time"

	"github.com/hashicorp/terraform-plugin-log/tflog"

	"github.com/alioss/terraform-provider-alioss/internal/credentials"
)

// logCredentials writes what package credentials says in the log.
func logCredentials(ctx context.Context, level, message string, fields map[string]any) {
	if level == credentials.LevelInfo {
		tflog.Info(ctx, message, fields)
		return
	}
	tflog.Debug(ctx, message, fields)
}

// logSigned notes at DEBUG what was signed, by which credentials and until when. The URLs, and what of the request could be anything
// (headers, query, process), stay out.
func logSigned(ctx context.Context, l link, s signed, objects []object) {
	fields := map[string]any{
		"bucket":             l.request.Bucket,
		"urls":               len(objects),
		"method":             l.request.Method,
		"region":             l.request.Region,
		"host":               l.request.Host,
		"signing_time":       s.window.SigningTime.Format(time.RFC3339),
		"expires_seconds":    s.window.Expires,
		"expires_at":         s.end.Format(time.RFC3339),
		"credentials_source": s.keys.Source,
	}
	if len(objects) == 1 {
		fields["key"] = objects[0].key
	}
	tflog.Debug(ctx, "Signed with OSS Signature V4", fields)
}
