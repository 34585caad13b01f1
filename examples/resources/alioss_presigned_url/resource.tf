# Signed at apply, left alone by every plan, and renewed by the first one that finds less than two days left.
resource "alioss_presigned_url" "agent" {
  bucket       = "examplebucket"
  key          = "agent/agent-1.4.2.tar.gz"
  expiry       = "7d"
  renew_before = "2d"
}
