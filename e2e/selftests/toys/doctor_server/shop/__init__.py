"""A shop that is served."""
