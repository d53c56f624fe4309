"""The DB API (guide ch. 9): typed access to tables, whatever the database behind it."""
