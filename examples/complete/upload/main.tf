# A machine without keys of its own uploads its log: one link, one object, half an hour.
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

variable "machine" {
  description = "Name of the machine."
  type        = string
  default     = "app-1"
}

data "alioss_presigned_url" "log" {
  bucket  = "examplebucket"
  key     = "logs/${var.machine}/boot.log.gz"
  method  = "PUT"
  expiry  = "30m"
  headers = { content-type = "application/gzip" }
}

# terraform output -raw upload_url |
#   ssh app-1 'export URL=$(cat) FILE=boot.log.gz && sh upload.sh'
output "upload_url" {
  sensitive = true
  value     = data.alioss_presigned_url.log.url
}
