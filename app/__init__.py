"""A RealWorld Conduit backend: the whole package runs in the server process, and `app.schema` before it."""
