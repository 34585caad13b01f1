# Terraform signs, Ansible installs. deploy.sh hands the link over.
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
  expiry = "1h" # longer than the playbook takes for all machines
}

output "agent_url" {
  sensitive = true
  value     = data.alioss_presigned_url.agent.url
}
