# What a pipeline plans in one job and applies, after an approval, in another. The resource signs at apply: however long the
# approval takes, the link's lifetime begins only then.
terraform {
  required_providers {
    alioss = {
      source  = "alioss/alioss"
      version = "~> 0.1"
    }
  }
}

provider "alioss" {
  region = "cn-hangzhou"
}

variable "build" {
  description = "Number of the build whose artifact is deployed."
  type        = string
  default     = "4711"
}

resource "alioss_presigned_url" "artifact" {
  bucket = "examplebucket"
  key    = "builds/main/${var.build}/app.tar.gz"
  expiry = "2h"
}

resource "terraform_data" "deploy" {
  triggers_replace = var.build # not the URL: a renewed link is not a new deployment
  input = {
    build   = var.build
    ends_at = alioss_presigned_url.artifact.expires_at
  }
}

output "artifact_url" {
  sensitive = true
  value     = alioss_presigned_url.artifact.url
}
