"""Two calls of one function, of which the first is left by an error. Part of a program whose claims are checked."""

PART = "a call left by an error"


def validated(number):
    if number < 0:
        raise ValueError
    return True


def way(kind, number):
    if kind == "a":
        if validated(number):
            number += 1
    return number


try:
    way("a", -1)
except ValueError:
    pass
way("b", 1)
way("a", 1)
