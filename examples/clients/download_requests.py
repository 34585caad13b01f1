import os

import requests

with requests.get(os.environ["URL"], stream=True, timeout=60) as answer:
    answer.raise_for_status()
    with open(os.environ["FILE"], "wb") as file:
        for chunk in answer.iter_content(1 << 20):
            file.write(chunk)
