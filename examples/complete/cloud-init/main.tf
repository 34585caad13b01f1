# A cloud-config that downloads two objects and unpacks one if its checksum is right.
# yamlencode quotes everything.
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

variable "agent_sha256" {
  description = "SHA-256 of the archive, in lower-case hexadecimal."
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
      path        = "/etc/agent/downloads" # for curl --config; only root may read it
      permissions = "0600"
      content     = <<-EOT
        url = "${data.alioss_presigned_urls.boot.urls["agent/agent-1.4.2.tar.gz"]}"
        output = "agent.tar.gz"
        url = "${data.alioss_presigned_urls.boot.urls["agent/checksums.txt"]}"
        output = "checksums.txt"
      EOT
    }]

    # One item: cloud-init goes on with the next item after one that failed.
    runcmd = [["sh", "-ec", <<-EOT
      cd "$(mktemp -d)"
      curl -fsS --fail-early --retry 5 --config /etc/agent/downloads
      echo '${var.agent_sha256}  agent.tar.gz' | sha256sum -c -
      tar -xzf agent.tar.gz -C /opt
    EOT
    ]]
  }
}

output "user_data" {
  sensitive = true
  value     = "#cloud-config\n${yamlencode(local.cloud_config)}"
}
