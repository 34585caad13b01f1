# The version that this configuration uploads, in a bucket with versioning. The link
# never returns what anybody else uploads under the same key.
resource "alicloud_oss_bucket_object" "agent" {
  bucket = "examplebucket"
  key    = "agent/agent-1.4.2.tar.gz"
  source = "${path.module}/agent-1.4.2.tar.gz"
}

data "alioss_presigned_url" "uploaded" {
  bucket  = alicloud_oss_bucket_object.agent.bucket
  key     = alicloud_oss_bucket_object.agent.key
  version = alicloud_oss_bucket_object.agent.version_id
}
