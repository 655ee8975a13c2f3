"""A shop, parts of which are links to `common`, made by the tests."""
