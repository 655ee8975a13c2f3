"""The Atom feed; runs in the server process."""
