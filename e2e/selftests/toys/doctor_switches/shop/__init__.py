"""A shop with greenlets of its own."""
