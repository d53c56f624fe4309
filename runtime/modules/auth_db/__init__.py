"""Digest accounts in a database (Kamailio's ``auth_db``)."""
