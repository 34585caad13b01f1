#!/usr/bin/env bash
# Check the English of pages and schema descriptions with Vale, by the style in internal/tools/vale: prose.sh [--warn] [FILE ...].
# Without FILE: the Markdown files at the top of the tree, and docs/, which contains templates/ and the descriptions of the schemas.
# --warn shows warnings too. Vale is run at a fixed version by the go command, which builds it once; it needs a C compiler, and the
# check is skipped, with a message, on a machine that has none.
set -euo pipefail
cd "$(dirname "$0")/../.."

# Newer versions need a module that is not served any more.
vale=github.com/errata-ai/vale/v3/cmd/vale@v3.7.1

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
CGO_ENABLED=1 GOFLAGS= go run "$vale" --config=internal/tools/vale/.vale.ini --no-wrap "${level[@]}" "$@"
