"""What one test leaves behind is finalised in another's turn. Part of a measured program."""

import turns


class Handle:
    def __del__(self):
        a = 1


kept = []


def run():
    one, other = turns.begin("one"), turns.begin("other")
    turns.take(one, "one", make)
    turns.take(other, "other", turns.let_go, kept, "one")


def make():
    kept.append(Handle())
