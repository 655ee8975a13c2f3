"""Appends each statement's line, and whose turn it is, to a file of this process before it runs. Measured process.

Whose turn it is the program itself says, by its own order of things: no context is asked.
"""

import os

_folder = os.environ["ORACLE"]
_files = {}
_whose = [""]


def _ran(line):
    pid = os.getpid()
    if pid not in _files:
        _files[pid] = os.open(f"{_folder}/{pid}", os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
    os.write(_files[pid], f"{line} {_whose[-1]}\n".encode())
