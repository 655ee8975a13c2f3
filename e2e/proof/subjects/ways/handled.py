"""A signal handler that is called all the time, and runs a line of its own each time. Part of a measured program."""

import signal


def run():
    signal.signal(signal.SIGALRM, handle)
    while steps:
        left = len(steps)
        signal.setitimer(signal.ITIMER_REAL, 0.0003)
        while len(steps) == left:
            busy()


def handle(signum, frame):
    if steps:
        steps.pop()()


def busy():
    total = 0
    for number in range(20):
        total += number
    return total


steps = []


# what follows stands here many times
@steps.append
def step():
    return 1
