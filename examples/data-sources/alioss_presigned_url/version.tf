# One version of an object in a bucket with versioning, whatever is uploaded later.
data "alioss_presigned_url" "pinned" {
  bucket  = "examplebucket"
  key     = "agent/agent-1.4.2.tar.gz"
  version = "CAEQEhiBgIDmgPf8mxgiIDA1YjZlNDIxY2ZmMzQ1MmU5MTM1Y2M4Yzk4NjIx"
  expiry  = "7d" # the longest that OSS accepts
}
