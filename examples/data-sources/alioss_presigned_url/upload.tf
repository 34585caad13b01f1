# A link for uploading one object. Whoever uses it must send the signed headers exactly
# as they are: terraform output -raw upload
data "alioss_presigned_url" "upload" {
  bucket = "examplebucket"
  key    = "incoming/report.json"
  method = "PUT"
  expiry = "30m"

  headers = {
    content-type           = "application/json"
    x-oss-forbid-overwrite = "true"
  }
}

output "upload" {
  sensitive = true
  value     = <<-EOT
    curl -fsS --upload-file report.json \
      --header 'content-type: application/json' \
      --header 'x-oss-forbid-overwrite: true' \
      '${data.alioss_presigned_url.upload.url}'
  EOT
}
