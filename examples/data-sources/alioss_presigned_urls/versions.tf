# Several objects, one of them in a fixed version.
data "alioss_presigned_urls" "boot" {
  bucket = "examplebucket"
  keys   = ["agent/agent-1.4.2.tar.gz", "agent/checksums.txt"]

  versions = {
    "agent/agent-1.4.2.tar.gz" = "CAEQEhiBgIDmgPf8mxgiIDA1YjZlNDIxY2ZmMzQ1MmU5MTM1Y2M4Yzk4NjIx"
  }
}

output "checksums" {
  sensitive = true
  value     = data.alioss_presigned_urls.boot.urls["agent/checksums.txt"]
}
