#!/bin/sh
# Uploads $FILE with the link $URL. The content type is what the link was signed for.
set -eu
printf 'url = "%s"\n' "$URL" |
  curl -fsS --retry 5 --config - --upload-file "$FILE" \
    --header 'content-type: application/gzip'
