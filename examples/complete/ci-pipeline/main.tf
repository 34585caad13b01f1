# A pipeline plans in one job and applies, after an approval, in another. The resource
# signs at apply: the link's lifetime begins then, however long the approval takes. It
# returns the version that was current then, whatever the next build uploads.
terraform {
  required_version = ">= 1.4" # Terraform 1.4: terraform_data

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
  description = "Number of the build that is deployed."
  type        = string
  default     = "4711"
}

resource "alioss_presigned_url" "artifact" {
  bucket      = "examplebucket"
  key         = "builds/main/app.tar.gz" # each build uploads a version
  expiry      = "2h"
  pin_version = true
  keepers     = { build = var.build } # a new build gets a new link
}

resource "terraform_data" "deploy" {
  # Not the URL: a renewed link is not a new deployment.
  triggers_replace = [var.build, alioss_presigned_url.artifact.object.version_id]
}

output "artifact_url" {
  sensitive = true
  value     = alioss_presigned_url.artifact.url
}

output "artifact_version" {
  value = alioss_presigned_url.artifact.object.version_id
}
