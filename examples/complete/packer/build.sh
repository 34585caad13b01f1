#!/bin/sh
# Signs a link and builds the image. The URL is in Packer's environment, not in its
# arguments.
set -eu
terraform apply -auto-approve
PKR_VAR_agent_url=$(terraform output -raw agent_url)
export PKR_VAR_agent_url
packer build -var "agent_sha256=$1" image.pkr.hcl
