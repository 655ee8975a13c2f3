"""Starts another Python by subprocess, in its own environment or in one of the child's. Part of a measured program."""

import os
import subprocess
import sys


def run(environment=""):
    given = {name: os.environ[name] for name in ("PYTHONPATH", "ORACLE")} if environment else None
    subprocess.run([sys.executable, "-c", "import subject.main; subject.main.child()"], env=given, check=True)


def child():
    a = 1
    return a
