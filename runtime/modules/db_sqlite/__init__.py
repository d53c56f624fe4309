"""SQLite database driver (Kamailio's ``db_sqlite``)."""
