"""A part of it, in a folder without an __init__.py too."""

GREETING = "hello"
