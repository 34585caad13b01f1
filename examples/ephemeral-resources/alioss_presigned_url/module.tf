# A module passes the URL on without storing it. Terraform 1.10, OpenTofu 1.11.
ephemeral "alioss_presigned_url" "license" {
  bucket   = "examplebucket"
  key      = "licenses/app.lic"
  expiry   = "10m"
  filename = "app.lic"
}

output "license_url" {
  ephemeral = true
  value     = ephemeral.alioss_presigned_url.license.url
}
