#!/usr/bin/env bash
# Show the pages as a reader of a registry sees them: render.sh [-out DIR] [FILE ...] writes
# pictures of each page (docs/ and README without FILE) in a column of 740 pixels, and fails if a
# code line is cut, a table leaves the column or one of its columns is under 120 pixels wide. It
# needs Chromium, which root on Debian gets with: apt-get install chromium fonts-dejavu
# fonts-liberation fonts-wqy-zenhei
set -euo pipefail
cd "$(dirname "$0")/../.."

out=()
if [ "${1:-}" = -out ]; then
  mkdir -p "$2"
  out=(-out "$2")
  shift 2
fi
[ $# -gt 0 ] || set -- README.md README.zh-CN.md docs/*.md docs/*/*.md
program=$(mktemp -d)
trap 'rm -rf "$program"' EXIT
CGO_ENABLED=0 go -C internal/tools/render build -buildvcs=false -o "$program/render" .
"$program/render" "${out[@]}" "$@"
