#!/bin/sh
# Downloads what standard input lists (main.tf) into a new directory. The directory
# gets its name when every file is there in its full size, and not before.
set -eu
directory=$1
part=$directory.part
tab=$(printf '\t')
if [ -e "$directory" ]; then
  echo "$directory is there already" >&2
  exit 1
fi
rm -rf "$part"
read -r count
while IFS=$tab read -r size name url; do
  mkdir -p "$(dirname "$part/$name")"
  printf 'url = "%s"\n' "$url" | curl -fsS --retry 5 --config - -o "$part/$name"
  test "$(wc -c <"$part/$name")" -eq "$size"
done
test "$(find "$part" -type f | wc -l)" -eq "$count"
mv "$part" "$directory"
