"""A test of the turns."""

from shop import turns

assert turns.taken([]) == [0, 1, 2]
