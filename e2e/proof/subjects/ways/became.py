"""Becomes another program by exec, and is that program too. Part of a measured program."""

import os
import sys


def run():
    before()
    os.execv(sys.executable, [sys.executable, "-c", "import subject.main; subject.main.after()"])


def before():
    a = 1
    return a


def after():
    a = 2
    return a
