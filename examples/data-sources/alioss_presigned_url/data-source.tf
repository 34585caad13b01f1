# A link that is valid for a day, for a machine that fetches its agent when it boots.
data "alioss_presigned_url" "agent" {
  bucket = "examplebucket"
  key    = "agent/agent-1.4.2.tar.gz"
  expiry = "24h"
}

output "user_data" {
  sensitive = true
  value     = <<-EOT
    #!/bin/sh
    set -eu
    curl -fsS --retry 5 -o /tmp/agent.tar.gz '${data.alioss_presigned_url.agent.url}'
    tar -xzf /tmp/agent.tar.gz -C /opt
  EOT
}
