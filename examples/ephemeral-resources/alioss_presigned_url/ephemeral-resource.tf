# A URL for a provisioner, in no state and no plan. Terraform 1.10, OpenTofu 1.11.
ephemeral "alioss_presigned_url" "agent" {
  bucket = "examplebucket"
  key    = "agent/agent-1.4.2.tar.gz"
  expiry = "15m"
}

resource "terraform_data" "install" {
  triggers_replace = "1.4.2"

  provisioner "local-exec" {
    command = "curl -fsS --retry 5 -o \"$FILE\" \"$URL\""
    environment = {
      URL  = ephemeral.alioss_presigned_url.agent.url
      FILE = "${path.module}/agent.tar.gz"
    }
  }
}
