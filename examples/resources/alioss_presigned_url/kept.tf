# A link that is handed over once and never renewed behind its holder's back.
resource "alioss_presigned_url" "handed_over" {
  bucket  = "examplebucket"
  key     = "deliveries/2026-03/data.zip"
  expiry  = "7d"
  renew   = false
  keepers = { delivery = "2026-03" }
}
