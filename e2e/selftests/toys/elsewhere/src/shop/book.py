"""What is in the guest book."""

import os
import sqlite3
from contextlib import closing


def connect():
    """A connection, closed with its block."""
    book = sqlite3.connect(os.environ.get("BOOK", "book.db"), timeout=10)
    book.execute("CREATE TABLE IF NOT EXISTS entries (guest TEXT)")
    return closing(book)


def write(guest):
    with connect() as book:
        book.execute("INSERT INTO entries VALUES (?)", (guest,))
        book.commit()


def count(guest):
    with connect() as book:
        (found,) = book.execute("SELECT count(*) FROM entries WHERE guest = ?", (guest,)).fetchone()
        return found
