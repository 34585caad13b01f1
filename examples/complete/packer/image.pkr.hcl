packer {
  required_plugins {
    alicloud = {
      source  = "github.com/hashicorp/alicloud"
      version = "~> 1.1"
    }
  }
}

variable "agent_url" {
  type      = string
  sensitive = true # Packer masks it in its output
}

variable "agent_sha256" {
  type = string
}

source "alicloud-ecs" "app" {
  region               = "cn-hangzhou"
  image_name           = "app-1.4.2"
  image_family         = "app"
  source_image         = "aliyun_3_x64_20G_alibase_20250117.vhd"
  instance_type        = "ecs.e-c1m1.large"
  io_optimized         = true
  internet_charge_type = "PayByTraffic"
  ssh_username         = "root"
}

build {
  sources = ["source.alicloud-ecs.app"]

  provisioner "shell" {
    environment_vars = ["URL=${var.agent_url}", "SHA256=${var.agent_sha256}"]
    inline = [
      "set -eu",
      "cd \"$(mktemp -d)\"",
      "curl -fsS --retry 5 -o agent.tar.gz \"$URL\"",
      "echo \"$SHA256  agent.tar.gz\" | sha256sum -c -",
      "tar -xzf agent.tar.gz -C /opt",
    ]
  }
}
