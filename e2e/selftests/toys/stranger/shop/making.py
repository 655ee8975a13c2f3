"""A setup command that makes an SQLite file."""

import sqlite3

connection = sqlite3.connect("new.db")
with connection:
    connection.execute("CREATE TABLE stock (pieces integer)")
    connection.execute("INSERT INTO stock VALUES (7)")
