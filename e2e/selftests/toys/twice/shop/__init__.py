"""A shop whose tests measure coverage themselves."""
