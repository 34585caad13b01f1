#!/usr/bin/env bash
# Changes the code of the core packages, one place at a time, and wants the package's own tests to go red (internal/tools/mutation). Fails
# where what survives is other than what internal/tools/mutation/MUTATIONS.md explains. mutation.sh PACKAGE … takes some packages only.
set -euo pipefail
cd "$(dirname "$0")/../.."

packages=("$@")
[ $# -gt 0 ] || packages=(validity endpoint signer credentials)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

go build -C internal/tools -o "$work/mutation" ./mutation
"$work/mutation" -list internal/tools/mutation/MUTATIONS.md "${packages[@]/#/./internal/}"
