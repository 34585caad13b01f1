# The link that a Packer build downloads by. build.sh passes it on.
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
  region        = "cn-hangzhou"
  endpoint_type = "internal" # the machine that Packer boots is in the bucket's region
}

data "alioss_presigned_url" "agent" {
  bucket = "examplebucket"
  key    = "agent/agent-1.4.2.tar.gz"
  expiry = "2h" # longer than a build takes
}

output "agent_url" {
  sensitive = true
  value     = data.alioss_presigned_url.agent.url
}
