# One resource for each object. The map of URLs is sensitive and its keys are not.
# terraform_data needs Terraform 1.4.
data "alioss_presigned_urls" "boot" {
  bucket = "examplebucket"
  keys   = ["agent/agent-1.4.2.tar.gz", "agent/checksums.txt"]
}

resource "terraform_data" "download" {
  for_each         = nonsensitive(toset(keys(data.alioss_presigned_urls.boot.urls)))
  triggers_replace = each.key # not the URL, which changes with every plan

  provisioner "local-exec" {
    command = "curl -fsS --retry 5 -o \"$FILE\" \"$URL\""
    environment = {
      URL  = data.alioss_presigned_urls.boot.urls[each.key]
      FILE = "${path.module}/${basename(each.key)}"
    }
  }
}
