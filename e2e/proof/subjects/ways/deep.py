"""Goes down to the recursion limit, and runs what it has not run before there. Part of a measured program."""

import sys


LIMIT = 1000  # Python's own
NEEDED = 3  # frames: of the report before a statement, and what counts them


def run():
    reached = [free for free in range(1, 30) if reaches(LIMIT - free)]
    bottom()
    assert min(reached) <= NEEDED, reached
    assert sys.getrecursionlimit() == LIMIT


def reaches(depth):
    try:
        down(depth)
    except RecursionError:
        return False
    return True


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
