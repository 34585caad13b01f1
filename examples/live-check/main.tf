# doctest: validated: it creates buckets and roles of an account
# What the live check needs (CONTRIBUTING.md): two buckets, a role for its workflow, and a role whose sessions sign links.
terraform {
  required_version = ">= 1.0"

  required_providers {
    alicloud = {
      source  = "aliyun/alicloud"
      version = ">= 1.222.0"
    }
  }
}

variable "region" {
  description = "Region ID of the buckets."
  type        = string
  default     = "cn-hangzhou"
}

variable "bucket" {
  description = "Name of the bucket. The one with versioning has the same name with -versioned at its end."
  type        = string
}

variable "repository" {
  description = "Repository that may run the workflow, as owner/name."
  type        = string
}

variable "oidc_provider_arn" {
  description = "ARN of the account's OIDC identity provider for https://token.actions.githubusercontent.com, with the client ID sts.aliyuncs.com."
  type        = string
}

provider "alicloud" {
  region = var.region
}

data "alicloud_caller_identity" "current" {}

locals {
  prefix  = "alioss-live-check/"
  buckets = [alicloud_oss_bucket.plain.bucket, alicloud_oss_bucket.versioned.bucket]
}

# The check deletes what it wrote. The rules delete what a killed run left.
resource "alicloud_oss_bucket" "plain" {
  bucket = var.bucket

  lifecycle_rule {
    id      = "left-by-the-live-check"
    prefix  = local.prefix
    enabled = true

    expiration {
      days = 1
    }
  }
}

resource "alicloud_oss_bucket" "versioned" {
  bucket = "${var.bucket}-versioned"

  lifecycle_rule {
    id      = "left-by-the-live-check"
    prefix  = local.prefix
    enabled = true

    expiration {
      days = 1
    }

    noncurrent_version_expiration {
      days = 1
    }
  }

  lifecycle {
    ignore_changes = [versioning]
  }
}

resource "alicloud_oss_bucket_versioning" "versioned" {
  bucket = alicloud_oss_bucket.versioned.bucket
  status = "Enabled"
}

# The policy is that of CONTRIBUTING.md.
resource "alicloud_ram_policy" "objects" {
  policy_name = "alioss-live-check-objects"
  policy_document = jsonencode({
    Version = "1"
    Statement = [
      {
        Effect   = "Allow"
        Action   = ["oss:PutObject", "oss:GetObject", "oss:GetObjectVersion", "oss:DeleteObject", "oss:DeleteObjectVersion"]
        Resource = [for bucket in local.buckets : "acs:oss:*:*:${bucket}/${local.prefix}*"]
      },
      {
        Effect    = "Allow"
        Action    = ["oss:ListObjects"]
        Resource  = [for bucket in local.buckets : "acs:oss:*:*:${bucket}"]
        Condition = { StringLike = { "oss:Prefix" = ["${local.prefix}*"] } }
      },
      {
        Effect   = "Deny"
        Action   = ["oss:GetObject"]
        Resource = [for bucket in local.buckets : "acs:oss:*:*:${bucket}/${local.prefix}*/forbidden/*"]
      },
    ]
  })
}

# The role of the workflow. The environment "live" of the repository decides who may start it.
resource "alicloud_ram_role" "workflow" {
  role_name = "alioss-live-check"
  assume_role_policy_document = jsonencode({
    Version = "1"
    Statement = [{
      Effect    = "Allow"
      Action    = "sts:AssumeRole"
      Principal = { Federated = [var.oidc_provider_arn] }
      Condition = {
        StringEquals = {
          "oidc:iss" = "https://token.actions.githubusercontent.com"
          "oidc:aud" = "sts.aliyuncs.com"
          "oidc:sub" = "repo:${var.repository}:environment:live"
        }
      }
    }]
  })
}

resource "alicloud_ram_role_policy_attachment" "workflow" {
  role_name   = alicloud_ram_role.workflow.role_name
  policy_name = alicloud_ram_policy.objects.policy_name
  policy_type = "Custom"
}

# The role whose sessions sign the links with temporary credentials (ALIOSS_LIVE_ROLE_ARN).
resource "alicloud_ram_role" "session" {
  role_name = "alioss-live-check-session"
  assume_role_policy_document = jsonencode({
    Version = "1"
    Statement = [{
      Effect    = "Allow"
      Action    = "sts:AssumeRole"
      Principal = { RAM = ["acs:ram::${data.alicloud_caller_identity.current.account_id}:root"] }
    }]
  })
}

resource "alicloud_ram_role_policy_attachment" "session" {
  role_name   = alicloud_ram_role.session.role_name
  policy_name = alicloud_ram_policy.objects.policy_name
  policy_type = "Custom"
}

resource "alicloud_ram_policy" "assume" {
  policy_name = "alioss-live-check-assume"
  policy_document = jsonencode({
    Version = "1"
    Statement = [{
      Effect   = "Allow"
      Action   = ["sts:AssumeRole"]
      Resource = [alicloud_ram_role.session.arn]
    }]
  })
}

resource "alicloud_ram_role_policy_attachment" "assume" {
  role_name   = alicloud_ram_role.workflow.role_name
  policy_name = alicloud_ram_policy.assume.policy_name
  policy_type = "Custom"
}

# The variables of the workflow's environment, and of make test-live.
output "variables" {
  value = {
    ALIOSS_LIVE_BUCKET           = alicloud_oss_bucket.plain.bucket
    ALIOSS_LIVE_REGION           = var.region
    ALIOSS_LIVE_VERSIONED_BUCKET = alicloud_oss_bucket.versioned.bucket
    ALIOSS_LIVE_ROLE_ARN         = alicloud_ram_role.session.arn
    LIVE_WORKFLOW_ROLE_ARN       = alicloud_ram_role.workflow.arn
    LIVE_OIDC_PROVIDER_ARN       = var.oidc_provider_arn
  }
}
