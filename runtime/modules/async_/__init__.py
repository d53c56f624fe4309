"""The ``async`` module."""
