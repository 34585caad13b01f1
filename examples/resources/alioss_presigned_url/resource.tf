# Signed at apply, and renewed by the first plan that finds less than two days left.
resource "alioss_presigned_url" "agent" {
  bucket       = "examplebucket"
  key          = "agent/agent-1.4.2.tar.gz"
  expiry       = "7d"
  renew_before = "2d"
}

output "url" {
  sensitive = true
  value     = alioss_presigned_url.agent.url
}
