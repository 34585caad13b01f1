#!/usr/bin/env bash
# Installs the Debian packages of what tests run beside Go and a CLI: download clients, a browser, servers. Tests leave out what is missing,
# and say so. Only root on Debian can install; elsewhere, and if a package cannot be had, this says what is missing and ends with 0.
set -euo pipefail

# Command or file → package.
declare -A packages=(
  [curl]=curl [wget]=wget [/usr/bin/python3]=python3 [/usr/lib/python3/dist-packages/requests]=python3-requests
  [node]=nodejs [npm]=npm [javac]=default-jdk-headless [/usr/share/java/okhttp.jar]=libokhttp-java
  [chromium]=chromium [certutil]=libnss3-tools [gcc]=gcc [gnustep-config]=libgnustep-base-dev
  [unshare]=util-linux [ip]=iproute2 [gpg]=gpg
)
missing=()
for need in "${!packages[@]}"; do
  case $need in
    /*) [ -e "$need" ] || missing+=("${packages[$need]}") ;;
    *) command -v "$need" >/dev/null || missing+=("${packages[$need]}") ;;
  esac
done
# GCC's compiler of Objective-C is not in PATH.
case $(gcc -print-prog-name=cc1obj 2>/dev/null || true) in /*) ;; *) missing+=(gobjc) ;; esac
[ ${#missing[@]} -gt 0 ] || exit 0

if [ "$(id -u)" != 0 ] || ! command -v apt-get >/dev/null; then
  echo "packages: left out, for only root on Debian can install them: ${missing[*]}"
  exit 0
fi
echo "packages: installing ${missing[*]}"
log=$(mktemp)
trap 'rm -f "$log"' EXIT
export DEBIAN_FRONTEND=noninteractive
if ! { timeout 120 apt-get update && timeout 600 apt-get -o DPkg::Lock::Timeout=300 install -y --no-install-recommends "${missing[@]}"; } >"$log" 2>&1 </dev/null; then
  echo "packages: some could not be installed: $(tail -n 1 "$log")"
fi
