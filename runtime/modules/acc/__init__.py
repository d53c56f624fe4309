"""The ``acc`` module."""
