# A server that is not replaced when the URL is renewed: it needs the URL once, when it boots for the first time.
resource "alicloud_oss_bucket_object" "agent" {
  bucket  = "examplebucket"
  key     = "agent/agent-1.4.2.tar.gz"
  content = "the agent"
}

resource "alioss_presigned_url" "agent" {
  bucket       = alicloud_oss_bucket_object.agent.bucket
  key          = alicloud_oss_bucket_object.agent.key
  expiry       = "24h"
  renew_before = "12h"                                            # what a server that is created later finds left at least
  keepers      = { etag = alicloud_oss_bucket_object.agent.etag } # a new upload signs anew
}

resource "alicloud_instance" "app" {
  image_id        = "aliyun_3_x64_20G_alibase_20250117.vhd"
  instance_type   = "ecs.e-c1m1.large"
  security_groups = var.security_groups
  vswitch_id      = var.vswitch_id

  user_data = base64encode(<<-EOT
    #!/bin/sh
    curl -fsS --retry 5 -o /tmp/agent.tar.gz '${alioss_presigned_url.agent.url}'
  EOT
  )

  lifecycle {
    ignore_changes = [user_data]
  }
}
