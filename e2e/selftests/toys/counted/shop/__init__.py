"""A shop that no server needs: what counts of it is the question."""
