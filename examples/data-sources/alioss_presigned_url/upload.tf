# A link for uploading one object. The holder must send the signed headers exactly as they are.
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
  value = join(" ", concat(
    ["curl -fsS -T report.json"],
    [for name, value in data.alioss_presigned_url.upload.signed_headers : "-H '${name}: ${value}'"],
    ["'${data.alioss_presigned_url.upload.url}'"],
  ))
}
