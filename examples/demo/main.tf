terraform {
  required_providers {
    alioss = {
      source = "alioss/alioss"
    }
  }
}

provider "alioss" {
  region = "cn-hangzhou" # the keys come from the environment
}

variable "first_version" {
  description = "versionId of the object as it was first uploaded."
  type        = string
}

locals {
  key = "agent/安装 agent+1.4.2.sh" # a space, a plus sign and Chinese characters
}

# The current version of the object, for a machine that boots within the next hour.
data "alioss_presigned_url" "agent" {
  bucket = "examplebucket"
  key    = local.key
}

# One version of it, whatever is uploaded later.
data "alioss_presigned_url" "first" {
  bucket  = "examplebucket"
  key     = local.key
  version = var.first_version
}

# The same object by the custom domain that is bound to the bucket.
data "alioss_presigned_url" "domain" {
  bucket = "examplebucket"
  key    = local.key
  domain = "downloads.example.com"
}

# What a machine would get as its user data.
output "user_data" {
  sensitive = true
  value = templatefile("${path.module}/user-data.yaml.tftpl", {
    agent  = data.alioss_presigned_url.agent.url
    first  = data.alioss_presigned_url.first.url
    domain = data.alioss_presigned_url.domain.url
  })
}

output "url" {
  sensitive = true
  value     = data.alioss_presigned_url.agent.url
}

output "expires_at" {
  value = data.alioss_presigned_url.agent.expires_at
}
