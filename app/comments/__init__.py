"""Comments on articles; runs in the server process."""
