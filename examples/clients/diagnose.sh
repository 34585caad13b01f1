# Status, error code and request ID of a link that is refused. Nothing secret is shown.
curl -sS -o /dev/null -D - "$URL" | grep -iE '^HTTP|^x-oss-(ec|request-id)'
