# Links to private objects that stay the same until they are due, with checks that report a link that is not what it should be.
terraform {
  required_version = ">= 1.8" # Terraform 1.8 or OpenTofu 1.7: provider functions

  required_providers {
    alioss = {
      source  = "alioss/alioss"
      version = "~> 0.1"
    }
  }
}

resource "alioss_presigned_url" "this" {
  for_each = var.objects

  bucket       = var.bucket
  key          = each.value.key
  version      = each.value.version
  domain       = var.domain
  expiry       = var.expiry
  renew_before = var.renew_before
}

check "links_hold" {
  assert {
    condition = alltrue([
      for link in alioss_presigned_url.this : timecmp(link.expires_at, plantimestamp()) > 0
    ])
    error_message = "A link has ended. Its credentials may end before it does: see expires_at."
  }
}

check "links_name_the_domain" {
  assert {
    condition = var.domain == null || alltrue([
      for link in alioss_presigned_url.this : provider::alioss::parse_presigned_url(link.url).host == var.domain
    ])
    error_message = "A link does not name ${coalesce(var.domain, "the domain")}."
  }
}
