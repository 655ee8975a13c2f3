"""A shop with much to reckon."""
