"""Garbage that only the collector finds, whose finalisers run lines of their own. Part of a measured program."""

import gc


class Handle:
    def __init__(self):
        self.itself = self

    def __del__(self):
        if steps:
            steps.pop()()


def run():
    for _ in range(60_000):
        Handle()
    gc.collect()


steps = []


# what follows stands here many times
@steps.append
def step():
    return 1
