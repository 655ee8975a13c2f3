"""The databases that a run makes, on PostgreSQL or in SQLite. Test process."""
