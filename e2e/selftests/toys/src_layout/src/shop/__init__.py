"""A shop of two answers, in a src layout; `inner` is a folder without an __init__.py."""
