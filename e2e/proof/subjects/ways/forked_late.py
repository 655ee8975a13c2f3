"""A fork from a test that has been put away, since so many came after it. Part of a measured program."""

import os

import turns


def run():
    first = turns.begin("the first")
    turns.take(first, "the first", work)
    for number in range(600):
        turns.take(turns.begin(f"test {number}"), f"test {number}", other)
    pid = os.fork()
    if pid == 0:
        turns.take(first, "the first", child)
        os._exit(0)
    os.waitpid(pid, 0)


def work():
    return 1


def other():
    return 2


def child():
    return 3
