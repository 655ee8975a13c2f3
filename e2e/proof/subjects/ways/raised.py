"""A signal handler that raises, and what is done with that. Part of a measured program."""

import signal


class Alarm(Exception):
    pass


raised = []
caught = []


def run():
    signal.signal(signal.SIGALRM, handle)
    while len(caught) < 100:
        try:
            signal.setitimer(signal.ITIMER_REAL, 0.0003)
            while True:
                wait()
        except (KeyError, TypeError, Alarm) as error:
            caught.append(error)
    after()
    assert raised == caught


def handle(signum, frame):
    kinds = (KeyError, TypeError, Alarm)
    raised.append(kinds[len(raised) % 3]())
    raise raised[-1]


def wait():
    total = 0
    for number in range(200):
        total += number
    return total


def after():
    a = 1
    return a
