"""A program that is no part of the shop."""

print("other")
