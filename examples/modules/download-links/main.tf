# Links to private objects that stay the same until they are due, with checks that
# report a link that is not what it should be.
terraform {
  required_version = ">= 1.8" # Terraform 1.8: provider functions

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

locals {
  # Host and expiry are no secrets. The results inherit the sensitivity of the URLs.
  links = nonsensitive({
    for name, link in alioss_presigned_url.this :
    name => provider::alioss::parse_presigned_url(link.url)
  })
}

check "links_are_valid" {
  assert {
    condition = alltrue([
      for link in alioss_presigned_url.this :
      timecmp(link.expires_at, plantimestamp()) > 0
    ])
    error_message = "A link has expired, perhaps with its credentials: see expires_at."
  }
}

check "links_name_the_domain" {
  assert {
    condition = var.domain == null || alltrue([
      for link in local.links : link.host == var.domain
    ])
    error_message = "A link's host is not ${coalesce(var.domain, "the domain")}."
  }
}
