"""Export and import of what a user wrote; runs in the server process."""
