"""An error from within an expression, before the `else` of its `try`. Part of a program whose claims are checked."""

PART = "an `else` that is not reached"


def tried(number):
    try:
        number or int("none")
    except ValueError:
        return 0
    else:
        number += 1
    return number


tried(0)
