# All release files under a prefix, in one read.
data "alicloud_oss_bucket_objects" "release" {
  bucket_name = "examplebucket"
  key_prefix  = "releases/1.4.2/"
}

data "alioss_presigned_urls" "release" {
  bucket = "examplebucket"
  keys   = data.alicloud_oss_bucket_objects.release.objects[*].key
  expiry = "12h"
}

output "release" {
  sensitive = true
  value     = data.alioss_presigned_urls.release.urls # key → URL
}
