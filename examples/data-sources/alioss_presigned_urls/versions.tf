# Several objects, one of them in a fixed version.
data "alioss_presigned_urls" "boot" {
  bucket = "examplebucket"
  keys   = ["agent/agent-1.4.2.tar.gz", "agent/checksums.txt"]

  versions = {
    "agent/agent-1.4.2.tar.gz" = "CAEQEhiBgIDmgPf8mxgiIDA1YjZl"
  }
}

output "checksums" {
  sensitive = true
  value     = data.alioss_presigned_urls.boot.urls["agent/checksums.txt"]
}
