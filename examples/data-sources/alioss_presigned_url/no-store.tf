# Behind a CDN or a caching proxy: no cache keeps the object, so none returns it after
# the link has expired, or to somebody who has no link.
data "alioss_presigned_url" "report" {
  bucket = "examplebucket"
  key    = "reports/2026-q1.pdf"
  domain = "downloads.example.com"
  expiry = "3d"

  response_headers = {
    cache-control = "private, no-store"
  }
}

output "report" {
  sensitive = true
  value     = data.alioss_presigned_url.report.url
}
