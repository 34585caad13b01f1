#!/usr/bin/env bash
# Installs what the tests of this package run commands and configurations with, from Debian's packages, as root: nginx, cloud-init and
# Ansible. Without them the tests are skipped, each with its reason.
set -euo pipefail
note() { echo "doctest: $*"; }

missing=()
[ -x /usr/sbin/nginx ] || missing+=(nginx-light)
/usr/bin/python3 -c 'import cloudinit.util' 2>/dev/null || missing+=(cloud-init)
command -v ansible-playbook >/dev/null || missing+=(ansible-core)
[ ${#missing[@]} -gt 0 ] || exit 0
if [ "$(id -u)" != 0 ] || ! command -v apt-get >/dev/null; then
  note "left out, for only root on Debian can install them: ${missing[*]}"
  exit 0
fi
note "installing ${missing[*]}"
export DEBIAN_FRONTEND=noninteractive
log=$(mktemp)
trap 'rm -f "$log"' EXIT
# No service may start: the tests start nginx with a configuration of their own, and this machine is not to be set up by cloud-init.
policy=/usr/sbin/policy-rc.d
[ -e "$policy" ] || { printf '#!/bin/sh\nexit 101\n' >"$policy" && chmod 755 "$policy" && trap 'rm -f "$log" "$policy"' EXIT; }
if ! { timeout 120 apt-get update && timeout 420 apt-get install -y --no-install-recommends "${missing[@]}"; } >"$log" 2>&1 </dev/null; then
  note "some could not be installed: $(tail -n 1 "$log")"
fi
