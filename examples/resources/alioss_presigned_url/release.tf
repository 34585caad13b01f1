# A new release replaces the server. A new link does not. Terraform 1.4.
variable "release" {
  description = "Release that is deployed."
  type        = string
  default     = "1.4.2"
}

resource "terraform_data" "release" {
  triggers_replace = var.release
}

resource "alioss_presigned_url" "agent" {
  bucket       = "examplebucket"
  key          = "agent/agent-${var.release}.tar.gz"
  expiry       = "24h"
  renew_before = "12h"
}

data "alicloud_images" "linux" {
  owners      = "system"
  name_regex  = "^aliyun_3_x64_20G_alibase_"
  most_recent = true
}

resource "alicloud_instance" "app" {
  image_id        = data.alicloud_images.linux.images[0].id
  instance_type   = "ecs.e-c1m1.large"
  security_groups = var.security_groups # two variables of your own
  vswitch_id      = var.vswitch_id

  user_data = base64encode(<<-EOT
    #!/bin/sh
    set -eu
    curl -fsS --retry 5 -o /tmp/agent.tar.gz '${alioss_presigned_url.agent.url}'
    tar -xzf /tmp/agent.tar.gz -C /opt
  EOT
  )

  lifecycle {
    ignore_changes       = [user_data, image_id]
    replace_triggered_by = [terraform_data.release]
  }
}
