"""The setup command: what it leaves says how often it ran."""

import os
from pathlib import Path

with Path("prepared").open("a", encoding="utf-8") as file:
    file.write(os.environ["GREETING"])
