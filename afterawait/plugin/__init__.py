"""The pytest plugin: options, fixtures, the life of a session. Test process, and each pytest-xdist worker."""
