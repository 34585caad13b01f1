#!/usr/bin/env bash
# The main task on one machine, without an account: sign with the provider, pass the URLs in user
# data, download with them. OSS is a stand-in on loopback (internal/osstest) that verifies every
# request.
set -euo pipefail
cd "$(dirname "$0")/../.."
root=$PWD

cli=${TF_ACC_TERRAFORM_PATH:-$(command -v terraform || command -v tofu || true)}
if [ -z "$cli" ]; then
  echo "demo: neither terraform nor tofu is in PATH." >&2
  echo "      Terraform: https://developer.hashicorp.com/terraform/install" >&2
  echo "      OpenTofu:  https://opentofu.org/docs/intro/install/" >&2
  exit 1
fi
if ! command -v "$cli" >/dev/null; then
  echo "demo: TF_ACC_TERRAFORM_PATH is not a program: $cli. Correct it, or unset it to use terraform or tofu from PATH." >&2
  exit 1
fi
[ "${cli#*/}" = "$cli" ] || [ "${cli#/}" != "$cli" ] || cli=$root/$cli # the demo changes its directory
for tool in go curl; do
  command -v "$tool" >/dev/null || { echo "demo: $tool is not in PATH, and the demo needs it." >&2; exit 1; }
done

work=$(mktemp -d)
server=
finish() {
  status=$?
  [ -z "$server" ] || { kill "$server" && wait "$server"; } 2>/dev/null || true
  rm -rf "$work"
  [ "$status" -eq 0 ] || echo "demo: failed" >&2
}
trap finish EXIT
step() { printf '\n== %s\n' "$*"; }

step "Build the provider and the stand-in for OSS"
CGO_ENABLED=0 go build -o "$work/bin/terraform-provider-alioss" .
go build -o "$work/osstest" ./internal/osstest/cmd/osstest
"$cli" version 2>/dev/null | grep -E '^(Terraform|OpenTofu) v' | sed 's/^/   /'

step "Start the stand-in with two versions of an object in a private bucket"
key='agent/安装 agent+1.4.2.sh'
printf '#!/bin/sh\necho agent 1.4.2, first upload\n' >"$work/v1"
printf '#!/bin/sh\necho agent 1.4.2\n' >"$work/v2"
OSS_ACCESS_KEY_ID=demo-key
OSS_ACCESS_KEY_SECRET=$(od -An -N16 -tx1 /dev/urandom | tr -d ' \n')
export OSS_ACCESS_KEY_ID OSS_ACCESS_KEY_SECRET
OSSTEST_ACCESS_KEY_ID=$OSS_ACCESS_KEY_ID OSSTEST_ACCESS_KEY_SECRET=$OSS_ACCESS_KEY_SECRET \
  "$work/osstest" -tls -ca-file "$work/ca.pem" -clock-file "$work/clock" -bucket examplebucket -domain downloads.example.com \
  -object "$key=$work/v1@first" -object "$key=$work/v2@second" >"$work/ready" 2>"$work/log" &
server=$!
for _ in $(seq 100); do
  [ ! -s "$work/ready" ] || break
  kill -0 "$server" 2>/dev/null || { cat "$work/log" >&2; exit 1; }
  sleep 0.1
done
address=$(sed -n 's/.*"https_addr":"\([^"]*\)".*/\1/p' "$work/ready")
echo "   oss://examplebucket/$key, https on $address"

step "Apply examples/demo: three data sources, rendered into user data"
unset "${!TF_@}" "${!ALIBABA_CLOUD_@}" "${!ALICLOUD_@}" OSS_ENDPOINT OSS_REGION OSS_SESSION_TOKEN
export CHECKPOINT_DISABLE=1 TF_IN_AUTOMATION=1 TF_CLI_CONFIG_FILE="$work/terraformrc" TF_DATA_DIR="$work/.terraform"
cat >"$TF_CLI_CONFIG_FILE" <<RC
provider_installation {
  dev_overrides {
    "registry.terraform.io/alioss/alioss" = "$work/bin"
    "registry.opentofu.org/alioss/alioss" = "$work/bin"
  }
}
RC
cp "$root"/examples/demo/*.tf "$root"/examples/demo/*.tftpl "$work"
cd "$work"
"$cli" apply -auto-approve -no-color -compact-warnings -var first_version=first >apply.log 2>&1 || { cat apply.log >&2; exit 1; }
"$cli" output -no-color -raw user_data >user-data.yaml
url=$("$cli" output -no-color -raw url)
sed -e "s/x-oss-signature=[^&']*/x-oss-signature=…/" -e "s/\(.\{68\}\).*/\1…/" -e 's/^/   /' user-data.yaml
echo "   (the URLs expire at $("$cli" output -no-color -raw expires_at))"

step "Boot the machine: run the user data's commands with curl"
# OSS's host names lead to the stand-in. The commands stay as they are.
printf 'connect-to = "::%s"\ncacert = "%s"\nproxy = ""\n' "$address" "$work/ca.pem" >.curlrc
export CURL_HOME=$work
sed -n 's/^  - //p' user-data.yaml | sh -e
same() { cmp "$1" "$2" && echo "   $1: $(wc -c <"$1" | tr -d ' ') bytes, the same as uploaded"; }
same agent.sh v2
same agent-first.sh v1
same agent-domain.sh v2

refused() {
  status=$(curl -s -o answer.xml -w '%{http_code}' "$1")
  code=$(sed -n 's/.*<Code>\(.*\)<\/Code>.*/\1/p' answer.xml)
  ec=$(sed -n 's/.*<EC>\(.*\)<\/EC>.*/\1/p' answer.xml)
  echo "   $status $code, EC $ec"
  [ "$status $code $ec" = "$2" ] || { echo "demo: expected $2" >&2; exit 1; }
}
step "Change the lifetime in the URL: OSS refuses it"
refused "${url/x-oss-expires=3600/x-oss-expires=86400}" "403 SignatureDoesNotMatch 0002-00000201"

step "Let the URL expire: the stand-in's clock is set two hours ahead"
echo 2h >clock
refused "$url" "403 AccessDenied 0002-00000236"

printf '\nDone. Nothing was installed, and nothing stays behind.\n'
