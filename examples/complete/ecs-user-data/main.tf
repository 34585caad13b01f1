# An ECS instance that downloads its agent from a private bucket when it boots. Neither
# a new link nor a newer image touches the instance afterwards.
terraform {
  required_version = ">= 1.0"

  required_providers {
    alicloud = {
      source  = "aliyun/alicloud"
      version = "~> 1.260"
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
  description = "VSwitch of the instance."
  type        = string
}

variable "security_groups" {
  description = "Security groups. An advanced one must allow outbound port 443."
  type        = set(string)
}

variable "agent_sha256" {
  description = "SHA-256 of the archive, in lower-case hexadecimal."
  type        = string

  validation {
    condition     = can(regex("^[0-9a-f]{64}$", var.agent_sha256))
    error_message = "A SHA-256 has 64 hexadecimal digits in lower case."
  }
}

resource "alioss_presigned_url" "agent" {
  bucket       = "examplebucket"
  key          = "agent/agent-1.4.2.tar.gz"
  expiry       = "24h"
  renew_before = "12h" # what an instance that is created later finds at least
}

data "alicloud_images" "linux" {
  owners      = "system"
  name_regex  = "^aliyun_3_x64_20G_alibase_"
  most_recent = true
}

resource "alicloud_instance" "app" {
  instance_name   = "app"
  image_id        = data.alicloud_images.linux.images[0].id
  instance_type   = "ecs.e-c1m1.large"
  vswitch_id      = var.vswitch_id
  security_groups = var.security_groups

  user_data = base64encode(templatefile("${path.module}/user-data.sh.tftpl", {
    url    = alioss_presigned_url.agent.url
    sha256 = var.agent_sha256
  }))

  lifecycle {
    ignore_changes = [user_data, image_id]
  }
}

output "url_expires_at" {
  value = alioss_presigned_url.agent.expires_at
}
