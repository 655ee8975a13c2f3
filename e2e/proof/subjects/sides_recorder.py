"""Appends which side of an `if` is about to be taken: its line, less than 0 for `else`. Measured process."""


def _took(line, value):
    _ran(line if value else -line)
    return value
