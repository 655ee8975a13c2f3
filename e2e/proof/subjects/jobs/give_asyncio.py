"""Gives the loop its jobs."""

import sys
from pathlib import Path

Path("jobs").mkdir(exist_ok=True)
for name in sys.argv[1:]:
    Path("jobs", name).touch()
