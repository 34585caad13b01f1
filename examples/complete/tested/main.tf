# A link that a test checks without an account: terraform test. Terraform 1.6.
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
  region = "cn-hangzhou"
}

data "alioss_presigned_url" "agent" {
  bucket = "examplebucket"
  key    = "agent/agent-1.4.2.tar.gz"
  expiry = "24h"
}

output "url" {
  sensitive = true
  value     = data.alioss_presigned_url.agent.url
}
