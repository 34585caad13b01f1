# Handed over once: no later plan renews it. A new delivery gets a new URL.
resource "alioss_presigned_url" "handed_over" {
  bucket  = "examplebucket"
  key     = "deliveries/2026-03/data.zip"
  expiry  = "7d"
  renew   = false
  keepers = { delivery = "2026-03" }
}
