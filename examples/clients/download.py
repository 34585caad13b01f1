import os
import shutil
import urllib.request

with urllib.request.urlopen(os.environ["URL"]) as answer, open(os.environ["FILE"], "wb") as file:
    shutil.copyfileobj(answer, file)
