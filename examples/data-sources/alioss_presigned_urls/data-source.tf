# Links to several objects, in one read.
data "alioss_presigned_urls" "boot" {
  bucket = "examplebucket"
  keys   = ["agent/agent-1.4.2.tar.gz", "agent/checksums.txt"]
  expiry = "12h"
}

output "urls" {
  sensitive = true
  value     = data.alioss_presigned_urls.boot.urls # key → URL
}
