"""A guest book of a shop, in SQLite, without a framework: what runs in a container for the tests."""
