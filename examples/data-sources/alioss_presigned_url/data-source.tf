# A link to one object, valid for a day from each plan or apply that reads it.
data "alioss_presigned_url" "agent" {
  bucket = "examplebucket"
  key    = "agent/agent-1.4.2.tar.gz"
  expiry = "24h"
}
