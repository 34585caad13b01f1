# An ECS instance that fetches its agent from a private bucket when it boots, and is not replaced when the link is renewed.
terraform {
  required_providers {
    alicloud = {
      source = "aliyun/alicloud"
    }
    alioss = {
      source  = "alioss/alioss"
      version = "~> 0.1"
    }
  }
}

provider "alicloud" {
  region = "cn-hangzhou"
}

provider "alioss" {
  region        = "cn-hangzhou"
  endpoint_type = "internal" # the instance is in a VPC of the bucket's region
}

variable "vswitch_id" {
  description = "VSwitch that the instance belongs to."
  type        = string
}

variable "security_groups" {
  description = "Security groups of the instance. OSS's internal endpoint needs no rule of theirs."
  type        = set(string)
}

variable "agent_sha256" {
  description = "SHA-256 of the agent's archive, in hexadecimal."
  type        = string

  validation {
    condition     = can(regex("^[0-9a-f]{64}$", var.agent_sha256))
    error_message = "A SHA-256 has 64 hexadecimal digits in lower case."
  }
}

# A day covers the first boot, and an instance that an operator recreates on the same day.
resource "alioss_presigned_url" "agent" {
  bucket       = "examplebucket"
  key          = "agent/agent-1.4.2.tar.gz"
  expiry       = "24h"
  renew_before = "12h" # what a server that is created later finds left at least
}

resource "alicloud_instance" "app" {
  instance_name   = "app"
  image_id        = "aliyun_3_x64_20G_alibase_20250117.vhd"
  instance_type   = "ecs.e-c1m1.large"
  vswitch_id      = var.vswitch_id
  security_groups = var.security_groups

  user_data = base64encode(templatefile("${path.module}/user-data.sh.tftpl", {
    url    = alioss_presigned_url.agent.url
    sha256 = var.agent_sha256
  }))

  lifecycle {
    ignore_changes = [user_data] # a renewed URL changes nothing on a machine that has booted
  }
}

output "url_ends_at" {
  value = alioss_presigned_url.agent.expires_at
}
