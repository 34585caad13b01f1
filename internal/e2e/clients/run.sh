#!/usr/bin/env bash
# Downloads with real clients (internal/e2e, TestClients) and compares the signer with Alibaba's
# ali-oss for Node.js (TestAliOSS). Installs ali-oss from npm, into a directory of its own. Clients
# that cannot be installed are left out, with the reason (internal/tools/packages.sh installs
# clients).
set -euo pipefail
cd "$(dirname "$0")/../../.."
note() { echo "test-clients: $*"; }

note "PowerShell is in none of Debian's packages and none of npm's: its example is run only where pwsh is in PATH"

# The modules stay out of the tree: node finds them through NODE_PATH.
modules=${XDG_CACHE_HOME:-${HOME:-/tmp}/.cache}/alioss-test-clients
mkdir -p "$modules"
if ! command -v npm >/dev/null; then
  note "ali-oss left out: npm is not in PATH"
elif cp internal/e2e/clients/package.json internal/e2e/clients/package-lock.json "$modules" &&
  (cd "$modules" && timeout 300 npm ci --silent --ignore-scripts --no-audit --no-fund </dev/null); then
  export ALIOSS_NODE_MODULES=$modules/node_modules
else
  note "ali-oss left out: npm could not install it"
fi

output=$(mktemp)
trap 'rm -f "$output"' EXIT
status=0
ALIOSS_CLIENTS=1 TF_ACC=1 timeout 900 go test -count=1 -timeout 14m ./internal/e2e -run '^(TestClients|TestAliOSS|TestAliOSSDeviations)$' -v >"$output" 2>&1 </dev/null || status=$?
if [ "$status" != 0 ]; then
  cat "$output"
else
  sed -nE 's/^ *[a-z_]+_test\.go:[0-9]+: /  /p; /^--- /p; /^(ok|FAIL)/p' "$output"
fi
exit "$status"
