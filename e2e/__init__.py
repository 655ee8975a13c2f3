"""The end-to-end suite: what runs inside the server, what drives it, and what judges the measurement."""
