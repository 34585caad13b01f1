# A build's artifact for the jobs of one day: every plan between two midnights (UTC) gives the same URL, byte for byte,
# and it holds for 24 hours more at least.
data "alioss_presigned_url" "artifact" {
  bucket       = "examplebucket"
  key          = "builds/main/4711/app.tar.gz"
  rotate_every = "24h"
  expiry       = "48h"
}
