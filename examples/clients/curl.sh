# The URL in single quotes, or from a variable in double quotes: a shell interprets & ?
curl --fail --silent --show-error --output "$FILE" "$URL"
