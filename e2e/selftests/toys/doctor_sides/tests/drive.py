"""A test in which a call is left by an error."""

from shop.way import way

try:
    way("a", -1)
except ValueError:
    pass
way("b", 1)
way("a", 1)
