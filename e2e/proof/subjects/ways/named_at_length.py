"""A test whose name is longer than a header's entry may be. Part of a measured program."""

import turns


def run():
    turns.take(turns.sent("x" * 5000), "x" * 5000, serve)


def serve():
    one = 1
    return one
