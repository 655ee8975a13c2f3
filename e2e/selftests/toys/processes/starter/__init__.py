"""A service that starts processes of every kind."""
