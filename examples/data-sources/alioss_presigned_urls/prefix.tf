# Links to all objects under a prefix. The provider lists them: oss:ListObjects.
data "alioss_presigned_urls" "release" {
  bucket = "examplebucket"
  prefix = "releases/1.4.2/"
  expiry = "12h"
}

output "urls" {
  sensitive = true
  value     = data.alioss_presigned_urls.release.urls # key → URL
}

output "total_size" {
  value = sum([
    for object in data.alioss_presigned_urls.release.objects : object.size
  ])
}
