"""The tests' language: the Conduit API spoken over HTTP, in the test process."""
