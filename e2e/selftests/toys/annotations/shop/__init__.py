"""A shop whose models are looked at for their annotations."""
