#!/usr/bin/env bash
# NOTICE: the licences of what is linked into the released binaries, on every system that they are built for, with the licences' texts and
# the notices that the Apache licence asks to pass on. notice.sh write writes the file; notice.sh check compares it with what write would
# write. Both fail for a licence that internal/tools/notice/allowed.json does not list.
set -euo pipefail
cd "$(dirname "$0")/../.."

mode=${1:-}
case $mode in
write | check) ;;
*)
  echo "usage: notice.sh write|check" >&2
  exit 2
  ;;
esac

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
  echo "terraform-provider-alioss contains the works below, each under its own licence. Written by make notice."
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

if [ "$mode" = write ]; then
  cp "$work/NOTICE" NOTICE
  echo "notice: NOTICE lists $(grep -c '^Licence: ' NOTICE) works"
  exit 0
fi
diff -u NOTICE "$work/NOTICE" || {
  echo "notice check: NOTICE is not what is linked (- committed, + linked); run make notice and commit" >&2
  exit 1
}
echo "notice check: NOTICE is up to date ($(grep -c '^Licence: ' NOTICE) works)"
