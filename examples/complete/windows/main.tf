# A Windows instance that downloads and installs a package when it boots.
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
  endpoint_type = "internal"
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
  description = "SHA-256 of the package, in hexadecimal."
  type        = string
}

resource "alioss_presigned_url" "agent" {
  bucket       = "examplebucket"
  key          = "agent/agent-1.4.2.msi"
  expiry       = "24h"
  renew_before = "12h"
}

data "alicloud_images" "windows" {
  owners      = "system"
  name_regex  = "^win2022_21H2_x64_dtc_en-us_40G_alibase_"
  most_recent = true
}

resource "alicloud_instance" "app" {
  instance_name   = "app"
  image_id        = data.alicloud_images.windows.images[0].id
  instance_type   = "ecs.g7.large"
  vswitch_id      = var.vswitch_id
  security_groups = var.security_groups

  user_data = base64encode(templatefile("${path.module}/user-data.ps1.tftpl", {
    url    = alioss_presigned_url.agent.url
    sha256 = var.agent_sha256
  }))

  lifecycle {
    ignore_changes = [user_data, image_id]
  }
}
