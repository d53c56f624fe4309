"""The ``rr`` module."""
