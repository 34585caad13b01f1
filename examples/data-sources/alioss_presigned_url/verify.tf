# Fails at plan if the object is missing or may not be read. If it is there, the
# attribute object describes it.
data "alioss_presigned_url" "agent" {
  bucket = "examplebucket"
  key    = "agent/agent-1.4.2.tar.gz"
  expiry = "24h"
  verify = true
}

output "agent" {
  value = {
    size          = data.alioss_presigned_url.agent.object.size
    etag          = data.alioss_presigned_url.agent.object.etag
    last_modified = data.alioss_presigned_url.agent.object.last_modified
  }
}
