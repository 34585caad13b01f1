import os

import requests

with requests.get(os.environ["URL"], stream=True, timeout=60) as answer:
    answer.raise_for_status()
    answer.raw.enforce_content_length = True  # else a download that is cut off passes
    with open(os.environ["FILE"], "wb") as file:
        for chunk in answer.iter_content(1 << 20):
            file.write(chunk)
