# The link returns the version that was current when it was signed, whatever is uploaded
# later. The bucket needs versioning, and the signer oss:GetObjectVersion.
data "alioss_presigned_url" "agent" {
  bucket      = "examplebucket"
  key         = "agent/agent.tar.gz" # the same name for every release
  expiry      = "24h"
  pin_version = true
}

output "version_id" {
  value = data.alioss_presigned_url.agent.object.version_id
}
