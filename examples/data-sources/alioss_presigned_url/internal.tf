# For machines in a VPC of the bucket's region. Traffic through the internal endpoint
# is free of charge.
data "alioss_presigned_url" "image" {
  bucket        = "examplebucket"
  key           = "images/base.qcow2"
  endpoint_type = "internal"
  expiry        = "6h"
}
