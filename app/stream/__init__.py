"""The stream of articles, as server-sent events; runs in the server process."""
