# For machines in a VPC of the bucket's region: through the internal endpoint, without traffic charges.
data "alioss_presigned_url" "image" {
  bucket        = "examplebucket"
  key           = "images/base.qcow2"
  endpoint_type = "internal"
  expiry        = "6h"
}
