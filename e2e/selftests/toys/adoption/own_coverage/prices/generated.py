"""Generated."""

TABLE = {"pear": 7}
