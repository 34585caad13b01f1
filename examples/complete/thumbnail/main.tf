# Links to thumbnails that OSS makes when they are opened.
terraform {
  required_version = ">= 1.0"

  required_providers {
    alioss = {
      source  = "alioss/alioss"
      version = "~> 0.1"
    }
  }
}

provider "alioss" {
  region = "cn-hangzhou"
}

data "alioss_presigned_urls" "thumbnails" {
  bucket       = "examplebucket"
  keys         = ["photos/1.jpg", "photos/2.jpg"]
  domain       = "photos.example.com" # browsers show images on a custom domain only
  process      = "image/resize,w_200/quality,q_80"
  rotate_every = "1d"
  expiry       = "2d"
}

output "thumbnails" {
  sensitive = true
  value     = data.alioss_presigned_urls.thumbnails.urls
}
