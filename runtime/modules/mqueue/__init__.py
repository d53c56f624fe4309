"""The ``mqueue`` module."""
