"""A shop of one product."""
