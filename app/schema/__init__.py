"""`python -m app.schema`: a process of its own, run before the server."""
