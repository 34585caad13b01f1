#!/usr/bin/env bash
# release.sh all checks .goreleaser.yml, builds a snapshot of every release file into dist/, and
# tests the files (TestRelease… in internal/e2e): names, sums, contents, the same bytes from a
# second build, and a plan by a provider that the CLI installed from a mirror. Nothing is
# published. If gpg is installed, it signs with a key made for this run. If syft is installed, it
# makes SBOMs. It prints what it leaves out. release.sh here does the same with an archive for this
# machine's system alone, which takes a thirteenth of the time to build. release.sh on-main fails
# unless the commit that is checked out is on origin's main.
set -euo pipefail
cd "$(dirname "$0")/../.."

systems=${1:-}
case $systems in
all | here) ;;
on-main)
  git merge-base --is-ancestor HEAD refs/remotes/origin/main || {
    echo "release: the commit of this tag is not on main" >&2
    exit 1
  }
  exit 0
  ;;
*)
  echo "usage: release.sh all|here|on-main" >&2
  exit 2
  ;;
esac

goreleaser() { go tool -modfile=internal/tools/release/go.mod goreleaser "$@"; }

# Git returns no commit of a clone that belongs to another user, and goreleaser would build a
# nameless version.
export GIT_CONFIG_COUNT=1 GIT_CONFIG_KEY_0=safe.directory GIT_CONFIG_VALUE_0=$PWD

version=$(go -C internal/tools/release list -m -f '{{.Version}}' github.com/goreleaser/goreleaser/v2)
grep -qF "version: $version" .github/workflows/release.yml || {
  echo "release check: .github/workflows/release.yml releases by another goreleaser than $version, which is tried here" >&2
  exit 1
}
goreleaser check

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
configuration=.goreleaser.yml
if [ "$systems" = here ]; then
  configuration=$work/goreleaser.yml
  ALIOSS_PLATFORMS=$(go env GOOS)_$(go env GOARCH)
  export ALIOSS_PLATFORMS
  sed -E -e "s/^( +goos: )\[.*/\1[$(go env GOOS)]/" -e "s/^( +goarch: )\[.*/\1[\"$(go env GOARCH)\"]/" .goreleaser.yml >"$configuration"
fi

skip=publish
if command -v gpg >/dev/null; then
  mkdir -m 700 "$work/gnupg"
  export GNUPGHOME=$work/gnupg
  trap 'gpgconf --kill all; rm -rf "$work"' EXIT
  # The registry takes RSA and DSA keys.
  gpg --batch --quiet --passphrase '' --quick-generate-key 'release check' rsa3072 sign 1d
  GPG_FINGERPRINT=$(gpg --batch --list-keys --with-colons | sed -n 's/^fpr:*\([0-9A-F]*\):$/\1/p')
  export GPG_FINGERPRINT
else
  skip+=,sign
  echo "release check: signature SKIPPED: gpg is not in PATH"
fi
command -v syft >/dev/null || {
  skip+=,sbom
  echo "release check: SBOM SKIPPED: syft is not in PATH"
}
goreleaser release --config "$configuration" --snapshot --clean --skip="$skip"

ALIOSS_DIST=$PWD/dist TF_ACC=1 go test -count=1 -v -run '^TestRelease' ./internal/e2e
