# terraform output -raw url
data "alioss_presigned_url" "agent" {
  bucket = "examplebucket"
  key    = "agent/agent-1.4.2.tar.gz"
  expiry = "24h"
}

output "url" {
  sensitive = true
  value     = data.alioss_presigned_url.agent.url
}

output "expires_at" {
  value = data.alioss_presigned_url.agent.expires_at
}
