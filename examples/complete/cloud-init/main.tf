# A cloud-config that downloads two objects, built by yamlencode, so that there is no quoting to get wrong.
terraform {
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

variable "agent_sha256" {
  description = "SHA-256 of the agent's archive, in hexadecimal."
  type        = string
}

data "alioss_presigned_urls" "boot" {
  bucket       = "examplebucket"
  keys         = ["agent/agent-1.4.2.tar.gz", "agent/checksums.txt"]
  rotate_every = "24h" # the same user data all day
  expiry       = "48h"
}

locals {
  cloud_config = {
    write_files = [{
      path        = "/etc/agent/fetch.conf" # for curl --config; only root may read it
      permissions = "0600"
      content     = <<-EOT
        url = "${data.alioss_presigned_urls.boot.urls["agent/agent-1.4.2.tar.gz"]}"
        output = "/tmp/agent.tar.gz"
        url = "${data.alioss_presigned_urls.boot.urls["agent/checksums.txt"]}"
        output = "/tmp/checksums.txt"
      EOT
    }]
    runcmd = [
      ["curl", "-fsS", "--retry", "5", "--config", "/etc/agent/fetch.conf"],
      ["sh", "-c", "echo '${var.agent_sha256}  /tmp/agent.tar.gz' | sha256sum -c -"],
      ["tar", "-xzf", "/tmp/agent.tar.gz", "-C", "/opt"],
    ]
  }
}

output "user_data" {
  sensitive = true
  value     = "#cloud-config\n${yamlencode(local.cloud_config)}"
}
