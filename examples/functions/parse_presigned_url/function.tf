data "alioss_presigned_url" "agent" {
  bucket = "examplebucket"
  key    = "agent/agent-1.4.2.tar.gz"
  domain = "downloads.example.com"
}

locals {
  # The result inherits the URL's sensitivity. It contains neither signature nor token.
  agent = nonsensitive(
    provider::alioss::parse_presigned_url(data.alioss_presigned_url.agent.url)
  )
}

output "agent" {
  value = {
    host       = local.agent.host
    key        = local.agent.key
    expires_at = local.agent.expires_at
    signed_by  = local.agent.access_key_id
  }
}
