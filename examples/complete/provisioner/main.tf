# A provisioner downloads with a URL that is in no state and no plan. To run it on
# another machine, use remote-exec with a connection block instead of local-exec.
terraform {
  required_version = ">= 1.10" # Terraform 1.10 or OpenTofu 1.11: ephemeral resources

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

variable "release" {
  description = "Release to install. A new one runs the provisioner again."
  type        = string
  default     = "1.4.2"
}

ephemeral "alioss_presigned_url" "app" {
  bucket = "examplebucket"
  key    = "releases/${var.release}/app.tar.gz"
  expiry = "15m"
}

resource "terraform_data" "image" {
  triggers_replace = var.release

  provisioner "local-exec" {
    # Through the environment and standard input: the process list does not show it.
    command = <<-EOT
      set -eu
      mkdir -p "$DIRECTORY"
      printf 'url = "%s"\n' "$URL" |
        curl -fsS --retry 5 --config - -o "$DIRECTORY/app.tar.gz"
    EOT
    environment = {
      URL       = ephemeral.alioss_presigned_url.app.url
      DIRECTORY = "${path.module}/image"
    }
  }
}
