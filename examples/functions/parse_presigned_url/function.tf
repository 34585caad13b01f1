data "alioss_presigned_url" "agent" {
  bucket = "examplebucket"
  key    = "agent/agent-1.4.2.tar.gz"
  domain = "downloads.example.com"
}

locals {
  # The result inherits the URL's sensitivity. It contains neither signature nor token, so it is safe to show.
  agent = nonsensitive(provider::alioss::parse_presigned_url(data.alioss_presigned_url.agent.url))
}

output "agent" {
  value = "${local.agent.host} serves ${local.agent.key} until ${local.agent.expires_at}, signed by ${local.agent.access_key_id}"
}
