#!/usr/bin/env bash
# Downloads with real clients (internal/e2e, TestClients) and compares the signer with Alibaba's ali-oss for Node.js (TestAliOSS).
# Installs what is missing from Debian's packages, as root, and from npm, into a directory of its own. What cannot be had is left
# out, with the reason.
set -euo pipefail
cd "$(dirname "$0")/../../.."
note() { echo "test-clients: $*"; }

declare -A packages=(
  [curl]=curl [wget]=wget [/usr/bin/python3]=python3 [/usr/lib/python3/dist-packages/requests]=python3-requests
  [node]=nodejs [javac]=default-jdk-headless [/usr/share/java/okhttp.jar]=libokhttp-java
  [chromium]=chromium [certutil]=libnss3-tools [gcc]=gcc [gnustep-config]=libgnustep-base-dev
  [unshare]=util-linux [ip]=iproute2
)
missing=()
for need in "${!packages[@]}"; do
  case $need in
    /*) [ -e "$need" ] || missing+=("${packages[$need]}") ;;
    *) command -v "$need" >/dev/null || missing+=("${packages[$need]}") ;;
  esac
done
case $(gcc -print-prog-name=cc1obj 2>/dev/null || true) in /*) ;; *) missing+=(gobjc) ;; esac
if [ ${#missing[@]} -gt 0 ]; then
  if [ "$(id -u)" != 0 ] || ! command -v apt-get >/dev/null; then
    note "left out, for only root on Debian can install them: ${missing[*]}"
  else
    note "installing ${missing[*]}"
    export DEBIAN_FRONTEND=noninteractive
    log=$(mktemp)
    if ! { timeout 120 apt-get update && timeout 420 apt-get install -y --no-install-recommends "${missing[@]}"; } >"$log" 2>&1 </dev/null; then
      note "some could not be installed: $(tail -n 1 "$log")"
    fi
    rm -f "$log"
  fi
fi
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
