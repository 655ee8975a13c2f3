"""A shop with a branch that nothing takes."""
