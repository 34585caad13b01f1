# For people: on the bucket's custom domain, saved by browsers under a readable name.
data "alioss_presigned_url" "report" {
  bucket   = "examplebucket"
  key      = "reports/2026-q1.pdf"
  domain   = "downloads.example.com"
  filename = "Quarterly report – 季度报告.pdf"
  expiry   = "3d"
}

output "report" {
  sensitive = true
  value     = data.alioss_presigned_url.report.url
}
