#!/bin/sh
# Resumes after an interruption: run it again. The file gets its name when its checksum
# is right, and not before. $SHA256 in the part's name keeps parts of other files apart.
set -eu
part=$FILE.$SHA256.part
printf 'url = "%s"\n' "$URL" |
  curl -fsS --retry 5 --continue-at - --config - --output "$part" || {
  status=$?
  [ "$status" -ne 33 ] || rm "$part" # nothing to resume: the part is too long
  exit "$status"
}
if ! echo "$SHA256  $part" | sha256sum -c --status -; then
  rm "$part"
  echo "$FILE: the download is not the file with this checksum" >&2
  exit 1
fi
mv "$part" "$FILE"
