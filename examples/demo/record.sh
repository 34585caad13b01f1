#!/usr/bin/env bash
# Write what make demo prints into README.md, between the markers. The address and the instant are
# those of the recording.
set -euo pipefail
cd "$(dirname "$0")/../.."

session=$(mktemp)
trap 'rm -f "$session"' EXIT
bash examples/demo/demo.sh >"$session"
lines=$(wc -l <"$session")
[ "$lines" -lt 40 ] || { echo "record: the session has $lines lines; README takes fewer than 40" >&2; exit 1; }
awk -v session="$session" '
  /^<!-- demo output -->$/ {
    print; print ""; print "```text"; print "$ make demo"
    while ((getline line < session) > 0) print line
    print "```"; print ""; skip = 1; next
  }
  /^<!-- end of demo output -->$/ { skip = 0 }
  !skip
' README.md >README.md.new
mv README.md.new README.md
