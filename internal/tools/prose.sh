#!/usr/bin/env bash
# Check the English of pages and schema descriptions with Vale, by the style in
# internal/tools/vale: prose.sh [--warn] [FILE ...]. Without FILE: the Markdown files at the top of
# the tree, and docs/, which contains templates/ and the descriptions of the schemas. --warn shows
# warnings too. The go command builds Vale once (internal/tools/vale/go.mod), which needs a C
# compiler. On a machine that has none the check is skipped, with a message.
set -euo pipefail
cd "$(dirname "$0")/../.."

level=()
if [ "${1:-}" = --warn ]; then
  level=(--minAlertLevel=warning)
  shift
fi
[ $# -gt 0 ] || set -- README.md CONTRIBUTING.md SECURITY.md CHANGELOG.md docs

compiler=$(go env CC)
if ! command -v "${compiler%% *}" >/dev/null; then
  echo "prose check SKIPPED: Vale needs a C compiler, and ${compiler%% *} is not in PATH"
  exit 0
fi
vale() { CGO_ENABLED=1 go tool -modfile=internal/tools/vale/go.mod vale --config=internal/tools/vale/.vale.ini --output=line "$@"; }

# Each rule must find its fault in bad.md, and none may find one in good.md.
samples=internal/tools/vale/testdata
diff <(cd internal/tools/vale/styles && printf '%s\n' Alioss/*.yml | sed 's|/|.|; s|\.yml$||' | sort) \
  <(vale --minAlertLevel=warning $samples/bad.md | cut -d: -f4 | sort -u) || {
  echo "prose check: a rule (<) finds no fault in $samples/bad.md" >&2
  exit 1
}
vale $samples/good.md || {
  echo "prose check: a rule finds a fault in $samples/good.md" >&2
  exit 1
}

vale "${level[@]}" "$@" || {
  echo "prose check: faults by the style in internal/tools/vale" >&2
  exit 1
}
echo "prose check: clean"
