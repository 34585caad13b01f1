# How another configuration uses the module examples/modules/download-links.
terraform {
  required_version = ">= 1.8"

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

module "links" {
  source = "../../modules/download-links"

  bucket = "examplebucket"
  domain = "downloads.example.com"
  objects = {
    agent     = { key = "agent/agent-1.4.2.tar.gz" }
    checksums = { key = "agent/checksums.txt" }
  }
}

output "agent_url" {
  sensitive = true
  value     = module.links.urls["agent"]
}

output "expires_at" {
  value = module.links.expires_at
}
