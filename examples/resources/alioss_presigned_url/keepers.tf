# Signed again for each release, although the key stays the same.
variable "release" {
  description = "Release that is deployed."
  type        = string
  default     = "1.4.2"
}

resource "alioss_presigned_url" "agent" {
  bucket  = "examplebucket"
  key     = "agent/agent.tar.gz"
  expiry  = "7d"
  keepers = { release = var.release }
}
