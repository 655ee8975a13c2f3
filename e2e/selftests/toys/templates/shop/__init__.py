"""A shop with pages."""
