"""The ``alias_db`` module."""
