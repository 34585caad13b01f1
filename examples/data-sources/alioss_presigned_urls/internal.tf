# Links for machines in a VPC of the bucket's region. The machine that plans is not in
# that VPC, so the objects are listed through the public endpoint, as by default.
data "alioss_presigned_urls" "release" {
  bucket        = "examplebucket"
  prefix        = "releases/1.4.2/"
  endpoint_type = "internal"

  list_endpoint_type = "public" # "internal" if the plan runs in that VPC as well
}
