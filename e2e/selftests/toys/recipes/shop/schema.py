"""The setup command: the tables. In a process of its own."""

import os
import sqlite3

with sqlite3.connect(os.environ["DATABASE"]) as connection:
    connection.execute("CREATE TABLE member (name TEXT PRIMARY KEY, token TEXT)")
    connection.execute("CREATE TABLE basket (id INTEGER PRIMARY KEY AUTOINCREMENT, thing TEXT)")
connection.close()
