import os
import shutil
import sys
import urllib.request

with urllib.request.urlopen(os.environ["URL"]) as answer:
    with open(os.environ["FILE"], "wb") as file:
        shutil.copyfileobj(answer, file)
    if answer.length:  # bytes that are missing; urllib itself says nothing of them
        sys.exit("the download was cut off")
