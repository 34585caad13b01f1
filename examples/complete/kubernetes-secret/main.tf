# A Secret with the link, in a write-only argument: the URL is in no state and no plan.
# job.yaml reads it.
terraform {
  required_version = ">= 1.11" # Terraform 1.11: write-only arguments

  required_providers {
    alioss = {
      source  = "alioss/alioss"
      version = "~> 0.1"
    }
    kubernetes = {
      source  = "hashicorp/kubernetes"
      version = "~> 3.0"
    }
  }
}

provider "alioss" {
  region        = "cn-hangzhou"
  endpoint_type = "internal"
}

provider "kubernetes" {
  config_path = "~/.kube/config"
}

variable "revision" {
  description = "Raise it by one to write a new link."
  type        = number
  default     = 1
}

ephemeral "alioss_presigned_url" "model" {
  bucket = "examplebucket"
  key    = "models/model-7.bin"
  expiry = "12h" # what a pod that is rescheduled finds is what was written last
}

resource "kubernetes_secret_v1" "model" {
  metadata {
    name = "model-link"
  }

  data_wo          = { url = ephemeral.alioss_presigned_url.model.url }
  data_wo_revision = var.revision
}
