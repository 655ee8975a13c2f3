"""Ended by a signal's default action. Part of a measured program."""

import os
import signal


def run(name, set_back=""):
    number = signal.Signals[name]
    if set_back:
        signal.signal(number, signal.SIG_DFL)
    work()
    os.kill(os.getpid(), number)
    signal.pause()


def work():
    a = 1
    b = a + 1
    return b
