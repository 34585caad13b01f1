output "urls" {
  description = "The links, by the names of objects."
  sensitive   = true
  value       = { for name, link in alioss_presigned_url.this : name => link.url }
}

output "expires_at" {
  description = "When each link expires, by the names of objects."
  value = {
    for name, link in alioss_presigned_url.this : name => link.expires_at
  }
}
