wget --quiet --output-document="$FILE" "$URL"
