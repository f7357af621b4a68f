"""SQL. Functions here take an open connection and never commit; only services open a write transaction."""
