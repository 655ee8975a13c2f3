"""Ended by SIGTERM, which comes again while its data are saved. Part of a measured program."""

import os
import signal
import subprocess


def run():
    for each in steps:
        each()
    script = f"for n in 1 2 3 4 5 6 7 8; do kill -TERM {os.getpid()} || exit 0; sleep 0.001; done"
    subprocess.Popen(["sh", "-c", script], stderr=subprocess.DEVNULL)
    while True:
        signal.pause()


steps = []


# what follows stands here many times
@steps.append
def step():
    a = 1
    b = a + 1
    c = b + 1
    return c
