# The URL in single quotes, or from a variable in double quotes: & and ? mean something to a shell.
curl --fail --silent --show-error --output "$FILE" "$URL"
