"""End-to-end tests of a live server, with coverage that can be believed past every await."""

__version__ = "0.2.0"
