#!/usr/bin/env bash
# The share of statements that each package's own tests run, against its bar. Acceptance tests
# count if TF_ACC=1 is set. The bars are met without them.
set -euo pipefail
cd "$(dirname "$0")/../.."

status=0
while read -r package bar; do
  output=$(go test -count=1 -timeout 1h -cover "./internal/$package") || {
    echo "$output"
    exit 1
  }
  share=$(sed -nE 's/.*coverage: ([0-9.]+)% of statements.*/\1/p' <<<"$output")
  if awk -v share="${share:-0}" -v bar="$bar" 'BEGIN { exit !(share + 0 >= bar + 0) }'; then
    printf '%-12s %5s %%, wanted %s\n' "$package" "$share" "$bar"
  else
    printf '%-12s %5s %%, BELOW %s\n' "$package" "${share:-none}" "$bar"
    status=1
  fi
done <<'BARS'
signer 95
endpoint 95
validity 95
credentials 95
provider 85
BARS
exit "$status"
