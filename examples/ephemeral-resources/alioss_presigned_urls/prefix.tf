# Downloads all objects under a prefix to the machine that runs Terraform.
# Terraform 1.10, OpenTofu 1.11.
ephemeral "alioss_presigned_urls" "release" {
  bucket = "examplebucket"
  prefix = "releases/1.4.2/"
  expiry = "30m"
}

resource "terraform_data" "mirror" {
  triggers_replace = "1.4.2"

  provisioner "local-exec" {
    # curl reads the URLs from standard input: the process list does not show them.
    command = "printf '%s' \"$DOWNLOADS\" | curl -fsS --fail-early --retry 5 --config -"
    environment = {
      DOWNLOADS = join("", [
        for key, url in ephemeral.alioss_presigned_urls.release.urls : <<-EOT
          url = "${url}"
          output = "${path.module}/${basename(key)}"
        EOT
      ])
    }
  }
}
