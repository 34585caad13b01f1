# The server needs the URL once, when it boots for the first time. Without
# ignore_changes, each new URL would stop and start the server.
resource "alioss_presigned_url" "agent" {
  bucket       = "examplebucket"
  key          = "agent/agent-1.4.2.tar.gz"
  expiry       = "24h"
  renew_before = "12h" # what a server that is created later finds at least
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
    ignore_changes = [user_data, image_id] # a newer image would replace the system disk
  }
}
