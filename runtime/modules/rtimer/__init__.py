"""The ``rtimer`` module."""
