# Only the packages among the objects under a prefix. endswith needs Terraform 1.3.
data "alioss_presigned_urls" "release" {
  bucket = "examplebucket"
  prefix = "releases/1.4.2/"
}

output "packages" {
  sensitive = true
  value = {
    for key, url in data.alioss_presigned_urls.release.urls : basename(key) => url
    if endswith(key, ".deb")
  }
}
