"""The tags in use; runs in the server process."""
