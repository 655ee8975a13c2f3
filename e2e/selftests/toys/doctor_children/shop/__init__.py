"""A shop with commands."""
