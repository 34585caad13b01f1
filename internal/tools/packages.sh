#!/usr/bin/env bash
# Installs the Debian packages of programs that tests run beside Go and a CLI: download clients, a
# browser, nginx, cloud-init, Ansible. Tests skip missing ones, with a message. Only root on Debian
# can install. On other systems, and if a package is not available, this prints what is missing and
# ends with 0.
set -euo pipefail

# Command or file → package.
declare -A packages=(
  [curl]=curl [wget]=wget [/usr/bin/python3]=python3 [/usr/lib/python3/dist-packages/requests]=python3-requests
  [node]=nodejs [npm]=npm [javac]=default-jdk-headless [/usr/share/java/okhttp.jar]=libokhttp-java
  [chromium]=chromium [certutil]=libnss3-tools [gcc]=gcc [gnustep-config]=libgnustep-base-dev
  [unshare]=util-linux [ip]=iproute2 [gpg]=gpg [/usr/sbin/nginx]=nginx-light [ansible-playbook]=ansible-core
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
/usr/bin/python3 -c 'import cloudinit.util' 2>/dev/null || missing+=(cloud-init)
[ ${#missing[@]} -gt 0 ] || exit 0

if [ "$(id -u)" != 0 ] || ! command -v apt-get >/dev/null; then
  echo "packages: left out, for only root on Debian can install them: ${missing[*]}"
  exit 0
fi
echo "packages: installing ${missing[*]}"
log=$(mktemp)
trap 'rm -f "$log"' EXIT
export DEBIAN_FRONTEND=noninteractive
# No service may start: tests start nginx with a configuration of their own, and cloud-init is not
# to set up this machine.
policy=/usr/sbin/policy-rc.d
[ -e "$policy" ] || { printf '#!/bin/sh\nexit 101\n' >"$policy" && chmod 755 "$policy" && trap 'rm -f "$log" "$policy"' EXIT; }
if ! { timeout 120 apt-get update && timeout 600 apt-get -o DPkg::Lock::Timeout=300 install -y --no-install-recommends "${missing[@]}"; } >"$log" 2>&1 </dev/null; then
  echo "packages: some could not be installed: $(tail -n 1 "$log")"
fi
