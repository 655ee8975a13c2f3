"""Left out of what counts by the project's own settings."""

VERSION = "1.0"
