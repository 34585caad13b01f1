# A Kubernetes Secret with a write-only argument (Terraform 1.11, OpenTofu 1.11). The
# URL is written when the revision changes, so each release gets a link of its own.
variable "release" {
  description = "Release to deploy."
  type        = string
  default     = "1.4.2"
}

ephemeral "alioss_presigned_url" "app" {
  bucket = "examplebucket"
  key    = "releases/${var.release}/app.tar.gz"
  expiry = "1h"
}

resource "kubernetes_secret_v1" "app" {
  metadata {
    name = "app-${var.release}"
  }

  data_wo          = { url = ephemeral.alioss_presigned_url.app.url }
  data_wo_revision = 1
}
