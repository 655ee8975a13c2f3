"""End-to-end tests of a live server, with coverage that can be believed past every await.

PYTEST_DONT_REWRITE: the start hook imports this package before pytest does, which pytest would otherwise warn of.
"""

__version__ = "0.2.0"
