"""Goes down to the recursion limit, and runs what it has not run before there. Part of a measured program."""

import sys


def run():
    limit = sys.getrecursionlimit()
    for free in range(3, 40):
        try:
            down(limit - free)
        except RecursionError:
            pass
    bottom()
    assert sys.getrecursionlimit() == limit


def down(left):
    depth = 0
    frame = sys._getframe()
    while frame is not None:
        frame = frame.f_back
        depth += 1
    return further(left - depth)


def further(left):
    if left > 0:
        return further(left - 1)
    return steps.pop()() if steps else bottom()


def bottom():
    a = 1
    return a


steps = []


# what follows stands here many times
@steps.append
def step():
    a = 1
    return a
