# A private bucket with an object, a RAM role that may read this object only, a link
# that the role signs, and an ECS instance that downloads with it at boot.
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

variable "region" {
  description = "Region of everything below."
  type        = string
  default     = "cn-hangzhou"
}

variable "bucket" {
  description = "Name of the bucket, which nobody else has used."
  type        = string
}

provider "alicloud" {
  region = var.region
}

# The same AccessKey pair as alicloud's, from the environment or a profile. It assumes
# the role below, so that the link allows nothing but what the role may read.
provider "alioss" {
  region        = var.region
  endpoint_type = "internal" # the instance is in a VPC of the bucket's region

  assume_role {
    role_arn     = local.role_arn
    session_name = "agent-links"
  }
}

data "alicloud_account" "this" {}

locals {
  key      = "agent/agent-1.4.2.tar.gz"
  archive  = "${path.module}/agent-1.4.2.tar.gz"
  role     = "agent-links"
  role_arn = "acs:ram::${data.alicloud_account.this.id}:role/${local.role}"
}

# 1. A private bucket with the agent's archive.
resource "alicloud_oss_bucket" "files" {
  bucket = var.bucket
}

resource "alicloud_oss_bucket_public_access_block" "files" {
  bucket              = alicloud_oss_bucket.files.bucket
  block_public_access = true
}

resource "alicloud_oss_bucket_object" "agent" {
  bucket = alicloud_oss_bucket.files.bucket
  key    = local.key
  source = local.archive
}

# 2. A RAM role with one permission. Identities of this account may assume it if a
# policy of theirs allows sts:AssumeRole.
resource "alicloud_ram_role" "links" {
  role_name = local.role
  assume_role_policy_document = jsonencode({
    Version = "1"
    Statement = [{
      Effect    = "Allow"
      Action    = "sts:AssumeRole"
      Principal = { RAM = ["acs:ram::${data.alicloud_account.this.id}:root"] }
    }]
  })
}

resource "alicloud_ram_policy" "links" {
  policy_name = local.role
  policy_document = jsonencode({
    Version = "1"
    Statement = [{
      Effect   = "Allow"
      Action   = ["oss:GetObject"]
      Resource = ["acs:oss:*:*:${var.bucket}/${local.key}"]
    }]
  })
}

resource "alicloud_ram_role_policy_attachment" "links" {
  policy_name = alicloud_ram_policy.links.policy_name
  policy_type = "Custom"
  role_name   = alicloud_ram_role.links.role_name
}

# 3. The link. It expires with the role's session, after an hour at the latest.
resource "alioss_presigned_url" "agent" {
  bucket = alicloud_oss_bucket_object.agent.bucket
  key    = alicloud_oss_bucket_object.agent.key
  expiry = "1h"

  depends_on = [alicloud_ram_role_policy_attachment.links]
}

# 4. A network and an instance without internet access.
data "alicloud_zones" "this" {
  available_instance_type     = "ecs.e-c1m1.large"
  available_resource_creation = "VSwitch"
}

data "alicloud_images" "linux" {
  owners      = "system"
  name_regex  = "^aliyun_3_x64_20G_alibase_"
  most_recent = true
}

resource "alicloud_vpc" "this" {
  vpc_name   = "getting-started"
  cidr_block = "10.0.0.0/8"
}

resource "alicloud_vswitch" "this" {
  vpc_id     = alicloud_vpc.this.id
  cidr_block = "10.1.0.0/16"
  zone_id    = data.alicloud_zones.this.zones[0].id

  lifecycle {
    ignore_changes = [zone_id] # the list of zones changes with what is sold out
  }
}

resource "alicloud_security_group" "this" {
  security_group_name = "getting-started"
  vpc_id              = alicloud_vpc.this.id
}

resource "alicloud_instance" "app" {
  instance_name   = "getting-started"
  image_id        = data.alicloud_images.linux.images[0].id
  instance_type   = "ecs.e-c1m1.large"
  vswitch_id      = alicloud_vswitch.this.id
  security_groups = [alicloud_security_group.this.id]

  user_data = base64encode(templatefile("${path.module}/user-data.sh.tftpl", {
    url    = alioss_presigned_url.agent.url
    sha256 = filesha256(local.archive)
  }))

  lifecycle {
    # A change of user data would stop and start the instance, and a newer image would
    # replace its system disk.
    ignore_changes = [user_data, image_id]
  }
}

output "instance_id" {
  value = alicloud_instance.app.id
}

output "url_expires_at" {
  value = alioss_presigned_url.agent.expires_at
}
