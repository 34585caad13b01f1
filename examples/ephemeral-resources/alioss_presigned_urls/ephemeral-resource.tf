# Links to several objects, in no state and no plan. Terraform 1.10, OpenTofu 1.11.
ephemeral "alioss_presigned_urls" "boot" {
  bucket = "examplebucket"
  keys   = ["agent/agent-1.4.2.tar.gz", "agent/checksums.txt"]
  expiry = "15m"
}
