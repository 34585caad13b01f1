#!/usr/bin/env bash
# NOTICE: the licences of what is linked into the released binaries, on every system that they are
# built for, with the licences' texts and the notices that the Apache licence requires. notice.sh
# FILE writes it to a file, for the archives of a release (.goreleaser.yml). notice.sh check writes
# nothing. Both fail for a licence that internal/tools/notice/allowed.json does not list.
set -euo pipefail
cd "$(dirname "$0")/../.."

target=${1:-}
[ -n "$target" ] || {
  echo "usage: notice.sh check|FILE" >&2
  exit 2
}

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# The systems of .goreleaser.yml: some modules are linked on one only.
for system in darwin freebsd linux windows; do
  CGO_ENABLED=0 GOOS=$system GOARCH=amd64 go list -deps \
    -f '{{with .Module}}{{if not .Main}}{"Path": "{{.Path}}", "Version": "{{.Version}}", "Dir": "{{.Dir}}"}{{end}}{{end}}' .
done | LC_ALL=C sort -u >"$work/modules"
[ -s "$work/modules" ] || {
  echo "notice: no modules found" >&2
  exit 1
}
printf '{"Path": "Go standard library and runtime", "Version": "of the toolchain (go version FILE tells)", "Dir": "%s"}\n' "$(go env GOROOT)" >>"$work/modules"

go tool -modfile=internal/tools/go.mod go-licence-detector -in "$work/modules" -rules internal/tools/notice/allowed.json \
  -noticeTemplate internal/tools/notice/NOTICE.tmpl -noticeOut "$work/licences"

{
  echo "terraform-provider-alioss contains the works below, each under its own licence."
  cat "$work/licences"
  sed -nE 's/^\{"Path": "([^"]*)", "Version": "([^"]*)", "Dir": "([^"]*)"\}$/\1\t\2\t\3/p' "$work/modules" |
    while IFS=$'\t' read -r module version directory; do
      for notice in "$directory"/NOTICE*; do
        [ -f "$notice" ] || continue
        printf '%s\nNotice of %s %s\n%s\n\n' "$(printf '%80s' '' | tr ' ' '=')" "$module" "$version" "$(printf '%80s' '' | tr ' ' '=')"
        cat "$notice"
        echo
      done
    done
} | sed -e '/^Contents of probable licence file /d' -e 's/[[:space:]]*$//' >"$work/NOTICE"

works=$(grep -c '^Licence: ' "$work/NOTICE")
if [ "$target" = check ]; then
  echo "notice check: the licences of $works works are allowed"
  exit 0
fi
mkdir -p "$(dirname "$target")"
cp "$work/NOTICE" "$target"
echo "notice: $target lists $works works"
