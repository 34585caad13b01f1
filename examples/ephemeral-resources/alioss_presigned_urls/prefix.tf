# Downloads all objects under a prefix to the machine that runs Terraform.
# Terraform 1.10, OpenTofu 1.11.
ephemeral "alioss_presigned_urls" "release" {
  bucket = "examplebucket"
  prefix = "releases/1.4.2/"
  expiry = "30m"
}

locals {
  urls = ephemeral.alioss_presigned_urls.release.urls

  # Fifty URLs in each variable: Linux allows 128 KiB for one, and a URL with an STS
  # token has up to 2 KB.
  downloads = {
    for i, keys in chunklist(keys(local.urls), 50) : "DOWNLOADS_${i}" => join("", [
      for key in keys : <<-EOT
        url = "${local.urls[key]}"
        output = "${path.module}/${basename(key)}"
      EOT
    ])
  }
}

resource "terraform_data" "mirror" {
  triggers_replace = "1.4.2"

  provisioner "local-exec" {
    # curl reads the URLs from standard input: the process list does not show them.
    command = <<-EOT
      printenv ${join(" ", keys(local.downloads))} |
        curl -fsS --fail-early --retry 5 --config -
    EOT

    environment = local.downloads
  }
}
