"""The ``xlog`` module."""
