# Only the packages among the objects under a prefix.
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
