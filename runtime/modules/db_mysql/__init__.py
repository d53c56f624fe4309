"""The ``db_mysql`` module."""
