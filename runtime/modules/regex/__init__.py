"""The ``regex`` module."""
