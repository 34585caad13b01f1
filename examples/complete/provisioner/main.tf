# Builds a machine image's content the way Packer does: a step that downloads, checks and unpacks, by a URL that is written
# to no state and no plan. In place of local-exec, remote-exec with a connection block does it on another machine.
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
  description = "Release to install. A new one runs the step again."
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
    # By the environment, not in the command: the process list of the machine does not show it.
    command = <<-EOT
      set -eu
      mkdir -p "$DIRECTORY"
      printf 'url = "%s"\n' "$URL" | curl -fsS --retry 5 --config - -o "$DIRECTORY/app.tar.gz"
    EOT
    environment = {
      URL       = ephemeral.alioss_presigned_url.app.url
      DIRECTORY = "${path.module}/image"
    }
  }
}
