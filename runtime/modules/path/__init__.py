"""The ``path`` module."""
