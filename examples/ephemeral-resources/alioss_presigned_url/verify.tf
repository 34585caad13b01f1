# The same run uploads the object, so the provider looks for it at apply only.
# Terraform 1.10, OpenTofu 1.11.
resource "alicloud_oss_bucket_object" "config" {
  bucket  = "examplebucket"
  key     = "config/app.json"
  content = jsonencode({ debug = false })
}

ephemeral "alioss_presigned_url" "config" {
  bucket = alicloud_oss_bucket_object.config.bucket
  key    = alicloud_oss_bucket_object.config.key
  expiry = "15m"
  verify = terraform.applying
}
