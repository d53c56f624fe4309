"""The ``domain`` module."""
