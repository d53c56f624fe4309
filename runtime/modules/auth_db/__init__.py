"""The ``auth_db`` module."""
