#!/usr/bin/env bash
# Runs every fuzz target of the tree, one after the other, each for $FUZZTIME (default 30s), and
# stops at the first that fails. The input that failed is then under testdata/fuzz of its package:
# commit it with the correction.
set -euo pipefail
cd "$(dirname "$0")/../.."

count=0
for package in $(go list ./...); do
  targets=$(go test -list '^Fuzz' "$package" | sed -n '/^Fuzz/p')
  for target in $targets; do
    echo "fuzz: $package $target for ${FUZZTIME:=30s}"
    go test -run '^$' -fuzz "^$target\$" -fuzztime "$FUZZTIME" "$package"
    count=$((count + 1))
  done
done
if [ "$count" -eq 0 ]; then
  echo "fuzz: no fuzz target found" >&2
  exit 1
fi
echo "fuzz: $count targets, none failed"
