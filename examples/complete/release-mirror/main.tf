# All packages of a release for a mirror on a machine without keys. The provider lists
# the objects under the prefix.
terraform {
  required_version = ">= 1.2" # Terraform 1.2: preconditions

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

variable "release" {
  description = "Release to mirror."
  type        = string
  default     = "1.4.2"
}

locals {
  prefix = "releases/${var.release}/"
}

data "alioss_presigned_urls" "release" {
  bucket = "examplebucket"
  prefix = local.prefix
  expiry = "12h"
}

# The number of objects, and a line for each: its size, its name below the prefix and
# its URL, between tabs.
#   terraform output -raw downloads | ssh mirror.example.com sh mirror.sh /srv/1.4.2
output "downloads" {
  sensitive = true
  value = join("\n", concat(
    [length(data.alioss_presigned_urls.release.objects)],
    [for key, object in data.alioss_presigned_urls.release.objects : join("\t", [
      object.size,
      trimprefix(key, local.prefix),
      data.alioss_presigned_urls.release.urls[key],
    ])],
    [""],
  ))

  precondition {
    condition = alltrue([
      for key in keys(data.alioss_presigned_urls.release.objects) :
      !can(regex("[[:cntrl:]]", key))
    ])
    error_message = "A name contains a control character, which a line cannot carry."
  }
}
