"""A shop whose `.env` names a database, read by one driver or another, at one moment or another."""
