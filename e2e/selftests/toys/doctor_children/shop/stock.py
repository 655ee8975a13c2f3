"""A command of its own."""

print("pears")  # ran
