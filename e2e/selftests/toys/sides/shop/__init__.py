"""A shop of which one side is never asked for."""
