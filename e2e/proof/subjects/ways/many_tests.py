"""More open tests than are kept at hand; each comes back and runs a line of its own. Part of a measured program."""

import turns


def run():
    tests = [(f"test {number}", turns.begin(f"test {number}")) for number in range(len(steps))]
    for (name, context), step in zip(tests, steps, strict=True):
        turns.take(context, name, step)
    for (name, context), step in zip(tests, steps, strict=True):
        turns.take(context, name, step)


steps = []


# what follows stands here many times
@steps.append
def step():
    return 1
