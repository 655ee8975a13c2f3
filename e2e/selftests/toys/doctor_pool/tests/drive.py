"""A test of the work."""

from shop import work

assert work.in_a_pool(4) == 6
