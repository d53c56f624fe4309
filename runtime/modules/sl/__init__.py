"""The ``sl`` module."""
