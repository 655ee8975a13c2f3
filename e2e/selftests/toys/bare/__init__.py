"""A server and its application on the standard library alone."""
