# User data that consists of a link to a cloud-config in the bucket. It may be longer
# than the 16 KB that ECS takes. cloud-init downloads it at the first boot only.
terraform {
  required_version = ">= 1.0"

  required_providers {
    alioss = {
      source  = "alioss/alioss"
      version = "~> 0.1"
    }
  }
}

provider "alioss" {
  region        = "cn-hangzhou"
  endpoint_type = "internal"
}

resource "alioss_presigned_url" "cloud_config" {
  bucket       = "examplebucket"
  key          = "boot/cloud-config.yaml" # begins with the line #cloud-config
  expiry       = "24h"
  renew_before = "12h"
}

output "user_data" {
  sensitive = true
  value     = "#include-once\n${alioss_presigned_url.cloud_config.url}\n"
}
