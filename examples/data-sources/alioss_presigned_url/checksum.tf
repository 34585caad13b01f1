# A script that checks what it downloaded against the object as OSS described it at
# plan. The ETag is an MD5 only if the object was uploaded in one piece. A
# postcondition needs Terraform 1.2.
data "alioss_presigned_url" "agent" {
  bucket = "examplebucket"
  key    = "agent/agent-1.4.2.tar.gz"
  expiry = "1h"
  verify = true

  lifecycle {
    postcondition {
      condition     = can(regex("^[0-9A-Fa-f]{32}$", self.object.etag))
      error_message = "The ETag is no MD5. Compare a SHA-256 of your own instead."
    }
  }
}

output "script" {
  sensitive = true
  value     = <<-EOT
    set -eu
    cd "$(mktemp -d)"
    curl -fsS --retry 5 -o agent.tar.gz '${data.alioss_presigned_url.agent.url}'
    test "$(wc -c <agent.tar.gz)" -eq ${data.alioss_presigned_url.agent.object.size}
    echo '${lower(data.alioss_presigned_url.agent.object.etag)}  agent.tar.gz' |
      md5sum -c -
    mkdir -p "$HOME/agent"
    tar -xzf agent.tar.gz -C "$HOME/agent"
  EOT
}
