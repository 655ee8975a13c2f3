"""A person's request whose thread goes on while the request ends, and others begin. Part of a measured program."""

import threading

import turns


def run():
    one, ended = turns.by_hand()
    over = threading.Event()
    others = threading.Thread(target=turns.end_often, args=(ended, over))
    others.start()
    for step in steps:
        turns.take(one, "", step)
    over.set()
    others.join()


steps = []


# what follows stands here many times
@steps.append
def step():
    one = 1
    two = one + 1
    three = two + 1
    return three
