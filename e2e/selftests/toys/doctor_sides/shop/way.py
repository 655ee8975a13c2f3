"""A branch past its body: nothing that is valid is refused."""


def valid(number):
    if number < 0:
        raise ValueError
    return True


def way(kind, number):
    if kind == "a":
        if valid(number):  # never false
            number += 1
    return number
