# Every plan between two midnights (UTC) returns the same URL, byte for byte. It is
# valid for at least 24 hours after the plan.
data "alioss_presigned_url" "artifact" {
  bucket       = "examplebucket"
  key          = "builds/main/4711/app.tar.gz"
  rotate_every = "24h"
  expiry       = "48h"
}
