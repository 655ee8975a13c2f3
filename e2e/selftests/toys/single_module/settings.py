"""A module beside it, which the settings do not name."""

GREETING = "hello"
