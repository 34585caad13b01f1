# A server that is replaced when the object's content changes, and not when the link
# does. The data source asks OSS at plan what the object is.
terraform {
  required_version = ">= 1.4" # Terraform 1.4: terraform_data

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
  region = "cn-hangzhou"
}

variable "vswitch_id" {
  description = "VSwitch of the instance."
  type        = string
}

variable "security_groups" {
  description = "Security groups. An advanced one must allow outbound port 443."
  type        = set(string)
}

data "alioss_presigned_url" "agent" {
  bucket = "examplebucket"
  key    = "agent/agent.tar.gz" # the same name for every release
  expiry = "24h"
  verify = true
}

resource "terraform_data" "content" {
  triggers_replace = data.alioss_presigned_url.agent.object.etag
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
    url  = data.alioss_presigned_url.agent.url
    size = data.alioss_presigned_url.agent.object.size
  }))

  lifecycle {
    ignore_changes       = [user_data, image_id]
    replace_triggered_by = [terraform_data.content]
  }
}
