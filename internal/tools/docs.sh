#!/usr/bin/env bash
# Documentation: docs.sh generate writes docs/ from the provider's schemas, templates/ and
# examples/. docs.sh check compares docs/ with what generate would write, and checks examples'
# format. Both work in a temporary copy, on Terraform and on OpenTofu, without the network. The CLI
# is $TF_ACC_TERRAFORM_PATH, or terraform, or tofu in PATH. Without one, or with one too old to
# show all schemas, check is skipped with a message and ends with 0, and generate fails.
set -euo pipefail
cd "$(dirname "$0")/../.."

export CHECKPOINT_DISABLE=1 TF_CLI_CONFIG_FILE=/dev/null

mode=${1:-}
case $mode in
generate | check) ;;
*)
  echo "usage: docs.sh generate|check" >&2
  exit 2
  ;;
esac

# cannot ends the script for want of a CLI.
cannot() {
  if [ "$mode" = check ]; then
    echo "docs check SKIPPED: $1"
    exit 0
  fi
  echo "docs: $1" >&2
  exit 1
}

cli=${TF_ACC_TERRAFORM_PATH:-$(command -v terraform || command -v tofu || true)}
[ -n "$cli" ] || cannot "neither terraform nor tofu is in PATH (https://developer.hashicorp.com/terraform/install, https://opentofu.org/docs/intro/install)"

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# Ephemeral resources came in Terraform 1.10 and OpenTofu 1.11. An older CLI leaves them out of the
# schemas.
read -r product version < <("$cli" version 2>/dev/null | sed -nE 's/^(Terraform|OpenTofu) v([0-9]+\.[0-9]+).*/\1 \2/p' | head -n 1) || {
  echo "docs: $cli does not run, or does not tell its version" >&2
  exit 1
}
case $product in
Terraform) least=10 ;;
OpenTofu) least=11 ;;
esac
if [ "${version%%.*}" -lt 1 ] || { [ "${version%%.*}" -eq 1 ] && [ "${version#*.}" -lt "$least" ]; }; then
  cannot "$product $version is too old to show ephemeral resources; 1.$least or later is needed"
fi

# tfplugindocs looks for a schema under this address, whoever publishes the provider.
address=registry.terraform.io/hashicorp/alioss
mkdir "$work/bin" "$work/tf" "$work/tree"
CGO_ENABLED=0 go build -buildvcs=false -o "$work/bin/terraform-provider-alioss" .
cat >"$work/cli.tfrc" <<EOF
provider_installation {
  dev_overrides {
    "$address" = "$work/bin"
  }
  direct {}
}
EOF
cat >"$work/tf/main.tf" <<EOF
terraform {
  required_providers {
    alioss = {
      source = "$address"
    }
  }
}
EOF
TF_CLI_CONFIG_FILE="$work/cli.tfrc" "$cli" -chdir="$work/tf" providers schema -json >"$work/schema.json"

for directory in templates examples; do
  [ ! -d "$directory" ] || cp -R "$directory" "$work/tree/"
done
tfplugindocs() {
  go tool -modfile=internal/tools/go.mod tfplugindocs "$@" --provider-dir "$work/tree" --provider-name alioss \
    --providers-schema "$work/schema.json" >"$work/log" 2>&1 || {
    cat "$work/log" >&2
    exit 1
  }
}
tfplugindocs generate
tfplugindocs validate

if [ "$mode" = generate ]; then
  rm -rf docs
  cp -R "$work/tree/docs" docs
  "$cli" fmt -recursive examples
  echo "docs: written with $product $version"
  exit 0
fi

diff -ru docs "$work/tree/docs" || {
  echo "docs check: docs/ is not what templates, examples and schemas say (- committed, + generated); run make docs and commit" >&2
  exit 1
}
"$cli" fmt -check -diff -recursive examples || {
  echo "docs check: examples are not formatted; run make docs and commit" >&2
  exit 1
}
echo "docs check: docs/ is up to date ($product $version)"
