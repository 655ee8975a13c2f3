"""Appends the line of each statement that runs to a file of this process, before it runs. Measured process."""

import os

_folder = os.environ["ORACLE"]
_files = {}


def _ran(line):
    pid = os.getpid()
    if pid not in _files:
        _files[pid] = os.open(f"{_folder}/{pid}", os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
    os.write(_files[pid], b"%d\n" % line)
