"""A shop that forks."""
